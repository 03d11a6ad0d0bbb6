package play

import (
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Field is a field of a form.
type Field struct {
	Name     string  `json:"name"`
	Title    string  `json:"title"`
	Kind     string  `json:"kind"` // text, int, decimal, bool, date, time, duration, id, enum, object, list or map
	Type     string  `json:"type"` // as the model writes it
	Optional bool    `json:"optional,omitempty"`
	Options  []Named `json:"options,omitempty"` // of an enum
	Fields   []Field `json:"fields,omitempty"`  // of an object; the one item of a list or a map
	Of       string  `json:"of,omitempty"`      // the aggregate whose id it is
}

// deepestForm bounds forms: types may hold themselves.
const deepestForm = 5

// Fields are those of a form for fields of the model; those without a type are left out.
func Fields(list []*model.Field) []Field { return fieldsWithin(list, 0) }

func fieldsWithin(list []*model.Field, deep int) []Field {
	out := []Field{}
	for _, f := range list {
		if f.Type == nil {
			continue
		}
		x := field(f.Type, deep)
		x.Name, x.Title = f.Name, string(f.Called())
		x.Optional = x.Optional || f.Default != nil
		out = append(out, x)
	}
	return out
}

// field is a field of a type.
func field(t *model.Type, deep int) Field {
	x := Field{Kind: "text", Type: t.String(), Optional: t.Kind == model.Optional}
	t = t.Value().Scalar()
	if t.Kind == model.Optional {
		t = t.Elem.Scalar()
	}
	switch {
	case t.IsEnum():
		x.Kind = "enum"
		for _, v := range t.Def.Enum {
			x.Options = append(x.Options, Named{v.Name, string(v.Called())})
		}
		return x
	case t.IsObject():
		x.Kind = "object"
		if deep < deepestForm {
			x.Fields = fieldsWithin(t.Def.Fields, deep+1)
		}
		return x
	}
	switch t.Kind {
	case model.List, model.Map:
		x.Kind = "list"
		if t.Kind == model.Map {
			x.Kind = "map"
		}
		if deep < deepestForm {
			x.Fields = []Field{field(t.Elem, deep+1)}
		}
	case model.ID, model.Ref:
		x.Kind = "id"
		if t.Aggregate != nil {
			x.Of = t.Aggregate.Name
		}
	case model.Bool:
		x.Kind = "bool"
	case model.Int:
		x.Kind = "int"
	case model.Decimal:
		x.Kind = "decimal"
	case model.Date:
		x.Kind = "date"
	case model.Time:
		x.Kind = "time"
	case model.Duration:
		x.Kind = "duration"
	}
	return x
}

// subject is an id for somebody who is an actor.
func subject(a *model.Actor) string { return names.Of(&a.Node).Kebab + "-1" }
