package manifests

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the directory of the repository.
const root = "../.."

// work is where what esgen generates is, while the tests run; esgen is the
// program: built of this repository, or named by ESGEN_TEST_BINARY.
var work, esgen string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "esgen-manifests")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	work = dir
	if esgen = os.Getenv("ESGEN_TEST_BINARY"); esgen != "" {
		return m.Run()
	}
	esgen = filepath.Join(work, "esgen")
	if err := command(root, "go", "build", "-o", esgen, "./cmd/esgen"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// command runs a program, whose output is part of the error.
func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// system is one that is generated.
type system struct{ name, model, dir string }

var generated sync.Map // by model: func() error

// eachSystem runs a test on what is generated of every model of the repository:
// the examples, the models of tests, and the one of this package, which says
// everything that can be said about clusters.
func eachSystem(t *testing.T, test func(t *testing.T, s system)) {
	t.Helper()
	for _, pattern := range []string{"../../examples/*/esgen.yaml", "../../testdata/models/*/esgen.yaml", "testdata/*/esgen.yaml"} {
		models, err := filepath.Glob(pattern)
		if err != nil || len(models) == 0 {
			t.Fatalf("no model is like %s: %v", pattern, err)
		}
		for _, model := range models {
			name := filepath.Base(filepath.Dir(model))
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, generate(t, name, filepath.Dir(model)))
			})
		}
	}
}

// generate generates a system, once.
func generate(t *testing.T, name, model string) system {
	t.Helper()
	s := system{name, model, filepath.Join(work, name)}
	once, _ := generated.LoadOrStore(model, sync.OnceValue(func() error {
		return command(".", esgen, "generate", model, "--out", s.dir, "--layout", "workspace") // of others each repository has its own
	}))
	if err := once.(func() error)(); err != nil {
		t.Fatal(err)
	}
	return s
}

// file is the content of a file of a system.
func (s system) file(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// files are the paths of files below a directory of a system, by what they are
// called.
func (s system) files(t *testing.T, below, pattern string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(s.dir), below, func(path string, d fs.DirEntry, err error) error {
		if is, _ := filepath.Match(pattern, filepath.Base(path)); err == nil && is && !d.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s below %s: %v", pattern, below, err)
	}
	return found
}
