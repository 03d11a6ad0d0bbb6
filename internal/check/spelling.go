package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// Limits of what generated names become.
const (
	maxLabel = 63  // a label of DNS, and so a service of Kubernetes
	maxTopic = 249 // a topic of Kafka
)

// private is what the topic of private events ends in.
const private = ".private"

// spelledNames judges what the names of a context become as identifiers.
func (c *checker) spelledNames(x *model.Context) {
	host := names.OfText(c.sys.Name).Kebab + "-" + names.Of(&x.Node).Kebab
	c.tooLong(&x.Node, "its service is", host, maxLabel, "a service of Kubernetes")
	c.reserved(&x.Node, "it is a host name", names.Network)
	c.reserved(&x.Node, "its package gets a suffix", names.Go)
	topics := names.OfText(c.sys.Name).Kebab + "." + names.Of(&x.Node).Kebab + "."

	c.typeNames(x.Types)
	c.collisions(nodesOf(x.Aggregates, func(a *model.Aggregate) *model.Node { return &a.Node }))
	for _, a := range x.Aggregates {
		c.tooLong(&a.Node, "its topic is", topics+names.Of(&a.Node).Kebab+private, maxTopic, "a topic of Kafka")
		c.reserved(&a.Node, "its package gets a suffix", names.Go)
		c.collisions(nodesOf(a.Commands, func(m *model.Command) *model.Node { return &m.Node }))
		c.collisions(nodesOf(a.Events, func(e *model.Event) *model.Node { return &e.Node }))
		c.fieldNames(a.State)
		for _, m := range a.Commands {
			c.commandName(m)
			c.fieldNames(m.Input)
		}
		for _, e := range a.Events {
			c.eventName(e)
			c.fieldNames(e.Fields)
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
		c.collisions(nodesOf(v.Queries, func(q *model.Query) *model.Node { return &q.Node }))
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
	c.collisions(nodesOf(c.sys.Externals, func(x *model.External) *model.Node { return &x.Node }))
	for _, x := range c.sys.Externals {
		c.collisions(nodesOf(x.Operations, func(o *model.Operation) *model.Node { return &o.Node }))
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
	first := make(map[string]*model.Node, len(nodes))
	for _, n := range nodes {
		spelled := names.Of(n).Snake
		o := first[spelled]
		if o == nil {
			first[spelled] = n
			continue
		}
		if n.Name != o.Name { // else it was reported when the model was read
			c.say(rule.NameCollision, n.Pos, "%s and %s are both written %s", o.Name, n.Name, spelled).
				With(diag.At(o.Pos, "%s", o.Name), diag.Fix("give one of them a code of its own"))
		}
	}
}

func (c *checker) tooLong(n *model.Node, what, text string, most int, kind string) {
	if len(text) > most {
		c.say(rule.NameLength, n.Pos, "%s is too long: %s %d letters long, and %s has at most %d", n.Name, what, len(text), kind, most).
			With(diag.Fix("give it a shorter code"))
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
