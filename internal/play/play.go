// Package play plays a model with somebody at a page: they say which steps to
// take, and are told what came of them. It keeps nothing between two questions:
// whoever plays has the steps, and a step back is one step less.
package play

import (
	"errors"
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Step is something that is done. Exactly one of Do, Tell, Advance, Down, Up and
// Script is said; names are in any form that means one thing.
type Step struct {
	Do      string  `json:"do,omitempty"`      // a command
	Tell    string  `json:"tell,omitempty"`    // an event of an external system
	Advance string  `json:"advance,omitempty"` // how much time passes: 1h30m
	Down    string  `json:"down,omitempty"`    // a context or an external system that goes away
	Up      string  `json:"up,omitempty"`      // and one that comes back
	Script  string  `json:"script,omitempty"`  // an operation of an external system that fails from now on, or answers so
	Fails   bool    `json:"fails,omitempty"`   // of Script
	With    Values  `json:"with,omitempty"`    // fields of the command, the event or the reply
	Who     *Person `json:"who,omitempty"`     // who gives the command; nil: the system itself
}

// Person is somebody who gives commands and looks at views.
type Person struct {
	Actor   string `json:"actor"`
	Subject string `json:"subject"`
	Claims  Values `json:"claims,omitempty"`
}

// mostSteps bounds what is played for one question.
const mostSteps = 500

// game is a model that is played.
type game struct {
	*Wall
	world *sim.World
	steps []*taken
}

// taken is a step that was taken, as a scenario tells it, and what came of it.
type taken struct {
	step    *model.ScenarioStep
	outcome *sim.Outcome // of a command
	events  int          // that there were before
	chain   []Effect
	trouble string // why all did not come to rest
}

// begin is a game in which some steps have been taken. The error says which of
// them cannot be; those before it are taken.
func (w *Wall) begin(steps []Step) (*game, error) {
	g := &game{Wall: w, world: sim.New(w.Model, model.FirstDay)}
	if len(steps) > mostSteps {
		return g, fmt.Errorf("more than %d steps are not played", mostSteps)
	}
	for i, s := range steps {
		if err := g.take(s); err != nil {
			return g, fmt.Errorf("step %d cannot be taken: %w", i+1, err)
		}
	}
	return g, nil
}

func (g *game) take(s Step) error {
	step, err := g.read(s)
	if err != nil {
		return err
	}
	t, effects := &taken{step: step, events: len(g.world.Events())}, g.world.Effects()
	if err := g.do(t); err != nil {
		return err
	}
	if err := g.world.Settle(); err != nil {
		t.trouble = err.Error()
	}
	if step.Advance > 0 {
		if err := g.world.Advance(step.Advance); err != nil {
			t.trouble = err.Error()
		}
	}
	t.chain = g.effects(g.world.Since(effects), 0) // now: later steps may add to what led to them
	g.steps = append(g.steps, t)
	return nil
}

// do does what a step says, but for the time that passes.
func (g *game) do(t *taken) error {
	for _, f := range slices.Concat(t.step.Faults, t.step.Recover) {
		switch {
		case f.Context != nil && f.Up:
			g.world.Up(f.Context)
		case f.Context != nil:
			g.world.Down(f.Context)
		case f.Up:
			g.world.UpExternal(f.External)
		default:
			g.world.DownExternal(f.External)
		}
	}
	for _, x := range t.step.Given {
		reply, err := sim.Values(x.External.Reply)
		if err != nil {
			return misread(err)
		}
		g.world.Script(&sim.Double{Operation: x.External.Operation.Operation, Reply: reply, Fails: x.External.Fails})
	}
	x := t.step.When
	if x == nil {
		return nil
	}
	values, err := sim.Values(x.With)
	if err != nil {
		return misread(err)
	}
	if x.Event != nil {
		if err := g.world.Complete(x.Event.Event, x.Event.Event.Fields, values); err != nil {
			return err
		}
		g.world.Receive(x.Event.Event, values)
		return nil
	}
	who, err := asks(x)
	if err != nil {
		return err
	}
	t.outcome = g.world.Do(sim.Request{Command: x.Do.Command, Input: values, Actor: who.Actor, Roles: who.Roles, Claims: who.Claims})
	return nil
}

// misread is what is wrong with a value, without the place that it has not.
func misread(err error) error {
	var m *sim.MisreadError
	if errors.As(err, &m) {
		return errors.New(m.Text)
	}
	return err
}

// asks is who does something, as the interpreter has it.
func asks(x *model.When) (who sim.Request, err error) {
	if x.By == nil {
		return who, nil
	}
	who.Actor, who.Roles = sim.Who(x)
	if who.Claims, err = sim.Values(x.Says); err != nil {
		return who, misread(err)
	}
	return who, nil
}

// read is a step as scenarios have it.
func (g *game) read(s Step) (*model.ScenarioStep, error) {
	switch {
	case s.Do != "":
		return g.readCommand(s)
	case s.Tell != "":
		e, err := find[*model.Event](g.Model, s.Tell, "event")
		if err != nil {
			return nil, err
		}
		if e.External == nil {
			return nil, fmt.Errorf("%s is no event of another system", e.Name)
		}
		with, err := s.With.of(e.Fields)
		return &model.ScenarioStep{When: &model.When{Event: &model.EventRef{Text: g.NameOf(e), Event: e}, With: with}}, err
	case s.Advance != "":
		d, err := model.ParseDuration(s.Advance)
		if err == nil && d <= 0 {
			err = errors.New("time passes forwards only")
		}
		return &model.ScenarioStep{Advance: d}, err
	case s.Script != "":
		op, err := find[*model.Operation](g.Model, s.Script, "operation")
		if err != nil {
			return nil, err
		}
		reply, err := s.With.of(op.Reply)
		double := &model.Double{Operation: model.Target{Text: g.NameOf(op), Operation: op}, Reply: reply, Fails: s.Fails}
		return &model.ScenarioStep{Given: []*model.Given{{External: double}}}, err
	case s.Down != "":
		f, err := g.fault(s.Down, false)
		return &model.ScenarioStep{Faults: []*model.Fault{f}}, err
	case s.Up != "":
		f, err := g.fault(s.Up, true)
		return &model.ScenarioStep{Recover: []*model.Fault{f}}, err
	}
	return nil, errors.New("the step says nothing")
}

func (g *game) readCommand(s Step) (*model.ScenarioStep, error) {
	m, err := find[*model.Command](g.Model, s.Do, "command")
	if err != nil {
		return nil, err
	}
	if g.Incomplete[&m.Node] || m.Aggregate.ID == nil {
		return nil, fmt.Errorf("%s says too little to be played", m.Name)
	}
	with, err := s.With.of(append([]*model.Field{m.Aggregate.ID}, m.Input...))
	if err != nil {
		return nil, err
	}
	x := &model.When{Do: model.Target{Text: g.NameOf(m), Command: m}, With: with}
	return &model.ScenarioStep{When: x}, g.by(x, s.Who)
}

// by says who does something.
func (g *game) by(x *model.When, who *Person) error {
	if who == nil || who.Actor == "" {
		return nil
	}
	a, err := find[*model.Actor](g.Model, who.Actor, "actor")
	if err != nil {
		return err
	}
	x.By, x.Who = &model.ActorRef{Text: g.NameOf(a), Actor: a}, who.Subject
	x.Says, err = who.Claims.of(a.Claims)
	return err
}

func (g *game) fault(name string, up bool) (*model.Fault, error) {
	for _, x := range g.Find(nil, name) {
		switch x := x.(type) {
		case *model.Context:
			return &model.Fault{Up: up, Text: x.Name, Context: x}, nil
		case *model.External:
			return &model.Fault{Up: up, Text: x.Name, External: x}, nil
		}
	}
	return nil, fmt.Errorf("there is no context or external system %s", name)
}

// find is what a name means.
func find[T any](m *check.Model, name, what string) (node T, err error) {
	var found []T
	for _, x := range m.Find(nil, name) {
		if n, is := x.(T); is {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 0:
		return node, fmt.Errorf("there is no %s %s", what, name)
	case 1:
		return found[0], nil
	}
	return node, fmt.Errorf("%s means more than one %s", name, what)
}

// Values are what somebody writes for fields, as JSON: texts, lists and maps of
// them, by the names of the model. Texts are read by the types of the fields.
type Values map[string]any

// Read reads values by the fields they are for.
func (v Values) Read(fields []*model.Field) (map[string]any, error) {
	list, err := v.of(fields)
	if err != nil {
		return nil, err
	}
	values, err := sim.Values(list)
	if err != nil {
		return nil, misread(err)
	}
	return values, nil
}

// of reads values by the fields they are for, in the order of these.
func (v Values) of(fields []*model.Field) ([]*model.Value, error) {
	var out []*model.Value
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.Name
		if x, said := v[f.Name]; said {
			n := node(x, f.Type)
			if lacks := lacking(n, f.Type); lacks != "" {
				return nil, fmt.Errorf("%s: %s", f.Called(), lacks)
			}
			out = append(out, &model.Value{Name: f.Name, Field: f, Node: n})
		}
	}
	for name := range v {
		if !slices.Contains(known, name) {
			return nil, errors.New("there is no field " + name + "; " + diag.DidYouMean(name, known))
		}
	}
	return out, nil
}

// lacking says what a value does not say that a scenario would have to; "": nothing.
func lacking(n *source.Node, t *model.Type) string {
	t = t.Value().Scalar()
	for _, p := range n.Pairs {
		if lacks := lacking(p.Value, memberType(t, p.Key.Value)); lacks != "" {
			return lacks
		}
	}
	for _, item := range n.Items {
		if lacks := lacking(item, memberType(t, "")); lacks != "" {
			return lacks
		}
	}
	if !t.IsObject() || n.Kind != source.Mapping {
		return ""
	}
	for _, f := range t.Def.Fields {
		needed := f.Default == nil && f.Type != nil && f.Type.Kind != model.Optional && f.Type.Kind != model.List && f.Type.Kind != model.Map
		if needed && n.Get(f.Name) == nil {
			return fmt.Sprintf("%s needs %s", t.Def.Called(), f.Called())
		}
	}
	return ""
}

// node is a value as a scenario writes it.
func node(x any, t *model.Type) *source.Node {
	t = t.Value().Scalar()
	switch x := x.(type) {
	case map[string]any:
		n := &source.Node{Kind: source.Mapping}
		for _, name := range inOrder(x, t) {
			n.Pairs = append(n.Pairs, source.Pair{Key: text(name), Value: node(x[name], memberType(t, name))})
		}
		return n
	case []any:
		n := &source.Node{Kind: source.Sequence}
		for _, item := range x {
			n.Items = append(n.Items, node(item, memberType(t, "")))
		}
		return n
	case nil:
		return &source.Node{Kind: source.Scalar, Style: source.Plain, Value: "null"}
	}
	n := text(fmt.Sprint(x))
	if t != nil && t.Kind != model.String && !t.IsID() {
		n.Style = source.Plain // it is read as what it looks like
	}
	return n
}

func text(s string) *source.Node {
	return &source.Node{Kind: source.Scalar, Style: source.DoubleQuoted, Value: s}
}

// inOrder are the names of members: those of the type in its order, then others.
func inOrder(x map[string]any, t *model.Type) []string {
	var names []string
	if t.IsObject() {
		for _, f := range t.Def.Fields {
			if _, said := x[f.Name]; said {
				names = append(names, f.Name)
			}
		}
	}
	first := len(names)
	for name := range x {
		if !slices.Contains(names[:first], name) {
			names = append(names, name)
		}
	}
	slices.Sort(names[first:])
	return names
}

// memberType is the type of a member of an object, of an item or of a map's value.
func memberType(t *model.Type, name string) *model.Type {
	switch {
	case t == nil:
		return nil
	case t.IsObject():
		for _, f := range t.Def.Fields {
			if f.Name == name {
				return f.Type
			}
		}
		return nil
	}
	return t.Elem
}
