package naming

import (
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// What is offered over gRPC is called after the notes of the wall and nothing
// else, so that it stays as long as they do.

// RPCService is the gRPC service with the methods of an aggregate.
func RPCService(a *model.Aggregate) string { return names.Kept(&a.Node).Go + "Service" }

// RPCViewService is the gRPC service with the methods of a view.
func RPCViewService(v *model.View) string { return names.Kept(&v.Node).Go + "ViewService" }

// RPCState is the method that reads an aggregate's state.
func RPCState(a *model.Aggregate) string { return "Get" + names.Kept(&a.Node).Go }

// RPCRow is the message of a view's row.
func RPCRow(v *model.View) string { return names.Kept(&v.Node).Go + "Row" }

// RPCList is the method that reads a page of a view's rows.
func RPCList(v *model.View) string {
	if v.Plural != "" {
		return "List" + names.OfText(v.Plural).Go
	}
	return "List" + names.Kept(&v.Node).Plural().Go
}

// RPCQuery is the method that asks a query.
func RPCQuery(q *model.Query) string { return RPCList(q.View) + names.Kept(&q.Node).Go }

// RPCMessages is what the messages of a command are called after: the command
// with its aggregate, unless its name says it. Those of all aggregates stand
// side by side, and two aggregates may both have a Cancel.
func RPCMessages(m *model.Command) string {
	command, aggregate := names.Kept(&m.Node), names.Kept(&m.Aggregate.Node)
	if strings.Contains("-"+command.Kebab+"-", "-"+aggregate.Kebab+"-") {
		return command.Go
	}
	return aggregate.Go + command.Go
}

// protoFile enters the names of what a context offers over gRPC.
type protoFile struct {
	*collector
	space *Space
	seen  map[*model.TypeDef]bool
}

func (c *collector) proto(x *model.Context) {
	if !x.GRPC {
		return
	}
	p := &protoFile{c, c.In(Proto, Dir(x)), map[*model.TypeDef]bool{}}
	for _, a := range x.Aggregates {
		p.aggregate(a)
	}
	for _, v := range x.Views {
		if c.generated(&v.Node) && len(v.Actors) > 0 {
			p.view(v)
		}
	}
}

// method enters a method with its messages.
func (p *protoFile) method(service, name, messages string, by Owner) {
	p.space.Declare(service+"."+name, by)
	p.space.Declare(messages+"Request", by)
	p.space.Declare(messages+"Response", by)
}

func (p *protoFile) aggregate(a *model.Aggregate) {
	by, service := owner("aggregate", &a.Node), RPCService(a)
	p.space.Declare(service, by)
	offered := false
	for _, m := range a.Commands {
		if !p.generated(&m.Node) || len(m.Actors) == 0 {
			continue
		}
		offered = true
		command := owner("command", &m.Node)
		p.method(service, names.Kept(&m.Node).Go, RPCMessages(m), command)
		p.space.Declare(RPCMessages(m)+"Reply", command)
		p.types(m.Input)
		for _, e := range m.Emits {
			if e.Event.Event != nil {
				p.types(e.Event.Event.Fields)
			}
		}
	}
	if offered {
		p.method(service, RPCState(a), RPCState(a), by)
		p.space.Declare(names.Kept(&a.Node).Go, by)
		p.types(a.State)
	}
}

func (p *protoFile) view(v *model.View) {
	by, service := owner("view", &v.Node), RPCViewService(v)
	p.space.Declare(service, by)
	p.space.Declare(RPCRow(v), by)
	p.space.Declare(names.Kept(&v.Node).Go+"Filter", by)
	p.method(service, "Get"+RPCRow(v), "Get"+RPCRow(v), by)
	p.method(service, RPCList(v), RPCList(v), by)
	p.types(v.Fields)
	key := p.In(Proto, Dir(v.Context)+" Get"+RPCRow(v)+"Request").Add("min_version")
	for _, k := range v.Key {
		if k.Field != nil {
			key.Declare(names.Kept(&k.Field.Node).Snake, owner("key", &k.Field.Node))
		}
	}
	for _, q := range v.Queries {
		query := owner("query", &q.Node)
		p.method(service, RPCQuery(q), RPCQuery(q), query)
		p.space.Declare(RPCQuery(q)+"Input", query)
		p.types(q.Input)
	}
}

// types enters the types of fields, and those that they are made of.
func (p *protoFile) types(fields []*model.Field) {
	for _, f := range fields {
		p.named(f.Type)
	}
}

func (p *protoFile) named(t *model.Type) {
	for t != nil && t.Elem != nil {
		t = t.Elem
	}
	if t == nil || t.Kind != model.Named || p.seen[t.Def] {
		return
	}
	d := t.Def
	p.seen[d] = true
	switch {
	case d.Is != nil: // a plain value in messages
		p.named(d.Is)
	case d.Enum != nil:
		name := names.Kept(&d.Node)
		p.space.Declare(name.Go, owner("type", &d.Node))
		p.space.Declare(name.Env+"_UNSPECIFIED", owner("type", &d.Node))
		for _, v := range d.Enum {
			p.space.Declare(name.Env+"_"+names.Kept(&v.Node).Env, owner("value", &v.Node))
		}
	default:
		p.space.Declare(names.Kept(&d.Node).Go, owner("type", &d.Node))
		p.types(d.Fields)
	}
}
