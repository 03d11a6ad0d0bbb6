package model

import (
	"cmp"

	"github.com/esgen/esgen/internal/source"
)

// Deploy says how the system runs in a cluster.
type Deploy struct {
	Pos      source.Pos
	Registry string // prefix of the images: registry.example/shop; "" : none
	Host     string // at which the gateway is reached from outside; "": it has no route
	Ingress  Place  // the Gateway (Gateway API) the route hangs on
	Istio    bool   // a mesh carries the requests between services
	// Pipelines are what builds and deploys; never nil.
	Pipelines []Pipeline
	// Standalone: each service is a repository of its own.
	Standalone bool
	// Platform is what services have in common, as modules below a path at a
	// version, path@version; "": they have copies.
	Platform string
	Defaults *Deployment
	Contexts []*ContextDeployment
}

// Place is where an object of Kubernetes is.
type Place struct{ Namespace, Name string }

// Pipeline is what builds and deploys.
type Pipeline string

// The pipelines files are generated for.
const (
	GitHub     Pipeline = "github"     // GitHub Actions
	CloudBuild Pipeline = "cloudbuild" // Google Cloud Build
	CodeBuild  Pipeline = "codebuild"  // AWS CodeBuild
)

// ContextDeployment is what a context has otherwise than the defaults.
type ContextDeployment struct {
	Context *Context
	Deployment
}

// Deployment is how one service runs. What is not said is zero.
type Deployment struct {
	Pos      source.Pos
	Replicas int
	CPU      Quantity // a replica asks for
	Memory   Quantity // a replica asks for, and may not exceed
	Scale    *Scale
	Database Database
	Files    *Quantity // a volume that all replicas share; nil: the service keeps no files
}

// Quantity is an amount of something, as Kubernetes writes it.
type Quantity struct {
	Text  string
	Milli int64 // thousandths: of a processor, or of a byte
}

// Scale lets the number of replicas follow what there is to do.
type Scale struct {
	Pos       source.Pos
	Min, Max  int
	TargetCPU int // percent of what a replica asks for
	Lag       int // events a replica may be behind; 0: only the processor counts
}

// Database is where a service keeps its data in a cluster.
type Database string

// The databases that several replicas can share.
const (
	Postgres Database = "postgres"
	MongoDB  Database = "mongodb"
)

// What a service has of which the model says nothing.
const (
	DefaultReplicas  = 2
	DefaultCPU       = "100m"
	DefaultMemory    = "128Mi"
	DefaultTargetCPU = 70
)

// DefaultIngress is the Gateway of whose name the model says nothing.
var DefaultIngress = Place{Namespace: "ingress", Name: "public"}

// Deployment is how the service of a context runs, with every default filled
// in: the context's own settings, then those of all, then the language's.
// Of a nil context it is that of all.
func (s *System) Deployment(c *Context) Deployment {
	var d Deployment
	if s.Deploy != nil {
		for _, x := range s.Deploy.Contexts {
			if x.Context == c && c != nil {
				d.fill(&x.Deployment)
			}
		}
		if s.Deploy.Defaults != nil {
			d.fill(s.Deploy.Defaults)
		}
	}
	d.fill(&Deployment{
		CPU: mustQuantity(DefaultCPU), Memory: mustQuantity(DefaultMemory), Database: Postgres,
	})
	if d.Scale != nil {
		d.fillScale()
	}
	d.Replicas = cmp.Or(d.Replicas, DefaultReplicas)
	return d
}

// fillScale fills in what of a scale is not said. A service that scales has no
// number of replicas of its own, unless the model says one: the least will do.
func (d *Deployment) fillScale() {
	s := *d.Scale
	s.TargetCPU = cmp.Or(s.TargetCPU, DefaultTargetCPU)
	s.Min = cmp.Or(s.Min, d.Replicas, DefaultReplicas)
	s.Max = cmp.Or(s.Max, s.Min)
	d.Scale, d.Replicas = &s, cmp.Or(d.Replicas, s.Min)
}

// fill fills in what is not said yet.
func (d *Deployment) fill(from *Deployment) {
	if !d.Pos.IsValid() {
		d.Pos = from.Pos
	}
	d.Replicas = cmp.Or(d.Replicas, from.Replicas)
	d.CPU = cmp.Or(d.CPU, from.CPU)
	d.Memory = cmp.Or(d.Memory, from.Memory)
	d.Database = cmp.Or(d.Database, from.Database)
	if d.Files == nil {
		d.Files = from.Files
	}
	switch {
	case from.Scale == nil:
	case d.Scale == nil:
		d.Scale = from.Scale
	default:
		s := *d.Scale
		s.Min, s.Max = cmp.Or(s.Min, from.Scale.Min), cmp.Or(s.Max, from.Scale.Max)
		s.TargetCPU, s.Lag = cmp.Or(s.TargetCPU, from.Scale.TargetCPU), cmp.Or(s.Lag, from.Scale.Lag)
		d.Scale = &s
	}
}
