package expr

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/model"
)

// Fault is what goes wrong when an expression is evaluated: overflow, division
// by zero, an element that is not there. A generated service answers 500
// model-error.
type Fault struct {
	Offset  int // byte offset in the expression's text
	Message string
}

func (f *Fault) Error() string { return f.Message }

// fault is a Fault on its way up, whose place evaluator.at knows.
type fault string

func failf(format string, args ...any) { panic(fault(fmt.Sprintf(format, args...))) }

// evaluator computes one expression.
type evaluator struct {
	vars map[string]any
	at   int // offset of the operation under way
}

func eval(t *Tree, vars map[string]any) (v any, err error) {
	e := &evaluator{vars: vars}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case fault:
			v, err = nil, &Fault{e.at, string(r)}
		case lazyError:
			v, err = nil, r.err
		default:
			panic(r)
		}
	}()
	return e.eval(t), nil
}

func (e *evaluator) eval(t *Tree) any {
	switch t.Op {
	case Const:
		return constant(t.Value)
	case Name:
		if lazy, ok := e.vars[t.Ident].(Lazy); ok {
			return lazy.value()
		}
		return e.vars[t.Ident]
	case Enum:
		return t.Enum.Name
	case Select:
		return attribute(e.eval(t.Args[0]), t.Field)
	case Has:
		v := e.eval(t.Args[0])
		if t.Field != nil {
			v = attribute(v, t.Field)
		}
		return v != nil
	case Unary:
		return e.unary(t)
	case Binary:
		return e.binary(t)
	case Cond:
		if e.eval(t.Args[0]).(bool) {
			return e.eval(t.Args[1])
		}
		return e.eval(t.Args[2])
	case Macro:
		return e.macro(t)
	case MapOf:
		out := make(map[string]any, len(t.Args))
		for i, k := range t.Keys {
			key := e.eval(k).(string)
			out[key] = e.eval(t.Args[i])
		}
		return out
	case New:
		out := make(map[string]any, len(t.Args))
		for i, x := range t.Args {
			out[t.Fields[i].Name] = e.eval(x)
		}
		return out
	}
	args := make([]any, len(t.Args), len(t.Args)+1)
	for i, x := range t.Args {
		args[i] = e.eval(x)
	}
	e.at = t.Offset
	switch t.Op {
	case ListOf:
		return args
	case Index:
		return element(args[0], args[1])
	case Convert:
		return e.convert(t, args[0])
	}
	if t.Func == newID {
		return e.vars[NewID].(func() string)()
	}
	if t.Value != nil { // the zone
		args = append(args, t.Value)
	}
	if v := t.Func.eval(args); v != nil {
		return v
	}
	return zero(t.Type) // the sum of nothing
}

// zero is the number 0 of a type.
func zero(t *model.Type) any {
	switch t.Kind {
	case model.Int:
		return int64(0)
	case model.Duration:
		return Span(0)
	}
	return decimal.Zero
}

// constant is the value of a Const.
func constant(v any) any {
	switch v := v.(type) {
	case Decimal:
		return decimal.RequireFromString(string(v))
	case Time:
		t, _ := time.Parse(time.RFC3339, string(v))
		return t.UTC()
	case Duration:
		d, _ := parseDuration(string(v))
		return d
	}
	return v
}

// attribute is a field of an object, nil when it is absent.
func attribute(object any, f *model.Field) any {
	fields, _ := object.(map[string]any)
	return fields[f.Name]
}

func element(of, key any) any {
	switch of := of.(type) {
	case []any:
		i := key.(int64)
		if i < 0 || i >= int64(len(of)) {
			failf("there is no element %d in a list of %d", i, len(of))
		}
		return of[i]
	case map[string]any:
		v, ok := of[key.(string)]
		if !ok {
			failf("there is no %q in the map", key)
		}
		return v
	}
	failf("there is no element %v", key)
	return nil
}

func (e *evaluator) convert(t *Tree, v any) any {
	from := t.Args[0].Type
	switch {
	case isOptional(from) && v == nil:
		failf("the value is absent")
	case t.Type.Kind == model.Decimal && from.Kind == model.Int:
		return decimal.NewFromInt(v.(int64))
	case t.check != nil:
		inner := &evaluator{vars: map[string]any{"value": v}}
		if inner.eval(t.check) != true {
			failf("%v is no %s", v, t.Type.Def.Name)
		}
	}
	return v
}

func (e *evaluator) unary(t *Tree) any {
	v := e.eval(t.Args[0])
	e.at = t.Offset
	switch v := v.(type) {
	case bool:
		return !v
	case int64:
		return checked(subInt(0, v))
	case Span:
		return -v
	}
	return v.(decimal.Decimal).Neg()
}

func (e *evaluator) binary(t *Tree) any {
	l := e.eval(t.Args[0])
	switch {
	case t.Ident == "&&" && l == false, t.Ident == "||" && l == true:
		return l
	}
	r := e.eval(t.Args[1])
	e.at = t.Offset
	switch t.Ident {
	case "&&", "||":
		return r
	case "==":
		return same(l, r)
	case "!=":
		return !same(l, r)
	case "<":
		return compare(l, r) < 0
	case "<=":
		return compare(l, r) <= 0
	case ">":
		return compare(l, r) > 0
	case ">=":
		return compare(l, r) >= 0
	case "in":
		if m, ok := r.(map[string]any); ok {
			_, ok := m[l.(string)]
			return ok
		}
		return evalHas([]any{r, l})
	}
	return arithmetic(t.Ident, l, r)
}

