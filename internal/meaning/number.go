package meaning

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// sum is a number as a sum of products, by the key of the product: 2*a*b + 3.
// The key of what is no product of anything is "".
type sum map[string]product

type product struct {
	times   *big.Rat
	factors []string // keys, in order
	whole   bool     // all factors are ints
	only    *expr.Tree
}

// maxProducts bounds what is multiplied out.
const maxProducts = 32

// measured reports whether values of a type lie on a line: numbers, durations,
// days, instants.
func measured(t *model.Type) bool {
	switch t.Value().Scalar().Kind {
	case model.Int, model.Decimal, model.Duration, model.Date, model.Time:
		return true
	}
	return false
}

func (r reading) sum(t *expr.Tree) sum {
	if n, ok := number(t); ok {
		return constant(n)
	}
	switch t.Op {
	case expr.Convert:
		if widens(t) && measured(t.Args[0].Type) {
			return r.sum(t.Args[0])
		}
	case expr.Unary:
		return r.sum(t.Args[0]).scaled(big.NewRat(-1, 1))
	case expr.Binary:
		if s, ok := r.arithmetic(t); ok {
			return s
		}
	case expr.Call:
		if size := unit[t.Func.Name]; size != 0 && t.Type.Kind == model.Duration {
			return r.sum(t.Args[0]).scaled(new(big.Rat).SetInt64(int64(size)))
		}
	}
	key := r.plain(t)
	return sum{key: {times: big.NewRat(1, 1), factors: []string{key}, whole: t.Type.Value().Scalar().Kind == model.Int, only: t}}
}

// unit is how long one of what is counted takes.
var unit = map[string]expr.Span{"days": expr.Day, "hours": expr.Hour}

func (r reading) arithmetic(t *expr.Tree) (sum, bool) {
	left, right := t.Args[0], t.Args[1]
	if !measured(left.Type) || !measured(right.Type) {
		return nil, false
	}
	if t.Type.Scalar().Kind == model.Date { // a day and so many whole days
		return nil, false
	}
	switch t.Ident {
	case "+":
		return r.sum(left).plus(r.sum(right)), true
	case "-":
		return r.sum(left).plus(r.sum(right).scaled(big.NewRat(-1, 1))), true
	case "*":
		return r.sum(left).by(r.sum(right))
	}
	return nil, false
}

func constant(n *big.Rat) sum {
	if n.Sign() == 0 {
		return sum{}
	}
	return sum{"": {times: n, whole: n.IsInt()}}
}

func (s sum) plus(o sum) sum {
	out := maps.Clone(s)
	for key, p := range o {
		if have, ok := out[key]; ok {
			p.times = new(big.Rat).Add(have.times, p.times)
		}
		out[key] = p
		if p.times.Sign() == 0 {
			delete(out, key)
		}
	}
	return out
}

func (s sum) scaled(by *big.Rat) sum {
	out := sum{}
	for key, p := range s {
		p.times = new(big.Rat).Mul(p.times, by)
		out[key] = p
	}
	return out
}

func (s sum) by(o sum) (sum, bool) {
	if len(s)*len(o) > maxProducts {
		return nil, false
	}
	out := sum{}
	for _, a := range s {
		for _, b := range o {
			p := product{times: new(big.Rat).Mul(a.times, b.times), factors: slices.Sorted(slices.Values(slices.Concat(a.factors, b.factors)))}
			p.whole = (a.whole || len(a.factors) == 0) && (b.whole || len(b.factors) == 0)
			switch {
			case len(a.factors) == 0:
				p.only = b.only
			case len(b.factors) == 0:
				p.only = a.only
			}
			out = out.plus(sum{strings.Join(p.factors, "*"): p})
		}
	}
	return out, true
}

// rest takes what is constant from a sum.
func (s sum) rest() (sum, *big.Rat) {
	out, n := maps.Clone(s), new(big.Rat)
	if p, ok := out[""]; ok {
		n = p.times
		delete(out, "")
	}
	return out, n
}

func (s sum) key() string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "+%s*%s", s[key].times.RatString(), key)
	}
	return "(" + b.String() + ")"
}

// number is the constant an expression is, on the line of its type: durations
// and instants in nanoseconds.
func number(t *expr.Tree) (*big.Rat, bool) {
	switch t.Op {
	case expr.Convert:
		if widens(t) {
			return number(t.Args[0])
		}
	case expr.Unary:
		if n, ok := number(t.Args[0]); ok && t.Ident == "-" {
			return new(big.Rat).Neg(n), true
		}
	case expr.Const:
		v, err := expr.Eval(t, nil)
		if err != nil {
			return nil, false
		}
		return onLine(v)
	}
	return nil, false
}

// onLine is where a value lies on the line of its type.
func onLine(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(v), true
	case expr.Span:
		return new(big.Rat).SetInt64(int64(v)), true
	case time.Time:
		return instant(v), true
	case expr.Date:
		day, err := time.Parse(time.DateOnly, string(v))
		return instant(day), err == nil
	case fmt.Stringer: // a decimal
		return new(big.Rat).SetString(v.String())
	}
	return nil, false
}

func instant(t time.Time) *big.Rat { return new(big.Rat).SetInt64(t.UnixMicro()) }
