package meaning

import (
	"testing"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

func TestSame(t *testing.T) {
	f := newFixture(t)
	tests := []struct {
		a, b string
		same bool
	}{
		{"s.n + s.m", "s.m + s.n", true},
		{"s.n * s.m * 2", "2 * s.m * s.n", true},
		{"s.n - s.m", "s.m - s.n", false},
		{"s.d * 2 + s.d", "3 * s.d", true},
		{"s.d <= 100", "s.d <= 100.0", true},
		{"s.d <= 100", "100 >= s.d", true},
		{"s.n < 5", "s.n <= 4", true},
		{"s.d < 5", "s.d <= 4", false},
		{"s.n - s.m >= 0", "s.m <= s.n", true},
		{"s.yes && s.no", "s.no && s.yes", true},
		{"!(s.yes && s.no)", "!s.no || !s.yes", true},
		{"s.yes || (s.no || s.n > 0)", "s.n > 0 || s.yes || s.no", true},
		{"s.text + s.name", "s.name + s.text", false},
		{"[1, 2]", "[2, 1]", false},
		{"s.tags.exists(t, t == 'a')", "!s.tags.all(x, x != 'a')", true},
		{"s.items.map(i, i.price * i.qty).sum()", "s.items.map(x, x.qty * x.price).sum()", true},
		{"s.yes ? s.n : s.m", "!s.yes ? s.m : s.n", true},
		{"s.color == Color.Red", "Red == s.color", true},
		{"s.color in [Red, Green]", "s.color == Color.Green || s.color == Color.Red", true},
		{"s.ints[0] > 1 && size(s.ints) > 0", "size(s.ints) > 0 && s.ints[0] > 1", false}, // of none the first is a fault
		{"max(s.n, s.m)", "max(s.m, s.n)", true},
		{"now - s.at < hours(24)", "now < s.at + days(1)", true},
		{"s.who == id('x')", "id('x') == s.who", true},
		{"s.tags.contains('a')", "'a' in s.tags", true},
		{"Item{sku: 'a', price: 1, qty: 2}", "Item{qty: 2, price: 1.0, sku: 'a'}", true},
		{"s.n / 2", "s.n / 2", true},
		{"s.n / 2 * 2", "s.n", false},
		{"round(s.d, 2)", "round(s.d, 3)", false},
		{"s.yes == true", "s.yes", true},
		{"has(s.note) && s.note == 'x'", "has(s.note) && 'x' == s.note", true},
	}
	for _, test := range tests {
		a, b := f.tree(t, test.a), f.tree(t, test.b)
		if Same(a, b) != test.same {
			t.Errorf("%s and %s: %v\n%s\n%s", test.a, test.b, !test.same, Key(a), Key(b))
		}
	}
}

func TestImplies(t *testing.T) {
	f := newFixture(t)
	tests := []struct {
		given, then string
		want, back  Answer
	}{
		{"value <= 100", "value <= 200", Yes, No},
		{"value >= 0 && value <= 100", "value >= 0 && value <= 200", Yes, No},
		{"value < 100", "value > 50", No, No},
		{"value > 5 || value < 3", "value != 4", Yes, No},
		{"size(word) <= 50", "size(word) <= 60", Yes, No},
		{"size(word) < 51", "size(word) <= 50", Yes, Yes},
		{"size(word) <= 50", "size(word) < 9", No, Yes},
		{"word.matches(r'^[0-9]{4,13}$')", "word.matches(r'^[0-9]{4,14}$')", Yes, No},
		{"word.matches(r'^[0-9]{4,13}$')", "size(word) >= 4 && size(word) <= 13", Yes, No},
		{"word.matches('^(ab)+$')", "word.matches('^ab(ab)*$')", Yes, Yes},
		{"word == 'a' || word == 'b'", "word in ['b', 'a']", Yes, Yes},
		{"word in ['a', 'b']", "word in ['a', 'b', 'c']", Yes, No},
		{"word.startsWith('ab')", "word.contains('b')", Yes, No},
		{"word != ''", "size(word) > 0", Yes, Yes},
		{"s.n > 0 && s.n < 10", "s.n > -1", Yes, No},
		{"s.color == Color.Red", "s.color != Color.Blue", Yes, No},
		{"s.color != Color.Red && s.color != Color.Blue", "s.color == Color.Green", Yes, Yes},
		{"s.yes", "s.yes || s.no", Yes, No},
		{"s.n <= s.m", "s.n <= s.m + 1", Yes, No},
		{"s.n < s.m", "s.n <= s.m", Yes, No},
		{"s.count > -5", "s.count > 0", Yes, Yes},                              // the type asks for it
		{"input.rating > 2", "input.rating > 2 && input.rating < 7", Yes, Yes}, // the field asks for it
		{"true", "!has(input.perhaps) || input.perhaps > -1", Yes, Yes},
		{"s.n * s.n >= 0", "s.n * s.n >= -1", Yes, Unknown},
		{"s.who == actor.subject", "s.who == actor.subject && s.n < 100", No, Yes},
		{"'clerk' in actor.roles", "actor.subject != id('x')", No, No},
		{"s.items.exists(i, i.qty > 2)", "s.items.exists(i, i.qty > 1)", Unknown, No},
		{"has(s.note)", "has(s.note) && s.note == 'x'", No, Yes},
		{"s.day > date('2026-01-01')", "s.day >= date('2026-01-01')", Yes, No},
		{"s.wait < hours(2)", "s.wait < days(1)", Yes, No},
		{"true", "s.n > 0", No, Yes},
		{"size(s.ints) >= 0", "true", Yes, Yes},
		{"size(s.items) > 0", "size(s.items) > 2", No, Yes},
		{"!word.matches('^$')", "word != ''", Yes, Yes},
	}
	for _, test := range tests {
		a, b := f.tree(t, test.given), f.tree(t, test.then)
		got, example := Implies([]*expr.Tree{a}, b, f.checks)
		if got != test.want {
			t.Errorf("%s, then %s: %d, want %d (%s)", test.given, test.then, got, test.want, example)
		}
		if got, example = Implies([]*expr.Tree{b}, a, f.checks); got != test.back {
			t.Errorf("%s, then %s: %d, want %d (%s)", test.then, test.given, got, test.back, example)
		}
	}
}

// What cannot be made up is no reason to give up loudly.
func TestDeep(t *testing.T) {
	f := newFixture(t)
	deep := &model.TypeDef{Node: model.Node{Name: "A"}}
	for range 8 {
		deep = &model.TypeDef{Node: model.Node{Name: "A"}, Fields: []*model.Field{field("a", &model.Type{Kind: model.Named, Def: deep}), field("n", scalar(model.Int))}}
	}
	never := &model.TypeDef{Node: model.Node{Name: "Never"}, Is: scalar(model.String), Check: exprOf("false")}
	list := func(d *model.TypeDef) *model.Type {
		return &model.Type{Kind: model.List, Elem: &model.Type{Kind: model.Named, Def: d}}
	}
	s := expr.Scope{Vars: []expr.Var{{Name: "x", Type: expr.Object("x", field("list", list(deep)), field("never", list(never)))}}}
	f.trees[never.Check] = f.in(t, s, "false")
	for _, text := range []string{"x.list.exists(i, i.a.a.a.a.a.n > 3)", "x.never.exists(n, size(n) > 3)"} {
		if got, example := Implies([]*expr.Tree{f.in(t, s, text)}, f.in(t, s, "size(x.list) > 100"), f.checks); got == Yes {
			t.Errorf("%s: %d %s", text, got, example)
		}
	}
}

func TestInline(t *testing.T) {
	f := newFixture(t)
	names := Names{Values: map[string]*expr.Tree{"value": f.tree(t, "s.d + s.e")}, Renamed: map[string]string{"word": "phrase"}}
	if !Same(Inline(f.tree(t, "value * 2"), names), f.tree(t, "s.e * 2 + 2 * s.d")) {
		t.Error("an intermediate value is not what it is computed from")
	}
	if !Same(Inline(f.tree(t, "s.tags.exists(value, value == word)"), Names{Renamed: map[string]string{"value": "x"}}), f.tree(t, "s.tags.exists(v, v == word)")) {
		t.Error("the variable of a macro is taken for another")
	}
}

func TestExample(t *testing.T) {
	f := newFixture(t)
	_, e := Implies([]*expr.Tree{f.tree(t, "word.matches(r'^[0-9]{4,13}$')")}, f.tree(t, "word.matches(r'^[0-9]{4,9}$')"), f.checks)
	if got := e.String(); got != "word = '0000000000'" {
		t.Error(got)
	}
}
