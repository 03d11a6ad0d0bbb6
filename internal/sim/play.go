package sim

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Played is what came of a scenario.
type Played struct {
	Scenario *model.Scenario
	Failures []Failure // none: it holds
	Trace    []*Effect // all that happened, as trees of causes
	World    *World    // as it was left
}

// Failure is an expectation that does not hold.
type Failure struct {
	Pos      source.Pos // of the expectation
	Message  string
	Expected string
	Actual   string
	Chain    string // what happened in the step, as a tree of causes
}

// Play plays a scenario in a world of its own. It does not panic: what goes
// wrong is a failure.
func Play(m *check.Model, s *model.Scenario) *Played {
	return newPlayer(m, s).run(s)
}

func newPlayer(m *check.Model, s *model.Scenario) *player {
	p := &player{World: New(m, s.Begins()), played: &Played{Scenario: s}}
	p.played.World = p.World
	return p
}

func (p *player) run(s *model.Scenario) (played *Played) {
	played = p.played
	defer func() {
		if r := recover(); r != nil {
			p.fail(s.Pos, fmt.Sprintf("it cannot be played: %v", r), "", "")
		}
		played.Trace = p.roots
	}()
	p.play(s)
	return played
}

// player plays one scenario.
type player struct {
	*World
	played *Played
	step   mark
}

// mark is where a step began.
type mark struct {
	effects, events, contacts, faults int
}

func (p *player) begin() {
	p.step = mark{p.effects, len(p.log), len(p.outside.contacts), len(p.World.faults)}
}

func (p *player) play(s *model.Scenario) {
	p.begin()
	for _, g := range s.Given {
		if !p.given(g) {
			return
		}
	}
	p.history()
	for _, step := range s.Steps {
		p.nextStep()
		before := len(p.played.Failures)
		p.playStep(step)
		if len(p.played.Failures) > before {
			return // what follows would fail because of this
		}
	}
}

// fail notes a failure, with the chain of the step.
func (p *player) fail(pos source.Pos, message, expected, actual string) {
	text := chain(since(p.roots, p.step.effects))
	for _, waiting := range p.Waiting() {
		text += waiting + "\n"
	}
	p.played.Failures = append(p.played.Failures, Failure{pos, message, expected, actual, text})
}

func (p *player) playStep(s *model.ScenarioStep) {
	p.begin()
	p.awaited = named(s)
	p.fault(s.Faults)
	p.Late(lateIn(s))
	for _, g := range s.Given {
		if !p.given(g) {
			return
		}
	}
	if s.When != nil {
		p.when(s.When, s.Then)
	}
	if !p.settled(s.Pos, p.Settle()) {
		return
	}
	if len(s.Recover) > 0 {
		p.fault(s.Recover)
		if !p.settled(s.Pos, p.Settle()) {
			return
		}
	}
	if s.Advance > 0 && !p.settled(s.Pos, p.Advance(s.Advance)) {
		return
	}
	for _, e := range s.Eventually {
		p.eventually(e)
	}
	for _, f := range p.World.faults[p.step.faults:] {
		p.fail(s.Pos, f.Name+" cannot go on", "", f.Message)
	}
}

// lateIn says whose work is late in a step; nil: nobody's.
func lateIn(s *model.ScenarioStep) func(Line) bool {
	if len(s.Late) == 0 {
		return nil
	}
	return func(line Line) bool {
		return slices.ContainsFunc(s.Late, func(l *model.Late) bool {
			return l.Who == line.Who && (l.Of == nil && l.Step == nil || l.Of != nil && l.Of.Aggregate == line.Of || l.Step != nil && l.Step == line.Of)
		})
	}
}

// named are the events that a step says happen, those of the answer first.
func named(s *model.ScenarioStep) []*model.Event {
	var events []*model.Event
	if s.Then != nil {
		for _, x := range s.Then.Events {
			events = append(events, x.Event.Event)
		}
	}
	for _, x := range s.Eventually {
		if x.Event != nil && (x.Times == nil || *x.Times > 0) {
			events = append(events, x.Event.Event)
		}
	}
	return events
}

func (p *player) settled(pos source.Pos, err error) bool {
	if err != nil {
		p.fail(pos, err.Error(), "", "")
	}
	return err == nil
}

func (p *player) fault(list []*model.Fault) {
	for _, f := range list {
		switch {
		case f.Context != nil && f.Up:
			p.Up(f.Context)
		case f.Context != nil:
			p.Down(f.Context)
		case f.External != nil && f.Up:
			p.UpExternal(f.External)
		case f.External != nil:
			p.DownExternal(f.External)
		}
	}
}

// values reads what a scenario writes for fields.
func (p *player) values(list []*model.Value, more ...*model.Field) (map[string]any, bool) {
	out, err := Values(list, more...)
	var misread *MisreadError
	if errors.As(err, &misread) {
		p.fail(misread.Pos, misread.Text, "", "")
	}
	return out, err == nil
}

// when does what somebody does, and holds the answer against what is expected.
func (p *player) when(x *model.When, then *model.Then) {
	switch {
	case x.Event != nil:
		p.webhook(x)
	case x.View != nil || x.Do.Query != nil || x.State != nil:
		p.look(x, then)
	case x.Do.Command != nil:
		p.command(x, then)
	}
}

