package expr

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/model"
)

// program is the Go side of the comparison.
type program struct {
	fixture *fixture
	funcs   []string
	imports map[string]bool
}

func newProgram() *program {
	node := func(name string) model.Node { return model.Node{Name: name} }
	color := &model.TypeDef{Node: node("Color"), Enum: []*model.EnumValue{{Node: node("Red")}, {Node: node("Blue")}}}
	state := &model.TypeDef{Node: node("상태"), Enum: []*model.EnumValue{{Node: node("발행")}, {Node: node("사용")}}}
	item := &model.TypeDef{Node: node("Item"), Fields: []*model.Field{
		field("id", idType), field("price", decimalType), field("qty", intType), field("note", optionalOf(stringType))}}
	address := &model.TypeDef{Node: node("주소"), Fields: []*model.Field{
		field("도시", stringType), field("우편", optionalOf(stringType)), field("상태", optionalOf(namedType(state)))}}
	quantity := &model.TypeDef{Node: node("Quantity"), Is: intType, Check: exprAt("value > 0")}
	phone := &model.TypeDef{Node: node("Phone"), Is: stringType, Check: exprAt("value.matches(r'^[0-9-]{9,13}$')")}
	percent := &model.TypeDef{Node: node("Percent"), Is: decimalType, Check: exprAt("value >= 0 && value <= 100")}
	half := &model.TypeDef{Node: node("Half"), Is: namedType(percent), Check: exprAt("value <= 50")}
	types := []*model.TypeDef{color, state, item, address, quantity, phone, percent, half}
	byName := map[string]*model.TypeDef{}
	for _, d := range types {
		byName[d.Name] = d
	}
	sys := &model.System{Types: types, Zone: time.FixedZone("KST", 9*3600)}
	s := Object("s", field("yes", boolType), field("n", intType), field("big", intType), field("d", decimalType), field("text", stringType),
		field("day", dateType), field("at", timeType), field("wait", durationType), field("id", idType),
		field("order", &model.Type{Kind: model.Ref, Aggregate: &model.Aggregate{Node: node("Order"), Context: &model.Context{Node: node("front")}}}), field("color", namedType(color)), field("상태", namedType(state)),
		field("item", namedType(item)), field("주소", namedType(address)), field("quantity", namedType(quantity)), field("phone", namedType(phone)),
		field("half", namedType(half)), field("note", optionalOf(stringType)), field("gone", optionalOf(stringType)), field("maybe", optionalOf(intType)),
		field("noNumber", optionalOf(intType)), field("perhaps", optionalOf(namedType(item))), field("없음", optionalOf(namedType(state))),
		field("ints", listOf(intType)), field("texts", listOf(stringType)), field("items", listOf(namedType(item))), field("상태들", listOf(namedType(state))),
		field("quantities", listOf(namedType(quantity))), field("counts", mapOf(intType)), field("byName", mapOf(namedType(item))), field("큰수", mapOf(decimalType)))
	return &program{
		fixture: &fixture{env: NewEnv(sys), scope: &Scope{Vars: []Var{{Name: "s", Type: s}}, Fresh: true}, types: byName},
		imports: map[string]bool{"time": true},
	}
}

// vars are the values of the variables; the program has the same in Go.
func (p *program) vars() map[string]any {
	item := func(id, price string, qty int64, note any) map[string]any {
		return map[string]any{"id": id, "price": decimal.RequireFromString(price), "qty": qty, "note": note}
	}
	m1 := item("m1", "9.50", 2, "hot")
	return map[string]any{NewID: func() string { return "00000000-0000-7000-8000-000000000000" }, "s": map[string]any{
		"yes": true, "n": int64(42), "big": int64(1) << 62, "d": decimal.RequireFromString("19.990"), "text": "cab", "day": Date("2024-02-29"),
		"at": time.Date(2026, 11, 21, 15, 30, 0, 123456000, time.UTC), "wait": 36 * Hour, "id": "id-1", "order": "o-1", "color": "Blue", "상태": "발행",
		"item": m1, "주소": map[string]any{"도시": "부산", "우편": "48058", "상태": nil}, "quantity": int64(3), "phone": "02-123-4567",
		"half": decimal.RequireFromString("49.5"), "note": "n", "gone": nil, "maybe": int64(-1), "noNumber": nil, "perhaps": m1, "없음": nil,
		"ints": []any{int64(5), int64(-5)}, "texts": []any{"x", "가"},
		"items": []any{m1, item("m2", "-0.05", 0, nil), item("m3", "9.5", 7, nil)}, "상태들": []any{"사용", "발행"},
		"quantities": []any{int64(1), int64(9)}, "counts": map[string]any{"a": int64(7), "x": int64(0)},
		"byName": map[string]any{"x": m1}, "큰수": map[string]any{"원": decimal.RequireFromString("1e30")},
	}}
}

