package expr

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/model"
)

var (
	expressions = flag.Int("expressions", 200, "how many random expressions to compare")
	seed        = flag.Uint64("seed", 0, "of the random expressions; 0: by the clock")
)

// Random expressions have one value, whether they are evaluated or compiled.
func TestEvalIsGo(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a program")
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", *seed)
	r := &randomizer{rand.New(rand.NewPCG(*seed, 1)), nil}
	p := newProgram()
	var texts, want []string
	for range *expressions {
		name := r.pick("bool", "int", "decimal", "string", "date", "time", "duration", "id", "Color", "Item", "optional(string)",
			"list(int)", "list(decimal)", "list(string)", "list(Item)", "map(int)")
		text := r.expr(name, 4)
		x := exprAt(text)
		tree, diags := p.fixture.check(x, p.fixture.want(name))
		if tree == nil {
			t.Fatalf("%s\nas a %s: %v", text, name, diags)
		}
		v, err := Eval(tree, p.vars())
		texts, want = append(texts, text), append(want, canon(v, err, tree.Type))
		p.add(tree)
	}
	got := p.run(t)
	if len(got) != len(want) {
		t.Fatalf("%d results of %d", len(got), len(want))
	}
	faults := 0
	for i := range want {
		if want[i] == "fault" {
			faults++
		}
		if got[i] != want[i] {
			t.Errorf("%s\nis   %s evaluated\nand  %s as Go\n%s", texts[i], want[i], got[i], p.funcs[i])
		}
	}
	t.Logf("%d expressions, %d faults", len(want), faults)
}

// randomizer writes well-typed expressions.
type randomizer struct {
	*rand.Rand
	locals []string // variables of macros, all of type Item
}

func (r *randomizer) pick(from ...string) string { return from[r.IntN(len(from))] }

