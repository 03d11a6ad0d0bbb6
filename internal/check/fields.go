package check

import (
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// types checks the expressions of declared types.
func (c *checker) types(x *model.Context, defs []*model.TypeDef) {
	for _, d := range defs {
		if d.Check != nil && d.Is != nil {
			c.condition(d.Check, valueScope(x, "check of "+d.Name, d.Is))
		}
		c.typed(&d.Node, d.Name, d.Fields)
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
		c.typed(&o.Node, "the input of "+o.Name, o.Input)
		c.typed(&o.Node, "the reply of "+o.Name, o.Reply)
		c.fields(nil, "the input of "+o.Name, o.Input)
		c.fields(nil, "the reply of "+o.Name, o.Reply)
	}
	for _, e := range x.Events {
		c.typed(&e.Node, e.Name, e.Fields)
		c.fields(nil, e.Name, e.Fields)
		c.heard(e)
	}
}
