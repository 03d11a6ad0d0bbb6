package expr

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"

	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// as checks an expression that must be of a type; place says what for.
func (c *checker) as(x ast.Expr, want *model.Type, place string) *Tree {
	t := c.expr(x, want)
	if t == nil {
		return nil
	}
	return c.convert(t, want, x, place)
}

// convert gives a tree a type, or reports that it has another.
func (c *checker) convert(t *Tree, want *model.Type, x ast.Expr, place string) *Tree {
	if isOptional(t.Type) && !(isOptional(want) && t.Type.Same(want)) {
		if t = c.value(t, x); t == nil {
			return nil
		}
	}
	out := fit(t, want)
	if out == nil {
		have, need := names2(t.Type, want)
		return c.fail(rule.ExprType, c.src.start(x), c.mismatchFix(t, want, x), "%s must be %s, but this is %s", place, need, have)
	}
	return out
}

// fit converts a tree to a type where that needs no word of the author: an int
// to a decimal, a value to an optional one, a constrained scalar to what it is
// made of and back (checked when it happens), and lists of such. It is nil when
// there is no such way.
func fit(t *Tree, want *model.Type) *Tree {
	have := t.Type
	switch {
	case have.Same(want):
		return t
	case t.Op == Cond:
		return fitBranches(t, want)
	case isOptional(want):
		if v := fit(t, want.Elem); v != nil {
			return convertTo(v, want)
		}
	case isConstrained(want):
		if base := fit(t, want.Def.Is); base != nil && !unrelated(have, want) {
			return convertTo(base, want)
		}
	case isConstrained(have):
		return fit(convertTo(t, have.Def.Is), want)
	case have.Kind == model.Int && want.Kind == model.Decimal:
		if n, ok := t.Value.(int64); ok && t.Op == Const {
			return &Tree{Op: Const, Type: want, Value: Decimal(fmt.Sprint(n)), Offset: t.Offset}
		}
		return convertTo(t, want)
	case have.Kind == model.List && want.Kind == model.List:
		return fitList(t, want)
	}
	return nil
}

// fitBranches converts both branches of a condition.
func fitBranches(t *Tree, want *model.Type) *Tree {
	yes, no := fit(t.Args[1], want), fit(t.Args[2], want)
	if yes == nil || no == nil {
		return nil
	}
	return &Tree{Op: Cond, Type: want, Args: []*Tree{t.Args[0], yes, no}, Offset: t.Offset}
}

// unrelated reports whether two constrained scalars have nothing to do with
// one another: a Phone is no Email, though both are strings.
func unrelated(have, want *model.Type) bool {
	for t := have; isConstrained(t); t = t.Def.Is {
		if t.Same(want) {
			return false
		}
	}
	for t := want; isConstrained(t); t = t.Def.Is {
		if t.Same(have) {
			return false
		}
	}
	return isConstrained(have)
}

// fitList converts the elements of a list.
func fitList(t *Tree, want *model.Type) *Tree {
	elem := &Tree{Op: Name, Type: t.Type.Elem, Ident: "v", binding: "fit", Offset: t.Offset}
	body := fit(elem, want.Elem)
	if body == nil {
		return nil
	}
	return &Tree{Op: Macro, Ident: "map", Var: "v", Type: want, Args: []*Tree{t, body}, Offset: t.Offset}
}

func convertTo(t *Tree, want *model.Type) *Tree {
	return &Tree{Op: Convert, Type: want, Args: []*Tree{t}, Offset: t.Offset}
}

// base is a tree as a plain scalar: without constraints.
func base(t *Tree) *Tree {
	if isConstrained(t.Type) {
		return fit(t, t.Type.Scalar())
	}
	return t
}

// literals refuses the constants that break the check of the constrained scalar
// they are made to be, wherever they stand: in a branch, in a list.
func (c *checker) literals(t *Tree) {
	if t.Op == Convert && isConstrained(t.Type) {
		if of := t.constant(); of != nil && c.broken(of, t.Type.Def) {
			c.fail(rule.ExprLiteral, of.Offset, "", "%s is no %s", c.src.literal(of.Offset), t.Type.Def.Name)
			return
		}
	}
	for _, x := range slices.Concat(t.Keys, t.Args) {
		c.literals(x)
	}
}

