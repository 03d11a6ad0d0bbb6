// Package coverage finds out what of a model is asked for and what is shown to
// work: requirements, the notes that cover them, the scenarios that play them.
package coverage

import (
	"slices"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Report is what is covered, and by what. Names of notes are in their shortest
// unambiguous form; nothing is repeated, and all is in the order of the files.
type Report struct {
	Covered      Covered       `json:"covered"`
	Requirements []Requirement `json:"requirements"`
	Slices       []Slice       `json:"slices"`
	Notes        []Note        `json:"notes"`
}

// Requirement is covered when a scenario says that it covers it.
type Requirement struct {
	Name          string     `json:"name"`
	Text          quote.Text `json:"text"`
	Nonfunctional bool       `json:"nonfunctional,omitempty"`
	Notes         []string   `json:"notes"`     // that say they cover it
	Scenarios     []string   `json:"scenarios"` // that say they cover it
}

// Slice is a thin way through the system: what somebody does, and sees while
// deciding. It is covered when a scenario does it.
type Slice struct {
	Command      string     `json:"command"`
	Title        quote.Text `json:"title,omitempty"`
	Actors       []string   `json:"actors"`
	Sees         string     `json:"sees,omitempty"`
	Requirements []string   `json:"requirements"`
	Scenarios    []string   `json:"scenarios"`
}

// Note is a sticky note: a command, event, policy, saga or view. It is covered
// when a scenario touches it.
type Note struct {
	Kind         string     `json:"kind"`
	Name         string     `json:"name"`
	Title        quote.Text `json:"title,omitempty"`
	Requirements []string   `json:"requirements"` // of its own, of its aggregate's and of its context's
	Flows        []string   `json:"flows"`
	Scenarios    []string   `json:"scenarios"`
}

// Share is how many of some things are covered.
type Share struct {
	Covered int `json:"covered"`
	Of      int `json:"of"`
}

// Percent is the share in hundredths, rounded down; of nothing, all is covered.
func (s Share) Percent() int {
	if s.Of == 0 {
		return 100
	}
	return 100 * s.Covered / s.Of
}

// Covered says how many of the requirements, slices and notes are covered.
type Covered struct {
	Requirements Share `json:"requirements"`
	Slices       Share `json:"slices"`
	Notes        Share `json:"notes"`
}

// Percent is the least of the three.
func (c Covered) Percent() int {
	return min(c.Requirements.Percent(), c.Slices.Percent(), c.Notes.Percent())
}

func (s *Share) add(scenarios []string) {
	s.Of++
	if len(scenarios) > 0 {
		s.Covered++
	}
}

// Of finds out what of a model is covered.
func Of(sys *model.System) *Report {
	b := &builder{Report: Report{Requirements: []Requirement{}, Slices: []Slice{}, Notes: []Note{}}, sys: sys,
		scenarios: touched(sys), flows: told(sys), notes: map[string][]string{}}
	for _, e := range sys.Events {
		b.note("event", e, &e.Node)
	}
	for _, x := range sys.Externals {
		b.covering(b.sys.NameOf(x), &x.Node)
		for _, e := range x.Events {
			b.note("event", e, &e.Node, &x.Node)
		}
	}
	for _, c := range sys.Contexts {
		b.context(c)
	}
	for _, r := range sys.Requirements {
		x := Requirement{Name: r.Name, Text: r.Text, Nonfunctional: r.Nonfunctional, Notes: some(b.notes[r.Name]), Scenarios: []string{}}
		for _, s := range sys.Scenarios {
			if covers(&s.Node, r) {
				x.Scenarios = append(x.Scenarios, s.Name)
			}
		}
		b.Covered.Requirements.add(x.Scenarios)
		b.Requirements = append(b.Requirements, x)
	}
	return &b.Report
}

func covers(n *model.Node, r *model.Requirement) bool {
	return slices.ContainsFunc(n.Covers, func(t model.Text) bool { return t.Value == r.Name })
}

// some makes an empty list of none, which is easier to read for a machine.
func some(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

type builder struct {
	Report
	sys       *model.System
	scenarios map[any][]string    // that touch a node
	flows     map[any][]string    // that tell of a node
	notes     map[string][]string // that cover a requirement
}

func (b *builder) context(c *model.Context) {
	b.covering(c.Name, &c.Node)
	for _, a := range c.Aggregates {
		b.covering(b.sys.NameOf(a), &a.Node)
		for _, m := range a.Commands {
			b.note("command", m, &m.Node, &a.Node, &c.Node)
			if len(m.Actors) > 0 {
				b.slice(m, requirementsOf(&m.Node, &a.Node, &c.Node))
			}
		}
		for _, e := range a.Events {
			b.note("event", e, &e.Node, &a.Node, &c.Node)
		}
	}
	for _, e := range c.Events {
		b.note("event", e, &e.Node, &c.Node)
	}
	for _, p := range c.Policies {
		b.note("policy", p, &p.Node, &c.Node)
	}
	for _, s := range c.Sagas {
		b.note("saga", s, &s.Node, &c.Node)
	}
	for _, v := range c.Views {
		b.note("view", v, &v.Node, &c.Node)
		for _, q := range v.Queries {
			b.covering(b.sys.NameOf(q), &q.Node)
		}
	}
}

// note reports a note; its own requirements and those of what it hangs on.
func (b *builder) note(kind string, x any, n *model.Node, on ...*model.Node) {
	name := b.sys.NameOf(x)
	b.covering(name, n)
	b.Covered.Notes.add(b.scenarios[x])
	b.Notes = append(b.Notes, Note{
		Kind: kind, Name: name, Title: titleOf(n),
		Requirements: requirementsOf(append([]*model.Node{n}, on...)...),
		Flows:        some(b.flows[x]), Scenarios: some(b.scenarios[x]),
	})
}

func (b *builder) covering(name string, n *model.Node) {
	for _, t := range n.Covers {
		b.notes[t.Value] = append(b.notes[t.Value], name)
	}
}

func (b *builder) slice(m *model.Command, requirements []string) {
	s := Slice{Command: b.sys.NameOf(m), Title: titleOf(&m.Node), Requirements: requirements, Scenarios: []string{}}
	for _, a := range m.Actors {
		s.Actors = append(s.Actors, a.Text)
	}
	if m.Sees != nil && m.Sees.View != nil {
		s.Sees = b.sys.NameOf(m.Sees.View)
	}
	for _, x := range b.sys.Scenarios {
		if slices.ContainsFunc(x.Steps, func(st *model.ScenarioStep) bool { return st.When != nil && st.When.Do.Command == m }) {
			s.Scenarios = append(s.Scenarios, x.Name)
		}
	}
	b.Covered.Slices.add(s.Scenarios)
	b.Slices = append(b.Slices, s)
}

func titleOf(n *model.Node) quote.Text {
	if n.Called() == quote.Text(n.Name) {
		return ""
	}
	return n.Title
}

func requirementsOf(nodes ...*model.Node) []string {
	names := []string{}
	for _, n := range nodes {
		for _, t := range n.Covers {
			if !slices.Contains(names, t.Value) {
				names = append(names, t.Value)
			}
		}
	}
	return names
}

// told finds the flows that tell of each node.
func told(sys *model.System) map[any][]string {
	flows := map[any][]string{}
	for _, f := range sys.Flows {
		for _, step := range f.Steps {
			for _, x := range sys.Find(nil, step.Value) {
				if !slices.Contains(flows[x], f.Name) {
					flows[x] = append(flows[x], f.Name)
				}
			}
		}
	}
	return flows
}
