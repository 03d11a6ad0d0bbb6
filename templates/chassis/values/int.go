package values

import "math"

// AddInt is a + b; it faults on overflow.
func AddInt(a, b int64) int64 {
	c := a + b
	if (c > a) != (b > 0) {
		overflow(b == 0)
	}
	return c
}

// SubInt is a - b; it faults on overflow.
func SubInt(a, b int64) int64 {
	c := a - b
	if (c < a) != (b > 0) {
		overflow(b == 0)
	}
	return c
}

// MulInt is a * b; it faults on overflow.
func MulInt(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	c := a * b
	if c/b != a || a == -1 && b == math.MinInt64 || b == -1 && a == math.MinInt64 {
		overflow(false)
	}
	return c
}

// DivInt is a / b without the remainder; it faults on a division by zero.
func DivInt(a, b int64) int64 {
	if b == 0 {
		fault("division by zero")
	}
	if a == math.MinInt64 && b == -1 {
		overflow(false)
	}
	return a / b
}

// ModInt is the remainder of a / b, of a's sign.
func ModInt(a, b int64) int64 {
	if b == 0 {
		fault("division by zero")
	}
	if b == -1 {
		return 0
	}
	return a % b
}

// NegInt is -a; it faults on overflow.
func NegInt(a int64) int64 {
	if a == math.MinInt64 {
		overflow(false)
	}
	return -a
}

// AbsInt is the distance from zero; it faults on overflow.
func AbsInt(a int64) int64 {
	if a < 0 {
		return NegInt(a)
	}
	return a
}

func overflow(harmless bool) {
	if !harmless {
		fault("a whole number overflows 64 bits")
	}
}
