package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

func (c *checker) view(v *model.View) {
	c.typed(&v.Node, v.Name, v.Fields)
	c.fields(v.Context, v.Name, v.Fields)
	c.likeID(v.Fields)
	if missing := missingOf(v); len(missing) > 0 {
		c.incomplete(&v.Node, v.Pos, "write "+listed(missing, "and"), "%s does not say yet what it shows", v.Name)
		return
	}
	for _, p := range v.From {
		if c.onHomeless(&v.Node, "follows", &p.Event) {
			return
		}
	}
	for _, k := range v.Key {
		switch f := k.Field; {
		case f == nil || f.Type == nil:
		case f.Type.Kind == model.Optional || !isScalar(f.Type):
			c.say(rule.ScalarField, k.Pos, "%s cannot be a key: it is %s", k.Text, f.Type).
				With(diag.At(f.Pos, "%s here", f.Type), diag.Fix("take a field that always holds a single value"))
		}
	}
	for _, p := range v.From {
		if p.Event.Event != nil {
			c.projection(v, p)
		}
	}
	c.twoMinds(v)
	c.allSet(v)
	s := askedBy(scope(v.Context, v.Name, notInViewAllow, c.stampedRow(v)), c.seenBy(v), false)
	c.condition(v.Allow, at(s, "allow of", v.Name))
	for _, q := range v.Queries {
		c.query(v, q)
	}
	for _, l := range v.Links {
		c.link(v, l)
	}
}

// seenBy are who see rows of a view as far as its allow lets them.
func (c *checker) seenBy(v *model.View) []*model.ActorRef {
	by := slices.Clip(v.Actors)
	for _, q := range v.Queries {
		if q.Allow == v.Allow {
			by = append(by, q.Actors...)
		}
	}
	return by
}

// missingOf are the keys a view lacks.
func missingOf(v *model.View) []string {
	var out []string
	if len(v.Key) == 0 {
		out = append(out, "key")
	}
	if len(v.Fields) == 0 {
		out = append(out, "fields")
	}
	if len(v.From) == 0 {
		out = append(out, "from")
	}
	return out
}

func keyFields(v *model.View) []*model.Field {
	var out []*model.Field
	for _, k := range v.Key {
		if k.Field != nil && k.Field.Type != nil {
			out = append(out, k.Field)
		}
	}
	return out
}

// projection checks what one event does to a view.
func (c *checker) projection(v *model.View, p *model.Projection) {
	e := v.Context.Means(p.Event.Event)
	c.abroad(&p.Event, v.Context)
	if !allTyped(e.Fields) || !allTyped(v.Fields) {
		return
	}
	event, row := c.event(e), c.stampedRow(v)
	s := scope(v.Context, v.Name, notInProjection, event, expr.MetaVar())
	keys := keyFields(v)
	from := supplies{}
	from.fields(byEvent, e.Name, event)
	var key []Assigned
	if p.Where != nil {
		c.sqlable(p.Where, c.condition(p.Where, at(with(s, row), "where of", v.Name)), "row")
		from = nil // only what is set: the event is about other things than the row
	} else if key = c.rowKey(v, p, without(s, notInKey), from, keys); key == nil {
		return
	}
	if p.Delete || p.Custom {
		c.out.Projections[p] = Projection{Key: key}
		return
	}
	for _, a := range p.Set {
		if slices.Contains(keys, a.Field) {
			c.say(rule.KeySet, a.Pos, "%s is the key of %s: it says which row it is and does not change", a.Name, v.Name).
				With(diag.Fix("write key: {%s: …} to say which row", a.Name))
		}
	}
	rest := slices.DeleteFunc(slices.Clone(v.Fields), func(f *model.Field) bool { return slices.Contains(keys, f) })
	list := c.fill(filling{
		what: v.Name, pos: p.Event.Pos, key: "set",
		fields: rest, with: p.Set, scope: with(s, row), from: from, partial: true,
	})
	c.out.Projections[p] = Projection{Key: key, Set: list}
	if p.Where == nil && (p.Missing == model.Create || p.Missing == "") {
		c.newRow(v, p, rest, list)
	}
}

// rowKey finds the row an event is about; nil when that is not said.
func (c *checker) rowKey(v *model.View, p *model.Projection, s expr.Scope, from supplies, keys []*model.Field) []Assigned {
	given := keyed(p.Key, keys)
	ok := true
	list := make([]Assigned, 0, len(keys))
	for _, k := range keys {
		i := slices.IndexFunc(given, func(a *model.Assign) bool { return a.Field == k })
		if i >= 0 {
			t := c.expr(given[i].Value, at(s, "key", k.Name, "of", v.Name), k.Type)
			list = append(list, Assigned{Field: k, Value: t})
			ok = ok && t != nil
			continue
		}
		var t *expr.Tree
		if best := from.best(k.Name); len(best) == 1 {
			t = c.env.Fit(best[0].tree, k.Type)
			c.takes(k, best)
		}
		if t == nil {
			c.say(rule.NoKey, p.Event.Pos, "%s does not say which row of %s it is about: it carries no %s of type %s", p.Event.Event.Name, v.Name, k.Name, k.Type).
				With(diag.At(k.Pos, "the key"), c.keyFix(v.Context.Means(p.Event.Event), k))
			ok = false
		}
		list = append(list, Assigned{Field: k, Value: t})
	}
	if !ok {
		return nil
	}
	return list
}

