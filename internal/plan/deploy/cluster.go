// Package deploy plans how a system runs in containers: what runs where, who may
// talk to whom, who may do what at the broker, what is looked at, and what
// builds and deploys it.
package deploy

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Cluster is the system as it runs in containers: images, objects of
// Kubernetes, and what builds and deploys them.
type Cluster struct {
	System    *services.System
	Namespace string
	Host      string // of the route to the gateway; "": there is none
	Ingress   model.Place
	Istio     bool
	Pipelines []model.Pipeline
	Services  []*Workload
	Gateway   *Workload
	Standins  *Workload // nil: there is nothing to stand in for
	Brokers   []Broker  // topics and rights, by service
	Addresses []Setting // of external systems, for the overlays to say
	Images    ToolImages
}

// What is fixed about every container, in one place for probes, services,
// policies and compose. The ports are the defaults of the services.
const (
	PublicPort   = 8080
	InternalPort = 8081
	GRPCPort     = 9090
	StandinPort  = 8090
	BrokerPort   = 9093
	DatabasePort = 5432
	DocumentPort = 27017
	TracesPort   = 4318 // OTLP over HTTP
	IdentityPort = 8080
	// User is whom containers run as: distroless's nonroot.
	User = 65532
	// ShutdownDelay and ShutdownGrace are what a service may take to stop, in
	// seconds; TerminationGrace is when it is killed, after its last words.
	ShutdownDelay    = 5
	ShutdownGrace    = 25
	TerminationGrace = 30
	// Partitions is how many replicas of a consumer can share the work; the
	// services say the same where they make topics themselves.
	Partitions = 4
)

// ToolImages are the images of what is not generated.
type ToolImages struct {
	Go, Base, Python, Kafka, Postgres, Mongo, Prometheus, Grafana, Jaeger, Keycloak string
}

var toolImages = ToolImages{
	Go:         "golang:1.26.8",
	Base:       "gcr.io/distroless/static-debian12:nonroot",
	Python:     "python:3.13.9-slim",
	Kafka:      "apache/kafka:4.0.0",
	Postgres:   "postgres:17.5",
	Mongo:      "mongo:8.0.12",
	Prometheus: "prom/prometheus:v3.5.0",
	Grafana:    "grafana/grafana:12.1.0",
	Jaeger:     "jaegertracing/jaeger:2.9.0",
	Keycloak:   "quay.io/keycloak/keycloak:26.3.3",
}

// Setting is a variable and what it is set to.
type Setting struct {
	Name, Value string
	Comment     quote.Text
}

// Plan plans how services run behind their gateway.
func Plan(sys *services.System, way *gateway.Gateway) *Cluster {
	c := &Cluster{System: sys, Namespace: sys.ID, Pipelines: []model.Pipeline{model.GitHub}, Ingress: model.DefaultIngress, Images: toolImages}
	registry := ""
	if d := sys.Model.Deploy; d != nil {
		c.Host, c.Ingress, c.Istio, c.Pipelines, registry = d.Host, d.Ingress, d.Istio, d.Pipelines, d.Registry
	}
	if registry != "" {
		registry += "/"
	}
	for _, s := range sys.Services {
		w := c.workload(s.Host, s.Title, "service", registry)
		w.Service, w.Dir, w.Main = s, "services/"+s.Dir, "./cmd/"+s.Dir
		w.Sources = c.sources("services/"+s.Dir, "platform", "testkit") // the last for its tests
		w.size(sys.Model.Deployment(s.Context))
		c.Services = append(c.Services, w)
	}
	c.Gateway = c.workload(naming.Gateway, "the gateway", "gateway", registry)
	c.Gateway.Dir, c.Gateway.Main, c.Gateway.Sources = "gateway", ".", c.sources("gateway", "platform")
	c.Gateway.size(sys.Model.Deployment(nil))
	c.Gateway.Files = ""
	if c.Gateway.Scale != nil {
		c.Gateway.Scale.Lag = 0 // it hears nothing
	}
	if sys.Standins() {
		c.Standins = c.workload(naming.Standins, "the stand-ins of external systems", "standin", registry)
		c.Standins.Dir, c.Standins.Main, c.Standins.Sources = "standins", ".", c.sources("standins", "platform")
	}
	c.connect(way)
	c.brokers()
	return c
}

