// Package layers keeps the layers of a service apart: what is decided, and what
// is done, knows no database and no HTTP.
package layers

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// layers are what each may import besides the standard library; what ends in a
// slash is all that is below it.
var layers = map[string][]string{
	"types":       {"platform/values"},
	"readmodel":   {"platform/values", "internal/types"},
	"upstream":    {"platform/values", "internal/types"},
	"domain":      {"platform/values", "internal/types", "internal/readmodel"},
	"policies":    {"platform/values", "internal/types", "internal/readmodel", "internal/upstream/", "internal/domain/"},
	"projections": {"platform/values", "internal/types", "internal/readmodel", "internal/upstream/", "internal/domain/"},
	"app": {
		"platform/values", "platform/command", "platform/message", "platform/policy", "platform/saga", "platform/view", "platform/where",
		"internal/types", "internal/readmodel", "internal/policies", "internal/projections", "internal/upstream/", "internal/domain/",
	},
	"anticorruption": {"platform/values", "internal/types", "internal/upstream/"},
}

// Hold sees that the layers in the directory of the test import what they may.
// The modules of the system are below a path.
func Hold(t *testing.T, system string) {
	wrong, err := imports(os.DirFS("."), system)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Error(w)
	}
}

// imports are those that layers may not have.
func imports(internal fs.FS, system string) (wrong []string, err error) {
	for layer, may := range layers {
		err := fs.WalkDir(internal, layer, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			source, err := fs.ReadFile(internal, name)
			if err != nil {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, spec := range file.Imports {
				if imported := strings.Trim(spec.Path.Value, "`\""); !allowed(imported, system, may) {
					wrong = append(wrong, name+" imports "+imported)
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // not every service has every layer
			return nil, err
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}

func allowed(imported, system string, may []string) bool {
	for _, m := range may {
		if strings.HasSuffix(imported, "/"+m) || strings.HasSuffix(m, "/") && strings.Contains(imported, "/"+m) {
			return true
		}
	}
	first, _, _ := strings.Cut(imported, "/")
	own := strings.HasPrefix(imported, system+"/")
	return !own && !strings.Contains(first, ".") && first != "net" && first != "database"
}
