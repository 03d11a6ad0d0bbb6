package protobuf

import (
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// claim gives a name of the file to a note. Two notes with one name are for
// their author to part: a name that gave way would change what clients call.
func (p *File) claim(name string, n *model.Node) {
	first, taken := p.taken[name]
	if !taken {
		p.taken[name] = n
		return
	}
	if pair := [2]*model.Node{first, n}; !p.told[pair] {
		p.told[pair] = true
		p.collide(first, n, name)
	}
}

func (p *File) collide(first, n *model.Node, name string) {
	p.refused.Errorf(rule.NameCollision, n.Pos, "%s and %s are both %s in %s", first.Name, n.Name, name, p.Name).
		With(diag.At(first.Pos, "the first of them"), diag.Fix("give one of them a code of its own: code: …"))
}

// fields are fields of the model in a message. What is asked of somebody says
// what may not be missing.
func (p *File) fields(fs []*model.Field, asked bool) []*Field {
	var out []*Field
	for _, f := range fs {
		if f.Type != nil { // else it is a name only
			out = append(out, p.field(f, asked))
		}
	}
	return out
}

// required is said of what may not be missing.
const required = "Required."

func (p *File) field(f *model.Field, asked bool) *Field {
	if asked {
		return p.fieldSaying(f, required)
	}
	return p.fieldSaying(f, "")
}

// fieldSaying is a field that says something of its own about being left out,
// unless it may be anyway.
func (p *File) fieldSaying(f *model.Field, leftOut quote.Text) *Field {
	n := names.Kept(&f.Node)
	out := &Field{Name: n.Snake, Type: p.labelled(f.Type)}
	if lowerCamel(n.Snake) != n.JSON {
		out.JSON = n.JSON
	}
	var says []quote.Text
	if t := f.Called(); t != quote.Text(f.Name) {
		says = append(says, t+".")
	}
	if f.Description != "" {
		says = append(says, f.Description)
	}
	says = append(says, textForm(f.Type)...)
	if f.Check != nil {
		says = append(says, quote.Text("Must hold: "+f.Check.Text+"."))
	}
	if leftOut != "" && f.Default == nil && f.Type.Kind != model.Optional && f.Type.Kind != model.List && f.Type.Kind != model.Map {
		says = append(says, leftOut)
	}
	out.Doc = quote.Join(says, " ")
	return out
}

// lowerCamel is the JSON name that compilers find for a field.
func lowerCamel(snake string) string {
	first, rest, _ := strings.Cut(snake, "_")
	out := first
	for _, w := range strings.Split(rest, "_") {
		if w != "" {
			out += strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return out
}

// textForm says how a value stands in a text.
func textForm(t *model.Type) []quote.Text {
	for t.Elem != nil {
		t = t.Elem
	}
	var says []quote.Text
	switch t.Scalar().Kind {
	case model.Decimal:
		says = append(says, "A decimal number: 12.50.")
	case model.Date:
		says = append(says, "A day: 2026-12-01.")
	}
	for ; t.Kind == model.Named && t.Def.Is != nil; t = t.Def.Is {
		if t.Def.Check != nil {
			says = append(says, quote.Text("Must hold: "+t.Def.Check.Text+"."))
		}
	}
	return says
}

// labelled is a type with its label. Every single field has presence: that it
// is missing is something else than that it is empty or zero.
func (p *File) labelled(t *model.Type) string {
	switch t = t.Value(); t.Kind {
	case model.List:
		return "repeated " + p.single(t.Elem)
	case model.Map:
		return "map<string, " + p.single(t.Elem) + ">"
	}
	return "optional " + p.single(t)
}

// single is the type of one value.
func (p *File) single(t *model.Type) string {
	switch s := t.Scalar(); s.Kind {
	case model.Bool:
		return "bool"
	case model.Int:
		return "int64"
	case model.Time:
		p.Imports = append(p.Imports, "google/protobuf/timestamp.proto")
		return "google.protobuf.Timestamp"
	case model.Duration:
		p.Imports = append(p.Imports, "google/protobuf/duration.proto")
		return "google.protobuf.Duration"
	case model.List, model.Map:
		return p.wrapper(s)
	case model.Named:
		return p.named(s.Def)
	}
	return "string"
}

// named adds the message or enum of a type.
func (p *File) named(d *model.TypeDef) string {
	name := p.Service.TypeName(d)
	if p.made[name] {
		return name
	}
	p.made[name] = true
	doc := services.Called(name, &d.Node) + "."
	if d.Description != "" {
		doc += "\n" + d.Description
	}
	if d.Enum == nil {
		p.message(name, doc, &d.Node, p.fields(d.Fields, true)...)
		return name
	}
	p.claim(name, &d.Node)
	prefix := names.OfText(name).Env + "_"
	e := &Enum{Name: name, Doc: doc, Zero: prefix + "UNSPECIFIED"}
	p.claim(e.Zero, &d.Node)
	spelled := valueNames(d.Enum)
	for i, v := range d.Enum {
		value := &Value{Name: prefix + spelled[i], Doc: services.EnumDoc(v), Text: names.EnumValue(v)}
		p.claim(value.Name, &v.Node)
		e.Values = append(e.Values, value)
	}
	p.Enums = append(p.Enums, e)
	return name
}

// valueNames are what the values of an enum are called: as on the wire, so that
// a value that has only another name in the model keeps its number. Where the
// wire says it with signs that protobuf cannot tell apart, as in the model.
func valueNames(values []*model.EnumValue) []string {
	wire, model := make([]string, len(values)), make([]string, len(values))
	told := map[string]bool{}
	for i, v := range values {
		wire[i], model[i] = names.OfText(names.EnumValue(v)).Env, names.Of(&v.Node).Env
		told[wire[i]] = true
	}
	if told[""] || len(told) < len(values) {
		return model
	}
	return wire
}

// wrapper adds the message that stands for a list or a map where protobuf can
// have none: in another list or map.
func (p *File) wrapper(t *model.Type) string {
	elem := p.single(t.Elem)
	kind, label := "List", "repeated "+elem
	if t.Kind == model.Map {
		kind, label = "Map", "map<string, "+elem+">"
	}
	name := names.OfText(strings.TrimPrefix(elem, "google.protobuf.")).Go + kind
	if p.made[name] {
		return name
	}
	p.made[name] = true
	p.message(name, quote.Text("A "+strings.ToLower(kind)+" in another list or map."), &p.Service.Context.Node, plain(label, "values", ""))
	p.Wrappers = append(p.Wrappers, name)
	return name
}
