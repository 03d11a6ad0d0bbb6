package play

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// State is what a page shows of a game.
type State struct {
	Now     string   `json:"now"`            // what time it is, in the zone of the system
	Next    string   `json:"next,omitempty"` // how long until the next timer rings: 1h30m
	Steps   []Taken  `json:"steps"`
	Error   string   `json:"error,omitempty"` // why not all steps could be taken; those in Steps were
	Offers  []Offer  `json:"offers"`
	States  []Table  `json:"states"`
	Views   []Table  `json:"views"`
	Calls   []string `json:"calls"`   // that reached external systems
	Waiting []string `json:"waiting"` // what waits, and for what
	Down    []string `json:"down"`
}

// Taken is a step that was taken, and what came of it.
type Taken struct {
	Says    string   `json:"says"`
	Refused string   `json:"refused,omitempty"` // why a command was not done
	Trouble string   `json:"trouble,omitempty"` // why all did not come to rest
	Chain   []Effect `json:"chain"`
}

// Effect is something that happened, with all that it led to.
type Effect struct {
	Kind   string   `json:"kind"`
	Name   string   `json:"name"`
	Note   string   `json:"note,omitempty"` // id of the sticky note
	Values string   `json:"values,omitempty"`
	Says   string   `json:"says,omitempty"` // what came of it, or why it waits
	Leads  []Effect `json:"leads,omitempty"`
}

// Offer is a command that somebody may give now, as far as is known.
type Offer struct {
	Command string   `json:"command"`
	IDs     []string `json:"ids,omitempty"` // instances of which it may be asked
	Fresh   string   `json:"fresh,omitempty"`
}

