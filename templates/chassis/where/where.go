// Package where says which rows, or instances, are meant, and in which order. It
// knows no database: package store asks one.
package where

import "fmt"

// Cond is a condition on the rows of a table. The zero Cond holds for every row.
type Cond struct {
	Op    Op
	Args  []any  // operands: a Col, a Now, or a value
	Conds []Cond // that an operator connects
}

// Op is what a condition asks.
type Op string

// What conditions ask.
const (
	OpAlways     Op = ""
	OpEq         Op = "="
	OpNe         Op = "<>"
	OpLt         Op = "<"
	OpLe         Op = "<="
	OpGt         Op = ">"
	OpGe         Op = ">="
	OpIsNull     Op = "IS NULL"
	OpNotNull    Op = "IS NOT NULL"
	OpIn         Op = "IN"
	OpAnd        Op = "AND"
	OpOr         Op = "OR"
	OpNot        Op = "NOT"
	OpContains   Op = "contains"
	OpStartsWith Op = "startsWith"
	OpEndsWith   Op = "endsWith"
	OpSearch     Op = "search"
)

// Col is a column as an operand, by its trusted name; what is neither that nor
// Now is a value.
type Col string

// Now as an operand is the database's clock.
type Now struct{}

// Eq holds where a equals b. No comparison with NULL holds.
func Eq(a, b any) Cond { return Cond{Op: OpEq, Args: []any{a, b}} }

// Ne holds where a has another value than b.
func Ne(a, b any) Cond { return Cond{Op: OpNe, Args: []any{a, b}} }

// Lt holds where a is less than b.
func Lt(a, b any) Cond { return Cond{Op: OpLt, Args: []any{a, b}} }

// Le holds where a is at most b.
func Le(a, b any) Cond { return Cond{Op: OpLe, Args: []any{a, b}} }

// Gt holds where a is greater than b.
func Gt(a, b any) Cond { return Cond{Op: OpGt, Args: []any{a, b}} }

// Ge holds where a is at least b.
func Ge(a, b any) Cond { return Cond{Op: OpGe, Args: []any{a, b}} }

// IsNull holds where the column has no value.
func IsNull(c Col) Cond { return Cond{Op: OpIsNull, Args: []any{c}} }

// NotNull holds where the column has a value.
func NotNull(c Col) Cond { return Cond{Op: OpNotNull, Args: []any{c}} }

// IsTrue holds where a column of truth is true.
func IsTrue(c Col) Cond { return Eq(c, true) }

// Holds is a condition on no column: it holds for every row, or for none.
func Holds(holds bool) Cond {
	if holds {
		return And()
	}
	return Or()
}

// In holds where the operand equals one of the values.
func In[T any](a any, list []T) Cond { return Cond{Op: OpIn, Args: []any{a, list}} }

// And holds where all conditions hold; none: everywhere.
func And(conds ...Cond) Cond { return Cond{Op: OpAnd, Conds: conds} }

// Or holds where one of the conditions holds; none: nowhere.
func Or(conds ...Cond) Cond { return Cond{Op: OpOr, Conds: conds} }

// Not holds where the condition does not. As in Go and unlike in SQL, that
// includes rows where a NULL left it open.
func Not(c Cond) Cond { return Cond{Op: OpNot, Conds: []Cond{c}} }

// Contains holds where the text has the other in it; letters count as written.
func Contains(a, part any) Cond { return Cond{Op: OpContains, Args: []any{a, part}} }

// StartsWith holds where the text begins with the other.
func StartsWith(a, part any) Cond { return Cond{Op: OpStartsWith, Args: []any{a, part}} }

// EndsWith holds where the text ends with the other.
func EndsWith(a, part any) Cond { return Cond{Op: OpEndsWith, Args: []any{a, part}} }

// Search holds where one of the columns has the words in it, in any case.
func Search(words string, columns ...Col) Cond {
	conds := make([]Cond, len(columns))
	for i, c := range columns {
		conds[i] = Cond{Op: OpSearch, Args: []any{c, words}}
	}
	return Or(conds...)
}

// Order is one column of a sort. NULL comes before all values, after them when descending.
type Order struct {
	Column Col
	Desc   bool
}

// Asc sorts upwards.
func Asc(c Col) Order { return Order{Column: c} }

// Desc sorts downwards.
func Desc(c Col) Order { return Order{Column: c, Desc: true} }

// After holds for the rows that come behind the row with these values in the
// order: the condition of a keyset page. It says no when the counts differ.
func After(orders []Order, last []any) (Cond, error) {
	if len(orders) != len(last) {
		return Cond{}, fmt.Errorf("%d values for an order of %d columns", len(last), len(orders))
	}
	// (a behind) or (a equal and b behind) or …: row values cannot mix
	// directions, and know no order for NULL.
	var alternatives []Cond
	var equal []Cond
	for i, o := range orders {
		alternatives = append(alternatives, And(append(append([]Cond{}, equal...), behind(o, last[i]))...))
		if last[i] == nil {
			equal = append(equal, IsNull(o.Column))
		} else {
			equal = append(equal, Eq(o.Column, last[i]))
		}
	}
	return Or(alternatives...), nil
}

func behind(o Order, last any) Cond {
	switch {
	case last == nil && o.Desc: // NULLs are the last there are
		return Or()
	case last == nil:
		return NotNull(o.Column)
	case o.Desc:
		return Or(Lt(o.Column, last), IsNull(o.Column))
	}
	return Gt(o.Column, last)
}
