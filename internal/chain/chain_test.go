package chain_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/chain"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every name.txt below testdata/MODEL is what follows from the node of that
// name in testdata/MODEL/esgen.yaml.
func TestGolden(t *testing.T) {
	goldens, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(goldens) == 0 {
		t.Fatal(goldens, err)
	}
	for _, golden := range goldens {
		name := strings.TrimSuffix(filepath.Base(golden), ".txt")
		t.Run(name, func(t *testing.T) {
			sys, diags := model.Load(filepath.Dir(golden))
			for _, d := range diags.Sorted() {
				t.Errorf("%s: %s", d.Pos, d.Message)
			}
			found := sys.Find(nil, name)
			if len(found) != 1 {
				t.Fatalf("%s means %d things", name, len(found))
			}
			var got strings.Builder
			if err := chain.Print(&got, chain.From(sys, found[0])); err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("(-want +got); if it is meant: go test ./internal/chain -update\n%s", diff)
			}
		})
	}
}

// The JSON of a chain has one name for each thing, and no empty ones.
func TestJSON(t *testing.T) {
	sys, _ := model.Load("testdata/shop")
	data, err := json.Marshal(chain.From(sys, sys.Find(nil, "Ship")[0]))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kind":"command","name":"Ship","in":"store","steps":[{"kind":"event","name":"Shipped","in":"store","how":"synchronous"}]}`
	if string(data) != want {
		t.Errorf("got %s", data)
	}
}
