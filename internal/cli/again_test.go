package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/model"
)

// believed is what the memory of a run is made to say of the model: whoever reads
// it has asked nobody else.
const believed = "nobody has looked"

// A run that has nothing to do believes its memory, and any other looks for itself.
func TestAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir, out string)
		flags  []string
		again  bool
		code   int
	}{
		{name: "nothing", again: true},
		{name: "another text", change: func(t *testing.T, dir, _ string) { extend(t, filepath.Join(dir, "parts", "a.yaml"), "# a remark\n") }},
		{name: "another file", change: func(t *testing.T, dir, _ string) {
			extend(t, filepath.Join(dir, "parts", "b.yaml"), "requirements: {F1: tickets can be opened}\n")
		}},
		{name: "settings", change: func(t *testing.T, dir, _ string) {
			extend(t, filepath.Join(dir, model.SettingsName), "rules: {unguarded: off}\n")
		}},
		{name: "an edit", change: func(t *testing.T, _, out string) { extend(t, filepath.Join(out, "go.work"), "// mine\n") }, code: exitNo},
		{name: "a file that is gone", change: func(t *testing.T, _, out string) { gone(t, filepath.Join(out, "go.work")) }},
		{name: "another manifest", change: func(t *testing.T, _, out string) { extend(t, filepath.Join(out, ".esgen", "manifest.json"), "\n") }},
		{name: "no manifest", change: func(t *testing.T, _, out string) { gone(t, filepath.Join(out, ".esgen", "manifest.json")) }},
		{name: "told another thing", flags: []string{"--partial"}},
		{name: "to force", flags: []string{"--force"}},
		{name: "to check", flags: []string{"--check"}},
		{name: "to show", flags: []string{"--diff"}},
		{name: "a part", flags: []string{"--context", "Desk"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := inTwoFiles(t)
			out := filepath.Join(dir, "out")
			command := []string{"generate", dir, "--out", out}
			runs(t, exitFine, command...)
			memory := filepath.Join(out, ".esgen", "cache", "memory.json")
			data, err := os.ReadFile(memory)
			if err != nil {
				t.Fatal(err)
			}
			marked := bytes.Replace(data, []byte(`"said":["`), []byte(`"said":["`+believed), 1)
			if err := os.WriteFile(memory, marked, 0o644); err != nil || len(marked) == len(data) {
				t.Fatalf("the memory is not marked: %v", err)
			}
			if c.change != nil {
				c.change(t, dir, out)
			}
			said := runs(t, c.code, append(command, c.flags...)...)
			if again := strings.Contains(said, believed); again != c.again {
				t.Errorf("believes its memory: %t\n%s", again, said)
			}
			if c.code == exitFine {
				runs(t, exitFine, append(command, "--check")...)
			}
		})
	}
}

// inTwoFiles is a model in a document and a file that it
// includes.
func inTwoFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range map[string]string{
		"esgen.yaml": "esgen: v1\nsystem: desks\ninclude: [parts/*.yaml]\nactors: {Clerk: {role: clerk}}\n",
		"parts/a.yaml": `contexts:
  Desk:
    aggregates:
      Ticket:
        id: ticketId
        state: {note: string}
        commands:
          OpenTicket: {creates: true, actor: Clerk, input: {note: string}, emit: [TicketOpened]}
        events:
          TicketOpened: {fields: [note]}
`,
	} {
		extend(t, filepath.Join(dir, path), text)
	}
	return dir
}

// extend adds to a file, or makes it.
func extend(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func gone(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// runs is what a command says that ends with an exit code.
func runs(t *testing.T, code int, args ...string) string {
	t.Helper()
	var said bytes.Buffer
	if got := Run(args, nil, &said, &said); got != code {
		t.Fatalf("%v: exit %d, want %d:\n%s", args, got, code, &said)
	}
	return said.String()
}