const programHead = `
var zone = time.FixedZone("KST", 9*3600)

type Color string

const (
	ColorRed  Color = "Red"
	ColorBlue Color = "Blue"
)

type X상태 string

const (
	X상태X발행 X상태 = "발행"
	X상태X사용 X상태 = "사용"
)

type Item struct {
	Id    values.ID
	Price values.Decimal
	Qty   int64
	Note  *string
}

type X주소 struct {
	X도시 string
	X우편 *string
	X상태 *X상태
}

type Quantity int64

func (v Quantity) Check() error { return must(v > 0, "Quantity") }

type Phone string

func (v Phone) Check() error { return must(regexp.MustCompile("^[0-9-]{9,13}$").MatchString(string(v)), "Phone") }

type Percent values.Decimal

func (v Percent) Check() error {
	d := values.Decimal(v)
	return must(d.Cmp(values.Int(0)) >= 0 && d.Cmp(values.Int(100)) <= 0, "Percent")
}

type Half Percent

func (v Half) Check() error {
	if err := Percent(v).Check(); err != nil {
		return err
	}
	return must(values.Decimal(v).Cmp(values.Int(50)) <= 0, "Half")
}

func must(holds bool, name string) error {
	if !holds {
		return errors.New("is no " + name)
	}
	return nil
}

type S struct {
	Yes              bool
	N, Big           int64
	D                values.Decimal
	Text             string
	Day              values.Date
	At               time.Time
	Wait             values.Duration
	Id, Order        values.ID
	Color            Color
	X상태              X상태
	Item             Item
	X주소              X주소
	Quantity         Quantity
	Phone            Phone
	Half             Half
	Note, Gone       *string
	Maybe, NoNumber  *int64
	Perhaps          *Item
	X없음              *X상태
	Ints             []int64
	Texts            []string
	Items            []Item
	X상태들             []X상태
	Quantities       []Quantity
	Counts           map[string]int64
	ByName           map[string]Item
	X큰수              map[string]values.Decimal
}

var m1 = Item{"m1", values.MustDecimal("9.50"), 2, new("hot")}

var s = S{
	true, 42, 1 << 62, values.MustDecimal("19.990"), "cab", values.MustDate("2024-02-29"), values.MustTime("2026-11-21T15:30:00.123456Z"),
	values.MustDuration("36h"), "id-1", "o-1", ColorBlue, X상태X발행, m1, X주소{"부산", new("48058"), nil}, 3, "02-123-4567",
	Half(values.MustDecimal("49.5")), new("n"), nil, new(int64(-1)), nil, &m1, nil, []int64{5, -5}, []string{"x", "가"},
	[]Item{m1, {"m2", values.MustDecimal("-0.05"), 0, nil}, {"m3", values.MustDecimal("9.5"), 7, nil}}, []X상태{X상태X사용, X상태X발행},
	[]Quantity{1, 9}, map[string]int64{"a": 7, "x": 0}, map[string]Item{"x": m1}, map[string]values.Decimal{"원": values.MustDecimal("1e30")},
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
	if d := reflect.TypeFor[values.Decimal](); r.Type().ConvertibleTo(d) {
		return r.Convert(d).Interface().(values.Decimal).String()
	}
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

func show[T any](f func() T) {
	var err error
	out := ""
	func() {
		defer values.Catch(&err)
		out = canon(f())
	}()
	if err != nil {
		out = "fault: " + strings.TrimPrefix(err.Error(), "model error: ")
	}
	fmt.Printf("%q\n", out)
}
`

// mainNames spells names for a program of one package.
type mainNames struct{ goNames }

func (mainNames) EnumValue(t *model.TypeDef, v *model.EnumValue) string {
	return exported(t.Name) + exported(v.Name)
}
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
	for _, i := range []string{"errors", "fmt", "reflect", "regexp", "slices", "strconv", "strings", "github.com/esgen/esgen/templates/chassis/values"} {
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
		fmt.Fprintf(&b, "show(e%d)\n", i)
	}
	b.WriteString("}\n")
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "-gcflags=-N -l", file) // it runs once: not worth optimising
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

// faultPrefix is what the text of a fault begins with.
const faultPrefix = "fault: "

// canon is the text of a value, the same as the program's.
func canon(v any, err error, t *model.Type) string {
	if err != nil {
		var f *Fault
		if !errors.As(err, &f) {
			return err.Error()
		}
		if name := regexp.MustCompile(`is no (Quantity|Phone|Percent|Half)$`).FindString(f.Message); name != "" {
			return faultPrefix + name // a service does not repeat the value: it may be somebody's
		}
		return faultPrefix + f.Message
	}
	switch t = t.Value(); v := v.(type) {
	case nil:
		if t.Kind == model.List {
			return "[]"
		}
		return "none"
	case string:
		return strconv.Quote(v)
	case time.Time:
		return formatTime(v)
	case Span:
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
				parts = append(parts, strings.ToLower(exported(f.Name))+":"+canon(v[f.Name], nil, f.Type))
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
