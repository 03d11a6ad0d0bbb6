package coverage

import (
	"slices"

	"github.com/esgen/esgen/model"
)

// touched finds the scenarios that touch each node: those that do a command,
// ask a view or expect something of it, name an event, or expect what a policy
// or a saga brings about without anybody doing it.
func touched(sys *model.System) map[any][]string {
	scenarios := map[any][]string{}
	for _, s := range sys.Scenarios {
		t := &touches{nodes: map[any]bool{}, done: map[*model.Command]bool{}}
		for _, g := range s.Given {
			t.given(g)
		}
		for _, step := range s.Steps {
			t.step(step)
		}
		t.reactions(sys)
		for x := range t.nodes {
			scenarios[x] = append(scenarios[x], s.Name)
		}
	}
	return scenarios
}

// touches are the nodes that one scenario touches.
type touches struct {
	nodes map[any]bool
	done  map[*model.Command]bool // by somebody
}

func (t *touches) given(g *model.Given) {
	if g.Event != nil {
		t.event(g.Event)
	}
	if g.External != nil {
		t.target(g.External.Operation)
	}
}

func (t *touches) step(s *model.ScenarioStep) {
	for _, g := range s.Given {
		t.given(g)
	}
	if w := s.When; w != nil {
		t.target(w.Do)
		t.done[w.Do.Command] = true
		t.view(w.View)
		if w.Event != nil {
			t.event(w.Event)
		}
	}
	if s.Then != nil {
		for _, e := range s.Then.Events {
			t.expectation(e)
		}
	}
	for _, e := range s.Eventually {
		t.expectation(e)
	}
}

func (t *touches) expectation(e *model.Expectation) {
	if e.Times != nil && *e.Times == 0 {
		return // that something does not happen does not show that it can
	}
	if e.Event != nil {
		t.event(e.Event)
	}
	if e.View != nil {
		t.view(e.View.View)
	}
	if e.Called != nil {
		t.target(*e.Called)
	}
}

func (t *touches) event(e *model.EventRef) { t.nodes[e.Event] = true }

func (t *touches) view(v *model.View) {
	if v != nil {
		t.nodes[v] = true
	}
}

func (t *touches) target(to model.Target) {
	switch {
	case to.Command != nil:
		t.nodes[to.Command] = true
	case to.Query != nil:
		t.nodes[to.Query.View] = true
	case to.Operation != nil:
		t.nodes[to.Operation] = true
	}
}

// reactions finds the calls, policies and sagas, and the commands they give,
// whose outcome is expected though nobody in the scenario gives those commands.
func (t *touches) reactions(sys *model.System) {
	for m := range t.done {
		if m == nil {
			continue
		}
		for _, call := range m.Calls {
			if t.outcome(call.To) {
				t.target(call.To)
			}
		}
	}
	for _, c := range sys.Contexts {
		for _, p := range c.Policies {
			for _, r := range p.Then {
				if t.outcome(r.Do) {
					t.nodes[p] = true
					t.target(r.Do)
				}
			}
		}
		for _, g := range c.Sagas {
			for _, step := range g.Steps {
				if t.outcome(step.Do) {
					t.nodes[g] = true
					t.target(step.Do)
				}
			}
			if g.OnFailure != nil && t.outcome(g.OnFailure.Do) {
				t.nodes[g] = true
				t.target(g.OnFailure.Do)
			}
		}
	}
}

// outcome reports whether the scenario expects what a target brings about.
func (t *touches) outcome(to model.Target) bool {
	if to.Operation != nil {
		return t.nodes[to.Operation]
	}
	return to.Command != nil && !t.done[to.Command] &&
		slices.ContainsFunc(to.Command.Emits, func(e *model.Emit) bool { return t.nodes[e.Event.Event] })
}
