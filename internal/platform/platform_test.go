package platform_test

import (
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/templates"
)

// mentioned reads what a file of a system says, whose shared code is below base.
func mentioned(t *testing.T, imports map[string]string, text, base string) platform.Part {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	uses, err := platform.Uses(f, imports, base)
	if err != nil {
		t.Fatal(err)
	}
	p := platform.Part{Dir: "services/a", Path: "example.com/shop/services/a", Uses: platform.Mentions{}}
	p.Uses.Add(uses...)
	return p
}

// shared are the files that are written for a part, by path.
func shared(t *testing.T, l platform.Layout, p platform.Part) map[string]string {
	t.Helper()
	files, err := l.Share("example.com/shop", []platform.Part{p})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Data)
	}
	return out
}

// What people write decisions with is whole where they do, and else what is
// mentioned of it.
func TestShareTheLanguage(t *testing.T) {
	part := mentioned(t, map[string]string{"values": "example.com/shop/platform/values"}, "package a\n\nvar x values.ID\n", "example.com/shop")
	for _, part.ByHand = range []bool{true, false} {
		files := shared(t, platform.Layout{}, part)
		all, err := fs.Glob(templates.Source(), "chassis/values/*.go")
		if err != nil || len(all) == 0 {
			t.Fatal(all, err)
		}
		whole := true
		for _, name := range all {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := fs.ReadFile(templates.Source(), name)
			if err != nil {
				t.Fatal(err)
			}
			whole = whole && strings.HasSuffix(files["platform/values/"+path.Base(name)], "\n\n"+string(data))
		}
		if whole != part.ByHand {
			t.Errorf("written by hand: %v, and the language is whole: %v", part.ByHand, whole)
		}
		id := files["platform/values/id.go"]
		if !strings.Contains(id, "\ntype ID string\n") {
			t.Error("what is mentioned is not there")
		}
		for _, beside := range []string{"func DeriveID(", "github.com/google/uuid", ") Check() error"} {
			if strings.Contains(id, beside) != part.ByHand {
				t.Errorf("written by hand: %v, but %s in\n%s", part.ByHand, beside, id)
			}
		}
	}
}

// What nobody mentions is not copied, nor asked of other modules; what is
// embedded comes with the code that embeds it.
func TestShare(t *testing.T) {
	files := shared(t, platform.Layout{}, mentioned(t, map[string]string{"store": "example.com/shop/platform/store", "http": "net/http"},
		"package a\n\nfunc f(ctx any) { store.Open(ctx, \"\").Migrate(ctx) }\n", "example.com/shop"))
	for _, want := range []string{"platform/store/db.go", "platform/store/migrations/sqlite/00001_platform.sql", "platform/go.mod", "services/a/go.sum"} {
		if files[want] == "" {
			t.Errorf("%s is not there", want)
		}
	}
	for name, text := range files {
		if strings.HasPrefix(name, "testkit/") || strings.HasPrefix(name, "platform/kafka/") || strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s is there, and nobody uses it", name)
		}
		if strings.Contains(text, templates.Import) {
			t.Errorf("%s imports what is of esgen", name)
		}
		if strings.HasSuffix(name, ".go") {
			if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
				t.Errorf("%s is not as gofmt has it: %v", name, err)
			}
		}
	}
	mod := files["services/a/go.mod"]
	for text, want := range map[string]bool{
		"require example.com/shop/platform v0.0.0\n": true, "replace example.com/shop/platform => ../../platform\n": true,
		"modernc.org/sqlite ": true, "google.golang.org/grpc ": false, "github.com/twmb/franz-go ": false, "example.com/shop/testkit": false,
	} {
		if strings.Contains(mod, text) != want {
			t.Errorf("%q in go.mod: want %v\n%s", text, want, mod)
		}
	}
}

// Whoever imports the testkit requires both modules, and nobody else does.
func TestShareTestkit(t *testing.T) {
	files := shared(t, platform.Layout{}, mentioned(t, map[string]string{"given": "example.com/shop/testkit/given"}, "package a\n\nvar _ = given.Read\n", "example.com/shop"))
	if files["testkit/given/given.go"] == "" || files["testkit/pact/pact.go"] != "" {
		t.Error("of the testkit, given is to be copied, and pact is not")
	}
	for name, want := range map[string]bool{"services/a/go.mod": true, "testkit/go.mod": false, "platform/go.mod": false} {
		if got := strings.Contains(files[name], "example.com/shop/testkit => "); got != want {
			t.Errorf("%s requires the testkit: %v", name, got)
		}
	}
}

