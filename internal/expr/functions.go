package expr

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// Function is one way to call a function of the language. Any function can be
// written f(x, …) or x.f(…).
type Function struct {
	Name  string
	Usage string // how it is written: "round(x, 2)"
	Doc   string // what it gives, for the language reference

	params   []pattern
	variadic bool // the last parameter may come again
	result   pattern
	golang   string // Go, see (*goWriter).fill
	eval     func(args []any) any
	fold     func(c *checker, t *Tree) *Tree // looks at a call the checker made: checks literals, computes constants
}

// Functions are the functions of the language and its macros, in the order of
// the language reference.
func Functions() []*Function { return slices.Clone(functions) }

// Signature is the function with its types: "round(decimal, int) decimal".
func (f *Function) Signature() string {
	if f.params == nil {
		return f.Usage
	}
	params := make([]string, len(f.params))
	for i, p := range f.params {
		params[i] = p.String()
	}
	if f.variadic {
		params[len(params)-1] += "..."
	}
	return f.Name + "(" + strings.Join(params, ", ") + ") " + f.result.String()
}

var functions = slices.Concat(macroDocs, []*Function{
	fn("size(string) int", "size(text)", "how many characters a text has", "{Size}($1)", evalSizeText),
	fn("size(list(T)) int", "size(list)", "how many elements a list has", "int64(len($1))", evalSizeList),
	fn("size(map(T)) int", "size(map)", "how many keys a map has", "int64(len($1))", evalSizeMap),
	fn("sum(list(N)) N", "list.sum()", "the sum of ints, decimals or durations; of none it is 0", "{Sum}($1)", evalSum),
	fn("min(O, O...) O", "min(a, b)", "the smallest of values that have an order", "{Min}($*)", evalMin),
	fn("min(list(O)) O", "list.min()", "the smallest of a list; an empty one is a fault", "{Min}($1...)", evalMinList),
	fn("max(O, O...) O", "max(a, b)", "the largest of values that have an order", "{Max}($*)", evalMax),
	fn("max(list(O)) O", "list.max()", "the largest of a list; an empty one is a fault", "{Max}($1...)", evalMaxList),
	fn("sort(list(O)) list(O)", "list.sort()", "the elements from small to large", "{Sort}($1)", evalSort),
	fn("join(list(string), string) string", "list.join(', ')", "the texts in one, with a separator between", "strings.Join($1, $2)", evalJoin),
	fn("with(list(E), int, E) list(E)", "list.with(i, x)", "the list with x in place of an element; one that is not there is a fault", "{With}($1, $2, $3)", evalWith),
	fn("removeAt(list(E), int) list(E)", "list.removeAt(i)", "the list without an element; one that is not there is a fault", "{RemoveAt}($1, $2)", evalRemoveAt),
	fn("put(map(E), string, E) map(E)", "map.put(k, x)", "the map with x under a key, in place of what was there", "{Put}($1, $2, $3)", evalPut),
	fn("without(map(E), string) map(E)", "map.without(k)", "the map without a key, which need not be there", "{Without}($1, $2)", evalWithout),
	fn("lower(string) string", "lower(text)", "the text in lower case", "strings.ToLower($1)", evalLower),
	fn("upper(string) string", "upper(text)", "the text in upper case", "strings.ToUpper($1)", evalUpper),
	fn("substring(string, int, int) string", "substring(text, 0, 3)", "the characters from one place to before another, counted from 0; what lies outside the text is left out", "{Substring}($1, $2, $3)", evalSubstring),
	fn("split(string, string) list(string)", "text.split(',')", "the parts of a text between separators; an empty separator parts all characters", "strings.Split($1, $2)", evalSplit),
	fn("trim(string) string", "trim(text)", "the text without blanks around it", "strings.TrimSpace($1)", evalTrim),
	fn("contains(string, string) bool", "text.contains('x')", "whether a text has another in it", "strings.Contains($1, $2)", evalContains),
	fn("contains(list(T), T) bool", "list.contains(x)", "whether x is in a list; like x in list", "{Has}($1, $2)", evalHas),
	fn("startsWith(string, string) bool", "text.startsWith('x')", "whether a text begins with another", "strings.HasPrefix($1, $2)", evalStartsWith),
	fn("endsWith(string, string) bool", "text.endsWith('x')", "whether a text ends with another", "strings.HasSuffix($1, $2)", evalEndsWith),
	fn("matches(string, literal) bool", "text.matches(r'^[0-9]+$')", "whether a pattern (RE2) is found in a text", "{Matches}($1, $2)", evalMatches).folded(foldPattern),
	fn("round(decimal, int) decimal", "round(x, 2)", "rounded to so many decimal places (-3: to thousands), halves away from zero; of a division, round(a / b, 2), exactly", "{Round}($1, $2, {HalfUp})", evalRound),
	fn("round(decimal, int, literal) decimal", "round(x, 2, 'half-even')", "rounded as the word says: 'half-up', 'half-even', 'down', 'up', 'floor', 'ceiling'", "{Round}($1, $2, {@3})", evalRound).folded(foldMode),
	fn("abs(N) N", "abs(x)", "the number without its sign", "{Abs}($1)", evalAbs),
	fn("days(duration) int", "days(d)", "the whole days of a duration", "{Days}($1)", evalDays),
	fn("days(int) duration", "days(14)", "so many days of 24 hours", "{DaysOf}($1)", evalDaysOf),
	fn("hours(duration) int", "hours(d)", "the whole hours of a duration", "{Hours}($1)", evalHours),
	fn("hours(int) duration", "hours(36)", "so many hours", "{HoursOf}($1)", evalHoursOf),
	fn("date(literal) date", "date('2026-12-01')", "a day", "", nil).folded(foldLiteral),
	dayOf,
	fn("time(literal) time", "time('2026-12-01T09:00:00+09:00')", "an instant", "", nil).folded(foldLiteral),
	fn("time(date) time", "time(day)", "the instant a day begins, in the system's zone", "{StartOf}($1, {Zone})", evalStartOf).folded(foldZone),
	ofYear,
	fn("year(time) int", "year(now)", "the year of an instant, in the system's zone", "", nil).folded(ofItsDay(ofYear)),
	ofMonth,
	fn("month(time) int", "month(now)", "the month of an instant, in the system's zone", "", nil).folded(ofItsDay(ofMonth)),
	ofDay,
	fn("day(time) int", "day(now)", "the day of the month of an instant, in the system's zone", "", nil).folded(ofItsDay(ofDay)),
	ofWeekday,
	fn("weekday(time) int", "weekday(now)", "the day of the week of an instant, in the system's zone", "", nil).folded(ofItsDay(ofWeekday)),
	fn("hour(time) int", "hour(now)", "the hour of an instant, 0 to 23, in the system's zone", "{HourOf}($1, {Zone})", evalHourOf).folded(foldZone),
	fn("addMonths(date, int) date", "addMonths(day, 1)", "so many months later, or earlier; where the month is too short, its last day", "$.1.AddMonths($2)", evalAddMonths),
	fn("addMonths(time, int) time", "addMonths(now, 1)", "so many months later at the same time of day, in the system's zone", "{AddMonths}($1, $2, {Zone})", evalAddMonthsTime).folded(foldZone),
	ofMonthStart,
	fn("startOfMonth(time) date", "startOfMonth(now)", "the first day of the month of an instant, in the system's zone", "", nil).folded(ofItsDay(ofMonthStart)),
	fn("decimal(literal) decimal", "decimal('12.50')", "a decimal", "", nil).folded(foldLiteral),
	fn("decimal(decimal) decimal", "decimal(x)", "an int as a decimal", "", nil).folded(foldSame),
	fn("duration(literal) duration", "duration('8d')", "a duration of days (d), hours (h), minutes (m), seconds (s), ms and us", "", nil).folded(foldLiteral),
	fn("id(string) id", "id('x')", "a text as an id", "{ID}($1)", evalSame),
	newID,
	fn("string(string) string", "string(x)", "a value as a text", "", nil).folded(foldSame),
	fn("string(int) string", "string(x)", "the digits of a number", "strconv.FormatInt($1, 10)", evalString),
	fn("string(bool) string", "string(x)", "true or false", "strconv.FormatBool($1)", evalString),
	fn("string(id) string", "string(x)", "the text of an id", "string($1)", evalSame),
	fn("string(decimal) string", "string(x)", "the digits of a decimal, without zeros at its end", "$.1.String()", evalString),
	fn("string(date) string", "string(x)", "2026-12-01", "$.1.String()", evalString),
	fn("string(duration) string", "string(x)", "1d12h", "$.1.String()", evalString),
	fn("string(time) string", "string(x)", "2026-12-01T00:00:00Z", "{FormatTime}($1)", evalString),
})

