package meaning

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/testsample"
)

// How many pairs of conditions are compared, and on how many values each
// verdict is tried.
const (
	somePairs = 1_500
	manyPairs = 60_000 // ESGEN_TEST_SIZE=long
	perPair   = 120
)

// Whatever is said of a random pair of conditions is so: where one is said to
// imply the other, no value says otherwise; where it is said not to, there is
// the value; and what is said to be the same has one value everywhere.
// ESGEN_TEST_SEED repeats a run.
func TestRandomPairs(t *testing.T) {
	seed := testsample.Seed(t)
	pairs := somePairs
	if testsample.Long() {
		pairs = manyPairs
	}
	f := newFixture(t)
	r := &writer{Rand: rand.New(rand.NewPCG(seed, 1))}
	said := map[Answer]int{}
	same := 0
	for range pairs {
		text := r.condition(1 + r.IntN(3))
		other := r.condition(1 + r.IntN(3))
		if r.IntN(4) > 0 {
			if changed := r.changed(text); f.wellTyped(changed) {
				other = changed
			}
		}
		a, b := f.tree(t, text), f.tree(t, other)
		answer, example := Implies([]*expr.Tree{a}, b, f.checks)
		said[answer]++
		if answer == No && len(example) == 0 && len(paths(a, b)) > 0 {
			t.Errorf("%s, then %s: no, without an example", text, other)
		}
		alike := Same(a, b)
		if alike {
			same++
		}
		for range perPair {
			vars := r.values()
			x, xErr := expr.Eval(a, vars)
			y, yErr := expr.Eval(b, vars)
			if alike && xErr == nil && yErr == nil && x != y {
				t.Fatalf("%s and %s are no same: %v and %v for %v", text, other, x, y, vars)
			}
			if answer == Yes && xErr == nil && x == true && (yErr != nil || y != true) {
				t.Fatalf("%s, then %s: not so for %v (%v)", text, other, vars, yErr)
			}
		}
	}
	t.Logf("%d pairs: %d imply, %d do not, %d are not decided, %d are the same", pairs, said[Yes], said[No], said[Unknown], same)
	if said[Yes] < pairs/20 || said[No] < pairs/20 || same < pairs/50 || said[Unknown] > pairs/2 {
		t.Error("that compares nothing")
	}
}

// Values of random expressions that are said to be the same are the same.
func TestRandomValues(t *testing.T) {
	seed := testsample.Seed(t)
	f := newFixture(t)
	r := &writer{Rand: rand.New(rand.NewPCG(seed, 2))}
	same := 0
	for range 3_000 {
		text := r.number(2)
		other := r.changed(text)
		a, b := f.tree(t, text), f.tree(t, other)
		if !Same(a, b) {
			continue
		}
		same++
		for range 20 {
			vars := r.values()
			x, xErr := expr.Eval(a, vars)
			y, yErr := expr.Eval(b, vars)
			if xErr == nil && yErr == nil && expr.Text(x) != expr.Text(y) {
				t.Fatalf("%s and %s are no same: %v and %v for %v", text, other, x, y, vars)
			}
		}
	}
	if same < 300 {
		t.Errorf("%d are the same: that compares nothing", same)
	}
}

// writer writes expressions of the fixture.
type writer struct{ *rand.Rand }

func (r *writer) pick(texts ...string) string { return texts[r.IntN(len(texts))] }

func (r *writer) small() string { return strconv.Itoa(r.IntN(7) - 2) }

func (r *writer) number(depth int) string {
	if depth == 0 {
		return r.pick("s.n", "s.m", "s.count", r.small(), r.small(), "size(s.tags)", "s.n + 0")
	}
	return "(" + r.number(depth-1) + r.pick(" + ", " - ", " * ", " + ") + r.number(depth-1) + ")"
}

