package importer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/rule"
)

// kindScenario is what scenarios are called where notes have their kinds.
const kindScenario board.Kind = "scenario"

// Example is one that a board tells: given that, when somebody does this, then that.
type Example struct {
	Name  string
	Given []Saying // events that happened, in their order, or how aggregates are
	When  []Saying // one command
	Then  []Saying // events, in their order
}

// Saying is what an example says of a note.
type Saying struct {
	Note   string // its id
	Text   string // what the example calls it
	Values map[string]any
}

// scenario is one of the model that is being made.
type scenario struct {
	node
	given []*saying
	when  *saying
	then  []*saying
}

// saying is about one of an event, a command and, before it is known how that came to
// be, an aggregate.
type saying struct {
	event   *event
	command *command
	state   *aggregate
	values  []said
}

// said is the value of a field, as YAML has it.
type said struct{ field, value string }

// examples makes scenarios of those that are about what is in the model.
func (b *builder) examples() {
	names := map[string]int{}
	for _, x := range b.sketch.Examples {
		s, why := b.scenario(x)
		if why != "" {
			b.report.leave("example %q: %s", short(x.Name), why)
			continue
		}
		if names[s.name]++; names[s.name] > 1 {
			s.name += fmt.Sprintf(" (%d)", names[s.name])
		}
		b.report.Examples++
		b.draft.scenarios = append(b.draft.scenarios, s)
	}
}

// scenario makes one of an example, or says why it cannot.
func (b *builder) scenario(x *Example) (s *scenario, why string) {
	s = &scenario{node: node{kind: kindScenario, name: plain(x.Name)}}
	var whens []*saying
	for _, part := range []struct {
		said []Saying
		to   *[]*saying
	}{{x.Given, &s.given}, {x.When, &whens}, {x.Then, &s.then}} {
		for _, say := range part.said {
			made := b.saying(say)
			if made == nil {
				return nil, fmt.Sprintf("%q is not in the model", short(say.Text))
			}
			*part.to = append(*part.to, made)
		}
	}
	isEvent := func(s *saying) bool { return s.event != nil }
	switch {
	case len(whens) != 1 || whens[0].command == nil:
		return nil, "it is not about one command"
	case !allOf(s.then, isEvent):
		return nil, "what follows is not told by events alone"
	case !allOf(s.given, func(s *saying) bool { return s.command == nil }):
		return nil, "what is given is told by a command"
	}
	s.when = whens[0]
	if s.name == "" {
		s.name = s.when.command.called()
	}
	return s, ""
}

func allOf(list []*saying, is func(*saying) bool) bool {
	return !slices.ContainsFunc(list, func(s *saying) bool { return !is(s) })
}

func (b *builder) saying(say Saying) *saying {
	s := &saying{}
	var fields []Field
	switch x := b.made[b.byID[say.Note]].(type) {
	case *event:
		s.event, fields = x, x.fields
	case *command:
		s.command, fields = x, x.input
	case *aggregate:
		s.state, fields = x, x.fields
	default:
		return nil
	}
	for _, f := range fields {
		for name, v := range say.Values {
			if lower(identifier(name, "field")) != f.Name || v == nil || v == "" || v == "N/A" {
				continue
			}
			if text := b.yaml(s.context(), f, v); text != "" {
				s.values = append(s.values, said{f.Name, text})
			}
		}
	}
	return s
}

func (s *saying) of() *aggregate {
	switch {
	case s.event != nil:
		return s.event.of
	case s.command != nil:
		return s.command.of
	}
	return s.state
}

func (s *saying) context() *context {
	if a := s.of(); a != nil {
		return a.in
	}
	return nil
}

// yaml is the value of a field, as the field can have it; "": it has no such form.
func (b *builder) yaml(c *context, f Field, v any) string {
	if t := c.enum(f.Type); t != nil {
		for _, o := range t.values {
			if o.wire == v || o.name == v {
				return o.name
			}
		}
	}
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	text := string(data)
	if day, is := v.(string); is && f.Type == "date" { // an instant is of a day
		text = quoted(until(day, "T"))
	}
	return text
}

// enum is the enum of a context that a type is; nil: it is none.
func (c *context) enum(name string) *typ {
	if c == nil {
		return nil
	}
	for _, t := range c.types {
		if t.name == name && len(t.values) > 0 && !t.dropped {
			return t
		}
	}
	return nil
}

