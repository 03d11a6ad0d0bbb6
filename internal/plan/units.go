package plan

import (
	"context"
	"maps"
	"runtime"
	"slices"

	"github.com/esgen/esgen/internal/apidoc"
	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/pact"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/plan/deploy"
	"github.com/esgen/esgen/internal/plan/promises"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/plan/python"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/plan/stored"
	"github.com/esgen/esgen/internal/plan/tests"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// Unit is one node for the packs to render: pack.yaml names units by Kind.
type Unit struct {
	Kind string // "system", "service", "aggregate", "command", "view", …
	Of   string // directory of the service that it is made for; "": all have a part in it
	With string // directory of the service that it is about, though others have a part in it; "": of none alone
	// Language is that of the service that it is of, or of what it runs; "": it is of none.
	Language model.WrittenIn
	Data     any // *services.System, *services.Service, *tests.Aggregate, …
	// Imports gives the import path of each package name a Go file of the unit
	// may use.
	Imports map[string]string
}

func (p *Plan) add(kind string, data any, imports map[string]string) {
	p.Units = append(p.Units, Unit{Kind: kind, Of: p.of, Data: data, Imports: imports, Language: p.language})
}

// several is of how many services units are planned at a time, for each processor.
const several = 4

// Each hands on all units, those of a few services at a time: the units of all are
// most of what would be in memory.
func (p *Plan) Each(take func([]Unit) error) error {
	if err := take(p.Units); err != nil {
		return err
	}
	for some := range slices.Chunk(p.later, several*runtime.GOMAXPROCS(0)) {
		units := make([][]Unit, len(some))
		parallel.All(len(some), func(i int) { units[i] = some[i]() })
		if err := take(slices.Concat(units...)); err != nil {
			return err
		}
	}
	return nil
}

// addServices adds the services, and what they share. What they rely on is found
// out side by side; their units are left for Each.
func (p *Plan) addServices(protos []*protobuf.File, heard []*stories.Story, played *pact.Stories) error {
	told := tests.Tell(heard)
	sys := p.System
	p.add("system", sys, nil)
	for _, x := range sys.Externals {
		p.add("external", x, nil)
	}
	for _, a := range sys.Actors {
		p.add("actor", a, nil)
	}
	if !sys.Layout.Standalone {
		p.add("workspace", sys, nil)
	}
	parts := make([]Plan, len(sys.Services))
	made := make([]Made, len(sys.Services))
	err := parallel.Each(context.Background(), len(sys.Services), func(i int) error {
		s := sys.Services[i]
		if p.Kept[s.Dir] {
			return nil
		}
		part := &parts[i]
		part.System, part.of = sys, s.Dir
		shown := played.Show(p.offered(i))
		if p.Made != nil {
			made[i] = p.made(i, shown)
		}
		part.Uncovered = shown.Uncovered
		imports := s.Imports(services.StandardImports(p.base(s.Module)))
		examples := shown.Told != nil
		part.later = []func() []Unit{func() []Unit {
			part := Plan{System: sys, of: s.Dir, language: s.Context.Language}
			part.addService(s, imports)
			part.addMigrations(s, p.stored[s.Dir].Migrations, imports)
			part.addProto(protos, s, imports)
			part.addTests(tests.Of(s), told, examples, imports)
			return part.Units
		}}
		if err := part.copy(stored.Path(s.Dir), p.stored[s.Dir].JSON); err != nil {
			return err
		}
		if s.Go() {
			return part.addContracts(shown)
		}
		shown.Told = nil // which only tests in Go read
		told, err := python.Stories(s, heard)
		if err != nil {
			return err
		}
		part.Files = append(part.Files, File{artifact.File{Path: "services/" + s.Dir + "/tests/stories.json", Data: append(told, '\n'), Owner: artifact.Generated}, s.Dir})
		return part.addContracts(shown)
	})
	if err != nil {
		return err
	}
	for i, s := range sys.Services {
		p.later, p.Files, p.Uncovered = append(p.later, parts[i].later...), append(p.Files, parts[i].Files...), append(p.Uncovered, parts[i].Uncovered...)
		if s.Go() {
			p.addModule(Module{Dir: "services/" + s.Dir, Path: s.Module, ByHand: s.Decided()})
		}
		switch {
		case p.Kept[s.Dir]:
			for _, n := range p.Made[s.Dir].Uncovered {
				p.Uncovered = append(p.Uncovered, p.offered(i).Needs[n])
			}
		case p.Made != nil:
			p.Made[s.Dir] = made[i]
		}
	}
	if sys.Standins() {
		m := Module{Dir: "standins", Path: sys.Module + "/standins"}
		p.add("standins", sys, services.StandardImports(p.base(m.Path)))
		p.addModule(m)
	}
	return nil
}

func (p *Plan) addService(s *services.Service, imports map[string]string) {
	p.add("service", s, imports)
	if s.Documented {
		p.add("documented", s, imports)
	}
	if len(s.Types) > 0 || s.UsesZone() {
		p.add("types", s, imports)
	}
	if s.Documents {
		p.add("documents", s, imports)
	} else {
		p.add("tables", s, imports)
	}
	for _, a := range s.Aggregates {
		p.add("aggregate", a, imports)
		if s.Documents {
			p.add("aggregate-documents", a, imports)
		}
		if len(a.Versioned()) > 0 {
			p.add("aggregate-versions", a, imports)
		}
		for _, c := range a.Commands {
			p.add("command", c, imports)
			if c.Custom {
				p.add("custom", c, imports)
			}
		}
	}
	for _, a := range s.Aggregates {
		for _, e := range a.Events {
			p.add("event", e, imports)
		}
	}
	for _, x := range s.Policies {
		p.add("policy", x, imports)
		if x.ByHand != nil {
			p.add("custom-policy", x, imports)
		}
	}
	for _, v := range s.Views {
		p.add("view", v, imports)
	}
	for _, u := range s.Upstreams {
		p.add("upstream", u, imports)
		if len(u.Versioned()) > 0 {
			p.add("upstream-versions", u, imports)
		}
	}
	for _, a := range s.Askings {
		p.add("custom-operation", a, imports)
	}
	if len(s.Askings) > 0 {
		p.add("custom-operations", s, imports)
	}
	for _, x := range s.Decisions() {
		p.add("custom-projection", x, imports)
	}
	if len(s.Decisions()) > 0 {
		p.add("custom-projections", s, imports)
	}
	for _, t := range s.Translations {
		p.add("translation", t, imports)
	}
	if len(s.Translations) > 0 {
		p.add("translations", s, imports)
	}
	for _, x := range s.Webhooks() {
		p.add("webhook", x, imports)
	}
	for _, x := range s.ForeignTopics() {
		p.add("foreign-topic", x, imports)
	}
	for _, d := range s.Dependencies {
		p.add("dependency", d, imports)
	}
	if len(s.Policies) > 0 {
		p.add("policies", s, imports)
	}
	for _, g := range s.Sagas {
		p.add("saga", g, imports)
	}
	if s.Hears() {
		p.add("hearing", s, imports)
	}
	if !s.Go() {
		p.add("python", python.Of(s), nil)
	}
}

func (p *Plan) addMigrations(s *services.Service, list []*stored.Migration, imports map[string]string) {
	for _, m := range list {
		p.add("migration", m, imports)
	}
	if s.Migrates {
		p.add("migrations", &stored.Migrations{Service: s, List: list}, imports)
	}
}

func (p *Plan) addProto(protos []*protobuf.File, s *services.Service, imports map[string]string) {
	at := slices.IndexFunc(protos, func(f *protobuf.File) bool { return f.Service == s })
	if at < 0 {
		return
	}
	p.add("grpc", protos[at], imports)
	for _, a := range protos[at].Aggregates {
		p.add("grpc-aggregate", a, imports)
	}
	for _, v := range protos[at].Views {
		p.add("grpc-view", v, imports)
	}
}

func (p *Plan) addTests(t *tests.Service, told tests.Told, examples bool, imports map[string]string) {
	imports = maps.Clone(imports)
	imports["servicetest"] = t.Module + "/internal/servicetest"
	imports["parser"], imports["token"] = "go/parser", "go/token"
	p.add("service-tests", t, imports)
	if t.GRPC {
		p.add("grpc-tests", t, imports)
	}
	contracts := t.OfContracts()
	if contracts.Consumes() {
		p.add("consumer-tests", contracts, imports)
	}
	if t.System.Contracts.Relied() { // also of a service that nobody relies on today: somebody did in another release, perhaps
		p.add("provider-tests", contracts, imports)
	}
	if examples {
		p.add("example-tests", t, imports)
	}
	if policies := t.OfPolicies(); len(policies.Handled) > 0 {
		p.add("policy-tests", policies, imports)
	}
	for _, a := range t.OfAggregates(told) {
		p.add("aggregate-tests", a, imports)
	}
}

// addDocuments adds what the services say of themselves.
func (p *Plan) addDocuments(contracts *contract.System, files []apidoc.File, examples *apidoc.Examples) {
	for _, d := range files {
		p.addOf(d.Service, "document", d)
	}
	p.addOf(nil, "board", board.PageOf(contracts.Model.System))
	catalogue := apidoc.NewCatalogue(contracts, examples)
	p.add("catalogue", catalogue, nil)
	for _, page := range catalogue.Pages {
		p.addOf(page.Service, "catalogue-page", page)
	}
	p.add("promises", promises.Of(p.System, p.Gateway, catalogue), nil)
}

// addOf adds what a service says of itself; nil: what is said of all.
func (p *Plan) addOf(s *contract.Service, kind string, data any) {
	u := Unit{Kind: kind, Data: data}
	if s != nil {
		u.Of = naming.Dir(s.Context)
	}
	if !p.Kept[u.Of] {
		p.Units = append(p.Units, u)
	}
}

// gatewayDocument is what the gateway offers, written down.
const gatewayDocument = "gateway/api/openapi.yaml"

func (p *Plan) addGateway(documents []apidoc.File) {
	g := p.Gateway
	g.Documented = slices.ContainsFunc(documents, func(d apidoc.File) bool { return d.Path == gatewayDocument })
	imports := g.Imports(services.StandardImports(p.base(g.Module)))
	p.add("gateway", g, imports)
	p.addModule(Module{Dir: "gateway", Path: g.Module})
}

// addE2E adds the scenarios, as tests of the system that runs.
func (p *Plan) addE2E() error {
	if !p.System.Played() {
		return nil
	}
	m := Module{Dir: "e2e", Path: p.System.Module + "/e2e"}
	p.add("e2e", p.System, services.StandardImports(p.base(m.Path)))
	p.addModule(m)
	return p.copy("e2e/scenarios.json", p.Table.JSON)
}

// addCluster adds containers, cluster and pipelines.
func (p *Plan) addCluster(c *deploy.Cluster) {
	p.add("cluster", c, nil)
	for _, d := range c.Dashboards() {
		p.add("dashboard", d, nil)
	}
	alone := p.System.Layout.Standalone
	if !alone {
		p.add("images", c, nil)
	}
	for _, w := range c.Built() {
		p.addWith("image", w)
		if alone {
			p.addWith("alone", w)
		}
		if alone && w.Team() != "" {
			p.addWith("alone-owned", w)
		}
	}
	for _, w := range c.Workloads() {
		p.addWith("workload", w)
	}
	for _, part := range []struct {
		kind   string
		wanted bool
	}{
		{"backing-standins", c.Standins != nil}, {"route", c.Host != ""}, {"istio", c.Istio}, {"keda", len(c.Lagging()) > 0}, {"owners", len(c.Owners()) > 0 && !alone},
	} {
		if part.wanted {
			p.add(part.kind, c, nil)
		}
	}
	for _, pipeline := range c.Pipelines {
		if alone {
			for _, w := range c.Workloads() {
				p.addWith("alone-"+string(pipeline), w)
			}
			continue
		}
		p.add(string(pipeline), c, nil)
		if pipeline != model.GitHub {
			continue // each part has what calls it over there
		}
		for _, w := range c.Workloads() {
			p.addWith("workflow", w)
		}
	}
}

// addWith adds what runs a service, or something else.
func (p *Plan) addWith(kind string, w *deploy.Workload) {
	u := Unit{Kind: kind, Data: w, Language: model.InGo}
	if w.Service != nil {
		u.With, u.Language = w.Service.Dir, w.Service.Context.Language
	}
	p.Units = append(p.Units, u)
}