// newID is what no other function is: each time another value. Where the same
// must come out again it cannot be used.
var newID = fn("uuid() id", "uuid()", "a new id, each time another; where something is decided (let, with of emit and call, of policies and sagas)", "{NewID}()", nil).folded(foldNewID)

// Functions of days, which those of instants come down to.
var (
	dayOf        = fn("date(time) date", "date(now)", "the day of an instant, in the system's zone", "{DateOf}($1, {Zone})", evalDateOf).folded(foldZone)
	ofYear       = fn("year(date) int", "year(day)", "the year of a day", "$.1.Year()", evalYear)
	ofMonth      = fn("month(date) int", "month(day)", "the month of a day, 1 to 12", "$.1.Month()", evalMonth)
	ofDay        = fn("day(date) int", "day(date(now))", "which day of its month a day is, 1 to 31", "$.1.Day()", evalDay)
	ofWeekday    = fn("weekday(date) int", "weekday(day)", "which day of the week a day is: 1 is Monday, 7 is Sunday", "$.1.Weekday()", evalWeekday)
	ofMonthStart = fn("startOfMonth(date) date", "startOfMonth(day)", "the first day of its month", "$.1.StartOfMonth()", evalStartOfMonth)
)

// quotient is round(a / b, places): what the checker makes of it.
var quotient = fn("round(decimal, decimal, int) decimal", "round(a / b, 2)", "the quotient, rounded", "{Quo}($1, $2, $3, {HalfUp})", evalQuo)

