package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// table checks a decision table and returns its trees. All its values have one
// type: that of the first, or decimal when an int stands beside a decimal.
func (d *decision) table(l *model.Let, s expr.Scope) []*expr.Tree {
	var trees []*expr.Tree
	want := d.tableType(l, s)
	whole := true
	for _, row := range l.Table {
		if row.If != nil {
			t := d.value(row.If, s, boolType)
			trees = append(trees, t)
			whole = whole && t != nil
		}
		if row.Is != nil && want != nil {
			trees = append(trees, d.value(row.Is, s, want))
		}
	}
	if whole {
		d.cover(l)
	}
	return trees
}

// tableType is the type of a table's values. Errors in a value are reported
// when it is checked against the type.
func (d *decision) tableType(l *model.Let, s expr.Scope) *model.Type {
	var want *model.Type
	for _, row := range l.Table {
		if row.Is == nil {
			continue
		}
		s.Want = nil
		t := d.env.Check(row.Is, &s, &diag.List{})
		if t != nil && (want == nil || !d.convertible(t.Type, want) && d.convertible(want, t.Type)) {
			want = t.Type
		}
	}
	if want == nil && len(l.Table) > 0 && l.Table[0].Is != nil {
		d.value(l.Table[0].Is, s, nil) // to have the error reported
	}
	return want
}

// cover looks for gaps in a table, and for rows that the rows above leave
// nothing for. It reasons about tables over one number or enum; of others it
// asks for an otherwise at the end.
func (d *decision) cover(l *model.Let) {
	var asked line // what the rows above answer
	var about claim
	simple := true
	for i, row := range l.Table {
		if row.Otherwise {
			if simple && i > 0 && len(about.all.minus(asked)) == 0 {
				d.say(rule.TableUnreachable, row.Pos, "the rows above say everything: otherwise never holds").
					With(diag.Fix("remove it"))
			}
			return
		}
		if d.out.Trees[row.If] == nil {
			return // what is wrong with it has been said
		}
		is, ok := claimOf(d.out.Trees[row.If])
		if simple = simple && ok && (i == 0 || is.subject == about.subject); !simple {
			d.again(l, i)
			continue
		}
		about = is
		if len(is.set.minus(asked)) == 0 {
			d.say(rule.TableUnreachable, row.If.Pos(), "this row never holds: the rows above say it all").
				With(diag.At(l.Table[0].If.Pos(), "from here on"), diag.Fix("put the narrower condition first, or remove the row"))
		}
		asked = asked.plus(is.set)
	}
	if len(l.Table) == 0 {
		return
	}
	at := l.Table[len(l.Table)-1].Pos
	if !simple {
		d.say(rule.TableGap, at, "no row of %s may hold: a table ends with otherwise", l.Name).
			With(diag.Fix("add {otherwise: …}"))
	} else if gap := about.all.minus(asked); len(gap) > 0 {
		d.say(rule.TableGap, at, "%s says nothing for %s", l.Name, gap[0].text(about.thing, about.all)).
			With(diag.Fix("add a row for it, or {otherwise: …}"))
	}
}

// again reports a condition that stands in the table already.
func (d *decision) again(l *model.Let, i int) {
	for _, above := range l.Table[:i] {
		if above.If != nil && spell(d.out.Trees[above.If]) == spell(d.out.Trees[l.Table[i].If]) {
			d.say(rule.TableUnreachable, l.Table[i].If.Pos(), "this row never holds: it asks what a row above asks").
				With(diag.At(above.If.Pos(), "above"), diag.Fix("remove one of the two"))
			return
		}
	}
}
