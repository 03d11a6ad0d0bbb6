package python

import (
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Type is an enum, a value object or a constrained scalar; exactly one of Enum,
// Members and Form is set.
type Type struct {
	Class
	Enum      []EnumValue
	Constant  string // its form, of a constrained scalar
	Form      string // that of what it is made of
	Holds     string // the function that says whether a value is one
	Condition string // Python over value
	Says      string // the condition as the model has it

	def    *model.TypeDef
	values map[*model.EnumValue]string
	at     int // its place in the module
}

// EnumValue is a value of an enum.
type EnumValue struct {
	Name string
	Wire string
	Doc  quote.Text
}

// Class is a record: a dataclass whose fields say how they are written.
type Class struct {
	Name    string
	Doc     quote.Text
	Members []Member
	// Of an event: where it is heard.
	Topic string
	Type  string
}

// Member is a field of a record.
type Member struct {
	Attribute string
	JSON      string
	Column    string
	Type      string // annotation
	Form      string
	Default   string // Python that makes it; "": it has none
	Check     string // Python condition over value; "": it has none
	Says      string // the condition as the model has it
	Doc       quote.Text
}

func (t *Type) value(v *model.EnumValue) string { return t.values[v] }

// class is the plan of a type; what it is made of is planned before.
func (b *builder) class(d *model.TypeDef) *Type {
	if t := b.classes[d]; t != nil {
		return t
	}
	names := b.module("types")
	t := &Type{def: d, values: map[*model.EnumValue]string{}, at: -1}
	b.classes[d] = t
	name := nameOf(d)
	if d.Context != nil && d.Context != b.service.Context && names.Has(name.Go) {
		name = nameIn(d)
	}
	t.Name = names.Take(name.Go, "Type", naming.By(&d.Node))
	t.Doc = doc(t.Name, "a value of the language", &d.Node)
	switch {
	case d.Enum != nil:
		values := b.space("types." + t.Name)
		for _, v := range d.Enum {
			t.values[v] = values.Take(expr.PyName(upper(namesOf(v))), "_VALUE", naming.By(&v.Node))
			t.Enum = append(t.Enum, EnumValue{t.values[v], wire(v), enumDoc(v)})
		}
	case d.Is != nil:
		t.Constant = names.Take(upper(name), "_FORM", naming.By(&d.Node))
		t.Holds = names.Take("is_"+name.Snake, "_value", naming.By(&d.Node))
		t.Form = b.form("types", d.Is)
		t.Condition = "True"
		if d.Is.Kind == model.Named {
			t.Condition = b.class(d.Is.Def).Holds + "(value)"
		}
		if d.Check != nil {
			own := b.expr("types", b.model.Trees[d.Check], map[string]string{"value": "value"})
			if t.Condition == "True" {
				t.Condition = own
			} else {
				t.Condition += " and (" + own + ")"
			}
			t.Says = d.Check.Text
		}
	default:
		t.Members = b.fields("types", "types."+t.Name, d.Fields)
	}
	t.at = len(b.order)
	b.order = append(b.order, t)
	return t
}

func nameOf(d *model.TypeDef) names.Name { return names.Of(&d.Node) }

func nameIn(d *model.TypeDef) names.Name {
	return names.OfText(names.Of(&d.Context.Node).Go + names.Of(&d.Node).Go)
}

func namesOf(v *model.EnumValue) names.Name { return names.Of(&v.Node) }

func wire(v *model.EnumValue) string { return names.EnumValue(v) }

func enumDoc(v *model.EnumValue) quote.Text {
	if t := v.Called(); t != quote.Text(v.Name) {
		return t
	}
	return ""
}

// types are those that were mentioned, in the order in which they can be declared.
func (b *builder) types() []*Type { return b.order }

// fields plans the fields of a record.
func (b *builder) fields(in, space string, all []*model.Field) []Member {
	taken := b.space(space).Add("MEMBERS")
	var out []Member
	for _, f := range all {
		if f.Type == nil {
			continue // a name only
		}
		b.members[f] = taken.Take(b.attribute(f), "_field", naming.By(&f.Node))
		m := Member{
			Attribute: b.members[f], JSON: names.JSON(&f.Node), Column: naming.ColumnOf(f), Type: b.annotation(in, f.Type), Form: b.form(in, f.Type),
		}
		if f.Default != nil {
			m.Default = "lambda: " + b.defaultOf(in, f)
		}
		if f.Check != nil {
			m.Check, m.Says = b.expr(in, b.model.Trees[f.Check], map[string]string{"value": "value"}), f.Check.Text
		}
		if t := f.Called(); t != quote.Text(f.Name) {
			m.Doc = t
		}
		out = append(out, m)
	}
	return out
}

// form is how values of a type are written, in Python.
func (b *builder) form(in string, t *model.Type) string {
	switch t.Kind {
	case model.String:
		return "forms.TEXT"
	case model.Bool:
		return "forms.BOOL"
	case model.Int:
		return "forms.INT"
	case model.Decimal:
		return "forms.DECIMAL"
	case model.Date:
		return "forms.DATE"
	case model.Time:
		return "forms.TIME"
	case model.Duration:
		return "forms.DURATION"
	case model.Optional:
		return "forms.Optional(" + b.form(in, t.Elem) + ")"
	case model.List:
		return "forms.List(" + b.form(in, t.Elem) + ")"
	case model.Map:
		return "forms.Map(" + b.form(in, t.Elem) + ")"
	case model.Named:
		names, c := pyNames{builder: b, in: in}, b.class(t.Def)
		switch {
		case t.Def.Enum != nil:
			return "forms.Enum(" + names.qualified(c.Name) + ")"
		case t.Def.Is != nil:
			return names.qualified(c.Constant)
		case in == "types" && c.at < 0:
			return "forms.Record(lambda: " + c.Name + ")" // which is being declared
		}
		return "forms.Record(" + names.qualified(c.Name) + ")"
	}
	return "forms.ID"
}

// annotation is a type in Python.
func (b *builder) annotation(in string, t *model.Type) string {
	switch t.Kind {
	case model.Bool:
		return "bool"
	case model.Int:
		return "int"
	case model.Decimal:
		return "Decimal"
	case model.Date:
		return "date"
	case model.Time:
		return "datetime"
	case model.Duration:
		return "timedelta"
	case model.Optional:
		return b.annotation(in, t.Elem) + " | None"
	case model.List:
		return "list[" + b.annotation(in, t.Elem) + "]"
	case model.Map:
		return "dict[str, " + b.annotation(in, t.Elem) + "]"
	case model.Named:
		if t.Def.Is != nil {
			return b.annotation(in, t.Def.Is)
		}
		if t.Def.Enum != nil {
			return "str" // those that are new are heard as well
		}
		return pyNames{builder: b, in: in}.Class(t.Def)
	}
	return "str"
}

// defaultOf is the default of a field in Python.
func (b *builder) defaultOf(in string, f *model.Field) string {
	if f.Default.Expr != nil {
		return b.expr(in, b.model.Trees[f.Default.Expr], nil)
	}
	return b.literal(in, f.Type, f.Default.Value)
}

// literal is a plain value of the model in Python, which check has found to be of
// the type.
func (b *builder) literal(in string, t *model.Type, n *source.Node) string {
	switch t.Kind {
	case model.Optional:
		if n.IsEmpty() {
			return "None"
		}
		return b.literal(in, t.Elem, n)
	case model.Bool:
		return expr.PyBool(n.Value == "true")
	case model.Int:
		return "int(" + quote.JSON(n.Value) + ")"
	case model.Decimal:
		return expr.PyDecimal(n.Value)
	case model.Date:
		return expr.PySpelled("date", n.Value)
	case model.Time:
		return expr.PySpelled("time", n.Value)
	case model.Duration:
		return expr.PySpelled("duration", n.Value)
	case model.List:
		items := make([]string, len(n.Items))
		for i, item := range n.Items {
			items[i] = b.literal(in, t.Elem, item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case model.Map:
		items := make([]string, len(n.Pairs))
		for i, p := range n.Pairs {
			items[i] = quote.JSON(p.Key.Value) + ": " + b.literal(in, t.Elem, p.Value)
		}
		return "{" + strings.Join(items, ", ") + "}"
	case model.Named:
		return b.namedLiteral(in, t.Def, n)
	}
	return quote.JSON(n.Value)
}

func (b *builder) namedLiteral(in string, d *model.TypeDef, n *source.Node) string {
	names := pyNames{builder: b, in: in}
	switch {
	case d.Enum != nil:
		for _, v := range d.Enum {
			if v.Name == n.Value {
				return names.EnumValue(d, v)
			}
		}
		return quote.JSON(n.Value)
	case d.Is != nil:
		return b.literal(in, d.Is, n)
	}
	var items []string
	for _, f := range d.Fields {
		if v := n.Get(f.Name); v != nil {
			items = append(items, names.Field(f)+"="+b.literal(in, f.Type, v))
		}
	}
	return names.Class(d) + "(" + strings.Join(items, ", ") + ")"
}
