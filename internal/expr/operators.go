package expr

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// binarySigns are CEL's names of the operators with two sides.
var binarySigns = map[string]string{
	operators.Equals: "==", operators.NotEquals: "!=",
	operators.Less: "<", operators.LessEquals: "<=", operators.Greater: ">", operators.GreaterEquals: ">=",
	operators.Add: "+", operators.Subtract: "-", operators.Multiply: "*", operators.Divide: "/", operators.Modulo: "%",
}

// call checks whatever CEL parses to a call: operators, macros, functions.
func (c *checker) call(x ast.Expr, want *model.Type) *Tree {
	call := x.AsCall()
	name, args := call.FunctionName(), call.Args()
	switch name {
	case operators.LogicalAnd:
		return c.logical(x, "&&", args)
	case operators.LogicalOr:
		return c.logical(x, "||", args)
	case operators.LogicalNot:
		return c.not(x, args[0])
	case operators.Negate:
		return c.negate(x, args[0], want)
	case operators.Conditional:
		return c.cond(x, args, want)
	case operators.In:
		return c.in(x, args[0], args[1])
	case operators.Index:
		return c.index(x, args[0], args[1])
	}
	if sign, ok := binarySigns[name]; ok {
		if strings.ContainsAny(sign, "=<>") {
			return c.compare(x, sign, args[0], args[1])
		}
		return c.arithmetic(x, sign, args[0], args[1], want)
	}
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	return c.function(x, c.src.name(name), args, want)
}

// binary makes a tree of an operator with two sides.
func (c *checker) binary(x ast.Expr, sign string, t *model.Type, l, r *Tree) *Tree {
	out := c.node(x, Binary, t, l, r)
	out.Ident = sign
	return out
}

// logical checks a && b && … from left to right: each side knows what those
// before it have shown.
func (c *checker) logical(x ast.Expr, sign string, args []ast.Expr) *Tree {
	n := len(c.known)
	defer func() { c.known = c.known[:n] }()
	var out *Tree
	ok := true
	for i, arg := range args {
		t := c.as(arg, boolType, "each side of "+sign)
		if t == nil {
			ok = false
			continue
		}
		c.known.learn(t, sign == "&&")
		if i == 0 {
			out = t
		} else if ok {
			out = c.binary(x, sign, boolType, out, t)
		}
	}
	if !ok {
		return nil
	}
	return out
}

func (c *checker) not(x, arg ast.Expr) *Tree {
	t := c.as(arg, boolType, "what ! negates")
	if t == nil {
		return nil
	}
	out := c.node(x, Unary, boolType, t)
	out.Ident = "!"
	return out
}

func (c *checker) negate(x, arg ast.Expr, want *model.Type) *Tree {
	t := c.operand(arg, want)
	if t == nil {
		return nil
	}
	if !isNumber(t.Type) {
		return c.fail(rule.ExprType, c.src.start(x), "", "- needs a number, but this is %s", a(t.Type))
	}
	t = base(t)
	out := c.node(x, Unary, t.Type, t)
	out.Ident = "-"
	return out
}

// cond checks a ? b : c. Each branch knows what the condition shows.
func (c *checker) cond(x ast.Expr, args []ast.Expr, want *model.Type) *Tree {
	test := c.as(args[0], boolType, "what stands before ?")
	xs := [2]ast.Expr{args[1], args[2]}
	order := [2]int{0, 1}
	if c.needsHint(xs[0]) {
		order = [2]int{1, 0}
	}
	var branches [2]*Tree
	var typ *model.Type
	for _, i := range order {
		c.assuming(test, i == 0, func() {
			hint := want
			if hint == nil {
				hint = typ
			}
			t := c.expr(xs[i], hint)
			if !isOptional(want) {
				t = c.value(t, xs[i])
			}
			if branches[i] = t; t != nil {
				typ = wider(typ, t.Type)
			}
		})
	}
	if test == nil || branches[0] == nil || branches[1] == nil {
		return nil
	}
	for i, t := range branches {
		if branches[i] = fit(t, typ); branches[i] == nil {
			have, other := names2(branches[1-i].typeOr(typ), t.Type)
			return c.fail(rule.ExprType, c.src.mark(x), c.eitherFix(t, typ, xs[i], branches[1-i], xs[1-i]), "one branch is %s, the other %s", have, other)
		}
	}
	return c.node(x, Cond, typ, test, branches[0], branches[1])
}

