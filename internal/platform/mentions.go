package platform

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// Mentions is what code says of other code: a name of a package,
// "chassis/values.ID", and a name behind any value, ".String"; before one that
// only its own package can mean stands that, "chassis/values.here". A name in
// an interface counts, because it asks for a method.
type Mentions map[string]struct{}

func (m Mentions) add(more Mentions) { maps.Copy(m, more) }

func (m Mentions) has(name string) bool {
	_, ok := m[name]
	return ok
}

// Add adds mentions.
func (m Mentions) Add(names ...string) {
	for _, name := range names {
		m[name] = struct{}{}
	}
}

// packages are those of which something is mentioned.
func (m Mentions) packages() []string {
	packages := map[string]bool{}
	for name := range m {
		if dot := strings.LastIndexByte(name, '.'); dot > 0 {
			packages[name[:dot]] = true
		}
	}
	return sorted(packages)
}

// Uses is what a file mentions of the trees, which it imports from below base,
// and of other modules that are pinned. The imports are paths by the names that
// the file has for them.
func Uses(f *ast.File, imports map[string]string, base string) ([]string, error) {
	c, err := read()
	if err != nil {
		return nil, err
	}
	pinned, err := pins()
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for name, imported := range imports {
		if source := Source(base, imported); source != "" {
			known[name] = source
		} else if pinned.needs[imported] != nil {
			known[name] = imported
		}
	}
	m := Mentions{}
	m.collect(f, "", known)
	maps.DeleteFunc(m, func(name string, _ struct{}) bool { return strings.HasPrefix(name, ".") && c.methods[name] == nil })
	return slices.Sorted(maps.Keys(m)), nil
}

// behind is how a name behind a value is mentioned in a package.
func behind(dir, name string) string {
	if ast.IsExported(name) {
		return "." + name
	}
	return dir + ".." + name
}

// collect adds what a part of a file mentions of the packages that it imports,
// by the names that the file has for them, and behind any value.
func (m Mentions) collect(n ast.Node, dir string, imports map[string]string) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && id.Obj == nil && imports[id.Name] != "" {
				m[imports[id.Name]+"."+n.Sel.Name] = struct{}{}
			}
			m[behind(dir, n.Sel.Name)] = struct{}{}
		case *ast.InterfaceType:
			for _, method := range n.Methods.List {
				for _, name := range method.Names {
					m[behind(dir, name.Name)] = struct{}{}
				}
			}
		}
		return true
	})
}

// collectHere adds what a declaration mentions of its own package: names that
// nothing within it declares.
func (m Mentions) collectHere(d ast.Decl, dir string, outside func(*ast.Ident) bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if outside(n) {
				m[dir+"."+n.Name] = struct{}{}
			}
		case *ast.CompositeLit:
			// A key is a field, or a name of the package; of maps and lists it is the
			// latter, which the parser does not say.
			if named(n.Type) {
				break
			}
			for _, element := range n.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok {
					if id, ok := pair.Key.(*ast.Ident); ok {
						m[dir+"."+id.Name] = struct{}{}
					}
				}
			}
		}
		return true
	})
}

// named reports whether a literal is of a type with a name: as good as always a
// struct.
func named(t ast.Expr) bool {
	switch t.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return true
	}
	return false
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// Foreign leaves of imports those that are not of the standard library.
func Foreign(imports []string) []string {
	return slices.DeleteFunc(slices.Clone(imports), func(p string) bool {
		first, _, _ := strings.Cut(p, "/")
		return !strings.Contains(first, ".")
	})
}