// Methods that nobody mentions, because it is an interface of somebody else's
// that asks for them, are known by their names; and what a package is called
// that is imported without a name is what its path says.
func TestAsked(t *testing.T) {
	if testing.Short() {
		t.Skip("loads all packages with what they import")
	}
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, templates.Import+"/chassis/...", templates.Import+"/testkit/...")
	if err != nil || packages.PrintErrors(loaded) > 0 {
		t.Fatal(err)
	}
	foreign := interfaces(loaded)
	want := map[string]bool{".As": true, ".Is": true, ".Unwrap": true} // of package errors, which has no names for these interfaces
	for _, p := range loaded {
		for _, f := range p.Syntax {
			for _, spec := range f.Imports {
				if imported := p.Imports[strings.Trim(spec.Path.Value, `"`)]; spec.Name == nil && imported.Name != platform.Assumed(imported.PkgPath) {
					t.Errorf("%s imports %s without its name, %s", p.PkgPath, imported.PkgPath, imported.Name)
				}
			}
		}
		if p.PkgPath == templates.Import+"/"+platform.Whole {
			continue // it is there with all that it has
		}
		for _, name := range p.Types.Scope().Names() {
			named, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || named.IsAlias() || types.IsInterface(named.Type()) {
				continue
			}
			for m := range types.NewMethodSet(types.NewPointer(named.Type())).Methods() {
				method := m.Obj()
				if method.Exported() && method.Pkg() == p.Types && asks(foreign[method.Name()], named.Type()) {
					want["."+method.Name()] = true
				}
			}
		}
	}
	if !maps.Equal(want, platform.Asked) {
		t.Errorf("interfaces of others ask for %q, and asked has %q", slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(platform.Asked)))
	}
}

// interfaces are those of the packages that are imported, and not of ours, by
// the names of their methods.
func interfaces(loaded []*packages.Package) map[string][]*types.Interface {
	out := map[string][]*types.Interface{}
	add := func(t types.Type) {
		if face, ok := t.Underlying().(*types.Interface); ok {
			for m := range face.Methods() {
				out[m.Name()] = append(out[m.Name()], face)
			}
		}
	}
	packages.Visit(loaded, nil, func(p *packages.Package) {
		if strings.HasPrefix(p.PkgPath, templates.Import) {
			return
		}
		for _, name := range p.Types.Scope().Names() {
			if t, ok := p.Types.Scope().Lookup(name).(*types.TypeName); ok {
				add(t.Type())
			}
		}
	})
	add(types.Universe.Lookup("error").Type())
	return out
}

// asks tells whether a type has all methods of one of the interfaces.
func asks(foreign []*types.Interface, t types.Type) bool {
	return slices.ContainsFunc(foreign, func(face *types.Interface) bool {
		return types.Implements(types.NewPointer(t), face)
	})
}

// All declarations of a file, one behind the other, are the file.
func TestEverything(t *testing.T) {
	all, err := platform.Everything()
	if err != nil {
		t.Fatal(err)
	}
	back := strings.NewReplacer(`"example.com/shop/platform/`, `"`+templates.Import+`/chassis/`, `"example.com/shop/testkit/`, `"`+templates.Import+`/testkit/`)
	there := map[string]bool{}
	for _, tree := range []platform.Tree{platform.Platform, platform.Testkit} {
		files, err := all.Files(tree, "example.com/shop", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name := tree.Source + strings.TrimPrefix(f.Path, tree.Name)
			there[name] = true
			want, err := fs.ReadFile(templates.Source(), name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(back.Replace(string(f.Data)), string(want)) {
				t.Errorf("%s is not as it was", name)
			}
		}
	}
	err = fs.WalkDir(templates.Source(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.Contains(name, "/testdata/") && !there[name] {
			t.Errorf("%s is not there", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What the trees import is pinned, and nothing else is.
func TestPins(t *testing.T) {
	all, err := platform.Everything()
	if err != nil {
		t.Fatal(err)
	}
	used := platform.Foreign(all.Imports(slices.Concat(all.Packages(platform.Platform), all.Packages(platform.Testkit))))
	pinned, err := platform.Pinned()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(used, pinned) {
		t.Errorf("go run ./internal/pins: the trees import %q, and %q are pinned", used, pinned)
	}
}