// quotientAs is round(a / b, places, mode).
var quotientAs = fn("round(decimal, decimal, int, literal) decimal", "round(a / b, 2, 'down')", "the quotient, rounded as the word says", "{Quo}($1, $2, $3, {@4})", evalQuo).folded(foldMode)

// keys lists the keys of a map a macro runs over, in order.
var keys = fn("keys(map(T)) list(string)", "", "", "{Keys}($1)", evalKeys)

// roundings are the words for ways to round, and what they are called in Go.
var roundings = map[string]string{
	"half-up": "HalfUp", "half-even": "HalfEven", "down": "Down", "up": "Up", "floor": "Floor", "ceiling": "Ceiling",
}

func fn(signature, usage, doc, golang string, eval func([]any) any) *Function {
	name, rest, _ := strings.Cut(signature, "(")
	end := strings.LastIndexByte(rest, ')')
	if inner := strings.LastIndex(rest, ") "); inner >= 0 {
		end = inner
	}
	f := &Function{Name: name, Usage: usage, Doc: doc, golang: golang, eval: eval, result: parsePattern(strings.TrimSpace(rest[end+1:]))}
	f.params = []pattern{} // a macro has nil
	for _, p := range strings.FieldsFunc(rest[:end], func(r rune) bool { return r == ',' || r == ' ' }) {
		p, f.variadic = strings.CutSuffix(p, "...")
		f.params = append(f.params, parsePattern(p))
	}
	return f
}

func (f *Function) folded(fold func(*checker, *Tree) *Tree) *Function {
	f.fold = fold
	return f
}

// pattern is a type of a signature; T, N and O stand for any type, any number,
// any type with an order, and E for the elements of a list or map, whose type
// stays as it is where what is put among them fits it.
type pattern struct {
	kind model.Kind
	elem *pattern
	any  string // "T", "N", "O", "E", or "literal"
}

func (p pattern) String() string {
	switch {
	case p.any == "literal":
		return "'…'"
	case p.any != "":
		return p.any
	case p.kind == model.List:
		return "list(" + p.elem.String() + ")"
	case p.kind == model.Map:
		return "map(" + p.elem.String() + ")"
	}
	return (&model.Type{Kind: p.kind}).String()
}

