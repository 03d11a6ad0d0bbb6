package cli

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// wall is a model that is changed at random: notes come, go, and are called
// something else, fields get other types.
type wall struct {
	names     int
	contexts  []*wallContext
	externals []*wallExternal
}

type wallContext struct {
	name       string
	aggregates []*wallAggregate
	policies   []*wallPolicy
	views      []*wallView
	hears      []*wallTranslation
}

// wallPolicy is decided by hand. What it names may be gone: then it is, too.
type wallPolicy struct {
	name, event, command string
	external             string // that it asks as well; "": none
	was                  []string
}

// wallView has one event, of which it is decided by hand what it does to a row.
type wallView struct {
	name, event string
	was         []string
	fields      []wallField
}

// wallTranslation is what an event of another context means, by hand.
type wallTranslation struct {
	event  string
	fields []wallField
}

// wallExternal is asked by hand, or not.
type wallExternal struct {
	name   string
	custom bool
	input  []wallField
}

type wallAggregate struct {
	name     string
	was      []string
	fields   []wallField
	commands []*wallCommand
}

type wallField struct{ name, kind string }

// wallCommand emits an event of its own.
type wallCommand struct {
	name, event, title string
	was                []string
	custom             bool
	input              []wallField
}

// wallKinds are types of fields that need not be set.
var wallKinds = []string{"optional(string)", "optional(int)", "optional(decimal)", "optional(date)", "optional(duration)", "list(string)", "map(int)"}

func newWall(draw *rand.Rand) *wall {
	w := &wall{}
	for range 1 + draw.IntN(2) {
		w.addContext(draw)
	}
	return w
}

// called is a name that nothing else has.
func (w *wall) called(what string) string {
	w.names++
	return fmt.Sprintf("%s%c%d", what, 'A'+rune(w.names%26), w.names)
}

func (w *wall) addContext(draw *rand.Rand) {
	c := &wallContext{name: w.called("Area")}
	w.contexts = append(w.contexts, c)
	w.addAggregate(draw, c)
}

func (w *wall) addAggregate(draw *rand.Rand, c *wallContext) {
	a := &wallAggregate{name: w.called("Thing")}
	c.aggregates = append(c.aggregates, a)
	w.addField(draw, &a.fields)
	for range 1 + draw.IntN(3) {
		w.addCommand(draw, a)
	}
}

func (w *wall) addField(draw *rand.Rand, to *[]wallField) {
	*to = append(*to, wallField{w.called("field"), wallKinds[draw.IntN(len(wallKinds))]})
}

func (w *wall) addCommand(draw *rand.Rand, a *wallAggregate) {
	c := &wallCommand{name: w.called("Do"), event: w.called("Done"), custom: draw.IntN(3) > 0}
	a.commands = append(a.commands, c)
	if draw.IntN(2) == 0 {
		w.addField(draw, &c.input)
	}
}

// edit changes one thing.
func (w *wall) edit(draw *rand.Rand) {
	c := w.contexts[draw.IntN(len(w.contexts))]
	a := c.aggregates[draw.IntN(len(c.aggregates))]
	m := a.commands[draw.IntN(len(a.commands))]
	switch draw.IntN(24) {
	case 16:
		w.addPolicy(draw, c)
	case 17:
		c.policies = c.policies[:max(0, len(c.policies)-1)]
	case 18:
		w.addView(draw, c)
	case 19:
		c.views = c.views[:max(0, len(c.views)-1)]
	case 20:
		w.addTranslation(draw, c)
	case 21:
		c.hears = c.hears[:max(0, len(c.hears)-1)]
	case 22:
		w.otherwise(draw, c)
	case 23:
		if len(w.externals) > 0 {
			x := w.externals[draw.IntN(len(w.externals))]
			x.custom = !x.custom
			w.addField(draw, &x.input)
		}
	case 0:
		w.addContext(draw)
	case 1:
		w.contexts = without(draw, w.contexts)
	case 2:
		c.name = w.called("Area")
	case 3:
		w.addAggregate(draw, c)
	case 4:
		c.aggregates = without(draw, c.aggregates)
	case 5:
		a.was = w.renamed(draw, a.was, a.name)
		a.name = w.called("Thing")
	case 6:
		w.addCommand(draw, a)
	case 7:
		a.commands = without(draw, a.commands)
	case 8:
		m.was = w.renamed(draw, m.was, m.name)
		before := m.name
		m.name = w.called("Do")
		for _, p := range c.policies {
			if p.command == before {
				p.command = m.name
			}
		}
	case 9:
		m.custom = !m.custom
	case 10, 11:
		m.title = w.called("what is said of it, ")
	case 12:
		w.addField(draw, &m.input)
	case 13:
		m.input = slices.Delete(m.input, 0, min(1, len(m.input)))
	case 14:
		i := draw.IntN(len(a.fields))
		a.fields[i].kind = wallKinds[draw.IntN(len(wallKinds))]
	case 15:
		m.event = w.called("Done")
	}
}

