package expr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// PyNames spells the model's names in Python.
type PyNames interface {
	Field(f *model.Field) string                           // "customer_id"
	EnumValue(t *model.TypeDef, v *model.EnumValue) string // "OrderStatus.PLACED"
	Class(t *model.TypeDef) string                         // "OrderItem"
	Holds(t *model.TypeDef) string                         // the function that says whether a value is one of a constrained scalar
	Var(name string) string                                // "e" for "event"
	Zone() string                                          // the time zone of the system
	NewID() string                                         // makes an id: "fresh.new"
}

// ToPython translates a checked expression to Python. It mentions the modules
// values and identity of the chassis, as such.
func ToPython(t *Tree, n PyNames) string {
	text, _ := (&pyWriter{PyNames: n}).gen(t)
	return text
}

// Precedences of Python expressions: what binds closer is larger.
const (
	pyCond = iota
	pyOr
	pyAnd
	pyNot
	pyCompare
	pyAdd
	pyPrimary
)

// pyWriter writes one expression in Python.
type pyWriter struct {
	PyNames
	locals []goLocal // of macros
}

func (w *pyWriter) expr(t *Tree) string { return w.at(t, pyCond) }

// at writes a tree as an operand of something that binds so close.
func (w *pyWriter) at(t *Tree, prec int) string {
	text, p := w.gen(t)
	if p < prec {
		return "(" + text + ")"
	}
	return text
}

func (w *pyWriter) gen(t *Tree) (text string, prec int) {
	switch t.Op {
	case Const:
		return pyConst(t), pyPrimary
	case Name:
		return w.name(t.Ident), pyPrimary
	case Enum:
		return w.EnumValue(t.Type.Def, t.Enum), pyPrimary
	case Select:
		if isClaim(t) {
			return pyClaim(w.at(t.Args[0], pyPrimary), t.Field), pyPrimary
		}
		return w.at(t.Args[0], pyPrimary) + "." + w.Field(t.Field), pyPrimary
	case Has:
		return w.at(presence(t), pyCompare+1) + " is not None", pyCompare
	case Index:
		if t.Args[0].Type.Kind == model.Map {
			return w.call("lookup", t.Args...), pyPrimary
		}
		return w.call("at", t.Args...), pyPrimary
	case Call:
		return w.function(t)
	case Unary:
		return w.unary(t)
	case Binary:
		return w.binary(t)
	case Cond:
		return w.at(t.Args[1], pyOr) + " if " + w.at(t.Args[0], pyOr) + " else " + w.at(t.Args[2], pyCond), pyCond
	case Macro:
		return w.macro(t), pyPrimary
	case Convert:
		return w.convert(t)
	}
	return w.composite(t), pyPrimary
}

// pyClaims are the functions of the chassis that read claims of a type.
var pyClaims = map[model.Kind]string{
	model.String: "claim_text", model.ID: "claim_id", model.Int: "claim_int", model.Bool: "claim_bool", model.List: "claim_texts",
}

// PyClaim reads a claim in Python, of what holds them.
func PyClaim(claims string, f *model.Field) string { return pyClaim(claims, f) }

func pyClaim(claims string, f *model.Field) string {
	return "identity." + pyClaims[f.Type.Value().Kind] + "(" + claims + ", " + quote.JSON(names.Of(&f.Node).JSON) + ")"
}

// call writes a call of a function of the language's values.
func (w *pyWriter) call(name string, args ...*Tree) string {
	return "values." + name + "(" + w.list(args) + ")"
}

func (w *pyWriter) list(args []*Tree) string {
	parts := make([]string, len(args))
	for i, x := range args {
		parts[i] = w.expr(x)
	}
	return strings.Join(parts, ", ")
}

func (w *pyWriter) name(name string) string {
	for _, l := range slices.Backward(w.locals) {
		if l.name == name {
			return l.text
		}
	}
	return w.Var(name)
}

func pyConst(t *Tree) string {
	switch v := t.Value.(type) {
	case string:
		return quote.JSON(v)
	case bool:
		return PyBool(v)
	case int64:
		if v < 0 {
			return "(" + strconv.FormatInt(v, 10) + ")"
		}
		return strconv.FormatInt(v, 10)
	case Decimal:
		return PyDecimal(string(v))
	case Date:
		return PySpelled("date", string(v))
	case Time:
		return PySpelled("time", string(v))
	}
	return PySpelled("duration", string(t.Value.(Duration)))
}