// expr writes an expression of a type.
func (r *randomizer) expr(typ string, depth int) string {
	leaf := r.leaves(typ)
	if depth <= 0 || r.IntN(6) == 0 {
		return r.pick(leaf...)
	}
	x := func(typ string) string { return r.expr(typ, depth-1) }
	if r.IntN(8) == 0 && typ != "optional(string)" {
		return "(" + x("bool") + " ? " + x(typ) + " : " + x(typ) + ")"
	}
	switch typ {
	case "bool":
		other := r.pick("int", "decimal", "string", "date", "time", "duration")
		anything := r.pick(other, "id", "Color", "Item", "list(int)", "list(Item)", "map(int)", "bool")
		return r.pick(
			"("+x("bool")+" && "+x("bool")+")", "("+x("bool")+" || "+x("bool")+")", "!("+x("bool")+")",
			"("+x(other)+r.pick(" < ", " <= ", " > ", " >= ")+x(other)+")",
			"("+x(anything)+r.pick(" == ", " != ")+x(anything)+")",
			"("+x("int")+" in "+x("list(int)")+")", "("+x("string")+" in "+x("map(int)")+")", "("+x("Color")+" in [Color.Red, "+x("Color")+"])",
			r.each("exists", "bool", depth), r.each("all", "bool", depth),
			x("string")+r.pick(".contains(", ".startsWith(", ".endsWith(")+x("string")+")", x("string")+".matches(r'^[a-c]+')",
			"(has(s.note) && s.note == "+x("string")+")", "(!has(s.gone) || s.gone == "+x("string")+")", "has(s.gone)")
	case "int":
		return r.pick(
			"("+x("int")+r.pick(" + ", " - ", " * ", " / ", " % ")+x("int")+")", "(-("+x("int")+"))",
			"size("+x(r.pick("string", "list(int)", "list(Item)", "map(int)"))+")", x("list(int)")+r.pick(".sum()", ".min()", ".max()"),
			x("list(int)")+"["+x("int")+"]", x("map(int)")+"["+x("string")+"]", r.each("count", "bool", depth),
			r.pick("days(", "hours(")+x("duration")+")", "abs("+x("int")+")", "max("+x("int")+", "+x("int")+")", x("Item")+".qty")
	case "decimal":
		return r.pick(
			"("+x("decimal")+r.pick(" + ", " - ", " * ")+x("decimal")+")", "(-("+x("decimal")+"))", "("+x("int")+" * "+x("decimal")+")",
			"round("+x("decimal")+", "+r.pick("0", "2", "-2", "7")+")",
			"round("+x("decimal")+" / "+x("decimal")+", "+r.pick("0", "2", "-1", "9")+", "+r.pick("'half-up'", "'half-even'", "'down'", "'up'", "'floor'", "'ceiling'")+")",
			x("list(decimal)")+r.pick(".sum()", ".min()", ".max()"), "abs("+x("decimal")+")", x("Item")+".price", "decimal("+x("int")+")",
			"min("+x("decimal")+", "+x("int")+")")
	case "string":
		return r.pick(
			"("+x("string")+" + "+x("string")+")", "string("+x(r.pick("int", "decimal", "date", "time", "duration", "bool", "id"))+")",
			r.pick("lower(", "upper(", "trim(")+x("string")+")", x("list(string)")+".join("+x("string")+")",
			"(has(s.note) ? s.note : "+x("string")+")", "max("+x("string")+", "+x("string")+")")
	case "date":
		return r.pick("date("+x("time")+")", "("+x("date")+r.pick(" + ", " - ")+x("duration")+")", "min("+x("date")+", "+x("date")+")")
	case "time":
		return r.pick("time("+x("date")+")", "("+x("time")+r.pick(" + ", " - ")+x("duration")+")", "("+x("duration")+" + "+x("time")+")")
	case "duration":
		return r.pick("("+x("duration")+r.pick(" + ", " - ")+x("duration")+")", "("+x("duration")+" * "+x("int")+")", "("+x("int")+" * "+x("duration")+")",
			"("+x("time")+" - "+x("time")+")", "("+x("date")+" - "+x("date")+")", r.pick("days(", "hours(")+x("int")+")", "(-("+x("duration")+"))")
	case "id":
		return r.pick("id("+x("string")+")", x("Item")+".id")
	case "Item":
		return r.pick("Item{id: "+x("id")+", price: "+x("decimal")+", qty: "+x("int")+"}", "Item{id: "+x("id")+", price: 1, qty: 2, note: "+x("optional(string)")+"}",
			x("list(Item)")+"["+x("int")+"]")
	case "optional(string)":
		return r.pick(x("string"), "("+x("bool")+" ? s.note : "+x("string")+")", x("Item")+".note")
	case "list(int)":
		return r.pick("["+x("int")+", "+x("int")+"]", r.each("map", "int", depth), "sort("+x("list(int)")+")", "("+x("list(int)")+" + "+x("list(int)")+")")
	case "list(decimal)":
		return r.pick("["+x("decimal")+", "+x("int")+"]", r.each("map", "decimal", depth), x("list(decimal)")+".sort()", x("list(int)"))
	case "list(string)":
		return r.pick("["+x("string")+", "+x("string")+"]", r.each("map", "string", depth), x("map(int)")+".map(k, k)")
	case "list(Item)":
		return r.pick("["+x("Item")+"]", r.each("filter", "bool", depth), r.each("sort", r.pick("int", "decimal", "string", "time"), depth))
	case "map(int)":
		return "{'a': " + x("int") + ", 'b': " + x("int") + "}"
	}
	return r.pick(leaf...)
}

// each writes a macro over items.
func (r *randomizer) each(name, body string, depth int) string {
	list := r.expr("list(Item)", depth-2)
	v := r.pick("i", "j", "s2", "values", "항목")
	r.locals = append(r.locals, v)
	defer func() { r.locals = r.locals[:len(r.locals)-1] }()
	return list + "." + name + "(" + v + ", " + r.expr(body, depth-2) + ")"
}

// leaves are the shortest expressions of a type.
func (r *randomizer) leaves(typ string) []string {
	fields := map[string][]string{"decimal": {"price"}, "int": {"qty"}, "id": {"id"}}
	out := map[string][]string{
		"bool":     {"true", "false", "s.yes"},
		"int":      {"0", "1", "-7", "3", "s.big", "s.n", "9223372036854775807", "-9223372036854775808"},
		"decimal":  {"0", "1.5", "-2.25", "s.d", "12345678901234567890.123456789", "s.n"},
		"string":   {"''", "'abc'", "'한글'", "s.text", `'a"b\\'`, "' x '"},
		"date":     {"s.day", "date('2026-02-28')", "date('9999-12-31')", "date('0001-01-01')"},
		"time":     {"s.at", "time('2026-12-01T09:00:00+09:00')", "time('1999-12-31T23:59:59.999999Z')"},
		"duration": {"s.wait", "duration('8d')", "duration('-1h30m')", "duration('100000d')", "duration('0s')", "duration('3us')"},
		"id":       {"id('x')", "s.id"}, "Color": {"Color.Red", "s.color", "Blue"},
		"Item": {"s.item", "Item{id: id('y'), price: 2, qty: 3}"}, "optional(string)": {"s.note", "s.gone", "'z'"},
		"list(int)": {"[1, 2, 3]", "s.ints", "[3, 1]"}, "list(decimal)": {"[1.5, 2]", "s.items.map(i, i.price)"},
		"list(string)": {"['b', 'a']", "s.texts"}, "list(Item)": {"s.items", "[s.item]", "s.items.filter(x, false)"},
		"map(int)": {"{'a': 1}", "s.counts"},
	}[typ]
	if typ == "Color" {
		out = out[:2]
	}
	for _, v := range r.locals {
		for _, f := range fields[typ] {
			out = append(out, v+"."+f, v+"."+f)
		}
	}
	return out
}

