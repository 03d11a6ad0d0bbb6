// Package signatures tells what functions that people write are asked to be: their
// parameters and results, with what is in the types among these. It reads Go as it
// is generated; what people have made of it is theirs.
package signatures

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Func is a function as it is asked for.
type Func struct {
	Name string
	Type string // func(ctx context.Context, state State, cmd Open) ([]Event, error)
	// Types are those of its module that it is handed, or hands back, by how its file
	// calls them.
	Types map[string]Members
}

// Members are the fields of a type with their types; of an interface the types that
// have its methods.
type Members []Member

// Member is a field of a type; of an interface a type, and nothing else.
type Member struct{ Name, Type string }

// Of lists the functions of a file of some output, as its text has them.
func Of(output fs.FS, file string, text []byte) ([]Func, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	r := &reader{output: output, packages: map[string]map[string]*found{}}
	r.root, r.module = r.moduleOf(path.Dir(file))
	var out []Func
	for _, d := range parsed.Decls {
		if f, is := d.(*ast.FuncDecl); is && f.Recv == nil {
			x := Func{Name: f.Name.Name, Type: types.ExprString(f.Type), Types: map[string]Members{}}
			r.reach(x.Types, place{path.Dir(file), parsed}, "", f.Type)
			out = append(out, x)
		}
	}
	return out, nil
}

// reader finds the types of a module.
type reader struct {
	output   fs.FS
	root     string // directory of the module
	module   string // its path; "": there is none
	packages map[string]map[string]*found
}

// place is where Go is written: names mean what they mean there.
type place struct {
	dir  string
	file *ast.File
}

// found is a type, and where it was found.
type found struct {
	place
	spec    *ast.TypeSpec
	methods []string // of a struct
}

// moduleOf finds the module that a directory is in.
func (r *reader) moduleOf(dir string) (root, module string) {
	for ; ; dir = path.Dir(dir) {
		text, err := fs.ReadFile(r.output, path.Join(dir, "go.mod"))
		if err == nil {
			for line := range strings.Lines(string(text)) {
				if name, is := strings.CutPrefix(line, "module "); is {
					return dir, strings.TrimSpace(name)
				}
			}
		}
		if dir == "." {
			return "", ""
		}
	}
}

// reach adds the types that an expression names, and those that are in these. What
// is in another package than the function is called as that is.
func (r *reader) reach(into map[string]Members, in place, pkg string, x ast.Node) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if of, is := n.X.(*ast.Ident); is {
				if dir := r.imported(in.file, of.Name); dir != "" {
					r.add(into, r.find(dir)[n.Sel.Name], of.Name)
				}
			}
			return false
		case *ast.Field:
			r.reach(into, in, pkg, n.Type) // its name is none of a type
			return false
		case *ast.Ident:
			r.add(into, r.find(in.dir)[n.Name], pkg)
		}
		return true
	})
}

func (r *reader) add(into map[string]Members, t *found, pkg string) {
	if t == nil {
		return
	}
	name := t.spec.Name.Name
	if pkg != "" {
		name = pkg + "." + name
	}
	if _, again := into[name]; again {
		return
	}
	into[name] = nil
	switch of := t.spec.Type.(type) {
	case *ast.StructType:
		for _, f := range of.Fields.List {
			for _, n := range f.Names {
				into[name] = append(into[name], Member{n.Name, types.ExprString(f.Type)})
			}
			r.reach(into, t.place, pkg, f.Type)
		}
	case *ast.InterfaceType:
		r.addAll(into, t, of, pkg, name)
	default:
		into[name] = Members{{"", types.ExprString(of)}}
	}
}

// addAll adds the types beside an interface that have its methods.
func (r *reader) addAll(into map[string]Members, t *found, of *ast.InterfaceType, pkg, name string) {
	for _, other := range r.sorted(t.dir) {
		has := len(of.Methods.List) > 0
		for _, m := range of.Methods.List {
			for _, n := range m.Names {
				has = has && slices.Contains(other.methods, n.Name)
			}
		}
		if has {
			into[name] = append(into[name], Member{Name: other.spec.Name.Name})
			r.add(into, other, pkg)
		}
	}
}

// sorted are the types of a package by their names.
func (r *reader) sorted(dir string) []*found {
	var out []*found
	for _, t := range r.find(dir) {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *found) int { return strings.Compare(a.spec.Name.Name, b.spec.Name.Name) })
	return out
}

// imported is the directory of a package of the module that a file imports; "": it
// is of another module.
func (r *reader) imported(f *ast.File, name string) string {
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil || i.Name == nil && path.Base(p) != name || i.Name != nil && i.Name.Name != name {
			continue
		}
		if below, is := strings.CutPrefix(p, r.module+"/"); is && r.module != "" {
			return path.Join(r.root, below)
		}
	}
	return ""
}

// find reads the types of a package. What cannot be read has none.
func (r *reader) find(dir string) map[string]*found {
	if known, is := r.packages[dir]; is {
		return known
	}
	all := map[string]*found{}
	r.packages[dir] = all
	entries, _ := fs.ReadDir(r.output, dir)
	methods := map[string][]string{}
	for _, e := range entries {
		if path.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := fs.ReadFile(r.output, path.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		file, _ := parser.ParseFile(token.NewFileSet(), e.Name(), text, parser.SkipObjectResolution)
		if file == nil {
			continue
		}
		declared(all, methods, place{dir, file})
	}
	for name, t := range all {
		t.methods = methods[name]
	}
	return all
}

// declared notes the types of a file, and the methods of those that are no pointers.
func declared(all map[string]*found, methods map[string][]string, in place) {
	for _, d := range in.file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if t, is := s.(*ast.TypeSpec); is {
					all[t.Name.Name] = &found{place: in, spec: t}
				}
			}
		case *ast.FuncDecl:
			if d.Recv != nil && len(d.Recv.List) == 1 {
				if of, is := d.Recv.List[0].Type.(*ast.Ident); is {
					methods[of.Name] = append(methods[of.Name], d.Name.Name)
				}
			}
		}
	}
}