// event is one of any context.
func (w *wall) event(draw *rand.Rand) string {
	c := w.contexts[draw.IntN(len(w.contexts))]
	a := c.aggregates[draw.IntN(len(c.aggregates))]
	return a.commands[draw.IntN(len(a.commands))].event
}

func (w *wall) addPolicy(draw *rand.Rand, c *wallContext) {
	a := c.aggregates[draw.IntN(len(c.aggregates))]
	p := &wallPolicy{name: w.called("Rule"), event: w.event(draw), command: a.commands[draw.IntN(len(a.commands))].name}
	if draw.IntN(2) == 0 {
		x := &wallExternal{name: w.called("Far"), custom: draw.IntN(3) > 0}
		w.addField(draw, &x.input)
		w.externals = append(w.externals, x)
		p.external = x.name
	}
	c.policies = append(c.policies, p)
}

func (w *wall) addView(draw *rand.Rand, c *wallContext) {
	v := &wallView{name: w.called("Sight"), event: w.event(draw)}
	w.addField(draw, &v.fields)
	c.views = append(c.views, v)
}

func (w *wall) addTranslation(draw *rand.Rand, c *wallContext) {
	t := &wallTranslation{event: w.event(draw)}
	if slices.ContainsFunc(c.hears, func(o *wallTranslation) bool { return o.event == t.event }) {
		return
	}
	w.addField(draw, &t.fields)
	c.hears = append(c.hears, t)
}

// otherwise has something that is written by hand get another name, or be handed
// something else.
func (w *wall) otherwise(draw *rand.Rand, c *wallContext) {
	if len(c.policies) > 0 && draw.IntN(2) == 0 {
		p := c.policies[draw.IntN(len(c.policies))]
		if draw.IntN(2) == 0 {
			p.event = w.event(draw)
			return
		}
		p.was = w.renamed(draw, p.was, p.name)
		p.name = w.called("Rule")
	}
	if len(c.views) > 0 && draw.IntN(2) == 0 {
		v := c.views[draw.IntN(len(c.views))]
		v.was = w.renamed(draw, v.was, v.name)
		v.name = w.called("Sight")
		w.addField(draw, &v.fields)
	}
	if len(c.hears) > 0 {
		w.addField(draw, &c.hears[draw.IntN(len(c.hears))].fields)
	}
}

// renamed is what a note was called, when it gets another name: some say so, others
// are one that went and one that came.
func (w *wall) renamed(draw *rand.Rand, was []string, name string) []string {
	if draw.IntN(3) == 0 {
		return nil
	}
	return append(slices.Clone(was), name)
}

// without is a list with one of its items taken out, unless it is the last one.
func without[T any](draw *rand.Rand, list []T) []T {
	if len(list) == 1 {
		return list
	}
	at := draw.IntN(len(list))
	return slices.Delete(list, at, at+1)
}

func (w *wall) clone() *wall {
	out := &wall{names: w.names, externals: copies(w.externals)}
	for _, x := range out.externals {
		x.input = slices.Clone(x.input)
	}
	for _, c := range w.contexts {
		cc := &wallContext{name: c.name, policies: copies(c.policies), views: copies(c.views), hears: copies(c.hears)}
		for _, v := range cc.views {
			v.fields = slices.Clone(v.fields)
		}
		for _, t := range cc.hears {
			t.fields = slices.Clone(t.fields)
		}
		for _, a := range c.aggregates {
			ca := &wallAggregate{name: a.name, was: a.was, fields: slices.Clone(a.fields)}
			for _, m := range a.commands {
				cm := *m
				cm.input = slices.Clone(m.input)
				ca.commands = append(ca.commands, &cm)
			}
			cc.aggregates = append(cc.aggregates, ca)
		}
		out.contexts = append(out.contexts, cc)
	}
	return out
}

