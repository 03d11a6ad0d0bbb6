// Package proof tells the histories of "esgen prove" what there is in a system:
// its services and topics, the commands that actors can give and what these
// take, the steps of its sagas. Package testkit/proof reads it.
package proof

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/model"
)

// System is what is told, as JSON, with the table of scenarios that histories vary,
// as plan/e2e makes it.
func System(sys *services.System, played any) ([]byte, error) {
	t := teller{model: sys.Model, sampler: sample.New(sys.Model), automatic: automatic(sys.Model)}
	out := system{ID: sys.ID, Externals: []route{}, Played: played}
	for _, x := range sys.Externals {
		for _, o := range x.Operations {
			out.Externals = append(out.Externals, route{x.Name.Go, o.Name.JSON, o.Method, o.Path, o.Reply})
		}
	}
	for _, s := range sys.Services {
		out.Services = append(out.Services, t.service(s))
		for _, a := range s.Aggregates {
			for _, c := range a.Commands {
				if c.Path != "" && len(c.Roles) > 0 && !c.Custom {
					out.Commands = append(out.Commands, t.command(s, a, c))
				}
			}
		}
		for _, g := range s.Sagas {
			told := saga{Name: g.ID, Service: s.Dir}
			for _, step := range g.Steps {
				told.Steps = append(told.Steps, stepOf(step))
			}
			out.Sagas = append(out.Sagas, told)
		}
	}
	out.Calls = calls(sys)
	out.Duties = t.duties(sys)
	for event, n := range t.reactions(sys) {
		out.Reactions = append(out.Reactions, reaction{event, n})
	}
	slices.SortFunc(out.Reactions, func(a, b reaction) int {
		if a.Event < b.Event {
			return -1
		}
		return 1
	})
	return json.MarshalIndent(out, "", "  ")
}

// What is told, as package testkit/proof reads it.
type (
	system struct {
		ID        string     `json:"id"`
		Services  []service  `json:"services"`
		Externals []route    `json:"externals"`
		Commands  []command  `json:"commands"`
		Sagas     []saga     `json:"sagas"`
		Reactions []reaction `json:"reactions"`
		Played    any        `json:"played"`
		Calls     []call     `json:"calls"`
		Duties    []duty     `json:"duties"`
	}
	route   struct{ External, Operation, Method, Path, Reply string }
	service struct {
		Name       string            `json:"name"`
		Group      string            `json:"group"`
		Topics     []string          `json:"topics"`
		Asks       map[string]string `json:"asks"`
		Told       map[string]string `json:"told,omitempty"`
		Aggregates []aggregate       `json:"aggregates"`
		Views      []view            `json:"views,omitempty"`
	}
	aggregate struct {
		Name    string   `json:"name"`
		Topic   string   `json:"topic"`
		Own     string   `json:"own"`
		Table   string   `json:"table"`
		Type    string   `json:"type"`
		Private []string `json:"private,omitempty"`
	}
	command struct {
		Name      string   `json:"name"`
		Service   string   `json:"service"`
		Aggregate string   `json:"aggregate"`
		Creates   bool     `json:"creates"`
		Upsert    bool     `json:"upsert"`
		Method    string   `json:"method"`
		Path      string   `json:"path"`
		InPath    []string `json:"inPath"`
		ID        string   `json:"id"`
		Self      bool     `json:"self"`
		Roles     []string `json:"roles"`
		Fields    []field  `json:"fields"`
	}
	field struct {
		Name string `json:"name"`
		Type typ    `json:"type"`
	}
	typ struct {
		Kind    string            `json:"kind"`
		Of      string            `json:"of,omitempty"`
		Elem    *typ              `json:"elem,omitempty"`
		Fields  []field           `json:"fields,omitempty"`
		Samples []json.RawMessage `json:"samples,omitempty"`
	}
	saga struct {
		Name    string     `json:"name"`
		Service string     `json:"service"`
		Steps   []sagaStep `json:"steps"`
	}
	sagaStep struct {
		Undo  bool `json:"undo"`
		There bool `json:"there"`
		Pivot bool `json:"pivot"`
	}
	view struct {
		Name  string `json:"name"`
		Table string `json:"table"`
	}
	reaction struct {
		Event string `json:"event"`
		Most  int    `json:"most"`
	}
)

type teller struct {
	model     *check.Model
	sampler   sample.Sampler
	automatic map[*model.Command]int
}

// automatic counts the policies and steps of sagas that give a command.
func automatic(m *check.Model) map[*model.Command]int {
	out := map[*model.Command]int{}
	for _, c := range m.Contexts {
		for _, p := range c.Policies {
			for _, r := range p.Then {
				out[r.Do.Command]++
				if r.OnRejected != nil {
					out[r.OnRejected.Command]++
				}
			}
		}
		for _, g := range c.Sagas {
			for _, s := range g.Steps {
				out[s.Do.Command]++
			}
		}
	}
	return out
}

// reactions are how many effects of a type of event one message may have.
func (t teller) reactions(sys *services.System) map[string]int {
	out := map[string]int{}
	for _, s := range sys.Services {
		for _, a := range s.Aggregates {
			for _, c := range a.Commands {
				seen := map[*model.Event]bool{}
				for _, e := range c.Model.Emits {
					if e.Event.Event != nil && !seen[e.Event.Event] {
						seen[e.Event.Event] = true
						out[a.TypePrefix+"."+names.Kept(&e.Event.Event.Node).Go] += t.automatic[c.Model]
					}
				}
			}
		}
	}
	maps.DeleteFunc(out, func(_ string, n int) bool { return n < 2 })
	return out
}

