package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// link checks which rows of another view a row points to: those that agree with
// what is written or, where nothing is, the one of the same key.
func (c *checker) link(v *model.View, l *model.Link) {
	to := l.To.View
	if to == nil || !allTyped(to.Fields) {
		return
	}
	row := c.row(v)
	fields, from := to.Fields, supplies(nil)
	if len(l.By) == 0 {
		fields, from = keyFields(to), supplies{}
		from.fields(byEvent, v.Name, row)
	}
	c.out.Links[l] = Link{By: c.fill(filling{
		what: to.Name, pos: l.Pos, key: "by", fields: fields, with: l.By,
		scope: scope(v.Context, "link "+l.Name+" of "+v.Name, notInLink, row), from: from, partial: len(l.By) > 0,
	})}
	for _, a := range l.By {
		if f := a.Field; f != nil && f.Type != nil && !isScalar(f.Type.Value()) {
			c.say(rule.ScalarField, a.Pos, "rows of %s cannot be found by %s: it is %s", to.Name, f.Name, f.Type).
				With(diag.At(f.Pos, "%s here", f.Type), diag.Fix("take a field that holds a single value"))
		}
	}
}

// composition checks that every part of an answer finds its row.
func (c *checker) composition(x *model.Composition) {
	c.seen(x)
	c.listedBy(x)
	for _, p := range x.Parts {
		v := p.From.View
		if v == nil {
			continue
		}
		for _, k := range keyFields(v) {
			if !slices.ContainsFunc(p.Keys, func(g *model.PathKey) bool { return g.Column.Field == k }) {
				c.say(rule.NoKey, p.Pos, "%s of %s does not say which row of %s it is: its key has %s", p.Name, x.Name, v.Name, k.Name).
					With(diag.At(k.Pos, "the key"), diag.Fix("take %s from the path", k.Name))
			}
		}
	}
}

// listedBy checks that what finds the rows of a list, and their parts, is a
// single value.
func (c *checker) listedBy(x *model.Composition) {
	if x.List == nil || x.List.View == nil || x.HTTP == nil {
		return
	}
	for _, name := range x.HTTP.Params() {
		if f := named(x.List.View.Fields, name); f != nil && f.Type != nil && !isScalar(f.Type.Value()) {
			c.say(rule.RouteField, x.HTTP.Pos, "{%s} cannot stand in a path: it is %s", name, f.Type).With(diag.At(f.Pos, "%s here", f.Type))
		}
	}
	for _, p := range x.Parts {
		for _, k := range p.Keys {
			if f := k.Of; f != nil && f.Type != nil && !isScalar(f.Type.Value()) {
				c.say(rule.ScalarField, k.Param.Pos, "no row is found by %s: it is %s", f.Name, f.Type).
					With(diag.At(f.Pos, "%s here", f.Type), diag.Fix("take a column that holds a single value"))
			}
		}
	}
}

// seen warns of parts that those who ask may not see: the gateway asks for them.
func (c *checker) seen(x *model.Composition) {
	if x.List != nil {
		c.hidden(x, x.List.View, x.List.Pos)
	}
	for _, p := range x.Parts {
		c.hidden(x, p.From.View, p.Pos)
	}
}

func (c *checker) hidden(x *model.Composition, v *model.View, pos source.Pos) {
	if v == nil {
		return
	}
	for _, a := range x.Actors {
		if a.Actor != nil && !slices.ContainsFunc(v.Actors, func(o *model.ActorRef) bool { return o.Actor == a.Actor }) {
			c.say(rule.HiddenPart, pos, "%s may ask for %s, and not see %s in it", a.Actor.Name, x.Name, v.Name).
				With(diag.At(v.Pos, "the view"), diag.Fix("add %s to the actors of %s, or leave the part out", a.Text, v.Name))
		}
	}
}