func parsePattern(s string) pattern {
	for k := model.String; k <= model.ID; k++ {
		if s == (&model.Type{Kind: k}).String() {
			return pattern{kind: k}
		}
	}
	if outer, inner, ok := strings.Cut(s, "("); ok {
		elem := parsePattern(strings.TrimSuffix(inner, ")"))
		return pattern{kind: map[string]model.Kind{"list": model.List, "map": model.Map}[outer], elem: &elem}
	}
	return pattern{any: s}
}

// bind is the type a pattern asks of an argument, given what its letters
// stand for already; nil when the argument does not fit.
func (p pattern) bind(t *Tree, typ *model.Type, letters map[string]*model.Type) *model.Type {
	switch p.any {
	case "":
	case "literal":
		if t == nil || t.Op != Const || t.Type.Kind != model.String {
			return nil
		}
		return stringType
	default:
		return p.bindLetter(typ, letters)
	}
	if p.elem == nil {
		want := &model.Type{Kind: p.kind}
		if fit(&Tree{Type: typ}, want) == nil {
			return nil
		}
		return want
	}
	if typ.Kind != p.kind {
		return nil
	}
	elem := p.elem.bind(nil, typ.Elem, letters)
	if elem == nil {
		return nil
	}
	return &model.Type{Kind: p.kind, Elem: elem}
}

func (p pattern) bindLetter(typ *model.Type, letters map[string]*model.Type) *model.Type {
	switch p.any {
	case "N":
		if !isNumber(typ) {
			return nil
		}
		typ = typ.Scalar()
	case "O":
		if !isOrdered(typ) {
			return nil
		}
		typ = typ.Scalar()
	case "E":
		if elem := letters["E"]; elem != nil && fit(&Tree{Type: typ}, elem) != nil {
			return elem
		}
	}
	typ = wider(letters[p.any], typ)
	letters[p.any] = typ
	return typ
}

// give is the type a pattern gives once its letters are known.
func (p pattern) give(letters map[string]*model.Type) *model.Type {
	switch {
	case p.any != "":
		return letters[p.any]
	case p.elem != nil:
		return &model.Type{Kind: p.kind, Elem: p.elem.give(letters)}
	}
	return &model.Type{Kind: p.kind}
}

// lookup finds the ways to call a function.
func lookup(name string) []*Function {
	var out []*Function
	for _, f := range functions {
		if f.Name == name {
			out = append(out, f)
		}
	}
	return out
}

// function checks f(x, …) and x.f(…), args[0] being x.
func (c *checker) function(x ast.Expr, name string, args []ast.Expr, want *model.Type) *Tree {
	if name == "has" {
		return c.has(x, args)
	}
	if t, ok := c.macro(x, name, args, want); ok {
		return t
	}
	rows := slices.DeleteFunc(lookup(name), func(f *Function) bool { return f.params == nil })
	if rows == nil {
		return c.noFunction(x, name)
	}
	if name == "round" && len(args) > 0 && isDivision(args[0]) {
		return c.quotient(x, args)
	}
	trees, ok := c.arguments(args, want)
	if !ok {
		return nil
	}
	for _, exact := range []bool{true, false} {
		for _, f := range rows {
			if t := c.match(x, f, trees, exact); t != nil {
				if f.fold != nil {
					return f.fold(c, t)
				}
				return t
			}
		}
	}
	return c.noOverload(x, name, rows, trees)
}

// noFunction reports a call of what is no function.
func (c *checker) noFunction(x ast.Expr, name string) *Tree {
	at := c.src.mark(x)
	if fix, ok := strangers[name]; ok {
		return c.fail(rule.ExprName, at, fix, "unknown function %s", name)
	}
	if v := c.variable(name); v != nil {
		return c.fail(rule.ExprName, at, "write "+name, "%s is no function", name)
	}
	names := []string{"has"}
	for _, f := range functions {
		names = append(names, f.Name)
	}
	return c.fail(rule.ExprName, at, c.suggest(name, names...), "unknown function %s", name)
}

