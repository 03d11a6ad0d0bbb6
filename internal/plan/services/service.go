package services

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Service is one bounded context as a Go module.
type Service struct {
	Name          names.Name
	Title         quote.Text
	Description   quote.Text
	System        *System
	Dir           string // services/<Dir>, and the binary's name
	Host          string // in a cluster and in compose
	Env           string // variable that tells others its address
	Module        string // Go module path
	Group         string // Kafka consumer group: <system>.<context>
	Source        string // of its messages, as CloudEvents have it: /<system>/<context>
	Types         []TypeDef
	Aggregates    []*Aggregate
	Views         []*View
	Policies      []*Policy
	Sagas         []*Saga
	Orders        []*Order      // commands that sagas give
	Upstreams     []*Upstream   // contexts and external systems whose events are heard
	Sources       []*Source     // external systems whose events are taken in
	Dependencies  []*Dependency // contexts and external systems that are called
	Topics        []string      // consumed
	AllTopics     []string      // consumed, or written to
	TimersTopic   string        // on which it tells itself that a policy's time has come; "": none waits
	Cancels       bool          // sagas tell it of commands that they do not want any longer
	CommandsTopic string        // on which sagas ask it; "": none does
	RepliesTopic  string        // on which its sagas are answered; "": it has none
	SagaTopics    []string      // these two
	Asks          []string      // topics on which it asks others for its sagas, and answers theirs
	Windows       bool          // some policy looks at the events of the last while
	Undos         []*Method     // compensations of calls
	GRPC          bool          // it is offered over gRPC, too
	Documents     bool          // it keeps its data in a database of documents; its tests do in tables
	Documented    bool          // it tells actors what it answers
	Renamed       []Renamed     // routes of before, and which took their places
	Projects      bool          // some read model is kept by events that come over Kafka
	Migrates      bool          // older releases have stored something otherwise

	// What people write in Go: what events of others mean here, and how operations of
	// external systems are asked.
	Translations []*Translation
	Askings      []*Asking

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
		Group: naming.GroupOf(sys.Model.System, c), Source: "/" + sys.ID + "/" + n.Kebab,
		GRPC: c.GRPC, Documents: b.model.Deployment(c).Database == model.MongoDB, Context: c, types: newTypeNames(sys, c),
		aggs: map[*model.Aggregate]*Aggregate{}, views: map[*model.View]*View{},
	}
	if offered := b.contracts.Service(c); offered != nil {
		s.Documented = offered.Public()
		s.Renamed = renamed(offered)
	}
	b.sagaTopics(s)
	if naming.HasTimers(c) || s.RepliesTopic != "" {
		s.TimersTopic = naming.TimersTopic(sys.Model.System, c)
	}
	s.Windows = slices.ContainsFunc(c.Policies, func(p *model.Policy) bool { return p.Window != nil })
	s.spaces()
	for _, a := range c.Aggregates {
		p := &Aggregate{
			Service: s, Name: names.Of(&a.Node), Known: names.Kept(&a.Node).Go, Title: a.Called(),
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
		p := &View{Service: s, Name: names.Of(&v.Node), Known: naming.ListenerName(&v.Node), Title: v.Called(), Model: v}
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
	b.sagas(s)
	b.upstreams(s)
	b.sources(s)
	b.wire(s)
	s.Types = b.typeDefs(s.types)
	s.nameGlue()
}

// Called is the service's Go name with what the business calls it.
func (s *Service) Called() quote.Text { return Called(s.Name.Go, &s.Context.Node) }

// Go reports whether it is written in Go.
func (s *Service) Go() bool { return s.Context.Language != model.InPython }

// Page is its page of the catalogue.
func (s *Service) Page() string { return naming.PageOf(s.Context) }

// Does says what a service does beside being asked, in words.
func (s *Service) Does() string {
	var does []string
	if len(s.Aggregates) > 0 {
		does = append(does, "runs commands")
	}
	if s.Reacts() {
		does = append(does, "reacts to events")
	}
	if len(s.Views) > 0 {
		does = append(does, "keeps read models")
	}
	if n := len(does); n > 1 {
		does = append(does[:n-2], does[n-2]+" and "+does[n-1])
	}
	return strings.Join(does, ", ")
}

// Hears reports whether it hears of events at all, its own or those of others.
func (s *Service) Hears() bool {
	return len(s.Policies)+len(s.SagaTopics) > 0 || len(s.Rebuildable()) > 0 || len(s.ForeignTopics()) > 0
}

// Reacts reports whether the app does something when a message comes.
func (s *Service) Reacts() bool { return len(s.Policies) > 0 || s.CommandsTopic != "" }

// Clocks lists the policies that act at times of the clock.
func (s *Service) Clocks() []*Policy {
	return slices.DeleteFunc(slices.Clone(s.Policies), func(p *Policy) bool { return p.Clock == nil })
}

// Documented are the services that keep their data in a database of documents.
func (s *System) Documented() []*Service {
	return slices.DeleteFunc(slices.Clone(s.Services), func(v *Service) bool { return !v.Documents })
}

// Keeps reports whether what hears of events keeps something besides what
// commands change.
func (s *Service) Keeps() bool {
	return s.Projects || s.Keys() || s.TimersTopic != "" || s.Windows || len(s.SagaTopics) > 0
}

// Decided reports whether people decide something of it in Go.
func (s *Service) Decided() bool {
	return len(s.Translations)+len(s.Decisions())+len(s.Askings) > 0 || slices.ContainsFunc(s.Context.Policies, func(p *model.Policy) bool { return p.Custom }) ||
		slices.ContainsFunc(s.Context.Aggregates, func(a *model.Aggregate) bool {
			return slices.ContainsFunc(a.Commands, func(m *model.Command) bool { return m.Custom })
		})
}

// Followed are the aggregates that read models follow at once.
func (s *Service) Followed() []*Aggregate {
	return slices.DeleteFunc(slices.Clone(s.Aggregates), func(a *Aggregate) bool { return len(a.Inline) == 0 })
}

// HasMore reports whether it does more than answer.
func (s *Service) HasMore() bool {
	return s.Hears() || len(s.Undos) > 0 || s.Tells() || s.Keys() || len(s.Sources) > 0
}

// Tells reports whether it tells what changes in views.
func (s *Service) Tells() bool {
	return slices.ContainsFunc(s.Context.Views, func(v *model.View) bool {
		return v.Stream && len(v.Actors) > 0 && !s.System.Model.Incomplete[&v.Node]
	})
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
	all := slices.Concat(s.Topics, s.Asks)
	for _, x := range s.Sources {
		all = append(all, x.Topic)
		if x.Foreign != nil {
			s.Topics = append(s.Topics, x.Foreign.Name) // which is made by whom it belongs to
		}
	}
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
	s.app = s.space(naming.Member, "internal/app.App").Add("App", "Log", "Tables")
	if s.TimersTopic != "" {
		s.app.Add("Timers")
	}
	if s.Windows {
		s.app.Add("Windows")
	}
	if s.Keys() {
		s.app.Add("Persons", "Places")
	}
	if len(s.SagaTopics) > 0 {
		s.app.Add("Sagas", "Orders")
	}
	if s.Tells() {
		s.app.Add("Changes")
	}
	s.space(naming.Go, "internal/app").Add("App")
	s.clients = s.space(naming.Go, "internal/adapters/clients")
	s.asks = s.space(naming.Member, "internal/adapters/clients").Add("Dependencies")
	s.locals = s.space(naming.Member, "cmd.run").Add("a", "asking", "cfg", "client", "clients", "config", "consumer", "ctx", "db", "err", "fixture", "given", "kept", "persons", "log", "main", "methods",
		"others", "out", "requests", "router", "run", "s", "stop", "t", "tel")
}

// nameGlue enters what is called after names that were taken, or as in every
// service.
func (s *Service) nameGlue() {
	app := s.space(naming.Go, "internal/app")
	for _, p := range s.Policies {
		if p.ByHand != nil {
			continue // that is in a package of its own
		}
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
	s.space(naming.Go, "internal/adapters/kafka").Add("Subscribe", "Clocks")
	rest, sql := s.space(naming.Go, "internal/adapters/rest").Add("Routes"), s.space(naming.Go, "internal/adapters/sql").Add("Store", "New")
	rpc := s.space(naming.Go, "internal/adapters/grpc").Add("New", "contract")
	for _, a := range s.Aggregates {
		rest.Declare(a.RoutesFunc, naming.By(&a.Model.Node))
		sql.Declare("new"+a.Repo, naming.By(&a.Model.Node))
		rpc.Declare(a.ServeFunc(), naming.By(&a.Model.Node))
	}
	for _, v := range s.Views {
		rest.Declare(v.RoutesFunc, naming.By(&v.Model.Node))
		if v.Links.Func != "" {
			rest.Declare(v.Links.Func, naming.By(&v.Model.Node))
		}
		sql.Declare("new"+v.Repo, naming.By(&v.Model.Node))
		rpc.Declare(v.ServeFunc(), naming.By(&v.Model.Node))
	}
	s.space(naming.Go, "cmd/"+s.Dir).Add("config", "doors", "init", "main", "run")
}

// nameApp gives repositories, tables and handlers their names in App.
func (s *Service) nameApp() {
	for _, a := range s.Aggregates {
		a.Repo = s.app.Take(naming.Instances(a.Model).Go, "Repository", naming.By(&a.Model.Node))
		s.space(naming.Go, "internal/app").Declare(a.Repo, naming.By(&a.Model.Node))
	}
	rows := s.space(naming.Go, "internal/readmodel")
	ports := s.space(naming.Go, "internal/app")
	for _, v := range s.Views {
		rows.Declare(v.Name.Go, naming.By(&v.Model.Node)) // before what goes with it
		v.Repo = s.app.Take(naming.Rows(v.Model).Go, "View", naming.By(&v.Model.Node))
		ports.Declare(v.Repo, naming.By(&v.Model.Node))
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
	for _, e := range b.known(s.Context) {
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
		if e != nil && e.Home() != nil && !b.model.Incomplete[&e.Node] && !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	for _, p := range c.Policies {
		for _, w := range occasions(p) {
			add(w.Event)
		}
		if p.Timer != nil {
			for _, u := range p.Timer.Unless {
				add(u.Event)
			}
		}
	}
	for _, g := range contract.Orchestrated(b.model, c) {
		add(g.StartedBy.Event)
		for _, step := range g.Steps {
			if step.Awaits() {
				add(step.Await.Event)
			}
		}
	}
	for _, v := range c.Views {
		for _, f := range v.From {
			add(f.Event.Event)
		}
	}
	return out
}

// known lists the events that a context hears of, and those that it takes in.
func (b *builder) known(c *model.Context) []*model.Event {
	out := b.heard(c)
	for _, x := range b.model.Externals {
		if x.Receiver != c {
			continue
		}
		for _, e := range x.Events {
			if !b.model.Incomplete[&e.Node] && !slices.Contains(out, e) {
				out = append(out, e)
			}
		}
	}
	return out
}

// isUpstream reports whether an event is none of the aggregates of a context.
func isUpstream(c *model.Context, e *model.Event) bool { return e.Aggregate == nil || e.Home() != c }

// upstreamOf is who an event is heard from.
func upstreamOf(e *model.Event) *model.Node {
	if e.Aggregate == nil {
		return e.Owner()
	}
	return &e.Home().Node
}

// Upstream is another context, or an external system, whose events this one hears.
type Upstream struct {
	Service *Service // that hears
	Name    names.Name
	Title   quote.Text
	Package string
	Events  []*Event

	of     *model.Node
	events map[*model.Event]string // Go types
}

// IsContext reports whether it is a context, and no external system.
func (u *Upstream) IsContext() bool {
	return slices.ContainsFunc(u.Events, func(e *Event) bool { return e.Model.External == nil })
}

// upstream finds or adds who an event of elsewhere is heard from.
func (s *Service) upstream(of *model.Node) *Upstream {
	for _, u := range s.Upstreams {
		if u.of == of {
			return u
		}
	}
	u := &Upstream{
		Service: s, Name: names.Of(of), Title: of.Called(), of: of, events: map[*model.Event]string{},
		Package: s.packages.Take(strings.ReplaceAll(names.Of(of).Snake, "_", "")+"events", "heard", naming.By(of)),
	}
	s.Upstreams = append(s.Upstreams, u)
	return u
}

// nameHeard gives events of elsewhere their names: events of two aggregates may
// be called alike.
func (b *builder) nameHeard(s *Service) {
	for _, e := range b.known(s.Context) {
		if isUpstream(s.Context, e) {
			u := s.upstream(upstreamOf(e))
			u.events[e] = s.space(naming.Go, "internal/upstream/"+u.Package).Take(names.Of(&e.Node).Go, "Of"+names.Of(e.Owner()).Go, naming.By(&e.Node))
		}
	}
}

func (b *builder) upstreams(s *Service) {
	for _, e := range b.known(s.Context) {
		if isUpstream(s.Context, e) {
			u := s.upstream(upstreamOf(e))
			heard := b.heardEvent(gotypes{s.types, u.Package}, s.Context, e)
			heard.Name = u.events[e]
			if e.Aggregate == nil {
				u.Events = append(u.Events, heard)
				continue // of somebody else, who has no versions of it
			}
			u.Events = append(u.Events, heard)
			if t := s.Context.Translation(e); t != nil {
				b.translation(s, u, heard, t)
				continue
			}
			b.older(gotypes{s.types, u.Package}, s.space(naming.Go, "internal/upstream/"+u.Package), heard, b.heardFields(s.Context, e))
		}
	}
}
