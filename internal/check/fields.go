package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// types checks the expressions of declared types.
func (c *checker) types(x *model.Context, defs []*model.TypeDef) {
	for _, d := range defs {
		if d.Check != nil && d.Is != nil {
			c.condition(d.Check, valueScope(x, "check of "+d.Name, d.Is))
		}
		c.typed(&d.Node, d.Name, slices.Concat(d.Fields, d.Untyped))
		c.fields(x, d.Name, d.Fields)
	}
}

// fields checks the expressions that hang on fields: checks and computed
// defaults. A field that took its type from another shares its expressions.
func (c *checker) fields(x *model.Context, owner string, fields []*model.Field) {
	for _, f := range fields {
		if f.Type == nil {
			continue
		}
		if f.Check != nil && c.out.Trees[f.Check] == nil {
			c.condition(f.Check, valueScope(x, "check of "+f.Name+" of "+owner, f.Type.Value()))
		}
		if d := f.Default; d != nil && d.Expr != nil && c.out.Trees[d.Expr] == nil {
			c.expr(d.Expr, scope(x, "default of "+f.Name+" of "+owner, notInDefault), f.Type)
		}
	}
}

func valueScope(x *model.Context, place string, t *model.Type) expr.Scope {
	return scope(x, place, notInCheck, expr.Var{Name: "value", Type: t})
}

// external checks the operations of somebody else's system, and the events
// that its webhooks become.
func (c *checker) external(x *model.External) {
	for _, o := range x.Operations {
		c.typed(&o.Node, "the input of "+o.Name, slices.Concat(o.Input, o.UntypedInput))
		c.typed(&o.Node, "the reply of "+o.Name, slices.Concat(o.Reply, o.UntypedReply))
		c.fields(nil, "the input of "+o.Name, o.Input)
		c.fields(nil, "the reply of "+o.Name, o.Reply)
	}
	for _, e := range x.Events {
		c.typed(&e.Node, e.Name, e.Fields)
		c.fields(nil, e.Name, e.Fields)
		c.passedOn(e)
		c.heard(e)
	}
}

// typed reports whether every field has a type. Fields listed by name alone
// take theirs from the givers; where those have types, a field without one is
// an error, else it waits for them.
func (c *checker) typed(owner *model.Node, whose string, fields []*model.Field, givers ...[]*model.Field) bool {
	var known []string
	for _, g := range append(givers, fields) {
		for _, f := range g {
			if f.Type != nil {
				known = append(known, f.Name)
			}
		}
	}
	ok := true
	for _, f := range fields {
		switch {
		case f.Type != nil || slices.Contains(c.index.untyped, f.Name): // a wrong type was reported when the model was read
		case len(known) > 0:
			ok = false
			c.say(rule.NoType, f.Pos, "%s of %s has no type, and nothing it could come from is called so", f.Name, whose).
				With(typeFix(f, known))
		default:
			ok = false
			c.incomplete(owner, f.Pos, "write its type: {"+f.Name+": string}", "%s of %s has no type yet", f.Name, whose)
		}
		ok = ok && f.Type != nil
	}
	return ok
}

func typeFix(f *model.Field, known []string) diag.Option {
	if near := diag.Nearest(f.Name, known); near != "" && near != f.Name {
		return diag.Fix("did you mean %q? else write its type: {%s: string}", near, f.Name)
	}
	return diag.Fix("write its type: {%s: string}", f.Name)
}
