package play

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/told"
	"github.com/esgen/esgen/model"
)

// Saved is a game as a scenario.
type Saved struct {
	Text    string `json:"text"`              // as it is written, `scenarios:` above it included
	File    string `json:"file"`              // where it belongs, seen from the model's directory
	Content string `json:"content,omitempty"` // that file with it; what is written over HTTP is not told again
	Written bool   `json:"written"`
}

// Save is a game as a scenario that holds: what was done, what was answered, what
// followed, and how the instances are then of which somebody has said the id. Ids
// that the system made itself are not told: others would do.
func (w *Wall) Save(a Asked) (*Saved, error) {
	name := strings.Join(strings.Fields(a.Name), " ")
	switch {
	case w.found.HasErrors():
		return nil, errors.New("a model with errors is not played")
	case name == "":
		return nil, errors.New("a scenario has a name: the sentence that people say")
	case slices.ContainsFunc(w.Scenarios, func(s *model.Scenario) bool { return s.Name == name }):
		return nil, fmt.Errorf("there is a scenario %q already", name)
	case len(a.Steps) == 0:
		return nil, errors.New("nothing was played yet")
	}
	g, err := w.begin(a.Steps)
	if err != nil {
		return nil, err
	}
	s := &model.Scenario{Node: model.Node{Name: name}}
	for _, c := range a.Covers {
		if !slices.ContainsFunc(w.Requirements, func(r *model.Requirement) bool { return r.Name == c }) {
			return nil, fmt.Errorf("there is no requirement %q", c)
		}
		s.Covers = append(s.Covers, model.Text{Value: c})
	}
	s.Steps = g.story()
	if played := sim.Play(w.Model, s); len(played.Failures) > 0 {
		f := played.Failures[0]
		return nil, fmt.Errorf("the scenario would not hold: %s; expected %s, got %s", f.Message, f.Expected, f.Actual)
	}
	saved := &Saved{Text: told.Scenario(w.Model, s)}
	saved.File, saved.Content, err = w.insert(saved.Text)
	return saved, err
}

// story are the steps of a game with what is expected of them.
func (g *game) story() []*model.ScenarioStep {
	said := map[string]bool{} // ids that somebody has said
	var out []*model.ScenarioStep
	for i, x := range g.steps {
		step := *x.step
		until := len(g.world.Events())
		if i+1 < len(g.steps) {
			until = g.steps[i+1].events
		}
		answered := map[string]bool{} // events that the answer tells
		if o := x.outcome; o != nil {
			m := step.When.Do.Command
			for _, v := range step.When.With {
				if v.Field == m.Aggregate.ID {
					said[m.Aggregate.Name+"/"+v.Node.Value] = true
				}
			}
			for _, h := range o.Events {
				answered[h.ID] = true
			}
			step.Then = g.answer(o)
		}
		step.Eventually = g.followed(g.world.Events()[x.events:until], answered)
		out = append(out, &step)
	}
	last := out[len(out)-1]
	last.Eventually = append(last.Eventually, g.stands(said)...)
	return out
}

// answer is what a command was answered.
func (g *game) answer(o *sim.Outcome) *model.Then {
	if o.Rejected != "" {
		return &model.Then{Rejected: model.Text{Value: o.Rejected}}
	}
	then := &model.Then{Events: []*model.Expectation{}}
	for _, h := range o.Events {
		then.Events = append(then.Events, g.event(h.Event))
	}
	return then
}

func (g *game) event(e *model.Event) *model.Expectation {
	return &model.Expectation{Event: &model.EventRef{Text: g.NameOf(e), Event: e}}
}

// followed are the events beside those of an answer, each once.
func (g *game) followed(events []*sim.Happened, answered map[string]bool) []*model.Expectation {
	var out []*model.Expectation
	seen := map[*model.Event]bool{}
	for _, h := range events {
		if e := h.Event; !answered[h.ID] && e.External == nil && !seen[e] {
			seen[e] = true
			out = append(out, g.event(e))
		}
	}
	return out
}

