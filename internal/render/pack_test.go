package render

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// layer is a pack: what its pack.yaml says behind the head, and files of pack/.
func layer(name, lines string, templates map[string]string) Layer {
	files := fstest.MapFS{PackFile: {Data: []byte("pack: " + name + "\nversion: 1\n" + lines)}}
	for template, text := range templates {
		files[TemplatesDir+"/"+template] = &fstest.MapFile{Data: []byte(text)}
	}
	return Layer{name, files}
}

// said is what is wrong with packs, as people read it.
func said(t *testing.T, err error) string {
	t.Helper()
	var refused *Refused
	if !errors.As(err, &refused) {
		t.Fatalf("error %v", err)
	}
	var b strings.Builder
	if err := diag.Print(&b, diag.Text, &refused.Diags, diag.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWrongPack tells what is said about packs that are wrong.
func TestWrongPack(t *testing.T) {
	t.Parallel()
	const line = "files:\n  - {each: aggregate, path: 'x/{{.Name.Kebab}}.txt', template: t}\n"
	for _, c := range []struct {
		name, lines string
		templates   map[string]string
		want        []string
	}{
		{"no such template", strings.Replace(line, "template: t", "template: class.tmlp", 1), map[string]string{"class.tmpl": ""}, []string{"there is no template class.tmlp in pack/", "mine/pack.yaml:4:64", `did you mean "class.tmpl"?`}},
		{"a kind that nothing is", "files:\n  - {each: aggregat, path: x, template: t}\n", map[string]string{"t": ""}, []string{`there is nothing that is called "aggregat"`, "mine/pack.yaml:4:12", `did you mean "aggregate"?`}},
		{"a kind like no other", "files:\n  - {each: bicycle, path: x, template: t}\n", map[string]string{"t": ""}, []string{`"bicycle"`, `"esgen templates describe" lists`}},
		{"no such owner", "files:\n  - {each: system, path: x, template: t, owner: me}\n", map[string]string{"t": ""}, []string{`x has an owner "me"`, "generated: it is written anew"}},
		{"no such key", "files:\n  - {each: system, paths: x, template: t}\n", map[string]string{"t": ""}, []string{`"path" is missing`, `a line has no "paths"`, `did you mean "path"?`}},
		{"another version", "file: []\n", nil, []string{`a pack has no "file"`, `did you mean "files"?`}},
		{"a wrong path", "files:\n  - {each: system, path: '{{', template: t}\n", map[string]string{"t": ""}, []string{"unclosed action", "mine/pack.yaml:4:26"}},
		{"a wrong template", line, map[string]string{"t": "a\n{{if}}"}, []string{"missing value for if", "mine/pack/t:2:1", "{{if}}"}},
		{"a function that depends on the day", line, map[string]string{"t": "{{now}}"}, []string{`function "now" not defined`, "mine/pack/t:1"}},
		{"twice the same", line + "  - {each: aggregate, path: 'x/{{.Name.Kebab}}.txt', template: t}\n", map[string]string{"t": ""}, []string{"is written twice for each aggregate", "mine/pack.yaml:5:29", "mine/pack.yaml:4:29", "the first time"}},
		{"nothing to leave out", "without: [compose.yml]\n", nil, []string{"no pack below writes compose.yml", `did you mean "compose.yaml"?`}},
		{"a template that nothing prints", line, map[string]string{"t": "", "service/READ.md.tmpl": ""}, []string{"no line prints this template", "mine/pack/service/READ.md.tmpl:1:1", "is it to be service/README.md.tmpl?"}},
		{"one name for two", line, map[string]string{"t": "", "_a": `{{define "x"}}1{{end}}`, "b/_b": `{{define "x"}}2{{end}}`}, []string{`"x" is defined in mine/pack/_a, too`, "mine/pack/b/_b:1:1"}},

		{"no such field", line, map[string]string{"t": "a\n  주문 {{.Name.Kebap}}\n"}, []string{".Name.Kebap: names.Name has no Kebap", "mine/pack/t:2:13", "did you mean .Kebab?", "1 error"}},
		{"no such field where nothing leads", line, map[string]string{"t": "{{if false}}{{range .Events}}{{.Naem}}{{end}}{{end}}"}, []string{".Naem: *services.Event has no Naem", "did you mean .Name?"}},
		{"no such field of a path", strings.Replace(line, "Kebab", "Kebap", 1), map[string]string{"t": ""}, []string{"has no Kebap", "mine/pack.yaml:4:39"}},
		{"no such field of a condition", "files:\n  - {each: system, path: x, template: t, when: .Servces}\n", map[string]string{"t": ""}, []string{".Servces: *services.System has no Servces", "mine/pack.yaml:4:48", "did you mean .Services?"}},
		{"a text as it is", line, map[string]string{"t": "{{.Title}}"}, []string{"{{.Title}}: a text is printed past the functions that quote it", "mine/pack/t:1:3"}},
		{"a text of another language", strings.Replace(line, ".txt", ".ts", 1), map[string]string{"t": "{{yaml .Title}}"}, []string{"yaml does not quote for JavaScript"}},
		{"a number as a text", line, map[string]string{"t": "{{line (len .Events)}}"}, []string{"line takes a text, not a int"}},
		{"a list", line, map[string]string{"t": "{{.Events}}"}, []string{"a []*services.Event is printed as Go prints it"}},
		{"a function that quotes for somebody else", line, map[string]string{"t": "{{html .Name.Go}}"}, []string{"html is no function that is known here"}},
		{"no such definition", line, map[string]string{"t": `{{template "x" .}}`}, []string{`there is no template "x"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadPack(layer("mine", c.lines, c.templates))
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			for _, want := range c.want {
				if all := said(t, err); !strings.Contains(all, want) {
					t.Errorf("it lacks %q:\n%s", want, all)
				}
			}
		})
	}
}

const shop = `esgen: v1
system: shop
actors: [Buyer]
contexts:
  front:
    aggregates:
      Order:
        title: "} evil {"
        state: {text: string}
        commands:
          Place: {actor: Buyer, creates: true, input: [text], emit: [Placed]}
        events:
          Placed: {fields: [text]}
      Basket:
        state: {text: string}
`

// rendered are the files of a model by packs upon the built-in one.
func rendered(t *testing.T, packs ...Layer) (map[string]string, error) {
	t.Helper()
	p, err := LoadPack(packs...)
	if err != nil {
		t.Fatal(said(t, err))
	}
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(shop)}}, model.DocumentName)
	checked, more := check.System(sys)
	if diags.Merge(more); diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	planned, err := plan.Build(checked)
	if err != nil {
		t.Fatal(err)
	}
	files, err := Render(t.Context(), planned, p)
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Data)
	}
	return out, err
}

// TestUpon puts packs upon one another, each with what it adds, puts in the place of
// something and leaves out.
func TestUpon(t *testing.T) {
	t.Parallel()
	plain, err := rendered(t)
	if err != nil {
		t.Fatal(err)
	}
	one := layer("one", `description: Classes.
without: [Makefile]
files:
  - {each: aggregate, path: "classes/{{.Name.Kebab}}.puml", template: class.puml, when: .Events}
  - {each: service, path: "services/{{.Dir}}/README.md", template: readme.md, owner: seeded}
  - {each: service, path: "services/{{.Dir}}/internal/app/own.go", template: own.go}
  - {each: event, path: "events/{{.Aggregate.Service.Dir}}/{{.Names.Kebab}}", template: event}
  - {each: actor, path: "actors/{{.Name.Kebab}}", template: actor}
`, map[string]string{
		"class.puml": `{{template "head" .}}{{range .Commands}}{{.Name.Go}}
{{end}}`,
		"_shared.tmpl": `{{define "head"}}class {{.Name.Go}} {{json .Title}}
{{end}}`,
		"readme.md": "# {{md .Title}}\n",
		"event":     "{{line .Title}} in {{.Topic}}\n",
		"actor":     "{{.Role}}\n",
		"own.go":    "package app\n\n// Own is ours.\nfunc Own() string { return fmt.Sprint(1) }\n",
	})
	two := layer("two", "files: [{each: system, path: own.py, template: own.py}]\n", map[string]string{
		"readme.md":                 "# two\n",
		"system/contracts.sh.tmpl":  "# none\n",
		"own.py":                    "{{hash .Title}}\nprint({{json .Title}})\n",
		"_shared.tmpl":              "{{define \"head\"}}it {{.Name.Snake}}\n{{end}}",
		"service/_assembly.tmpl":    string(mustText(t, "service/_assembly.tmpl")),
		"system/.dockerignore.tmpl": "*\n",
	})
	got, err := rendered(t, one, two)
	if err != nil {
		t.Fatal(err)
	}
	want := plain
	delete(want, "Makefile")
	want["classes/order.puml"] = "it order\nPlace\n"
	want["events/front/placed"], want["actors/buyer"] = "Placed in shop.front.order\n", "buyer\n"
	want["services/front/README.md"] = "# two\n"
	want["services/front/internal/app/own.go"] = "// Code generated by esgen. DO NOT EDIT.\n\npackage app\n\nimport \"fmt\"\n\n// Own is ours.\nfunc Own() string { return fmt.Sprint(1) }\n"
	want["contracts.sh"] = "# none\n"
	want["own.py"] = "# Code generated by esgen. DO NOT EDIT.\n# shop\nprint(\"shop\")\n"
	want[".dockerignore"] = "*\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err = rendered(t, one)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("class Order \"} evil {\"\nPlace\n", got["classes/order.puml"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func mustText(t *testing.T, template string) []byte {
	t.Helper()
	p, err := LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	return p.Text(template)
}

// TestLost tells what is said of templates that fail when they are printed, with the
// note for which they do, and of paths that are none.
func TestLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path, text string
		want             []string
	}{
		{"an index", "x", "\n{{(index .Commands 7).Name.Go}}", []string{"error calling index: index out of range: 7", "mine/pack/t:2:4", "for the aggregate ", "mine/pack.yaml:4:29", "the line of the pack"}},
		{"a parent", "../{{.Name.Kebab}}", "", []string{`"../order" is no path of a file below the output directory`, "mine/pack.yaml:4:29", "for the aggregate Order"}},
		{"an absolute path", "/{{.Name.Kebab}}", "", []string{"is no path of a file"}},
		{"a path of a text", "{{line .Title}}:", "", []string{"is no path of a file"}},
		{"a device", `a\b`, "", []string{"is no path of a file"}},
		{"nothing", "{{if not .Commands}}x{{end}}", "", []string{`"" is no path of a file`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := rendered(t, layer("mine", fmt.Sprintf("files:\n  - {each: aggregate, path: '%s', template: t, when: 'eq .Name.Go \"Order\"'}\n", c.path), map[string]string{"t": c.text}))
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			for _, want := range c.want {
				if all := said(t, err); !strings.Contains(all, want) {
					t.Errorf("it lacks %q:\n%s", want, all)
				}
			}
		})
	}
}

// TestTaken refuses two packs that write one file.
func TestTaken(t *testing.T) {
	t.Parallel()
	_, err := rendered(t, layer("mine", "files: [{each: system, path: compose.yaml, template: t}]\n", map[string]string{"t": ""}))
	if err == nil || !strings.Contains(err.Error(), "compose.yaml would be written by both") {
		t.Errorf("error %v", err)
	}
}

// TestMisspelled misspells names in copies of built-in templates, wherever they stand:
// what is said is said at the template and the line.
func TestMisspelled(t *testing.T) {
	t.Parallel()
	builtin, err := LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		template, name string
		at             int
	}
	var places []place
	name := regexp.MustCompile(`[.$]\w*[A-Z]\w*`)
	action := regexp.MustCompile(`\{\{[^}]*\}\}`)
	for _, of := range builtin.Templates() {
		if isShared(of) {
			continue // it is there once for all who print it
		}
		text := builtin.Text(of)
		for _, a := range action.FindAllIndex(text, -1) {
			if bytes.Contains(text[a[0]:a[1]], []byte("/*")) || bytes.ContainsAny(text[a[0]:a[1]], "\"`") {
				continue
			}
			for _, n := range name.FindAllIndex(text[a[0]:a[1]], -1) {
				places = append(places, place{of, string(text[a[0]+n[0] : a[0]+n[1]]), a[0] + n[1]})
			}
		}
	}
	if len(places) < 500 {
		t.Fatalf("only %d names were found", len(places))
	}
	n := 60
	if testsample.Long() {
		n = len(places)
	}
	for _, p := range testsample.Draw(t, n, places...) {
		text := string(builtin.Text(p.template))
		wrong := text[:p.at] + "Xx" + text[p.at:]
		line := 1 + strings.Count(text[:p.at], "\n")
		_, err := LoadPack(layer("mine", "", map[string]string{p.template: wrong}))
		var refused *Refused
		if !errors.As(err, &refused) {
			t.Errorf("%s:%d: %sXx: error %v", p.template, line, p.name, err)
			continue
		}
		found := false
		for _, d := range refused.Diags.Sorted() {
			found = found || d.Pos.Path() == "mine/pack/"+p.template && d.Pos.Line == line && strings.Contains(d.Message, p.name[1:]+"Xx")
		}
		if !found {
			t.Errorf("%s:%d: of %sXx this is said:\n%s", p.template, line, p.name, said(t, err))
		}
	}
}
