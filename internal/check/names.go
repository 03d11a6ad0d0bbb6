package check

import (
	"cmp"
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// limits are how long names may be where they end up, the least first.
var limits = []struct {
	kind naming.Kind
	what string // of a note
	most int
	who  string // takes no more
}{
	{naming.Host, "host", 63, "a label of Kubernetes"},
	{naming.Table, "table", 63, "a table of PostgreSQL"},
	{naming.Column, "column", 63, "a column of PostgreSQL"},
	{naming.Topic, "topic", 249, "a topic of Kafka"},
	{naming.File, "file", 255, "the name of a file"},
}

// spelledNames judges what the names of a context become as identifiers.
func (c *checker) spelledNames(x *model.Context) {
	if host := naming.Dir(x); naming.IsPart(c.sys, host) {
		c.say(rule.ReservedWord, x.Pos, "%s is, or could be, a part of the deployment: the service runs as %s", host, naming.HostOf(c.sys, x)).
			With(diag.Fix("give it a code that is free"))
	}
	c.reserved(&x.Node, "its package gets a suffix", names.Go)

	c.typeNames(x.Types)
	c.collisions(nodesOf(x.Aggregates, func(a *model.Aggregate) *model.Node { return &a.Node }))
	for _, a := range x.Aggregates {
		c.reserved(&a.Node, "its package gets a suffix", names.Go)
		c.collisions(nodesOf(a.Commands, func(m *model.Command) *model.Node { return &m.Node }))
		c.collisions(nodesOf(a.Events, func(e *model.Event) *model.Node { return &e.Node }))
		c.besideID(a, a.State)
		for _, m := range a.Commands {
			c.commandName(m)
			c.besideID(a, m.Input)
			c.fieldNames(besidesID(a, Reply(m))) // its fields that are the id were told of at their events
			c.collisions(nodesOf(m.Calls, func(x *model.Call) *model.Node { return &x.Node }))
		}
		for _, e := range a.Events {
			c.eventName(e)
			c.besideID(a, e.Fields)
			for _, v := range e.Versions {
				c.besideID(a, v.Fields)
			}
		}
		for _, r := range a.Lookup {
			c.column(r.Field)
		}
		for _, u := range a.Unique {
			for _, r := range u.Fields {
				c.column(r.Field)
			}
		}
	}
	c.collisions(nodesOf(x.Policies, func(p *model.Policy) *model.Node { return &p.Node }))
	c.collisions(nodesOf(x.Sagas, func(s *model.Saga) *model.Node { return &s.Node }))
	c.collisions(nodesOf(x.Views, func(v *model.View) *model.Node { return &v.Node }))
	for _, v := range x.Views {
		c.collisions(nodesOf(v.Links, func(l *model.Link) *model.Node { return &l.Node }))
		c.collisions(nodesOf(v.Queries, func(q *model.Query) *model.Node { return &q.Node }))
		for _, q := range v.Queries {
			c.fieldNames(q.Input)
		}
		c.fieldNames(v.Fields)
		for _, f := range v.Fields {
			c.column(f)
		}
	}
	for _, e := range x.Events {
		c.eventName(e)
	}
}

// sharedNames judges the names that belong to no context.
func (c *checker) sharedNames() {
	c.typeNames(c.sys.Types)
	c.collisions(nodesOf(c.sys.Contexts, func(x *model.Context) *model.Node { return &x.Node }))
	c.collisions(nodesOf(c.sys.Actors, func(a *model.Actor) *model.Node { return &a.Node }))
	c.collisions(nodesOf(c.sys.Externals, func(x *model.External) *model.Node { return &x.Node }))
	for _, x := range c.sys.Externals {
		c.collisions(nodesOf(x.Operations, func(o *model.Operation) *model.Node { return &o.Node }))
		for _, o := range x.Operations {
			c.fieldNames(o.Input)
			c.fieldNames(o.Reply)
		}
		for _, e := range x.Events {
			c.eventName(e)
		}
	}
	for _, e := range c.sys.Events {
		c.eventName(e)
	}
}

func (c *checker) typeNames(defs []*model.TypeDef) {
	c.collisions(nodesOf(defs, func(d *model.TypeDef) *model.Node { return &d.Node }))
	for _, d := range defs {
		c.fieldNames(d.Fields)
		c.collisions(nodesOf(d.Enum, func(v *model.EnumValue) *model.Node { return &v.Node }))
		c.wireValues(d)
	}
}

// wireValues reports values of an enum that are one value for everybody else.
func (c *checker) wireValues(d *model.TypeDef) {
	first := make(map[string]*model.EnumValue, len(d.Enum))
	for _, v := range d.Enum {
		wire := names.EnumValue(v)
		o := first[wire]
		if o == nil {
			first[wire] = v
			continue
		}
		if v.Wire.Value != "" || o.Wire.Value != "" { // else their names collide
			c.say(rule.NameCollision, v.Pos, "%s and %s are both %q on the wire", o.Name, v.Name, wire).
				With(diag.At(o.Pos, "%s", o.Name), diag.Fix("give one of them another value"))
		}
	}
}

func (c *checker) fieldNames(fields []*model.Field) {
	c.collisions(nodesOf(fields, func(f *model.Field) *model.Node { return &f.Node }))
}

// besideID judges the names of fields that stand beside an aggregate's id.
func (c *checker) besideID(a *model.Aggregate, fields []*model.Field) {
	for _, f := range fields {
		if writtenAsID(a, f) {
			c.say(rule.NameCollision, f.Pos, "%s and %s, the id of %s, are both written %s", f.Name, a.ID.Name, a.Name, names.Of(&a.ID.Node).Snake).
				With(diag.At(a.ID.Pos, "%s has the id %s without being told", a.Name, a.ID.Name),
					diag.Fix("leave it out, and call the id so: id: %s", f.Name))
		}
	}
	c.fieldNames(besidesID(a, fields))
}

// besidesID is fields but for those that are written as an aggregate's id.
func besidesID(a *model.Aggregate, fields []*model.Field) []*model.Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f *model.Field) bool { return writtenAsID(a, f) })
}

