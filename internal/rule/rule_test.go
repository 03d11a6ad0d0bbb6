package rule_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/esgen/esgen/internal/rule"
)

var kebab = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// TestFamilies makes sure that every constant has its place in one family, and
// that what is said about it is one line.
func TestFamilies(t *testing.T) {
	t.Parallel()
	in := map[rule.ID]string{}
	for _, f := range rule.Families() {
		for _, r := range f.Rules {
			if other, twice := in[r.ID]; twice {
				t.Errorf("%s is in %s and in %s", r.ID, other, f.Name)
			}
			in[r.ID] = f.Name
			if !kebab.MatchString(string(r.ID)) || r.Says == "" {
				t.Errorf("%q says %q", r.ID, r.Says)
			}
		}
	}
	ids := constants(t)
	for id := range in {
		if !slices.Contains(ids, id) {
			t.Errorf("%s of %s is no constant", id, in[id])
		}
	}
	for _, id := range ids {
		if in[id] == "" {
			t.Errorf("%s is in no family", id)
		}
	}
	if len(ids) != len(in) {
		t.Errorf("there are %d constants for %d rules", len(ids), len(in))
	}
}

// constants are the ids there are.
func constants(t *testing.T) []rule.ID {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "ids.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ids []rule.ID
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			id, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, rule.ID(id))
		}
		return true
	})
	return ids
}

func TestFind(t *testing.T) {
	t.Parallel()
	if r, ok := rule.Find(rule.NoSource); !ok || !r.Firm || r.Severity != rule.Error {
		t.Errorf("no-source is %v", r)
	}
	if r, ok := rule.Find("no-such-rule"); ok {
		t.Errorf("found %v", r)
	}
	reading := map[bool]int{}
	for _, f := range rule.Families() {
		reading[f.Reading] += len(f.Rules)
	}
	if len(rule.Checked()) != reading[false] || len(rule.All()) != reading[true]+reading[false] {
		t.Errorf("%d are checked, %d are all: %v", len(rule.Checked()), len(rule.All()), reading)
	}
}
