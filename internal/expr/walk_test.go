package expr

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/model"
)

// Strings, fields, keys of maps and variables of macros can be called like the
// variables of a scope.
func TestUsesIsNotFooledByNames(t *testing.T) {
	f := newFixture()
	for _, c := range []struct {
		text, name string
		want       bool
	}{
		{"'state.open actor. now'", "state", false},
		{"{'now': 1}['now'] > 0", "now", false},
		{"{string(total): 1}['a'] > 0", "total", true},
		{"input.items.exists(state, state.price > 0)", "state", false},
		{"input.items.exists(state, state.price > 0) && state.open", "state", true},
		{"has(state.note)", "state", true},
		{"Money{amount: total, currency: 'total'}", "total", true},
		{"input.items[0].price > 1 ? 'total' : 'input'", "total", false},
	} {
		if got := Uses(f.must(t, c.text, ""), c.name); got != c.want {
			t.Errorf("%s: uses %s: %v", c.text, c.name, got)
		}
	}
	if Uses(nil, "state") {
		t.Error("no expression uses something")
	}
}

func TestReads(t *testing.T) {
	f := newFixture()
	for text, want := range map[string]int{
		"state.open && has(state.note)":            2,
		"input.items.all(state, state.price == 0)": 0,
		"'state.open'": 0,
	} {
		got := 0
		Walk(f.must(t, text, ""), func(t *Tree) {
			if t.Reads("state") {
				got++
			}
		})
		if got != want {
			t.Errorf("%s reads the state %d times, want %d", text, got, want)
		}
	}
}

func TestReplace(t *testing.T) {
	f := newFixture()
	before := f.must(t, "total > 0 && input.items.exists(total, total.price > 0)", "bool")
	after := Replace(before, "total", f.must(t, "input.items[0].price", "decimal"))
	if Uses(after, "total") || !Uses(before, "total") {
		t.Error("replaced the wrong one")
	}
	if got, want := ToGo(after, goNames{}).Text, ToGo(before, goNames{}).Text; got == want || !strings.Contains(got, "ContainsFunc") {
		t.Errorf("%s became %s", want, got)
	}
}

func TestMentioned(t *testing.T) {
	e := NewEnv(&model.System{})
	for _, c := range []struct{ text, vars, fields string }{
		{"input.total", "input", "total"},
		{"'input.total'", "", ""},
		{"total + input.이름", "input total", "이름"},
		{"list.exists(total, total > other)", "list other", ""},
		{"total.exists(total, total > 0)", "total", ""},
		{"list.map(x, x.a > y, x.b)", "list y", "a b"},
		{"has(state.note) && f(z)", "state z", "note"},
		{"Money{amount: a, currency: b.c}", "a b", "amount c currency"},
		{"{k: v}[w]", "k v w", ""},
		{"[a, b.c]", "a b", "c"},
		{"a +", "", ""},
	} {
		m := e.Mentioned(exprAt(c.text))
		if got := strings.Join(slices.Sorted(maps.Keys(m.Vars)), " "); got != c.vars {
			t.Errorf("%s: variables %q, want %q", c.text, got, c.vars)
		}
		if got := strings.Join(slices.Sorted(maps.Keys(m.Fields)), " "); got != c.fields {
			t.Errorf("%s: fields %q, want %q", c.text, got, c.fields)
		}
	}
	if m := e.Mentioned(nil); len(m.Vars)+len(m.Fields) > 0 {
		t.Errorf("no expression mentions %v", m)
	}
}
