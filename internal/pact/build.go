package pact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// Sampler makes up an object that the checks of a model let through, as JSON.
type Sampler = func(fields []*model.Field) json.RawMessage

// Shown is how the stories of a model meet what a service relies on, and what is
// relied on in it.
type Shown struct {
	Files []*File // what it relies on in others
	Told  *Told   // what actors are answered by it; nil: nothing is known
	// Uncovered are the needs of which neither a scenario nor what was tried
	// beside them has an example.
	Uncovered []*contract.Need
	Steps     int // how far away services are that helped to find it
}

// Stories are those of a model, for what they show of its services.
type Stories struct {
	*index
	sample Sampler
	of     map[*model.Context][]*stories.Story
}

// Of takes the stories of a model.
func Of(s *contract.System, played []*stories.Story, sample Sampler) *Stories {
	out := &Stories{newIndex(s), sample, map[*model.Context][]*stories.Story{}}
	for _, story := range played {
		for c := range story.Contexts() {
			out.of[c] = append(out.of[c], story)
		}
	}
	return out
}

// Show writes down how the stories meet the needs of a service, and of the
// actors that ask it; they are played on, where they show too little.
func (s *Stories) Show(of *contract.Service) *Shown {
	b := newBuilder(s.index, of)
	played := s.of[of.Context]
	for _, story := range played {
		b.watch(story)
	}
	b.explore(s.sample, played)
	for _, n := range b.needs {
		r := b.reliances[n]
		if n.Consumer.Service != nil && !r.shown(n) {
			b.shown.Uncovered = append(b.shown.Uncovered, n)
		}
		if n != r.needs[0] {
			continue
		}
		for _, c := range choose(r.candidates) {
			b.add(n, c.make())
		}
	}
	return b.shown
}

// add puts an interaction where it belongs: of services into the contract, of
// actors among the examples of the provider.
func (b *builder) add(n *contract.Need, i *Interaction) {
	if n.Consumer.Service == nil {
		b.tell(n.Provider, i)
		return
	}
	b.file(n).add(i)
}

// index finds things of a system.
type index struct {
	system     *contract.System
	operations map[*model.Command]*contract.Operation
	kept       map[listener][]*contract.Need // by views, and by policies that look back
	asked      map[*contract.Service][]*contract.Need
}

func newIndex(s *contract.System) *index {
	x := &index{s, map[*model.Command]*contract.Operation{}, map[listener][]*contract.Need{}, map[*contract.Service][]*contract.Need{}}
	for _, v := range s.Services {
		for _, o := range v.Operations {
			if o.Command != nil {
				x.operations[o.Command] = o
			}
		}
		for _, n := range v.Needs {
			switch {
			case n.Kind == contract.ByView:
				at := listener{viewOf(n), n.Message.Event}
				x.kept[at] = append(x.kept[at], n)
			case n.Kind == contract.ByPolicy && n.Policy.Window != nil:
				at := listener{n.Policy, n.Message.Event}
				x.kept[at] = append(x.kept[at], n)
			}
		}
	}
	for _, n := range s.Outside {
		if n.Kind == contract.ByActor { // the gateway passes on what actors get
			x.asked[n.Provider] = append(x.asked[n.Provider], n)
		}
	}
	return x
}

// builder holds what is found out of a service on the way.
type builder struct {
	*index
	service   *contract.Service
	needs     []*contract.Need // those that generated code has
	reliances map[*contract.Need]*reliance
	proofs    map[proof]*reliance
	shown     *Shown

	payloads map[*model.Event]*contract.Schema
	events   map[*sim.Happened]Event

	// Needs by what meets them.
	calls     map[*model.Call]*contract.Need
	steps     map[*model.Step]*contract.Need
	undone    map[*model.Compensation]*contract.Need
	listeners map[listener][]*contract.Need
	outside   map[asked][]*contract.Need
}

// listener is a policy, a view or a saga with an event that it hears of.
type listener struct {
	who   any // *model.Policy, *model.View, *model.Saga that begins, or waits{} of one
	event *model.Event
}

// waits tells the events that a saga waits for from those that start it.
type waits struct{ *model.Saga }

// asked is what actors ask: a kind of operation, with the command, aggregate,
// view or query it is about.
type asked struct {
	kind contract.OperationKind
	of   any
}

func newBuilder(x *index, of *contract.Service) *builder {
	b := &builder{
		index: x, service: of, reliances: map[*contract.Need]*reliance{}, proofs: map[proof]*reliance{}, shown: &Shown{},
		payloads: map[*model.Event]*contract.Schema{}, events: map[*sim.Happened]Event{}, calls: map[*model.Call]*contract.Need{}, steps: map[*model.Step]*contract.Need{},
		undone: map[*model.Compensation]*contract.Need{}, listeners: map[listener][]*contract.Need{}, outside: map[asked][]*contract.Need{},
	}
	for _, n := range of.Needs {
		if b.meets(n) {
			b.relies(n)
		}
	}
	for _, n := range x.asked[of] {
		at := askedBy(n.Operation)
		b.outside[at] = append(b.outside[at], n)
		b.relies(n)
	}
	return b
}

