package pact

import (
	"os"
	"path/filepath"
	"testing"
)

// A service finds the contracts that its consumers have with it, and those of
// nobody else, though their names may end alike.
func TestContractsWith(t *testing.T) {
	tree := t.TempDir()
	write := func(dir, consumer, provider string) {
		t.Helper()
		dir = filepath.Join(tree, dir, "contracts", "pacts")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		text := `{"consumer": {"name": "` + consumer + `"}, "provider": {"name": "` + provider + `"}, "metadata": {"pactSpecification": {"version": "4.0"}},
			"interactions": [{"type": "Asynchronous/Messages", "description": "d", "contents": {"content": {}},
				"providerStates": [{"name": "of ` + provider + `", "params": {"now": "2026-12-01T00:00:00Z"}}]}]}`
		if err := os.WriteFile(filepath.Join(dir, consumer+"-"+provider+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("services/front", "front", "pay")
	write("services/front", "front", "re-pay")
	write("services/re", "re", "pay")
	write("gateway", "customer", "pay") // as earlier releases have them: that of actors is the OpenAPI
	files := contractsWith(t, tree, "pay")
	var consumers []string
	for _, f := range files {
		consumers = append(consumers, f.Consumer)
	}
	if len(consumers) != 2 || consumers[0] != "front" || consumers[1] != "re" {
		t.Errorf("the consumers are %q", consumers)
	}
	known := statesOf(files)
	if s, ok := known("of pay"); !ok || s.Now.IsZero() {
		t.Errorf("the state is %+v, %v", s, ok)
	}
	if _, ok := known("of re-pay"); ok {
		t.Error("a state of somebody else is known")
	}
}
