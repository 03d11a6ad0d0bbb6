package sim

import (
	"maps"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/model"
)

// Transcript is what passed in a world, in order: what was asked of whom, what
// happened, and who took notice. Contract tests are made of it.
type Transcript struct {
	Moments []*Moment

	step int
}

// Moment is one thing that passed: exactly one of Decided, Looked, Answered,
// Happened and Heard is set. It stands where it began; what followed of it comes later.
type Moment struct {
	Number   int // its place among the moments
	Step     int // of the scenario, from 1; 0: before the first
	At       time.Time
	Decided  *Decided
	Looked   *Looked
	Answered *Answered
	Happened *Occurrence
	Heard    *Heard
}

// Decided is a command that was decided.
type Decided struct {
	Command *model.Command
	ID      string         // of the instance
	Input   map[string]any // as it was sent, and the instance
	Subject string         // who asked
	Roles   []string
	Claims  map[string]any
	System  bool // a policy or another service asked, on behalf of whoever that is
	// From is what of the model asked: a *model.Call, *model.Compensation,
	// *model.Policy or *model.Step; nil: somebody outside.
	From any
	// Story is where the saga was that asked; nil: none did.
	Story   *Story
	Outcome *Outcome
	Until   int // the number of the first moment after it
	Known   *Known
	// By is what of the aggregate refused it: the *model.Command whose allow does
	// not hold, a *model.Rule, a *model.Lifecycle; nil: it was not refused, or by
	// something else.
	By any
}

// Known is what a command was decided on, and the state it left; nil of one that
// was not decided, because its instance is not there, or there already.
type Known struct {
	State map[string]any // before; nil: there was no instance
	Meta  map[string]any // of the instance before, as `meta` has it
	Input map[string]any // with what was left out of it
	Rows  map[*model.Read]map[string]any
	Calls []CallMade
	IDs   []string       // that it made
	After map[string]any // nil: it was refused
	Gone  bool           // there is no instance any more
}

// CallMade is a call of a decision.
type CallMade struct {
	*model.Call
	Input map[string]any // with the id of the instance, where the command says it
	Reply map[string]any // nil: none came
}

// Answered is what a context heard of somebody it asked: another context, or an
// external system.
type Answered struct {
	Context  *model.Context // that asked
	To       *model.Target
	Input    map[string]any
	Reply    map[string]any // nil: it was refused
	Rejected string         // code of a rule that says no; "": nobody knows what came of it
	Status   int            // of HTTP
}

// Looked is a question with its answer.
type Looked struct {
	Question
	Call   *model.Call // that asked; nil: somebody outside
	Answer *Answer
}

// Occurrence is an event that happened.
type Occurrence struct {
	*Happened
	By *Decided // nil: it is given, or an external system's
}

// Heard is that a policy, a view or a saga took an event.
type Heard struct {
	Event  *Happened
	Policy *model.Policy // exactly one of Policy, View and Saga is set
	View   *model.View
	Saga   *model.Saga
	Awaits bool   // of a saga: it is what its stories wait for, and not what starts one
	Story  *Story // that had waited for it; nil: none
	Took   bool   // else it waits, or cannot be done
	Until  int    // the number of the first moment after it
}

// Context is that of who heard.
func (h *Heard) Context() *model.Context {
	switch {
	case h.Policy != nil:
		return h.Policy.Context
	case h.Saga != nil:
		return h.Saga.Context
	}
	return h.View.Context
}

// Story is how far one run of a saga is: at a step, or at what undoes one.
type Story struct {
	ID    string
	Saga  *model.Saga
	Event *Happened // that started it
	Key   string    // by which what is asked is known; "" of what is waited for
	// Undoes is the key of the step that is undone where it was done; "": none is.
	Undoes string
	By     any // value by which the instance is found that is asked; nil: it is said, or made
	// Instance is the one that is asked; "": who is asked makes it up.
	Instance string
	Told     []Turn // what it was told before
	Uneven   bool   // something was refused before, and asked again
}

// Turn is something that a story was told: what came of what it asked, or an
// event that it waited for.
type Turn struct {
	Step     *model.Step    // that was asked for, undone or waited for
	Key      string         // of what was asked; exactly one of Key, Event and Turned is set
	Event    *Happened      // that it waited for
	Turned   bool           // it is to be undone: its time was over, or somebody said so
	Instance string         // of the command that was asked; "": none was, or it was refused
	Reply    map[string]any // nil: none
	Refused  string         // why it was not done; "": it was
	Missing  bool           // it was not done because its instance is not there, or because it never happened
}

// Record has the world write down what passes from now on.
func (w *World) Record() *Transcript {
	w.transcript = &Transcript{}
	return w.transcript
}

// PlayRecorded plays a scenario as Play does, and writes down what passed.
func PlayRecorded(m *check.Model, s *model.Scenario) (*Played, *Transcript) {
	p := newPlayer(m, s)
	t := p.Record()
	return p.run(s), t
}

