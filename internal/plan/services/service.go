package services

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Service is one bounded context as a Go module.
type Service struct {
	Name         names.Name
	Title        quote.Text
	Description  quote.Text
	System       *System
	Dir          string // services/<Dir>, and the binary's name
	Module       string // Go module path
	Group        string // Kafka consumer group: <system>.<context>
	Types        []TypeDef
	Aggregates   []*Aggregate
	Views        []*View
	Policies     []*Policy
	Upstreams    []*Upstream   // contexts whose events are heard
	Dependencies []*Dependency // contexts and external systems that are called
	Topics       []string      // consumed
	AllTopics    []string      // consumed, or written to
	Undos        []*Method     // compensations of calls
	GRPC         bool          // it is offered over gRPC, too
	Projects     bool          // some read model is kept by events that come over Kafka

	Context  *model.Context
	appNames names.Unique // methods and fields of App
	types    *typeNames
	aggs     map[*model.Aggregate]*Aggregate
	views    map[*model.View]*View
}

// service plans the frame of a service; fill plans what is in it, once all
// frames stand, because services refer to one another.
func (b *builder) service(sys *System, c *model.Context) *Service {
	n := names.Of(&c.Node)
	s := &Service{
		Name: n, Title: c.Called(), Description: c.Description, System: sys,
		Dir: n.Kebab, Module: sys.Module + "/services/" + n.Kebab,
		Group: sys.ID + "." + n.Kebab,
		GRPC:  c.GRPC, Context: c, types: newTypeNames(c),
		aggs: map[*model.Aggregate]*Aggregate{}, views: map[*model.View]*View{},
	}
	taken := names.Unique{}
	for _, a := range c.Aggregates {
		p := &Aggregate{
			Service: s, Name: names.Of(&a.Node), Title: a.Called(),
			Package: taken.Take(names.Package(&a.Node, "aggregate"), "aggregate"),
			Model:   a, handlers: map[*model.Command]string{},
		}
		p.Topic = contract.Topic(b.model.System, a)
		s.aggs[a] = p
		s.Aggregates = append(s.Aggregates, p)
	}
	for _, v := range c.Views {
		if b.model.Incomplete[&v.Node] {
			continue
		}
		p := &View{Service: s, Name: names.Of(&v.Node), Title: v.Called(), Model: v}
		s.views[v] = p
		s.Views = append(s.Views, p)
	}
	return s
}

// fill plans everything a service is made of.
func (b *builder) fill(s *Service) {
	b.useTypes(s)
	s.nameApp()
	for _, a := range s.Aggregates {
		b.aggregate(a)
	}
	for _, v := range s.Views {
		b.view(v)
	}
	b.policies(s)
	b.upstreams(s)
	b.wire(s)
	s.Types = b.typeDefs(s.types)
}

// Rebuildable lists the read models that are kept by events from Kafka.
func (s *Service) Rebuildable() []*View {
	var out []*View
	for _, v := range s.Views {
		if !v.Inline && len(v.Projections) > 0 {
			out = append(out, v)
		}
	}
	return out
}

// wire collects what main and the adapters put together.
func (b *builder) wire(s *Service) {
	for _, d := range s.Dependencies {
		for _, m := range d.Methods {
			if m.Undo {
				s.Undos = append(s.Undos, m)
			}
		}
	}
	for _, v := range s.Views {
		s.Projects = s.Projects || !v.Inline && len(v.Projections) > 0
		if !v.Inline {
			continue
		}
		for _, p := range v.Projections {
			owner := s.aggs[p.Event.Aggregate.Model]
			owner.Inline = append(owner.Inline, p)
		}
	}
	all := append([]string(nil), s.Topics...)
	for _, a := range s.Aggregates {
		all = append(all, a.Topic)
		if hasPrivate(a.Model) {
			all = append(all, a.Topic+".private")
		}
	}
	slices.Sort(all)
	s.AllTopics = slices.Compact(all)
}

// nameApp gives repositories, tables and handlers their names in App.
func (s *Service) nameApp() {
	s.appNames = names.Unique{}
	for _, a := range s.Aggregates {
		a.Repo = s.appNames.Take(a.Name.Many(), "Repository")
	}
	for _, v := range s.Views {
		v.Repo = s.appNames.Take(v.Name.Many(), "View")
	}
	for _, a := range s.Aggregates {
		for _, c := range a.Model.Commands {
			a.handlers[c] = s.appNames.Take(names.Of(&c.Node).Go, a.Name.Go)
		}
	}
}

// useTypes gives names to the context's own types first, so that a foreign
// type of the same name is the one that is renamed.
func (b *builder) useTypes(s *Service) {
	b.readRows(s)
	for _, d := range s.Context.Types {
		s.types.use(&model.Type{Kind: model.Named, Def: d})
	}
	for _, a := range s.Context.Aggregates {
		s.types.useFields(a.State)
		for _, c := range a.Commands {
			s.types.useFields(c.Input)
			for _, call := range c.Calls {
				s.types.useFields(b.replyFields(c, call))
				for _, x := range b.model.Calls[call].Assigns {
					s.types.use(x.Field.Type)
				}
			}
		}
		for _, e := range a.Events {
			s.types.useFields(e.Fields)
		}
	}
	for _, v := range s.Context.Views {
		s.types.useFields(v.Fields)
		for _, q := range v.Queries {
			s.types.useFields(q.Input)
		}
	}
	for _, e := range b.heard(s.Context) {
		s.types.useFields(b.heardFields(s.Context, e))
	}
	for _, p := range s.Context.Policies {
		for _, r := range p.Then {
			for _, x := range b.model.Reactions[r].Assigns {
				s.types.use(x.Field.Type)
			}
		}
	}
}

// heard lists the events the policies and views of a context listen to, in the
// order of the model, each once.
func (b *builder) heard(c *model.Context) []*model.Event {
	var out []*model.Event
	seen := map[*model.Event]bool{}
	add := func(e *model.Event) {
		if e != nil && e.Aggregate != nil && !b.model.Incomplete[&e.Node] && !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	for _, p := range c.Policies {
		if p.Window != nil {
			continue
		}
		for _, w := range p.Whenever {
			add(w.Event)
		}
	}
	for _, v := range c.Views {
		for _, f := range v.From {
			add(f.Event.Event)
		}
	}
	return out
}

// Upstream is another context whose events this one hears.
type Upstream struct {
	Service *Service // that hears
	Name    names.Name
	Title   quote.Text
	Package string
	Events  []*Event
}

func (b *builder) upstreams(s *Service) {
	byContext := map[*model.Context]*Upstream{}
	for _, e := range b.heard(s.Context) {
		c := e.Aggregate.Context
		if c == s.Context {
			continue
		}
		u := byContext[c]
		if u == nil {
			u = &Upstream{Service: s, Name: names.Of(&c.Node), Title: c.Called(), Package: upstreamPackage(c)}
			byContext[c] = u
			s.Upstreams = append(s.Upstreams, u)
		}
		u.Events = append(u.Events, b.heardEvent(gotypes{s.types, u.Package}, s.Context, e))
	}
}

func upstreamPackage(c *model.Context) string {
	return strings.ReplaceAll(names.Of(&c.Node).Snake, "_", "") + "events"
}
