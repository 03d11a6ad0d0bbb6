package expr

import (
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

func TestCheckGood(t *testing.T) {
	f := newFixture()
	for _, tc := range []struct{ text, want, golang string }{
		{"size(input.items) > 0", "bool", `len(d.Input.Items) > 0`},
		{"has(state.note) && size(state.note) <= 0", "bool", `d.State.Note != nil && *d.State.Note == ""`},
		{"has(state.note) && state.note.size() >= 1", "bool", `d.State.Note != nil && *d.State.Note != ""`},
		{"has(state.note) && size(state.note) > 1", "bool", `d.State.Note != nil && values.Size(*d.State.Note) > 1`},
		{"input.items.size() > 0 && state.open", "bool", `len(d.Input.Items) > 0 && d.State.Open`},
		{"input.items.map(i, i.price * i.quantity).sum()", "decimal", `values.Sum(values.Map(d.Input.Items, func(i types.OrderItem) values.Decimal { return i.Price.Mul(values.Int(int64(i.Quantity))) }))`},
		{"input.customerId == actor.subject", "bool", `d.Input.CustomerId == d.Actor.Subject`},
		{"total >= 30000", "bool", `d.total().Cmp(values.Int(30000)) >= 0`},
		{"total + 1.50", "decimal", `d.total().Add(values.MustDecimal("1.5"))`},
		{"decimal(1000)", "decimal", `values.Int(1000)`},
		{"decimal('12.50')", "decimal", `values.MustDecimal("12.5")`},
		{"3000", "decimal", `values.Int(3000)`},
		{"Placed", "OrderStatus", `types.OrderStatusPlaced`},
		{"OrderStatus.Placed", "", `types.OrderStatusPlaced`},
		{"state.status == Placed || Paid == state.status", "bool", `d.State.Status == types.OrderStatusPlaced || types.OrderStatusPaid == d.State.Status`},
		{"state.status in [Placed, OrderStatus.Paid]", "bool", `values.In(d.State.Status, types.OrderStatusPlaced, types.OrderStatusPaid)`},
		{"'librarian' in actor.roles", "bool", `slices.Contains(d.Actor.Roles, "librarian")`},
		{"!has(state.riderId) || state.riderId == actor.subject", "bool", `d.State.RiderId == nil || *d.State.RiderId == d.Actor.Subject`},
		{"has(state.address) && has(state.address.zip) && state.address.zip == '1'", "bool", `d.State.Address != nil && d.State.Address.Zip != nil && *d.State.Address.Zip == "1"`},
		{"has(state.note) ? state.note : ''", "string", "func() string {\nif d.State.Note != nil {\n\treturn *d.State.Note\n}\nreturn \"\"\n}()"},
		{"state.note", "optional(string)", `d.State.Note`},
		{"'x'", "optional(string)", `new("x")`},
		{"5", "optional(int)", `new(int64(5))`},
		{"state.open ? state.note : 'none'", "optional(string)", "func() *string {\nif d.State.Open {\n\treturn d.State.Note\n}\nreturn new(\"none\")\n}()"},
		{"state.open ? 1 : 2", "int", `values.If(d.State.Open, int64(1), 2)`},
		{"state.open ? 1 : 2.5", "decimal", `values.If(d.State.Open, values.Int(1), values.MustDecimal("2.5"))`},
		{"input.items.all(i, state.items.exists(m, m.menuId == i.menuId))", "bool", "values.All(d.Input.Items, func(i types.OrderItem) bool {\nreturn slices.ContainsFunc(d.State.Items, func(m types.OrderItem) bool { return m.MenuId == i.MenuId })\n})"},
		{"input.items.filter(d, d.price > total).size()", "int", `int64(len(values.Filter(d.Input.Items, func(d2 types.OrderItem) bool { return d2.Price.Cmp(d.total()) > 0 })))`},
		{"input.amount + 1 * 2", "int", `values.AddInt(d.Input.Amount, values.MulInt(1, 2))`},
		{"-input.amount - -3", "int", `values.SubInt(values.NegInt(d.Input.Amount), -3)`},
		{"(1 + 2) * 3 == 9", "bool", `values.MulInt(values.AddInt(1, 2), 3) == 9`},
		{"!(state.open && total > 1) || state.open", "bool", `!(d.State.Open && d.total().Cmp(values.Int(1)) > 0) || d.State.Open`},
		{"state.open && (total > 1 || total < 0)", "bool", `d.State.Open && (d.total().Cmp(values.Int(1)) > 0 || d.total().Cmp(values.Int(0)) < 0)`},
		{"round(total / 3, 2)", "decimal", `values.Quo(d.total(), values.Int(3), 2, values.HalfUp)`},
		{"round(input.amount / 3, 2, 'half-even')", "decimal", `values.Quo(values.Int(d.Input.Amount), values.Int(3), 2, values.HalfEven)`},
		{"total.round(0, 'floor')", "decimal", `values.Round(d.total(), 0, values.Floor)`},
		{"meta.time + duration('8d') > state.dueAt", "bool", `values.AddTime(d.Meta.Time, values.MustDuration("8d")).After(d.State.DueAt)`},
		{"days(meta.time - state.dueAt) <= 3", "bool", `values.Days(values.Since(d.Meta.Time, d.State.DueAt)) <= 3`},
		{"date(meta.time)", "date", `values.DateOf(d.Meta.Time, types.Zone)`},
		{"state.day + days(14) >= date('2026-12-01')", "bool", `!d.State.Day.Add(values.DaysOf(14)).Before(values.MustDate("2026-12-01"))`},
		{"time('2026-12-01T09:00:00+09:00') == state.dueAt", "bool", `values.MustTime("2026-12-01T00:00:00Z").Equal(d.State.DueAt)`},
		{"max(total, 0)", "decimal", `values.Max(d.total(), values.Int(0))`},
		{"max(1, 2)", "int", `values.Max(int64(1), 2)`},
		{"max(state.items.map(i, i.price))", "decimal", `values.Max(values.Map(d.State.Items, func(i types.OrderItem) values.Decimal { return i.Price })...)`},
		{"state.items.count(i, i.price > 3)", "int", `values.Count(d.State.Items, func(i types.OrderItem) bool { return i.Price.Cmp(values.Int(3)) > 0 })`},
		{"count(state.items, i, i.price > 3)", "int", `values.Count(d.State.Items, func(i types.OrderItem) bool { return i.Price.Cmp(values.Int(3)) > 0 })`},
		{"state.items.sort(i, i.price)[0].price", "decimal", `values.At(values.SortBy(d.State.Items, func(i types.OrderItem) values.Decimal { return i.Price }), 0).Price`},
		{"has(dish) ? dish.price : 0", "decimal", "func() values.Decimal {\nif d.Dish != nil {\n\treturn d.Dish.Price\n}\nreturn values.Int(0)\n}()"},
		{"state.items.find(i, i.menuId == id)", "optional(OrderItem)", `values.Find(d.State.Items, func(i types.OrderItem) bool { return i.MenuId == d.Id })`},
		{"Money{amount: total, currency: 'KRW'}", "Money", `types.Money{Amount: d.total(), Currency: "KRW"}`},
		{"Money{amount: 1, currency: 'KRW'} == Money{currency: 'a', amount: 2}", "bool", `values.Same(types.Money{Amount: values.Int(1), Currency: "KRW"}, types.Money{Currency: "a", Amount: values.Int(2)})`},
		{"[]", "list(string)", `[]string{}`},
		{"state.tags + ['a']", "list(string)", `slices.Concat(d.State.Tags, []string{"a"})`},
		{"['a', 'b'].join(', ')", "string", `strings.Join([]string{"a", "b"}, ", ")`},
		{"state.names['a']", "string", `values.Lookup(d.State.Names, "a")`},
		{"state.tags.with(1, 'a')", "list(string)", `values.With(d.State.Tags, 1, "a")`},
		{"state.tags.removeAt(input.amount)", "list(string)", `values.RemoveAt(d.State.Tags, d.Input.Amount)`},
		{"state.names.put('a', input.text).without('b')", "map(string)", `values.Without(values.Put(d.State.Names, "a", d.Input.Text), "b")`},
		{"{}.put(input.text, 'a')", "map(string)", `values.Put(map[string]string{}, d.Input.Text, "a")`},
		{"[[1], [2]].with(0, [])", "", `values.With([][]int64{[]int64{1}, []int64{2}}, 0, []int64{})`},
		{"state.items.map(i, i.quantity > 1, i.quantity).with(0, 5)", "list(Quantity)", `values.With(values.Map(values.Filter(d.State.Items, func(i types.OrderItem) bool { return int64(i.Quantity) > 1 }), func(i types.OrderItem) types.Quantity { return i.Quantity }), 0, types.Quantity(5))`},
		{"{'a': state.status}.put('b', Paid)", "", `values.Put(map[string]types.OrderStatus{"a": d.State.Status}, "b", types.OrderStatusPaid)`},
		{"[state.status].with(0, Paid)", "", `values.With([]types.OrderStatus{d.State.Status}, 0, types.OrderStatusPaid)`},
		{"[1].with(0, 2.5)", "", `values.With(values.Map([]int64{1}, func(v int64) values.Decimal { return values.Int(v) }), 0, values.MustDecimal("2.5"))`},
		{"'a' in state.names", "bool", `values.InMap("a", d.State.Names)`},
		{"{'a': 1, 'b': 2.5}", "map(decimal)", `map[string]values.Decimal{"a": values.Int(1), "b": values.MustDecimal("2.5")}`},
		{"state.phone.startsWith('010')", "bool", `strings.HasPrefix(string(d.State.Phone), "010")`},
		{"input.text", "Phone", `values.Checked(types.Phone(d.Input.Text))`},
		{"'010-1234-5678'", "Phone", `types.Phone("010-1234-5678")`},
		{"state.phone", "string", `string(d.State.Phone)`},
		{"input.text.matches(r'^\\d+$')", "bool", "values.Matches(d.Input.Text, `^\\d+$`)"},
		{"'주문 ' + string(total) + '원'", "string", `"주문 " + d.total().String() + "원"`},
		{"state.상태 == 발행 && state.할인액 > 합계", "bool", `d.State.X상태 == types.X쿠폰상태X발행 && d.State.X할인액.Cmp(d.Sum) > 0`},
		{"state.상태 == 쿠폰상태.사용", "bool", `d.State.X상태 == types.X쿠폰상태X사용`},
		{"state.items.map(하나, 하나.price)", "list(decimal)", `values.Map(d.State.Items, func(하나 types.OrderItem) values.Decimal { return 하나.Price })`},
		{"state.items.map(i, has(i.note), i.note)", "list(string)", `values.Map(values.Filter(d.State.Items, func(i types.OrderItem) bool { return i.Note != nil }), func(i types.OrderItem) string { return *i.Note })`},
		{"state.items.map(i, i.quantity)", "list(int)", `values.Map(d.State.Items, func(i types.OrderItem) int64 { return int64(i.Quantity) })`},
		{"id('x') == state.customerId", "bool", `values.ID("x") == d.State.CustomerId`},
		{"state.names.exists(k, k == 'a')", "bool", `slices.ContainsFunc(values.Keys(d.State.Names), func(k string) bool { return k == "a" })`},
		{"abs(-5)", "int", `values.Abs(int64(-5))`},
		{"[Placed, Paid].contains(state.status)", "bool", `values.Has([]types.OrderStatus{types.OrderStatusPlaced, types.OrderStatusPaid}, d.State.Status)`},
		{"Money{amount: 1, currency: ''}.amount > 0", "bool", `(types.Money{Amount: values.Int(1), Currency: ""}).Amount.Cmp(values.Int(0)) > 0`},
		{"// a comment\n1", "int", `1`},
	} {
		t.Run(tc.text, func(t *testing.T) {
			tree := f.must(t, tc.text, tc.want)
			if w := f.typ(tc.want); w != nil && !tree.Type.Same(w) {
				t.Errorf("is %v, want %v", tree.Type, w)
			}
			if got := ToGo(tree, goNames{}).Text; got != tc.golang {
				t.Errorf("Go is\n%s\nwant\n%s", got, tc.golang)
			}
		})
	}
}

func TestCheckBad(t *testing.T) {
	f := newFixture()
	for _, tc := range []struct{ text, want, problem string }{
		{"", "bool", "1:1 the expression is empty"},
		{"state.totl > 0", "bool", "1:7 state has no field totl (did you mean \"total\"?)"},
		{"stat.total > 0", "bool", "1:1 unknown name stat (did you mean \"state\"?)"},
		{"amount > 0", "bool", "1:1 unknown name amount (did you mean \"input.amount\"?)"},
		{"now > meta.time", "bool", "1:1 now is not known here: apply sees no clock; use meta.time"},
		{"size(input.items)", "bool", "1:1 require X must be a bool, but this is an int"},
		{"siz(input.items) > 0", "bool", "1:1 unknown function siz (did you mean \"size\"?)"},
		{"input.items.len() > 0", "bool", "1:13 unknown function len (write size(…))"},
		{"state.note == 'a'", "bool", "1:7 state.note may be absent here (write has(state.note) && … or has(state.note) ? … : …)"},
		{"has(state.note) || state.note == 'a'", "bool", "1:26 state.note may be absent here (write has(state.note) && … or has(state.note) ? … : …)"},
		{"has(state.total)", "bool", "1:11 state.total is not optional: it is always there"},
		{"has(state.items)", "bool", "1:11 state.items is a list(OrderItem): it is always there, if only empty (write size(state.items) > 0)"},
		{"state.status == Plced", "bool", "1:17 Plced is no value of OrderStatus (did you mean \"Placed\"?)"},
		{"state.status == 'Placed'", "bool", "1:14 an OrderStatus cannot be compared with a string (write Placed without quotes)"},
		{"OrderStatus.Plced", "", "1:13 Plced is no value of OrderStatus (did you mean \"Placed\"?)"},
		{"Placed", "bool", "1:1 unknown name Placed (did you mean \"OrderStatus.Placed\"?)"},
		{"OrderStatus", "", "1:1 OrderStatus is a type, not a value (write one of its values: OrderStatus.Placed)"},
		{"state.status < Paid", "bool", "1:14 an OrderStatus has no order, so no < (write … in [OrderStatus.Placed, …])"},
		{"total / 2", "decimal", "1:7 a decimal is divided only inside round, which says how exact the result is (write round(a / b, 2), with the number of decimal places)"},
		{"round(total / 3 / 2, 2)", "decimal", "1:13 a decimal is divided only inside round, which says how exact the result is (write round(a / b, 2), with the number of decimal places)"},
		{"'a' + 1", "string", "1:5 + cannot be used with a string and an int (write string(…))"},
		{"1 == 'a'", "bool", "1:3 an int cannot be compared with a string (write string(…))"},
		{"1 < 2 < 3", "bool", "1:7 a bool cannot be compared with an int (write a < b && b < c)"},
		{"state.customerId == 'a'", "bool", "1:18 an id cannot be compared with a string (write id('a'))"},
		{"state.day == '2026-12-01'", "bool", "1:11 a date cannot be compared with a string (write date('2026-12-01'))"},
		{"null", "", "1:1 there is no null in expressions (test with has(…))"},
		{"5u", "", "1:1 5u: a number has no u behind it (write 5)"},
		{"state.wait > 8d", "bool", "1:14 8d is no number (write duration('8d'))"},
		{"a = b", "bool", "1:3 unexpected = (write == to compare)"},
		{"state.open and state.open", "bool", "1:12 unexpected and after open (write &&)"},
		{"state.open &&", "bool", "1:14 the expression ends too early, after &&"},
		{"(1 + 2", "int", "1:7 the expression ends too early: a ) is missing"},
		{"if state.open", "bool", "1:1 if is a reserved word and cannot be a name (write condition ? value : other)"},
		{"'abc", "string", "1:1 the text has no closing '"},
		{"‘abc’", "string", "1:1 unexpected ‘ (write ')"},
		{"total\u00a0> 0", "bool", "1:6 a blank that is not a blank (U+00A0) (write an ordinary blank)"},
		{"total＞0", "bool", "1:6 unexpected ＞ (write >)"},
		{"'\\d+'", "string", "1:1 the text has a \\ that escapes nothing (double the \\, or write a pattern as r'…')"},
		{"99999999999999999999", "int", "1:1 99999999999999999999 is too large for an int"},
		{"1e999999999", "decimal", "1:1 '1e999999999' is no decimal of at most 38 digits"},
		{"input.text.matches('(')", "bool", "1:20 the pattern cannot be read: missing closing ): `(`"},
		{"input.text.matches(input.text)", "bool", "1:12 matches cannot be used with a string and a string (write text.matches(r'^[0-9]+$'))"},
		{"duration('8x')", "duration", "1:10 '8x' is no duration (write duration('8d'))"},
		{"'abc'", "Phone", "1:1 'abc' is no Phone"},
		{"state.open ? 1 : -3", "Quantity", "1:18 -3 is no Quantity"},
		{"input.mail", "Phone", "1:1 require X must be a Phone, but this is an Email"},
		{"input.items.exists(i, i.price)", "bool", "1:23 the condition of exists must be a bool, but this is a decimal"},
		{"input.items.exists(1, true)", "bool", "1:20 exists needs a name for each element first (write list.exists(x, condition))"},
		{"input.items.exists(true)", "bool", "1:13 exists needs a name for each element, and an expression (write list.exists(x, condition))"},
		{"input.items.price", "", "1:13 a list(OrderItem) has no fields, so no price (look at its elements: .map(x, x.price), .exists(x, …), .all(x, …))"},
		{"Money{amount: 1}", "Money", "1:1 currency of Money is not set"},
		{"Money{amont: 1, currency: ''}", "Money", "1:7 Money has no field amont (did you mean \"amount\"?)"},
		{"Mony{}", "", "1:1 unknown type Mony (did you mean \"Money\"?)"},
		{"[1, 'a']", "", "1:5 each element of the list must be an int, but this is a string"},
		{"[]", "", "1:1 what is this empty list a list of?"},
		{"state.open ? 1 : 'a'", "", "1:12 one branch is an int, the other a string (write string(…))"},
		{"state.totl > 0 && state.cont > 0", "bool", "1:7 state has no field totl (did you mean \"total\"?)\n1:25 state has no field cont (did you mean \"count\"?)"},
		{"state.상테 == 발행", "bool", "1:7 state has no field 상테 (did you mean \"상태\"?)"},
		{"합게 > 1", "bool", "1:1 unknown name 합게 (did you mean \"합계\"?)"},
		{"'한글' == state.totl", "bool", "1:15 state has no field totl (did you mean \"total\"?)"},
		{strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300), "", "1:1 the expression is nested too deeply; split it with let"},
		{"b'abc'", "", "1:1 there are no bytes: leave out the b"},
		{"state.items.find(i, true).price", "decimal", "1:13 this may be absent (give it a name with let, then write has(name) ? … : …)"},
		{"state.tags.with(0, 1)", "", "1:12 with cannot be used with a list(string) and an int and an int (write list.with(i, x))"},
		{"state.names.put(0, 'a')", "", "1:13 put cannot be used with a map(string) and an int and a string (write map.put(k, x))"},
		{"state.tags.set(0, 'a')", "", "1:12 unknown function set (write list.with(i, x) or map.put(k, x))"},
		{"x.?y", "", "1:2 there is no ? behind a . or a [ (guard what may be absent: has(…) ? … : …)"},
		{"", "", "1:1 the expression is empty"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			tree, diags := f.check(exprAt(tc.text), f.want(tc.want))
			if tree != nil {
				t.Fatalf("is fine, and a %v", tree.Type)
			}
			if got := strings.Join(diags, "\n"); got != tc.problem {
				t.Errorf("says\n%s\nwant\n%s", got, tc.problem)
			}
		})
	}
}