func writtenAsID(a *model.Aggregate, f *model.Field) bool {
	one, id := names.Of(&f.Node), names.Of(&a.ID.Node)
	return one.Snake == id.Snake || one.Go == id.Go
}

func nodesOf[T any](list []*T, node func(*T) *model.Node) []*model.Node {
	if len(list) < 2 {
		return nil // nothing to collide with
	}
	out := make([]*model.Node, len(list))
	for i, x := range list {
		out[i] = node(x)
	}
	return out
}

// collisions reports names of one place that become one identifier.
func (c *checker) collisions(nodes []*model.Node) {
	if slices.ContainsFunc(nodes, func(n *model.Node) bool { return len(n.Was) > 0 }) {
		c.formerNames(nodes)
	}
	first := make(map[string]*model.Node, 2*len(nodes))
	for _, n := range nodes {
		spelled := names.Of(n)
		o := first[spelled.Snake]
		if o == nil {
			o = first[spelled.Go]
		}
		if o == nil {
			first[spelled.Snake], first[spelled.Go] = n, n
			continue
		}
		if n.Name != o.Name { // else it was reported when the model was read
			c.alike = append(c.alike, [2]*model.Node{o, n})
			c.say(rule.NameCollision, n.Pos, "%s and %s are both written %s", o.Name, n.Name, spelled.Snake).
				With(diag.At(o.Pos, "%s", o.Name), diag.Fix("give one of them a code of its own"))
		}
	}
}

