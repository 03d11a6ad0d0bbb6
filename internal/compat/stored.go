package compat

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// history compares the messages that lie on an event's topic with those who
// read them now: consumers that were away, views that are rebuilt, aggregates
// that are folded from their events.
func (c *comparison) history(m, n *contract.Message) {
	readers := readersOf(n)
	f := Finding{Rule: BreakingHistory, Service: n.Service.Context.Name, Verdict: Breaking, Pos: n.Event.Pos, Old: m.Event.Pos}
	if m.Type != n.Type || m.Topic != n.Topic {
		f.Consumers = consumers(readers)
		f.What = fmt.Sprintf("messages of event %s of before are %s", n.Event.Name, m.Type)
		if m.Topic != n.Topic {
			f.What = fmt.Sprintf("messages of %s of before lie on %s", n.Event.Owner().Name, m.Topic)
			f.Pos, f.Old = n.Event.Owner().Pos, m.Event.Owner().Pos
		}
		f.Why = "who reads from the beginning, as a view that is rebuilt does, does not find them"
		c.hurts(f)
		return
	}
	if n.Version < m.Version {
		f.Consumers = consumers(readers)
		f.What = fmt.Sprintf("messages of event %s of before are of version %d", n.Event.Name, m.Version)
		f.Why = fmt.Sprintf("versions beyond %d are set aside", n.Version)
		c.hurts(f)
		return
	}
	described := n.Payload
	if n.Version > m.Version && m.Version <= len(n.Older) {
		described = n.Older[m.Version-1]
	}
	for _, x := range recovers(m.Payload, described) {
		g := f
		g.Consumers = consumers(reading(readers, x.top))
		g.Pos, g.Old = place(x.reads, f.Pos), place(x.writes, f.Old)
		switch x.kind {
		case missing:
			if x.path == n.Key && m.Key != n.Key {
				continue // the id is read by what it was called, too
			}
			g.What = fmt.Sprintf("messages of event %s of before lack %s", n.Event.Name, x.path)
		case kind:
			g.What = fmt.Sprintf("messages of event %s of before have %s as %s", n.Event.Name, x.path, word(x.written))
		default:
			continue
		}
		g.Why = "the topic keeps them: who was away, or rebuilds a view, still reads them"
		c.hurts(g)
	}
}

// hurts notes a change if anybody minds.
func (c *comparison) hurts(f Finding) {
	if len(f.Consumers) > 0 {
		c.add(f)
	}
}

// readersOf are all who read an event, its own context included.
func readersOf(m *contract.Message) []*contract.Need {
	out := m.Consumers()
	for _, n := range m.Service.Own {
		if n.Message == m {
			out = append(out, n)
		}
	}
	if a := m.Event.Aggregate; a != nil && a.Sourced {
		var fields []string
		for _, f := range m.Payload.Fields {
			fields = append(fields, f.Name)
		}
		out = append(out, &contract.Need{Consumer: contract.Consumer{Service: m.Service}, By: "aggregate " + a.Name, Reads: fields, Message: m})
	}
	return out
}

// stored compares what lies in a service's database with what it reads now.
func (c *comparison) stored(was, is *contract.Service) {
	now := aggregates(was, is)
	for _, a := range was.Context.Aggregates {
		if b := now[a]; b != nil {
			c.instances(is, a, b)
		} else {
			c.add(own(is, "aggregate "+a.Name, fmt.Sprintf("instances of %s of before are lost", a.Name), losing, is.Context.Pos, a.Pos))
		}
	}
	for _, v := range was.Context.Views {
		i := slices.IndexFunc(is.Context.Views, func(w *model.View) bool { return names.Kept(&w.Node).Go == names.Kept(&v.Node).Go })
		if i >= 0 {
			c.rows(is, v, is.Context.Views[i])
		}
	}
}

