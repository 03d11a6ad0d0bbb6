// Package e2e writes the scenarios of a model down as a table, for whoever plays
// them on a system that runs: requests as HTTP has them, events as they travel.
package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/testkit/live"
)

// Table writes down the scenarios of stories. The error says what one of them
// writes that cannot be read.
func Table(s *contract.System, sys *services.System, told []*stories.Story) (live.Table, error) {
	var t live.Table
	for _, service := range sys.Services {
		var topics []string
		for _, a := range service.Aggregates {
			topic := a.Topic
			if a.HasPrivate() {
				topic = a.OwnTopic
			}
			topics = append(topics, topic)
		}
		for _, x := range service.Sources {
			topics = append(topics, x.Topic)
		}
		t.Services = append(t.Services, live.Service{Name: service.Dir, Topics: topics})
	}
	w := &writer{contract: s, known: map[string]int{}, hooks: hooks(sys)}
	for _, story := range told {
		if story.Scenario != nil && !story.Scenario.IsLate() {
			t.Scenarios = append(t.Scenarios, w.scenario(story))
		}
	}
	t.History = w.past
	return t, w.err
}

// writer writes scenarios down.
type writer struct {
	contract *contract.System
	past     []live.Past
	known    map[string]int // places in past, by their JSON
	hooks    map[*model.Event]string
	file     string // of the scenario
	err      error  // the first
}

// values reads what a scenario writes for fields, and what of it is not read is
// kept as the error.
func (w *writer) values(list []*model.Value, fields []*model.Field) map[string]any {
	v, err := sim.Values(list, fields...)
	if err != nil && w.err == nil {
		w.err = err
	}
	return v
}

// members are values as members of JSON.
func (w *writer) members(list []*model.Value, fields []*model.Field) live.Values {
	given := w.values(list, fields)
	out := live.Values{}
	for _, f := range w.contract.Object(fields...).Fields {
		if v, there := given[f.Model.Name]; there {
			out[f.Name] = f.Schema.JSON(v)
		}
	}
	return out
}

// place is where something stands, by its path from the document.
func (w *writer) place(p source.Pos) live.Place {
	file := p.Path()
	if dir := path.Dir(w.contract.Model.System.Pos.Path()); dir != "." {
		file = strings.TrimPrefix(file, dir+"/")
	}
	if file == w.file {
		file = ""
	}
	return live.Place{File: file, Line: p.Line, Column: p.Column}
}

func (w *writer) scenario(story *stories.Story) live.Scenario {
	s := story.Scenario
	w.file = ""
	out := live.Scenario{Name: s.Name, At: w.place(s.Pos), Begins: s.Begins().UTC(), History: w.history(story), Answers: w.answers(s.Given)}
	w.file = out.At.File
	for i, step := range s.Steps {
		done := w.step(step)
		if m := step.When; m != nil && m.Do.Command != nil && done.When.Instance != "" {
			done.When.Makes = named(m, story, i+1)
		}
		out.Steps = append(out.Steps, done)
	}
	out.Lacks, out.Makes = lacks(story), made(story)
	for _, step := range out.Steps {
		if step.When != nil && step.When.Makes != "" {
			out.Makes = append(out.Makes, step.When.Makes)
		}
	}
	return out
}

// lacks says what a scenario takes that services do not do yet.
func lacks(story *stories.Story) string {
	for _, m := range story.Transcript.Moments {
		if m.Decided != nil && m.Decided.Command.Open() {
			return m.Decided.Command.Name + " is not generated yet"
		}
	}
	return ""
}

