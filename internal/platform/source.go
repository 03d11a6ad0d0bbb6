package platform

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/esgen/esgen/templates"
)

// code is the source of all trees, read once.
type code struct {
	packages map[string][]*file // by directory: chassis/values
	named    map[string][]*decl // by a name that they declare: chassis/values.ID
	methods  map[string][]*decl // by their name: .String
	of       map[string][]*decl // methods by their type: chassis/values.ID
}

// file is a file of the trees: a head with the package clause and the imports,
// and declarations.
type file struct {
	name    string // chassis/values/id.go
	data    []byte
	head    int // its end
	imports []*imported
	decls   []*decl
}

// imported is an import of a file.
type imported struct {
	name     string // that the file has for it; _: it is there for its effect
	source   string // of the trees as source tells them, chassis/values; else as it is
	from, to int    // its line
}

// decl is a declaration of a file: that is what is copied, or is not.
type decl struct {
	file     *file
	from, to int      // with what is said of it
	names    []string // chassis/values.ID
	// Of a method, its type and its name as they are mentioned:
	// chassis/values.ID, .String.
	receiver, method string
	mentions         Mentions
	imports          []*imported // that it uses
	embeds           []string    // patterns of go:embed
}

var read = sync.OnceValues(func() (*code, error) {
	c := &code{packages: map[string][]*file{}, named: map[string][]*decl{}, methods: map[string][]*decl{}, of: map[string][]*decl{}}
	source := templates.Source()
	err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		f, err := parse(name, data)
		if err == nil {
			c.add(f)
		}
		return err
	})
	return c, err
})

func (c *code) add(f *file) {
	dir := path.Dir(f.name)
	c.packages[dir] = append(c.packages[dir], f)
	for _, d := range f.decls {
		for _, name := range d.names {
			c.named[name] = append(c.named[name], d)
		}
		if d.method != "" {
			c.methods[d.method] = append(c.methods[d.method], d)
			c.of[d.receiver] = append(c.of[d.receiver], d)
		}
	}
}

// parse reads a file of the trees.
func parse(name string, data []byte) (*file, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, data, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	text := fset.File(tree.FileStart)
	// after is where the line of a place ends; gofmt ends every line.
	after := func(place token.Pos) int {
		at := text.Offset(place)
		return at + bytes.IndexByte(data[at:], '\n') + 1
	}
	f := &file{name: name, data: data, head: after(tree.Name.End())}
	for _, spec := range tree.Imports {
		i := &imported{from: text.Offset(text.LineStart(text.Line(spec.Pos()))), to: after(spec.End())}
		full, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		i.source, i.name = strings.TrimPrefix(full, templates.Import+"/"), assumed(full)
		if spec.Name != nil {
			i.name = spec.Name.Name
		}
		f.imports = append(f.imports, i)
	}
	outside := outsideOf(tree)
	at := f.head
	for _, d := range tree.Decls {
		from := at
		at = after(d.End())
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			f.head = at
			continue
		}
		f.decls = append(f.decls, f.declare(d, from, at, outside))
	}
	if n := len(f.decls); n > 0 {
		f.decls[n-1].to = len(data) // with what is said behind it
	}
	return f, nil
}

// assumed is what a package is called that is imported without a name; a test
// sees to it that it is.
func assumed(imported string) string {
	name := path.Base(imported)
	if version.MatchString(name) {
		name = path.Base(path.Dir(imported))
	}
	return name
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// outsideOf tells names that mean something outside of the declaration that
// they stand in: another one of the file, or something that the file does not
// declare.
func outsideOf(tree *ast.File) func(*ast.Ident) bool {
	unresolved := make(map[*ast.Ident]bool, len(tree.Unresolved)) //nolint:staticcheck // file scope is all that is needed here
	for _, id := range tree.Unresolved {                          //nolint:staticcheck // as above
		unresolved[id] = true
	}
	return func(id *ast.Ident) bool {
		return unresolved[id] || id.Obj != nil && tree.Scope.Lookup(id.Name) == id.Obj
	}
}

// declare is a declaration that stands between two places.
func (f *file) declare(d ast.Decl, from, to int, outside func(*ast.Ident) bool) *decl {
	dir := path.Dir(f.name)
	out := &decl{file: f, from: from, to: to, mentions: Mentions{}}
	imports := map[string]string{}
	for _, i := range f.imports {
		imports[i.name] = i.source
	}
	out.mentions.collect(d, dir, imports)
	out.mentions.collectHere(d, dir, outside)
	uses := map[string]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok && outside(id) {
				uses[id.Name] = true
			}
		}
		return true
	})
	for _, i := range f.imports {
		if uses[i.name] {
			out.imports = append(out.imports, i)
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			out.receiver, out.method = dir+"."+receiver(d.Recv.List[0].Type), behind(dir, d.Name.Name)
		} else {
			out.names = []string{dir + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				out.names = append(out.names, dir+"."+spec.Name.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					out.names = append(out.names, dir+"."+name.Name)
				}
			}
		}
		out.embeds = embedsOf(d, dir)
	}
	return out
}

// embedsOf are the patterns of a declaration's go:embed directives.
func embedsOf(d *ast.GenDecl, dir string) (patterns []string) {
	if d.Doc == nil {
		return nil
	}
	for _, c := range d.Doc.List {
		if embedded, ok := strings.CutPrefix(c.Text, "//go:embed "); ok {
			for _, p := range strings.Fields(embedded) {
				patterns = append(patterns, path.Join(dir, p))
			}
		}
	}
	return patterns
}

// receiver is the name of a method's type.
func receiver(t ast.Expr) string {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// with is the file with some of its declarations, and the imports of those.
func (f *file) with(wanted map[*decl]bool) []byte {
	used := map[*imported]bool{}
	for _, d := range f.decls {
		if wanted[d] {
			for _, i := range d.imports {
				used[i] = true
			}
		}
	}
	var head bytes.Buffer
	at := 0
	for _, i := range f.imports {
		if !used[i] && i.name != "_" {
			head.Write(f.data[at:i.from])
			at = i.to
		}
	}
	head.Write(f.data[at:f.head])
	var out bytes.Buffer
	out.Write(withoutGaps(head.Bytes()))
	for _, d := range f.decls {
		if wanted[d] {
			out.Write(f.data[d.from:d.to])
		}
	}
	return out.Bytes()
}

// withoutGaps mends a head that lost imports.
func withoutGaps(head []byte) []byte {
	for _, gap := range [][2]string{{"\n\n\n", "\n\n"}, {"(\n\n", "(\n"}, {"\n\n)", "\n)"}, {"import (\n)\n", ""}} {
		head = bytes.ReplaceAll(head, []byte(gap[0]), []byte(gap[1]))
	}
	return append(bytes.TrimRight(head, "\n"), '\n')
}
