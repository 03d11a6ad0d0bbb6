package render

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
)

// formatGo gives a Go file its imports and gofmt's form. Templates do not list
// imports: a name before a dot that the file does not declare is a package of
// the table.
func formatGo(name string, src []byte, packages map[string]string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, numbered(src))
	}
	imports := usedPackages(file, packages)
	at := fset.Position(file.Name.End()).Offset
	var out bytes.Buffer
	out.Grow(len(src) + 512)
	out.Write(src[:at])
	out.WriteString(imports)
	out.Write(src[at:])
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, numbered(out.Bytes()))
	}
	return formatted, nil
}

// usedPackages writes the import block of a file: the standard library first,
// everything else after it.
func usedPackages(file *ast.File, packages map[string]string) string {
	unresolved := make(map[*ast.Ident]bool, len(file.Unresolved)) //nolint:staticcheck // file scope is all that is needed here
	for _, id := range file.Unresolved {
		unresolved[id] = true
	}
	paths := map[string]string{} // to the name the file uses
	for n := range ast.Preorder(file) {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && unresolved[id] {
				if p := packages[id.Name]; p != "" {
					paths[p] = id.Name
				}
			}
		}
	}
	if len(paths) == 0 {
		return ""
	}
	var std, others strings.Builder
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		b := &std
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			b = &others
		}
		alias := ""
		if paths[p] != path.Base(p) {
			alias = paths[p] + " "
		}
		fmt.Fprintf(b, "\t%s%q\n", alias, p)
	}
	gap := ""
	if std.Len() > 0 && others.Len() > 0 {
		gap = "\n"
	}
	return "\n\nimport (\n" + std.String() + gap + others.String() + ")\n"
}
