package check

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestLine compares sets of numbers with asking number by number.
func TestLine(t *testing.T) {
	t.Parallel()
	ops := []string{"==", "!=", "<", "<=", ">", ">="}
	holds := func(op string, x, limit *big.Rat) bool {
		n := x.Cmp(limit)
		return map[string]bool{"==": n == 0, "!=": n != 0, "<": n < 0, "<=": n <= 0, ">": n > 0, ">=": n >= 0}[op]
	}
	has := func(l line, x *big.Rat) bool {
		here := span{cut{at: x}, cut{at: x, after: true}}
		return len(line{here}.minus(l)) == 0
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		whole := r.IntN(2) == 0
		opA, opB := ops[r.IntN(len(ops))], ops[r.IntN(len(ops))]
		a, b := big.NewRat(r.Int64N(13)-6, 2), big.NewRat(r.Int64N(13)-6, 2)
		la, lb := compared(opA, a, whole), compared(opB, b, whole)
		for i := int64(-20); i <= 20; i++ {
			x := big.NewRat(i, 4)
			if whole && !x.IsInt() {
				continue
			}
			inA, inB := holds(opA, x, a), holds(opB, x, b)
			for _, c := range []struct {
				what string
				got  line
				want bool
			}{
				{"plus", la.plus(lb), inA || inB},
				{"and", la.and(lb), inA && inB},
				{"minus", la.minus(lb), inA && !inB},
			} {
				if has(c.got, x) != c.want {
					t.Fatalf("%s: x %s %s, x %s %s, whole %t: x = %s is %t", c.what, opA, a, opB, b, whole, x, !c.want)
				}
			}
		}
		if whole && opA == "<=" && opB == ">" && a.Cmp(b) == 0 && len(everything.minus(la.plus(lb))) != 0 {
			t.Fatalf("x <= %s and x > %s leave a gap", a, b)
		}
	}
}