// formerNames reports names of before that somebody has beside a note: what is stored
// under them, and asked for by them, would be of two.
func (c *checker) formerNames(nodes []*model.Node) {
	has := map[string]*model.Node{} // by its spelling in tables and in Go
	for _, n := range nodes {
		spelled := names.Of(n)
		has[spelled.Snake], has[spelled.Go] = n, n
	}
	was := map[string]*model.Node{}
	for _, n := range nodes {
		for i, spelled := range names.Before(n) {
			at := n.Was[i]
			o := cmp.Or(has[spelled.Snake], has[spelled.Go])
			is := "is there"
			if o == nil {
				o, is = was[spelled.Snake], "was called so, too"
			}
			was[spelled.Snake] = n
			if o == nil || o == n || slices.Contains(c.former, at.Pos) {
				continue
			}
			c.former, c.alike = append(c.former, at.Pos), append(c.alike, [2]*model.Node{o, n}, [2]*model.Node{n, o})
			c.say(rule.Was, at.Pos, "%s was called %s, and %s %s", n.Name, at.Value, o.Name, is).
				With(diag.At(o.Pos, "%s", o.Name), diag.Fix("a name of before belongs to one note: call %s otherwise, or leave was out", o.Name))
		}
	}
}

// toldAlike reports whether it was told of two notes that their own names are
// written alike: what is derived of them is, too.
func (c *checker) toldAlike(x naming.Conflict) bool {
	return slices.Contains(c.alike, [2]*model.Node{x.First.Owner.Node, x.Second.Owner.Node})
}

// derivedNames reports names of different notes that are one where they end up.
func (c *checker) derivedNames() {
	c.out.Names = naming.Of(c.sys, func(n *model.Node) bool { return !c.out.Incomplete[n] }, c.out.Columns)
	c.longNames()
	c.routeConflicts(c.out.Names)
	for _, x := range c.out.Names.Conflicts() {
		one, other := x.First, x.Second
		if c.toldAlike(x) {
			continue
		}
		if one.Owner == naming.Esgen || other.Owner == naming.Esgen {
			note := cmp.Or(one.Owner, other.Owner)
			c.say(rule.NameCollision, note.Pos, "the %s would be the %s %s, and there is one in every system", note.What, other.Kind, other.Name).
				With(diag.Fix("give it a code of its own"))
			continue
		}
		c.say(rule.NameCollision, other.Owner.Pos, "the %s and the %s would both be the %s %s", one.Owner.What, other.Owner.What, other.Kind, other.Name).
			With(diag.At(one.Owner.Pos, "the %s", one.Owner.What), diag.Fix("give one of them a code of its own"))
	}
}

// longNames reports names that are longer than who must take them.
func (c *checker) longNames() {
	told := map[*model.Node]bool{}
	for _, limit := range limits {
		for _, e := range c.out.Names.Longest(limit.kind) {
			if len(e.Name) > limit.most && !told[e.Owner.Node] {
				told[e.Owner.Node] = true
				c.say(rule.NameLength, e.Owner.Node.Pos, "%s is too long: its %s has a name of %d letters, and %s has at most %d",
					e.Owner.Node.Name, cmp.Or(e.Owner.As, limit.what), len(e.Name), limit.who, limit.most).
					With(diag.Fix("give it a shorter code"))
			}
		}
	}
}

// reserved notes a name that means something to others.
func (c *checker) reserved(n *model.Node, so string, world names.World) {
	if names.Of(n).Reserved(world) {
		c.say(rule.ReservedWord, n.Pos, "%s is a word of %s, and %s", n.Name, world, so).
			With(diag.Fix("give it a code that is free"))
	}
}

// column notes a column that has to be quoted.
func (c *checker) column(f *model.Field) {
	if f != nil {
		c.reserved(&f.Node, "it is a column: whoever asks the database must quote it", names.SQL)
	}
}

// likeID warns of fields that are called like the id of an aggregate and are
// none.
func (c *checker) likeID(fields []*model.Field) {
	for _, f := range fields {
		owners := c.index.ids[f.Name]
		if len(owners) == 0 || !f.Declared || f.Type == nil || !isScalar(f.Type.Value()) {
			continue
		}
		switch t := f.Type.Value().Scalar(); {
		case t.Kind == model.ID, t.Kind == model.Ref && slices.Contains(owners, t.Aggregate):
		default:
			c.say(rule.IDType, f.Pos, "%s is %s, and the id of %s is called so, too", f.Name, f.Type, owners[0].Name).
				With(diag.At(owners[0].Pos, "the %s", owners[0].Name), diag.Fix("make it ref(%s), or call it otherwise", owners[0].Name))
		}
	}
}
