package expr

import (
	"fmt"
	gotoken "go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Precedences of Go expressions: what binds closer is larger.
const (
	precStruct = iota // T{…}: as an operand in parentheses, which an if asks for
	precOr
	precAnd
	precCompare
	precAdd
	precMul
	precUnary
	precPrimary
)

// goWriter writes one expression in Go.
type goWriter struct {
	GoNames
	imports map[string]bool
	locals  []goLocal
	roots   map[string]bool // first identifiers of what the names are spelled like; a macro's variable must not hide them
}

// goLocal is what a macro's variable is called in Go.
type goLocal struct{ name, text string }

// newGoWriter prepares to write a tree: where there are macros, a first pass
// finds the names that their variables must not take.
func newGoWriter(t *Tree, n GoNames) *goWriter {
	w := &goWriter{GoNames: n, imports: map[string]bool{}, roots: map[string]bool{}}
	if hasMacro(t) {
		w.expr(t)
		w.imports = map[string]bool{}
	}
	return w
}

func hasMacro(t *Tree) bool {
	return t.Op == Macro || slices.ContainsFunc(t.Args, hasMacro) || slices.ContainsFunc(t.Keys, hasMacro)
}

func toGo(t *Tree, n GoNames) Go {
	w := newGoWriter(t, n)
	text := w.expr(t)
	return Go{text, slices.Sorted(maps.Keys(w.imports))}
}

func toGoReturn(t *Tree, n GoNames) []string { return newGoWriter(t, n).returns(t) }

// returns writes the statements that return a tree.
func (w *goWriter) returns(t *Tree) []string {
	if t.Op != Cond || w.eager(t) {
		return []string{"return " + w.expr(t)}
	}
	out := []string{"if " + w.expr(t.Args[0]) + " {"}
	for _, line := range w.returns(t.Args[1]) {
		out = append(out, "\t"+line)
	}
	out = append(out, "}")
	return append(out, w.returns(t.Args[2])...)
}

// expr writes a tree.
func (w *goWriter) expr(t *Tree) string {
	text, _ := w.gen(t)
	return text
}

// at writes a tree as an operand of something that binds so close.
func (w *goWriter) at(t *Tree, prec int) string {
	text, p := w.gen(t)
	if p < prec {
		return "(" + text + ")"
	}
	return text
}

// receiver writes a tree before a dot. Go follows pointers there, so that an
// optional value known to be there needs no star.
func (w *goWriter) receiver(t *Tree) string {
	if t.Op == Convert && isOptional(t.Args[0].Type) {
		t = t.Args[0]
	}
	return w.at(t, precPrimary)
}

// typed writes a tree where Go looks for its type: a bare number would be an
// int there.
func (w *goWriter) typed(t *Tree) string {
	if t.Op == Const && t.Type.Kind == model.Int {
		return "int64(" + w.expr(t) + ")"
	}
	return w.expr(t)
}

func (w *goWriter) gen(t *Tree) (text string, prec int) {
	switch t.Op {
	case Const:
		return w.constant(t)
	case Name:
		return w.name(t.Ident), precPrimary
	case Enum:
		return w.root(w.EnumValue(t.Type.Def, t.Enum)), precPrimary
	case Select:
		if isClaim(t) {
			return w.receiver(t.Args[0]) + "." + Claim(t.Field), precPrimary
		}
		return w.receiver(t.Args[0]) + "." + w.Field(t.Field), precPrimary
	case Has:
		return w.at(presence(t), precCompare+1) + " != nil", precCompare
	case Index:
		name := "At"
		if t.Args[0].Type.Kind == model.Map {
			name = "Lookup"
		}
		return w.call(name, t.Args...), precPrimary
	case Call:
		return w.fill(t.Func.golang, t.Args), precPrimary
	case Unary:
		return w.unary(t)
	case Binary:
		return w.binary(t)
	case Cond:
		return w.cond(t), precPrimary
	case Macro:
		return w.macro(t), precPrimary
	case Convert:
		return w.convert(t)
	case New:
		return w.composite(t), precStruct
	}
	return w.composite(t), precPrimary
}

// Claim spells the reading of a claim, behind the dot.
func Claim(f *model.Field) string {
	return claimMethods[f.Type.Value().Kind] + "(" + quote.Go(names.Of(&f.Node).JSON) + ")"
}

// claimMethods are what claims of a type are read by.
var claimMethods = map[model.Kind]string{model.String: "AsText", model.ID: "AsID", model.Int: "AsInt", model.Bool: "AsBool", model.List: "AsTexts"}

// root notes the first identifier of a name.
func (w *goWriter) root(text string) string {
	first := strings.TrimLeft(text, "*[]&(")
	if i := strings.IndexFunc(first, func(r rune) bool { return r == '.' || r == '(' || r == '[' }); i >= 0 {
		first = first[:i]
	}
	w.roots[first] = true
	return text
}

// value spells a name of the language's values.
func (w *goWriter) value(name string) string { return w.root(w.Values(name)) }

// typ spells a type.
func (w *goWriter) typ(t *model.Type) string {
	text := w.Type(t)
	for i := t; i != nil; i = i.Elem {
		w.root(w.Type(i))
	}
	if strings.Contains(text, "time.Time") {
		w.imports["time"] = true
	}
	return text
}

// call writes a call of a function of the language's values.
func (w *goWriter) call(name string, args ...*Tree) string {
	return w.value(name) + "(" + w.list(args) + ")"
}

func (w *goWriter) list(args []*Tree) string {
	parts := make([]string, len(args))
	for i, x := range args {
		parts[i] = w.expr(x)
	}
	return strings.Join(parts, ", ")
}

func (w *goWriter) name(name string) string {
	for _, l := range slices.Backward(w.locals) {
		if l.name == name {
			return l.text
		}
	}
	return w.root(w.Var(name))
}

func (w *goWriter) constant(t *Tree) (string, int) {
	switch v := t.Value.(type) {
	case string:
		return quote.GoRaw(v), precPrimary
	case bool:
		return strconv.FormatBool(v), precPrimary
	case int64:
		if v < 0 {
			return strconv.FormatInt(v, 10), precUnary
		}
		return strconv.FormatInt(v, 10), precPrimary
	case Decimal:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return w.value("Int") + "(" + strconv.FormatInt(n, 10) + ")", precPrimary
		}
		return w.value("MustDecimal") + "(" + quote.GoRaw(string(v)) + ")", precPrimary
	case Date:
		return w.value("MustDate") + "(" + quote.GoRaw(string(v)) + ")", precPrimary
	case Time:
		return w.value("MustTime") + "(" + quote.GoRaw(string(v)) + ")", precPrimary
	}
	return w.value("MustDuration") + "(" + quote.GoRaw(string(t.Value.(Duration))) + ")", precPrimary
}

