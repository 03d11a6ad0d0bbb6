package explore

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/told"
	"github.com/esgen/esgen/model"
)

// Finding is an order in which something goes wrong.
type Finding struct {
	Kind     Kind
	What     any             // *model.Event, *model.Operation, *model.Policy or *model.Saga; a string: what work says
	Message  string          // what goes wrong, in a sentence
	Also     []string        // what else goes wrong when the same comes
	Moves    []string        // what comes at once
	Around   *model.Scenario // at whose place
	Scenario *model.Scenario // that fails until the model is mended
	Text     string          // that, as YAML
	Chain    string          // what led to what in it
	Fails    bool            // the scenario fails; false: nothing that a scenario can expect shows it
}

// finding tells a suspicion as a scenario.
func (x *suspicion) finding() *Finding {
	steps := x.steps()
	if ok, _ := x.happens(steps); ok {
		steps = x.fewest(steps)
	}
	_, took := x.happens(steps)
	s := x.scenario(steps, took)
	x.answers(s)
	x.expect(s)
	f := &Finding{
		Kind: x.kind, What: x.fact.what, Message: x.message(), Moves: x.names(), Around: x.place.scenario, Scenario: s,
	}
	return f
}

// message says what goes wrong.
func (x *suspicion) message() string {
	at := strings.Join(x.names(), ", ")
	switch what := called(x.fact.what); x.kind {
	case Twice:
		of := ""
		if x.fact.of != "" {
			of = " of " + x.fact.of
		}
		return fmt.Sprintf("%s%s is told %s when these come at once: %s; in order %s", what, of, times(x.times), at, times(x.most))
	case Dropped:
		return fmt.Sprintf("what policy %s asks is refused (%s) when these come at once: %s; no order of them ends like that", what, x.fact.of, at)
	case Stuck:
		return fmt.Sprintf("%s cannot go on (%s) when these come at once: %s", what, x.fact.of, at)
	default:
		if _, saga := x.fact.what.(*model.Saga); saga {
			return fmt.Sprintf("saga %s does not end when these come at once: %s", what, at)
		}
		return fmt.Sprintf("%s, for ever, when these come at once: %s", what, at)
	}
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// scenario makes one of steps that lead there. At the end sagas have the time that
// they need.
func (x *suspicion) scenario(steps []step, took time.Duration) *model.Scenario {
	from := x.place.scenario
	s := &model.Scenario{Node: model.Node{Pos: from.Pos}, At: from.At, Given: from.Given, Steps: slices.Clone(x.place.steps)}
	for _, st := range steps {
		one := &model.ScenarioStep{Late: x.late(st.late)}
		if m := st.move; m != nil {
			one.When, one.Advance = m.when, m.advance
			if m.up != nil {
				one.Recover = []*model.Fault{{Up: true, Text: x.NameOf(m.up), Context: m.up}}
			}
			if m.down != nil {
				one.Faults = []*model.Fault{{Text: x.NameOf(m.down), Context: m.down}}
			}
		}
		s.Steps = append(s.Steps, one)
	}
	up := x.up(steps)
	if last := s.Steps[len(s.Steps)-1]; len(last.Late)+len(up) > 0 || took > 0 {
		s.Steps = append(s.Steps, &model.ScenarioStep{Recover: up, Advance: took})
	}
	return s
}

// up is all that is down at last.
func (x *suspicion) up(steps []step) []*model.Fault {
	w := x.place.world.Copy()
	for _, s := range steps {
		s.take(w)
	}
	var out []*model.Fault
	for _, c := range x.Contexts {
		if w.IsDown(c) {
			out = append(out, &model.Fault{Up: true, Text: x.NameOf(c), Context: c})
		}
	}
	for _, e := range x.Externals {
		if w.IsDown(e) {
			out = append(out, &model.Fault{Up: true, Text: x.NameOf(e), External: e})
		}
	}
	return out
}

// late names lines: by who hears, and whose events where that hears others, too.
func (x *suspicion) late(lines []sim.Line) []*model.Late {
	var out []*model.Late
	for _, l := range lines {
		late := &model.Late{Text: x.NameOf(l.Who), Who: l.Who}
		switch of := l.Of.(type) {
		case *model.Step:
			late.Step = of
		case *model.Aggregate:
			if len(x.hears[l.Who]) > 1 {
				late.Of = &model.AggregateRef{Text: x.NameOf(of), Aggregate: of}
			}
		}
		out = append(out, late)
	}
	return out
}

// answers writes down what is answered to whom.
func (x *suspicion) answers(s *model.Scenario) {
	_, t := sim.PlayRecorded(x.Model, s)
	for i, step := range s.Steps[len(x.place.steps):] {
		if step.When == nil || step.When.Do.Command == nil {
			continue
		}
		for _, m := range t.Moments {
			if m.Step != len(x.place.steps)+i+1 || m.Decided == nil || m.Decided.Command != step.When.Do.Command || m.Decided.Outcome == nil {
				continue
			}
			step.Then = &model.Then{}
			if step.Then.Rejected.Value = m.Decided.Outcome.Rejected; step.Then.Rejected.Value == "" {
				step.Then.Events = []*model.Expectation{}
				for _, h := range m.Decided.Outcome.Events {
					step.Then.Events = append(step.Then.Events, &model.Expectation{Event: &model.EventRef{Text: x.NameOf(h.Event), Event: h.Event}})
				}
			}
			break
		}
	}
}

// expect has a scenario expect what comes of an order.
func (x *suspicion) expect(s *model.Scenario) {
	if x.kind == Twice {
		x.expectOnce(s)
		return
	}
	played := sim.Play(x.Model, s)
	last := s.Steps[len(s.Steps)-1]
	for _, w := range x.want {
		last.Eventually = append(last.Eventually, x.stands(w, played.World))
	}
	if len(last.Eventually) == 0 && x.kind != Stuck {
		last.Eventually = x.missing(played.World)
	}
}

// stands expects an instance where it stands in an order.
func (x *suspicion) stands(w *standing, now *sim.World) *model.Expectation {
	e := &model.Expectation{State: &model.AggregateRef{Text: x.NameOf(w.aggregate), Aggregate: w.aggregate}}
	_, there := now.State(w.aggregate, w.id)
	if there || w.state == nil {
		e.With = append(e.With, value(w.aggregate.ID, w.id))
	}
	if w.state == nil {
		e.Times = new(int)
		return e
	}
	for _, f := range w.aggregate.State {
		if v, differs := w.state[f.Name]; differs && v != nil {
			e.With = append(e.With, value(f, v))
		}
	}
	return e
}

// missing expects the events that happen in an order, and do not happen.
func (x *suspicion) missing(now *sim.World) []*model.Expectation {
	happened := map[*model.Event]bool{}
	for _, h := range now.Events() {
		happened[h.Event] = true
	}
	var out []*model.Expectation
	for _, e := range x.oneByOne(x.used).outcomes[0].events {
		if !happened[e] {
			happened[e] = true
			out = append(out, &model.Expectation{Event: &model.EventRef{Text: x.NameOf(e), Event: e}})
		}
	}
	return out
}

func value(f *model.Field, v any) *model.Value {
	text, is := v.(string)
	if !is {
		text = expr.Text(v)
	}
	return &model.Value{Name: f.Name, Field: f, Node: told.Scalar(text)}
}

// expectOnce has the steps in which something is told too often expect it as often
// as there is in an order.
func (x *suspicion) expectOnce(s *model.Scenario) {
	told := make([]int, len(s.Steps)+1) // by the steps that were taken
	var example *model.Expectation
	for n := range told {
		part := *s
		part.Steps = s.Steps[:n]
		w := sim.Play(x.Model, &part).World
		told[n], example = x.told(w)
	}
	for n, step := range s.Steps {
		if told[n+1] <= max(told[n], x.most) || example == nil {
			continue
		}
		e := *example
		allowed := max(0, x.most-told[n])
		e.Times = &allowed
		step.Eventually = append(step.Eventually, &e)
	}
}

// told is how often what is suspected is told in a world that has played the
// scenario, and how a scenario expects it. Ids that are made up may be others there.
func (x *suspicion) told(w *sim.World) (int, *model.Expectation) {
	n, example := 0, (*model.Expectation)(nil)
	if op, is := x.fact.what.(*model.Operation); is {
		most := map[uint64]int{}
		for _, c := range w.Contacts() {
			if c.Operation != op || c.Repeat {
				continue
			}
			if most[c.Digest()]++; most[c.Digest()] > n {
				n, example = most[c.Digest()], &model.Expectation{
					Called: &model.Target{Text: x.NameOf(op), Operation: op}, With: values(op.Input, c.Input),
				}
			}
		}
		return n, example
	}
	most := map[fact]int{}
	for _, h := range w.Events() {
		said := x.saying(h)
		if h.Event != x.fact.what {
			continue
		}
		if most[said]++; most[said] > n {
			fields := h.Event.Fields
			if said.of != "" {
				fields = []*model.Field{h.Event.Aggregate.ID}
			}
			n, example = most[said], &model.Expectation{
				Event: &model.EventRef{Text: x.NameOf(h.Event), Event: h.Event}, With: values(fields, h.Fields),
			}
		}
	}
	return n, example
}

// values are those of an object that fit on a line.
func values(fields []*model.Field, object map[string]any) []*model.Value {
	var out []*model.Value
	for _, f := range fields {
		switch v := object[f.Name].(type) {
		case nil, map[string]any, []any:
		default:
			out = append(out, value(f, v))
		}
	}
	return out
}

// name gives the scenarios of findings names that no other has, and writes them.
func name(m *check.Model, all []*Finding) {
	taken := map[string]bool{}
	for _, s := range m.Scenarios {
		taken[s.Name] = true
	}
	for _, f := range all {
		base := fmt.Sprintf("%s at once", strings.Join(f.Moves, " and "))
		f.Scenario.Name = base
		for n := 2; taken[f.Scenario.Name]; n++ {
			f.Scenario.Name = fmt.Sprintf("%s %d", base, n)
		}
		taken[f.Scenario.Name] = true
		f.Text = told.Scenario(m, f.Scenario)
		played := sim.Play(m, f.Scenario)
		f.Fails = len(played.Failures) > 0
		var b strings.Builder
		_ = sim.PrintTrace(&b, slices.DeleteFunc(slices.Clone(played.Trace), func(e *sim.Effect) bool { return e.Note == "given" })) // a strings.Builder takes everything
		f.Chain = b.String()
	}
}