// Table is what there is of an aggregate, or of a view.
type Table struct {
	Note    string     `json:"note"` // id of the sticky note
	Name    string     `json:"name"`
	Title   string     `json:"title"`
	In      string     `json:"in"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	Of      int        `json:"of"`             // how many rows there are
	Seen    string     `json:"seen,omitempty"` // what the person sees of it
}

// mostRows bounds what is shown of a table.
const mostRows = 50

// Play takes steps, and tells what is so then, for a person; nil: the system. It
// does not panic: what goes wrong is the error of the state.
func (w *Wall) Play(steps []Step, who *Person) (s *State) {
	defer func() {
		if r := recover(); r != nil {
			s = &State{
				Error: fmt.Sprintf("it cannot be played: %v", r),
				Steps: []Taken{}, Offers: []Offer{}, States: []Table{}, Views: []Table{}, Calls: []string{}, Waiting: []string{}, Down: []string{},
			}
		}
	}()
	g, err := w.begin(steps)
	s = &State{
		Now: g.world.Now().In(g.Zone).Format("2006-01-02 15:04:05 MST"), Steps: []Taken{}, Calls: calls(g.world), Waiting: waiting(g.world), Down: []string{},
	}
	if err != nil {
		s.Error = err.Error()
	}
	if at, is := g.world.NextAlarm(); is {
		s.Next = model.FormatDuration(max(at.Sub(g.world.Now()), 1))
	}
	for _, x := range g.steps {
		s.Steps = append(s.Steps, g.told(x))
	}
	for _, c := range g.Contexts {
		if g.world.IsDown(c) {
			s.Down = append(s.Down, c.Name)
		}
	}
	for _, x := range g.Externals {
		if g.world.IsDown(x) {
			s.Down = append(s.Down, x.Name)
		}
	}
	asks, err := g.person(who)
	if err != nil {
		s.Error = cmp.Or(s.Error, err.Error())
	}
	s.States, s.Offers = w.instances(g), g.offers(asks)
	s.Views = w.views(g, asks)
	return s
}

func (g *game) told(x *taken) Taken {
	out := Taken{Says: g.says(x.step), Trouble: x.trouble, Chain: x.chain}
	if o := x.outcome; o != nil && o.Rejected != "" {
		out.Refused = o.Rejected
		if o.Message != "" && o.Message != o.Rejected {
			out.Refused += ": " + o.Message
		}
	}
	return out
}

// deepest bounds a chain: a flow that does not come to rest is deep.
const deepest = 30

func (w *Wall) effects(list []*sim.Effect, deep int) []Effect {
	out := []Effect{}
	if deep > deepest {
		return out
	}
	for _, e := range list {
		x := Effect{Kind: string(e.Kind), Name: e.Name, Values: e.Shown(), Says: e.Note, Leads: w.effects(e.Leads, deep+1)}
		if n := w.Board.NoteOf(e.Of); n != nil {
			x.Note = n.ID
		}
		out = append(out, x)
	}
	return out
}

// says is a step in a few words.
func (g *game) says(s *model.ScenarioStep) string {
	switch x := s.When; {
	case x != nil && x.Event != nil:
		return x.Event.Event.External.Name + ": " + string(x.Event.Event.Called())
	case x != nil && x.By == nil:
		return string(x.Do.Command.Called())
	case x != nil:
		return string(x.By.Actor.Called()) + " " + x.Who + ": " + string(x.Do.Command.Called())
	case s.Advance > 0:
		return model.FormatDuration(s.Advance) + " pass"
	case len(s.Given) > 0 && s.Given[0].External.Fails:
		return s.Given[0].External.Operation.Text + " fails from now on"
	case len(s.Given) > 0:
		return s.Given[0].External.Operation.Text + " answers otherwise"
	case len(s.Faults) > 0:
		return s.Faults[0].Text + " goes down"
	}
	return s.Recover[0].Text + " is up again"
}

// person is who asks.
func (g *game) person(who *Person) (sim.Request, error) {
	x := &model.When{}
	if err := g.by(x, who); err != nil {
		return sim.Request{}, err
	}
	if x.By == nil {
		return sim.Request{}, nil
	}
	return asks(x)
}

func may(actors []*model.ActorRef, who sim.Request) bool {
	if len(who.Roles) == 0 {
		return len(actors) == 0
	}
	return slices.ContainsFunc(actors, func(a *model.ActorRef) bool { return a.Actor != nil && slices.Contains(who.Roles, a.Actor.Role) })
}

// offers are the commands that somebody may give: of those to instances the ones
// for which nothing known so far is against it.
func (g *game) offers(who sim.Request) []Offer {
	out := []Offer{}
	for _, c := range g.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				if !may(m.Actors, who) || g.Incomplete[&m.Node] || a.ID == nil {
					continue
				}
				o := Offer{Command: g.NameOf(m)}
				if m.Creates != model.Existing {
					o.Fresh = g.fresh(a)
				}
				for _, id := range g.world.Instances(a) {
					r := who
					r.Command = m
					if m.Creates != model.New && len(o.IDs) < mostRows && g.world.MayBe(r, id) {
						o.IDs = append(o.IDs, id)
					}
				}
				if o.Fresh != "" || len(o.IDs) > 0 {
					out = append(out, o)
				}
			}
		}
	}
	return out
}

// fresh is an id that no instance has.
func (g *game) fresh(a *model.Aggregate) string {
	for n := len(g.world.Instances(a)) + 1; ; n++ {
		id := fmt.Sprintf("%s-%d", names.Of(&a.Node).Kebab, n)
		if g.world.Version(a, id) == 0 {
			return id
		}
	}
}

func (w *Wall) instances(g *game) []Table {
	out := []Table{}
	for _, c := range g.Contexts {
		for _, a := range c.Aggregates {
			if a.ID == nil {
				continue
			}
			ids := g.world.Instances(a)
			table := Table{Name: g.NameOf(a), Title: string(a.Called()), In: string(c.Called()), Rows: [][]string{}, Of: len(ids), Note: w.NoteID(a)}
			fields := append([]*model.Field{a.ID}, a.State...)
			table.Columns = titles(fields)
			for _, id := range ids[:min(len(ids), mostRows)] {
				state, _ := g.world.State(a, id)
				table.Rows = append(table.Rows, cells(fields, state))
			}
			out = append(out, table)
		}
	}
	return out
}

func (w *Wall) views(g *game, who sim.Request) []Table {
	out := []Table{}
	for _, c := range g.Contexts {
		for _, v := range c.Views {
			if g.Incomplete[&v.Node] {
				continue
			}
			rows := g.world.Rows(v)
			table := Table{Name: g.NameOf(v), Title: string(v.Called()), In: string(c.Called()), Rows: [][]string{}, Of: len(rows), Note: w.NoteID(v)}
			table.Columns = titles(v.Fields)
			for _, row := range rows[:min(len(rows), mostRows)] {
				table.Rows = append(table.Rows, cells(v.Fields, row))
			}
			if len(who.Roles) > 0 {
				table.Seen = seen(g.world.Look(sim.Question{View: v, Actor: who.Actor, Roles: who.Roles, Claims: who.Claims}))
			}
			out = append(out, table)
		}
	}
	return out
}

func seen(a *sim.Answer) string {
	if a.Rejected != "" {
		return a.Rejected
	}
	return fmt.Sprint(len(a.Rows))
}

// NoteID is the id of the sticky note of a node of the model; "": it has none.
func (w *Wall) NoteID(node any) string {
	if n := w.Board.NoteOf(node); n != nil {
		return n.ID
	}
	return ""
}

func titles(fields []*model.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = string(f.Called())
	}
	return out
}

func cells(fields []*model.Field, of map[string]any) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		if v := of[f.Name]; v != nil {
			out[i] = sim.Show(v)
		}
	}
	return out
}

func calls(world *sim.World) []string {
	out := []string{}
	for _, c := range world.Contacts() {
		if c.Repeat {
			continue
		}
		var parts []string
		for _, f := range c.Operation.Input {
			if v := c.Input[f.Name]; v != nil {
				parts = append(parts, f.Name+": "+sim.Show(v))
			}
		}
		out = append(out, c.Operation.External.Name+"."+c.Operation.Name+" {"+strings.Join(parts, ", ")+"}")
	}
	return out[max(0, len(out)-mostRows):]
}

func waiting(world *sim.World) []string {
	out := append([]string{}, world.Waiting()...)
	for _, f := range world.TaskFaults() {
		out = append(out, f.Name+" cannot go on: "+f.Message)
	}
	return out
}

// playable reports whether there is something to play.
func playable(m *check.Model) bool {
	return slices.ContainsFunc(m.Contexts, func(c *model.Context) bool {
		return slices.ContainsFunc(c.Aggregates, func(a *model.Aggregate) bool {
			return slices.ContainsFunc(a.Commands, func(x *model.Command) bool { return !m.Incomplete[&x.Node] })
		})
	})
}