// fill writes a call as its function's template says: $1 is an argument, $*
// all of them, $.1 one before a dot, {Name} a name of the language's values,
// {@3} the way to round that the third argument names.
func (w *goWriter) fill(template string, args []*Tree) string {
	for _, pkg := range []string{"strings", "strconv"} {
		if strings.HasPrefix(template, pkg+".") {
			w.imports[pkg], w.roots[pkg] = true, true
		}
	}
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		rest := template[i:]
		switch {
		case strings.HasPrefix(rest, "$*"):
			parts := make([]string, len(args))
			for i, x := range args {
				parts[i] = w.expr(x)
			}
			if !slices.ContainsFunc(args, func(x *Tree) bool { return x.Op != Const }) {
				parts[0] = w.typed(args[0])
			}
			b.WriteString(strings.Join(parts, ", "))
			i++
		case strings.HasPrefix(rest, "$."):
			b.WriteString(w.receiver(args[rest[2]-'1']))
			i += 2
		case rest[0] == '$':
			x := args[rest[1]-'1']
			if strings.HasPrefix(template, "{Abs}") {
				b.WriteString(w.typed(x))
			} else {
				b.WriteString(w.expr(x))
			}
			i++
		case rest[0] == '{':
			name, _, _ := strings.Cut(rest[1:], "}")
			i += len(name) + 1
			if n, ok := strings.CutPrefix(name, "@"); ok {
				name = roundings[args[n[0]-'1'].Value.(string)]
			}
			b.WriteString(w.value(name))
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String()
}

func (w *goWriter) unary(t *Tree) (string, int) {
	x := t.Args[0]
	switch {
	case t.Ident == "!" && x.Op == Has:
		return w.at(presence(x), precCompare+1) + " == nil", precCompare
	case t.Ident == "!" && x.Op == Binary && opposite[x.Ident] != "":
		return w.equal(opposite[x.Ident], x.Args[0], x.Args[1])
	case t.Ident == "!":
		return "!" + w.at(x, precUnary), precUnary
	case t.Type.Kind == model.Int:
		return w.call("NegInt", x), precPrimary
	}
	return w.receiver(x) + ".Neg()", precPrimary
}

// opposite is the operator that says no where another says yes.
var opposite = map[string]string{"==": "!=", "!=": "=="}

// intFuncs are checked arithmetic on ints.
var intFuncs = map[string]string{"+": "AddInt", "-": "SubInt", "*": "MulInt", "/": "DivInt", "%": "ModInt"}

// methods are arithmetic on decimals and durations.
var methods = map[string]string{"+": "Add", "-": "Sub", "*": "Mul"}

func (w *goWriter) binary(t *Tree) (string, int) {
	l, r := t.Args[0], t.Args[1]
	switch t.Ident {
	case "&&":
		return w.at(l, precAnd) + " && " + w.at(r, precAnd+1), precAnd
	case "||":
		return w.at(l, precOr) + " || " + w.at(r, precOr+1), precOr
	case "in":
		return w.in(l, r), precPrimary
	case "==", "!=":
		return w.equal(t.Ident, l, r)
	case "<", "<=", ">", ">=":
		return w.order(t.Ident, l, r)
	}
	lk, rk := l.Type.Kind, r.Type.Kind
	switch {
	case lk == model.String:
		return w.at(l, precAdd) + " + " + w.at(r, precAdd+1), precAdd
	case lk == model.List:
		w.imports["slices"], w.roots["slices"] = true, true
		return "slices.Concat(" + w.list(t.Args) + ")", precPrimary
	case lk == model.Int && rk == model.Int:
		return w.call(intFuncs[t.Ident], l, r), precPrimary
	case lk == model.Time && rk == model.Time:
		return w.call("Since", l, r), precPrimary
	case lk == model.Time && t.Ident == "-":
		return w.call("SubTime", l, r), precPrimary
	case lk == model.Time:
		return w.call("AddTime", l, r), precPrimary
	case lk == model.Date && rk == model.Date:
		return w.receiver(l) + ".Since(" + w.expr(r) + ")", precPrimary
	case rk == model.Time: // duration + time
		return w.receiver(l) + ".After(" + w.expr(r) + ")", precPrimary
	case rk == model.Date:
		return w.receiver(l) + ".AfterDate(" + w.expr(r) + ")", precPrimary
	case lk == model.Int: // int * duration
		return w.call("Times", l, r), precPrimary
	}
	return w.receiver(l) + "." + methods[t.Ident] + "(" + w.expr(r) + ")", precPrimary
}

// in writes a test for an element, with the element first, as in the model, where
// the standard library has none, or would compute the list first although either may
// be at fault.
func (w *goWriter) in(l, r *Tree) string {
	if r.Type.Kind == model.Map {
		return w.call("InMap", l, r)
	}
	if r.Op != ListOf && r.Type.Elem.Kind != model.Optional && comparable(l.Type) && (w.harmless(l) || w.harmless(r)) {
		w.imports["slices"], w.roots["slices"] = true, true
		return "slices.Contains(" + w.expr(r) + ", " + w.expr(l) + ")"
	}
	rest := w.expr(r) + "..."
	element := w.expr(l)
	if r.Op == ListOf && len(r.Args) > 0 {
		rest = w.list(r.Args)
		if l.Op == Const && !slices.ContainsFunc(r.Args, func(x *Tree) bool { return x.Op != Const }) {
			element = w.typed(l)
		}
	}
	return w.value("In") + "(" + element + ", " + rest + ")"
}

// sized writes the comparison of a length with a number as a person would: a
// length is an int of Go.
func (w *goWriter) sized(sign string, l, r *Tree) (text string, is bool) {
	if l.Op != Call || l.Func.Name != "size" || r.Op != Const {
		return "", false
	}
	switch l.Args[0].Type.Kind {
	case model.List, model.Map:
	case model.String:
		return w.sizedText(sign, l.Args[0], r)
	default:
		return "", false
	}
	if sign == "<=" && r.Value == int64(0) {
		sign = "==" // there are no fewer than none
	}
	return "len(" + w.expr(l.Args[0]) + ") " + sign + " " + w.expr(r), true
}

// sizedText writes whether there is a text at all.
func (w *goWriter) sizedText(sign string, text, size *Tree) (string, bool) {
	switch {
	case size.Value == int64(0) && (sign == "==" || sign == "<="), size.Value == int64(1) && sign == "<":
		return w.at(text, precCompare+1) + ` == ""`, true
	case size.Value == int64(0) && (sign == "!=" || sign == ">"), size.Value == int64(1) && sign == ">=":
		return w.at(text, precCompare+1) + ` != ""`, true
	}
	return "", false
}

func (w *goWriter) equal(sign string, l, r *Tree) (string, int) {
	if text, is := w.sized(sign, l, r); is {
		return text, precCompare
	}
	if comparable(l.Type) {
		return w.at(l, precCompare+1) + " " + sign + " " + w.at(r, precCompare+1), precCompare
	}
	var text string
	switch l.Type.Kind {
	case model.Decimal, model.Time:
		text = w.receiver(l) + ".Equal(" + w.expr(r) + ")"
	default:
		text = w.call("Same", l, r)
	}
	if sign == "!=" {
		return "!" + text, precUnary
	}
	return text, precPrimary
}

func (w *goWriter) order(sign string, l, r *Tree) (string, int) {
	if text, is := w.sized(sign, l, r); is {
		return text, precCompare
	}
	switch l.Type.Kind {
	case model.Decimal:
		return w.receiver(l) + ".Cmp(" + w.expr(r) + ") " + sign + " 0", precCompare
	case model.Time, model.Date:
		arg := "(" + w.expr(r) + ")"
		switch sign {
		case "<":
			return w.receiver(l) + ".Before" + arg, precPrimary
		case ">":
			return w.receiver(l) + ".After" + arg, precPrimary
		case "<=":
			return "!" + w.receiver(l) + ".After" + arg, precUnary
		}
		return "!" + w.receiver(l) + ".Before" + arg, precUnary
	}
	return w.at(l, precCompare+1) + " " + sign + " " + w.at(r, precCompare+1), precCompare
}

// cond writes a ? b : c inside an expression.
func (w *goWriter) cond(t *Tree) string {
	if w.eager(t) {
		first := w.expr(t.Args[1])
		if t.Args[1].Op == Const && t.Args[2].Op == Const {
			first = w.typed(t.Args[1])
		}
		return w.value("If") + "(" + w.expr(t.Args[0]) + ", " + first + ", " + w.expr(t.Args[2]) + ")"
	}
	return w.function("", w.typ(t.Type), t) + "()"
}

// eager reports whether both branches may be computed: they are there, and
// cannot fault.
func (w *goWriter) eager(t *Tree) bool { return w.harmless(t.Args[1]) && w.harmless(t.Args[2]) }

func (w *goWriter) harmless(t *Tree) bool {
	switch t.Op {
	case Const, Enum:
		return true
	case Name:
		return !strings.Contains(w.name(t.Ident), "(")
	case Select:
		return w.harmless(t.Args[0])
	}
	return false
}

// function writes a function literal that returns a tree.
func (w *goWriter) function(params, result string, body *Tree) string {
	lines := w.returns(body)
	if len(lines) == 1 && len(lines[0]) < 100 {
		return "func(" + params + ") " + result + " { " + lines[0] + " }"
	}
	return "func(" + params + ") " + result + " {\n" + strings.Join(lines, "\n") + "\n}"
}

// macroFuncs are what macros are called in Go.
var macroFuncs = map[string]string{"all": "All", "map": "Map", "filter": "Filter", "find": "Find", "count": "Count", "sort": "SortBy"}

func (w *goWriter) macro(t *Tree) string {
	list, body := t.Args[0], t.Args[1]
	text := w.expr(list)
	name := w.local(t.Var)
	w.locals = append(w.locals, goLocal{t.Var, name})
	fn := w.function(name+" "+w.typ(list.Type.Elem), w.typ(body.Type), body)
	w.locals = w.locals[:len(w.locals)-1]
	if t.Ident == "exists" {
		w.imports["slices"], w.roots["slices"] = true, true
		return "slices.ContainsFunc(" + text + ", " + fn + ")"
	}
	return w.value(macroFuncs[t.Ident]) + "(" + text + ", " + fn + ")"
}

// local chooses what a macro's variable is called in Go: as the names spell
// it, unless that is no name, or one that stands for something else.
func (w *goWriter) local(name string) string {
	text := w.Var(name)
	if !gotoken.IsIdentifier(text) {
		text = name
	}
	if !gotoken.IsIdentifier(text) {
		text = "v"
	}
	free := func(s string) bool {
		return !w.roots[s] && !predeclared[s] && !slices.ContainsFunc(w.locals, func(l goLocal) bool { return l.text == s && l.name != name })
	}
	out := text
	for i := 2; !free(out); i++ {
		out = fmt.Sprint(text, i)
	}
	return out
}

// predeclared are the identifiers of Go that generated expressions use.
var predeclared = map[string]bool{
	"string": true, "bool": true, "int64": true, "len": true, "new": true, "nil": true, "true": true, "false": true, "map": true, "_": true,
}

func (w *goWriter) convert(t *Tree) (string, int) {
	x := t.Args[0]
	switch {
	case isOptional(t.Type):
		return "new(" + w.typed(x) + ")", precPrimary
	case isOptional(x.Type):
		return "*" + w.at(x, precPrimary), precUnary
	case isConstrained(t.Type):
		text := w.typ(t.Type) + "(" + w.expr(x) + ")"
		if x.Op == Const || t.Type.Def.Check == nil {
			return text, precPrimary
		}
		return w.value("Checked") + "(" + text + ")", precPrimary
	case isConstrained(x.Type):
		return w.typ(t.Type) + "(" + w.expr(x) + ")", precPrimary
	}
	return w.call("Int", x), precPrimary
}

// composite writes lists, maps and value objects.
func (w *goWriter) composite(t *Tree) string {
	parts := make([]string, len(t.Args))
	for i, x := range t.Args {
		parts[i] = w.expr(x)
		switch t.Op {
		case MapOf:
			parts[i] = w.expr(t.Keys[i]) + ": " + parts[i]
		case New:
			parts[i] = w.Field(t.Fields[i]) + ": " + parts[i]
		}
	}
	return w.typ(t.Type) + "{" + strings.Join(parts, ", ") + "}"
}
