package check

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// line is a set of numbers: spans in order that do not touch. The values of an
// enum are numbers too: 0, 1, 2, …
type line []span

// span is what lies between two cuts.
type span struct{ from, to cut }

// cut lies right before or right after a number, or at the end of all numbers.
// Between whole numbers every cut is before one: after 7 is before 8.
type cut struct {
	at    *big.Rat // nil: infinity
	after bool     // right after the number; of infinity: the upper end
}

func (c cut) compare(o cut) int {
	switch {
	case c.at == nil && o.at == nil:
		return side(c.after) - side(o.after)
	case c.at == nil:
		return 2*side(c.after) - 1
	case o.at == nil:
		return 1 - 2*side(o.after)
	}
	if n := c.at.Cmp(o.at); n != 0 {
		return n
	}
	return side(c.after) - side(o.after)
}

func side(after bool) int {
	if after {
		return 1
	}
	return 0
}

// everything is all numbers.
var everything = line{{cut{}, cut{after: true}}}

// minus is what is in the set, but not in another.
func (l line) minus(o line) line {
	var out line
	for _, s := range l {
		for _, gone := range o {
			if gone.to.compare(s.from) <= 0 || gone.from.compare(s.to) >= 0 {
				continue
			}
			if gone.from.compare(s.from) > 0 {
				out = append(out, span{s.from, gone.from})
			}
			s.from = gone.to
		}
		if s.from.compare(s.to) < 0 {
			out = append(out, s)
		}
	}
	return out
}

// plus is what is in either of two sets.
func (l line) plus(o line) line { return everything.minus(everything.minus(l).minus(o)) }

// and is what is in both of two sets.
func (l line) and(o line) line { return l.minus(l.minus(o)) }

// text says which values of a thing a span holds.
func (s span) text(thing string, d domain) string {
	if d.enum != nil {
		var names []string
		for i, v := range d.enum {
			n := big.NewRat(int64(i), 1)
			if s.from.at.Cmp(n) <= 0 && s.to.at.Cmp(n) > 0 {
				names = append(names, v.Name)
			}
		}
		return thing + " == " + listed(names, "or")
	}
	lower, upper := "", ""
	if s.from.at != nil {
		lower = thing + [...]string{" >= ", " > "}[side(s.from.after)] + decimal(s.from.at)
	}
	if s.to.at != nil {
		last := s.to.at
		op := [...]string{" < ", " <= "}[side(s.to.after)]
		if d.whole {
			last, op = new(big.Rat).Sub(last, big.NewRat(1, 1)), " <= "
		}
		upper = thing + op + decimal(last)
		if d.whole && s.from.at != nil && s.from.at.Cmp(last) == 0 {
			return thing + " == " + decimal(last)
		}
	}
	if lower != "" && upper != "" {
		return lower + " && " + upper
	}
	return lower + upper
}

func decimal(r *big.Rat) string {
	if n, exact := r.FloatPrec(); exact {
		return r.FloatString(n)
	}
	return r.RatString()
}

// domain is all values of a type.
type domain struct {
	line
	whole bool
	enum  []*model.EnumValue
}

// domainOf is the domain of a type; its line is empty for a type whose values
// are no line.
func domainOf(t *model.Type) domain {
	switch s := t.Scalar(); {
	case s.Kind == model.Int:
		return domain{line: everything, whole: true}
	case s.Kind == model.Decimal:
		return domain{line: everything}
	case s.IsEnum():
		n := big.NewRat(int64(len(s.Def.Enum)), 1)
		return domain{line{{cut{at: new(big.Rat)}, cut{at: n}}}, true, s.Def.Enum}
	}
	return domain{}
}

// domainOfThing is the domain of what an expression gives: nothing has fewer than
// no elements.
func domainOfThing(t *expr.Tree) domain {
	if t.Op == expr.Call && t.Func.Name == "size" || t.Op == expr.Macro && t.Ident == "count" {
		return domain{line: line{{cut{at: new(big.Rat)}, cut{after: true}}}, whole: true}
	}
	return domainOf(t.Type)
}

