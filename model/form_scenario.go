package model

import (
	"slices"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

var scenarioForm = &form[Scenario]{
	what: "scenario",
	doc:  "An example of what must happen. One with a single step may say it without steps.",
	keys: slices.Concat([]key[Scenario]{
		at("at", "The instant at which it begins.", instant, func(s *Scenario) *time.Time { return &s.At }),
		at("given", "History, and how external systems answer.", oneOrMore(pointer(one(givenForm))), func(s *Scenario) *[]*Given { return &s.Given }),
		at("steps", "What is done, in order.", listOf(pointer(one(stepOfScenario))), func(s *Scenario) *[]*ScenarioStep { return &s.Steps }),
	}, onlyStep(scenarioStepKeys)),
	note: func(s *Scenario) *Node { return &s.Node },
	name: checkLabel,
	done: doneScenario,
}

// onlyStep makes the keys of a step keys of a scenario, whose only step they
// are of.
func onlyStep(keys []key[ScenarioStep]) []key[Scenario] {
	out := make([]key[Scenario], len(keys))
	for i, k := range keys {
		out[i] = key[Scenario]{name: k.name, doc: k.doc, shape: k.shape, read: func(d decoder, s *Scenario, n *source.Node) {
			if s.only == nil {
				s.only = &ScenarioStep{Pos: s.Pos}
			}
			k.read(d, s.only, n)
		}}
	}
	return out
}

func doneScenario(d decoder, s *Scenario, n *source.Node) {
	d.inOrder(s, n)
	if s.only == nil {
		return
	}
	if steps := n.Get("steps"); steps != nil {
		d.badValue(steps.Pos, "scenario %s has steps, and says besides what is done", s.Name).
			With(diag.Fix("move the rest into a step of its own"))
		return
	}
	doneScenarioStep(d, s.only, n)
	s.Steps = []*ScenarioStep{s.only}
}

// inOrder dates what is given, and reports what is not told in the order in
// which it happened.
func (d decoder) inOrder(s *Scenario, n *source.Node) {
	begins, latest := s.Begins(), (*Given)(nil)
	for _, g := range s.Given {
		if g.Event == nil {
			continue
		}
		if g.ago > 0 {
			g.At = begins.Add(-g.ago)
		}
		at := g.happened(begins)
		switch {
		case at.After(begins):
			why := diag.Fix("say at of the scenario: without it, it begins at %s", FirstDay.Format(time.RFC3339))
			if v := n.Get("at"); v != nil {
				why = diag.At(v.Pos, "it begins here")
			}
			d.badValue(g.Pos, "%s happens after the scenario has begun: it is no history", g.Event.Text).With(why)
		case latest != nil && at.Before(latest.happened(begins)):
			d.badValue(g.Pos, "%s happened before %s, which is told first", g.Event.Text, latest.Event.Text).
				With(diag.At(latest.Pos, "it happened at %s", latest.happened(begins).UTC().Format(time.RFC3339)), diag.Fix("tell history in the order in which it happened"))
		}
		latest = g
	}
}

// happened is when an event happened, of a scenario that begins at an instant.
func (g *Given) happened(begins time.Time) time.Time {
	if g.At.IsZero() {
		return begins
	}
	return g.At
}

// stepOfScenario is a step of a scenario that has several.
var stepOfScenario = &form[ScenarioStep]{
	what: "step",
	doc:  "What is done and what must follow, in the order of the keys.",
	keys: slices.Concat([]key[ScenarioStep]{
		at("given", "How external systems answer from here on.", oneOrMore(pointer(one(givenForm))), func(s *ScenarioStep) *[]*Given { return &s.Given }),
	}, scenarioStepKeys),
	done: func(d decoder, s *ScenarioStep, n *source.Node) {
		s.Pos = n.Pos
		for _, g := range s.Given {
			if g.Event != nil {
				d.badValue(g.Pos, "%s tells of what happened before: history comes first", d.about).
					With(diag.Fix("move it to given of the scenario, or let somebody do it with when"))
			}
		}
		doneScenarioStep(d, s, n)
	},
}

var scenarioStepKeys = []key[ScenarioStep]{
	at("faults", "What goes down: {down: a context or an external}.", oneOrMore(pointer(one(faultForm))), func(s *ScenarioStep) *[]*Fault { return &s.Faults }),
	at("late", "Who hears nothing in this step, and catches up when a step does not say so any more: policies, views and sagas; {one: an aggregate} of its events alone.", oneOrMore(pointer(lateRef)), func(s *ScenarioStep) *[]*Late { return &s.Late }),
	at("when", "What somebody does: a command, a question to a view, or a webhook.", pointer(one(whenForm)), func(s *ScenarioStep) **When { return &s.When }),
	at("then", "The answer: a list of events, exact and in order, {rejected: a code} or {rows: a list}.", pointer(one(thenForm)), func(s *ScenarioStep) **Then { return &s.Then }),
	at("recover", "What comes up again: {up: a context or an external}.", oneOrMore(pointer(one(faultForm))), func(s *ScenarioStep) *[]*Fault { return &s.Recover }),
	at("advance", "How much time passes.", duration, func(s *ScenarioStep) *time.Duration { return &s.Advance }),
	at("eventually", "What holds when the flow has come to rest.", oneOrMore(pointer(one(expectationForm))), func(s *ScenarioStep) *[]*Expectation { return &s.Eventually }),
}

// instant reads a point in time.
var instant = scalar("an instant", TextShape, func(d decoder, v *time.Time, n *source.Node) bool {
	t, err := time.Parse(time.RFC3339Nano, n.Value)
	if err != nil {
		d.badValue(n.Pos, "%s: %q is no instant", d.place(), n.Value).With(diag.Fix("write %s", plainScalars[Time].like))
		return false
	}
	*v = t
	return true
})

// inPlayingOrder reports keys of a step that stand in another order than they
// are played in: whoever wrote them so has another story in mind.
func (d decoder) inPlayingOrder(n *source.Node) {
	var last *source.Node
	latest := 0 // in scenarioStepKeys
	for i := range n.Pairs {
		k := n.Pairs[i].Key
		at := slices.IndexFunc(scenarioStepKeys, func(s key[ScenarioStep]) bool { return s.name == k.Value })
		switch {
		case k.Value == "given":
			at = 0 // beside faults
		case at < 0:
			continue
		}
		if at < latest {
			d.badValue(k.Pos, "%s is played before %s, wherever it stands", k.Value, last.Value).
				With(diag.At(last.Pos, "%s", last.Value), diag.Fix("write it there, or begin a further step with it"))
			return
		}
		latest, last = at, k
	}
}

// doneScenarioStep judges what the answer and the question of a step say
// together.
func doneScenarioStep(d decoder, s *ScenarioStep, n *source.Node) {
	d.inPlayingOrder(n)
	if s.Then == nil {
		return
	}
	if n.Get("when") == nil {
		d.diags.Errorf(rule.MissingKey, s.Then.Pos, "then is the answer to what is done, and %s has no when", d.about).
			With(diag.Fix("add when; what follows by itself stands in eventually"))
		return
	}
	if s.When == nil {
		return
	}
	d.settle(func() { d.settleThen(s.When, s.Then) })
}

// givenForm is history, a name or {event, with}, or an answer of an external
// system.
var givenForm = &form[Given]{
	what: "given",
	doc:  "An event that happened before, or how an external system answers.",
	keys: []key[Given]{
		at("event", "What happened.", pointer(eventRef), func(g *Given) **EventRef { return &g.Event }),
		ofDouble("external", "The operation that answers.", targetRef(operationKind), func(x *Double) *Target { return &x.Operation }),
		at("version", "The version of the event; default: the newest.", number(), func(g *Given) *int { return &g.Version }),
		at("at", "The instant at which the event happened; default: when the scenario begins.", instant, func(g *Given) *time.Time { return &g.At }),
		at("ago", "How long before the scenario begins the event happened.", duration, func(g *Given) *time.Duration { return &g.ago }),
		at("with", "Fields of the event, its aggregate's id among them; of an external: for requests with these only.", values, func(g *Given) *[]*Value { return &g.With }),
		ofDouble("reply", "What it answers.", values, func(x *Double) *[]*Value { return &x.Reply }),
		ofDouble("fails", "true: it fails.", trueOrFalse, func(x *Double) *bool { return &x.Fails }),
		ofDouble("slow", "How long it takes.", duration, func(x *Double) *time.Duration { return &x.Slow }),
	},
	short: short(pointer(eventRef), func(g *Given) **EventRef { return &g.Event }),
	done:  doneGiven,
}

func ofDouble[V any](name, doc string, r reader[V], place func(*Double) *V) key[Given] {
	return at(name, doc, r, func(g *Given) *V {
		if g.External == nil {
			g.External = &Double{}
		}
		return place(g.External)
	})
}

func doneGiven(d decoder, g *Given, n *source.Node) {
	g.Pos = n.Pos
	if n.Kind != source.Mapping {
		d.settle(func() { d.settleGiven(g) })
		return
	}
	event, external := n.Get("event") != nil, n.Get("external") != nil
	if event == external {
		d.diags.Errorf(rule.MissingKey, n.Pos, "%s needs either event or external", d.about)
		return
	}
	d.onlyWith(n, "version", "event")
	d.onlyWith(n, "at", "event")
	d.onlyWith(n, "ago", "event")
	if ago := n.Get("ago"); ago != nil && n.Get("at") != nil {
		d.badValue(ago.Pos, "%s says both when it happened and how long ago", d.about).With(diag.Fix("leave one out"))
	}
	d.onlyWith(n, "reply", "external")
	d.onlyWith(n, "fails", "external")
	d.onlyWith(n, "slow", "external")
	if event {
		g.External = nil
		d.settle(func() { d.settleGiven(g) })
		return
	}
	x := g.External
	x.Pos, x.With, g.With = g.Pos, g.With, nil
	switch reply := n.Get("reply"); {
	case reply == nil && n.Get("fails") == nil && n.Get("slow") == nil:
		d.diags.Errorf(rule.MissingKey, n.Pos, "%s does not say how %s answers", d.about, x.Operation.Text).
			With(diag.Fix("add reply: {...}, fails: true or slow: 2s"))
	case reply != nil && x.Fails:
		d.badValue(reply.Pos, "%s both answers and fails", x.Operation.Text).With(diag.Fix("leave one out"))
	}
	d.settle(func() {
		if o := x.Operation.Operation; o != nil {
			d.valuesOf(x.With, o.Input, "input of "+o.Name, len(o.Input) == 0)
			d.valuesOf(x.Reply, o.Reply, "reply of "+o.Name, len(o.Reply) == 0)
		}
	})
}

// settleGiven checks the values of an event that happened, of the version it
// had then.
func (d decoder) settleGiven(g *Given) {
	if g.Event == nil || g.Event.Event == nil {
		return
	}
	e := g.Event.Event
	fields, whose := e.Fields, "event "+e.Name
	switch v := g.Version; {
	case v > e.Version:
		d.badValue(g.Pos, "event %s has no version %d", e.Name, v).
			With(diag.At(e.Pos, "its newest is %d", e.Version))
		return
	case v > 0 && v < e.Version:
		fields = e.Versions[v-1].Fields
	}
	if e.Aggregate != nil {
		fields = append([]*Field{e.Aggregate.ID}, fields...)
	}
	d.valuesOf(g.With, fields, whose, saysNothing(e))
}

// faultForm takes something down or brings it up again.
var faultForm = &form[Fault]{
	what: "fault",
	doc:  "What goes down, or comes up again.",
	keys: []key[Fault]{
		at("down", "The context or external system that goes down.", downRef, func(f *Fault) *Fault { return f }),
		at("up", "The one that comes up again.", upRef, func(f *Fault) *Fault { return f }),
	},
	done: func(d decoder, f *Fault, n *source.Node) {
		f.Pos = n.Pos
		if n.Kind == source.Mapping && (n.Get("down") == nil) == (n.Get("up") == nil) {
			d.diags.Errorf(rule.MissingKey, n.Pos, "%s needs either down or up", d.about)
		}
	},
}

var downRef, upRef = faultRef(false), faultRef(true)

func faultRef(up bool) reader[Fault] {
	return referTo("a context or an external",
		func(v *Fault, name Text) { v.Text, v.Up = name.Value, up },
		func(d decoder, v *Fault, name Text) {
			if s := d.lookup(name, contextKind|externalKind); s != nil {
				v.Context, _ = s.ref.(*Context)
				v.External, _ = s.ref.(*External)
			}
		})
}
