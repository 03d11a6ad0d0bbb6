package meaning

import (
	"math/big"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// condition is a condition in the form in which it is compared: claims joined
// by and and or; ! stands before claims only.
type condition struct {
	op    operator
	parts []condition // of and, or: without conditions of the same kind
	claim claim
	fixed bool // the order of the parts matters: one may come to no value
}

type operator uint8

const (
	always operator = iota
	never
	single // claim
	and
	or
)

func (c condition) not() condition {
	switch c.op {
	case always:
		return condition{op: never}
	case never:
		return condition{op: always}
	case single:
		return condition{op: single, claim: c.claim.not()}
	}
	out := condition{op: and + or - c.op, fixed: c.fixed}
	for _, p := range c.parts {
		out.parts = append(out.parts, p.not())
	}
	return out
}

func (c condition) key() string {
	switch c.op {
	case always:
		return "true"
	case never:
		return "false"
	case single:
		return c.claim.key()
	}
	parts := make([]string, len(c.parts))
	for i, p := range c.parts {
		parts[i] = p.key()
	}
	if !c.fixed {
		slices.Sort(parts)
		parts = slices.Compact(parts)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return map[operator]string{and: "and", or: "or"}[c.op] + "(" + strings.Join(parts, ",") + ")"
}

// joined joins conditions; those that decide nothing are left out.
func joined(op operator, fixed bool, conditions ...condition) condition {
	neutral, absorbing := always, never
	if op == or {
		neutral, absorbing = never, always
	}
	out := condition{op: op, fixed: fixed}
	for _, c := range conditions {
		switch {
		case c.op == neutral:
		case c.op == absorbing && !fixed:
			return c
		case c.op == op && c.fixed == fixed:
			out.parts = append(out.parts, c.parts...)
		default:
			out.parts = append(out.parts, c)
		}
	}
	switch len(out.parts) {
	case 0:
		return condition{op: neutral}
	case 1:
		return out.parts[0]
	}
	return out
}

// condition reads an expression that is true or false.
func (r reading) condition(t *expr.Tree) condition {
	switch t.Op {
	case expr.Const:
		if t.Value == true {
			return condition{op: always}
		}
		return condition{op: never}
	case expr.Convert:
		if widens(t) {
			return r.condition(t.Args[0])
		}
	case expr.Unary:
		return r.condition(t.Args[0]).not()
	case expr.Binary:
		return r.binary(t)
	case expr.Cond:
		is, fixed := r.condition(t.Args[0]), mayFault(t)
		return joined(or, fixed, joined(and, fixed, is, r.condition(t.Args[1])), joined(and, fixed, is.not(), r.condition(t.Args[2])))
	case expr.Macro:
		if t.Ident == "exists" { // as !all(!…)
			return r.all(t, true).not()
		}
		return r.all(t, false)
	case expr.Call:
		return r.call(t)
	}
	return r.opaque(t)
}

// all is a condition on all elements of a list.
func (r reading) all(t *expr.Tree, negated bool) condition {
	inner := reading{append(slices.Clip(r.bound), t.Var)}
	body := inner.condition(t.Args[1])
	if negated {
		body = body.not()
	}
	return condition{op: single, claim: claim{about: "all(" + r.key(t.Args[0]) + "," + body.key() + ")"}}
}

// opaque is a condition of which nothing is known but when it is the same.
func (r reading) opaque(t *expr.Tree) condition {
	return condition{op: single, claim: claim{about: r.plain(t), tree: t}}
}

func (r reading) call(t *expr.Tree) condition {
	switch t.Func.Name {
	case "matches", "startsWith", "endsWith":
	case "contains":
		if t.Args[0].Type.Kind == model.List {
			return r.member(t.Args[1], t.Args[0])
		}
	default:
		return r.opaque(t)
	}
	if what, ok := literal(t.Args[1]); ok && !isLiteral(t.Args[0]) {
		return condition{op: single, claim: claim{kind: ofText, about: r.key(t.Args[0]), tree: t.Args[0], asks: t.Func.Name, text: what}}
	}
	return r.opaque(t)
}

func isLiteral(t *expr.Tree) bool { _, ok := literal(t); return ok }

// literal is the text an expression is.
func literal(t *expr.Tree) (string, bool) {
	switch t.Op {
	case expr.Convert:
		if widens(t) {
			return literal(t.Args[0])
		}
	case expr.Call:
		if t.Func.Name == "id" {
			return literal(t.Args[0])
		}
	case expr.Const:
		text, ok := t.Value.(string)
		return text, ok
	}
	return "", false
}

// member reads x in list.
func (r reading) member(x, list *expr.Tree) condition {
	for list.Op == expr.Convert {
		list = list.Args[0]
	}
	if list.Op != expr.ListOf {
		return condition{op: single, claim: claim{about: "in(" + r.key(x) + "," + r.key(list) + ")"}}
	}
	var any []condition
	for _, e := range list.Args {
		any = append(any, r.equal(x, e))
	}
	return joined(or, mayFault(x) || mayFault(list), any...)
}

func (r reading) binary(t *expr.Tree) condition {
	left, right := t.Args[0], t.Args[1]
	fixed := mayFault(t)
	switch t.Ident {
	case "&&":
		return joined(and, fixed, r.condition(left), r.condition(right))
	case "||":
		return joined(or, fixed, r.condition(left), r.condition(right))
	case "==":
		return r.equal(left, right)
	case "!=":
		return r.equal(left, right).not()
	case "in":
		return r.member(left, right)
	}
	if measured(left.Type) && measured(right.Type) {
		return r.compared(t.Ident, left, right)
	}
	// Of texts: all are said by <.
	switch t.Ident {
	case ">":
		return r.less(right, left)
	case ">=":
		return r.less(left, right).not()
	case "<=":
		return r.less(right, left).not()
	}
	return r.less(left, right)
}

func (r reading) less(a, b *expr.Tree) condition {
	return condition{op: single, claim: claim{about: "less(" + r.key(a) + "," + r.key(b) + ")"}}
}

func (r reading) equal(a, b *expr.Tree) condition {
	for _, s := range [][2]*expr.Tree{{a, b}, {b, a}} {
		thing, value := s[0], bare(s[1])
		if text, ok := literal(value); ok && !isLiteral(thing) {
			return condition{op: single, claim: claim{kind: ofText, about: r.key(thing), tree: thing, asks: "==", text: text}}
		}
		if value.Op == expr.Enum && bare(thing).Op != expr.Enum {
			return condition{op: single, claim: claim{kind: ofEnum, about: r.key(thing), tree: thing, text: spelledValue(value.Enum), enum: value.Type.Value().Def}}
		}
	}
	// What may be absent is equal to nothing at all, which no number is.
	there := a.Type.Kind != model.Optional && b.Type.Kind != model.Optional
	if there && measured(a.Type) && measured(b.Type) {
		return r.compared("==", a, b)
	}
	if there && a.Type.Scalar().Kind == model.Bool {
		x, y, fixed := r.condition(a), r.condition(b), mayFault(a) || mayFault(b)
		return joined(or, fixed, joined(and, fixed, x, y), joined(and, fixed, x.not(), y.not()))
	}
	keys := []string{r.key(a), r.key(b)}
	slices.Sort(keys)
	return condition{op: single, claim: claim{about: "equal(" + keys[0] + "," + keys[1] + ")"}}
}

// bare is an expression without conversions that change nothing.
func bare(t *expr.Tree) *expr.Tree {
	for t.Op == expr.Convert && widens(t) {
		t = t.Args[0]
	}
	return t
}

// compared reads a op b of numbers as (a - b) op 0, with what is constant on
// the right, and without a common factor.
func (r reading) compared(op string, a, b *expr.Tree) condition {
	diff, n := r.sum(a).plus(r.sum(b).scaled(big.NewRat(-1, 1))).rest()
	n = new(big.Rat).Neg(n)
	if len(diff) == 0 {
		if holds(op, new(big.Rat).Cmp(n)) {
			return condition{op: always}
		}
		return condition{op: never}
	}
	factor := diff.factor()
	diff = diff.scaled(factor)
	n.Mul(n, factor)
	if factor.Sign() < 0 {
		op = mirrored[op]
	}
	whole := true
	var only *expr.Tree
	for _, p := range diff {
		whole = whole && p.whole
		if len(diff) == 1 && p.times.IsInt() && p.times.Num().Int64() == 1 {
			only = p.only
		}
	}
	c := claim{kind: ofNumber, about: diff.key(), tree: only, asks: op, limit: n, whole: whole}
	if only != nil && only.Op == expr.Call && only.Func.Name == "size" {
		c.counts = true
		if arg := only.Args[0]; arg.Type.Value().Scalar().Kind == model.String {
			c.kind, c.about, c.tree = ofLength, r.key(arg), arg
		}
	}
	// Of whole numbers there is one way to say it: with <= and ==.
	if whole && !n.IsInt() || whole && (op == "<" || op == ">=") {
		return c.rounded()
	}
	if whole && op == ">" {
		c.asks = "<="
		return condition{op: single, claim: c.not()}
	}
	if !whole && (op == ">" || op == ">=") {
		c.asks = negated[op]
		return condition{op: single, claim: c.not()}
	}
	if op == "!=" {
		c.asks = "=="
		return condition{op: single, claim: c.not()}
	}
	return condition{op: single, claim: c}
}

// rounded is a claim about whole numbers with a limit that is one.
func (c claim) rounded() condition {
	down := new(big.Rat).SetInt(new(big.Int).Div(c.limit.Num(), c.limit.Denom()))
	exact := c.limit.IsInt()
	switch c.asks {
	case "==":
		return condition{op: never}
	case "!=":
		return condition{op: always}
	case "<", ">=":
		if exact {
			down.Sub(down, big.NewRat(1, 1))
		}
	}
	negative := c.asks[0] == '>'
	c.asks, c.limit = "<=", down
	if negative {
		c = c.not()
	}
	return condition{op: single, claim: c}
}

// factor makes the first product of a sum positive and all of them whole,
// without a common divisor.
func (s sum) factor() *big.Rat {
	divisor, multiple := new(big.Int), big.NewInt(1)
	first := ""
	for key, p := range s {
		if first == "" || key < first {
			first = key
		}
		divisor.GCD(nil, nil, divisor, new(big.Int).Abs(p.times.Num()))
		d := p.times.Denom()
		gcd := new(big.Int).GCD(nil, nil, multiple, d)
		multiple.Div(new(big.Int).Mul(multiple, d), gcd)
	}
	out := new(big.Rat).SetFrac(multiple, divisor)
	if s[first].times.Sign() < 0 {
		out.Neg(out)
	}
	return out
}

var (
	mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
	negated  = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
)

// holds reports whether two values that compare so are so.
func holds(op string, order int) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "==":
		return order == 0
	}
	return order != 0
}