// claim is a condition that compares one thing with constants: the thing, and
// the values for which the condition holds.
type claim struct {
	subject string // equal ones are written alike
	thing   string // the same in words, as the model writes it; "it" where that is long
	set     line
	all     domain
}

// claimOf understands comparisons of one thing with constants, joined by &&, ||
// and !.
func claimOf(t *expr.Tree) (claim, bool) {
	switch {
	case t.Op == expr.Unary && t.Ident == "!":
		c, ok := claimOf(t.Args[0])
		c.set = c.all.minus(c.set)
		return c, ok
	case t.Op != expr.Binary:
		return claim{}, false
	case t.Ident == "&&" || t.Ident == "||":
		a, okA := claimOf(t.Args[0])
		b, okB := claimOf(t.Args[1])
		if t.Ident == "||" {
			a.set = a.set.plus(b.set)
		} else {
			a.set = a.set.and(b.set)
		}
		return a, okA && okB && a.subject == b.subject
	}
	thing, op := bare(t.Args[0]), t.Ident
	limit, ok := number(t.Args[1])
	if !ok {
		if limit, ok = number(thing); !ok {
			return claim{}, false
		}
		thing, op = bare(t.Args[1]), mirrored[op]
	}
	if _, constant := number(thing); constant {
		return claim{}, false
	}
	all := domainOfThing(thing)
	set := compared(op, limit, all.whole)
	if len(all.line) == 0 || set == nil {
		return claim{}, false
	}
	return claim{spell(thing), cmp.Or(text(thing), "it"), all.and(set), all}, true
}

var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}

// compared is the set of the numbers x for which x op limit holds.
func compared(op string, limit *big.Rat, whole bool) line {
	before, after := cut{at: limit}, cut{at: limit, after: true}
	if whole {
		up := new(big.Int).Neg(new(big.Int).Div(new(big.Int).Neg(limit.Num()), limit.Denom())) // rounded up
		before = cut{at: new(big.Rat).SetInt(up)}
		after = before
		if limit.IsInt() {
			after = cut{at: new(big.Rat).SetInt(up.Add(up, big.NewInt(1)))}
		}
	}
	low, high := everything[0].from, everything[0].to
	switch op {
	case "==":
		return line{{before, after}}
	case "!=":
		return line{{low, before}, {after, high}}
	case "<":
		return line{{low, before}}
	case "<=":
		return line{{low, after}}
	case ">":
		return line{{after, high}}
	case ">=":
		return line{{before, high}}
	}
	return nil
}

// bare is an expression without conversions around it.
func bare(t *expr.Tree) *expr.Tree {
	for t.Op == expr.Convert {
		t = t.Args[0]
	}
	return t
}

// number is the constant an expression is.
func number(t *expr.Tree) (*big.Rat, bool) {
	t = bare(t)
	switch {
	case t.Op == expr.Const && (t.Type.Scalar().Kind == model.Int || t.Type.Scalar().Kind == model.Decimal):
		return new(big.Rat).SetString(fmt.Sprint(t.Value))
	case t.Op == expr.Unary && t.Ident == "-":
		if n, ok := number(t.Args[0]); ok {
			return n.Neg(n), true
		}
	case t.Op == expr.Enum:
		i := slices.Index(t.Type.Value().Def.Enum, t.Enum)
		return big.NewRat(int64(i), 1), i >= 0
	}
	return nil, false
}

// spell writes an expression so that equal ones are written alike.
func spell(t *expr.Tree) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %s %v", t.Op, t.Ident, t.Var, t.Value)
	if t.Field != nil {
		b.WriteString("." + t.Field.Name)
	}
	if t.Func != nil {
		b.WriteString(t.Func.Name)
	}
	if t.Enum != nil {
		b.WriteString(t.Enum.Name)
	}
	b.WriteByte('(')
	for _, a := range slices.Concat(t.Keys, t.Args) {
		b.WriteString(spell(a) + ",")
	}
	b.WriteByte(')')
	return b.String()
}
