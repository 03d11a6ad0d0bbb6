package packs_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/docs/packs"
	"github.com/esgen/esgen/internal/importlaw"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/render"
)

var update = flag.Bool("update", false, "write the page anew from the types")

const page = "data.md"

// told are the packages of whose types templates are told; of others they know the
// name of a type, and what it prints.
var told = []string{"internal/plan", "internal/names", "internal/quote", "internal/board", "internal/apidoc", "model"}

// TestData holds the page against the kinds, the functions and the types.
func TestData(t *testing.T) {
	w := writer{words: map[string]string{}, own: map[string]bool{}}
	for _, dir := range told {
		w.read(t, dir)
	}
	want := w.page()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the page is not what the types say; go test ./docs/packs -update writes it (-want +got):\n%s", diff)
	}
}

// TestSection finds sections by their headings.
func TestSection(t *testing.T) {
	for of, want := range map[string]string{packs.Kinds: "`aggregate`", packs.Functions: "`json`", "services.Aggregate": "`.Commands`", "services.Command": "`.Input`"} {
		if text := packs.Section(of); !strings.HasPrefix(text, "## "+of+"\n") || !strings.Contains(text, want) || strings.Count(text, "\n## ") > 0 {
			t.Errorf("the section %s:\n%s", of, text)
		}
	}
	if packs.Section("services.Bicycle") != "" {
		t.Error("there is a section of nothing")
	}
	if types := packs.Types(); !slices.Contains(types, "model.Type") || slices.Contains(types, packs.Kinds) {
		t.Errorf("types %v", types)
	}
}

// writer writes the page.
type writer struct {
	words map[string]string // of comments, by services.Aggregate and services.Aggregate.Name
	own   map[string]bool   // methods that a type declares itself
	types []reflect.Type
}

// read takes the comments of packages below a directory.
func (w *writer) read(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("../..", filepath.FromSlash(dir)), func(file string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			w.declaration(f.Name.Name, d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *writer) declaration(pkg string, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			of := d.Recv.List[0].Type
			if star, is := of.(*ast.StarExpr); is {
				of = star.X
			}
			if id, is := of.(*ast.Ident); is {
				name := pkg + "." + id.Name + "." + d.Name.Name
				w.words[name], w.own[name] = d.Doc.Text(), true
			}
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			ts, is := s.(*ast.TypeSpec)
			if !is {
				continue
			}
			name := pkg + "." + ts.Name.Name
			w.words[name] = d.Doc.Text() + ts.Doc.Text()
			if of, is := ts.Type.(*ast.StructType); is {
				w.fields(name, of)
			}
		}
	}
}

// fields takes the comments of fields: one above several is of all that follow
// without one.
func (w *writer) fields(of string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			w.words[of+"."+name.Name] = f.Doc.Text() + f.Comment.Text()
		}
	}
}

// cell is a text within a cell of a table.
func cell(text string) string { return string(quote.Cell(quote.Inline(text))) }

func (w *writer) page() string {
	var b strings.Builder
	fmt.Fprintln(&b, "# What templates get")
	fmt.Fprintln(&b, "\nThis page is written from the types of esgen (`go test ./docs/packs -update`), and a test holds it against them. How to write a")
	fmt.Fprintln(&b, "pack is told [elsewhere](../packs.md); `esgen templates describe` prints the sections of this page.")
	fmt.Fprintf(&b, "\n## %s\n\n| each | there is one for each | data |\n|---|---|---|\n", packs.Kinds)
	kinds := map[reflect.Type][]string{}
	for _, k := range plan.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Name, cell(k.Is), w.link(k.Data))
		of := base(k.Data)
		kinds[of] = append(kinds[of], "`"+k.Name+"`")
	}
	fmt.Fprintf(&b, "\n## %s\n\n| function | makes of a text | in files of |\n|---|---|---|\n", packs.Functions)
	for _, f := range render.Functions() {
		in := strings.Join(append(f.Languages, "any other kind"), ", ")
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, cell(f.As), in)
	}
	for i := 0; i < len(w.types); i++ { // what is found meanwhile is added
		w.section(&b, w.types[i], kinds[w.types[i]])
	}
	return b.String()
}

// section tells of a type.
func (w *writer) section(b *strings.Builder, t reflect.Type, kinds []string) {
	fmt.Fprintf(b, "\n## %s\n", t)
	if words := strings.TrimSpace(w.words[t.String()]); words != "" {
		fmt.Fprintf(b, "\n%s\n", quote.Inline(words))
	}
	if len(kinds) > 0 {
		fmt.Fprintf(b, "\nThe data of: %s.\n", strings.Join(kinds, ", "))
	}
	rows := append(w.structFields(t), w.methods(t)...)
	if len(rows) > 0 {
		fmt.Fprintf(b, "\n| | is | |\n|---|---|---|\n%s", strings.Join(rows, ""))
	}
}

func (w *writer) structFields(t reflect.Type) []string {
	var rows []string
	for i := 0; t.Kind() == reflect.Struct && i < t.NumField(); i++ {
		f := t.Field(i)
		switch {
		case !f.IsExported():
		case f.Anonymous:
			rows = append(rows, fmt.Sprintf("| | all of %s | |\n", w.link(f.Type)))
		default:
			rows = append(rows, fmt.Sprintf("| `.%s` | %s | %s |\n", f.Name, w.link(f.Type), cell(w.words[t.String()+"."+f.Name])))
		}
	}
	return rows
}

// methods are those that a template can call: they give one value, or one and an error.
func (w *writer) methods(t reflect.Type) []string {
	var rows []string
	at := reflect.PointerTo(t)
	for i := range at.NumMethod() {
		m := at.Method(i)
		if !w.own[t.String()+"."+m.Name] || m.Type.NumOut() == 0 || m.Type.NumOut() > 1 && m.Type.Out(1) != reflect.TypeFor[error]() {
			continue
		}
		call := "." + m.Name
		for k := 1; k < m.Type.NumIn(); k++ {
			call += " " + m.Type.In(k).String()
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |\n", call, w.link(m.Type.Out(0)), cell(w.words[t.String()+"."+m.Name])))
	}
	return rows
}

// link is a type, with the way to its section where it has one.
func (w *writer) link(t reflect.Type) string {
	name := strings.ReplaceAll(t.String(), "*", "")
	of := base(t)
	if of.Name() == "" || !w.tells(of) {
		return "`" + name + "`"
	}
	if !slices.Contains(w.types, of) {
		w.types = append(w.types, of)
	}
	return fmt.Sprintf("[`%s`](#%s)", name, strings.ToLower(strings.ReplaceAll(of.String(), ".", "")))
}

// tells reports whether templates are told of a type.
func (w *writer) tells(t reflect.Type) bool {
	dir, ours := strings.CutPrefix(t.PkgPath(), importlaw.Module+"/")
	return ours && slices.ContainsFunc(told, func(d string) bool { return dir == d || path.Dir(dir) == d })
}

// base is what a type is one, or several, of.
func base(t reflect.Type) reflect.Type {
	for t.Name() == "" && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
		t = t.Elem()
	}
	return t
}
