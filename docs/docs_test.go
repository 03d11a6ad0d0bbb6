// Package docs holds the pages of the project, and this test, which keeps them
// true: every YAML fragment is checked as a model is, every key, rule and
// function has its place, and what a page says is printed is what is printed.
//
// A fenced yaml block is a whole model, or says in comments before the fence
// where it belongs: <!-- in: contexts.front.aggregates.Order --> puts it at that
// place of the first model of its page, <!-- in: . --> at the top. With
// <!-- expect: rule --> it must break that rule, and no other.
// A text block with <!-- change: this => that --> must be printed about the
// first model of its page with that change.
package docs

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/importlaw"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the tables anew that code knows better")

// block is a fenced block of a page, with what the comments before it say.
type block struct {
	place          string // page and line
	kind, text     string
	in, expect     string
	before, behind string // of change
}

var (
	fence  = regexp.MustCompile("(?m)^((?:<!-- (?:in|expect|change): .* -->\n)*)```(\\w+)\n((?s:.*?))^```$")
	remark = regexp.MustCompile(`<!-- (\w+): (.*) -->`)
)

// blocks are the fenced blocks of a page, and the first model among them.
func blocks(t *testing.T, page string) (all []block, base string) {
	t.Helper()
	text := read(t, page)
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string { return text[m[2*i]:m[2*i+1]] }
		b := block{kind: part(2), text: part(3), place: fmt.Sprintf("%s:%d", page, 1+strings.Count(text[:m[4]], "\n"))}
		for _, r := range remark.FindAllStringSubmatch(part(1), -1) {
			switch r[1] {
			case "in":
				b.in = r[2]
			case "expect":
				b.expect = r[2]
			case "change":
				b.before, b.behind, _ = strings.Cut(r[2], " => ")
			}
		}
		if b.kind == "yaml" && b.in == "" && b.expect == "" && base == "" {
			base = b.text
		}
		all = append(all, b)
	}
	return all, base
}

func read(t *testing.T, page string) string {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(found, filepath.FromSlash("../README.md"))
}

// judged reads and checks a model.
func judged(text string) *diag.List {
	sys, diags := model.LoadFS(fstest.MapFS{
		model.DocumentName:    &fstest.MapFile{Data: []byte(text)},
		"contexts/other.yaml": &fstest.MapFile{Data: []byte("contexts: [other]")}, // for an include to find
	}, model.DocumentName)
	_, more := check.System(sys)
	diags.Merge(more)
	return diags
}

func TestFragments(t *testing.T) {
	for _, page := range pages(t) {
		all, base := blocks(t, page)
		for _, b := range all {
			if b.kind != "yaml" {
				continue
			}
			text := b.text
			switch {
			case strings.HasPrefix(b.expect, "yaml-"): // what YAML cannot read cannot be put anywhere
			case b.in != "":
				text = embedded(t, b, base)
			}
			found := b.expect == ""
			for _, d := range judged(text).Sorted() {
				found = found || string(d.Rule) == b.expect
				if d.Severity == diag.Error && string(d.Rule) != b.expect && !strings.HasPrefix(b.expect, "yaml-") {
					t.Errorf("%s: %s [%s]", b.place, d.Message, d.Rule)
				}
			}
			if !found {
				t.Errorf("%s: does not break %s", b.place, b.expect)
			}
		}
	}
}

// embedded is the first model of a page with a fragment put into its place:
// maps are joined, anything else is replaced.
func embedded(t *testing.T, b block, base string) string {
	t.Helper()
	var whole, part yaml.Node
	for text, n := range map[string]*yaml.Node{base: &whole, b.text: &part} {
		if err := yaml.Unmarshal([]byte(text), n); err != nil {
			t.Fatalf("%s: %v", b.place, err)
		}
	}
	into := part.Content[0]
	if b.in != "." {
		for _, name := range slices.Backward(strings.Split(b.in, ".")) {
			key := &yaml.Node{Kind: yaml.ScalarNode, Value: name}
			into = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, into}}
		}
	}
	join(whole.Content[0], into)
	out, err := yaml.Marshal(&whole)
	if err != nil {
		t.Fatalf("%s: %v", b.place, err)
	}
	return string(out)
}

func join(into, part *yaml.Node) {
	if into.Kind != yaml.MappingNode || part.Kind != yaml.MappingNode {
		*into = *part
		return
	}
	for i := 0; i < len(part.Content); i += 2 {
		at := -1
		for j := 0; j < len(into.Content); j += 2 {
			if into.Content[j].Value == part.Content[i].Value {
				at = j + 1
			}
		}
		if at < 0 {
			into.Content = append(into.Content, part.Content[i], part.Content[i+1])
			continue
		}
		join(into.Content[at], part.Content[i+1])
	}
}

// TestPrinted holds the messages that pages show against what is printed.
func TestPrinted(t *testing.T) {
	for _, page := range pages(t) {
		all, base := blocks(t, page)
		for _, b := range all {
			if b.before == "" {
				continue
			}
			if !strings.Contains(base, b.before) {
				t.Errorf("%s: the model has no %q", b.place, b.before)
			}
			var out bytes.Buffer
			if err := diag.Print(&out, diag.Text, judged(strings.Replace(base, b.before, b.behind, 1)), diag.Options{}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), b.text) {
				t.Errorf("%s: this is printed:\n%s", b.place, &out)
			}
		}
	}
}

