package explore

import (
	"slices"
	"time"

	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/told"
	"github.com/esgen/esgen/model"
)

// place is where a search begins: what a scenario comes to after some of its steps.
type place struct {
	scenario *model.Scenario
	steps    []*model.ScenarioStep // that lead there
	world    *sim.World            // at rest; it is copied, and not changed
	moves    []*move
}

// before is how long before a timer rings a search begins that it belongs to.
const before = time.Millisecond

// places are those that scenarios come to, each once, with what can be done there.
func places(f *facts, o Options) []*place {
	pool := requests(f)
	seen := map[uint64]bool{}
	var out []*place
	for _, s := range f.Scenarios {
		if o.Scenario != nil && !o.Scenario(s) || s.IsLate() {
			continue
		}
		for n := range len(s.Steps) + 1 {
			p := f.place(s, s.Steps[:n])
			if p == nil {
				continue
			}
			for _, p := range []*place{p, f.soon(p)} {
				if p == nil || !fresh(seen, p.world) {
					continue
				}
				p.moves = f.moves(p, slices.Concat(own(s.Steps[n:]), pool), o)
				if len(p.moves) > 0 {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

// fresh reports whether a world is another one than those before, and notes it.
func fresh(seen map[uint64]bool, w *sim.World) bool {
	d := w.Digest(func(*model.Event) bool { return false })
	if seen[d] {
		return false
	}
	seen[d] = true
	return true
}

// place is what some steps of a scenario lead to; nil: they cannot be played.
func (f *facts) place(s *model.Scenario, steps []*model.ScenarioStep) *place {
	part := &model.Scenario{Node: s.Node, At: s.At, Given: s.Given, Steps: bare(steps)}
	played := sim.Play(f.Model, part)
	if len(played.Failures) > 0 || len(played.World.TaskFaults()) > 0 {
		return nil
	}
	w := played.World.Copy()
	w.Blind(f.blind)
	return &place{scenario: s, steps: part.Steps, world: w}
}

// soon is a place when its next timer is about to ring; nil: there is none.
func (f *facts) soon(p *place) *place {
	due, waits := p.world.NextAlarm()
	wait := due.Sub(p.world.Now()) - before
	if !waits || wait <= 0 {
		return nil
	}
	wait = wait.Truncate(before)
	w := p.world.Copy()
	if w.Advance(wait) != nil {
		return nil
	}
	steps := append(slices.Clip(p.steps), &model.ScenarioStep{Advance: wait})
	return &place{scenario: p.scenario, steps: steps, world: w}
}

// bare are steps without what they expect, but for what is refused.
func bare(steps []*model.ScenarioStep) []*model.ScenarioStep {
	var out []*model.ScenarioStep
	for _, s := range steps {
		b := *s
		b.Eventually, b.Then = nil, nil
		if s.When != nil && (s.When.View != nil || s.When.State != nil || s.When.Do.Query != nil || s.Then != nil && s.Then.Rejected.Value != "") {
			b.When = nil
		}
		if b.When != nil || b.Advance > 0 || len(b.Faults)+len(b.Given)+len(b.Recover)+len(b.Late) > 0 {
			out = append(out, &b)
		}
	}
	return out
}

// requests are what people and other systems ask for in the scenarios, each once.
func requests(f *facts) []*model.When {
	var out []*model.When
	seen := map[string]bool{}
	for _, s := range f.Scenarios {
		for _, x := range own(s.Steps) {
			if x.Do.Command != nil && len(x.Do.Command.Actors) == 0 {
				continue // the system's own: it gives it by itself
			}
			if text := told.Flow(told.When(f.Model, x)); !seen[text] {
				seen[text] = true
				out = append(out, x)
			}
		}
	}
	return out
}

// own are the commands and webhooks of steps.
func own(steps []*model.ScenarioStep) []*model.When {
	var out []*model.When
	for _, s := range steps {
		if s.When != nil && (s.When.Do.Command != nil || s.When.Event != nil) {
			out = append(out, s.When)
		}
	}
	return out
}

// mostMoves bounds what can come at a place: what the scenario itself goes on
// with counts first.
const mostMoves = 10

// moves are what can come at a place, one after the other or at once: what is asked for,
// of the instances that are there; the next timer; outages of who is asked.
func (f *facts) moves(p *place, asked []*model.When, o Options) []*move {
	var out []*move
	seen := map[string]bool{}
	add := func(m *move, after []*sim.World) {
		if len(out) >= mostMoves || seen[m.key()] || !slices.ContainsFunc(after, m.possible) {
			return
		}
		seen[m.key()] = true
		out = append(out, m)
	}
	worlds := []*sim.World{p.world}
	if due, waits := p.world.NextAlarm(); waits && due.Sub(p.world.Now()) <= 2*before && o.Context == nil {
		add(&move{advance: due.Sub(p.world.Now())}, worlds)
	}
	for _, c := range f.asked(asked) {
		if len(out) < mostOutages && o.Context == nil {
			add(&move{down: c}, worlds)
		}
	}
	for range 2 { // the second time, what is possible after one of the first
		for _, x := range asked {
			if !f.meant(x, o) {
				continue
			}
			for _, there := range worlds {
				for _, w := range instances(x, there) {
					add(&move{when: w}, worlds)
				}
			}
		}
		worlds = worlds[:1]
		for _, m := range out {
			worlds = append(worlds, f.onTheWay(p.world, m)...)
		}
	}
	return out
}

// mostOnTheWay bounds how many worlds a move leads through that are asked what can
// come there.
const mostOnTheWay = 12

// onTheWay are the worlds that a move leads through until all has come to rest.
func (f *facts) onTheWay(from *sim.World, m *move) []*sim.World {
	w := from.Copy()
	w.Late(f.waits)
	if !m.do(w) || w.SettleWithin(mostSteps) != nil {
		return nil
	}
	out := []*sim.World{w}
	for len(out) < mostOnTheWay {
		held := w.Held()
		if len(held) == 0 {
			break
		}
		w = w.Copy()
		w.Late(func(l sim.Line) bool { return l != held[0] && f.waits(l) })
		if w.SettleWithin(mostSteps) != nil {
			break
		}
		out = append(out, w)
	}
	return out
}

// mostOutages bounds how many contexts may go down at a place.
const mostOutages = 2

// asked are the contexts that commands of others ask while they are decided.
func (f *facts) asked(by []*model.When) []*model.Context {
	var out []*model.Context
	for _, x := range by {
		if x.Do.Command == nil {
			continue
		}
		for _, c := range x.Do.Command.Calls {
			var to *model.Context
			switch {
			case c.To.Command != nil:
				to = c.To.Command.Aggregate.Context
			case c.To.Query != nil:
				to = c.To.Query.View.Context
			}
			if to != nil && to != x.Do.Command.Aggregate.Context && !slices.Contains(out, to) {
				out = append(out, to)
			}
		}
	}
	return out
}

// meant reports whether the options ask for a request.
func (f *facts) meant(x *model.When, o Options) bool {
	c := x.Do.Command
	return o.Context == nil || c != nil && c.Aggregate.Context == o.Context
}

// mostInstances bounds of how many instances the same is asked.
const mostInstances = 2

// instances are a request, of the instance it is about or, where that is not
// there, of others that are.
func instances(x *model.When, w *sim.World) []*model.When {
	m := x.Do.Command
	if m == nil || m.Creates == model.New {
		return []*model.When{x}
	}
	a := m.Aggregate
	given, err := sim.Values(x.With, a.ID)
	if err != nil {
		return nil
	}
	id, _ := given[a.ID.Name].(string)
	if _, there := w.State(a, id); there || m.Creates != model.Existing {
		return []*model.When{x}
	}
	var out []*model.When
	for _, other := range w.Instances(a) {
		if len(out) == mostInstances {
			break
		}
		of := *x
		of.With = slices.Clone(x.With)
		at := slices.IndexFunc(of.With, func(v *model.Value) bool { return v.Name == a.ID.Name })
		if at < 0 {
			return nil
		}
		v := *of.With[at]
		v.Node = told.Scalar(other)
		of.With[at] = &v
		out = append(out, &of)
	}
	return out
}
