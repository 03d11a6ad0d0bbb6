package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// elsewhere are the keys that are in no model that runs, and what is done about them
// instead, by a test of internal/e2e where there is one.
var elsewhere = []struct{ of, key, why, test string }{
	{"call", "correlateBy", "is refused: name the one instance by `target`", ""},
	{"emit", "oneOf", "is played only; what is left of a model without it is built and run", "TestPartial"},
	{"branch", "event", "as `oneOf`", "TestPartial"},
	{"branch", "with", "as `oneOf`", "TestPartial"},
	{"scenario", "late", "is played in memory only: a system that runs cannot be told what it is to hear first", ""},
	{"step", "late", "as of a scenario", ""},
	{"deploy", "platform", "names a release, which the test makes and builds upon", "TestReleasedPlatform"},
}

// TestRuns holds the table of what runs against the models that tests run. Each
// key of the language is in one that is no example: one that is generated, built
// and run, and where it is a key of scenarios, one whose scenarios are played on
// what runs.
func TestRuns(t *testing.T) {
	language, scenarios := &usage{}, &usage{}
	for _, k := range model.NoteKeys() {
		language.add(note, k.Name)
	}
	language.all(&model.Shape{Construct: model.Language()})
	for _, k := range model.Language().Keys {
		if k.Name == "scenarios" {
			scenarios.all(&k.Shape)
		}
	}

	models, tests := run(t)
	rows := "| of | keys | in the model | by the test |\n|---|---|---|---|\n"
	found := &usage{}
	for _, of := range language.nodes {
		for _, m := range models {
			var fresh []string
			for _, key := range language.keys[of] {
				if m.by(of, scenarios) != "" && slices.Contains(m.keys[of], key) && found.add(of, key) {
					fresh = append(fresh, "`"+key+"`")
				}
			}
			if len(fresh) > 0 {
				rows += fmt.Sprintf("| %s | %s | `%s` | `%s` |\n", of.name, strings.Join(fresh, ", "), m.name, m.by(of, scenarios))
			}
		}
		for _, x := range elsewhere {
			if x.of != of.name || !slices.Contains(language.keys[of], x.key) {
				continue
			}
			if !found.add(of, x.key) {
				t.Errorf("%s: %s runs after all", of.name, x.key)
			}
			by := ""
			if x.test != "" {
				if by = "`" + x.test + "`"; !tests[x.test] {
					t.Errorf("internal/e2e has no %s", x.test)
				}
			}
			rows += fmt.Sprintf("| %s | `%s` | %s | %s |\n", of.name, x.key, x.why, by)
		}
		for _, key := range language.keys[of] {
			if !slices.Contains(found.keys[of], key) {
				t.Errorf("%s: no model that a test runs has the key %s", of.name, key)
			}
		}
	}
	table(t, "language.md", "runs", rows)
}

// usage are keys, by the nodes that they are of.
type usage struct {
	nodes []kind
	keys  map[kind][]string
}

// kind is a kind of node: several have one name, and other keys.
type kind struct{ name, keys string }

func kindOf(c *model.Construct) kind { return kind{c.Name, keysOf(c.Keys)} }

var note = kind{"every note", keysOf(model.NoteKeys())}

// add reports whether the key is new.
func (u *usage) add(of kind, key string) bool {
	if slices.Contains(u.keys[of], key) {
		return false
	}
	if u.keys == nil {
		u.keys = map[kind][]string{}
	}
	if u.keys[of] == nil {
		u.nodes = append(u.nodes, of)
	}
	u.keys[of] = append(u.keys[of], key)
	return true
}

// all adds every key that may stand in a place.
func (u *usage) all(s *model.Shape) {
	if s == nil {
		return
	}
	u.all(s.Of)
	for i := range s.Any {
		u.all(&s.Any[i])
	}
	c := s.Construct
	if c == nil {
		return
	}
	u.all(c.Short)
	for _, k := range c.Keys {
		if u.add(kindOf(c), k.Name) {
			u.all(&k.Shape)
		}
	}
}

