package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// repeats warns of a policy of the clock that finds what it has dealt with
// again the next time: nothing that follows from its command ends the condition
// by which it was found.
func (c *checker) repeats(p *model.Policy) {
	if p.Timer == nil || p.Timer.Waits() || p.Each == nil {
		return
	}
	where := c.out.Trees[p.Each.Where]
	if p.Each.View == nil && p.Each.Aggregate == nil || where == nil && p.Each.Where != nil {
		return // what is wrong has been said
	}
	var given []any
	var first *model.Command
	var does []string
	for _, r := range p.Then {
		m := r.Do.Command
		if m == nil {
			continue
		}
		if m.Custom || len(m.Emits) == 0 {
			return // nobody knows what it does
		}
		if first == nil {
			first = m
		}
		given, does = append(given, m), append(does, r.Do.Text)
	}
	if first == nil {
		return
	}
	for x := range closure(given, c.effects) {
		if e, ok := x.(*model.Event); ok && c.mayEnd(p.Each, where, e) {
			return
		}
	}
	pos, fix := p.Each.Of.Pos, "write where: …, and let an event of it change what that asks for"
	if p.Each.Where != nil {
		pos, fix = p.Each.Where.Pos(), "let an event of it change what this asks for"
	}
	verb := "does"
	if len(does) > 1 {
		verb = "do"
	}
	c.say(rule.TimerRepeats, pos, "%s finds the same %s each time: nothing that %s %s ends this", p.Name, p.Each.Of.Value, listed(does, "and"), verb).
		With(diag.At(first.Pos, "the command"), diag.Fix("%s", fix))
}

// mayEnd reports whether an event may make a condition on rows or instances
// false.
func (c *checker) mayEnd(each *model.Each, where *expr.Tree, e *model.Event) bool {
	if each.Aggregate != nil {
		return e.Aggregate == each.Aggregate && (e.Deletes || endedBy(where, "state", c.out.Events[e].Apply))
	}
	return slices.ContainsFunc(each.View.From, func(p *model.Projection) bool {
		return p.Event.Event == e && (p.Delete || endedBy(where, "row", c.out.Projections[p].Set))
	})
}

// endedBy reports whether new values of fields may make a condition false, which
// held of the old ones. Without a condition, or with one that always holds, none
// may.
func endedBy(where *expr.Tree, variable string, list []Assigned) bool {
	if where == nil || always(where) {
		return false
	}
	if where.Op == expr.Binary && where.Ident == "&&" {
		return endedBy(where.Args[0], variable, list) || endedBy(where.Args[1], variable, list)
	}
	for _, a := range list {
		read := false
		expr.Walk(where, func(t *expr.Tree) { read = read || t.Reads(variable) && t.Field == a.Field })
		if read && !stillHolds(where, a.Value) {
			return true
		}
	}
	return false
}

// stillHolds reports whether a condition on a single field surely holds when the
// field has a value.
func stillHolds(where, value *expr.Tree) bool {
	claim, ok := claimOf(where)
	if !ok || value == nil {
		return false
	}
	n, ok := number(value)
	at := line{{cut{at: n}, cut{at: n, after: true}}}
	return ok && len(at.minus(claim.set)) == 0
}
