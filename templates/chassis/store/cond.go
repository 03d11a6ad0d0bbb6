package store

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Cond is a condition on the rows of a table. Columns are trusted names; values
// are always bound. The zero Cond holds for every row.
type Cond struct{ render func(*builder) }

// Col is a column as an operand; what is neither that nor DatabaseNow is a value.
type Col string

// DatabaseNow as an operand is the database's clock.
func DatabaseNow() any { return clock{} }

type clock struct{}

// Eq holds where a equals b. No comparison with NULL holds.
func Eq(a, b any) Cond { return compare(a, "=", b) }

// Ne holds where a has another value than b.
func Ne(a, b any) Cond { return compare(a, "<>", b) }

// Lt holds where a is less than b.
func Lt(a, b any) Cond { return compare(a, "<", b) }

// Le holds where a is at most b.
func Le(a, b any) Cond { return compare(a, "<=", b) }

// Gt holds where a is greater than b.
func Gt(a, b any) Cond { return compare(a, ">", b) }

// Ge holds where a is at least b.
func Ge(a, b any) Cond { return compare(a, ">=", b) }

// IsNull holds where the column has no value.
func IsNull(c Col) Cond { return suffix(c, " IS NULL") }

// NotNull holds where the column has a value.
func NotNull(c Col) Cond { return suffix(c, " IS NOT NULL") }

// IsTrue holds where a column of type Bool is true.
func IsTrue(c Col) Cond { return Eq(c, true) }

// Holds is a condition on no column: it holds for every row, or for none.
func Holds(holds bool) Cond {
	if holds {
		return And()
	}
	return Or()
}

// In holds where the operand equals one of the values. They are one parameter,
// however many they are: databases bound parameters, and how deep conditions
// nest.
func In[T any](a any, list []T) Cond {
	if len(list) == 0 {
		return Or()
	}
	all := make(oneOf, len(list))
	for i, v := range list {
		all[i] = v
	}
	return Cond{func(b *builder) {
		b.operand(a)
		switch _, decimals := any(list).([]values.Decimal); {
		case b.dialect == SQLite:
			b.write(" IN (SELECT value FROM json_each(")
			b.bind(all)
			b.write("))")
		case decimals: // which may be compared with a column of whole numbers
			b.write(" = ANY(CAST(")
			b.bind(all)
			b.write(" AS NUMERIC[]))")
		default:
			b.write(" = ANY(")
			b.bind(all)
			b.write(")")
		}
	}}
}

// And holds where all conditions hold; none: everywhere.
func And(conds ...Cond) Cond { return join(conds, " AND ", "1 = 1") }

// Or holds where one of the conditions holds; none: nowhere.
func Or(conds ...Cond) Cond { return join(conds, " OR ", "1 = 0") }

// Not holds where the condition does not. As in Go and unlike in SQL, that
// includes rows where a NULL left it open.
func Not(c Cond) Cond {
	return Cond{func(b *builder) {
		b.write("NOT COALESCE((")
		b.cond(c)
		b.write("), FALSE)")
	}}
}

// Contains holds where the text has the other in it; letters count as written.
func Contains(a, part any) Cond { return position(a, part, " > 0") }

// StartsWith holds where the text begins with the other.
func StartsWith(a, part any) Cond { return position(a, part, " = 1") }

// EndsWith holds where the text ends with the other.
func EndsWith(a, part any) Cond {
	return Cond{func(b *builder) {
		b.write("substr(")
		b.operand(a)
		b.write(", length(")
		b.operand(a)
		b.write(") - length(")
		b.text(part)
		b.write(") + 1) = ")
		b.text(part)
	}}
}

// Search holds where one of the columns has the words in it, in any case.
func Search(words string, columns ...Col) Cond {
	conds := make([]Cond, len(columns))
	for i, c := range columns {
		conds[i] = Cond{func(b *builder) {
			b.write("LOWER(" + Quote(string(c)) + `) LIKE `)
			b.bind("%" + escapeLike(strings.ToLower(words)) + "%")
			b.write(` ESCAPE '\'`)
		}}
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

// Where renders " WHERE …", and the values of its placeholders, which are
// numbered from first on. A condition that always holds renders nothing.
func (d Dialect) Where(c Cond, first int) (clause string, args []any) {
	if c.render == nil {
		return "", nil
	}
	b := &builder{next: first, dialect: d}
	b.write(" WHERE ")
	b.cond(c)
	return b.sql.String(), b.args
}

// OrderBy renders " ORDER BY …", the same order on both databases.
func OrderBy(orders ...Order) string {
	if len(orders) == 0 {
		return ""
	}
	parts := make([]string, len(orders))
	for i, o := range orders {
		parts[i] = Quote(string(o.Column)) + " ASC NULLS FIRST"
		if o.Desc {
			parts[i] = Quote(string(o.Column)) + " DESC NULLS LAST"
		}
	}
	return " ORDER BY " + strings.Join(parts, ", ")
}

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

// builder writes SQL and numbers placeholders.
type builder struct {
	sql     strings.Builder
	args    []any
	next    int
	dialect Dialect
}

func (b *builder) write(s string) { b.sql.WriteString(s) }

func (b *builder) bind(v any) {
	fmt.Fprintf(&b.sql, "$%d", b.next)
	b.next++
	b.args = append(b.args, v)
}

func (b *builder) operand(v any) {
	switch v := v.(type) {
	case Col:
		b.write(Quote(string(v)))
	case clock:
		b.write(b.dialect.Now())
	default:
		b.bind(v)
	}
}

// text is an operand where PostgreSQL could not tell the type of a parameter.
func (b *builder) text(v any) {
	b.write("CAST(")
	b.operand(v)
	b.write(" AS TEXT)")
}

func (b *builder) cond(c Cond) {
	if c.render == nil {
		b.write("1 = 1")
		return
	}
	c.render(b)
}

func compare(a any, operator string, c any) Cond {
	return Cond{func(b *builder) {
		b.operand(a)
		b.write(" " + operator + " ")
		b.operand(c)
	}}
}

func suffix(c Col, s string) Cond {
	return Cond{func(b *builder) { b.write(Quote(string(c)) + s) }}
}

func position(a, part any, s string) Cond {
	return Cond{func(b *builder) {
		if b.dialect == SQLite {
			b.write("instr(")
		} else {
			b.write("strpos(")
		}
		b.operand(a)
		b.write(", ")
		b.operand(part)
		b.write(")" + s)
	}}
}

func join(conds []Cond, separator, none string) Cond {
	if len(conds) == 0 {
		return Cond{func(b *builder) { b.write(none) }}
	}
	return Cond{func(b *builder) {
		for i, c := range conds {
			if i > 0 {
				b.write(separator)
			}
			b.write("(")
			b.cond(c)
			b.write(")")
		}
	}}
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
