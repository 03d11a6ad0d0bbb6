package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the list of mutants anew")

// TestMutants holds all mutants of a model that has one of each against a list.
func TestMutants(t *testing.T) {
	s, err := read(os.DirFS("testdata/all"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, m := range s.mutants() {
		fmt.Fprintf(&out, "%s\n", m)
	}
	const golden = "testdata/all/mutants.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("other mutants (-want +got); go test ./internal/mutate -update writes them anew:\n%s", diff)
	}
}

// TestJudge: what a scenario notices is killed by it, what check notices by
// check, and what nobody notices survives.
func TestJudge(t *testing.T) {
	s, err := read(os.DirFS("testdata/all"))
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	for _, m := range s.mutants() {
		verdicts[m.String()] = s.judge(m)
	}
	for name, want := range map[string]string{
		"contexts.shop.aggregates.Order.commands.Place.let.total.table.0.is: 5 * input.count => 6 * input.count": "a guest orders: ",
		"contexts.shop.aggregates.Order.commands.Close.emit.0: Closed => (removed)":                              "check: ",
		"contexts.shop.aggregates.Order.commands.Place.require.None: input.count > 0 => input.count >= 0":        "",
	} {
		got, is := verdicts[name]
		if !is || !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: mutant %t, killed by %q, want %q", name, is, got, want)
		}
	}
}

// A model that fails by itself judges nothing.
func TestReadRefuses(t *testing.T) {
	broken := t.TempDir()
	for text, want := range map[string]string{
		"esgen: v1\nsystem: a\ncontexts: {x: {policies: {p: {whenever: Nothing}}}}\n": "unknown-name",
		"": "esgen.yaml",
	} {
		if err := os.WriteFile(broken+"/esgen.yaml", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := read(os.DirFS(broken)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
