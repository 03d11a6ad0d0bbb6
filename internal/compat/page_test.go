package compat_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/compat"
)

var update = flag.Bool("update", false, "write the tables of docs/breaking.md anew")

// The page has the kinds and the table of changes as they are.
func TestPage(t *testing.T) {
	const page = "../../docs/breaking.md"
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := section(section(string(data), "<!-- kinds -->", kinds()), "<!-- changes -->", table())
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("-want +page; if it is meant: go test ./internal/compat -run TestPage -update\n%s", diff)
	}
}

// section is a page with what stands between a mark and the next heading
// replaced.
func section(page, mark, text string) string {
	head, rest, _ := strings.Cut(page, mark+"\n")
	_, tail, more := strings.Cut(rest, "\n## ")
	out := head + mark + "\n\n" + text
	if more {
		out += "\n## " + tail
	}
	return out
}

func kinds() string {
	var b strings.Builder
	b.WriteString("| rule | about | so that nobody is hurt |\n|---|---|---|\n")
	for _, r := range compat.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.ID, r.Says, strings.ReplaceAll(r.How, "<", "&lt;"))
	}
	return b.String()
}

func table() string {
	var b strings.Builder
	b.WriteString("| change | found | step | contract tests |\n|---|---|---|---|\n")
	for _, c := range changes {
		found := strings.Join(c.want, "<br>")
		if found == "" {
			found = "nothing"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.does, found, c.step, c.proof())
	}
	return b.String()
}

// proof says what the contract tests say of it.
func (c change) proof() string {
	says := "pass"
	if failing := c.failing(); len(failing) > 0 {
		says = "fail: " + strings.Join(failing, ", ")
	}
	if c.because != "" {
		says += "; " + c.because
	}
	return says
}
