package render

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
)

// formatGo gives a Go file its imports and gofmt's form. Templates do not list
// imports: a name before a dot that the file does not declare is a package of
// the table.
//
// The file is parsed once. Its imports are put into the formatted text, where
// gofmt would leave them as they are.
func formatGo(into *bytes.Buffer, name string, src []byte, packages map[string]string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, numbered(src))
	}
	imports := usedPackages(fset, file, src, packages)
	into.Reset()
	if err := format.Node(into, fset, file); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, numbered(src))
	}
	formatted := into.Bytes()
	if imports == "" {
		return bytes.Clone(formatted), nil
	}
	at := afterPackageClause(formatted)
	if rest := formatted[at:]; len(rest) > 1 && rest[1] != '\n' {
		imports += "\n" // a comment stands right below the clause
	}
	return slices.Concat(formatted[:at], []byte(imports), formatted[at:]), nil
}

// afterPackageClause finds the end of the line of a file's package clause.
func afterPackageClause(src []byte) int {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, nil, 0)
	for {
		if _, tok, _ := s.Scan(); tok == token.PACKAGE || tok == token.EOF {
			pos, _, _ := s.Scan()
			at := file.Offset(pos)
			return at + bytes.IndexByte(src[at:], '\n') // gofmt ends every line
		}
	}
}

// usedPackages writes the import block of a file: the standard library first,
// everything else after it.
func usedPackages(fset *token.FileSet, file *ast.File, src []byte, packages map[string]string) string {
	paths := map[string]string{} // to the name the file uses
	text := fset.File(file.FileStart)
	for _, id := range file.Unresolved { //nolint:staticcheck // file scope is all that is needed here
		if p := packages[id.Name]; p != "" && bytes.HasPrefix(bytes.TrimLeft(src[text.Offset(id.End()):], " \t\r\n"), []byte(".")) {
			paths[p] = id.Name
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
	return "\n\nimport (\n" + std.String() + gap + others.String() + ")"
}