// needsHint reports whether the type of an expression depends on its place: a
// bare name that is no variable, an empty list.
func (c *checker) needsHint(x ast.Expr) bool {
	switch x.Kind() {
	case ast.IdentKind:
		return c.variable(c.src.name(x.AsIdent())) == nil
	case ast.ListKind:
		return x.AsList().Size() == 0 || c.needsHint(x.AsList().Elements()[0])
	case ast.MapKind:
		return x.AsMap().Size() == 0
	case ast.CallKind:
		call := x.AsCall()
		return call.FunctionName() == operators.Conditional && c.needsHint(call.Args()[1]) && c.needsHint(call.Args()[2])
	}
	return false
}

// pair checks two expressions that shall be of one type, and converts them to
// it where that needs no word.
func (c *checker) pair(x, y ast.Expr, want *model.Type) (l, r *Tree) {
	if c.needsHint(x) && !c.needsHint(y) {
		if r = c.operand(y, want); r == nil {
			return nil, nil
		}
		l = c.operand(x, r.Type)
	} else {
		l = c.operand(x, want)
		if l == nil && c.needsHint(y) {
			return nil, nil // what y is, only x could have told
		}
		r = c.operand(y, l.typeOr(want))
	}
	if l == nil || r == nil {
		return nil, nil
	}
	if !l.Type.Same(r.Type) || !comparable(l.Type) {
		l, r = base(l), base(r)
	}
	if v := fit(l, r.Type); v != nil {
		return v, r
	}
	if v := fit(r, l.Type); v != nil {
		return l, v
	}
	return l, r
}

// typeOr is the type of a tree, another one of none.
func (t *Tree) typeOr(otherwise *model.Type) *model.Type {
	if t == nil {
		return otherwise
	}
	return t.Type
}

// comparable reports whether Go's == compares values of a type.
func comparable(t *model.Type) bool {
	switch t.Scalar().Kind {
	case model.Decimal, model.Time, model.List, model.Map:
		return false
	}
	return !t.IsObject()
}

// compare checks == != < <= > >=.
func (c *checker) compare(x ast.Expr, sign string, left, right ast.Expr) *Tree {
	l, r := c.pair(left, right, nil)
	if l == nil || r == nil {
		return nil
	}
	if !l.Type.Same(r.Type) {
		fix := c.eitherFix(r, l.Type, right, l, left)
		if l.Op == Binary && is(l.Type, model.Bool) && strings.ContainsAny(l.Ident, "<>") {
			fix = "write a < b && b < c"
		}
		have, other := names2(l.Type, r.Type)
		return c.fail(rule.ExprType, c.src.mark(x), fix, "%s cannot be compared with %s", have, other)
	}
	if sign != "==" && sign != "!=" {
		if !isOrdered(l.Type) {
			return c.fail(rule.ExprType, c.src.mark(x), orderFix(l.Type), "%s has no order, so no %s", a(l.Type), sign)
		}
		l, r = base(l), base(r)
	}
	return c.binary(x, sign, boolType, l, r)
}

func orderFix(t *model.Type) string {
	switch {
	case t.IsEnum():
		return fmt.Sprintf("write … in [%s.%s, …]", t.Def.Name, t.Def.Enum[0].Name)
	case t.Kind == model.List:
		return "compare size(…)"
	}
	return ""
}

