package randmodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
)

// exported reads packages from what the compiler has made of them: all that
// generated systems import from elsewhere.
type exported struct {
	sync.Mutex
	files    map[string]string // export data by import path
	importer types.Importer
}

// libraries are what is built once in a run of the tests.
var libraries = sync.OnceValues(func() (*exported, error) {
	x := &exported{files: map[string]string{}}
	x.importer = importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if x.files[path] == "" {
			if err := x.list(path); err != nil {
				return nil, err
			}
		}
		return os.Open(x.files[path])
	})
	return x, x.list("github.com/esgen/esgen/templates/...") // which imports what they import
})

// list builds packages and what they import.
func (x *exported) list(pattern string) error {
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", pattern).Output()
	if err != nil {
		return fmt.Errorf("go list %s: %w", pattern, err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); err != nil {
			return err
		}
		x.files[p.ImportPath] = p.Export
	}
	return nil
}

func (x *exported) Import(path string) (*types.Package, error) {
	x.Lock()
	defer x.Unlock()
	return x.importer.Import(path)
}

// goSources are the Go files of one generated system.
type goSources struct {
	libraries *exported
	fset      *token.FileSet
	dirs      map[string]*goPackage
	fails     []failure
}

type goPackage struct {
	files, tests, outside []*ast.File // outside: of the package whose name ends in _test
	checked               *types.Package
	checking              bool
}

// checkGo parses and type-checks all packages, with their tests.
func checkGo(files map[string][]byte) []failure {
	libraries, err := libraries()
	if err != nil {
		return []failure{{"go list", err.Error()}}
	}
	s := &goSources{libraries: libraries, fset: token.NewFileSet(), dirs: map[string]*goPackage{}}
	modules := map[string]string{} // import paths by directory
	for name, data := range files {
		if path.Base(name) == "go.mod" {
			f, err := modfile.Parse(name, data, nil)
			if err != nil {
				s.fail("go.mod", err.Error())
				continue
			}
			modules[path.Dir(name)] = f.Module.Mod.Path
		}
	}
	for name, data := range files {
		if path.Ext(name) == ".go" {
			s.add(name, data, modules)
		}
	}
	for at := range s.dirs {
		s.check(at)
	}
	return s.fails
}

func (s *goSources) fail(kind, message string) { s.fails = append(s.fails, failure{kind, message}) }

func (s *goSources) add(name string, data []byte, modules map[string]string) {
	f, err := parser.ParseFile(s.fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		s.fail("go syntax", err.Error())
		return
	}
	if !built(f) {
		return
	}
	dir := path.Dir(name)
	root := dir
	for modules[root] == "" && root != "." {
		root = path.Dir(root)
	}
	at := path.Join(modules[root], strings.TrimPrefix(dir, root))
	p := s.dirs[at]
	if p == nil {
		p = &goPackage{}
		s.dirs[at] = p
	}
	switch {
	case !strings.HasSuffix(name, "_test.go"):
		p.files = append(p.files, f)
	case strings.HasSuffix(f.Name.Name, "_test"):
		p.outside = append(p.outside, f)
	default:
		p.tests = append(p.tests, f)
	}
}

// built reports whether a file is part of an ordinary build.
func built(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) || c.Pos() > f.Package {
				continue
			}
			tags, err := constraint.Parse(c.Text)
			return err == nil && tags.Eval(func(string) bool { return false })
		}
	}
	return true
}

// check checks a package for those who import it, and then with its tests.
func (s *goSources) check(at string) {
	p := s.dirs[at]
	if len(p.files) > 0 {
		_, _ = s.Import(at)
	}
	if len(p.tests) > 0 {
		s.types(at, append(p.files[:len(p.files):len(p.files)], p.tests...))
	}
	if len(p.outside) > 0 {
		s.types(at+"_test", p.outside)
	}
}

func (s *goSources) types(at string, files []*ast.File) *types.Package {
	c := types.Config{Importer: s, Error: func(err error) {
		message := err.Error()
		if told, ok := errors.AsType[types.Error](err); ok {
			message = told.Msg // without its place
		}
		s.fail("go types: "+wordsOf(aboutNobody(message)), err.Error())
	}}
	p, _ := c.Check(at, s.fset, files, nil)
	return p
}

// aboutNobody is a message without the name at its end.
func aboutNobody(message string) string {
	before, _, _ := strings.Cut(strings.TrimSpace(message), ": ")
	return before
}

// wordsOf is what a message says, without what it is about.
func wordsOf(message string) string {
	words := strings.Fields(message)
	for i, w := range words {
		if strings.ContainsFunc(w, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz:,", r) }) {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}

// Import is what packages get that import others.
func (s *goSources) Import(at string) (*types.Package, error) {
	if p := s.dirs[at]; p != nil {
		if p.checking {
			return nil, fmt.Errorf("%s imports itself", strconv.Quote(at))
		}
		if p.checked == nil {
			p.checking = true
			p.checked = s.types(at, p.files)
			p.checking = false
		}
		return p.checked, nil
	}
	return s.libraries.Import(at)
}
