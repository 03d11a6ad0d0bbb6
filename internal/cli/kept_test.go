package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/tree"
)

// A service that is made of what it was made of is believed to be as it is, unless
// its files are not. What is believed shows by a memory that knows nothing of one
// of its files.
func TestKept(t *testing.T) {
	t.Parallel()
	const forgotten = "services/desk/README.md"
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir, out string)
		kept   bool
		code   int
	}{
		{name: "a note of another service", kept: true},
		{name: "a note of its own", change: func(t *testing.T, dir, _ string) {
			reword(t, filepath.Join(dir, "parts", "a.yaml"), "state: {note: string}", "state: {note: string, closed: {type: bool, default: false}}")
		}},
		{name: "what all share", change: func(t *testing.T, dir, _ string) {
			reword(t, filepath.Join(dir, "esgen.yaml"), "system: desks", "system: desks\ntitle: Desks")
		}},
		{name: "who relies on it", change: func(t *testing.T, dir, _ string) {
			extend(t, filepath.Join(dir, "parts", "b.yaml"), "    policies: {Welcome: {whenever: Desk.TicketOpened, then: Shop.OpenShop, with: {name: event.note}}}\n")
		}},
		{name: "an edit", code: exitNo, change: func(t *testing.T, _, out string) {
			extend(t, filepath.Join(out, "services", "desk", "cmd", "desk", "main.go"), "// mine\n")
		}},
		{name: "a file that is gone", change: func(t *testing.T, _, out string) {
			gone(t, filepath.Join(out, "services", "desk", "cmd", "desk", "main.go"))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := inTwoFiles(t)
			shop := filepath.Join(dir, "parts", "b.yaml")
			extend(t, shop, `contexts:
  Shop:
    aggregates:
      Shop:
        id: shopId
        state: {name: string}
        commands:
          OpenShop: {creates: true, actor: Clerk, input: {name: string}, emit: [ShopOpened]}
        events:
          ShopOpened: {fields: [name]}
`)
			out := filepath.Join(dir, "out")
			runs(t, exitFine, "generate", dir, "--out", out)
			forget(t, out, "desk", forgotten)
			reword(t, shop, "state: {name: string}", "state: {name: string, closed: {type: bool, default: false}}")
			if c.change != nil {
				c.change(t, dir, out)
			}
			said := runs(t, c.code, "generate", dir, "--out", out)
			_, err := os.Stat(filepath.Join(out, filepath.FromSlash(forgotten)))
			if kept := err != nil; kept != c.kept {
				t.Errorf("kept: %t\n%s", kept, said)
			}
			if !c.kept && c.code == exitFine {
				runs(t, exitFine, "generate", dir, "--out", out, "--check")
			}
		})
	}
}

// forget has the memory of a run know nothing of a file.
func forget(t *testing.T, out, service, file string) {
	t.Helper()
	memory := filepath.Join(out, ".esgen", "cache", "memory.json")
	data, err := os.ReadFile(memory)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	var parts map[string]tree.Part
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all["parts"], &parts); err != nil {
		t.Fatal(err)
	}
	part := parts[service]
	at := slices.Index(part.Files, file)
	if at < 0 {
		t.Fatalf("%s is not among %s", file, part.Files)
	}
	part.Files = slices.Delete(part.Files, at, at+1)
	parts[service] = part
	if all["parts"], err = json.Marshal(parts); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(memory, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// reword changes a text in a file.
func reword(t *testing.T, path, before, after string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), before, after, 1)
	if text == string(data) {
		t.Fatalf("%s does not say %q", path, before)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
