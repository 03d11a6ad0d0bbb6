package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// hotspots notes the questions that are still open.
func (c *checker) hotspots() {
	eachNote(c.sys, func(n *model.Node) {
		for _, h := range n.Hotspots {
			c.say(rule.Hotspot, h.Pos, "an open question at %s: %s", n.Name, h.Value).With(diag.Fix("answer it, and take it off the wall"))
		}
	})
}

// eachNote visits every note of the wall that can carry a question. Fields that
// stand for others of the same name carry none of their own.
func eachNote(sys *model.System, visit func(*model.Node)) {
	fields := func(list []*model.Field) {
		for _, f := range list {
			visit(&f.Node)
		}
	}
	events := func(list []*model.Event) {
		for _, e := range list {
			visit(&e.Node)
			fields(e.Fields)
		}
	}
	types := func(list []*model.TypeDef) {
		for _, d := range list {
			visit(&d.Node)
			fields(d.Fields)
			for _, v := range d.Enum {
				visit(&v.Node)
			}
		}
	}
	visit(&sys.Node)
	for _, r := range sys.Requirements {
		visit(&r.Node)
	}
	types(sys.Types)
	for _, a := range sys.Actors {
		visit(&a.Node)
	}
	for _, x := range sys.Externals {
		visit(&x.Node)
		for _, o := range x.Operations {
			visit(&o.Node)
			fields(o.Input)
			fields(o.Reply)
		}
		events(x.Events)
	}
	events(sys.Events)
	for _, x := range sys.Contexts {
		visit(&x.Node)
		types(x.Types)
		for _, a := range x.Aggregates {
			visit(&a.Node)
			fields(a.State)
			for _, r := range a.Invariants {
				visit(&r.Node)
			}
			for _, m := range a.Commands {
				eachOfCommand(m, visit)
			}
			events(a.Events)
		}
		for _, p := range x.Policies {
			visit(&p.Node)
		}
		for _, s := range x.Sagas {
			visit(&s.Node)
			fields(s.Data)
		}
		for _, v := range x.Views {
			visit(&v.Node)
			fields(v.Fields)
			for _, q := range v.Queries {
				visit(&q.Node)
				fields(q.Input)
			}
		}
		events(x.Events)
	}
	for _, f := range sys.Flows {
		visit(&f.Node)
	}
	for _, x := range sys.Compositions {
		visit(&x.Node)
	}
	for _, s := range sys.Scenarios {
		visit(&s.Node)
	}
}

func eachOfCommand(m *model.Command, visit func(*model.Node)) {
	visit(&m.Node)
	for _, f := range m.Input {
		visit(&f.Node)
	}
	for _, r := range m.Reads {
		visit(&r.Node)
	}
	for _, r := range m.Require {
		visit(&r.Node)
	}
	for _, l := range m.Lets {
		visit(&l.Node)
	}
	for _, x := range m.Calls {
		visit(&x.Node)
	}
}
