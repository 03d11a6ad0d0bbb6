package cli

import (
	"context"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// agent is a session of an agent at the desk of a model.
type agent struct {
	*testing.T
	session *mcp.ClientSession
}

func newAgent(t *testing.T, document string) agent {
	t.Helper()
	theirs, ours := mcp.NewInMemoryTransports()
	if _, err := newAgentDesk(document).Connect(t.Context(), ours, nil); err != nil {
		t.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), theirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return agent{t, session}
}

// ask calls a tool.
func (a agent) ask(tool string, args map[string]any) (text string, refused bool, structured map[string]any) {
	a.Helper()
	r, err := a.session.CallTool(context.Background(), &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		return err.Error(), true, nil
	}
	for _, c := range r.Content {
		text += c.(*mcp.TextContent).Text
	}
	structured, _ = r.StructuredContent.(map[string]any)
	return text, r.IsError, structured
}

// edits is an argument of the tool edit.
func edits(apply bool, changes ...[3]string) map[string]any {
	var list []map[string]any
	for _, c := range changes {
		list = append(list, map[string]any{"file": c[0], "old": c[1], "new": c[2]})
	}
	return map[string]any{"apply": apply, "changes": list}
}

// copied is a copy of a model, in a directory beside which something lies.
func copied(t *testing.T, from string) (outside, document string) {
	t.Helper()
	outside = t.TempDir()
	dir := filepath.Join(outside, "model")
	for _, pattern := range []string{"*.yaml", "*/*.yaml"} {
		files, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			rel, errRel := filepath.Rel(from, f)
			if err != nil || errRel != nil || strings.HasPrefix(rel, "generated") {
				continue
			}
			write(t, filepath.Join(dir, rel), string(data))
		}
	}
	write(t, filepath.Join(outside, "secret.yaml"), "contexts: {}\n")
	return outside, filepath.Join(dir, model.DocumentName)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// contents are all files below a directory.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		out[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnAgentAtTheDesk(t *testing.T) {
	_, document := copied(t, "../../examples/library")
	a := newAgent(t, document)
	tools, err := a.session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools.Tools {
		names = append(names, tool.Name)
		if tool.Description == "" || tool.Annotations == nil || tool.Annotations.ReadOnlyHint == (tool.Name == "edit") {
			t.Errorf("%s: %q %+v", tool.Name, tool.Description, tool.Annotations)
		}
	}
	slices.Sort(names)
	if want := []string{"board", "breaking", "check", "coverage", "edit", "explain", "import", "read", "rule", "test"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	for _, c := range []struct {
		tool string
		args map[string]any
		says string
	}{
		{"read", nil, "# contexts/loan.yaml\n"},
		{"read", map[string]any{"file": "esgen.yaml"}, "system: library"},
		{"check", nil, `"errors":0`},
		{"rule", map[string]any{"rule": "unset-field"}, "# "},
		{"test", map[string]any{"run": ".*"}, " 0 failed"},
		{"explain", map[string]any{"name": "BorrowBook"}, "BookBorrowed"},
		{"coverage", nil, "100 %"},
		{"breaking", map[string]any{"against": document}, ""},
		{"board", nil, "🟦"},
		{"board", map[string]any{"format": "mmd"}, "flowchart"},
		{"import", map[string]any{"format": "markdown", "text": "🟦 Bake → 🟧 Baked\n", "runnable": true}, "Baked"},
	} {
		if text, refused, _ := a.ask(c.tool, c.args); refused || !strings.Contains(text, c.says) {
			t.Errorf("%s %v: %v %.400s", c.tool, c.args, refused, text)
		}
	}
	for _, c := range []struct {
		tool string
		args map[string]any
		says string
	}{
		{"read", map[string]any{"file": "../secret.yaml"}, "contexts/loan.yaml"},
		{"rule", map[string]any{"rule": "no-such"}, "no-such"},
		{"explain", map[string]any{"name": "--help"}, "there is no command --help"},
		{"explain", map[string]any{"name": "BorowBook"}, "BorrowBook"},
		{"breaking", map[string]any{"against": "no/such/model"}, "--against"},
		{"board", map[string]any{"format": "svg"}, "mmd"},
		{"import", map[string]any{"format": "vinyl", "text": "x"}, "markdown"},
		{"rule", map[string]any{"rule": "unset-feild"}, `did you mean "unset-field"?`},
		{"edit", map[string]any{"changes": "x"}, "changes"},
		{"edit", map[string]any{"changes": []any{}}, "no changes"},
		{"edit", edits(false, [3]string{"contexts/lone.yaml", "state:", "stat:"}), "the model has esgen.yaml, contexts/"},
		{"demolish", nil, "demolish"},
	} {
		if text, refused, _ := a.ask(c.tool, c.args); !refused || !strings.Contains(text, c.says) {
			t.Errorf("%s %v: %v %.400s", c.tool, c.args, refused, text)
		}
	}
}

// An agent writes in the files of the model only, and nothing that does not check.
func TestAnAgentStaysInside(t *testing.T) {
	outside, document := copied(t, "../../testdata/models/mini")
	dir := filepath.Dir(document)
	for link, to := range map[string]string{"linked.yaml": "../secret.yaml", "away": ".."} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	before := contents(t, outside)
	a := newAgent(t, document)
	for name, c := range map[string][3]string{
		"above":            {"../secret.yaml", "contexts", "x"},
		"new above":        {"../new.yaml", "", "contexts: {}\n"},
		"absolute":         {filepath.Join(outside, "secret.yaml"), "contexts", "x"},
		"a link":           {"linked.yaml", "contexts", "x"},
		"through a link":   {"away/secret.yaml", "contexts", "x"},
		"new by a link":    {"away/new.yaml", "", "contexts: {}\n"},
		"no model's":       {"notes.yaml", "", "contexts: {}\n"},
		"a directory":      {"away", "x", "y"},
		"not there":        {"gone.yaml", "x", "y"},
		"there already":    {"esgen.yaml", "", "esgen: v1\n"},
		"another text":     {"esgen.yaml", "no such line at all", "x"},
		"an unclear place": {"esgen.yaml", "e", "x"},
		"does not check":   {"esgen.yaml", "esgen: v1", "esgen: v9"},
		"no YAML":          {"esgen.yaml", "esgen: v1", "esgen: [v1"},
	} {
		text, refused, _ := a.ask("edit", edits(true, c))
		if !refused || !strings.Contains(text, "help: ") || !strings.Contains(text, filepath.Base(c[0])) {
			t.Errorf("%s: %v %s", name, refused, text)
		}
		if after := contents(t, outside); !maps.Equal(before, after) {
			t.Fatalf("%s: files are others than before", name)
		}
	}
	// Two files in one edit, of which one is new: an included one.
	text, refused, said := a.ask("edit", edits(true,
		[3]string{"esgen.yaml", "esgen: v1", "esgen: v1\ninclude: [more/*.yaml]"},
		[3]string{"more/chess.yaml", "", "types: {Piece: {enum: [Pawn, Rook]}}\n"}))
	if refused || said["written"] != true || !strings.Contains(said["patch"].(string), "+++ b/more/chess.yaml\n@@ -0,0 +1,1 @@\n+types:") {
		t.Fatalf("%s", text)
	}
	if text, refused, _ = a.ask("read", map[string]any{"file": "more/chess.yaml"}); refused || !strings.Contains(text, "Pawn") {
		t.Error(text)
	}
	forced := edits(true, [3]string{"more/chess.yaml", "Rook", "Pawn"})
	if text, refused, _ = a.ask("edit", forced); !refused {
		t.Error("two values of one name are taken:", text)
	}
	forced["force"] = true
	if text, refused, said = a.ask("edit", forced); refused || said["written"] != true {
		t.Error("it does not do what it is told to:", text)
	}
}

// Two hundred bad edits are refused, with place and fix, and fifty good ones taken:
// which is which is what check says of a copy that somebody has edited by hand.
func TestEditsOfAgents(t *testing.T) {
	outside, document := copied(t, "../../examples/library")
	dir := filepath.Dir(document)
	r := rand.New(rand.NewPCG(testsample.Seed(t), 0))
	a := newAgent(t, document)
	good, bad := 0, 0
	for round := 0; (good < 50 || bad < 200) && round < 3000; round++ {
		file, old, changed, ok := edit1(t, r, dir)
		if !ok {
			continue
		}
		before := contents(t, outside)
		wrong := wouldFail(t, dir, file, old, changed)
		if wrong && bad == 200 || !wrong && good == 50 {
			continue
		}
		text, refused, said := a.ask("edit", edits(true, [3]string{file, old, changed}))
		after := contents(t, outside)
		switch {
		case wrong != refused:
			t.Fatalf("%s: %q for %q: refused is %v\n%s", file, changed, old, refused, text)
		case refused && (!maps.Equal(before, after) || !placed.MatchString(text) || !strings.Contains(text, "help: ")):
			t.Fatalf("%s: %q for %q\n%s", file, changed, old, text)
		case !refused && (said["written"] != true || maps.Equal(before, after)):
			t.Fatalf("%s: %q for %q is not written\n%s", file, changed, old, text)
		case refused:
			bad++
		default:
			good++
			write(t, filepath.Join(dir, file), before[filepath.Join(dir, file)])
		}
	}
	if good < 50 || bad < 200 {
		t.Errorf("only %d good and %d bad ones came up", good, bad)
	}
}

// placed is how a refusal says where: file, line and column.
var placed = regexp.MustCompile(`(?m)^[\w./]+\.yaml:\d+:\d+: error: `)

// word is something in a line that can become something else.
var word = regexp.MustCompile(`[\p{L}]{3,}`)

// edit1 changes a word of a file: leaves it out, doubles it, or has another one
// of the file in its place.
func edit1(t *testing.T, r *rand.Rand, dir string) (file, old, changed string, ok bool) {
	t.Helper()
	all := slices.Sorted(maps.Keys(contents(t, dir)))
	path := all[r.IntN(len(all))]
	file, err := filepath.Rel(dir, path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	words := word.FindAllStringIndex(text, -1)
	at, other := words[r.IntN(len(words))], words[r.IntN(len(words))]
	put := [...]string{"", text[at[0]:at[1]] + text[at[0]:at[1]], text[other[0]:other[1]]}[r.IntN(3)]
	from, to := at[0], at[1]
	for range 5 { // with the lines around it, until it stands there once
		from = max(0, strings.LastIndexByte(text[:max(0, from-1)], '\n'))
		if end := strings.IndexByte(text[min(len(text), to+1):], '\n'); end >= 0 {
			to += 1 + end
		}
		old = text[from:to]
		if strings.Count(text, old) == 1 {
			changed = text[from:at[0]] + put + text[at[1]:to]
			return file, old, changed, old != changed
		}
	}
	return "", "", "", false
}

// wouldFail edits a copy by hand and checks it.
func wouldFail(t *testing.T, dir, file, old, changed string) bool {
	t.Helper()
	by := t.TempDir()
	for path, text := range contents(t, dir) {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		if rel == file {
			text = strings.Replace(text, old, changed, 1)
		}
		write(t, filepath.Join(by, rel), text)
	}
	sys, found := model.Load(by)
	_, more := check.System(sys)
	found.Merge(more)
	return found.HasErrors()
}
