package check

import (
	"maps"
	"math/big"
	"slices"

	"github.com/esgen/esgen/internal/expr"
)

// mostCases bounds how many cases a condition is tried in before nothing is
// said of it.
const mostCases = 2000

// always reports whether a condition holds whatever the things it asks about
// are: true, n >= 0 || n < 0, state.paid || !state.paid. It knows comparisons
// and what joins them; of everything else it knows that it holds or does not.
func always(t *expr.Tree) bool {
	if t == nil {
		return false
	}
	q := questions{asks: map[*expr.Tree]claim{}, cases: map[string]line{}}
	q.collect(t)
	things := slices.Sorted(maps.Keys(q.cases))
	n := 1
	for _, thing := range things {
		if n *= len(q.cases[thing]); n > mostCases {
			return false
		}
	}
	is := map[string]span{}
	for i := range n {
		for _, thing := range things {
			all := q.cases[thing]
			is[thing], i = all[i%len(all)], i/len(all)
		}
		if !q.hold(t, is) {
			return false
		}
	}
	return true
}

// questions are what a condition asks, and of each thing it asks about the spans
// between which the answers change.
type questions struct {
	asks  map[*expr.Tree]claim
	cases map[string]line
}

func (q questions) collect(t *expr.Tree) {
	if joins(t) {
		for _, a := range t.Args {
			q.collect(a)
		}
		return
	}
	c := questionOf(t)
	q.asks[t] = c
	if c.subject == "" {
		return
	}
	if q.cases[c.subject] == nil {
		q.cases[c.subject] = c.all.line
	}
	var cut line
	for _, s := range q.cases[c.subject] {
		one := line{s}
		cut = append(append(cut, one.and(c.set)...), one.minus(c.set)...)
	}
	q.cases[c.subject] = cut
}

// hold reports whether a condition holds where every thing is within a span that
// gives one answer.
func (q questions) hold(t *expr.Tree, is map[string]span) bool {
	switch {
	case t.Op == expr.Unary && joins(t):
		return !q.hold(t.Args[0], is)
	case joins(t) && t.Ident == "&&":
		return q.hold(t.Args[0], is) && q.hold(t.Args[1], is)
	case joins(t):
		return q.hold(t.Args[0], is) || q.hold(t.Args[1], is)
	}
	c := q.asks[t]
	if c.subject == "" {
		return len(c.set) > 0
	}
	return len(line{is[c.subject]}.minus(c.set)) == 0
}

// joins reports whether a condition is made of conditions.
func joins(t *expr.Tree) bool {
	return t.Op == expr.Unary && t.Ident == "!" || t.Op == expr.Binary && (t.Ident == "&&" || t.Ident == "||")
}

// questionOf is a single condition as a claim about one thing. Of a constant
// there is no thing: its set is everything or nothing.
func questionOf(t *expr.Tree) claim {
	if v, ok := constant(t); ok {
		if v == true {
			return claim{set: everything}
		}
		return claim{}
	}
	if c, ok := claimOf(t); ok {
		return c
	}
	if t.Op == expr.Binary && mirrored[t.Ident] != "" {
		return compares(t)
	}
	yes := line{{before(1), before(2)}}
	return claim{subject: spell(t), set: yes, all: domain{line: line{{before(0), before(2)}}}}
}

// compares is the comparison of two things as a claim about how they stand to
// one another: 0 for less, 1 for equal, 2 for greater.
func compares(t *expr.Tree) claim {
	op, a, b := t.Ident, spell(bare(t.Args[0])), spell(bare(t.Args[1]))
	if a > b {
		op, a, b = mirrored[op], b, a
	}
	all := line{{before(0), before(3)}}
	if a == b {
		all = line{{before(1), before(2)}}
	}
	less, equal, greater := line{{before(0), before(1)}}, line{{before(1), before(2)}}, line{{before(2), before(3)}}
	set := map[string]line{
		"==": equal, "!=": less.plus(greater), "<": less, "<=": less.plus(equal), ">": greater, ">=": greater.plus(equal),
	}[op]
	return claim{subject: a + " : " + b, set: all.and(set), all: domain{line: all}}
}

// constant is the value of an expression that reads nothing.
func constant(t *expr.Tree) (any, bool) {
	reads := false
	expr.Walk(t, func(t *expr.Tree) { reads = reads || t.Op == expr.Name || t.Op == expr.Call && len(t.Args) == 0 })
	if reads {
		return nil, false
	}
	v, err := expr.Eval(t, nil)
	return v, err == nil
}

// before is the cut in front of a number.
func before(n int64) cut { return cut{at: big.NewRat(n, 1)} }
