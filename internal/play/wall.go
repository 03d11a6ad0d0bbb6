package play

import (
	"encoding/json"
	"fmt"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/coverage"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

// Wall is a model with its board, as pages show it.
type Wall struct {
	*check.Model
	Board *board.Board

	found *diag.List
}

// Of is the wall of a model about which check said something. One with errors is
// shown as far as it can be read, and not played.
func Of(m *check.Model, found *diag.List) *Wall { return &Wall{m, board.Of(m.System), found} }

// Shown is what a page shows of a model, whatever is played.
type Shown struct {
	System       string           `json:"system"` // its name
	Title        string           `json:"title"`
	Picture      string           `json:"picture"` // the board, as SVG
	Notes        []board.Said     `json:"notes"`
	Problems     diag.Report      `json:"problems"`
	Coverage     *coverage.Report `json:"coverage,omitempty"` // not of a model with errors
	Playable     bool             `json:"playable"`
	Actors       []Actor          `json:"actors"`
	Commands     []Command        `json:"commands"`
	Externals    []External       `json:"externals"`
	Contexts     []Named          `json:"contexts"`
	Requirements []Named          `json:"requirements"`
}

// Named is a thing by its name, and what people call it.
type Named struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// Actor is somebody that one can be.
type Actor struct {
	Named
	Subject string  `json:"subject"` // an id for a first one
	Claims  []Field `json:"claims,omitempty"`
}

// Command is a command with the form that it takes to give it.
type Command struct {
	Named
	Note    string   `json:"note"` // id of the sticky note
	In      string   `json:"in"`
	Actors  []string `json:"actors"` // who may give it; none: the system itself
	Creates bool     `json:"creates"`
	ID      string   `json:"id"` // field of the instance's id
	Fields  []Field  `json:"fields"`
}

// External is a system of somebody else: what it can be made to tell, and what it is asked.
type External struct {
	Named
	Events     []Told `json:"events,omitempty"`
	Operations []Told `json:"operations,omitempty"`
}

// Told is an event that another system tells, or the reply of its operation.
type Told struct {
	Named
	Fields []Field `json:"fields"`
}

// Show is what there is to show of the model.
func (w *Wall) Show() *Shown {
	s := &Shown{
		System: w.Name, Title: string(w.Called()), Picture: string(w.Board.SVG()), Notes: w.Board.Said(), Problems: diag.NewReport(w.found),
		Actors: []Actor{}, Commands: []Command{}, Externals: []External{}, Contexts: []Named{}, Requirements: []Named{},
	}
	for _, c := range w.Contexts {
		s.Contexts = append(s.Contexts, Named{c.Name, string(c.Called())})
	}
	for _, r := range w.Requirements {
		s.Requirements = append(s.Requirements, Named{r.Name, string(r.Text)})
	}
	if w.found.HasErrors() {
		return s
	}
	s.Coverage, s.Playable = coverage.Of(w.System), playable(w.Model)
	for _, a := range w.Actors {
		s.Actors = append(s.Actors, Actor{Named{w.NameOf(a), string(a.Called())}, subject(a), Fields(a.Claims)})
	}
	for _, c := range w.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				if a.ID == nil || w.Incomplete[&m.Node] {
					continue
				}
				all := append([]*model.Field{a.ID}, m.Input...)
				s.Commands = append(s.Commands, Command{
					Named{w.NameOf(m), string(m.Called())}, w.NoteID(m), string(c.Called()), w.actors(m), m.Creates != model.Existing, a.ID.Name, Fields(all),
				})
			}
		}
	}
	for _, x := range w.Externals {
		e := External{Named: Named{x.Name, string(x.Called())}}
		for _, v := range x.Events {
			e.Events = append(e.Events, Told{Named{w.NameOf(v), string(v.Called())}, Fields(v.Fields)})
		}
		for _, o := range x.Operations {
			e.Operations = append(e.Operations, Told{Named{w.NameOf(o), string(o.Called())}, Fields(o.Reply)})
		}
		s.Externals = append(s.Externals, e)
	}
	return s
}

// actors are those who may give a command, by their names.
func (w *Wall) actors(m *model.Command) []string {
	names := []string{}
	for _, a := range m.Actors {
		if a.Actor != nil {
			names = append(names, w.NameOf(a.Actor))
		}
	}
	return names
}

// Asked is what a page asks.
type Asked struct {
	Steps  []Step   `json:"steps"`
	Who    *Person  `json:"who,omitempty"` // for whom
	Name   string   `json:"name,omitempty"`
	Covers []string `json:"covers,omitempty"`
}

// Questions of pages.
const (
	AskModel = "model" // Shown
	AskPlay  = "play"  // of Steps and Who: State
	AskSave  = "save"  // of Steps, Name and Covers: Saved
)

// Answer answers a question of a page, both as JSON.
func (w *Wall) Answer(question string, body []byte) ([]byte, error) {
	var asked Asked
	if len(body) > 0 {
		if err := json.Unmarshal(body, &asked); err != nil {
			return nil, fmt.Errorf("the question is no JSON that is understood: %w", err)
		}
	}
	switch question {
	case AskModel:
		return json.Marshal(w.Show())
	case AskPlay:
		if w.found.HasErrors() {
			return nil, fmt.Errorf("a model with errors is not played")
		}
		return json.Marshal(w.Play(asked.Steps, asked.Who))
	case AskSave:
		saved, err := w.Save(asked)
		if err != nil {
			return nil, err
		}
		return json.Marshal(saved)
	}
	return nil, fmt.Errorf("there is no question %q", question)
}
