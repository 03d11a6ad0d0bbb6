package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/model"
)

// TestStored generates upon what is stored: what would be lost is refused, and written
// nowhere, until it may be; the migrations that come of it are named, and stay.
func TestStored(t *testing.T) {
	top := t.TempDir()
	says := func(model string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join("../e2e/testdata/larder", model))
		if err == nil {
			err = os.WriteFile(filepath.Join(top, "esgen.yaml"), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(top, "generated")
	generate := func(code int, args ...string) string {
		t.Helper()
		return runs(t, code, append([]string{"generate", top, "--platform", "example.com/kit@v1.2.0"}, args...)...)
	}
	says("before/esgen.yaml")
	generate(exitFine)
	before := filesBelow(t, out)
	says("esgen.yaml")
	said := generate(exitNo)
	for _, want := range []string{
		"esgen.yaml:11:63: error: mark of Jar holds int, and held string: what is stored of it would be lost [loses-data]", "--allow lose:pantry.Jar.mark",
		"esgen.yaml:8:3: error: aggregate Lid is gone", "was: note",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	generate(exitNo, "--allow", "lose:pantry.Jar")
	generate(exitNo, "--check")
	generate(exitFail, "--allow", "find:pantry.Jar")
	for path, text := range filesBelow(t, out) {
		if before[path] != text {
			t.Errorf("%s was written", path)
		}
	}
	const migration = "services/pantry/internal/adapters/sql/0006_view_shelves_migration.go"
	allow := []string{"--allow", "lose:pantry.Jar", "--allow", "lose:pantry.Lid"}
	if said := generate(exitFine, append(allow, "--dry-run")...); !strings.Contains(said, migration) {
		t.Errorf("it does not name %s:\n%s", migration, said)
	}
	generate(exitFine, allow...)
	if said := generate(exitFine, "--check"); strings.Contains(said, migration) {
		t.Errorf("it names what is known:\n%s", said)
	}
	// It is the user's by now.
	file := filepath.Join(out, filepath.FromSlash(migration))
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append(text, "// looked at\n"...), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	generate(exitFine)
	if text, err := os.ReadFile(file); err != nil || !strings.HasSuffix(string(text), "// looked at\n") {
		t.Errorf("what was written into it is lost: %v", err)
	}
}

// What runs here has data of the last run here, and not of what is committed.
func TestStoredByRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	sys := &model.System{}
	sys.Name = "larder"
	own := filepath.Join(ownDirectories, sys.Name)
	if got := (running{}).stored("generated")(sys); got != "generated" {
		t.Errorf("before the first run: %s", got)
	}
	if err := os.MkdirAll(own, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := (running{}).stored("generated")(sys); got != own {
		t.Errorf("after it: %s, want %s", got, own)
	}
	if got := (running{dir: "out"}).stored("out")(sys); got != "out" {
		t.Errorf("with --out: %s", got)
	}
	if (running{fresh: true}).stored("generated") != nil {
		t.Error("there is data where it is forgotten")
	}
}
