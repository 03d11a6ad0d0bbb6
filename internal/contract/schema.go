package contract

import (
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// SchemaKind is what a value is.
type SchemaKind string

// The kinds of Schema. How each is written in JSON: docs/services.md.
const (
	Text     SchemaKind = "string"
	Bool     SchemaKind = "bool"
	Int      SchemaKind = "int"      // 64 bit, a number
	Decimal  SchemaKind = "decimal"  // exact: text; a number is read as well
	Date     SchemaKind = "date"     // 2026-12-01
	Time     SchemaKind = "time"     // RFC 3339, microseconds
	Duration SchemaKind = "duration" // 8d, 1h30m
	ID       SchemaKind = "id"       // opaque text
	Enum     SchemaKind = "enum"
	Object   SchemaKind = "object"
	List     SchemaKind = "list"
	Map      SchemaKind = "map" // from text
)

// Schema is the shape of a value. Schemas of a type of the model are one: they
// may contain themselves.
type Schema struct {
	Kind        SchemaKind
	Def         *model.TypeDef // of the type of the model that it is; nil: of none
	Title       quote.Text
	Description quote.Text
	Values      []string         // of Enum, as in JSON
	Fields      []*Field         // of Object
	Items       *Schema          // of List and Map
	Refers      *model.Aggregate // of ID: whose id it is; nil: not said
	// Checks are the conditions of the constrained scalars it is made of, in
	// CEL, over value.
	Checks []string
}

// Field is a member of an object.
type Field struct {
	Name        string // in JSON
	Title       quote.Text
	Description quote.Text
	Schema      *Schema
	Optional    bool // it may be absent or null
	Defaulted   bool // a request may leave it out
	Check       string
	PII         bool
	Enciphered  bool // of an event: as it is told, only its own context can read it
	Model       *model.Field
}

// MayMiss reports whether the field may be left out: of a request those that
// have a default, and of any message optional ones, and lists and maps, because
// an empty one is none.
func (f *Field) MayMiss(request bool) bool {
	return f.Optional || f.Schema.Kind == List || f.Schema.Kind == Map || request && f.Defaulted
}

// Field finds a field of an object by its JSON name; nil: it has none.
func (s *Schema) Field(name string) *Field {
	if s == nil {
		return nil
	}
	for _, f := range s.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// schemas makes each type of the model a schema once.
type schemas map[*model.TypeDef]*Schema

// object is the schema of fields; those that are names only are left out.
func (d schemas) object(fields ...*model.Field) *Schema {
	out := &Schema{Kind: Object}
	d.fill(out, fields)
	return out
}

func (d schemas) fill(s *Schema, fields []*model.Field) {
	for _, f := range fields {
		if f.Type == nil {
			continue
		}
		out := &Field{
			Name: JSON(f), Title: f.Title, Description: f.Description, Model: f, PII: f.PII,
			Schema: d.of(f.Type), Optional: f.Type.Kind == model.Optional, Defaulted: f.Default != nil,
		}
		if f.Check != nil {
			out.Check = f.Check.Text
		}
		s.Fields = append(s.Fields, out)
	}
}

// scalars are the kinds of the built-in types.
var scalars = map[model.Kind]SchemaKind{
	model.String: Text, model.Bool: Bool, model.Int: Int, model.Decimal: Decimal,
	model.Date: Date, model.Time: Time, model.Duration: Duration, model.ID: ID,
}

func (d schemas) of(t *model.Type) *Schema {
	switch t.Kind {
	case model.Optional:
		return d.of(t.Elem)
	case model.List:
		return &Schema{Kind: List, Items: d.of(t.Elem)}
	case model.Map:
		return &Schema{Kind: Map, Items: d.of(t.Elem)}
	case model.Ref:
		return &Schema{Kind: ID, Refers: t.Aggregate}
	case model.Named:
		return d.named(t.Def)
	}
	return &Schema{Kind: scalars[t.Kind]}
}

func (d schemas) named(def *model.TypeDef) *Schema {
	if s := d[def]; s != nil {
		return s
	}
	s := &Schema{Kind: Object}
	d[def] = s // before its parts: it may contain itself
	switch {
	case def.Enum != nil:
		s.Kind = Enum
		for _, v := range def.Enum {
			s.Values = append(s.Values, names.EnumValue(v))
		}
	case def.Is != nil:
		*s = *d.of(def.Is)
		if def.Check != nil {
			s.Checks = append(append([]string(nil), s.Checks...), def.Check.Text)
		}
	default:
		d.fill(s, def.Fields)
	}
	s.Def, s.Title, s.Description = def, def.Title, def.Description
	return s
}

// JSON is the name of a field outside of a service.
func JSON(f *model.Field) string { return names.JSON(&f.Node) }