// stepOf tells of a step what can be seen of it from outside. One that is undone
// where it is done is known there as undone.
func stepOf(s *services.Step) sagaStep {
	there := s.Undo != nil && s.Await == "" && s.Command != "" && s.Undo.Command != "" && s.Topic == s.Undo.Topic
	return sagaStep{Undo: s.Undo != nil, There: there, Pivot: s.Pivot}
}

// owned is what must be the id of whoever gives a command.
type owned struct {
	instance bool
	fields   []*model.Field
}

// ownedBy finds what a condition compares with the actor's id.
func ownedBy(allow *expr.Tree) (out owned) {
	expr.Walk(allow, func(t *expr.Tree) {
		if t.Op != expr.Binary || t.Ident != "==" || !slices.ContainsFunc(t.Args, meaning.IsSubject) {
			return
		}
		for _, a := range t.Args {
			switch {
			case a.Op == expr.Name && a.Ident == "id":
				out.instance = true
			case a.Op == expr.Select && a.Args[0].Op == expr.Name && a.Args[0].Ident == "input":
				out.fields = append(out.fields, a.Field)
			}
		}
	})
	return out
}

func (t teller) service(s *services.Service) service {
	out := service{Name: s.Dir, Group: s.Group, Topics: s.Topics, Asks: map[string]string{}}
	if s.Keys() {
		out.Told = map[string]string{naming.PersonalDataKey: s.DevelopmentKey()}
	}
	for _, d := range s.Dependencies {
		out.Asks[d.Env] = d.Dir
	}
	for _, x := range s.Webhooks() {
		if out.Told == nil {
			out.Told = map[string]string{}
		}
		out.Told[x.Webhook.Env] = x.DevelopmentSecret()
	}
	for _, a := range s.Aggregates {
		told := aggregate{Name: a.Known, Topic: a.Topic, Own: a.OwnTopic, Table: a.Table, Type: a.TypePrefix}
		for _, e := range a.Model.Events {
			if e.Private {
				told.Private = append(told.Private, naming.EventType(e))
			}
		}
		out.Aggregates = append(out.Aggregates, told)
	}
	for _, v := range s.Rebuildable() {
		out.Views = append(out.Views, view{v.Known, v.Table})
	}
	return out
}

func (t teller) command(s *services.Service, a *services.Aggregate, c *services.Command) command {
	own := ownedBy(t.model.Trees[c.Model.Allow])
	out := command{
		Name: c.FullName, Self: own.instance, Service: s.Dir, Aggregate: a.Known, Creates: c.Model.Creates != model.Existing, Upsert: c.Model.Creates == model.Upsert,
		Method: c.Method, Path: c.Path, ID: a.ID.JSON, Roles: c.Roles, Fields: t.fields(c.Model.Input, 0),
	}
	for i, f := range c.Model.Input {
		if slices.Contains(own.fields, f) {
			out.Fields[i].Type = typ{Kind: person}
		}
	}
	for _, p := range c.PathFields {
		out.InPath = append(out.InPath, p.Name)
	}
	return out
}

// deepest ends types that have themselves in them.
const deepest = 4

func (t teller) fields(list []*model.Field, depth int) (out []field) {
	for _, f := range list {
		out = append(out, field{names.JSON(&f.Node), t.typ(f, f.Type, depth)})
	}
	return out
}

// The kinds of types, as package testkit/proof has them.
const (
	value     = "value"
	moment    = "moment"
	person    = "person"
	reference = "reference"
	optional  = "optional"
	list      = "list"
	mapping   = "map"
	object    = "object"
)

func (t teller) typ(f *model.Field, of *model.Type, depth int) typ {
	elem := func(kind string) typ {
		e := t.typ(f, of.Elem, depth)
		return typ{Kind: kind, Elem: &e}
	}
	switch {
	case of.Kind == model.Optional:
		return elem(optional)
	case of.Kind == model.List:
		return elem(list)
	case of.Kind == model.Map:
		return elem(mapping)
	case of.IsObject() && depth < deepest:
		return typ{Kind: object, Fields: t.fields(of.Def.Fields, depth+1)}
	case of.IsObject():
		return typ{Kind: value}
	case of.Scalar().Kind == model.Ref:
		return typ{Kind: reference, Of: names.Kept(&of.Scalar().Aggregate.Node).Go}
	case of.Scalar().Kind == model.ID:
		return typ{Kind: person}
	case of.Scalar().Kind == model.Time:
		return typ{Kind: moment, Samples: moments}
	}
	own := *f
	own.Type = of
	all := t.sampler.Choices(&own)
	return typ{Kind: value, Samples: all[:min(len(all), mostSamples)]}
}

// mostSamples keeps values few: instances meet by them.
const mostSamples = 5

// moments are how many seconds after the beginning of a history times are.
var moments = []json.RawMessage{json.RawMessage("-3600"), json.RawMessage("5"), json.RawMessage("20"), json.RawMessage("60")}