// constant is the constant below conversions, nil when there is none.
func (t *Tree) constant() *Tree {
	for t.Op == Convert {
		t = t.Args[0]
	}
	if t.Op != Const {
		return nil
	}
	return t
}

// broken reports whether a constant breaks the check of a constrained scalar.
func (c *checker) broken(t *Tree, d *model.TypeDef) bool {
	cond := c.constraint(d)
	if cond == nil {
		return false
	}
	v, err := Eval(fit(t, d.Is.Scalar()), nil)
	if err != nil {
		return true
	}
	ok, err := Eval(cond, map[string]any{"value": v})
	return err != nil || ok == false
}

// constraint is the check of a constrained scalar, over `value`; nil when it
// has none, or none that could be read, which is said where the type is.
func (e *Env) constraint(d *model.TypeDef) *Tree {
	if t, ok := e.env.checks[d]; ok || d.Check == nil || e.env.sealed {
		return t
	}
	e.env.checks[d] = nil // a check that needs itself finds nothing
	e.env.checks[d], _ = e.text(d.Check.Text, &Scope{Context: d.Context, Vars: []Var{{Name: "value", Type: d.Is}}, Want: boolType})
	return e.env.checks[d]
}

// arm gives the conversions to constrained scalars their checks, for
// evaluation.
func (e *Env) arm(t *Tree) {
	if t.Op == Convert && isConstrained(t.Type) {
		t.check = e.constraint(t.Type.Def)
	}
	for _, x := range slices.Concat(t.Keys, t.Args) {
		e.arm(x)
	}
}

// mismatchFix says how to make the type that is wanted of the one that is
// there.
func (c *checker) mismatchFix(t *Tree, want *model.Type, x ast.Expr) string {
	want = want.Value()
	text := "…"
	if w := c.src.literal(c.src.start(x)); t.Op == Const && w != "" {
		text = w
	}
	switch {
	case want.IsEnum():
		if v, ok := t.Value.(string); ok && enumValue(want, v) != nil {
			return "write " + v + " without quotes"
		}
		return fmt.Sprintf("write one of %s", want.Def.Name+"."+want.Def.Enum[0].Name+", …")
	case is(t.Type, model.String) && isID(want):
		return "write id(" + text + ")"
	case is(t.Type, model.String) && t.Op == Const && (is(want, model.Date) || is(want, model.Time) || is(want, model.Duration) || is(want, model.Decimal)):
		return fmt.Sprintf("write %s(%s)", want.Scalar(), text)
	case is(want, model.String) && printable(t.Type):
		return "write string(…)"
	case is(t.Type, model.Time) && is(want, model.Date):
		return "write date(…), the day in the system's zone"
	case is(t.Type, model.Duration) && is(want, model.Int):
		return "write days(…) or hours(…)"
	case is(t.Type, model.Decimal) && is(want, model.Int):
		return "an int has no fraction; make the target a decimal"
	case t.Type.Kind == model.List && isNumber(hint(t.Type, model.List)) && isNumber(want):
		return "write ….sum()"
	}
	return ""
}

// eitherFix says how to make the type of another expression of a tree, or else
// of the other expression the tree's.
func (c *checker) eitherFix(t *Tree, want *model.Type, x ast.Expr, other *Tree, y ast.Expr) string {
	if fix := c.mismatchFix(t, want, x); fix != "" || other == nil {
		return fix
	}
	return c.mismatchFix(other, t.Type, y)
}

// printable reports whether string(…) takes a type.
func printable(t *model.Type) bool {
	return isNumber(t) || isID(t) || is(t, model.Date) || is(t, model.Time) || is(t, model.Bool)
}

// wider is the type both of two types fit, or the first when there is none.
func wider(a, b *model.Type) *model.Type {
	switch {
	case a == nil:
		return b
	case b == nil || a.Same(b):
		return a
	case fit(&Tree{Type: a}, b) != nil && !isConstrained(b):
		return b
	case isConstrained(a) && isConstrained(b) && a.Scalar().Same(b.Scalar()):
		return a.Scalar()
	}
	return a
}
