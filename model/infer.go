package model

import "slices"

// Same-named fields flow from command to event to state to view: a field
// listed by its name alone takes its type from where it comes from, or goes.

// Infer fills in the types of fields of some contexts that are listed by name alone. Those
// nothing gives a type keep none, until more is known.
func Infer(s *System, contexts []*Context) {
	for _, c := range contexts {
		for _, a := range c.Aggregates {
			s.inferAggregate(a)
		}
	}
	for _, c := range contexts {
		for _, t := range c.Translations {
			s.fillTypes(t.Means.Fields, typesOf(t.Event.Event.Fields))
		}
		for _, v := range c.Views {
			s.inferView(v)
		}
	}
}

// setAsideUntyped takes the fields that are names only out of declared types
// and of operations of external systems: nothing else gives those a type.
func setAsideUntyped(s *System) {
	types := func(defs []*TypeDef) {
		for _, d := range defs {
			d.Fields, d.Untyped = withTypes(d.Fields)
		}
	}
	types(s.Types)
	for _, c := range s.Contexts {
		types(c.Types)
	}
	for _, x := range s.Externals {
		for _, o := range x.Operations {
			o.Input, o.UntypedInput = withTypes(o.Input)
			o.Reply, o.UntypedReply = withTypes(o.Reply)
		}
	}
}

// withTypes tells the fields that have a type, or were given a wrong one, from
// those that are names only.
func withTypes(fields []*Field) (typed, untyped []*Field) {
	typed = fields[:0:0] // none is not nil: a value object without a typed field is one
	for _, f := range fields {
		if f.Type == nil && !f.Declared {
			untyped = append(untyped, f)
		} else {
			typed = append(typed, f)
		}
	}
	return typed, untyped
}

// inferAggregate lets the names-only fields of an aggregate take their types:
// those of events from the state, else from the input of the commands that
// emit them; those of the state and of inputs the other way round.
func (s *System) inferAggregate(a *Aggregate) {
	state := typesOf(a.State)
	emitted := map[*Event]typeTable{}
	events, inputs := typeTable{}, typeTable{}
	for _, c := range a.Commands {
		input := typesOf(c.Input)
		inputs.add(input)
		for _, e := range emitsOf(c) {
			if e.Event.Event != nil {
				emitted[e.Event.Event] = emitted[e.Event.Event].merged(input)
			}
		}
	}
	for _, e := range a.Events {
		s.fillTypes(e.Fields, state, emitted[e])
		events.add(typesOf(e.Fields))
	}
	s.fillTypes(a.State, events, inputs)
	state = typesOf(a.State)
	for _, c := range a.Commands {
		s.fillTypes(c.Input, state, events)
	}
	for _, e := range a.Events {
		s.fillTypes(e.Fields, state, inputs)
		s.inferVersions(e)
	}
}

// inferVersions lets the names-only fields of older versions take the types of
// the version after them.
func (s *System) inferVersions(e *Event) {
	next := e.Fields
	for i := len(e.Versions) - 1; i >= 0; i-- {
		s.fillTypes(e.Versions[i].Fields, typesOf(next))
		next = e.Versions[i].Fields
	}
}

// Open reports whether it is not known yet when which outcome of a command comes
// about.
func (c *Command) Open() bool {
	return slices.ContainsFunc(emitsOf(c), func(e *Emit) bool { return e.Choice != nil })
}

// emitsOf lists what a command emits, fallbacks included.
func emitsOf(c *Command) []*Emit {
	emits := c.Emits
	for _, call := range c.Calls {
		if call.Fallback != nil {
			emits = append(emits[:len(emits):len(emits)], call.Fallback.Emits...)
		}
	}
	return emits
}

// inferView lets the names-only fields of a view and of its queries take the
// types of the same-named fields of its events.
func (s *System) inferView(v *View) {
	for _, p := range v.From {
		e := v.Context.Means(p.Event.Event)
		if e == nil {
			continue
		}
		s.fillTypes(v.Fields, typesOf(e.Fields))
		if e.Aggregate != nil {
			s.fillTypes(v.Fields, typesOf([]*Field{e.Aggregate.ID}))
		}
	}
	for _, q := range v.Queries {
		s.fillTypes(q.Input, typesOf(v.Fields))
	}
}

// typeTable holds fields that have a type, by their names.
type typeTable map[string]*Field

func typesOf(fields []*Field) typeTable {
	t := make(typeTable, len(fields))
	for _, f := range fields {
		if f.Type != nil {
			t[f.Name] = f
		}
	}
	return t
}

// add takes the types of names that have none yet.
func (t typeTable) add(o typeTable) {
	for name, f := range o {
		if t[name] == nil {
			t[name] = f
		}
	}
}

func (t typeTable) merged(o typeTable) typeTable {
	if t == nil {
		t = typeTable{}
	}
	t.add(o)
	return t
}

// fillTypes gives the fields that were listed by name alone the types of the
// first source that has the name, and what that was called before.
func (s *System) fillTypes(fields []*Field, sources ...typeTable) {
	for _, f := range fields {
		for _, t := range sources {
			if from := t[f.Name]; from != nil && f.Type == nil && !f.Declared {
				f.Type = from.Type
				if f.Was == nil {
					f.Was = from.Was
				}
				s.ties = append(s.ties, Tie{from, f})
			}
		}
	}
}