// arithmetic checks + - * / %.
func (c *checker) arithmetic(x ast.Expr, sign string, left, right ast.Expr, want *model.Type) *Tree {
	l, r := c.pair(left, right, hintOf(sign, want))
	if l == nil || r == nil {
		return nil
	}
	l, r = base(l), base(r)
	if t := resultOf(sign, l.Type, r.Type); t != nil {
		return c.binary(x, sign, t, l, r)
	}
	fix := ""
	switch lt, rt := l.Type, r.Type; {
	case sign == "/" && lt.Kind == model.Decimal && rt.Kind == model.Decimal:
		return c.fail(rule.ExprType, c.src.mark(x), "write round(a / b, 2), with the number of decimal places", "a decimal is divided only inside round, which says how exact the result is")
	case sign == "+" && lt.Kind == model.String && printable(rt), sign == "+" && rt.Kind == model.String && printable(lt):
		fix = "write string(…)"
	case lt.Kind == model.Time && rt.Kind == model.Int:
		fix = "write days(…), hours(…) or duration('15m')"
	case lt.Kind == model.Date && rt.Kind == model.Int:
		fix = "write days(…)"
	case sign == "+" && lt.Kind == model.List:
		fix = "write + […]"
	}
	have, other := a(l.Type), a(r.Type)
	return c.fail(rule.ExprType, c.src.mark(x), fix, "%s cannot be used with %s and %s", sign, have, other)
}

// hintOf is what the sides of an operator may take from what is wanted of it.
func hintOf(sign string, want *model.Type) *model.Type {
	if sign == "+" && want.Value() != nil && want.Value().Kind == model.List {
		return want.Value()
	}
	return nil
}

// resultOf is the type an operator gives, nil when it takes no such sides.
func resultOf(sign string, l, r *model.Type) *model.Type {
	lk, rk := l.Kind, r.Kind
	switch {
	case lk == model.Int && rk == model.Int:
		return intType
	case lk == model.Decimal && rk == model.Decimal && strings.Contains("+-*", sign):
		return decimalType
	case lk == model.Duration && rk == model.Duration && strings.Contains("+-", sign):
		return durationType
	case sign == "*" && (lk == model.Duration && rk == model.Int || lk == model.Int && rk == model.Duration):
		return durationType
	case sign == "+" && lk == model.String && rk == model.String:
		return stringType
	case sign == "+" && lk == model.List && l.Same(r):
		return l
	case (lk == model.Time || lk == model.Date) && rk == model.Duration && strings.Contains("+-", sign):
		return l
	case sign == "+" && lk == model.Duration && (rk == model.Time || rk == model.Date):
		return r
	case sign == "-" && lk == rk && (lk == model.Time || lk == model.Date):
		return durationType
	}
	return nil
}

// in checks x in list, and 'key' in map.
func (c *checker) in(x, left, right ast.Expr) *Tree {
	var l, r *Tree
	if c.needsHint(left) {
		r = c.operand(right, nil)
		if r != nil {
			l = c.operand(left, hint(r.Type, model.List))
		}
	} else if l = c.operand(left, nil); l != nil {
		r = c.operand(right, listOf(l.Type))
	}
	if l == nil || r == nil {
		return nil
	}
	switch {
	case r.Type.Kind == model.Map && is(l.Type, model.String):
		return c.binary(x, "in", boolType, base(l), r)
	case r.Type.Kind == model.String && l.Type.Kind == model.String:
		return c.fail(rule.ExprType, c.src.mark(x), "write text.contains(…)", "in looks into a list, not into a text")
	case r.Type.Kind != model.List:
		return c.fail(rule.ExprType, c.src.mark(x), "", "in needs a list or a map, but this is %s", a(r.Type))
	}
	if v := fit(l, r.Type.Elem); v != nil && !isConstrained(r.Type.Elem) {
		return c.binary(x, "in", boolType, v, r)
	}
	if v := fit(r, listOf(base(l).Type)); v != nil {
		return c.binary(x, "in", boolType, base(l), v)
	}
	have, other := names2(l.Type, r.Type.Elem)
	return c.fail(rule.ExprType, c.src.mark(x), c.mismatchFix(l, r.Type.Elem, left), "%s cannot be in a list of which each is %s", have, other)
}

// index checks list[0] and map['key'].
func (c *checker) index(x, left, right ast.Expr) *Tree {
	l := c.operand(left, nil)
	if l == nil {
		return nil
	}
	key := intType
	switch l.Type.Kind {
	case model.List:
	case model.Map:
		key = stringType
	default:
		return c.fail(rule.ExprType, c.src.mark(x), "", "%s has no elements, so no [ ]", a(l.Type))
	}
	r := c.as(right, key, "what stands in [ ]")
	if r == nil {
		return nil
	}
	return c.node(x, Index, l.Type.Elem, l, r)
}