// PyBool is a truth in Python.
func PyBool(v bool) string {
	if v {
		return "True"
	}
	return "False"
}

// PyDecimal is a decimal in Python.
func PyDecimal(text string) string { return "values.parse_decimal(" + quote.JSON(text) + ")" }

// PySpelled is a day, an instant or a length of time in Python.
func PySpelled(kind, text string) string {
	return "values.parse_" + kind + "(" + quote.JSON(text) + ")"
}

// pyFunction is how a function is written in Python: $1 is an argument, $.1 one
// that something is asked of, $=1 one that is compared, $* are all.
type pyFunction struct {
	text string
	prec int
}

func pyCall(text string) pyFunction { return pyFunction{text, pyPrimary} }

// pyFunctions are the functions of the language, by their signatures.
var pyFunctions = map[string]pyFunction{
	"size(string) int":                          pyCall("len($1)"),
	"size(list(T)) int":                         pyCall("len($1)"),
	"size(map(T)) int":                          pyCall("len($1)"),
	"sum(list(N)) N":                            pyCall("values.total($1, {zero})"),
	"min(O, O...) O":                            pyCall("min($*)"),
	"min(list(O)) O":                            pyCall("values.smallest($1)"),
	"max(O, O...) O":                            pyCall("max($*)"),
	"max(list(O)) O":                            pyCall("values.largest($1)"),
	"sort(list(O)) list(O)":                     pyCall("sorted($1)"),
	"join(list(string), string) string":         pyCall("$.2.join($1)"),
	"with(list(E), int, E) list(E)":             pyCall("values.with_element($*)"),
	"removeAt(list(E), int) list(E)":            pyCall("values.remove_at($*)"),
	"put(map(E), string, E) map(E)":             pyCall("{**$=1, $2: $3}"),
	"without(map(E), string) map(E)":            pyCall("values.without($*)"),
	"lower(string) string":                      pyCall("values.lower($1)"),
	"upper(string) string":                      pyCall("values.upper($1)"),
	"substring(string, int, int) string":        pyCall("values.substring($*)"),
	"split(string, string) list(string)":        pyCall("values.split($*)"),
	"trim(string) string":                       pyCall("values.trim($1)"),
	"contains(string, string) bool":             {"$=2 in $=1", pyCompare},
	"contains(list(T), T) bool":                 {"$=2 in $=1", pyCompare},
	"startsWith(string, string) bool":           pyCall("$.1.startswith($2)"),
	"endsWith(string, string) bool":             pyCall("$.1.endswith($2)"),
	"matches(string, '…') bool":                 pyCall("values.matches($1, {pattern})"),
	"round(decimal, int) decimal":               pyCall(`values.rounded($1, $2, "half-up")`),
	"round(decimal, int, '…') decimal":          pyCall("values.rounded($*)"),
	"round(decimal, decimal, int) decimal":      pyCall(`values.quotient($1, $2, $3, "half-up")`),
	"round(decimal, decimal, int, '…') decimal": pyCall("values.quotient($*)"),
	"abs(N) N":                  pyCall("values.absolute($1)"),
	"days(duration) int":        pyCall("values.days($1)"),
	"days(int) duration":        pyCall("values.days_of($1)"),
	"hours(duration) int":       pyCall("values.hours($1)"),
	"hours(int) duration":       pyCall("values.hours_of($1)"),
	"date(time) date":           pyCall("values.date_of($1, {zone})"),
	"time(date) time":           pyCall("values.start_of($1, {zone})"),
	"year(date) int":            pyCall("$.1.year"),
	"month(date) int":           pyCall("$.1.month"),
	"day(date) int":             pyCall("$.1.day"),
	"weekday(date) int":         pyCall("$.1.isoweekday()"),
	"hour(time) int":            pyCall("values.hour_of($1, {zone})"),
	"addMonths(date, int) date": pyCall("values.add_months($*)"),
	"addMonths(time, int) time": pyCall("values.add_months_in($*, {zone})"),
	"startOfMonth(date) date":   pyCall("$.1.replace(day=1)"),
	"id(string) id":             pyCall("$.1"),
	"uuid() id":                 pyCall("{new}()"),
	"string(int) string":        pyCall("str($1)"),
	"string(bool) string":       pyCall("values.bool_text($1)"),
	"string(id) string":         pyCall("$.1"),
	"string(decimal) string":    pyCall("values.decimal_text($1)"),
	"string(date) string":       pyCall("$.1.isoformat()"),
	"string(duration) string":   pyCall("values.duration_text($1)"),
	"string(time) string":       pyCall("values.time_text($1)"),
	"keys(map(T)) list(string)": pyCall("sorted($1)"),
}

