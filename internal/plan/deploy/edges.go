package deploy

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/quote"
)

// Edge is who may talk to whom at one end, as a NetworkPolicy says it.
type Edge struct {
	Why       quote.Text
	Namespace string  // another one; "": the system's own
	Labels    []Label // of pods; none: all of the namespace
	Outside   bool    // hosts outside of the cluster
	Ports     []int
}

// Label is a label of Kubernetes.
type Label struct{ Key, Value string }

func named(name string) []Label { return []Label{{"app.kubernetes.io/name", name}} }

// connect finds the edges of all workloads: those the model has, and those
// every workload needs.
func (c *Cluster) connect(way *gateway.Gateway) {
	byDir := map[string]*Workload{}
	for _, w := range c.Services {
		byDir[w.Service.Dir] = w
	}
	tell := func(w *Workload, e Edge) { w.Egress = append(w.Egress, e) }
	hear := func(w *Workload, e Edge) { w.Ingress = append(w.Ingress, e) }
	hear(c.Gateway, Edge{Why: "whoever comes from outside", Namespace: c.Ingress.Namespace, Ports: []int{PublicPort}})
	for _, w := range c.Services {
		if gateway.Leads(w.Service) {
			c.Gateway.Settings = append(c.Gateway.Settings, Setting{Name: w.Service.Env, Value: host(w, PublicPort)})
			hear(w, Edge{Why: "the gateway", Labels: named("gateway"), Ports: []int{PublicPort}})
			tell(c.Gateway, Edge{Why: w.Title, Labels: named(w.Name), Ports: []int{PublicPort}})
		}
	}
	for _, x := range way.Systems {
		tell(c.Gateway, before(x))
	}
	outside := map[string]quote.Text{}
	for _, w := range c.Services {
		if w.Service.GRPC {
			w.GRPC = true
			hear(w, Edge{Why: "callers of gRPC from outside", Namespace: c.Ingress.Namespace, Ports: []int{GRPCPort}})
		}
		abroad := []quote.Text{"the issuer of tokens"}
		for _, d := range w.Service.Dependencies {
			if d.External {
				abroad = append(abroad, d.Title)
				outside[d.Env] = d.Title
				continue
			}
			callee := byDir[d.Dir]
			w.Settings = append(w.Settings, Setting{Name: d.Env, Value: host(callee, InternalPort)})
			hear(callee, Edge{Why: w.Title, Labels: named(w.Name), Ports: []int{InternalPort}})
			tell(w, Edge{Why: callee.Title, Labels: named(callee.Name), Ports: []int{InternalPort}})
		}
		if hooks := w.Service.Webhooks(); len(hooks) > 0 {
			c.Standins.Settings = append(c.Standins.Settings, Setting{Name: w.Service.Env, Value: host(w, PublicPort)})
			for _, x := range hooks {
				c.Standins.Settings = append(c.Standins.Settings, Setting{Name: x.Webhook.Env, Value: x.DevelopmentSecret()})
			}
		}
		tell(w, Edge{Why: "the broker", Labels: named("kafka"), Ports: []int{BrokerPort}})
		tell(w, Edge{Why: "its database", Labels: named(w.Database()), Ports: []int{w.DatabasePort()}})
		tell(w, Edge{Why: quote.Join(abroad, ", "), Outside: true, Ports: []int{443}})
	}
	tell(c.Gateway, Edge{Why: "the issuer of tokens", Outside: true, Ports: []int{443}})
	for _, name := range slices.Sorted(maps.Keys(outside)) {
		c.Addresses = append(c.Addresses, Setting{Name: name, Comment: outside[name]})
	}
}

// before is the way to a system of before: a service beside ours when its
// host is a mere name, else one outside of the cluster.
func before(x gateway.Upstreaming) Edge {
	e := Edge{Why: x.Title, Ports: []int{443}}
	at, err := url.Parse(x.Default)
	if err != nil {
		return e // it was refused when it was read
	}
	if port, err := strconv.Atoi(at.Port()); err == nil {
		e.Ports = []int{port}
	} else if at.Scheme == "http" {
		e.Ports = []int{80}
	}
	if host := at.Hostname(); !strings.Contains(host, ".") {
		e.Labels = named(host)
	} else {
		e.Outside = true
	}
	return e
}

// host is the address of a workload inside of the system.
func host(w *Workload, port int) string { return fmt.Sprintf("http://%s:%d", w.Name, port) }
