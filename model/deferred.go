package model

import (
	"slices"

	"github.com/esgen/esgen/internal/source"
)

// Constructs of the language that are understood but not generated yet.
const (
	orchestration = "saga"
	timerPolicy   = "timer policy"
	eventSourcing = "event sourcing"
	eventVersion  = "event version"
	externalEvent = "external event"
	homelessEvent = "homeless event"
	viewLink      = "view link"
	viewStream    = "view change stream"
	scenarioSet   = "scenario"
)

// Postponed is a construct that is not generated yet.
type Postponed struct {
	Construct string
	Written   string // how it is written, as Markdown
	What      string // how a message speaks of it: "sagas"
	Until     string // what happens, or is to be written, until then
	Beside    bool   // the services behave as the model says even without it
}

// Later lists what is not generated yet.
func Later() []Postponed { return later[:len(later):len(later)] }

var later = []Postponed{
	{orchestration, "`sagas`", "sagas", "write choreographed policies", false},
	{timerPolicy, "policies with `every`, `cron`, `after`, `within` (timers, windows)", "timers and windows of policies", "no code is written for them", false},
	{eventSourcing, "`persistence: events`, `snapshotEvery`", "event-sourced aggregates", "the state is stored", false},
	{eventVersion, "`versions` of an event", "older versions of an event", "every event is of the newest version", false},
	{externalEvent, "`events` of an external (webhooks)", "events of external systems", "there is no route, and no code for policies and views of them", false},
	{homelessEvent, "a policy, a view or an `emit` of an event that no aggregate holds", "events that no aggregate holds", "give the event to its aggregate", false},
	{viewLink, "`links` of a view", "links of a view", "they are left out", false},
	{viewStream, "`changes` of a view", "change streams of a view", "they are left out", false},
	{scenarioSet, "`scenarios`", "scenarios", "there are no tests of them beside the aggregates", true},
}

// Are is the deferred construct as a message speaks of it: "sagas are".
func (f Deferred) Are() string { return f.about().What + " are" }

// Until is what happens, or is to be written, until it is generated.
func (f Deferred) Until() string { return f.about().Until }

// Beside reports whether the generated services behave as the model says even
// without the construct.
func (f Deferred) Beside() bool { return f.about().Beside }

func (f Deferred) about() Postponed {
	i := slices.IndexFunc(later, func(p Postponed) bool { return p.Construct == f.Construct })
	return later[i]
}

// postponeHomeless notes what is about events that no aggregate holds: what
// happens to nothing has no topic.
func (s *System) postponeHomeless() {
	note := func(of *Node, refs ...*EventRef) {
		for _, r := range refs {
			if r.Event != nil && r.Event.Aggregate == nil && r.Event.External == nil {
				s.Deferred = append(s.Deferred, Deferred{Construct: homelessEvent, Name: of.Name, Pos: r.Pos})
			}
		}
	}
	for _, c := range s.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				for _, e := range emitsOf(m) {
					note(&m.Node, &e.Event)
				}
			}
		}
		for _, p := range c.Policies {
			note(&p.Node, p.Whenever...)
		}
		for _, v := range c.Views {
			for _, p := range v.From {
				note(&v.Node, &p.Event)
			}
		}
	}
}

// alsoPostpone is a key whose construct is read and not generated yet.
func alsoPostpone[T any](k key[T], construct string, note func(*T) *Node) key[T] {
	read := k.read
	k.read = func(d decoder, t *T, n *source.Node) {
		read(d, t, n)
		d.postpone(construct, &Node{Name: note(t).Name, Pos: n.Pos})
	}
	return k
}

// postpone notes that a construct is not generated yet. Who generates says so.
func (d decoder) postpone(construct string, of *Node) {
	d.sys.Deferred = append(d.sys.Deferred, Deferred{Construct: construct, Name: of.Name, Pos: of.Pos})
}