// zeros are what sums begin with.
var pyZeros = map[model.Kind]string{model.Int: "0", model.Decimal: "values.Decimal(0)", model.Duration: "values.timedelta()"}

func (w *pyWriter) function(t *Tree) (string, int) {
	f, known := pyFunctions[t.Func.Signature()]
	if !known {
		panic(fmt.Sprintf("no Python for %s", t.Func.Signature())) // a test knows all
	}
	var b strings.Builder
	for i := 0; i < len(f.text); i++ {
		rest := f.text[i:]
		switch {
		case strings.HasPrefix(rest, "$*"):
			b.WriteString(w.list(t.Args))
			i++
		case strings.HasPrefix(rest, "$."):
			b.WriteString(w.at(t.Args[rest[2]-'1'], pyPrimary))
			i += 2
		case strings.HasPrefix(rest, "$="):
			b.WriteString(w.at(t.Args[rest[2]-'1'], pyCompare+1))
			i += 2
		case rest[0] == '$':
			b.WriteString(w.expr(t.Args[rest[1]-'1']))
			i++
		case strings.HasPrefix(rest, "{zero}"):
			b.WriteString(pyZeros[t.Type.Kind])
			i += len("zero}")
		case strings.HasPrefix(rest, "{pattern}"):
			b.WriteString(quote.JSON(pyPattern(t.Args[1].Value.(string))))
			i += len("pattern}")
		case strings.HasPrefix(rest, "{zone}"):
			b.WriteString(w.Zone())
			i += len("zone}")
		case strings.HasPrefix(rest, "{new}"):
			b.WriteString(w.NewID())
			i += len("new}")
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String(), f.prec
}

func (w *pyWriter) unary(t *Tree) (string, int) {
	x := t.Args[0]
	switch {
	case t.Ident == "!" && x.Op == Has:
		return w.at(presence(x), pyCompare+1) + " is None", pyCompare
	case t.Ident == "!" && x.Op == Binary && opposite[x.Ident] != "":
		return w.compared(opposite[x.Ident], x.Args[0], x.Args[1])
	case t.Ident == "!" && x.Op == Binary && x.Ident == "in":
		return w.compared("not in", x.Args[0], x.Args[1])
	case t.Ident == "!":
		return "not " + w.at(x, pyNot), pyNot
	}
	return w.call("neg", x), pyPrimary
}

// pyArithmetic are the operators of numbers, days and times.
var pyArithmetic = map[string]string{"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod"}

func (w *pyWriter) binary(t *Tree) (string, int) {
	l, r := t.Args[0], t.Args[1]
	switch t.Ident {
	case "&&":
		return w.at(l, pyAnd) + " and " + w.at(r, pyAnd+1), pyAnd
	case "||":
		return w.at(l, pyOr) + " or " + w.at(r, pyOr+1), pyOr
	case "==", "!=", "<", "<=", ">", ">=", "in":
		return w.compared(t.Ident, l, r)
	}
	if l.Type.Kind == model.String || l.Type.Kind == model.List {
		return w.at(l, pyAdd) + " + " + w.at(r, pyAdd+1), pyAdd
	}
	return w.call(pyArithmetic[t.Ident], l, r), pyPrimary
}

// compared writes a comparison. Python chains those that stand side by side: they
// are kept apart.
func (w *pyWriter) compared(sign string, l, r *Tree) (string, int) {
	return w.at(l, pyCompare+1) + " " + sign + " " + w.at(r, pyCompare+1), pyCompare
}

func (w *pyWriter) macro(t *Tree) string {
	list, body := t.Args[0], t.Args[1]
	over := w.at(list, pyOr)
	name := w.local(t.Var)
	w.locals = append(w.locals, goLocal{t.Var, name})
	defer func() { w.locals = w.locals[:len(w.locals)-1] }()
	each := " for " + name + " in " + over
	switch t.Ident {
	case "exists":
		return "any(" + w.expr(body) + each + ")"
	case "all":
		return "all(" + w.expr(body) + each + ")"
	case "map":
		return "[" + w.expr(body) + each + "]"
	case "filter":
		return "[" + name + each + " if " + w.at(body, pyOr) + "]"
	case "find":
		return "next((" + name + each + " if " + w.at(body, pyOr) + "), None)"
	case "count":
		return "sum(1" + each + " if " + w.at(body, pyOr) + ")"
	}
	return "sorted(" + over + ", key=lambda " + name + ": " + w.expr(body) + ")"
}

// local chooses what a macro's variable is called: as in the model, unless that
// means something else. One within another's body has a name of its own.
func (w *pyWriter) local(name string) string {
	text := w.Var(name)
	if !PyIdentifier(text) {
		text = "v"
	}
	free := func(s string) bool {
		return !pyTaken[s] && !slices.ContainsFunc(w.locals, func(l goLocal) bool { return l.text == s })
	}
	out := text
	for i := 2; !free(out); i++ {
		out = fmt.Sprint(text, "_", i)
	}
	return out
}

// pyTaken are the names that expressions mention besides those of the model.
var pyTaken = func() map[string]bool {
	taken := map[string]bool{}
	for _, name := range strings.Fields("values identity where forms any all next sum sorted min max len str fresh e m meta row actor asked now ZONE") {
		taken[name] = true
	}
	return taken
}()

func (w *pyWriter) convert(t *Tree) (string, int) {
	x := t.Args[0]
	switch {
	case isOptional(t.Type), isOptional(x.Type):
		return w.gen(x)
	case isConstrained(t.Type) && x.Op != Const && hasCheck(t.Type):
		return "values.checked(" + w.expr(x) + ", " + w.Holds(t.Type.Def) + ", " + quote.JSON(t.Type.Def.Name) + ")", pyPrimary
	case isConstrained(t.Type), isConstrained(x.Type):
		if t.Type.Scalar().Kind == model.Decimal && x.Type.Scalar().Kind == model.Int {
			break
		}
		return w.gen(x)
	}
	if x.Op == Const {
		return PyDecimal(strconv.FormatInt(x.Value.(int64), 10)), pyPrimary
	}
	return "values.Decimal(" + w.expr(x) + ")", pyPrimary
}

// hasCheck reports whether a constrained scalar, or what it is made of, has a
// condition.
func hasCheck(t *model.Type) bool {
	return isConstrained(t) && (t.Def.Check != nil || hasCheck(t.Def.Is))
}

// composite writes lists, maps and value objects.
func (w *pyWriter) composite(t *Tree) string {
	parts := make([]string, len(t.Args))
	for i, x := range t.Args {
		parts[i] = w.expr(x)
		switch t.Op {
		case MapOf:
			parts[i] = w.expr(t.Keys[i]) + ": " + parts[i]
		case New:
			parts[i] = w.Field(t.Fields[i]) + "=" + parts[i]
		}
	}
	inner := strings.Join(parts, ", ")
	switch t.Op {
	case MapOf:
		return "{" + inner + "}"
	case New:
		return w.Class(t.Type.Def) + "(" + inner + ")"
	}
	return "[" + inner + "]"
}

// PyIdentifier reports whether a text is a name in Python that is no word of it.
func PyIdentifier(text string) bool {
	for i, r := range text {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return text != "" && !pyKeywords[text]
}

// PyName is a text that is an identifier as a name in Python: words of the
// language end in "_".
func PyName(text string) string {
	if pyKeywords[text] {
		return text + "_"
	}
	return text
}

var pyKeywords = func() map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields(`False None True and as assert async await break class continue def del elif else except finally for
		from global if import in is lambda nonlocal not or pass raise return try while with yield`) {
		words[word] = true
	}
	return words
}()
