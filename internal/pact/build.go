package pact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// Sampler makes up an object that the checks of a model let through, as JSON.
type Sampler = func(fields []*model.Field) json.RawMessage

// Build writes down how the stories of a model meet the needs of services and
// actors; they are played on, where they show too little. Uncovered are the needs of services of which neither a
// scenario nor what was tried beside them has an example.
func Build(s *contract.System, played []*stories.Story, sample Sampler) (files []*File, uncovered []*contract.Need) {
	b := newBuilder(s)
	for _, told := range played {
		b.watch(told)
	}
	b.explore(sample, played)
	for _, n := range b.needs {
		examples := choose(b.candidates[n])
		if len(examples) == 0 && n.Consumer.Service != nil {
			uncovered = append(uncovered, n)
		}
		for _, c := range examples {
			f := b.file(n)
			f.Interactions = append(f.Interactions, b.named(f, c))
		}
	}
	return b.files, uncovered
}

// builder holds what is found out on the way.
type builder struct {
	system     *contract.System
	operations map[*model.Command]*contract.Operation
	needs      []*contract.Need // those that generated code has
	candidates map[*contract.Need][]candidate
	files      []*File
	byPath     map[string]*File
	states     map[*contract.Service]map[string]Params // by name

	// Needs by what meets them.
	calls     map[*model.Call]*contract.Need
	undone    map[*model.Compensation]*contract.Need
	listeners map[listener][]*contract.Need
	outside   map[asked][]*contract.Need
}

// listener is a policy or a view with an event that it hears of.
type listener struct {
	who   any // *model.Policy or *model.View
	event *model.Event
}

// asked is what actors ask: a kind of operation, with the command, aggregate,
// view or query it is about.
type asked struct {
	kind contract.OperationKind
	of   any
}

func newBuilder(s *contract.System) *builder {
	b := &builder{
		byPath: map[string]*File{},
		system: s, operations: map[*model.Command]*contract.Operation{}, candidates: map[*contract.Need][]candidate{},
		states: map[*contract.Service]map[string]Params{}, calls: map[*model.Call]*contract.Need{},
		undone: map[*model.Compensation]*contract.Need{}, listeners: map[listener][]*contract.Need{}, outside: map[asked][]*contract.Need{},
	}
	for _, v := range s.Services {
		for _, o := range v.Operations {
			if o.Command != nil {
				b.operations[o.Command] = o
			}
		}
	}
	for _, v := range s.Services {
		for _, n := range v.Needs {
			if b.index(n) {
				b.needs = append(b.needs, n)
			}
		}
	}
	for _, n := range s.Outside {
		if n.Operation.Public != nil {
			at := askedBy(n.Operation)
			b.outside[at] = append(b.outside[at], n)
			b.needs = append(b.needs, n)
		}
	}
	return b
}

// index notes what meets the need of a service; false: no generated code has it.
func (b *builder) index(n *contract.Need) bool {
	switch n.Kind {
	case contract.ByCall:
		b.calls[n.Call] = n
	case contract.ByCompensation:
		if n.Call == nil {
			return false // a saga's
		}
		b.undone[n.Call.Compensate] = n
	case contract.ByPolicy:
		if n.Policy.Timer != nil || n.Policy.Window != nil {
			return false
		}
		at := listener{n.Policy, n.Message.Event}
		b.listeners[at] = append(b.listeners[at], n)
	case contract.ByView:
		at := listener{viewOf(n), n.Message.Event}
		b.listeners[at] = append(b.listeners[at], n)
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
	f := &File{Provider: n.Provider.Name.Kebab}
	switch c := n.Consumer; {
	case c.Gateway:
		f.Consumer, f.Dir = "gateway", "gateway"
	case c.Actor != nil:
		f.Consumer, f.Dir = naming.ConsumerOf(c.Actor), "gateway"
	default:
		f.Consumer = c.Service.Name.Kebab
		f.Dir = "services/" + f.Consumer
	}
	path := f.Path()
	if known := b.byPath[path]; known != nil {
		return known
	}
	b.byPath[path] = f
	b.files = append(b.files, f)
	return f
}

// named makes the interaction of a candidate, and gives it and its state names
// of their own.
func (b *builder) named(f *File, c candidate) *Interaction {
	i := c.make()
	i.Description = unique(i.Description, func(name string) bool {
		return slices.ContainsFunc(f.Interactions, func(o *Interaction) bool { return o.Description == name })
	})
	taken := b.states[i.Need.Provider]
	if taken == nil {
		taken = map[string]Params{}
		b.states[i.Need.Provider] = taken
	}
	i.State.Name = unique(i.State.Name, func(name string) bool {
		known, is := taken[name]
		return is && !reflect.DeepEqual(known, i.State.Params)
	})
	taken[i.State.Name] = i.State.Params
	return i
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
	return names.Of(&m.Aggregate.Node).Go + "." + names.Of(&m.Node).Go + "." + c.Name
}

// Undone is behind the name of a call whose compensation is meant.
const Undone = ".undo"
