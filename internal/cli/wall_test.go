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
	names    int
	contexts []*wallContext
}

type wallContext struct {
	name       string
	aggregates []*wallAggregate
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
	switch draw.IntN(16) {
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
		m.name = w.called("Do")
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
	out := &wall{names: w.names}
	for _, c := range w.contexts {
		cc := &wallContext{name: c.name}
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

// String is the model as YAML.
func (w *wall) String() string {
	var b strings.Builder
	b.WriteString("esgen: v1\nsystem: living\nmodule: example.com/living\nactors: {User: {role: user}}\ncontexts:\n")
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
	}
	return b.String()
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