// arithmetic computes + - * / %.
func arithmetic(sign string, l, r any) any {
	switch l := l.(type) {
	case int64:
		if d, ok := r.(Span); ok {
			return lasting(checked(mulInt(l, int64(d))))
		}
		return intArithmetic(sign, l, r.(int64))
	case decimal.Decimal:
		return decimalArithmetic(sign, l, r.(decimal.Decimal))
	case string:
		return l + r.(string)
	case []any:
		return slices.Concat(l, r.([]any))
	case time.Time:
		if u, ok := r.(time.Time); ok {
			return since(l, u)
		}
		return addTime(l, signed(sign, r.(Span)))
	case Date:
		if d, ok := r.(Date); ok {
			return since(dayStart(l, time.UTC), dayStart(d, time.UTC))
		}
		return addDays(l, signed(sign, r.(Span)))
	}
	d := l.(Span)
	switch r := r.(type) {
	case time.Time:
		return addTime(r, d)
	case Date:
		return addDays(r, d)
	case int64:
		return lasting(checked(mulInt(int64(d), r)))
	}
	return lasting(intArithmetic(sign, int64(d), int64(r.(Span))))
}

func intArithmetic(sign string, l, r int64) int64 {
	switch sign {
	case "+":
		return checked(addInt(l, r))
	case "-":
		return checked(subInt(l, r))
	case "*":
		return checked(mulInt(l, r))
	}
	if r == 0 {
		failf("division by zero")
	}
	if sign == "%" {
		if r == -1 {
			return 0
		}
		return l % r
	}
	if r == -1 {
		return checked(subInt(0, l))
	}
	return l / r
}

func checked(v int64, ok bool) int64 {
	if !ok {
		failf("the number is too large")
	}
	return v
}

func decimalArithmetic(sign string, l, r decimal.Decimal) decimal.Decimal {
	switch sign {
	case "+":
		l = l.Add(r)
	case "-":
		l = l.Sub(r)
	default:
		l = l.Mul(r)
	}
	return fits(l)
}

func fits(d decimal.Decimal) decimal.Decimal {
	d, ok := bounded(d)
	if !ok {
		failf("the decimal has more than %d digits", maxDigits)
	}
	return d
}

func signed(sign string, d Span) Span {
	if sign == "-" {
		return -d
	}
	return d
}

// lasting is a number of microseconds as a duration.
func lasting(n int64) Span {
	if d := Span(n); d > LongestSpan || d < -LongestSpan {
		failf("the duration is too long")
	}
	return Span(n)
}

func addTime(t time.Time, d Span) time.Time {
	t = time.UnixMicro(t.UnixMicro() + int64(d)).In(t.Location())
	if outOfRange(t) {
		failf("the time is out of range")
	}
	return t
}

func since(t, u time.Time) Span { return Span(t.UnixMicro() - u.UnixMicro()) }

// addDays adds the whole days of a duration.
func addDays(on Date, d Span) Date {
	t := dayStart(on, time.UTC).AddDate(0, 0, int(d/Day))
	if outOfRange(t) {
		failf("the day is out of range")
	}
	return Date(t.Format(time.DateOnly))
}

func dayStart(day Date, zone *time.Location) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, string(day), zone)
	return t
}

// macro runs over the elements of a list.
func (e *evaluator) macro(t *Tree) any {
	list, _ := e.eval(t.Args[0]).([]any)
	body := func(v any) any {
		inner := &evaluator{vars: maps.Clone(e.vars)}
		if inner.vars == nil {
			inner.vars = map[string]any{}
		}
		inner.vars[t.Var] = v
		defer func() { e.at = inner.at }()
		return inner.eval(t.Args[1])
	}
	holds := func(v any) bool { return body(v).(bool) }
	switch t.Ident {
	case "exists":
		return slices.ContainsFunc(list, holds)
	case "all":
		return !slices.ContainsFunc(list, func(v any) bool { return !holds(v) })
	case "find":
		if i := slices.IndexFunc(list, holds); i >= 0 {
			return list[i]
		}
		return nil
	}
	var out, by []any
	for _, v := range list {
		switch r := body(v); {
		case t.Ident == "map":
			out = append(out, r)
		case t.Ident == "sort":
			out, by = append(out, v), append(by, r)
		case r == true: // filter, count
			out = append(out, v)
		}
	}
	switch t.Ident {
	case "count":
		return int64(len(out))
	case "sort":
		return sortBy(out, by)
	}
	return out
}

func sortBy(list, keys []any) []any {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return compare(keys[i], keys[j]) })
	out := make([]any, len(list))
	for i, j := range order {
		out[i] = list[j]
	}
	return out
}

// same reports whether two values are equal: 1.0 and 1.00 are, and an instant
// written in two zones.
func same(l, r any) bool {
	switch l := l.(type) {
	case decimal.Decimal:
		r, ok := r.(decimal.Decimal)
		return ok && l.Equal(r)
	case time.Time:
		r, ok := r.(time.Time)
		return ok && l.Equal(r)
	case []any:
		r, ok := r.([]any)
		return ok && slices.EqualFunc(l, r, same)
	case map[string]any:
		r, ok := r.(map[string]any)
		return ok && maps.EqualFunc(present(l), present(r), same)
	case nil:
		return r == nil || reflect.ValueOf(r).Kind() == reflect.Slice && reflect.ValueOf(r).Len() == 0
	}
	return l == r
}

// present leaves out what is absent.
func present(m map[string]any) map[string]any {
	out := maps.Clone(m)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

// compare orders two values of one type.
func compare(l, r any) int {
	switch l := l.(type) {
	case int64:
		return cmp.Compare(l, r.(int64))
	case string:
		return cmp.Compare(l, r.(string))
	case Date:
		return cmp.Compare(l, r.(Date))
	case time.Time:
		return l.Compare(r.(time.Time))
	case Span:
		return cmp.Compare(l, r.(Span))
	}
	return l.(decimal.Decimal).Cmp(r.(decimal.Decimal))
}