// keyFix suggests a field of the event that could be the key.
func (c *checker) keyFix(e *model.Event, k *model.Field) diag.Option {
	if id := c.sys.IDMeant(k.Name); id != "" {
		return diag.Fix("%s", id)
	}
	var fit []string
	for _, f := range c.event(e).Type.Def.Fields {
		if c.convertible(f.Type, k.Type) {
			fit = append(fit, f.Name)
		}
	}
	switch near := diag.Nearest(k.Name, fit); {
	case near != "":
		return diag.Fix("write key: {%s: event.%s}", k.Name, near)
	case len(fit) == 1:
		return diag.Fix("write key: {%s: event.%s}, or `where` for many rows", k.Name, fit[0])
	}
	return diag.Fix("write key: {%s: …}, or `where` for many rows, or add %s to the event", k.Name, k.Name)
}

// newRow checks that a row an event creates has every value.
func (c *checker) newRow(v *model.View, p *model.Projection, fields []*model.Field, list []Assigned) {
	e := p.Event.Event
	for _, f := range fields {
		if hasStart(f) || slices.ContainsFunc(list, func(a Assigned) bool { return a.Field == f }) {
			continue
		}
		c.say(rule.UnsetField, p.Event.Pos, "%s creates a row of %s without %s", e.Name, v.Name, f.Name).
			With(diag.At(f.Pos, "the field has no default"),
				diag.Fix("set it, give it a default, make it %s, or write `missing: skip`", optional(f.Type)))
	}
	for _, a := range p.Set {
		expr.Walk(c.out.Trees[a.Value], func(t *expr.Tree) {
			if t.Reads("row") && t.Field != expr.StampsField() && !hasStart(t.Field) && !slices.Contains(keyFields(v), t.Field) {
				c.say(rule.BeforeCreation, a.Value.Node.PosAt(t.Offset), "%s may create the row: there is no row.%s before it", e.Name, t.Field.Name).
					With(diag.At(t.Field.Pos, "the field has no default"), diag.Fix("give %s a default, or write `missing: skip`", t.Field.Name))
			}
		})
	}
}

// twoMinds warns of fields that two aggregates set: order holds per aggregate
// only, so the last to arrive wins. Ids that are merely copied do not change.
func (c *checker) twoMinds(v *model.View) {
	for _, f := range v.Fields {
		var first *model.Projection
		for _, p := range v.From {
			i := slices.IndexFunc(c.out.Projections[p].Set, func(a Assigned) bool { return a.Field == f })
			if i < 0 || p.Event.Event == nil {
				continue
			}
			set := slices.ContainsFunc(p.Set, func(a *model.Assign) bool { return a.Field == f })
			if k := f.Type.Value().Kind; !set && (k == model.ID || k == model.Ref) {
				continue
			}
			if first == nil {
				first = p
			} else if a, b := first.Event.Event, p.Event.Event; a.Aggregate != b.Aggregate {
				c.say(rule.TwoMinds, f.Pos, "%s of %s is set from %s and from %s: the last to arrive wins", f.Name, v.Name, aggregateName(a), aggregateName(b)).
					With(diag.At(first.Event.Pos, "%s", a.Name), diag.At(p.Event.Pos, "%s", b.Name),
						diag.Fix("give each its own field"))
				break
			}
		}
	}
}

// allSet warns of fields that no event sets. Of a view that hears of something
// that is not there nothing is known.
func (c *checker) allSet(v *model.View) {
	set, creates := map[*model.Field]bool{}, false
	for _, p := range v.From {
		facts, ok := c.out.Projections[p]
		if !ok && !p.Delete || p.Custom {
			return
		}
		creates = creates || p.Missing == model.Create && p.Where == nil && !p.Delete
		for _, a := range facts.Set {
			set[a.Field] = true
		}
	}
	for _, k := range v.Key {
		set[k.Field] = true
	}
	for _, f := range v.Fields {
		if !set[f] && (hasStart(f) || !creates) { // else new rows lack it, which was reported
			c.say(rule.NeverSet, f.Pos, "no event sets %s of %s", f.Name, v.Name).
				With(diag.Fix("set it from an event, or leave it out"))
		}
	}
}

func aggregateName(e *model.Event) string {
	if e.Aggregate == nil {
		return e.Name
	}
	return e.Aggregate.Name
}

// query checks a named question to a view.
func (c *checker) query(v *model.View, q *model.Query) {
	c.typed(&q.Node, "the input of "+q.Name, q.Input, v.Fields)
	c.fields(v.Context, "the input of "+q.Name, q.Input)
	for _, f := range q.Input {
		if name := names.JSON(&f.Node); names.IsPageParameter(name) {
			c.say(rule.ReservedName, f.Pos, "%s says which page is meant of every query, and cannot be asked for by %s", name, q.Name).
				With(diag.Fix("call it otherwise, or give it a code"))
		}
	}
	input := expr.Var{Name: "input", Type: c.object(q, q.Name, nil, q.Input)}
	s := askedBy(scope(v.Context, q.Name, notInQuery, c.stampedRow(v), input, expr.NowVar()), q.Actors, c.index.called[q])
	c.sqlable(q.Where, c.condition(q.Where, at(s, "where of", q.Name)), "row")
	c.sortable(q.Sort)
	if q.Allow != v.Allow {
		c.condition(q.Allow, askedBy(scope(v.Context, "allow of "+q.Name, notInViewAllow, c.stampedRow(v)), q.Actors, false))
	}
}