// TestKeys holds each table after <!-- keys: aggregate --> against the keys
// that the language has there.
func TestKeys(t *testing.T) {
	want := map[string]bool{"every note: " + keysOf(model.NoteKeys()): true}
	seen := map[*model.Construct]bool{}
	var visit func(s *model.Shape)
	visit = func(s *model.Shape) {
		if s == nil {
			return
		}
		visit(s.Of)
		if c := s.Construct; c != nil && !seen[c] {
			seen[c] = true
			if len(c.Keys) > 0 {
				want[c.Name+": "+keysOf(c.Keys)] = true
			}
			visit(c.Short)
			for i := range c.Keys {
				visit(&c.Keys[i].Shape)
			}
		}
	}
	visit(&model.Shape{Construct: model.Language()})

	got := map[string]bool{}
	row := regexp.MustCompile("(?m)^\\| `(\\w+)` \\|.*\\|([^|]*)\\|$")
	for _, table := range strings.Split(read(t, "language.md"), "<!-- keys: ")[1:] {
		name, rest, _ := strings.Cut(table, " -->\n")
		rest, _, _ = strings.Cut(strings.TrimLeft(rest, "\n"), "\n\n")
		var keys []model.Key
		for _, m := range row.FindAllStringSubmatch(rest, -1) {
			keys = append(keys, model.Key{Name: m[1], Required: strings.TrimSpace(m[2]) == "required"})
		}
		got[name+": "+keysOf(keys)] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys of the language and their tables (-language +page); * is required:\n%s", diff)
	}
}

// keysOf lists keys in one line; a star marks those that are required.
func keysOf(keys []model.Key) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
		if k.Required {
			names[i] += "*"
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// TestTables holds the tables that code knows better against it.
func TestTables(t *testing.T) {
	const head = "| rule | is | about |\n|---|---|---|\n"
	var rules, functions strings.Builder
	fmt.Fprint(&rules, head)
	for _, r := range rule.Checked() {
		is := r.Severity.String()
		if r.Firm {
			is = "always an error"
		}
		fmt.Fprintf(&rules, "| [`%s`](rules/%s.md) | %s | %s |\n", r.ID, r.ID, is, r.Says)
	}
	fmt.Fprint(&functions, "| written | types | gives |\n|---|---|---|\n")
	for _, f := range expr.Functions() {
		types := ""
		if f.Signature() != f.Usage {
			types = "`" + f.Signature() + "`"
		}
		fmt.Fprintf(&functions, "| `%s` | %s | %s |\n", f.Usage, types, f.Doc)
	}
	reading := map[string]string{}
	for _, f := range rule.Families() {
		reading[f.Name] = head
		for _, r := range f.Rules {
			reading[f.Name] += fmt.Sprintf("| [`%s`](rules/%s.md) | %s | %s |\n", r.ID, r.ID, r.Severity, r.Says)
		}
	}
	postponed := "| construct | until then |\n|---|---|\n"
	for _, p := range model.Later() {
		postponed += fmt.Sprintf("| %s | %s |\n", p.Written, p.Until)
	}
	table(t, "language.md", "postponed", postponed)
	rejections := "| status | code | when |\n|---|---|---|\n"
	for _, r := range model.Rejections() {
		rejections += fmt.Sprintf("| %d | `%s` | %s |\n", r.Status, r.Code, r.When)
	}
	table(t, "services.md", "rejections", rejections)
	table(t, "language.md", "texts", reading["Text"])
	table(t, "language.md", "reading", reading["Model"])
	table(t, "expressions.md", "faults", reading["Expressions"])
	table(t, "language.md", "rules", rules.String())
	table(t, "expressions.md", "functions", functions.String())
}

// TestPackages holds the table of the architecture page against the import law.
func TestPackages(t *testing.T) {
	var rows strings.Builder
	fmt.Fprint(&rows, "| layer | package | what lives there |\n|---|---|---|\n")
	for i, layer := range importlaw.Layers() {
		for _, p := range layer {
			fmt.Fprintf(&rows, "| %d | `%s` | %s |\n", i+1, p.Path, p.Home)
		}
	}
	table(t, "architecture.md", "packages", rows.String())
}

// TestPlaces looks for the words of the table of places in the files it names.
func TestPlaces(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "architecture.md"), "<!-- places -->")
	table, _, _ = strings.Cut(table, "<!-- /places -->")
	rows := regexp.MustCompile("(?m)^\\|.*\\| `([^`]+)` \\| `([^`]+)` \\|$").FindAllStringSubmatch(table, -1)
	if len(rows) < 10 {
		t.Fatalf("the table has %d places", len(rows))
	}
	for _, r := range rows {
		if !strings.Contains(read(t, filepath.Join("..", r[1])), r[2]) {
			t.Errorf("%s has no %s", r[1], r[2])
		}
	}
}

// table compares what stands between <!-- name --> and <!-- /name -->.
func table(t *testing.T, page, name, want string) {
	t.Helper()
	text := read(t, page)
	before, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
	got, behind, closed := strings.Cut(rest, "<!-- /"+name+" -->\n")
	if !ok || !closed {
		t.Fatalf("%s has no table of %s", page, name)
	}
	if *update {
		got = want
		text = before + "<!-- " + name + " -->\n" + want + "<!-- /" + name + " -->\n" + behind
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, table of %s (-code +page):\n%s\nif the code is right: go test ./docs -update", page, name, diff)
	}
}
