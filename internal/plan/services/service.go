package services

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
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
	Host         string // in a cluster and in compose
	Env          string // variable that tells others its address
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
	app      *naming.Space // methods and fields of App
	clients  *naming.Space // types and functions of package clients
	asks     *naming.Space // methods of all clients
	locals   *naming.Space // variables of main and of the tests
	packages *naming.Space
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
		Dir: naming.Dir(c), Module: sys.Module + "/services/" + naming.Dir(c),
		Host: naming.HostOf(sys.Model.System, c), Env: naming.ContextAddress(sys.Model.System, c),
		Group: naming.GroupOf(sys.Model.System, c),
		GRPC:  c.GRPC, Context: c, types: newTypeNames(sys, c),
		aggs: map[*model.Aggregate]*Aggregate{}, views: map[*model.View]*View{},
	}
	s.spaces()
	for _, a := range c.Aggregates {
		p := &Aggregate{
			Service: s, Name: names.Of(&a.Node), Title: a.Called(),
			Package: s.packages.Take(names.Package(&a.Node, "aggregate"), "aggregate", naming.By(&a.Node)),
			Model:   a, handlers: map[*model.Command]string{}, goNames: map[*model.Node]string{},
		}
		p.Topic = naming.TopicOf(b.model.System, a)
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
	b.nameHeard(s)
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
	s.nameGlue()
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
		if a.HasPrivate() {
			all = append(all, naming.PrivateTopic(b.model.System, a.Model))
		}
	}
	slices.Sort(all)
	s.AllTopics = slices.Compact(all)
}

// space are the names of one package of the service, or of one of its types.
func (s *Service) space(kind naming.Kind, of string) *naming.Space {
	return s.System.Names.In(kind, s.Dir+"/"+of)
}

// spaces makes room for what every service has.
func (s *Service) spaces() {
	s.packages = s.space(naming.Package, "internal")
	for name := range s.Imports(StandardImports("")) {
		s.packages.Add(name)
	}
	s.app = s.space(naming.Member, "internal/app.App").Add("DB", "Log", "Projections")
	s.clients = s.space(naming.Go, "internal/adapters/clients")
	s.asks = s.space(naming.Member, "internal/adapters/clients").Add("Dependencies")
	s.locals = s.space(naming.Member, "cmd.run").Add("a", "cfg", "client", "clientOptions", "clients", "config", "consumer", "ctx", "db", "err", "main", "methods",
		"options", "others", "out", "requests", "router", "run", "s", "stop", "t", "tel")
}

// nameGlue enters what is called after names that were taken, or as in every
// service.
func (s *Service) nameGlue() {
	app := s.space(naming.Go, "internal/app").Add("App", "Projections")
	for _, p := range s.Policies {
		if p.Common != nil {
			app.Declare(p.Common.Name, naming.By(&p.Model.Node))
		}
		for _, a := range p.Then {
			if a.Operation != nil {
				app.Declare(a.Request.Name, naming.By(&p.Model.Node))
			}
		}
	}
	for _, d := range s.Dependencies {
		app.Declare(d.Interface, naming.By(d.of))
	}
	s.space(naming.Go, "internal/types").Add("mustZone")
	s.space(naming.Go, "internal/adapters/kafka").Add("Subscribe", "project")
	rest, sql := s.space(naming.Go, "internal/adapters/rest").Add("Routes"), s.space(naming.Go, "internal/adapters/sql")
	rpc := s.space(naming.Go, "internal/adapters/grpc").Add("New", "contract")
	for _, a := range s.Aggregates {
		rest.Declare(a.RoutesFunc, naming.By(&a.Model.Node))
		sql.Declare(a.Repo, naming.By(&a.Model.Node))
		rpc.Declare(a.ServeFunc(), naming.By(&a.Model.Node))
	}
	for _, v := range s.Views {
		rest.Declare(v.RoutesFunc, naming.By(&v.Model.Node))
		sql.Declare(v.Repo, naming.By(&v.Model.Node))
		rpc.Declare(v.ServeFunc(), naming.By(&v.Model.Node))
	}
	s.space(naming.Go, "cmd/"+s.Dir).Add("config", "main", "run")
}

// nameApp gives repositories, tables and handlers their names in App.
func (s *Service) nameApp() {
	for _, a := range s.Aggregates {
		a.Repo = s.app.Take(naming.Instances(a.Model).Go, "Repository", naming.By(&a.Model.Node))
	}
	rows := s.space(naming.Go, "internal/readmodel")
	for _, v := range s.Views {
		rows.Declare(v.Name.Go, naming.By(&v.Model.Node)) // before what goes with it
		v.Repo = s.app.Take(naming.Rows(v.Model).Go, "View", naming.By(&v.Model.Node))
	}
	for _, a := range s.Aggregates {
		for _, c := range a.Model.Commands {
			a.handlers[c] = s.app.Take(names.Of(&c.Node).Go, a.Name.Go, naming.By(&c.Node))
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

	context *model.Context
	events  map[*model.Event]string // Go types
}

// upstream finds or adds the context that an event of elsewhere is heard from.
func (s *Service) upstream(c *model.Context) *Upstream {
	for _, u := range s.Upstreams {
		if u.context == c {
			return u
		}
	}
	u := &Upstream{
		Service: s, Name: names.Of(&c.Node), Title: c.Called(), context: c, events: map[*model.Event]string{},
		Package: s.packages.Take(strings.ReplaceAll(names.Of(&c.Node).Snake, "_", "")+"events", "heard", naming.By(&c.Node)),
	}
	s.Upstreams = append(s.Upstreams, u)
	return u
}

// nameHeard gives events of elsewhere their names: events of two aggregates may
// be called alike.
func (b *builder) nameHeard(s *Service) {
	for _, e := range b.heard(s.Context) {
		if c := e.Aggregate.Context; c != s.Context {
			u := s.upstream(c)
			u.events[e] = s.space(naming.Go, "internal/upstream/"+u.Package).Take(names.Of(&e.Node).Go, "Of"+names.Of(&e.Aggregate.Node).Go, naming.By(&e.Node))
		}
	}
}

func (b *builder) upstreams(s *Service) {
	for _, e := range b.heard(s.Context) {
		if c := e.Aggregate.Context; c != s.Context {
			u := s.upstream(c)
			heard := b.heardEvent(gotypes{s.types, u.Package}, s.Context, e)
			heard.Name = u.events[e]
			u.Events = append(u.Events, heard)
		}
	}
}
