package devrun

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// derived makes requests for every command that creates something, in an order
// and with values that the interpreter accepts, and looks at what became of it.
// A command that it cannot be made to accept comes last, and says why.
func derived(m *check.Model, running []*services.Service, at time.Time) []Request {
	d := &deriving{world: sim.New(m, at), actors: m.Actors}
	for _, c := range m.Contexts {
		if !slices.ContainsFunc(running, func(s *services.Service) bool { return s.Context == c }) {
			d.world.Down(c)
		}
	}
	var waiting []attempt
	for _, s := range running {
		for _, a := range s.Aggregates {
			for _, c := range a.Commands {
				if c.Mode != "Existing" {
					waiting = append(waiting, attempt{s, a, c, c.Draft(at)})
				}
			}
		}
	}
	for { // what is refused at first may be what others had to make possible
		left := slices.DeleteFunc(slices.Clone(waiting), d.accepted)
		if len(left) == len(waiting) {
			break
		}
		waiting = left
	}
	for _, s := range running {
		for _, v := range s.Views {
			r, ok := v.Example()
			d.add(s, v.Title, r, ok)
		}
	}
	for _, a := range waiting {
		r, ok := a.command.Example(a.draft)
		d.add(a.service, a.command.Title+quote.Text("; as it stands it is refused: "+d.give(a, r)(a.draft.Values()).Code), r, ok)
	}
	return d.out
}

// attempt is a command, and what is tried as its input.
type attempt struct {
	service   *services.Service
	aggregate *services.Aggregate
	command   *services.Command
	draft     *sample.Draft
}

type deriving struct {
	world  *sim.World
	actors []*model.Actor
	read   []*services.Aggregate // whose instances are looked at
	out    []Request
}

// accepted finds input with which a command is accepted, and adds the request.
// What has no public route is none of ours.
func (d *deriving) accepted(a attempt) bool {
	r, ok := a.command.Example(a.draft)
	if !ok {
		return true
	}
	if !a.command.Model.Custom { // of which the interpreter knows nothing
		if !a.draft.Settle(d.give(a, r)) || d.world.Settle() != nil {
			return false
		}
		r, _ = a.command.Example(a.draft)
	}
	d.add(a.service, a.command.Title, r, true)
	if !slices.Contains(d.read, a.aggregate) {
		d.read = append(d.read, a.aggregate)
		r, ok := a.aggregate.Example(a.draft)
		d.add(a.service, a.aggregate.Title, r, ok)
	}
	return true
}

// give has the interpreter judge input.
func (d *deriving) give(a attempt, r services.Request) func(map[string]any) sample.Refusal {
	m := a.command.Model
	return func(values map[string]any) sample.Refusal {
		out := d.world.Do(sim.Request{Command: m, Input: values, Actor: r.Actor, Roles: []string{r.Role}, Claims: sample.Claims(d.actors, []string{r.Role})})
		far := slices.IndexFunc(m.Require, func(rule *model.Rule) bool { return rule.Name == out.Rejected })
		if far < 0 && out.Status != http.StatusForbidden && out.Status != http.StatusBadRequest {
			far = len(m.Require) // by what is called, or by an invariant
		}
		return sample.Refusal{Code: out.Rejected, Far: far}
	}
}

func (d *deriving) add(s *services.Service, title quote.Text, r services.Request, ok bool) {
	if !ok {
		return
	}
	header := []string{"X-Actor-Id: " + r.Actor, "X-Actor-Roles: " + r.Role}
	said := sample.Said(d.actors, []string{r.Role}, sample.Claims(d.actors, []string{r.Role}))
	for _, name := range slices.Sorted(maps.Keys(said)) {
		header = append(header, claimHeader+name+": "+said[name])
	}
	if r.Body != "" {
		header = append(header, "Content-Type: application/json")
	}
	d.out = append(d.out, Request{Title: title, Method: r.Method, Path: "/" + s.Dir + r.Path, Header: header, Body: r.Body})
}
