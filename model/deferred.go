package model

import "slices"

// Constructs of the language that are understood but not generated yet.
const openChoice = "open choice"

// Postponed is a construct that is not generated yet.
type Postponed struct {
	Construct string
	Written   string // how it is written, as Markdown
	What      string // how a message speaks of it: "sagas"
	Until     string // what happens, or is to be written, until then
}

// Later lists what is not generated yet.
func Later() []Postponed { return later[:len(later):len(later)] }

var later = []Postponed{
	{openChoice, "`oneOf` of an `emit`", "commands that do not say when which outcome comes about", "a scenario chooses by naming the outcome; write conditions to generate: {event: …, if: …}, {event: …, otherwise: true}"},
}

// Are is the deferred construct as a message speaks of it: "sagas are".
func (f Deferred) Are() string { return f.about().What + " are" }

// Until is what happens, or is to be written, until it is generated.
func (f Deferred) Until() string { return f.about().Until }

func (f Deferred) about() Postponed {
	i := slices.IndexFunc(later, func(p Postponed) bool { return p.Construct == f.Construct })
	return later[i]
}

// postponeUndecided notes commands that do not say what they decide.
func (s *System) postponeUndecided() {
	for _, c := range s.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				for _, e := range emitsOf(m) {
					if e.Choice != nil && e.Choice.Outcomes[0] == e {
						s.Deferred = append(s.Deferred, Deferred{Construct: openChoice, Name: m.Name, Pos: e.Choice.Pos})
					}
				}
			}
		}
	}
}