// A problem is found at its place in every style a YAML scalar is written in.
func TestCheckPlaces(t *testing.T) {
	f := newFixture()
	for _, tc := range []struct{ name, yaml, problem string }{
		{"plain", "x: state.open && state.totl > 0\n", "1:24 state has no field totl (did you mean \"total\"?)"},
		{"plain, Korean", "이름: state.상테 == 발행\n", "1:11 state has no field 상테 (did you mean \"상태\"?)"},
		{"single quoted", "x: '!state.open && input.text == ''a'' && state.totl > 0'\n", "1:49 state has no field totl (did you mean \"total\"?)"},
		{"double quoted", "x: \"input.text == \\\"a\\\" && state.totl > 0\"\n", "1:34 state has no field totl (did you mean \"total\"?)"},
		{"folded", "x: >-\n  state.open &&\n  state.totl > 0\n", "3:9 state has no field totl (did you mean \"total\"?)"},
		{"literal", "x: |\n  state.open &&\n    state.totl > 0\n", "3:11 state has no field totl (did you mean \"total\"?)"},
		{"plain over lines", "x: state.open &&\n  state.totl > 0\n", "2:9 state has no field totl (did you mean \"total\"?)"},
		{"cut by a comment", "x: input.text == 'a #b'\n", "1:20 YAML takes the rest of this line for a comment (quote the expression: \"input.text == 'a #b'\")"},
		{"with a comment", "x: state.opn #b'\n", "1:10 state has no field opn (did you mean \"open\"?)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root, errs := source.Parse(&source.File{Path: "x.yaml", Data: []byte(tc.yaml)}, source.DefaultLimits())
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			node := root.Pairs[0].Value
			_, diags := f.check(&model.Expr{Text: node.Value, Node: node}, f.want("bool"))
			if got := strings.Join(diags, "\n"); got != tc.problem {
				t.Errorf("says\n%s\nwant\n%s", got, tc.problem)
			}
		})
	}
}

