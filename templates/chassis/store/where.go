package store

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/esgen/esgen/templates/chassis/where"
)

// Where renders " WHERE …", and the values of its placeholders, which are
// numbered from first on: columns are trusted names, values are always bound. A
// condition that always holds renders nothing.
func (d Dialect) Where(c where.Cond, first int) (clause string, args []any) {
	if c.Op == where.OpAlways {
		return "", nil
	}
	b := &builder{next: first, dialect: d}
	b.write(" WHERE ")
	b.cond(c)
	return b.sql.String(), b.args
}

// OrderBy renders " ORDER BY …", the same order on both databases.
func OrderBy(orders ...where.Order) string {
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
	case where.Col:
		b.write(Quote(string(v)))
	case where.Now:
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

func (b *builder) cond(c where.Cond) {
	switch c.Op {
	case where.OpAlways:
		b.write("1 = 1")
	case where.OpAnd:
		b.join(c.Conds, " AND ", "1 = 1")
	case where.OpOr:
		b.join(c.Conds, " OR ", "1 = 0")
	case where.OpNot:
		b.write("NOT COALESCE((")
		b.cond(c.Conds[0])
		b.write("), FALSE)")
	case where.OpIsNull, where.OpNotNull:
		b.operand(c.Args[0])
		b.write(" " + string(c.Op))
	case where.OpIn:
		b.in(c.Args[0], c.Args[1])
	case where.OpContains:
		b.position(c.Args[0], c.Args[1], " > 0")
	case where.OpStartsWith:
		b.position(c.Args[0], c.Args[1], " = 1")
	case where.OpEndsWith:
		b.endsWith(c.Args[0], c.Args[1])
	case where.OpSearch:
		b.write("LOWER(")
		b.operand(c.Args[0])
		b.write(") LIKE ")
		b.bind("%" + escapeLike(strings.ToLower(fmt.Sprint(c.Args[1]))) + "%")
		b.write(` ESCAPE '\'`)
	default:
		b.operand(c.Args[0])
		b.write(" " + string(c.Op) + " ")
		b.operand(c.Args[1])
	}
}

// in holds where the operand equals one of the values. They are one parameter,
// however many they are: databases bound parameters, and how deep conditions
// nest.
func (b *builder) in(a, list any) {
	from := reflect.ValueOf(list)
	if from.Len() == 0 {
		b.write("1 = 0")
		return
	}
	all := make(oneOf, from.Len())
	for i := range all {
		all[i] = from.Index(i).Interface()
	}
	b.operand(a)
	switch {
	case b.dialect == SQLite:
		b.write(" IN (SELECT value FROM json_each(")
		b.bind(all)
		b.write("))")
	case isDecimal(all[0]): // which may be compared with a column of whole numbers
		b.write(" = ANY(CAST(")
		b.bind(all)
		b.write(" AS NUMERIC[]))")
	default:
		b.write(" = ANY(")
		b.bind(all)
		b.write(")")
	}
}

func isDecimal(v any) bool {
	f, ok := v.(interface {
		Form() (text string, number bool)
	})
	if !ok {
		return false
	}
	_, number := f.Form()
	return number
}

func (b *builder) endsWith(a, part any) {
	b.write("substr(")
	b.operand(a)
	b.write(", length(")
	b.operand(a)
	b.write(") - length(")
	b.text(part)
	b.write(") + 1) = ")
	b.text(part)
}

func (b *builder) position(a, part any, found string) {
	if b.dialect == SQLite {
		b.write("instr(")
	} else {
		b.write("strpos(")
	}
	b.operand(a)
	b.write(", ")
	b.operand(part)
	b.write(")" + found)
}

func (b *builder) join(conds []where.Cond, separator, none string) {
	if len(conds) == 0 {
		b.write(none)
		return
	}
	for i, c := range conds {
		if i > 0 {
			b.write(separator)
		}
		b.write("(")
		b.cond(c)
		b.write(")")
	}
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
