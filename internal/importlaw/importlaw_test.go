package importlaw_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/importlaw"
)

// root is the directory of the repository.
const root = "../.."

// Data flows one way: every import of every package of this repository, by any
// build tag, leads upwards.
func TestImports(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return skip(path, d.Name())
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		seen++
		judge(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("only %d files were found; is %s the repository?", seen, root)
	}
}

// skip leaves out what is not of this module: generated systems, data of tests
// and the directories the go command does not look into either.
func skip(path, name string) error {
	if path == root {
		return nil
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	if err == nil || name == "testdata" || name == "generated" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return filepath.SkipDir
	}
	return nil
}

func judge(t *testing.T, path string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	dir, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if why := importlaw.Objection(filepath.ToSlash(dir), imported); why != "" {
			t.Errorf("%s: imports %s: %s", fset.Position(spec.Pos()), imported, why)
		}
	}
}

func TestObjection(t *testing.T) {
	const m = importlaw.Module + "/"
	for _, test := range []struct {
		pkg, imported string
		allowed       bool
	}{
		{"internal/check", m + "model", true},
		{"internal/plan", m + "templates", true},
		{"internal/plan", m + "internal/artifact", true},
		{"cmd/esgen", m + "internal/cli", true},
		{"internal/pins", m + "templates", true},
		{"internal/cli", "github.com/spf13/cobra", true},
		{"templates/chassis/kafka", "github.com/twmb/franz-go/pkg/kgo", true},
		{"templates/chassis/kafka", m + "templates/chassis/store", true},
		{"templates/chassis/kafka", "net/http", true},
		{"templates/testkit/pact", m + "templates/chassis/client", true},
		{"templates/testkit/pact", m + "templates/testkit/given", true},

		{"model", m + "internal/check", false},
		{"internal/devrun", m + "internal/cli", false},
		{"internal/devrun", m + "internal/compat", false},
		{"internal/devrun", m + "templates/chassis/service", false},
		{"internal/expr", m + "templates/chassis/values", false},
		{"internal/cli", m + "internal/testservers", false},
		{"internal/bench", m + "internal/cli", false},
		{"internal/nowhere", m + "model", false},
		{"internal/cli", m + "internal/nowhere", false},
		{"templates/chassis/kafka", m + "model", false},
		{"templates/chassis/kafka", m + "templates/testkit/given", false},
		{"templates/testkit/pact", m + "model", false},
		{"internal/expr", m + "templates/testkit/pact", false},
		{"templates/chassis/kafka", "github.com/spf13/cobra", false},
		{"templates/chassis/kafka", "github.com/twmb/franz-going/pkg", false},
	} {
		if why := importlaw.Objection(test.pkg, test.imported); (why == "") != test.allowed {
			t.Errorf("%s imports %s: objection %q, want allowed %v", test.pkg, test.imported, why, test.allowed)
		}
	}
}