// strangers are functions of other languages.
var strangers = map[string]string{
	"len": "write size(…)", "length": "write size(…)", "isEmpty": "write size(…) == 0", "empty": "write size(…) == 0",
	"any": "write list.exists(x, …)", "some": "write list.exists(x, …)", "every": "write list.all(x, …)",
	"toLower": "write lower(…)", "toUpper": "write upper(…)", "lowerAscii": "write lower(…)", "upperAscii": "write upper(…)",
	"timestamp": "write time(…)", "today": "write date(now)", "int": "write round(…, 0) for a decimal without a fraction",
	"double": "write decimal(…)", "float": "write decimal(…)", "ceil": "write round(x, 0, 'ceiling')", "floor": "write round(x, 0, 'floor')",
	"exists_one": "write list.count(x, …) == 1", "where": "write list.filter(x, …)", "select": "write list.map(x, …)",
	"first": "write list.find(x, …)", "indexOf": "write x in list", "avg": "write round(decimal(list.sum()) / size(list), 2)",
	"now": "write now", "substr": "write substring(text, from, to)", "slice": "write substring(text, from, to)", "dayOfMonth": "write day(…)",
	"dayOfWeek": "write weekday(…)", "addDays": "write day + days(…)", "newId": "write uuid()", "random": "write uuid()", "set": "write list.with(i, x) or map.put(k, x)", "replace": "write list.with(i, x)", "remove": "write list.removeAt(i), map.without(k) or list.filter(x, …)",
	"delete": "write list.removeAt(i) or map.without(k)", "add": "write list + [x]", "append": "write list + [x]", "exist": "write list.exists(x, …)", "defined": "write has(…)", "isNull": "write !has(…)",
}

// noOverload reports arguments no way to call a function takes.
func (c *checker) noOverload(x ast.Expr, name string, rows []*Function, trees []*Tree) *Tree {
	given := make([]string, len(trees))
	for i, t := range trees {
		given[i] = a(t.Type)
	}
	var usages []string
	for _, f := range rows {
		if !slices.Contains(usages, f.Usage) {
			usages = append(usages, f.Usage)
		}
	}
	with := "nothing"
	if len(given) > 0 {
		with = strings.Join(given, " and ")
	}
	return c.fail(rule.ExprType, c.src.mark(x), "write "+strings.Join(usages, " or "), "%s cannot be used with %s", name, with)
}

// arguments checks the arguments of a function. Bare enum values and empty
// lists among them take their type from the first of the others.
func (c *checker) arguments(args []ast.Expr, want *model.Type) ([]*Tree, bool) {
	trees := make([]*Tree, len(args))
	ok := true
	check := func(i int, hint *model.Type) {
		trees[i] = c.operand(args[i], hint)
		ok = ok && trees[i] != nil
	}
	hint, told := want, false
	for i, arg := range args {
		if !c.needsHint(arg) {
			if check(i, nil); trees[i] != nil && !told {
				hint, told = trees[i].Type, true
			}
		}
	}
	for i, arg := range args {
		switch {
		case !c.needsHint(arg):
		case i == 0 && arg.Kind() == ast.ListKind && hint != nil && hint.Kind != model.List:
			check(i, listOf(hint)) // [Placed, Paid].contains(state.status)
		case i == 0 && arg.Kind() == ast.MapKind:
			check(i, want) // {}.put(k, x)
		case i > 0 && hint != nil && hint.Elem != nil && (hint.Kind == model.Map || arg.Kind() != ast.IdentKind && hint.Elem.Elem != nil):
			check(i, hint.Elem) // map.put(k, Placed), lists.with(0, [])
		case arg.Kind() == ast.IdentKind && hint != nil && hint.Kind == model.List:
			check(i, hint.Elem) // list.contains(Placed)
		default:
			check(i, hint)
		}
	}
	return trees, ok
}