// notes are the names of what an aggregate does.
func notes(a *model.Aggregate) map[string]bool {
	out := map[string]bool{}
	for _, m := range a.Commands {
		out["command "+m.Name] = true
	}
	for _, e := range a.Events {
		out["event "+e.Name] = true
	}
	return out
}

// losing is why what nobody reads any more is lost, and not only left alone.
const losing = "generate refuses to lose what is stored, unless it is told to (--allow)"

// own is a finding about what a service keeps for itself.
func own(s *contract.Service, by, what, why string, pos, old source.Pos) Finding {
	return Finding{Rule: BreakingStored, Service: s.Context.Name, Verdict: Breaking, What: what, Why: why, Pos: pos, Old: old,
		Consumers: []Consumer{{s.Context.Name, by}}}
}

// instances compares the documents of an aggregate's instances.
func (c *comparison) instances(s *contract.Service, was, is *model.Aggregate) {
	by := "aggregate " + is.Name
	if names.Kept(&was.Node).Snake != names.Kept(&is.Node).Snake {
		what := fmt.Sprintf("the instances of %s, which seems to be %s now, stay in its table", was.Name, is.Name)
		if was.Name == is.Name { // what it was called before is not said any more
			what = fmt.Sprintf("the instances of %s stay in the table of %s", is.Name, names.Kept(&was.Node).Go)
		}
		c.add(own(s, by, what, "a table is found by the aggregate's name", is.Pos, was.Pos))
	}
	c.enciphered(s, was, is)
	if was.Sourced != is.Sourced {
		f := own(s, by, fmt.Sprintf("aggregate %s is stored as its state", is.Name), "of before there are events only, which nobody folds any more", is.Pos, was.Pos)
		if is.Sourced { // what was stored is what its history begins with
			f.What, f.Why = fmt.Sprintf("aggregate %s is stored as its events", is.Name), "its history begins now, with the state that it has"
			f.Verdict, f.Step = Unclear, Minor
		}
		c.add(f)
		return
	}
	if hasPrivate(was) != hasPrivate(is) {
		c.ownTopic(s, was, is)
	}
	for _, u := range is.Unique {
		if !slices.ContainsFunc(was.Unique, func(o *model.Unique) bool { return slices.Equal(columnsOf(o), columnsOf(u)) }) {
			f := own(s, by, fmt.Sprintf("%s of aggregate %s must be unique", u.Text(), is.Name),
				"instances of before may share a value: then the service does not start", u.Pos, was.Pos)
			f.Verdict, f.Step = Unclear, Minor
			c.add(f)
		}
	}
	if is.Sourced {
		return // folded anew from events
	}
	for _, x := range recovers(c.was.Object(was.State...), c.is.Object(is.State...)) {
		if x.path == x.top && initial(is, x.top) && x.kind == missing {
			continue
		}
		f := own(s, by, "", "they are read as they were stored", place(x.reads, is.Pos), place(x.writes, was.Pos))
		switch x.kind {
		case unknown:
			f.What, f.Why = fmt.Sprintf("what instances of %s of before have as %s is lost", is.Name, x.path), losing
		case missing:
			f.What = fmt.Sprintf("instances of %s of before have no %s", is.Name, x.path)
		case kind:
			f.What = fmt.Sprintf("instances of %s of before have %s as %s, not as %s", is.Name, x.path, word(x.written), word(x.read))
		case strange:
			f.What = fmt.Sprintf("instances of %s of before may have %s as %s", is.Name, listed(x.values), x.path)
		case conditioned:
			// Only conditions of types are asked of what is in a state.
			r := c.conditions(checksOf(x.written), checksOf(x.read))
			if r.keeps == meaning.Yes {
				continue
			}
			f.What = fmt.Sprintf("instances of %s of before may hold a %s that is none any more", is.Name, x.path)
			f.Why = "they are read as they were stored, and what is made of such a value is refused" + suchAs(r.lost)
			f.Verdict, f.Step = Unclear, Minor
		default:
			continue
		}
		c.add(f)
	}
}

