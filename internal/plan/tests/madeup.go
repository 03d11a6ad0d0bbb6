package tests

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// MadeUp is a story of the commands of a service that no scenario gives with
// success: each is given with plausible values until it is accepted, and then so
// that its rules refuse it. What others have to do before is done, too. The
// interpreter says what comes of it. nil: scenarios tell of all.
func MadeUp(s *services.Service, told Told) *stories.Story {
	if !slices.ContainsFunc(s.Aggregates, told.lacks) {
		return nil
	}
	alone, all := madeUp(s, told, 0)
	if all {
		return alone
	}
	helped, _ := madeUp(s, told, 1)
	return helped
}

// madeUp makes a story up in which those take part that a service sees at work so
// many steps away. It reports whether all commands were accepted.
func madeUp(s *services.Service, told Told, steps int) (story *stories.Story, all bool) {
	around := contract.Around(s.System.Contracts.Service(s.Context), steps)
	x := &maker{Story: stories.MadeUp(s.System.Model, contract.Contexts(around)), service: s, told: told}
	var waiting []*attempt
	for _, creating := range []bool{true, false} {
		for _, other := range around {
			for _, a := range s.System.Service(other.Context).Aggregates {
				waiting = append(waiting, x.attempts(a, creating)...)
			}
		}
	}
	for range 2 { // what is refused at first may be what others had to make possible
		waiting = slices.DeleteFunc(waiting, x.accepted)
	}
	return x.Story, !slices.ContainsFunc(waiting, func(a *attempt) bool { return !a.aids })
}

// lacks reports whether there is a command of an aggregate that no scenario gives
// with success.
func (t Told) lacks(a *services.Aggregate) bool {
	return slices.ContainsFunc(a.Commands, func(c *services.Command) bool { return !c.Custom && !t.succeeds(c.Model) })
}

func (t Told) succeeds(m *model.Command) bool {
	return slices.ContainsFunc(t[m], func(d decided) bool { return d.Outcome != nil && d.Outcome.Rejected == "" })
}

// mostTried bounds what is tried to have a command accepted.
const mostTried = 20

// maker makes a story up.
type maker struct {
	*stories.Story
	service *services.Service
	told    Told
	made    int  // instances
	stuck   bool // a flow does not come to rest
}

// attempt is a command, and what is tried as its input.
type attempt struct {
	*services.Command
	draft   *sample.Draft
	aids    bool // it only makes others possible
	request services.Request
}

// attempts are the commands of an aggregate of which no scenario tells, and those
// that make its instances.
func (x *maker) attempts(a *services.Aggregate, creating bool) []*attempt {
	if !x.told.lacks(a) {
		return nil
	}
	var out []*attempt
	for _, c := range a.Commands {
		told, makes := x.told.succeeds(c.Model), c.Model.Creates != model.Existing
		if c.Custom || makes != creating || !makes && told {
			continue
		}
		at := &attempt{Command: c, draft: c.Draft(stories.Beginning), aids: told || a.Service != x.service}
		at.request, _ = c.Example(at.draft)
		out = append(out, at)
	}
	return out
}

// accepted finds input with which a command is accepted, and then what refuses it.
func (x *maker) accepted(a *attempt) bool {
	if x.stuck {
		return false
	}
	if !a.draft.SettleWithin(mostTried, func(values map[string]any) sample.Refusal { return x.judge(a, x.give(a, values, a.request.Actor)) }) {
		return false
	}
	if !a.aids {
		x.refuse(a)
	}
	return true
}

// give gives a command, by one of its actors, or by the system where it has none.
func (x *maker) give(a *attempt, values map[string]any, actor string) *sim.Outcome {
	r := sim.Request{Command: a.Model, Input: values}
	if a.request.Role != "" {
		r.Actor, r.Roles = actor, []string{a.request.Role}
		r.Claims = sample.Claims(x.service.System.Model.Actors, r.Roles)
	}
	out := x.World.Do(r)
	if out.Rejected == "" && x.World.SettleWithin(sim.ExampleSteps) != nil {
		x.stuck = true
	}
	return out
}

// judge says how far a command came.
func (x *maker) judge(a *attempt, out *sim.Outcome) sample.Refusal {
	far := slices.IndexFunc(a.Model.Require, func(rule *model.Rule) bool { return rule.Name == out.Rejected })
	if far < 0 && out.Status != http.StatusForbidden && out.Status != http.StatusBadRequest {
		far = len(a.Model.Require) // by what is called, or by an invariant
	}
	return sample.Refusal{Code: out.Rejected, Far: far}
}

// mostRefused bounds what is tried to have a command refused.
const mostRefused = 30

// refuse gives a command by somebody else, with other values until all of its
// rules have refused it, and once more.
func (x *maker) refuse(a *attempt) {
	reached := map[string]bool{}
	rules := len(a.Model.Require)
	if a.Model.Allow != nil {
		rules++
	}
	try := func(values map[string]any, actor string) bool {
		if a.Model.Creates == model.New { // the one it made is there
			x.made++
			values = maps.Clone(values)
			values[a.Aggregate.Model.ID.Name] = fmt.Sprint(values[a.Aggregate.Model.ID.Name], "-", x.made)
		}
		if out := x.give(a, values, actor); out.Rejected != "" {
			reached[out.Rejected] = true
		}
		return !x.stuck && len(reached) < rules
	}
	if a.Model.Allow != nil {
		try(a.draft.Values(), "somebody-else")
	}
	tries := 0
	a.draft.Vary(func(values map[string]any) bool {
		tries++
		return tries < mostRefused && try(values, a.request.Actor)
	})
	try(a.draft.Values(), a.request.Actor)
}
