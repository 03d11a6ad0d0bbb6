package documents

import (
	"database/sql/driver"
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/where"
)

// conditions makes filters of conditions. field is where a document has what a
// condition calls a column: a trusted name.
type conditions struct {
	field func(c where.Col) string
	now   time.Time // the server's, where conditions ask for it
}

// comparisons are those that a filter knows by a word.
var comparisons = map[where.Op]string{
	where.OpEq: "$eq", where.OpLt: "$lt", where.OpLe: "$lte", where.OpGt: "$gt", where.OpGe: "$gte",
}

// turned is what a comparison is when its sides change places.
var turned = map[where.Op]where.Op{
	where.OpEq: where.OpEq, where.OpNe: where.OpNe, where.OpLt: where.OpGt, where.OpLe: where.OpGe, where.OpGt: where.OpLt, where.OpGe: where.OpLe,
}

// filter is a condition as the server takes it. As in SQL, no comparison holds of what
// has no value.
func (w conditions) filter(c where.Cond) (bson.D, error) {
	switch c.Op {
	case where.OpAlways:
		return bson.D{}, nil
	case where.OpAnd:
		if len(c.Conds) == 0 {
			return bson.D{}, nil
		}
		return w.join("$and", c.Conds)
	case where.OpOr:
		if len(c.Conds) == 0 {
			return bson.D{{Key: "$nor", Value: bson.A{bson.D{}}}}, nil
		}
		return w.join("$or", c.Conds)
	case where.OpNot:
		return w.join("$nor", c.Conds)
	case where.OpIsNull:
		return w.about(c.Args[0], "$eq", nil)
	case where.OpNotNull:
		return w.about(c.Args[0], "$ne", nil)
	case where.OpIn:
		return w.in(c.Args[0], c.Args[1])
	case where.OpContains:
		return w.like(c.Args[0], "", c.Args[1], "")
	case where.OpStartsWith:
		return w.like(c.Args[0], `\A`, c.Args[1], "")
	case where.OpEndsWith:
		return w.like(c.Args[0], "", c.Args[1], `\z`)
	}
	return w.compare(c.Op, c.Args[0], c.Args[1])
}

func (w conditions) join(operator string, conds []where.Cond) (bson.D, error) {
	all := bson.A{}
	for _, c := range conds {
		f, err := w.filter(c)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return bson.D{{Key: operator, Value: all}}, nil
}

func (w conditions) about(column any, operator string, value any) (bson.D, error) {
	c, ok := column.(where.Col)
	if !ok {
		return nil, fmt.Errorf("a condition is about no column: %v", column)
	}
	return bson.D{{Key: w.field(c), Value: bson.D{{Key: operator, Value: value}}}}, nil
}

func (w conditions) compare(op where.Op, a, b any) (bson.D, error) {
	if _, ok := a.(where.Col); !ok {
		a, b, op = b, a, turned[op]
	}
	if _, both := b.(where.Col); both {
		return nil, fmt.Errorf("two columns cannot be compared: %v and %v", a, b)
	}
	value, err := bind(b)
	if _, now := b.(where.Now); now {
		value, err = w.now, nil // compared with times of the chassis only
	}
	switch {
	case err != nil:
		return nil, err
	case value == nil:
		return w.filter(where.Or())
	case op == where.OpNe:
		return w.about(a, "$nin", bson.A{value, nil})
	case comparisons[op] == "":
		return nil, fmt.Errorf("%s is no comparison", op)
	}
	return w.about(a, comparisons[op], value)
}

func (w conditions) in(column, list any) (bson.D, error) {
	from, all := reflect.ValueOf(list), bson.A{}
	for i := range from.Len() {
		value, err := bind(from.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	return w.about(column, "$in", all)
}

func (w conditions) like(column any, before string, part any, after string) (bson.D, error) {
	value, err := bind(part)
	if err != nil {
		return nil, err
	}
	return w.about(column, "$regex", before+regexp.QuoteMeta(fmt.Sprint(value))+after)
}

// timeText has a fixed width, so that instants sort as text.
const timeText = "2006-01-02T15:04:05.000000Z"

// bind makes of a value of the model one that a lookup is kept as.
func bind(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil //nolint:nilnil // null is a value
	case time.Time:
		return values.Truncate(v).Format(timeText), nil
	}
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil, nil //nolint:nilnil // null is a value
		}
		return bind(value.Elem().Interface())
	}
	if own, ok := v.(driver.Valuer); ok {
		return own.Value()
	}
	if text, ok := v.(encoding.TextMarshaler); ok {
		data, err := text.MarshalText()
		return string(data), err
	}
	switch value.Kind() {
	case reflect.String:
		return value.String(), nil
	case reflect.Bool:
		return value.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return value.Int(), nil
	}
	return nil, fmt.Errorf("a %T is no value of a lookup", v)
}
