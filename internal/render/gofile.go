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
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/platform"
)

// formatGo gives a Go file its imports and gofmt's form. Templates do not list
// imports: a name before a dot that the file does not declare is a package of
// the table.
//
// The file is parsed once. Its imports are put into the formatted text, where
// gofmt would leave them as they are; what it uses of them is told, too.
func formatGo(into *bytes.Buffer, name string, src []byte, packages map[string]string, base string) ([]byte, []string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return nil, nil, fmt.Errorf("%w\n%s", err, numbered(src))
	}
	used := usedPackages(fset, file, src, packages)
	into.Reset()
	if err := format.Node(into, fset, file); err != nil {
		return nil, nil, fmt.Errorf("%s: %w\n%s", name, err, numbered(src))
	}
	formatted := into.Bytes()
	uses, err := platform.Uses(file, used, base)
	if err != nil {
		return nil, nil, err
	}
	imports := importBlock(used)
	if imports == "" {
		return bytes.Clone(formatted), uses, nil
	}
	at := afterPackageClause(formatted)
	if rest := formatted[at:]; len(rest) > 1 && rest[1] != '\n' {
		imports += "\n" // a comment stands right below the clause
	}
	return slices.Concat(formatted[:at], []byte(imports), formatted[at:]), uses, nil
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

// usedPackages are the packages of the table that a file uses, by the names it
// has for them.
func usedPackages(fset *token.FileSet, file *ast.File, src []byte, packages map[string]string) map[string]string {
	used := map[string]string{}
	text := fset.File(file.FileStart)
	for _, id := range file.Unresolved { //nolint:staticcheck // file scope is all that is needed here
		if p := packages[id.Name]; p != "" && bytes.HasPrefix(bytes.TrimLeft(src[text.Offset(id.End()):], " \t\r\n"), []byte(".")) {
			used[id.Name] = p
		}
	}
	if used["embed"] == "" && embeds(file) {
		used["_"] = "embed"
	}
	return used
}

// embeds reports whether a file has other files in it, which is asked of a
// package that it need not mention.
func embeds(file *ast.File) bool {
	return slices.ContainsFunc(file.Comments, func(c *ast.CommentGroup) bool {
		return slices.ContainsFunc(c.List, func(line *ast.Comment) bool { return strings.HasPrefix(line.Text, "//go:embed ") })
	})
}

// importBlock writes the import block of a file: the standard library first,
// everything else after it.
func importBlock(used map[string]string) string {
	if len(used) == 0 {
		return ""
	}
	if len(used) == 1 {
		for name, p := range used {
			return "\n\nimport " + importSpec(name, p)
		}
	}
	paths := make(map[string]string, len(used)) // to the name the file uses
	for name, p := range used {
		paths[p] = name
	}
	var std, others strings.Builder
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		b := &std
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			b = &others
		}
		fmt.Fprintf(b, "\t%s\n", importSpec(paths[p], p))
	}
	gap := ""
	if std.Len() > 0 && others.Len() > 0 {
		gap = "\n"
	}
	return "\n\nimport (\n" + std.String() + gap + others.String() + ")"
}

// importSpec is the import of a path under a name.
func importSpec(name, p string) string {
	if name == path.Base(p) {
		return strconv.Quote(p)
	}
	return name + " " + strconv.Quote(p)
}