// columnsOf are the columns that must be unique together.
func columnsOf(u *model.Unique) []string {
	var out []string
	for _, f := range u.Fields {
		if f.Field != nil {
			out = append(out, naming.ColumnOf(f.Field))
		}
	}
	return out
}

// initial reports whether a lifecycle says what a field begins as.
func initial(a *model.Aggregate, name string) bool {
	return slices.ContainsFunc(a.Lifecycles, func(l *model.Lifecycle) bool {
		return l.Field.Field != nil && contract.JSON(l.Field.Field) == name
	})
}

func hasPrivate(a *model.Aggregate) bool {
	return slices.ContainsFunc(a.Events, func(e *model.Event) bool { return e.Private })
}

// ownTopic tells of own readers that listen on another topic than before: an
// aggregate with private events has a topic of all its events for its own
// context.
func (c *comparison) ownTopic(s *contract.Service, was, is *model.Aggregate) {
	var readers []*contract.Need
	for _, n := range s.Own {
		if n.Message != nil && n.Message.Event.Aggregate == is && (n.Projection == nil || !inline(s, n.Projection)) {
			readers = append(readers, n)
		}
	}
	topic := naming.PrivateTopic(c.is.Model.System, is)
	f := Finding{Rule: BreakingTopic, Service: s.Context.Name, Verdict: Breaking, Consumers: consumers(readers),
		What: fmt.Sprintf("%s listens to the events of its own %s on %s", s.Context.Name, is.Name, topic),
		Why:  "what lies on the topic of before, and is not handled yet, is not read", Pos: is.Pos, Old: was.Pos}
	if !hasPrivate(is) {
		f.What = fmt.Sprintf("%s listens to the events of its own %s on %s", s.Context.Name, is.Name, topic)
	}
	c.hurts(f)
}

func inline(s *contract.Service, p *model.Projection) bool {
	return slices.ContainsFunc(s.Context.Views, func(v *model.View) bool { return v.Inline && slices.Contains(v.From, p) })
}

// rows compares the table of a view. Rows that it could not hold are made anew, of
// all events that there were; those that are kept inline are not.
func (c *comparison) rows(s *contract.Service, was, is *model.View) {
	anew := func(what string, pos, old source.Pos) {
		f := own(s, "view "+is.Name, what, "its rows are made anew, from all events that there were", pos, old)
		f.Verdict, f.Step = Compatible, Minor
		if was.Inline || is.Inline {
			f.Verdict, f.Step, f.Why = Breaking, Major, losing
		}
		c.add(f)
	}
	if !slices.Equal(keyOf(was), keyOf(is)) {
		anew(fmt.Sprintf("the table of view %s has another key", is.Name), is.Pos, was.Pos)
		return
	}
	old := c.was.Object(was.Fields...)
	for _, f := range c.is.Object(is.Fields...).Fields {
		o := old.Field(f.Name)
		switch {
		case o == nil && !f.MayMiss(true):
			g := own(s, "view "+is.Name, fmt.Sprintf("rows of view %s of before have no %s", is.Name, f.Name), "until the view is rebuilt they have none", place(f, is.Pos), was.Pos)
			g.Verdict, g.Step = Unclear, Minor
			c.add(g)
		case o != nil && column(o.Schema) != column(f.Schema):
			anew(fmt.Sprintf("column %s of view %s is %s, and was %s", f.Name, is.Name, word(f.Schema), word(o.Schema)), place(f, is.Pos), place(o, was.Pos))
		}
	}
}

// column is the kind of a view's column that holds a field.
func column(s *contract.Schema) contract.SchemaKind {
	switch s.Kind {
	case contract.Text, contract.ID, contract.Enum:
		return contract.Text
	case contract.List, contract.Map, contract.Object:
		return contract.Object
	}
	return s.Kind
}
