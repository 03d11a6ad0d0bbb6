package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Request is a plausible request to the public side of a service.
type Request struct {
	Method string
	Path   string // with ids where the route has parameters
	Body   string // JSON; "" when there is nothing to say beside the path
	Actor  string // id of who asks
	Role   string // and what makes it one of the actors
}

// Example is a plausible request for the command; ok is false when it has no
// public route. Ids are made of the names of their fields and the number, so
// that those of one number agree with one another: order-1 of orderId in all
// commands and views.
func (c *Command) Example(number int) (r Request, ok bool) {
	if c.Path == "" || len(c.Roles) == 0 {
		return Request{}, false
	}
	x := examples{number}
	body := append(x.object([]*model.Field{c.Aggregate.model.ID}, 0), x.object(c.model.Input, 0)...)
	r = Request{Method: c.Method, Path: c.Path, Role: c.Roles[0], Actor: x.actor(c.Aggregate.Service, c.model.Allow, c.Roles[0])}
	for _, p := range c.PathFields {
		r.Path = strings.ReplaceAll(r.Path, "{"+p.Name+"}", url.PathEscape(body.take(p.Name)))
	}
	if len(body) > 0 {
		r.Body = encode(body)
	}
	return r, true
}

// Example reads the instance that Command.Example of the same number creates.
func (a *Aggregate) Example(number int) (r Request, ok bool) {
	if len(a.Roles) == 0 {
		return Request{}, false
	}
	x := examples{number}
	return Request{
		Method: "GET", Path: a.Path + "/" + url.PathEscape(x.id(a.ID.JSON)),
		Role: a.Roles[0], Actor: x.actor(a.Service, a.model.Allow, a.Roles[0]),
	}, true
}

// Example lists the rows of the view.
func (v *View) Example(number int) (r Request, ok bool) {
	if len(v.Roles) == 0 {
		return Request{}, false
	}
	return Request{Method: "GET", Path: v.Path, Role: v.Roles[0], Actor: examples{number}.actor(v.Service, v.model.Allow, v.Roles[0])}, true
}

// examples makes plausible values. Those of one number agree.
type examples struct{ number int }

// exampleObject is an object with plausible values for fields, as JSON.
func exampleObject(fields []*model.Field) string { return encode(examples{1}.object(fields, 0)) }

// encode writes JSON for a person: < and & stay what they are.
func encode(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return "{}"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// actor is the id of somebody of a role whom a condition lets in: where it
// compares the actor's subject with a field that requests give, the id that
// they give; else all of them are of one actor.
func (x examples) actor(s *Service, allow *model.Expr, role string) string {
	if allow != nil {
		f := subjectField(s.System.checked.Trees[allow])
		if f != nil && s.System.given(f.Name) {
			return x.id(names.Of(&f.Node).JSON)
		}
	}
	return x.id(role)
}

// given reports whether a field of the name is in the input of some command.
func (s *System) given(field string) bool {
	for _, service := range s.Services {
		for _, a := range service.Aggregates {
			for _, c := range a.model.Commands {
				if slices.ContainsFunc(c.Input, func(f *model.Field) bool { return f.Name == field }) {
					return true
				}
			}
		}
	}
	return false
}

// subjectField finds the field that is compared with the actor's subject, as
// in input.customerId == actor.subject.
func subjectField(t *expr.Tree) *model.Field {
	if t == nil {
		return nil
	}
	if t.Op == expr.Binary && t.Ident == "==" {
		for i, a := range t.Args {
			other := t.Args[1-i]
			if isSubject(a) && other.Op == expr.Select && other.Field != nil {
				return other.Field
			}
		}
	}
	for _, a := range t.Args {
		if f := subjectField(a); f != nil {
			return f
		}
	}
	return nil
}

func isSubject(t *expr.Tree) bool {
	return t.Op == expr.Select && t.Args[0].Op == expr.Name && t.Args[0].Ident == "actor"
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	for i, m := range o {
		if i == 0 {
			b.WriteByte('{')
		} else {
			b.WriteByte(',')
		}
		b.WriteString(encode(m.name) + ":" + encode(m.value))
	}
	if len(o) == 0 {
		b.WriteByte('{')
	}
	return []byte(b.String() + "}"), nil
}

// take removes a member and returns its value as text.
func (o *object) take(name string) string {
	for i, m := range *o {
		if m.name == name {
			*o = slices.Delete(*o, i, i+1)
			return fmt.Sprint(m.value)
		}
	}
	return ""
}

// object has a value for each field.
func (x examples) object(fields []*model.Field, depth int) object {
	var out object
	for _, f := range fields {
		if f.Type != nil {
			name := names.Of(&f.Node).JSON
			out = append(out, member{name, x.value(f.Type, name, depth)})
		}
	}
	return out
}

// id is the id in a field of that name: order-1 in orderId.
func (x examples) id(field string) string {
	name := field
	for _, ending := range []string{"Id", "ID", "_id"} {
		if cut, ok := strings.CutSuffix(field, ending); ok && cut != "" {
			name = cut
		}
	}
	return fmt.Sprintf("%s-%d", names.OfText(name).Kebab, x.number)
}

// maxExampleDepth ends recursive types.
const maxExampleDepth = 4

// value is a plausible value of a type for a field of that name.
func (x examples) value(t *model.Type, name string, depth int) any {
	if depth > maxExampleDepth {
		return nil
	}
	switch t.Kind {
	case model.Bool:
		return true
	case model.Int:
		return 1
	case model.Decimal:
		return "1000"
	case model.Date:
		return "2026-12-01"
	case model.Time:
		return "2026-12-01T09:00:00Z"
	case model.Duration:
		return "1h"
	case model.ID:
		return x.id(name)
	case model.Ref:
		return x.id(names.Of(&t.Aggregate.ID.Node).JSON)
	case model.Optional:
		return x.value(t.Elem, name, depth)
	case model.List:
		return []any{x.value(t.Elem, name, depth+1)}
	case model.Map:
		return object{{"key", x.value(t.Elem, name, depth+1)}}
	case model.Named:
		switch {
		case t.Def.Enum != nil:
			return contract.EnumValue(t.Def.Enum[0])
		case t.Def.Is != nil:
			return x.value(t.Def.Is, name, depth)
		}
		return x.object(t.Def.Fields, depth+1)
	}
	return name
}