// match makes the call of a function, nil when the arguments do not fit it.
func (c *checker) match(x ast.Expr, f *Function, trees []*Tree, exact bool) *Tree {
	if len(trees) < len(f.params) || len(trees) > len(f.params) && !f.variadic {
		return nil
	}
	letters := map[string]*model.Type{}
	param := func(i int) pattern { return f.params[min(i, len(f.params)-1)] }
	for i, t := range trees { // first what the letters stand for, over all arguments
		bound := param(i).bind(t, t.Type, letters)
		if bound == nil || exact && param(i).any == "" && !bound.Same(t.Type) && param(i).elem == nil {
			return nil
		}
	}
	out := c.node(x, Call, f.result.give(letters))
	out.Func = f
	for i, t := range trees {
		v := fit(t, param(i).bind(t, t.Type, letters))
		if v == nil {
			return nil
		}
		out.Args = append(out.Args, v)
	}
	return out
}

func isDivision(x ast.Expr) bool {
	return x.Kind() == ast.CallKind && x.AsCall().FunctionName() == operators.Divide
}

// quotient checks round(a / b, places) and round(a / b, places, mode): the
// only place where decimals are divided. Ints divide like decimals here.
func (c *checker) quotient(x ast.Expr, args []ast.Expr) *Tree {
	sides := args[0].AsCall().Args()
	row := quotient
	if len(args) > 2 {
		row = quotientAs
	}
	if len(args) < 2 || len(args) > 3 {
		return c.fail(rule.ExprType, c.src.mark(x), "write round(a / b, 2)", "round needs the number of decimal places")
	}
	t := c.node(x, Call, decimalType)
	t.Func = row
	for _, side := range sides {
		t.Args = append(t.Args, c.as(side, decimalType, "each side of /"))
	}
	t.Args = append(t.Args, c.as(args[1], intType, "the number of decimal places"))
	if len(args) > 2 {
		t.Args = append(t.Args, c.as(args[2], stringType, "the way to round"))
	}
	if slices.Contains(t.Args, nil) {
		return nil
	}
	if row.fold != nil {
		return row.fold(c, t)
	}
	return t
}

// foldLiteral computes date('…'), time('…'), decimal('…') and duration('…').
func foldLiteral(c *checker, t *Tree) *Tree {
	arg := t.Args[0]
	v, err := parseConst(t.Type.Kind, arg.Value.(string))
	if err != nil {
		return c.fail(rule.ExprLiteral, arg.Offset, "write "+t.Func.Usage, "%v", err)
	}
	return &Tree{Op: Const, Type: t.Type, Value: v, Offset: t.Offset}
}

// foldSame drops a conversion that changes nothing.
func foldSame(_ *checker, t *Tree) *Tree { return t.Args[0] }

// foldZone notes the system's zone, for evaluation.
func foldZone(c *checker, t *Tree) *Tree {
	t.Value = c.zone()
	return t
}

// ofItsDay asks a function of days about the day of an instant.
func ofItsDay(f *Function) func(*checker, *Tree) *Tree {
	return func(c *checker, t *Tree) *Tree {
		day := foldZone(c, &Tree{Op: Call, Type: dateType, Func: dayOf, Args: t.Args, Offset: t.Offset})
		return &Tree{Op: Call, Type: t.Type, Func: f, Args: []*Tree{day}, Offset: t.Offset}
	}
}

// foldNewID refuses new ids where the same must come out again.
func foldNewID(c *checker, t *Tree) *Tree {
	if c.scope.Fresh {
		return t
	}
	return c.fail(rule.ExprName, t.Offset, "make it in a command, in let, or in with of emit or call, so that the event carries it on; or in with of a policy or saga",
		"uuid() gives another id each time, and here the same must come out again")
}

// foldPattern checks the pattern of matches.
func foldPattern(c *checker, t *Tree) *Tree {
	arg := t.Args[1]
	if _, err := regexp.Compile(arg.Value.(string)); err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return c.fail(rule.ExprLiteral, arg.Offset, "", "the pattern cannot be read: %s", reason)
	}
	return t
}

// foldMode checks the word for a way to round.
func foldMode(c *checker, t *Tree) *Tree {
	arg := t.Args[len(t.Args)-1]
	word, ok := arg.Value.(string)
	if _, known := roundings[word]; !ok || !known {
		return c.fail(rule.ExprLiteral, arg.Offset, fmt.Sprintf("write one of %s", "'half-up', 'half-even', 'down', 'up', 'floor', 'ceiling'"), "this is no way to round")
	}
	return t
}