// who is the actor of a step: the one it names, else the first of those it is
// meant for, else the system.
func who(x *model.When, actors []*model.ActorRef) (subject string, roles []string) {
	ref := x.By
	if ref == nil && len(actors) > 0 {
		ref = actors[0]
	}
	if ref == nil || ref.Actor == nil {
		return "", nil
	}
	subject = x.Who
	if subject == "" {
		subject = subjectOf(ref.Actor)
	}
	return subject, []string{ref.Actor.Role}
}

func (p *player) command(x *model.When, then *model.Then) {
	m := x.Do.Command
	input, ok := p.values(x.With, m.Aggregate.ID)
	if !ok {
		return
	}
	claims, ok := p.values(x.Says)
	if !ok {
		return
	}
	subject, roles := Who(x)
	out := p.Do(Request{Command: m, Input: input, Actor: subject, Roles: roles, Claims: claims})
	answer := "no events"
	if len(out.Events) > 0 {
		answer = showHappened(out.Events)
	}
	if out.Rejected != "" {
		answer = "rejected: " + out.Rejected
		if out.Message != "" && out.Message != out.Rejected {
			answer += " (" + out.Message + ")"
		}
	}
	switch {
	case m.Custom && out.Rejected == "NotDecided":
		p.fail(x.Pos, out.Message, "", "")
	case then == nil && out.Rejected != "":
		p.fail(x.Pos, m.Name+" was rejected, and no `then` says so", "", answer)
	case then == nil:
	case then.Rejected.Value != "":
		if !sameCode(out.Rejected, then.Rejected.Value) {
			p.fail(then.Rejected.Pos, m.Name+notSo(out.Rejected), "rejected: "+then.Rejected.Value, answer)
		}
	case out.Rejected != "":
		p.fail(then.Pos, m.Name+" was rejected", showExpected(then.Events), answer)
	case then.Events != nil:
		p.exactly(then, out.Events, answer)
	}
}

// notSo says that something was not rejected, or not with the right code.
func notSo(code string) string {
	if code == "" {
		return " was not rejected"
	}
	return " was rejected with another code"
}

// exactly holds the events of a command against those expected, in order.
func (p *player) exactly(then *model.Then, events []Happened, answer string) {
	same := len(events) == len(then.Events)
	pos := then.Pos
	for i := 0; same && i < len(events); i++ {
		e := then.Events[i]
		ok, read := p.isEvent(e, &events[i])
		if !read {
			return
		}
		if !ok {
			same, pos = false, e.Pos
		}
	}
	if !same {
		p.fail(pos, "other events happened", showExpected(then.Events), answer)
	}
}

func (p *player) look(x *model.When, then *model.Then) {
	q := Question{Query: x.Do.Query, View: x.View, State: x.State}
	v, input := x.View, []*model.Field(nil)
	var fields []*model.Field // of a row
	switch {
	case q.State != nil:
		input, fields = []*model.Field{q.State.ID}, append([]*model.Field{q.State.ID}, q.State.State...)
	case q.Query != nil:
		v, input = q.Query.View, q.Query.Input
	}
	if v != nil {
		fields = v.Fields
	}
	var ok bool
	if q.Input, ok = p.values(x.With, input...); !ok {
		return
	}
	if q.Claims, ok = p.values(x.Says); !ok {
		return
	}
	q.Actor, q.Roles = Who(x)
	a := p.Look(q)
	answer := "rejected: " + a.Rejected
	if a.Rejected == "" {
		answer = showRows(fields, a.Rows)
	}
	switch {
	case then == nil && a.Rejected != "":
		p.fail(x.Pos, "the question was rejected, and no `then` says so", "", answer)
	case then == nil:
	case then.Rejected.Value != "":
		if !sameCode(a.Rejected, then.Rejected.Value) {
			p.fail(then.Rejected.Pos, "the question"+notSo(a.Rejected), "rejected: "+then.Rejected.Value, answer)
		}
	default:
		p.rows(then, fields, a, answer)
	}
}

// rows holds the rows of an answer against those expected, in order.
func (p *player) rows(then *model.Then, fields []*model.Field, a *Answer, answer string) {
	same := a.Rejected == "" && len(a.Rows) == len(then.Rows)
	expected := make([]map[string]any, len(then.Rows))
	for i, row := range then.Rows {
		var ok bool
		if expected[i], ok = p.values(row.Values, fields...); !ok {
			return
		}
		same = same && within(expected[i], a.Rows[i])
	}
	if !same {
		p.fail(then.Pos, "other rows are there", showRows(fields, expected), answer)
	}
}

// webhook lets an external system say what happened there.
func (p *player) webhook(x *model.When) {
	e := x.Event.Event
	fields, ok := p.eventFields(x.Pos, e, e.Fields, x.With, nil)
	if ok {
		p.Receive(e, fields)
	}
}

// Receive lets a webhook's event happen.
func (w *World) Receive(e *model.Event, fields map[string]any) *Happened {
	h := &Happened{Event: e, ID: w.next("event", eventName(e)), Version: 1, Time: w.now, Fields: maps.Clone(fields), actor: actor{system: true}}
	w.publish(h, w.lead(nil, &Effect{Kind: Webhook, Name: eventName(e), Of: e}))
	return h
}