// stands tells how instances are at last: the states they are in.
func (g *game) stands(said map[string]bool) []*model.Expectation {
	var out []*model.Expectation
	for _, c := range g.Contexts {
		for _, a := range c.Aggregates {
			for _, id := range g.world.Instances(a) {
				if !said[a.Name+"/"+id] {
					continue
				}
				state, _ := g.world.State(a, id)
				e := &model.Expectation{State: &model.AggregateRef{Text: g.NameOf(a), Aggregate: a}, With: []*model.Value{value(a.ID, id)}}
				for _, f := range a.State {
					if v := state[f.Name]; v != nil && f.Type.Value().IsEnum() {
						e.With = append(e.With, value(f, v))
					}
				}
				out = append(out, e)
			}
		}
	}
	return out
}

func value(f *model.Field, v any) *model.Value {
	if s, is := v.(string); is {
		return &model.Value{Name: f.Name, Field: f, Node: text(s)}
	}
	return &model.Value{Name: f.Name, Field: f, Node: told.Scalar(expr.Text(v))}
}

// insert puts a scenario behind the last one of the model, or at the end of the
// document.
func (w *Wall) insert(scenario string) (file, content string, err error) {
	at := w.Files[0]
	if n := len(w.Scenarios); n > 0 {
		at = w.Scenarios[n-1].Pos.File
	}
	root, faults := source.Parse(at, source.DefaultLimits())
	if len(faults) > 0 || root == nil {
		return "", "", fmt.Errorf("%s cannot be read", at.Path)
	}
	if i := slices.IndexFunc(root.Pairs, func(p source.Pair) bool { return p.Key.Value == "scenarios" }); i >= 0 {
		content, err = among(at, root.Pairs[i], scenario)
		return at.Path, content, err
	}
	if root.Style == source.Flow {
		return at.Path, inBraces(at, root, inLine(scenario).Pairs[0]), nil
	}
	return at.Path, strings.TrimRight(string(at.Data), "\n") + "\n\n" + scenario, nil
}

// among is a file with a scenario behind those that it has.
func among(f *source.File, has source.Pair, scenario string) (string, error) {
	lines := strings.Split(strings.TrimRight(string(f.Data), "\n"), "\n")
	_, entry, _ := strings.Cut(scenario, "\n") // without `scenarios:`
	switch block := has.Value; {
	case block.Kind == source.Mapping && block.Style == source.Flow:
		return inBraces(f, block, inLine(scenario).Pairs[0].Value.Pairs[0]), nil
	case block.IsEmpty() && strings.TrimSpace(lines[has.Key.Pos.Line-1]) == "scenarios:":
		lines = slices.Insert(lines, has.Key.Pos.Line, strings.TrimRight(entry, "\n"))
	case block.Kind == source.Mapping && len(block.Pairs) > 0:
		indent := strings.Repeat(" ", block.Pairs[0].Key.Pos.Column-1)
		end := source.EndOfBlock(lines, has.Key.Pos.Line, has.Key.Pos.Column-1)
		lines = slices.Insert(lines, end, indented(entry, indent))
	default:
		return "", fmt.Errorf("%s: scenarios has no line below which one could stand: put nothing behind it, or add the scenario yourself", has.Key.Pos)
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// inLine is a scenario as it was told, to be written in a line.
func inLine(scenario string) *source.Node {
	n, _ := source.Parse(&source.File{Path: "scenario", Data: []byte(scenario)}, source.DefaultLimits())
	return n
}

// inBraces is a file with one more pair in a mapping that is written in braces: behind
// the last one, and on a line of its own where that one is.
func inBraces(f *source.File, in *source.Node, more source.Pair) string {
	at, pair := f.Offset(in.Pos)+1, told.Flow(more.Key)+": "+told.Flow(more.Value)
	if n := len(in.Pairs); n > 0 {
		last := in.Pairs[n-1]
		at = source.EndOfFlow(last.Value)
		before := string(f.Data[f.Offset(source.Pos{File: f, Line: last.Key.Pos.Line, Column: 1}):f.Offset(last.Key.Pos)])
		if strings.TrimSpace(before) == "" {
			pair = "\n" + before + pair
		} else {
			pair = " " + pair
		}
		pair = "," + pair
	}
	return string(f.Data[:at]) + pair + string(f.Data[at:])
}

// indented is a scenario as far in as those before it.
func indented(entry, indent string) string {
	lines := strings.Split(strings.TrimRight(entry, "\n"), "\n")
	for i, l := range lines {
		lines[i] = indent + strings.TrimPrefix(l, "  ")
	}
	return strings.Join(lines, "\n")
}
