package expr

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// The functions of the language, for evaluation; package values of the chassis
// has the same for generated services.

func evalSizeText(args []any) any { return int64(utf8.RuneCountInString(args[0].(string))) }
func evalSizeList(args []any) any { return int64(len(asList(args[0]))) }
func evalSizeMap(args []any) any  { return int64(len(args[0].(map[string]any))) }

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func evalSum(args []any) any {
	list := asList(args[0])
	if len(list) == 0 {
		return nil // 0, of a type the list does not tell
	}
	total := list[0]
	for _, v := range list[1:] {
		total = arithmetic("+", total, v)
	}
	return total
}

func evalMin(args []any) any     { return extreme(args, -1) }
func evalMax(args []any) any     { return extreme(args, 1) }
func evalMinList(args []any) any { return extreme(asList(args[0]), -1) }
func evalMaxList(args []any) any { return extreme(asList(args[0]), 1) }

func extreme(list []any, sign int) any {
	if len(list) == 0 {
		failf("an empty list has no smallest or largest element")
	}
	best := list[0]
	for _, v := range list[1:] {
		if compare(v, best)*sign > 0 {
			best = v
		}
	}
	return best
}

func evalSort(args []any) any {
	out := slices.Clone(asList(args[0]))
	slices.SortStableFunc(out, compare)
	return out
}

func evalJoin(args []any) any {
	var parts []string
	for _, v := range asList(args[0]) {
		parts = append(parts, v.(string))
	}
	return strings.Join(parts, args[1].(string))
}

func evalLower(args []any) any { return strings.ToLower(args[0].(string)) }
func evalUpper(args []any) any { return strings.ToUpper(args[0].(string)) }
func evalTrim(args []any) any  { return strings.TrimSpace(args[0].(string)) }
func evalSubstring(args []any) any {
	text := []rune(args[0].(string))
	from, to := within(args[1].(int64), text), within(args[2].(int64), text)
	if from >= to {
		return ""
	}
	return string(text[from:to])
}

// within is the place of a text nearest to one that may lie outside.
func within(place int64, text []rune) int64 { return min(max(place, 0), int64(len(text))) }

func evalSplit(args []any) any {
	out := []any{}
	for _, part := range strings.Split(args[0].(string), args[1].(string)) {
		out = append(out, part)
	}
	return out
}

func evalContains(args []any) any   { return strings.Contains(args[0].(string), args[1].(string)) }
func evalStartsWith(args []any) any { return strings.HasPrefix(args[0].(string), args[1].(string)) }
func evalEndsWith(args []any) any   { return strings.HasSuffix(args[0].(string), args[1].(string)) }
func evalMatches(args []any) any {
	return compiled(args[1].(string)).MatchString(args[0].(string))
}

func evalHas(args []any) any {
	return slices.ContainsFunc(asList(args[0]), func(v any) bool { return same(v, args[1]) })
}

func evalWith(args []any) any {
	list, i := asList(args[0]), args[1].(int64)
	element(list, i) // or a fault
	out := slices.Clone(list)
	out[i] = args[2]
	return out
}

func evalRemoveAt(args []any) any {
	list, i := asList(args[0]), args[1].(int64)
	element(list, i) // or a fault
	return slices.Concat(list[:i], list[i+1:])
}

func evalPut(args []any) any {
	out := map[string]any{}
	maps.Copy(out, asMap(args[0]))
	out[args[1].(string)] = args[2]
	return out
}

func evalWithout(args []any) any {
	out := map[string]any{}
	maps.Copy(out, asMap(args[0]))
	delete(out, args[1].(string))
	return out
}

func evalKeys(args []any) any {
	out := []any{}
	for _, k := range slices.Sorted(maps.Keys(args[0].(map[string]any))) {
		out = append(out, k)
	}
	return out
}

func evalSame(args []any) any { return args[0] }

func evalString(args []any) any {
	switch v := args[0].(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case decimal.Decimal:
		return v.String()
	case Span:
		return formatDuration(v)
	case time.Time:
		return formatTime(v)
	}
	return string(args[0].(Date))
}

func evalAbs(args []any) any {
	switch v := args[0].(type) {
	case int64:
		if v < 0 {
			return checked(subInt(0, v))
		}
	case Span:
		return max(v, -v)
	case decimal.Decimal:
		return v.Abs()
	}
	return args[0]
}