func TestGiven(t *testing.T) {
	f := newFixture()
	s := f.want("string")
	s.Given = []*Tree{f.must(t, "has(state.note) && state.open", "bool")}
	if _, diags := f.check(exprAt("state.note"), s); diags != nil {
		t.Error(diags)
	}
}

func FuzzCheck(f *testing.F) {
	fx := newFixture()
	for _, s := range []string{
		"size(input.items) > 0", "input.items.map(i, i.price * i.quantity).sum()", "state.상태 == 발행", "'a", "r'''x", "\xff", "1.5e3",
		"has(state.note) ? state.note : ''", "Money{amount: 1, currency: 'x'}", "{'a': [1]}['a'][0]", "a.b.c{d: 1}", "!-1", "--1", "round(1/3,2)",
		"[].map(x, x)", "x ? y : z", ".a", "a.?b", "state.`a`", "has(has(x))", "max()", "0x", "0xffu", "date('')", "(((", "[?a]", "a[?b]", "{?a: b}",
	} {
		f.Add(s, uint8(0))
	}
	wants := []string{"", "bool", "decimal", "optional(string)", "list(string)", "Phone", "OrderStatus", "Money", "map(int)"}
	f.Fuzz(func(t *testing.T, text string, want uint8) {
		tree, diags := fx.check(exprAt(text), fx.want(wants[int(want)%len(wants)]))
		if (tree == nil) != (diags != nil) {
			t.Errorf("a tree and problems, or neither: %v", diags)
		}
		if tree == nil {
			return
		}
		ToGo(tree, goNames{})
		ToGoReturn(tree, goNames{})
		ToSQL(tree, sqlNames{})
	})
}

func BenchmarkCheck(b *testing.B) {
	f := newFixture()
	x := exprAt("input.items.all(i, state.items.exists(m, m.menuId == i.menuId && m.price == i.price)) && state.status == Placed")
	s := f.want("bool")
	for b.Loop() {
		if _, diags := f.check(x, s); diags != nil {
			b.Fatal(diags)
		}
	}
}