// settleExamples finds out how what is given came to be: an aggregate is as its board says after the event
// with which it begins. What an example leaves open may be anything.
func (d *draft) settleExamples(r *Report) {
	for _, s := range d.scenarios {
		var given []*saying
		for _, g := range s.given {
			if g.state == nil {
				given = append(given, g)
				continue
			}
			if s.when.command.creates && g.state == s.when.command.of {
				r.infer("example %q: %s creates %s, which is not there before", short(s.name), s.when.command.name, g.state.name)
				continue
			}
			first := g.state.beginning()
			if first == nil {
				s.dropped = true
				r.leave("example %q: it is not known by which event there is %s", short(s.name), g.state.name)
				break
			}
			r.infer("example %q: that there is %s is told by %s", short(s.name), g.state.name, first.name)
			g.event, g.state = first, nil
			given = append(given, g)
		}
		s.given = given
		for _, g := range given {
			g.fill(g.event.fields)
		}
		s.when.fill(s.when.command.input)
	}
	before := len(d.scenarios)
	d.scenarios = slices.DeleteFunc(d.scenarios, func(s *scenario) bool { return s.dropped })
	r.Examples -= before - len(d.scenarios)
}

// beginning is the event with which an aggregate begins: the only one of the only
// command that creates it.
func (a *aggregate) beginning() *event {
	var first *event
	for _, m := range a.commands {
		if !m.creates {
			continue
		}
		if first != nil || len(m.emits) != 1 {
			return nil
		}
		first = m.emits[0]
	}
	return first
}

// fill says of fields of which an example says nothing what they could be: it is an
// example for all values.
func (s *saying) fill(fields []Field) {
	s.values = slices.DeleteFunc(s.values, func(v said) bool {
		return !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == v.field })
	})
	for _, f := range fields {
		if slices.ContainsFunc(s.values, func(v said) bool { return v.field == f.Name }) {
			continue
		}
		if v := s.anything(f); v != "" {
			s.values = append(s.values, said{f.Name, v})
		}
	}
}

// anyOf are values of the types of the language.
var anyOf = map[string]string{
	"bool": "false", "int": "1", "decimal": "1", "date": "2026-01-01", "time": `"2026-01-01T00:00:00Z"`, "duration": "1d", "id": `"1"`,
}

func (s *saying) anything(f Field) string {
	switch t := s.context().enum(f.Type); {
	case t != nil:
		return t.values[0].name
	case f.Type == "string":
		return quoted(f.Name)
	case strings.HasPrefix(f.Type, "list("):
		return "[]"
	}
	return anyOf[f.Type]
}

func (w *writer) scenarios(list []*scenario, names *shortest) {
	list = live(list, func(s *scenario) *node { return &s.node })
	if len(list) == 0 {
		return
	}
	w.line(func(rule.ID) {}, "scenarios:")
	w.in(func() {
		for _, s := range list {
			w.scenario(s, names)
		}
	})
}

func (w *writer) scenario(s *scenario, names *shortest) {
	for _, g := range slices.Concat(s.given, s.then) {
		if g.event.dropped {
			s.dropped = true
		}
	}
	if s.dropped = s.dropped || s.when.command.dropped; s.dropped {
		return
	}
	w.line(s.remedy, "%s:", quoted(s.name))
	w.in(func() {
		w.sayings("given", s.given, s, names)
		w.line(s.remedy, "when:")
		m := s.when.command
		w.in(func() {
			w.line(s.remedy, "do: %s.%s.%s", m.of.in.name, m.of.name, m.name)
			w.values(s.when, s, true)
		})
		if len(s.then) == 0 {
			w.line(s.remedy, "then: []")
		}
		w.sayings("then", s.then, s, names)
	})
}

func (w *writer) sayings(key string, list []*saying, s *scenario, names *shortest) {
	if len(list) == 0 {
		return
	}
	w.line(s.remedy, "%s:", key)
	w.in(func() {
		for _, g := range list {
			w.line(s.remedy, "- event: %s", names.event(g.event))
			w.in(func() { w.values(g, s, key == "given") })
		}
	})
}

// values writes those of a saying; with the id of the instance that a scenario is
// about, where it happens to one.
func (w *writer) values(g *saying, s *scenario, instance bool) {
	a := g.of()
	if len(g.values) == 0 && (!instance || a == nil) {
		return
	}
	w.line(s.remedy, "with:")
	w.in(func() {
		if instance && a != nil {
			w.line(s.remedy, `%sId: "1"`, lower(a.name))
		}
		for _, v := range g.values {
			w.line(func(why rule.ID) {
				if why == rule.MissingValue {
					s.remedy(why)
				}
				g.values = slices.DeleteFunc(slices.Clone(g.values), func(o said) bool { return o == v })
			}, "%s: %s", v.field, v.value)
		}
	})
}
