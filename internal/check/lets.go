package check

import (
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// fromLets gives fields of events of some contexts that are listed by their names alone, and
// found no type when the model was read, the type of a let of that name of a
// command that emits the event: its value is what the field will hold.
func fromLets(sys *model.System, contexts []*model.Context) {
	var lacking []*model.Event
	for _, x := range contexts {
		for _, a := range x.Aggregates {
			for _, e := range a.Events {
				if len(untyped(e)) > 0 {
					lacking = append(lacking, e)
				}
			}
		}
	}
	if lacking == nil {
		return
	}
	// What is wrong with the lets is said when the commands are checked.
	c := &checker{sys: sys, env: expr.NewEnv(sys), index: newIndex(sys), out: newModel(sys), objects: map[any]*model.Type{}}
	seen := map[*model.Command]bool{}
	for _, e := range lacking {
		for _, m := range c.index.emitters[e] {
			for _, l := range m.Lets {
				f := named(untyped(e), l.Name)
				if f == nil {
					continue
				}
				if !seen[m] {
					seen[m] = true
					c.lets(m)
				}
				f.Type = c.out.Let(l)
			}
		}
	}
	model.Infer(sys, contexts)
}

// untyped are the fields of an event that wait for a type.
func untyped(e *model.Event) []*model.Field {
	var out []*model.Field
	for _, f := range e.Fields {
		if f.Type == nil && !f.Declared {
			out = append(out, f)
		}
	}
	return out
}

// lets finds the types of the lets of a command.
func (c *checker) lets(m *model.Command) {
	d := &decision{checker: c, cmd: m}
	d.base = d.start()
	d.replies()
	d.allow()
	d.read()
	d.let(func(*model.Let) bool { return true })
}
