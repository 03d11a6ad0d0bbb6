package values

import (
	"math"
	"time"
)

// Number is what can be summed.
type Number interface{ int64 | Decimal | Duration }

// AddInt is a + b.
func AddInt(a, b int64) int64 { return checked(add(a, b)) }

// SubInt is a - b.
func SubInt(a, b int64) int64 {
	c := a - b
	return checked(c, (c < a) == (b > 0))
}

// MulInt is a * b.
func MulInt(a, b int64) int64 { return checked(mul(a, b)) }

// DivInt is a / b, without the fraction.
func DivInt(a, b int64) int64 {
	if b == 0 {
		fail("division by zero")
	}
	if b == -1 {
		return NegInt(a)
	}
	return a / b
}

// ModInt is what a / b leaves; its sign is that of a.
func ModInt(a, b int64) int64 {
	if b == 0 {
		fail("division by zero")
	}
	return a % b
}

// NegInt is -a.
func NegInt(a int64) int64 { return SubInt(0, a) }

func add(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}

func mul(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	c := a * b
	return c, c/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64)
}

func checked(v int64, ok bool) int64 {
	if !ok {
		fail("the number is too large")
	}
	return v
}

// Sum adds up a list; of nothing it is 0.
func Sum[T Number](list []T) T {
	var total any
	switch list := any(list).(type) {
	case []int64:
		n := int64(0)
		for _, v := range list {
			n = AddInt(n, v)
		}
		total = n
	case []Decimal:
		n := Decimal{}
		for _, v := range list {
			n = n.Add(v)
		}
		total = n
	case []Duration:
		n := Duration(0)
		for _, v := range list {
			n = n.Add(v)
		}
		total = n
	}
	return total.(T)
}

// Abs is a number without its sign.
func Abs[T Number](v T) T {
	var out any = v
	switch v := out.(type) {
	case int64:
		if v < 0 {
			out = NegInt(v)
		}
	case Duration:
		if v < 0 {
			out = v.Neg()
		}
	case Decimal:
		if v.Sign() < 0 {
			out = v.Neg()
		}
	}
	return out.(T)
}

// Ordered is what has an order.
type Ordered interface {
	string | int64 | Decimal | Date | time.Time | Duration
}

// Compare is negative when a < b, 0 when they are equal, positive when a > b.
func Compare[T Ordered](a, b T) int {
	switch a := any(a).(type) {
	case string:
		return order(a, any(b).(string))
	case int64:
		return order(a, any(b).(int64))
	case Duration:
		return order(a, any(b).(Duration))
	case Date:
		return order(a.days, any(b).(Date).days)
	case time.Time:
		return a.Compare(any(b).(time.Time))
	}
	return any(a).(Decimal).Cmp(any(b).(Decimal))
}

// Min is the smallest of some values; of none it is a Fault.
func Min[T Ordered](list ...T) T { return extreme(list, -1) }

// Max is the largest of some values; of none it is a Fault.
func Max[T Ordered](list ...T) T { return extreme(list, 1) }

func extreme[T Ordered](list []T, sign int) T {
	if len(list) == 0 {
		fail("an empty list has no smallest or largest element")
	}
	best := list[0]
	for _, v := range list[1:] {
		if Compare(v, best)*sign > 0 {
			best = v
		}
	}
	return best
}