func evalDays(args []any) any    { return int64(args[0].(Span) / Day) }
func evalDaysOf(args []any) any  { return lasting(checked(mulInt(args[0].(int64), int64(Day)))) }
func evalHours(args []any) any   { return int64(args[0].(Span) / Hour) }
func evalHoursOf(args []any) any { return lasting(checked(mulInt(args[0].(int64), int64(Hour)))) }

func evalDateOf(args []any) any {
	t := args[0].(time.Time).In(args[1].(*time.Location))
	if t.Year() < 1 || t.Year() > 9999 {
		failf("the day is out of range")
	}
	return Date(t.Format(time.DateOnly))
}

func evalStartOf(args []any) any {
	t := dayStart(args[0].(Date), args[1].(*time.Location)).UTC()
	if outOfRange(t) {
		failf("the time is out of range")
	}
	return t
}

func evalYear(args []any) any  { return int64(calendar(args[0]).Year()) }
func evalMonth(args []any) any { return int64(calendar(args[0]).Month()) }
func evalDay(args []any) any   { return int64(calendar(args[0]).Day()) }
func evalWeekday(args []any) any {
	return int64((calendar(args[0]).Weekday()+6)%7) + 1 // Go begins with Sunday, as 0
}
func evalHourOf(args []any) any {
	return int64(args[0].(time.Time).In(args[1].(*time.Location)).Hour())
}

// calendar is the instant a day begins, for the calendar of package time.
func calendar(v any) time.Time { return dayStart(v.(Date), time.UTC) }

func evalStartOfMonth(args []any) any {
	t := calendar(args[0])
	return Date(t.AddDate(0, 0, 1-t.Day()).Format(time.DateOnly))
}

func evalAddMonths(args []any) any {
	return Date(addMonths(calendar(args[0]), args[1].(int64)).Format(time.DateOnly))
}

func evalAddMonthsTime(args []any) any {
	t := addMonths(args[0].(time.Time).In(args[2].(*time.Location)), args[1].(int64)).UTC()
	if outOfRange(t) {
		failf("the time is out of range")
	}
	return t
}

// addMonths is the same time of day so many months later, on the last day of a
// month that is too short.
func addMonths(t time.Time, n int64) time.Time {
	const allMonths = 12 * 10_000
	if n < -allMonths || n > allMonths {
		failf("the day is out of range")
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	if outOfRange(first) {
		failf("the day is out of range")
	}
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// evalRound takes a decimal, a scale and perhaps a mode.
func evalRound(args []any) any {
	return evalQuo(append([]any{args[0], decimal.NewFromInt(1)}, args[1:]...))
}

// evalQuo takes two decimals, a scale and perhaps a mode.
func evalQuo(args []any) any {
	mode := "half-up"
	if len(args) > 3 {
		mode = args[3].(string)
	}
	return quo(args[0].(decimal.Decimal), args[1].(decimal.Decimal), args[2].(int64), mode)
}

// quo divides and rounds once: the remainder is exact.
func quo(a, b decimal.Decimal, scale int64, mode string) decimal.Decimal {
	if b.IsZero() {
		failf("division by zero")
	}
	if scale < -maxDigits || scale > maxDigits {
		failf("a decimal has no %d decimal places", scale)
	}
	q, r := a.QuoRem(b, int32(scale))
	if r.IsZero() {
		return fits(q)
	}
	sign := int64(a.Sign() * b.Sign())
	half := r.Abs().Mul(decimal.NewFromInt(2)).Cmp(b.Abs().Mul(decimal.New(1, -int32(scale))))
	away := false
	switch mode {
	case "half-up":
		away = half >= 0
	case "half-even":
		away = half > 0 || half == 0 && q.Shift(int32(scale)).BigInt().Bit(0) == 1
	case "up":
		away = true
	case "floor":
		away = sign < 0
	case "ceiling":
		away = sign > 0
	}
	if away {
		q = q.Add(decimal.New(sign, -int32(scale)))
	}
	return fits(q)
}

// patterns are those that were compiled: models write them, so there are few.
var patterns sync.Map

// compiled is a pattern that check has found to be one.
func compiled(pattern string) *regexp.Regexp {
	if p, known := patterns.Load(pattern); known {
		return p.(*regexp.Regexp)
	}
	p := regexp.MustCompile(pattern)
	patterns.Store(pattern, p)
	return p
}
