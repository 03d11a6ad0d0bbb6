package model

import "github.com/esgen/esgen/internal/source"

// Constructs of the language that are understood but not generated yet.
const (
	orchestration = "saga"
	timerPolicy   = "timer policy"
	eventSourcing = "event sourcing"
	eventVersion  = "event version"
	scenarioSet   = "scenario"
	externalEvent = "external event"
	viewLink      = "view link"
	viewStream    = "view change stream"
)

// later says of each deferred construct how a message speaks of it, and
// whether the services behave the same without it.
var later = map[string]struct {
	are    string
	beside bool
}{
	orchestration: {are: "sagas are"},
	timerPolicy:   {are: "timers and windows of policies are"},
	eventSourcing: {are: "event-sourced aggregates are"},
	eventVersion:  {are: "older versions of an event are"},
	scenarioSet:   {are: "scenarios are", beside: true},
	externalEvent: {are: "events of external systems are"},
	viewLink:      {are: "links of a view are"},
	viewStream:    {are: "change streams of a view are"},
}

// Says is the deferred construct as a message speaks of it: "sagas are".
func (f Deferred) Says() string { return later[f.Construct].are }

// Beside reports whether the generated services behave as the model says even
// without the construct.
func (f Deferred) Beside() bool { return later[f.Construct].beside }

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
