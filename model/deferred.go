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
	TimerPolicy:        {are: "policies on a timer are"},
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

// deferred is a key whose value is kept as it stands.
func deferred[T any](name, doc, construct string, note func(*T) *Node) key[T] {
	return key[T]{name: name, doc: doc, shape: anything, read: func(d decoder, t *T, n *source.Node) {
		of := ""
		if note != nil {
			of = note(t).Name
		}
		d.postpone(construct, of, n)
	}}
}

// postpone keeps a construct for later and says so: with a warning where the
// generated system behaves otherwise than the model says, else with a note.
func (d decoder) postpone(construct, name string, n *source.Node) {
	d.sys.Deferred = append(d.sys.Deferred, Deferred{Construct: construct, Name: name, Value: n, Pos: n.Pos})
	report := d.diags.Warnf
	if later[construct].beside {
		report = d.diags.Notef
	}
	report("not-generated", n.Pos, "%s understood but not generated yet", later[construct].are)
}
