package sim

import (
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// Compose answers a composition of the gateway: a row for each part, by the
// part's name. Parts whose context is down, and rows that are not there or not
// for the actor, are left out, unless they are required. Params are the
// parameters of its path, as text.
func (w *World) Compose(c *model.Composition, params map[string]string, subject string, roles []string) (map[string]any, *Answer) {
	who := actor{subject: subject, roles: roles, system: subject == "" && len(roles) == 0}
	if !who.system && !who.is(c.Actors) {
		return nil, &Answer{Rejected: "forbidden", Status: 403, Message: "this is not for you"}
	}
	out := map[string]any{}
	for _, p := range c.Parts {
		row, refused := w.part(p, params, who)
		switch {
		case refused == nil:
			out[p.Name] = row
		case p.Required:
			return nil, &Answer{Rejected: refused.code, Status: refused.status, Message: refused.message}
		}
	}
	return out, &Answer{Status: 200}
}

func (w *World) part(p *model.Part, params map[string]string, who actor) (map[string]any, *refusal) {
	v := p.From.View
	if w.down[v.Context] {
		return nil, unavailable(v.Context.Name, false)
	}
	if !who.system && !who.is(v.Actors) { // the gateway asks for who asks
		return nil, &refusal{kind: rejected, code: "forbidden", status: 403, message: "this is not for you"}
	}
	values := make([]any, len(v.Key))
	for i, column := range v.Key {
		for _, k := range p.Keys {
			if k.Column.Field != column.Field {
				continue
			}
			value, err := expr.Parse(column.Field.Type.Scalar().Kind, params[k.Param.Value])
			if err != nil {
				return nil, malformed("/%s %v", k.Param.Value, err)
			}
			values[i] = value
		}
	}
	row := w.tables[v].rows[keyText(values...)]
	if row == nil {
		return nil, &refusal{kind: missing, code: "not-found", status: 404, message: "there is nothing here"}
	}
	if !who.system {
		ok, refused := w.holds(v.Allow, map[string]any{"row": row, "actor": who.value()})
		if refused != nil {
			return nil, refused
		}
		if !ok {
			return nil, &refusal{kind: missing, code: "not-found", status: 404, message: "there is nothing here"}
		}
	}
	return row, nil
}
