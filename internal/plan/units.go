package plan

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/apidoc"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/plan/deploy"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/plan/tests"
)

// Unit is one node for the packs to render: pack.yaml names units by Kind.
type Unit struct {
	Kind string // "system", "service", "aggregate", "command", "view", …
	Data any    // *services.System, *services.Service, *tests.Aggregate, …
	// Imports gives the import path of each package name a Go file of the unit
	// may use.
	Imports map[string]string
}

func (p *Plan) add(kind string, data any, imports map[string]string) {
	p.Units = append(p.Units, Unit{kind, data, imports})
}

// addServices adds the services, side by side, and what they share.
func (p *Plan) addServices(protos []*protobuf.File) {
	sys := p.System
	std := services.StandardImports(sys.Module)
	p.add("system", sys, std)
	units := make([]Plan, len(sys.Services))
	parallel.All(len(sys.Services), func(i int) {
		s := sys.Services[i]
		imports := s.Imports(std)
		units[i].addService(s, imports)
		units[i].addProto(protos, s, imports)
		units[i].addTests(tests.Of(s), imports)
	})
	for _, u := range units {
		p.Units = append(p.Units, u.Units...)
	}
	if sys.Standins() {
		p.add("standins", sys, std)
	}
}

func (p *Plan) addService(s *services.Service, imports map[string]string) {
	p.add("service", s, imports)
	for _, a := range s.Aggregates {
		p.add("aggregate", a, imports)
		for _, c := range a.Commands {
			p.add("command", c, imports)
			if c.Custom {
				p.add("custom", c, imports)
			}
		}
	}
	for _, v := range s.Views {
		p.add("view", v, imports)
	}
	for _, u := range s.Upstreams {
		p.add("upstream", u, imports)
	}
	for _, d := range s.Dependencies {
		p.add("dependency", d, imports)
	}
	if len(s.Policies) > 0 {
		p.add("policies", s, imports)
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

func (p *Plan) addTests(t *tests.Service, imports map[string]string) {
	platform := t.System.Module + "/platform/"
	imports = maps.Clone(imports)
	maps.Copy(imports, map[string]string{
		"sync": "sync", "given": platform + "given", "pact": platform + "pact", "badinput": platform + "badinput",
		"grpctest": platform + "grpc/grpctest", "servicetest": t.Module + "/internal/servicetest",
	})
	p.add("service-tests", t, imports)
	if t.GRPC {
		p.add("grpc-tests", t, imports)
	}
	contracts := t.OfContracts()
	if contracts.Consumes() {
		p.add("consumer-tests", contracts, imports)
	}
	p.add("provider-tests", contracts, imports)
	if policies := t.OfPolicies(); len(policies.Handled) > 0 {
		p.add("policy-tests", policies, imports)
	}
	for _, a := range t.OfAggregates() {
		p.add("aggregate-tests", a, imports)
	}
}

// addDocuments adds what the services say of themselves.
func (p *Plan) addDocuments(contracts *contract.System, files []apidoc.File, examples *apidoc.Examples) {
	for _, d := range files {
		p.add("document", d, nil)
	}
	catalogue := apidoc.NewCatalogue(contracts, examples)
	p.add("catalogue", catalogue, nil)
	for _, page := range catalogue.Pages {
		p.add("catalogue-page", page, nil)
	}
}

// gatewayDocument is what the gateway offers, written down.
const gatewayDocument = "gateway/api/openapi.yaml"

func (p *Plan) addGateway(documents []apidoc.File) {
	g := p.Gateway
	g.Documented = slices.ContainsFunc(documents, func(d apidoc.File) bool { return d.Path == gatewayDocument })
	imports := g.Imports(services.StandardImports(g.System.Module))
	p.add("gateway", g, imports)
	if g.Documented {
		p.add("gateway-api", g, imports)
	}
}

// addCluster adds containers, cluster and pipelines.
func (p *Plan) addCluster(c *deploy.Cluster) {
	p.add("cluster", c, nil)
	for _, d := range c.Dashboards() {
		p.add("dashboard", d, nil)
	}
	for _, w := range c.Built() {
		p.add("image", w, nil)
	}
	for _, w := range c.Workloads() {
		p.add("workload", w, nil)
	}
	for _, part := range []struct {
		kind   string
		wanted bool
	}{
		{"backing-standins", c.Standins != nil}, {"route", c.Host != ""}, {"istio", c.Istio}, {"keda", len(c.Lagging()) > 0}, {"owners", len(c.Owners()) > 0},
	} {
		if part.wanted {
			p.add(part.kind, c, nil)
		}
	}
	for _, pipeline := range c.Pipelines {
		for _, w := range c.Workloads() {
			p.add("pipeline-"+string(pipeline), w, nil)
		}
	}
}