// proof is what shows several needs at once: a message, to all that hear of it in
// a service, and an operation at its public route, to all actors.
type proof struct {
	of any // *contract.Message or *contract.Operation
	to *contract.Service
}

// relies notes a need.
func (b *builder) relies(n *contract.Need) {
	r := &reliance{}
	if n.Message != nil || n.Kind == contract.ByActor {
		at := proof{n.Operation, n.Consumer.Service}
		if n.Message != nil {
			at.of = n.Message
		}
		if b.proofs[at] == nil {
			b.proofs[at] = r
		}
		r = b.proofs[at]
	}
	b.needs, b.reliances[n], r.needs = append(b.needs, n), r, append(r.needs, n)
}

// meets notes what meets the need of a service; false: no file says it.
func (b *builder) meets(n *contract.Need) bool {
	if n.Message != nil && n.Message.Event.External != nil {
		return false // it is another's, whom the provider does not speak for
	}
	hears := func(who any) {
		at := listener{who, n.Message.Event}
		b.listeners[at] = append(b.listeners[at], n)
	}
	switch n.Kind {
	case contract.ByCall:
		b.calls[n.Call] = n
	case contract.ByStep:
		b.steps[n.Step] = n
	case contract.ByCompensation:
		b.undone[n.Compensation()] = n
	case contract.ByPolicy:
		hears(n.Policy)
	case contract.ByView:
		hears(viewOf(n))
	case contract.BySaga:
		hears(n.Saga)
	case contract.ByAwait:
		hears(waits{n.Step.Saga})
	default:
		return false
	}
	return true
}

// viewOf finds the view of a projection.
func viewOf(n *contract.Need) *model.View {
	for _, v := range n.Consumer.Service.Context.Views {
		if slices.Contains(v.From, n.Projection) {
			return v
		}
	}
	return nil
}

func askedBy(o *contract.Operation) asked {
	switch o.Kind {
	case contract.RunCommand:
		return asked{o.Kind, o.Command}
	case contract.ReadState:
		return asked{o.Kind, o.Aggregate}
	case contract.AskQuery:
		return asked{o.Kind, o.Query}
	}
	return asked{o.Kind, o.View}
}

// file is the file that a need belongs to.
func (b *builder) file(n *contract.Need) *File {
	provider := n.Provider.Name.Kebab
	at := slices.IndexFunc(b.shown.Files, func(f *File) bool { return f.Provider == provider })
	if at < 0 {
		at = len(b.shown.Files)
		b.shown.Files = append(b.shown.Files, &File{Consumer: b.service.Name.Kebab, Provider: provider})
	}
	return b.shown.Files[at]
}

// add gives an interaction and its state names of their own. The name of a state
// ends with whose contract it is of: at the provider it is one of many.
func (f *File) add(i *Interaction) {
	i.Description = unique(i.Description, func(name string) bool {
		return slices.ContainsFunc(f.Interactions, func(o *Interaction) bool { return o.Description == name })
	})
	i.State.Name = unique(i.State.Name+" for "+f.Consumer, func(name string) bool {
		return slices.ContainsFunc(f.Interactions, func(o *Interaction) bool {
			return o.State.Name == name && !reflect.DeepEqual(o.State.Params, i.State.Params)
		})
	})
	f.Interactions = append(f.Interactions, i)
}

// unique adds a number to a name that is taken.
func unique(name string, taken func(string) bool) string {
	out := name
	for n := 2; taken(out); n++ {
		out = fmt.Sprintf("%s (%d)", name, n)
	}
	return out
}

// stateName says in words of the scenario where a moment is.
func stateName(s *stories.Story, m *sim.Moment, what string) string {
	parts := []string{s.Title}
	if m.Step > 0 {
		parts = append(parts, fmt.Sprintf("step %d", m.Step))
	}
	return strings.Join(append(parts, "before "+what), ", ")
}

// clientOf names a call of a service as the consumer's own code does: by the
// command that makes it.
func (b *builder) clientOf(n *contract.Need) string {
	if n.Call == nil {
		return ""
	}
	for _, a := range n.Consumer.Service.Context.Aggregates {
		for _, m := range a.Commands {
			if slices.Contains(m.Calls, n.Call) && n.Kind == contract.ByCompensation {
				return CallName(m, n.Call) + Undone
			}
			if slices.Contains(m.Calls, n.Call) {
				return CallName(m, n.Call)
			}
		}
	}
	return ""
}

// CallName is what contracts call a request that a command makes.
func CallName(m *model.Command, c *model.Call) string {
	return naming.CommandName(m) + "." + c.Known()
}

// Undone is behind the name of a call whose compensation is meant.
const Undone = ".undo"