// PlayWithout is PlayRecorded where the answer of a step of a saga does not come.
func PlayWithout(m *check.Model, s *model.Scenario, lost *model.Step) (*Played, *Transcript) {
	p := newPlayer(m, s)
	p.Lose(lost)
	t := p.Record()
	return p.run(s), t
}

// pass writes a moment down, if somebody wants to know.
func (w *World) pass(m Moment) {
	t := w.transcript
	if t == nil {
		return
	}
	m.Number, m.Step, m.At = len(t.Moments), t.step, w.now
	t.Moments = append(t.Moments, &m)
}

// nextStep has what follows belong to the next step of the scenario.
func (w *World) nextStep() {
	if w.transcript != nil {
		w.transcript.step++
	}
}

// asking writes down that a command is about to be decided; nil: nobody wants
// to know.
func (x *execution) asking() *Decided {
	if x.transcript == nil {
		return nil
	}
	input := x.input
	if x.sent != nil {
		input = x.sent
	}
	if input = maps.Clone(input); input == nil {
		input = map[string]any{}
	}
	input[x.command.Aggregate.ID.Name] = x.id
	a := &Decided{
		Command: x.command, ID: x.id, Input: input,
		Subject: x.actor.subject, Roles: x.actor.roles, Claims: x.actor.claims, System: x.actor.system, From: x.from, Story: x.story,
	}
	x.pass(Moment{Decided: a})
	return a
}

// answered writes down what somebody answered.
func (w *World) answered(by *model.Context, to *model.Target, input, reply map[string]any, r *refusal) {
	if w.transcript == nil {
		return
	}
	answer := &Answered{Context: by, To: to, Input: input, Reply: reply, Status: 200}
	if r != nil {
		answer.Status = r.status
		if r.kind == rejected {
			answer.Rejected = r.code
		}
	}
	w.pass(Moment{Answered: answer})
}

// ended writes down what came of a command.
func (x *execution) ended(out *Outcome, r *refusal) {
	if x.noted == nil {
		return
	}
	if x.noted.Outcome = out; r != nil {
		x.noted.Outcome, x.noted.By = refusedOutcome(r), r.by
	}
	x.noted.Until = len(x.transcript.Moments)
}

// notedBefore writes down what a decision begins with.
func (x *execution) notedBefore(before *instance, input map[string]any) {
	if x.noted == nil {
		return
	}
	k := &Known{Input: input, Rows: map[*model.Read]map[string]any{}}
	if before != nil {
		k.State, k.Meta = before.state, before.stamps.value()
	}
	x.noted.Known = k
}

func (x *execution) notedRow(r *model.Read, row map[string]any) {
	if x.noted != nil {
		x.noted.Known.Rows[r] = row
	}
}

// notedCall writes down a call. Whose id the command says is a part of what it sends.
func (x *execution) notedCall(m *made, input map[string]any) {
	if x.noted == nil {
		return
	}
	if x.model.Calls[m.call].Target != nil {
		sent := map[string]any{m.call.To.Command.Aggregate.ID.Name: m.target}
		maps.Copy(sent, input)
		input = sent
	}
	x.noted.Known.Calls = append(x.noted.Known.Calls, CallMade{m.call, input, m.reply})
}

func (x *execution) notedID(id string) {
	if x.noted != nil {
		x.noted.Known.IDs = append(x.noted.Known.IDs, id)
	}
}

// notedAfter writes down what a decision leaves.
func (x *execution) notedAfter(after *instance) {
	if x.noted != nil {
		x.noted.Known.After, x.noted.Known.Gone = after.state, after.gone
	}
}

// looked writes down a question of a call.
func (w *World) looked(c *model.Call, input map[string]any, who actor, rows []map[string]any, r *refusal) {
	if w.transcript == nil {
		return
	}
	answer := &Answer{Rows: rows, Status: 200}
	if r != nil {
		answer = &Answer{Rejected: r.code, Status: r.status, Message: r.message}
	}
	w.pass(Moment{Looked: &Looked{
		Question: Question{Query: c.To.Query, Input: input, Actor: who.subject, Roles: who.roles}, Call: c, Answer: answer,
	}})
}

// hears lets a listener hear of an event, and writes down that it did.
func (w *World) hears(l *listener, t *task, h *Happened) *refusal {
	if w.transcript == nil {
		return l.hear(w, t, h)
	}
	heard := &Heard{Event: h, Policy: l.policy, View: l.view, Saga: l.saga, Awaits: l.awaits}
	if l.awaits {
		heard.Story = w.waitingFor(l.saga, h)
	}
	w.pass(Moment{Heard: heard})
	refused := l.hear(w, t, h)
	heard.Took, heard.Until = refused == nil, len(w.transcript.Moments)
	return refused
}

// Undo gives the command that compensates a call, as if the command that made
// the call had come to nothing, and returns what comes of it at once.
func (w *World) Undo(k *model.Compensation, id string, input map[string]any) *Outcome {
	out, refused := w.give(order{command: k.Do.Command, id: id, input: input, actor: actor{system: true}, from: k})
	if refused != nil {
		return refusedOutcome(refused)
	}
	return out
}
