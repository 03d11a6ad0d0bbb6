package expr

import (
	"slices"
	"testing"
)

// sqlNames spells the fields of state as columns.
type sqlNames struct{}

func (sqlNames) Column(t *Tree) (string, bool) {
	if t.Op == Select && t.Args[0].Op == Name && t.Args[0].Ident == "state" && t.Field.Type.Value().Elem == nil && !t.Field.Type.Value().IsObject() {
		return t.Field.Name, true
	}
	return "", false
}

func TestToSQL(t *testing.T) {
	f := newFixture()
	for _, tc := range []struct {
		text, sql string
		args      []string
	}{
		{"state.total > total", "total > $1", []string{"d.total()"}},
		{"state.open", "open", nil},
		{"!state.open && state.count == 3", "NOT (open) AND count = $1", []string{"3"}},
		{"state.open || state.count == 3 && state.open", "(open OR count = $1 AND open)", []string{"3"}},
		{"state.status in [Placed, Paid]", "status IN ($1, $2)", []string{"types.OrderStatusPlaced", "types.OrderStatusPaid"}},
		{"string(state.customerId) in actor.roles", "", nil},
		{"'a' in actor.roles || state.open", "($1 OR open)", []string{`slices.Contains(d.Actor.Roles, "a")`}},
		{"has(state.riderId) && state.riderId == actor.subject", "riderId IS NOT NULL AND riderId = $1", []string{"d.Actor.Subject"}},
		{"!has(input.min) || state.total >= input.min", "($1 OR total >= $2)", []string{"d.Input.Min == nil", "d.Input.Min"}},
		{"has(input.min) && state.total >= input.min + 1", "", nil},
		{"state.total >= (has(input.min) ? input.min : 0)", "total >= $1", []string{"func() values.Decimal {\nif d.Input.Min != nil {\n\treturn *d.Input.Min\n}\nreturn values.Int(0)\n}()"}},
		{"has(state.note) && state.note.startsWith(input.text)", "note IS NOT NULL AND substr(note, 1, length($1)) = $1", []string{"d.Input.Text"}},
		{"has(state.note) && state.note.contains('x')", "note IS NOT NULL AND ($1 = '' OR replace(note, $1, '') <> note)", []string{`"x"`}},
		{"has(state.note) && state.note > 'x'", "", nil},
		{"state.count + 1 > 3", "", nil},
		{"size(state.items) > 3", "", nil},
		{"state.items.exists(i, i.price > 3)", "", nil},
		{"state.phone == '010-1234-5678'", "phone = $1", []string{`"010-1234-5678"`}},
		{"input.amount > 3", "$1", []string{"d.Input.Amount > 3"}},
	} {
		t.Run(tc.text, func(t *testing.T) {
			sql, bad, reason := ToSQL(f.must(t, tc.text, "bool"), sqlNames{})
			if (bad != nil) != (tc.sql == "") || (bad != nil) != (reason != "") {
				t.Fatalf("%v: %s", bad, reason)
			}
			var args []string
			for _, a := range sql.Args {
				args = append(args, ToGo(a, goNames{}).Text)
			}
			if sql.Text != tc.sql || !slices.Equal(args, tc.args) {
				t.Errorf("is %s with %q\nwant %s with %q", sql.Text, args, tc.sql, tc.args)
			}
		})
	}
}
