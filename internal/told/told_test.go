package told_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/overlay"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/told"
	"github.com/esgen/esgen/model"
)

// TestScenario: scenarios that are told anew are read as the same ones: all that is said
// in them is told again, and they play as those did that people have written.
func TestScenario(t *testing.T) {
	scenarios := 0
	for _, pattern := range []string{"../../testdata/models/*", "../sim/testdata/*", "../../examples/*"} {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range dirs {
			if _, err := os.Stat(filepath.Join(dir, model.DocumentName)); err == nil {
				t.Run(filepath.Base(dir), func(t *testing.T) { scenarios += again(t, dir) })
			}
		}
	}
	if scenarios < 100 {
		t.Errorf("only %d scenarios were told: where are the models?", scenarios)
	}
}

// again tells the scenarios of a model anew, in place of those that it has. It returns
// how many there are.
func again(t *testing.T, dir string) int {
	files := overlay.FS{FS: os.DirFS(dir), Files: map[string][]byte{}}
	before := load(t, files)
	if len(before.Scenarios) == 0 {
		return 0
	}
	texts, entries := map[string]string{}, map[string]string{}
	for _, s := range before.Scenarios {
		texts[s.Name] = told.Scenario(before, s)
		_, entry, _ := strings.Cut(texts[s.Name], "\n")
		entries[s.Pos.File.Path] += entry
	}
	for _, f := range before.Files {
		if entry := entries[f.Path]; entry != "" {
			files.Files[f.Path] = []byte(without(t, f) + "\nscenarios:\n" + entry)
		}
	}
	after := load(t, files)
	if len(after.Scenarios) != len(before.Scenarios) {
		t.Fatalf("%d scenarios became %d", len(before.Scenarios), len(after.Scenarios))
	}
	was := map[string][]string{}
	for _, s := range before.Scenarios {
		was[s.Name] = plays(before, s)
	}
	for _, s := range after.Scenarios {
		if diff := cmp.Diff(texts[s.Name], told.Scenario(after, s)); diff != "" {
			t.Errorf("told once more it is another one: -first +second\n%s", diff)
		}
		if diff := cmp.Diff(was[s.Name], plays(after, s)); diff != "" {
			t.Errorf("it plays otherwise: -written +told\n%s\n%s", diff, texts[s.Name])
		}
	}
	return len(before.Scenarios)
}

func load(t *testing.T, files overlay.FS) *check.Model {
	t.Helper()
	sys, found := model.LoadFS(files, model.DocumentName)
	m, more := check.System(sys)
	if found.Merge(more); found.HasErrors() {
		for _, d := range found.Sorted() {
			if d.Severity == diag.Error {
				t.Logf("%s: %s\n%s", d.Pos, d.Message, d.Pos.File.Line(d.Pos.Line))
			}
		}
		t.Fatal("the model has errors")
	}
	return m
}

// without is a file without its scenarios.
func without(t *testing.T, f *source.File) string {
	t.Helper()
	root, faults := source.Parse(f, source.DefaultLimits())
	if len(faults) > 0 {
		t.Fatal(faults[0])
	}
	lines := strings.Split(string(f.Data), "\n")
	for _, p := range root.Pairs {
		if p.Key.Value == "scenarios" {
			end := source.EndOfBlock(lines, p.Key.Pos.Line, p.Key.Pos.Column-1)
			return strings.Join(slices.Concat(lines[:p.Key.Pos.Line-1], lines[end:]), "\n")
		}
	}
	return string(f.Data)
}

// plays is how a scenario goes: what happens, and what was expected otherwise.
func plays(m *check.Model, s *model.Scenario) []string {
	played := sim.Play(m, s)
	var out []string
	for _, e := range played.World.Events() {
		out = append(out, e.Event.Name)
	}
	for _, f := range played.Failures {
		out = append(out, f.Message+": expected "+f.Expected+", got "+f.Actual)
	}
	return out
}

// TestFlow: what is written on one line is read as what it was.
func TestFlow(t *testing.T) {
	for _, text := range []string{
		`a`, `"true"`, `"12"`, `12`, `null`, `''`, `"a: b"`, `"#no comment"`, `'it''s'`, `"two\nlines"`, `가나`, `"{x}"`, `" blank "`,
		`[a, [b], {}, []]`, `{a: 1, "b: c": {d: ["1", 1]}, "": ""}`, `{"true": x, '12': y}`,
	} {
		n := parse(t, "x: "+text+"\n").Get("x")
		line := told.Flow(n)
		back := parse(t, "x: "+line+"\n").Get("x")
		if strings.Contains(line, "\n") {
			t.Errorf("%s becomes several lines: %s", text, line)
		}
		if diff := cmp.Diff(shape(n), shape(back)); diff != "" {
			t.Errorf("%s becomes %s: %s", text, line, diff)
		}
	}
}

func parse(t *testing.T, text string) *source.Node {
	t.Helper()
	root, faults := source.Parse(&source.File{Path: "f.yaml", Data: []byte(text)}, source.DefaultLimits())
	if len(faults) > 0 {
		t.Fatalf("%s: %v", text, faults[0])
	}
	return root
}

// shape is what a value says: its texts, and whether YAML would take them for something else.
func shape(n *source.Node) any {
	switch n.Kind {
	case source.Mapping:
		out := map[string]any{}
		for _, p := range n.Pairs {
			out[p.Key.Value] = shape(p.Value)
		}
		return out
	case source.Sequence:
		out := []any{}
		for _, x := range n.Items {
			out = append(out, shape(x))
		}
		return out
	}
	return [2]any{n.Value, n.Style == source.Plain && source.Guessed(n.Value)}
}