// used adds the keys of a node, and of all that hangs on it.
func (u *usage) used(n *source.Node, s *model.Shape) {
	if s == nil {
		return
	}
	switch s.Kind {
	case model.MapShape:
		u.construct(n, s.Construct)
	case model.NamesShape:
		for _, p := range n.Pairs {
			u.construct(p.Value, s.Construct)
		}
	case model.ListShape:
		for _, item := range n.Items {
			u.used(item, s.Of)
		}
	case model.EntriesShape:
		for _, p := range n.Pairs {
			u.used(p.Value, s.Of)
		}
	case model.EitherShape:
		for i := range s.Any {
			u.used(n, &s.Any[i]) // those that are not meant know none of its keys
		}
	case model.OneOrMoreShape:
		if n.Kind != source.Sequence {
			u.used(n, s.Of)
		}
		for _, item := range n.Items {
			u.used(item, s.Of)
		}
	}
}

func (u *usage) construct(n *source.Node, c *model.Construct) {
	if n.Kind != source.Mapping {
		u.used(n, c.Short)
		return
	}
	for _, p := range n.Pairs {
		for _, k := range c.Keys {
			if k.Name == p.Key.Value {
				u.add(kindOf(c), k.Name)
				u.used(p.Value, &k.Shape)
			}
		}
		if slices.ContainsFunc(model.NoteKeys(), func(k model.Key) bool { return k.Name == p.Key.Value }) {
			u.add(note, p.Key.Value)
		}
	}
}

// ran is a model that is generated, built and run.
type ran struct {
	name   string // its directory
	test   string // who does so
	player string // who plays its scenarios on what runs; "": nobody does
	usage
}

// by is the test that a key runs in; "": none does.
func (r *ran) by(of kind, scenarios *usage) string {
	if scenarios.keys[of] != nil {
		return r.player
	}
	return r.test
}

// run are the models outside of examples/ that tests of internal/e2e build and
// run, as these tests say themselves: what they hand to build, or to withDoors, which
// is for playing; and all tests there are.
func run(t *testing.T) (all []*ran, tests map[string]bool) {
	t.Helper()
	const dir = "../internal/e2e"
	paths, err := filepath.Glob(dir + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var functions []*ast.FuncDecl
	constants := map[string]string{}
	for _, path := range paths {
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				functions = append(functions, d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if v, is := spec.(*ast.ValueSpec); is && d.Tok == token.CONST && len(v.Values) == 1 {
						constants[v.Names[0].Name] = literal(v.Values[0])
					}
				}
			}
		}
	}
	tests = map[string]bool{}
	for _, f := range functions {
		if f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") {
			continue
		}
		tests[f.Name.Name] = true
		named, builds, plays := modelsOf(f, constants)
		for _, path := range named {
			if !builds && !plays || strings.Contains(path, "/examples/") {
				continue
			}
			name := filepath.Base(filepath.Dir(path))
			at := slices.IndexFunc(all, func(r *ran) bool { return r.name == name })
			if at < 0 {
				at = len(all)
				all = append(all, &ran{name: name, test: f.Name.Name})
				all[at].read(t, filepath.Join(dir, path))
			}
			if plays && all[at].player == "" {
				all[at].player = f.Name.Name
			}
		}
	}
	return all, tests
}

// modelsOf are the models that a test names, and whether it builds some, or plays
// their scenarios.
func modelsOf(f *ast.FuncDecl, constants map[string]string) (models []string, builds, plays bool) {
	note := func(text string) {
		if strings.HasSuffix(text, "/"+model.DocumentName) {
			models = append(models, text)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if name, is := n.Fun.(*ast.Ident); is {
				builds, plays = builds || name.Name == "build", plays || name.Name == "withDoors"
			}
		case *ast.BasicLit:
			note(literal(n))
		case *ast.Ident:
			note(constants[n.Name])
		}
		return true
	})
	return models, builds, plays
}

// literal is the text of a literal; "" of anything else.
func literal(e ast.Expr) string {
	lit, is := e.(*ast.BasicLit)
	if !is || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}

// read adds the keys that the files of a model have.
func (r *ran) read(t *testing.T, path string) {
	t.Helper()
	sys, diags := model.Load(path)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	for _, f := range sys.Files {
		n, bad := source.Parse(f, source.DefaultLimits())
		if len(bad) > 0 {
			t.Fatalf("%s: %v", f.Path, bad[0])
		}
		r.used(n, &model.Shape{Kind: model.MapShape, Construct: model.Language()})
	}
}
