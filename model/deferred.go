package model

import "github.com/esgen/esgen/internal/source"

// Constructs of the language that are understood but not generated yet.
const (
	Orchestration      = "saga"
	TimerPolicy        = "timer policy"
	EventSourcing      = "event sourcing"
	EventVersion       = "event version"
	GatewayComposition = "composition"
	ScenarioSet        = "scenario"
	ExternalEvent      = "external event"
	ViewLink           = "view link"
	ViewStream         = "view change stream"
	GatewaySection     = "gateway"
	DeploySection      = "deployment"
)

// later says of each deferred construct how a message speaks of it, and
// whether the services behave the same without it.
var later = map[string]struct {
	are    string
	beside bool
}{
	Orchestration:      {are: "sagas are"},
	TimerPolicy:        {are: "timers and windows of policies are"},
	EventSourcing:      {are: "event-sourced aggregates are"},
	EventVersion:       {are: "older versions of an event are"},
	GatewayComposition: {are: "compositions are"},
	ScenarioSet:        {are: "scenarios are", beside: true},
	ExternalEvent:      {are: "events of external systems are"},
	ViewLink:           {are: "links of a view are"},
	ViewStream:         {are: "change streams of a view are"},
	GatewaySection:     {are: "settings of the gateway are", beside: true},
	DeploySection:      {are: "settings of the deployment are", beside: true},
}

// Says is the deferred construct as a message speaks of it: "sagas are".
func (f Deferred) Says() string { return later[f.Construct].are }

// Beside reports whether the generated services behave as the model says even
// without the construct.
func (f Deferred) Beside() bool { return later[f.Construct].beside }

// postponed is a key whose value is kept for later as it stands.
func postponed(name, doc, construct string) key[System] {
	return key[System]{name: name, doc: doc, shape: anything, read: func(d decoder, _ *System, n *source.Node) {
		d.postpone(construct, &Node{Pos: n.Pos})
	}}
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
