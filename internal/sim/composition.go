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
	if c.List != nil {
		return w.list(c, params, who)
	}
	out := map[string]any{}
	for _, p := range c.Parts {
		row, refused := w.part(p, params, nil, who)
		switch {
		case refused == nil:
			out[p.Name] = row
		case p.Required:
			return nil, &Answer{Rejected: refused.code, Status: refused.status, Message: refused.message}
		}
	}
	return out, &Answer{Status: 200}
}

// list answers a composition of a list: all of its rows, in the order of the
// key, each with its parts.
func (w *World) list(c *model.Composition, params map[string]string, who actor) (map[string]any, *Answer) {
	v := c.List.View
	refuse := func(r *refusal) (map[string]any, *Answer) {
		return nil, &Answer{Rejected: r.code, Status: r.status, Message: r.message}
	}
	if w.away(v.Context) {
		return refuse(unavailable(v.Context.Name, false))
	}
	if !who.system && !who.is(v.Actors) {
		return refuse(&refusal{kind: rejected, code: "forbidden", status: 403, message: "this is not for you"})
	}
	items := []any{}
	for _, row := range w.table(v).sorted() {
		if !narrowed(row, v, params) {
			continue
		}
		if !who.system {
			ok, refused := w.holds(v.Allow, map[string]any{"row": row, "actor": who.value()})
			if refused != nil {
				return refuse(refused)
			}
			if !ok {
				continue
			}
		}
		item := map[string]any{model.ListedRow: row}
		for _, p := range c.Parts {
			if part, refused := w.part(p, params, row, who); refused == nil {
				item[p.Name] = part
			}
		}
		items = append(items, item)
	}
	return map[string]any{"items": items}, &Answer{Status: 200}
}

// narrowed reports whether a row has the values that the path asks for.
func narrowed(row map[string]any, v *model.View, params map[string]string) bool {
	for _, f := range v.Fields {
		if want, asked := params[f.Name]; asked {
			if has, there := row[f.Name]; !there || expr.Text(has) != want {
				return false
			}
		}
	}
	return true
}

// part is the row of a part; of a list, for one of its rows.
func (w *World) part(p *model.Part, params map[string]string, of map[string]any, who actor) (map[string]any, *refusal) {
	v := p.From.View
	if w.away(v.Context) {
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
			if k.Of != nil {
				values[i] = of[k.Of.Name]
				continue
			}
			value, err := expr.Parse(column.Field.Type.Scalar().Kind, params[k.Param.Value])
			if err != nil {
				return nil, malformed("/%s %v", k.Param.Value, err)
			}
			values[i] = value
		}
	}
	row := w.table(v).rows[keyText(values...)]
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