// made are the ids that the interpreter made when commands were decided: services
// make others.
func made(story *stories.Story) []string {
	var out []string
	for _, m := range story.Transcript.Moments {
		if m.Decided != nil && m.Decided.Known != nil {
			out = append(out, m.Decided.Known.IDs...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// named is the id that the interpreter gave to an instance that nobody has named; "":
// somebody has, or there is none.
func named(x *model.When, story *stories.Story, step int) string {
	m := x.Do.Command
	if slices.ContainsFunc(x.With, func(v *model.Value) bool { return v.Field == m.Aggregate.ID }) {
		return ""
	}
	for _, at := range story.Transcript.Moments {
		if d := at.Decided; at.Step == step && d != nil && d.Command == m && d.From == nil && d.Outcome.Rejected == "" {
			return d.ID
		}
	}
	return ""
}

// history are the events that happened before the first step, as the interpreter
// has completed them.
func (w *writer) history(story *stories.Story) []int {
	var out []int
	for _, m := range story.Transcript.Moments {
		if m.Step > 0 {
			break
		}
		if m.Happened == nil {
			continue
		}
		h := m.Happened
		past := live.Past{
			Type: naming.EventType(h.Event), Subject: cmp.Or(h.Instance, keyOf(h.Event, h.Fields)), Sequence: h.Version, Time: h.Time.UTC(),
			Data: w.contract.Object(eventFields(h.Event)...).JSON(h.Fields),
		}
		if h.Event.Version > 1 {
			past.Version = h.Event.Version
		}
		out = append(out, w.number(past))
	}
	return out
}

// number is the place of an event among those that scenarios begin with.
func (w *writer) number(e live.Past) int {
	text, err := json.Marshal(e)
	if err != nil && w.err == nil {
		w.err = err
	}
	n, there := w.known[string(text)]
	if !there {
		n = len(w.past)
		w.known[string(text)], w.past = n, append(w.past, e)
	}
	return n
}

func eventFields(e *model.Event) []*model.Field {
	if e.Aggregate == nil {
		return e.Fields
	}
	return append([]*model.Field{e.Aggregate.ID}, e.Fields...)
}

// answers are how external systems answer from then on.
func (w *writer) answers(given []*model.Given) []live.Answer {
	var out []live.Answer
	for _, g := range given {
		if g.External == nil || g.External.Operation.Operation == nil {
			continue
		}
		op := g.External.Operation.Operation
		a := live.Answer{External: names.Of(&op.External.Node).Go, Operation: names.Of(&op.Node).JSON}
		if len(g.External.With) > 0 {
			a.Script.With = w.members(g.External.With, op.Input)
		}
		switch {
		case g.External.Fails:
			a.Script.Fails = -1
		case len(op.Reply) > 0:
			reply := sim.UsualReply(op)
			for name, v := range w.values(g.External.Reply, op.Reply) {
				reply[name] = v
			}
			a.Script.Reply = w.contract.Object(op.Reply...).JSON(reply)
		}
		if g.External.Slow > 0 {
			a.Script.Delay = g.External.Slow.String()
		}
		out = append(out, a)
	}
	return out
}

func (w *writer) step(s *model.ScenarioStep) live.Step {
	out := live.Step{
		At: w.place(s.Pos), Faults: faults(s.Faults), Answers: w.answers(s.Given), Recover: faults(s.Recover), Advance: int64(s.Advance),
	}
	if s.When != nil {
		var fields []*model.Field // of a row
		out.When, fields = w.when(s.When)
		out.Then = w.then(s.Then, s.When.Do.Command, fields)
	}
	for _, e := range s.Eventually {
		out.Eventually = append(out.Eventually, w.expectation(e))
	}
	return out
}

func faults(list []*model.Fault) []live.Fault {
	var out []live.Fault
	for _, f := range list {
		if f.Context != nil {
			out = append(out, live.Fault{Service: naming.Dir(f.Context), Up: f.Up})
		} else if f.External != nil {
			out = append(out, live.Fault{External: names.Of(&f.External.Node).Go, Up: f.Up})
		}
	}
	return out
}

// when is what somebody does, and the fields of the rows that answer it.
func (w *writer) when(x *model.When) (*live.When, []*model.Field) {
	out := &live.When{At: w.place(x.Pos)}
	out.Subject, out.Roles = sim.Who(x)
	out.Inside = len(out.Roles) == 0
	if x.By != nil && x.By.Actor != nil {
		actor := x.By.Actor
		out.Claims = sample.Said([]*model.Actor{actor}, out.Roles, w.values(x.Says, actor.Claims))
	}
	switch {
	case x.Event != nil:
		e := x.Event.Event
		out.Does, out.Service, out.Inside = x.Event.Text, naming.Dir(e.Home()), false
		out.Tells = w.tells(e, x.With, out.At)
	case x.State != nil:
		a := x.State
		out.Service, out.Method, out.Single = naming.Dir(a.Context), http.MethodGet, true
		out.Path = naming.ResourcePath(a) + "/" + url.PathEscape(fmt.Sprint(w.values(x.With, []*model.Field{a.ID})[a.ID.Name]))
		return out, append([]*model.Field{a.ID}, a.State...)
	case x.Do.Query != nil:
		w.query(out, x)
		return out, x.Do.Query.View.Fields
	case x.View != nil:
		out.Service, out.Method, out.Path = naming.Dir(x.View.Context), http.MethodGet, naming.ViewPath(x.View)
		if out.Inside {
			out.Path = naming.InternalView(x.View)
		}
		return out, x.View.Fields
	case x.Do.Command != nil:
		w.command(out, x)
	}
	return out, nil
}

func (w *writer) query(out *live.When, x *model.When) {
	q := x.Do.Query
	out.Service, out.Method = naming.Dir(q.View.Context), http.MethodGet
	given := w.values(x.With, q.Takes())
	input := w.contract.Object(q.Takes()...)
	if out.Inside {
		out.Method, out.Path, out.Body = http.MethodPost, naming.InternalQuery(q), input.JSON(given)
		return
	}
	params := url.Values{}
	for _, f := range input.Fields {
		v, there := given[f.Model.Name]
		if !there || v == nil {
			continue
		}
		name := f.Name
		if !slices.Contains(q.Input, f.Model) {
			name = "q" // the words that are searched for
		}
		if list, several := v.([]any); several {
			for _, item := range list {
				params.Add(name, plain(f.Schema.Items.JSON(item)))
			}
			continue
		}
		params.Set(name, plain(f.Schema.JSON(v)))
	}
	if out.Path = naming.QueryPath(q); len(params) > 0 {
		out.Path += "?" + params.Encode()
	}
}

func (w *writer) command(out *live.When, x *model.When) {
	m := x.Do.Command
	a := m.Aggregate
	fields := append([]*model.Field{a.ID}, m.Input...)
	given := w.values(x.With, fields)
	input := w.contract.Object(fields...)
	out.Does, out.Service = m.Name, naming.Dir(a.Context)
	out.Events, out.Instance = eventsOf(a), contract.JSON(a.ID)
	body := map[string]json.RawMessage{}
	for _, f := range input.Fields {
		if v, there := given[f.Model.Name]; there {
			body[f.Name] = f.Schema.JSON(v)
		}
	}
	route := naming.CommandRoute(m)
	if out.Inside || route == nil || len(m.Actors) == 0 {
		out.Method, out.Path = http.MethodPost, naming.InternalCommand(m)
		if !out.Inside { // nobody may: there is no such path
			out.Path = naming.ResourcePath(a) + naming.InternalCommand(m)
		}
	} else {
		out.Method, out.Path = route.Method, route.Path
		for _, name := range naming.Wildcards(route.Path) {
			out.Path = strings.ReplaceAll(out.Path, "{"+name+"}", url.PathEscape(plain(body[name])))
			delete(body, name)
		}
	}
	text, err := json.Marshal(body)
	if err != nil && w.err == nil {
		w.err = err
	}
	out.Body = text
}

// eventsOf is how the types of the events of an aggregate begin.
func eventsOf(a *model.Aggregate) string {
	if len(a.Events) == 0 {
		return names.Of(&a.Context.Node).Kebab + "."
	}
	t := naming.EventType(a.Events[0])
	return t[:strings.LastIndexByte(t, '.')+1]
}

// plain is a scalar of JSON as it stands in a URL.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

func (w *writer) then(t *model.Then, m *model.Command, row []*model.Field) *live.Then {
	if t == nil {
		return nil
	}
	out := &live.Then{At: w.place(t.Pos)}
	switch {
	case t.Rejected.Value != "":
		out.At, out.Rejected = w.place(t.Rejected.Pos), contract.CalleeCode(m, t.Rejected.Value)
	case t.Rows != nil:
		out.Rows = []live.Values{}
		for _, r := range t.Rows {
			out.Rows = append(out.Rows, w.members(r.Values, row))
		}
	case t.Events != nil:
		out.Happened = []live.Expectation{}
		for _, e := range t.Events {
			out.Happened = append(out.Happened, w.expectation(e))
		}
	}
	return out
}

func (w *writer) expectation(e *model.Expectation) live.Expectation {
	out := live.Expectation{At: w.place(e.Pos), Text: sim.Written(e), Times: e.Times}
	switch {
	case e.Event != nil && e.Event.Event != nil:
		out.Event, out.With = naming.EventType(e.Event.Event), w.members(e.With, eventFields(e.Event.Event))
	case e.View != nil && e.View.View != nil:
		v := e.View.View
		out.View, out.With = &live.In{Of: naming.Dir(v.Context), Name: naming.InternalView(v)}, w.members(e.With, v.Fields)
	case e.State != nil && e.State.Aggregate != nil:
		a := e.State.Aggregate
		out.State = &live.In{Of: naming.Dir(a.Context), Name: names.Kept(&a.Node).Go}
		out.With = w.members(e.With, append([]*model.Field{a.ID}, a.State...))
	case e.Called != nil && e.Called.Operation != nil:
		op := e.Called.Operation
		out.Called = &live.In{Of: names.Of(&op.External.Node).Go, Name: names.Of(&op.Node).JSON}
		out.With = w.members(e.With, op.Input)
	}
	return out
}