// sources are a directory and those of the trees, where they are beside it.
func (c *Cluster) sources(dir string, trees ...string) []string {
	if c.System.Layout.Beside() {
		return append([]string{dir}, trees...)
	}
	return []string{dir}
}

func (c *Cluster) workload(name string, title quote.Text, component, registry string) *Workload {
	return &Workload{Cluster: c, Name: name, Title: title, Component: component, Image: registry + naming.ImageOf(c.System.Model.System, name)}
}

// Workloads are the services and the gateway.
func (c *Cluster) Workloads() []*Workload { return append(slices.Clone(c.Services), c.Gateway) }

// Built are all that an image is built of.
func (c *Cluster) Built() []*Workload {
	all := c.Workloads()
	if c.Standins != nil {
		all = append(all, c.Standins)
	}
	return all
}

// Lagging are the services that scale by how far they are behind.
func (c *Cluster) Lagging() []*Workload {
	return slices.DeleteFunc(c.Workloads(), func(w *Workload) bool { return !w.ByLag() })
}

// Roles are those that tokens of the development issuer may carry, each once.
func (c *Cluster) Roles() []string {
	var roles []string
	for _, a := range c.System.Actors {
		roles = append(roles, a.Role)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// Owner is who must agree to changes of a directory: a team as GitHub knows it.
type Owner struct{ Path, Team string }

// Owners are the teams of contexts, by their directories.
func (c *Cluster) Owners() []Owner {
	var owners []Owner
	for _, s := range c.System.Services {
		if team := quote.Owner(s.Context.Team); team != "" {
			owners = append(owners, Owner{"/services/" + s.Dir + "/", team})
		}
	}
	return owners
}

// ShutdownDelay is how long requests are still taken once readiness is off, in seconds.
func (*Cluster) ShutdownDelay() int { return ShutdownDelay }

// ShutdownGrace is all the time stopping may take, in seconds.
func (*Cluster) ShutdownGrace() int { return ShutdownGrace }

// BrokerPort is where the broker listens.
func (*Cluster) BrokerPort() int { return BrokerPort }

// Tabled are the services that keep their data in PostgreSQL.
func (c *Cluster) Tabled() []*Workload {
	return slices.DeleteFunc(slices.Clone(c.Services), func(w *Workload) bool { return w.Service.Documents })
}

// ReplicaSet makes a server of MongoDB a replica set of one, as which it has
// transactions, and says whether it is: in the words of its shell. Clients connect to it
// directly, because its name for itself is no one else's.
func (*Cluster) ReplicaSet() string {
	return fmt.Sprintf("if (!db.hello().setName) rs.initiate({_id: 'rs0', members: [{_id: 0, host: 'localhost:%d'}]}); quit(db.hello().isWritablePrimary ? 0 : 1)", DocumentPort)
}

// Documented are the services that keep their data in MongoDB.
func (c *Cluster) Documented() []*Workload {
	return slices.DeleteFunc(slices.Clone(c.Services), func(w *Workload) bool { return !w.Service.Documents })
}

// TracesPort is where traces are taken: OTLP over HTTP.
func (*Cluster) TracesPort() int { return TracesPort }

// IdentityPort is where the issuer for development listens.
func (*Cluster) IdentityPort() int { return IdentityPort }

// StandinPort is where the stand-ins listen.
func (*Cluster) StandinPort() int { return StandinPort }

// User is whom containers run as.
func (*Cluster) User() int { return User }

// Abroad are the services that talk to external systems.
func (c *Cluster) Abroad() []*Workload {
	return slices.DeleteFunc(slices.Clone(c.Services), func(w *Workload) bool {
		return !slices.ContainsFunc(w.Service.Dependencies, func(d *services.Dependency) bool { return d.External })
	})
}

// Backing are the hosts of what services need, where it comes along.
func (c *Cluster) Backing() []string {
	hosts := []string{"kafka", "identity"}
	if c.Standins != nil {
		hosts = append(hosts, c.Standins.Name)
	}
	for _, w := range c.Services {
		hosts = append(hosts, w.Database())
	}
	return hosts
}