func (r *writer) condition(depth int) string {
	if depth > 0 {
		switch r.IntN(5) {
		case 0:
			return "!(" + r.condition(depth-1) + ")"
		case 1, 2:
			return "(" + r.condition(depth-1) + " && " + r.condition(depth-1) + ")"
		case 3:
			return "(" + r.condition(depth-1) + " || " + r.condition(depth-1) + ")"
		}
	}
	order := func() string { return r.pick(" < ", " <= ", " > ", " >= ", " == ", " != ") }
	switch r.IntN(14) {
	case 0, 1:
		return r.number(r.IntN(2)) + order() + r.small()
	case 2:
		return r.number(1) + order() + r.number(1)
	case 3:
		return r.pick("s.d", "s.e", "s.d - s.e", "s.d * 2", "s.d * s.e") + order() + r.pick("0", "1.5", "2", "-0.5", "s.e", "2.0")
	case 4:
		return "s.text" + r.pick(".matches('^[ab]{1,2}$')", ".matches('a')", ".startsWith('a')", ".endsWith('b')", ".contains('ab')", ".matches('^(ab)*$')", ".matches('(?i)^AB')")
	case 5:
		return r.pick("s.text == ", "s.name == ", "'ab' != ", "s.text < ", "s.name >= ") + r.pick("'a'", "'ab'", "''", "s.name", "s.text")
	case 6:
		return "size(" + r.pick("s.text", "s.name", "s.tags", "s.items") + ")" + order() + r.small()
	case 7:
		return "s.color" + r.pick(" == ", " != ") + "Color." + r.pick("Red", "Green", "Blue")
	case 8:
		return r.pick("s.color in [Red, Green]", "s.n in [1, 2, 3]", "s.text in ['a', 'ab']", "'a' in s.tags", "s.tags.contains(s.text)", "s.n in s.ints")
	case 9:
		return "s.items." + r.pick("exists", "all") + "(" + r.pick("i, i", "x, x") + ".qty" + order() + r.small() + ")"
	case 10:
		return r.pick("s.yes", "s.no", "s.yes == s.no", "s.yes != s.no", "true", "false", "(s.yes ? s.no : s.n > 0)")
	case 11:
		return r.pick("(has(s.note) && s.note == 'a')", "has(s.note)", "(!has(s.note) || s.note != 'a')", "(has(s.note) && size(s.note) > 1)")
	case 12:
		return r.pick("s.wait", "s.wait + hours(1)", "s.wait * s.n", "now - s.at") + order() + r.pick("hours(1)", "hours(0)", "days(1)", "duration('90m')")
	}
	return r.pick("s.day", "s.day", "date('2026-01-02')") + order() + r.pick("date('2026-01-01')", "date('2026-01-02')", "s.day")
}

// changed is an expression with something in it written in another way, or
// made another.
func (r *writer) changed(text string) string {
	for range 1 + r.IntN(3) {
		from := r.pick(" < ", " <= ", " > ", " >= ", " && ", " + ", " * ", "2", "1", "all(", "exists(", "i, i", "{1,2}", "s.yes", "s.n ", "(s.", " == ")
		to := map[string][]string{
			" < ": {" <= "}, " <= ": {" < "}, " > ": {" >= "}, " >= ": {" > "}, " && ": {" || ", " && "}, " + ": {" - ", " + "}, " * ": {" + "}, "2": {"3", "1", "2"}, "1": {"2"},
			"all(": {"exists("}, "exists(": {"all("}, "i, i": {"y, y"}, "{1,2}": {"{1,3}", "+", "{0,2}"}, "s.yes": {"!s.no", "!(!s.yes)"}, "s.n ": {"(0 + s.n) ", "(s.n - 0) "}, "(s.": {"(s."}, " == ": {" != "},
		}[from]
		if at := strings.Index(text, from); at >= 0 {
			text = text[:at] + strings.Replace(text[at:], from, r.pick(to...), 1)
		}
	}
	return r.swapped(text)
}

// swapped turns (a op b) round where that means nothing.
func (r *writer) swapped(text string) string {
	inner, opens := strings.CutPrefix(text, "(")
	inner, closes := strings.CutSuffix(inner, ")")
	if !opens || !closes || !balanced(inner) || r.IntN(3) == 0 {
		return text
	}
	depth := 0
	for i := 0; i+4 < len(inner); i++ {
		switch inner[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		for _, op := range []string{" && ", " || ", " + ", " * "} {
			if depth == 0 && strings.HasPrefix(inner[i:], op) && !strings.Contains(inner, "has(") {
				return "(" + r.swapped(inner[i+len(op):]) + op + r.swapped(inner[:i]) + ")"
			}
		}
	}
	return text
}

func balanced(text string) bool {
	depth := 0
	for _, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

// values are values of all variables, small enough to meet the limits in
// conditions.
func (r *writer) values() map[string]any {
	whole := func() any { return int64(r.IntN(8) - 3) }
	exact := func() any { return decimal.New(int64(r.IntN(12)-5), -int32(r.IntN(2))) }
	text := func() any { return r.pick("", "a", "b", "ab", "abab", "aB", "가", "abb", "ba") }
	list := func(of func() any) any {
		out := make([]any, r.IntN(4))
		for i := range out {
			out[i] = of()
		}
		return out
	}
	item := func() any { return map[string]any{"sku": text(), "price": exact(), "qty": whole()} }
	var note any
	if r.IntN(3) > 0 {
		note = text()
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return map[string]any{
		"s": map[string]any{
			"n": whole(), "m": whole(), "d": exact(), "e": exact(), "text": text(), "name": text(), "yes": r.IntN(2) == 0, "no": r.IntN(2) == 0,
			"color": r.pick("Red", "Green", "Blue"), "count": int64(1 + r.IntN(4)), "items": list(item), "tags": list(text), "ints": list(whole), "note": note,
			"at": now.Add(-time.Duration(r.IntN(50)) * 30 * time.Minute), "wait": expr.Span(r.IntN(8)-2) * 30 * expr.Minute,
			"day": expr.Date(r.pick("2026-01-01", "2026-01-02", "2025-12-31")), "who": text(),
		},
		"now": now, "value": exact(), "word": text(),
		"actor": map[string]any{"subject": text(), "roles": list(text), "system": r.IntN(2) == 0},
	}
}