// program is the Go side of the comparison.
type program struct {
	fixture *fixture
	funcs   []string
	imports map[string]bool
}

func newProgram() *program {
	color := &model.TypeDef{Node: model.Node{Name: "Color"}, Enum: []*model.EnumValue{{Node: model.Node{Name: "Red"}}, {Node: model.Node{Name: "Blue"}}}}
	item := &model.TypeDef{Node: model.Node{Name: "Item"}, Fields: []*model.Field{
		field("id", idType), field("price", decimalType), field("qty", intType), field("note", optionalOf(stringType))}}
	sys := &model.System{Types: []*model.TypeDef{color, item}, Zone: time.FixedZone("KST", 9*3600)}
	s := Object("s", field("yes", boolType), field("n", intType), field("big", intType), field("d", decimalType), field("text", stringType),
		field("day", dateType), field("at", timeType), field("wait", durationType), field("id", idType), field("color", namedType(color)),
		field("item", namedType(item)), field("note", optionalOf(stringType)), field("gone", optionalOf(stringType)), field("ints", listOf(intType)),
		field("texts", listOf(stringType)), field("items", listOf(namedType(item))), field("counts", mapOf(intType)))
	return &program{
		fixture: &fixture{env: NewEnv(sys), scope: &Scope{Vars: []Var{{"s", s}}}, types: map[string]*model.TypeDef{"Color": color, "Item": item}},
		imports: map[string]bool{"time": true},
	}
}

// vars are the values of the variables; program.run has the same in Go.
func (p *program) vars() map[string]any {
	item := func(id, price string, qty int64, note any) map[string]any {
		return map[string]any{"id": id, "price": decimal.RequireFromString(price), "qty": qty, "note": note}
	}
	return map[string]any{"s": map[string]any{
		"yes": true, "n": int64(42), "big": int64(1) << 62, "d": decimal.RequireFromString("19.990"), "text": "cab", "day": Date("2024-02-29"),
		"at": time.Date(2026, 11, 21, 15, 30, 0, 123456000, time.UTC), "wait": 36 * time.Hour, "id": "id-1", "color": "Blue",
		"item": item("m1", "9.50", 2, "hot"), "note": "n", "ints": []any{int64(5), int64(-5)}, "texts": []any{"x", "가"},
		"items": []any{item("m1", "9.50", 2, "hot"), item("m2", "-0.05", 0, nil), item("m3", "9.5", 7, nil)}, "counts": map[string]any{"a": int64(7), "x": int64(0)},
	}}
}

const programHead = `
var zone = time.FixedZone("KST", 9*3600)

type Color string

const (
	ColorRed  Color = "Red"
	ColorBlue Color = "Blue"
)

type Item struct {
	Id    values.ID
	Price values.Decimal
	Qty   int64
	Note  *string
}

type S struct {
	Yes               bool
	N, Big            int64
	D                 values.Decimal
	Text              string
	Day               values.Date
	At                time.Time
	Wait              values.Duration
	Id                values.ID
	Color             Color
	Item              Item
	Note, Gone        *string
	Ints              []int64
	Texts             []string
	Items             []Item
	Counts            map[string]int64
}

var m1 = Item{"m1", values.MustDecimal("9.50"), 2, new("hot")}

var s = S{
	true, 42, 1 << 62, values.MustDecimal("19.990"), "cab", values.MustDate("2024-02-29"), values.MustTime("2026-11-21T15:30:00.123456Z"),
	values.MustDuration("36h"), "id-1", ColorBlue, m1, new("n"), nil, []int64{5, -5}, []string{"x", "가"},
	[]Item{m1, {"m2", values.MustDecimal("-0.05"), 0, nil}, {"m3", values.MustDecimal("9.5"), 7, nil}}, map[string]int64{"a": 7, "x": 0},
}

func canon(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case time.Time:
		return values.FormatTime(v)
	case fmt.Stringer:
		return v.String()
	}
	r := reflect.ValueOf(v)
	var parts []string
	switch r.Kind() {
	case reflect.String:
		return strconv.Quote(r.String())
	case reflect.Pointer:
		if r.IsNil() {
			return "none"
		}
		return canon(r.Elem().Interface())
	case reflect.Slice:
		for i := range r.Len() {
			parts = append(parts, canon(r.Index(i).Interface()))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case reflect.Map:
		for _, k := range r.MapKeys() {
			parts = append(parts, k.String()+":"+canon(r.MapIndex(k).Interface()))
		}
	case reflect.Struct:
		for i := range r.NumField() {
			parts = append(parts, strings.ToLower(r.Type().Field(i).Name)+":"+canon(r.Field(i).Interface()))
		}
	default:
		return fmt.Sprint(v)
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, " ") + "}"
}

func show(f func() any) {
	var err error
	out := ""
	func() {
		defer values.Catch(&err)
		out = canon(f())
	}()
	if err != nil {
		out = "fault"
	}
	fmt.Printf("%q\n", out)
}
`

