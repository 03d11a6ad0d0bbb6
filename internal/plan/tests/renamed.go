package tests

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// naming gives the ids of a decision the names that the usual one has in their
// places, so that tests do not differ where it does not matter. Ids that differ
// go on differing.
type naming struct {
	to   map[string]string
	from map[string]string
}

func newNaming() *naming { return &naming{map[string]string{"": ""}, map[string]string{"": ""}} }

// propose has an id be called like another, unless either has been spoken for.
func (n *naming) propose(id, name string) {
	_, named := n.to[id]
	if _, taken := n.from[name]; !named && !taken {
		n.to[id], n.from[name] = name, id
	}
}

// id is what an id is called: by itself, or like one whose name it lost.
func (n *naming) id(id string) string {
	if name, named := n.to[id]; named {
		return name
	}
	name := id
	for n.from[name] != "" {
		name = n.from[name]
	}
	n.propose(id, name)
	return name
}

func isID(t *model.Type) bool { return t.Value().Scalar().IsID() }

// fields are the values of fields with their ids named.
func (n *naming) fields(fields []services.Field, object map[string]any) map[string]any {
	if object == nil {
		return nil
	}
	out := maps.Clone(object)
	for _, f := range fields {
		if f.Model != nil {
			out[f.Model.Name] = n.value(f.Model.Type, object[f.Model.Name])
		}
	}
	return out
}

func (n *naming) value(t *model.Type, v any) any {
	t = t.Value().Scalar()
	switch v := v.(type) {
	case string:
		if isID(t) {
			return n.id(v)
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = n.value(t.Elem, e)
		}
		return out
	case map[string]any:
		out := maps.Clone(v)
		for key, e := range v {
			if t.Kind == model.Map {
				out[key] = n.value(t.Elem, e)
			}
		}
		if t.IsObject() {
			for _, f := range t.Def.Fields {
				if f.Type != nil {
					out[f.Name] = n.value(f.Type, v[f.Name])
				}
			}
		}
		return out
	}
	return v
}

// proposals are the ids of a struct, each in its place.
func (n *naming) proposals(fields []services.Field, object, usual map[string]any) {
	for _, f := range fields {
		if f.Model == nil || !isID(f.Model.Type) {
			continue
		}
		id, ok := object[f.Model.Name].(string)
		name, there := usual[f.Model.Name].(string)
		if ok && there && id != "" && name != "" {
			n.propose(id, name)
		}
	}
}

// renamed is a decision whose ids are called as those of the usual one.
func (c *Tested) renamed(d, usual decided) decided {
	n := newNaming()
	n.proposals(c.Aggregate.State.Fields, d.Known.State, usual.Known.State)
	n.proposals(c.Input.Fields, d.Known.Input, usual.Known.Input)
	for _, r := range c.Reads {
		n.proposals(r.View.Row.Fields, d.Known.Rows[r.Model], usual.Known.Rows[r.Model])
	}
	for _, made := range d.Known.Calls {
		if call := c.callOf(made.Call); call != nil {
			n.proposals(call.Reply.Fields, made.Reply, usual.reply(made.Call))
		}
	}
	n.propose(d.Subject, usual.Subject)
	own, k := *d.Decided, *d.Known
	own.ID, own.Subject, own.Known = n.id(d.ID), n.id(d.Subject), &k
	k.State, k.After = n.fields(c.Aggregate.State.Fields, k.State), n.fields(c.Aggregate.State.Fields, k.After)
	k.Input = n.fields(c.Input.Fields, k.Input)
	k.Rows = map[*model.Read]map[string]any{}
	for _, r := range c.Reads {
		k.Rows[r.Model] = n.fields(r.View.Row.Fields, d.Known.Rows[r.Model])
	}
	k.Calls = slices.Clone(k.Calls)
	for i, made := range k.Calls {
		if call := c.callOf(made.Call); call != nil {
			k.Calls[i].Input, k.Calls[i].Reply = n.fields(call.Request.Fields, made.Input), n.fields(call.Reply.Fields, made.Reply)
		}
	}
	k.IDs = slices.Clone(k.IDs)
	for i, id := range k.IDs {
		k.IDs[i] = n.id(id)
	}
	out := *d.Outcome
	out.Events = slices.Clone(out.Events)
	for i, e := range out.Events {
		out.Events[i].Fields = n.fields(c.Aggregate.EventOf(e.Event).Fields, e.Fields)
	}
	own.Outcome = &out
	before := make([]*sim.Happened, len(d.before))
	for i, h := range d.before {
		e := *h
		e.Fields = n.fields(c.Aggregate.EventOf(h.Event).Fields, h.Fields)
		before[i] = &e
	}
	return decided{&own, d.moment, d.story, before}
}

// reply is what a call of a decision was answered.
func (d decided) reply(c *model.Call) map[string]any {
	for _, made := range d.Known.Calls {
		if made.Call == c {
			return made.Reply
		}
	}
	return nil
}

// anonymous reports whether it does not matter to a command which ids there are,
// only whether they are the same.
func (c *Tested) anonymous(m *check.Model) bool {
	trees := contract.Decision(m, c.Model)
	for _, e := range c.Aggregate.Events {
		trees = append(trees, check.Values(m.Events[e.Model].Apply)...)
	}
	for _, r := range c.Aggregate.Model.Invariants {
		trees = append(trees, m.Trees[r.That])
	}
	looks := false
	for _, t := range trees {
		expr.Walk(t, func(t *expr.Tree) { looks = looks || looksInto(t) })
	}
	return !looks && !c.Aggregate.UsesMeta && !c.UsesMeta
}

// looksInto reports whether an expression reads the text of an id, or puts ids in
// order.
func looksInto(t *expr.Tree) bool {
	ids := func(list []*expr.Tree) bool {
		return slices.ContainsFunc(list, func(x *expr.Tree) bool { return x.Type != nil && holdsID(x.Type) })
	}
	switch t.Op {
	case expr.Binary:
		return t.Ident != "==" && t.Ident != "!=" && t.Ident != "in" && t.Ident != "+" && ids(t.Args) || t.Ident == "+" && isID(t.Args[0].Type)
	case expr.Call:
		return t.Func.Name != "size" && ids(t.Args)
	case expr.Macro:
		return t.Ident == "sort" && ids(t.Args)
	case expr.Convert:
		return ids(t.Args) && !holdsID(t.Type)
	case expr.Index, expr.MapOf:
		return ids(t.Keys) || t.Op == expr.Index && isID(t.Args[1].Type)
	}
	return false
}

// holdsID reports whether a value is an id, or a list of some.
func holdsID(t *model.Type) bool {
	t = t.Value().Scalar()
	if t != nil && t.Kind == model.List {
		return holdsID(t.Elem)
	}
	return isID(t)
}
