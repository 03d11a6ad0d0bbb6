package expr

import (
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// fixture is a small system every test checks its expressions in.
type fixture struct {
	env   *Env
	scope *Scope
	types map[string]*model.TypeDef
}

func newFixture() *fixture {
	node := func(name string) model.Node { return model.Node{Name: name} }
	enum := func(name string, values ...string) *model.TypeDef {
		d := &model.TypeDef{Node: node(name)}
		for _, v := range values {
			d.Enum = append(d.Enum, &model.EnumValue{Node: node(v)})
		}
		return d
	}
	front := &model.Context{Node: node("front")}
	status := enum("OrderStatus", "Placed", "Paid", "Cancelled")
	phone := &model.TypeDef{Node: node("Phone"), Is: stringType, Check: exprAt("value.matches(r'^[0-9-]{9,13}$')")}
	mail := &model.TypeDef{Node: node("Email"), Is: stringType}
	quantity := &model.TypeDef{Node: node("Quantity"), Is: intType, Check: exprAt("value > 0")}
	money := &model.TypeDef{Node: node("Money"), Fields: []*model.Field{field("amount", decimalType), field("currency", stringType)}}
	item := &model.TypeDef{Node: node("OrderItem"), Fields: []*model.Field{
		field("menuId", idType), field("price", decimalType), field("quantity", namedType(quantity)), field("note", optionalOf(stringType)),
	}}
	address := &model.TypeDef{Node: node("Address"), Fields: []*model.Field{field("city", stringType), field("zip", optionalOf(stringType))}}
	coupon := enum("쿠폰상태", "발행", "사용")
	coupon.Context = front
	front.Types = []*model.TypeDef{coupon}
	sys := &model.System{
		Types:    []*model.TypeDef{status, phone, mail, quantity, money, item, address},
		Contexts: []*model.Context{front},
		Zone:     time.FixedZone("KST", 9*3600),
	}
	items := listOf(namedType(item))
	state := Object("state",
		field("customerId", idType), field("items", items), field("total", decimalType), field("status", namedType(status)),
		field("note", optionalOf(stringType)), field("riderId", optionalOf(idType)), field("tags", listOf(stringType)),
		field("address", optionalOf(namedType(address))), field("count", intType), field("open", boolType),
		field("dueAt", timeType), field("day", dateType), field("wait", durationType), field("names", mapOf(stringType)),
		field("phone", namedType(phone)), field("상태", namedType(coupon)), field("할인액", decimalType))
	input := Object("input", field("items", items), field("customerId", idType), field("amount", intType), field("text", stringType),
		field("min", optionalOf(decimalType)), field("status", namedType(status)), field("mail", namedType(mail)))
	f := &fixture{env: NewEnv(sys), types: map[string]*model.TypeDef{}}
	for _, d := range append(sys.Types, front.Types...) {
		f.types[d.Name] = d
	}
	f.scope = &Scope{Place: "require X", Context: front, Vars: []Var{
		{Name: "state", Type: state}, {Name: "input", Type: input}, ActorVar(), MetaVar(), IDVar(), {Name: "total", Type: decimalType}, {Name: "합계", Type: decimalType},
		{Name: "dish", Type: optionalOf(namedType(item))},
	}, Unavailable: map[string]string{"now": "apply sees no clock; use meta.time"}}
	return f
}

// want gives the scope a wanted type by name: "bool", "OrderStatus",
// "optional(string)".
func (f *fixture) want(name string) *Scope {
	s := *f.scope
	s.Want = f.typ(name)
	return &s
}

func (f *fixture) typ(name string) *model.Type {
	if outer, inner, ok := strings.Cut(name, "("); ok {
		elem := f.typ(strings.TrimSuffix(inner, ")"))
		return &model.Type{Kind: map[string]model.Kind{"optional": model.Optional, "list": model.List, "map": model.Map}[outer], Elem: elem}
	}
	if d := f.types[name]; d != nil {
		return namedType(d)
	}
	if name == "" {
		return nil
	}
	return &model.Type{Kind: parsePattern(name).kind}
}

// exprAt is an expression of a file of its own.
func exprAt(text string) *model.Expr {
	return &model.Expr{Text: text, Node: &source.Node{Kind: source.Scalar, Value: text, Pos: source.Pos{File: &source.File{Path: "x.yaml"}, Line: 1, Column: 1}}}
}

// check checks an expression; the diagnostics are "line:column message (fix)".
func (f *fixture) check(x *model.Expr, s *Scope) (*Tree, []string) {
	var list diag.List
	t := f.env.Check(x, s, &list)
	var out []string
	for _, d := range list.Sorted() {
		text := strings.TrimPrefix(d.Pos.String(), d.Pos.Path()+":") + " " + d.Message
		if d.Suggestion != "" {
			text += " (" + d.Suggestion + ")"
		}
		out = append(out, text)
	}
	return t, out
}

// must checks an expression that has to be fine.
func (f *fixture) must(t *testing.T, text, want string) *Tree {
	t.Helper()
	tree, diags := f.check(exprAt(text), f.want(want))
	if tree == nil {
		t.Fatalf("%s: %v", text, diags)
	}
	return tree
}

// goNames spells names as a generated service might.
type goNames struct{}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (goNames) Field(f *model.Field) string { return exported(f.Name) }
func (goNames) EnumValue(t *model.TypeDef, v *model.EnumValue) string {
	return "types." + exported(t.Name) + exported(v.Name)
}
func (n goNames) Type(t *model.Type) string {
	switch t.Kind {
	case model.String:
		return "string"
	case model.Bool:
		return "bool"
	case model.Int:
		return "int64"
	case model.Decimal:
		return "values.Decimal"
	case model.Date:
		return "values.Date"
	case model.Time:
		return "time.Time"
	case model.Duration:
		return "values.Duration"
	case model.Optional:
		return "*" + n.Type(t.Elem)
	case model.List:
		return "[]" + n.Type(t.Elem)
	case model.Map:
		return "map[string]" + n.Type(t.Elem)
	case model.Named:
		return "types." + exported(t.Def.Name)
	}
	return "values.ID"
}
func (goNames) Var(name string) string {
	switch name {
	case "state", "input", "dish", "actor", "meta", "id":
		return "d." + upper(name)
	case "total":
		return "d.total()"
	case "합계":
		return "d.Sum"
	}
	return name
}
func (goNames) Values(name string) string {
	if name == "Zone" {
		return "types.Zone"
	}
	return "values." + name
}

// exported is a name in Go: 한글 becomes X한글, which begins with a capital.
func exported(name string) string {
	if name[0] < 0x80 {
		return upper(name)
	}
	return "X" + name
}