// mainNames spells names for a program of one package.
type mainNames struct{ goNames }

func (mainNames) EnumValue(t *model.TypeDef, v *model.EnumValue) string { return t.Name + v.Name }
func (n mainNames) Type(t *model.Type) string {
	return strings.ReplaceAll(n.goNames.Type(t), "types.", "")
}
func (mainNames) Var(name string) string { return name }
func (n mainNames) Values(name string) string {
	if name == "Zone" {
		return "zone"
	}
	return "values." + name
}

// add adds an expression, in one of the forms Go has for it.
func (p *program) add(t *Tree) {
	g := ToGo(t, mainNames{})
	for _, i := range g.Imports {
		p.imports[i] = true
	}
	body := "return " + g.Text
	if len(p.funcs)%2 == 1 {
		body = strings.Join(ToGoReturn(t, mainNames{}), "\n")
	}
	p.funcs = append(p.funcs, fmt.Sprintf("func e%d() %s {\n%s\n}\n", len(p.funcs), mainNames{}.Type(t.Type), body))
}

// run compiles the program and returns what it prints.
func (p *program) run(t *testing.T) []string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("package main\n\nimport (\n")
	for _, i := range []string{"fmt", "reflect", "slices", "strconv", "strings", "github.com/esgen/esgen/templates/chassis/values"} {
		p.imports[i] = true
	}
	for _, i := range slices.Sorted(maps.Keys(p.imports)) {
		fmt.Fprintf(&b, "%q\n", i)
	}
	b.WriteString(")\n" + programHead)
	for _, f := range p.funcs {
		b.WriteString("\n" + f)
	}
	b.WriteString("\nfunc main() {\n")
	for i := range p.funcs {
		fmt.Fprintf(&b, "show(func() any { return e%d() })\n", i)
	}
	b.WriteString("}\n")
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", file)
	cmd.Stderr = &strings.Builder{}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, cmd.Stderr, p.culprits(cmd.Stderr.(*strings.Builder).String(), b.String()))
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		text, err := strconv.Unquote(strings.TrimSuffix(line, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, text)
	}
	return lines
}

// culprits are the lines the compiler complains about.
func (p *program) culprits(complaint, program string) string {
	var out []string
	lines := strings.Split(program, "\n")
	for line := range strings.Lines(complaint) {
		if parts := strings.Split(line, ":"); len(parts) > 2 {
			if n, err := strconv.Atoi(parts[1]); err == nil && n <= len(lines) {
				out = append(out, lines[n-1])
			}
		}
	}
	return strings.Join(out, "\n")
}

// canon is the text of a value, the same as the program's.
func canon(v any, err error, t *model.Type) string {
	if err != nil {
		var f *Fault
		if !errors.As(err, &f) {
			return err.Error()
		}
		return "fault"
	}
	switch v := v.(type) {
	case nil:
		if t.Kind == model.List {
			return "[]"
		}
		return "none"
	case string:
		return strconv.Quote(v)
	case time.Time:
		return formatTime(v)
	case time.Duration:
		return formatDuration(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = canon(x, nil, t.Elem)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case map[string]any:
		var parts []string
		if t.IsObject() {
			for _, f := range t.Def.Fields {
				parts = append(parts, f.Name+":"+canon(v[f.Name], nil, f.Type))
			}
		} else {
			for k, x := range v {
				parts = append(parts, k+":"+canon(x, nil, t.Elem))
			}
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, " ") + "}"
	}
	return fmt.Sprint(v)
}