// copies are as many things of their own.
func copies[T any](list []*T) []*T {
	out := make([]*T, len(list))
	for i, x := range list {
		one := *x
		out[i] = &one
	}
	return out
}

// String is the model as YAML.
func (w *wall) String() string {
	var b strings.Builder
	b.WriteString("esgen: v1\nsystem: living\nmodule: example.com/living\nactors: {User: {role: user}}\n")
	if len(w.externals) > 0 {
		b.WriteString("externals:\n")
		for _, x := range w.externals {
			fmt.Fprintf(&b, "  %s: {custom: %t, operations: {ask%s: {input: {%s}}}}\n", x.name, x.custom, x.name, declared(x.input))
		}
	}
	b.WriteString("contexts:\n")
	for _, c := range w.contexts {
		fmt.Fprintf(&b, "  %s:\n    aggregates:\n", c.name)
		for _, a := range c.aggregates {
			fmt.Fprintf(&b, "      %s:\n%s        id: id%s\n        state: {%s}\n        commands:\n", a.name, before("        ", a.was), a.name, declared(a.fields))
			for i, m := range a.commands {
				fmt.Fprintf(&b, "          %s:\n            actor: User\n%s            creates: %t\n", m.name, before("            ", m.was), i == 0)
				if m.title != "" {
					fmt.Fprintf(&b, "            title: %q\n", m.title)
				}
				if len(m.input) > 0 {
					fmt.Fprintf(&b, "            input: {%s}\n", declared(m.input))
				}
				if m.custom {
					b.WriteString("            custom: true\n")
				} else {
					fmt.Fprintf(&b, "            emit: [%s]\n", m.event)
				}
			}
			b.WriteString("        events:\n")
			for _, m := range a.commands {
				fmt.Fprintf(&b, "          %s: {}\n", m.event)
			}
		}
		w.byHand(&b, c)
	}
	w.relations(&b)
	return b.String()
}

// byHand writes what is decided by hand in a context, as far as what it is about is
// still there.
func (w *wall) byHand(b *strings.Builder, c *wallContext) {
	key := "    policies:\n"
	for _, p := range c.policies {
		if _, told := w.told(p.event); told == nil || !c.does(p.command) {
			continue
		}
		then := p.command
		if p.external != "" {
			then += ", " + p.external + ".ask" + p.external
		}
		fmt.Fprintf(b, "%s      %s:\n%s        whenever: %s\n        then: [%s]\n        custom: true\n", key, p.name, before("        ", p.was), p.event, then)
		key = ""
	}
	key = "    views:\n"
	for _, v := range c.views {
		_, of := w.told(v.event)
		if of == nil {
			continue
		}
		fmt.Fprintf(b, "%s      %s:\n%s        key: id%s\n        fields: {id%s: id, %s}\n        from: {%s: {custom: true}}\n",
			key, v.name, before("        ", v.was), of.name, of.name, declared(v.fields), v.event)
		key = ""
	}
}

// relations writes which events mean something else where they are heard.
func (w *wall) relations(b *strings.Builder) {
	key := "relations:\n"
	for _, c := range w.contexts {
		for _, t := range c.hears {
			if from, _ := w.told(t.event); from != nil && from != c {
				fmt.Fprintf(b, "%s  - {upstream: %s, downstream: %s, roles: [anticorruption-layer], translate: {%s: {fields: {%s}}}}\n", key, from.name, c.name, t.event, declared(t.fields))
				key = ""
			}
		}
	}
}

// told is who tells an event; nil: nobody does any more.
func (w *wall) told(event string) (*wallContext, *wallAggregate) {
	for _, c := range w.contexts {
		for _, a := range c.aggregates {
			for _, m := range a.commands {
				if m.event == event {
					return c, a
				}
			}
		}
	}
	return nil, nil
}

// does reports whether a context has a command.
func (c *wallContext) does(command string) bool {
	return slices.ContainsFunc(c.aggregates, func(a *wallAggregate) bool {
		return slices.ContainsFunc(a.commands, func(m *wallCommand) bool { return m.name == command })
	})
}

// before is the line with what a note was called.
func before(indent string, was []string) string {
	if was == nil {
		return ""
	}
	return indent + "was: [" + strings.Join(was, ", ") + "]\n"
}

func declared(fields []wallField) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.name+": "+f.kind)
	}
	return strings.Join(parts, ", ")
}
