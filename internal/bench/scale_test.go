package bench_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testsystem"
)

// scaleVariable names the number of contexts of the system that TestScale
// builds and vets. Without it that is a single one, and where not all systems are
// built, none; for 100, think of a quarter of an hour and of 5 GB of temporary files.
const scaleVariable = "ESGEN_TEST_SCALE"

// TestScale generates a synthetic system, and has Go build and vet it. Nothing
// may be fetched for it.
func TestScale(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a whole system")
	}
	n := 1
	if text := os.Getenv(scaleVariable); text == "" {
		if !testsample.All() {
			t.Skipf("builds a system that is nobody's; %s=all asks for it", testsample.SystemsEnv)
		}
	} else {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			t.Fatalf("%s=%s: want a number of contexts", scaleVariable, text)
		}
	}
	dir := t.TempDir()
	start := time.Now()
	files := generated(t, modelDir(t, n))
	testsystem.Write(t, dir, files)
	t.Logf("%d contexts: %d files in %v", n, len(files), time.Since(start).Round(time.Millisecond))
	for _, what := range []string{"build", "vet"} {
		start := time.Now()
		cmd := exec.CommandContext(t.Context(), "go", what, synthetic.Module+"/...")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK="+filepath.Join(dir, "go.work"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", what, err, out)
		}
		t.Logf("go %s: %v", what, time.Since(start).Round(time.Second))
	}
}
