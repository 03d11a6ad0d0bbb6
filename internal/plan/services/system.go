// Package services plans the services of a system: what their Go says, with
// names, types and expressions spelled out. Templates print it.
package services

import (
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// System is the whole output.
type System struct {
	Name      names.Name
	ID        string // as written: prefix of topics
	Title     quote.Text
	Module    string // Go module path prefix
	Layout    platform.Layout
	Zone      string // IANA name
	GoVersion string
	Services  []*Service
	Externals []*External
	Actors    []Actor
	Model     *check.Model
	Names     *naming.Registry // of the model, and those that were taken for Go
	Contracts *contract.System
}

// Actor is somebody who gives commands.
type Actor struct {
	Name  names.Name
	Title quote.Text
	Role  string
}

// External is a system of somebody else, with the operations its stand-in
// answers.
type External struct {
	Name       names.Name
	Title      quote.Text
	Operations []Operation
}

// Operation is a request an external system answers.
type Operation struct {
	Name   names.Name
	Title  quote.Text
	Method string
	Path   string
	Reply  string // example reply, JSON
}

// Plan plans the services of a checked model.
func Plan(contracts *contract.System, layout platform.Layout) *System {
	b := &builder{layout: layout, model: contracts.Model, contracts: contracts, services: map[*model.Context]*Service{}}
	return b.system()
}

// builder holds what the parts of a plan share.
type builder struct {
	layout    platform.Layout
	model     *check.Model
	contracts *contract.System
	services  map[*model.Context]*Service
}

func (b *builder) system() *System {
	m := b.model.System
	sys := &System{
		Name: names.Of(&m.Node), ID: m.Name, Title: m.Called(), Module: m.Module, Layout: b.layout,
		Zone: zone(m.Zone), GoVersion: platform.GoVersion, Model: b.model, Contracts: b.contracts, Names: b.model.Names.Over(),
	}
	for _, a := range m.Actors {
		sys.Actors = append(sys.Actors, Actor{names.Of(&a.Node), a.Called(), a.Role})
	}
	for _, c := range m.Contexts {
		if !naming.IsService(c) {
			continue // names only: nothing to run
		}
		s := b.service(sys, c)
		b.services[c] = s
		sys.Services = append(sys.Services, s)
	}
	for _, x := range m.Externals {
		sys.Externals = append(sys.Externals, external(x))
	}
	parallel.All(len(sys.Services), func(i int) {
		b.fill(sys.Services[i]) // changes that one alone; of other services it reads the frames
	})
	return sys
}

// InGo lists the services that are written in Go, and InPython those in Python.
func (s *System) InGo() []*Service { return s.written(true) }

// InPython is what InGo says.
func (s *System) InPython() []*Service { return s.written(false) }

func (s *System) written(inGo bool) []*Service {
	return slices.DeleteFunc(slices.Clone(s.Services), func(v *Service) bool { return v.Go() != inGo })
}

// Service is the service of a context; nil: there is none.
func (s *System) Service(c *model.Context) *Service {
	for _, v := range s.Services {
		if v.Context == c {
			return v
		}
	}
	return nil
}

// View is the plan of a view; nil: it is a name only.
func (s *System) View(v *model.View) *View {
	if service := s.Service(v.Context); service != nil {
		return service.views[v]
	}
	return nil
}

// Handler is the name of the policy, saga or view that has a need for messages; "":
// it is not generated.
func (s *System) Handler(n *contract.Need) string {
	for _, service := range s.Services {
		if service.Context != n.Consumer.Service.Context {
			continue
		}
		for _, p := range service.Policies {
			switch {
			case n.Policy == nil || p.Model != n.Policy:
			case p.Timer != nil:
				return naming.TimerHandler(p.Known)
			default:
				return p.Known
			}
		}
		for _, g := range service.Sagas {
			switch {
			case n.Kind == contract.ByAwait && g.Model == n.Step.Saga:
				return naming.SagaAwait(g.Model)
			case n.Saga == g.Model, n.Step != nil && n.Step.Saga == g.Model, n.Failure == g.Model:
				return naming.SagaHandler(g.Model)
			}
		}
		for _, v := range service.Views {
			if n.Projection != nil && slices.Contains(v.Model.From, n.Projection) {
				return v.Known
			}
		}
	}
	return ""
}

// Played reports whether there are scenarios to play on the system that runs.
func (s *System) Played() bool { return len(s.Model.Scenarios) > 0 }

// Standins reports whether some external system needs a stand-in.
func (s *System) Standins() bool {
	if len(s.Webhooks()) > 0 {
		return true
	}
	for _, x := range s.Externals {
		if len(x.Operations) > 0 {
			return true
		}
	}
	return false
}

// Webhooks are the external systems that tell of their events by requests.
func (s *System) Webhooks() []*Source {
	var out []*Source
	for _, service := range s.Services {
		out = append(out, service.Webhooks()...)
	}
	return out
}

func zone(z *time.Location) string {
	if z == nil {
		return "UTC"
	}
	return z.String()
}

// doc is the doc comment of a Go name: the name, what the business calls it,
// what kind of thing it is, and its description.
func doc(name, what string, n *model.Node) quote.Text {
	text := Called(name, n) + quote.Text(" is "+what+".")
	if n.Description != "" {
		text += "\n" + n.Description
	}
	return text
}

// aside is what the business calls a node, to be told beside its Go name; ""
// where that says it already.
func aside(name string, n *model.Node) quote.Text {
	return quote.Text(strings.TrimPrefix(strings.TrimPrefix(string(Called(name, n)), name), " "))
}

// Called is a Go name with what the business calls it, where that is another.
func Called(name string, n *model.Node) quote.Text {
	if t := n.Called(); string(t) != name && string(t) != n.Name || n.Name != name && !names.IsASCII(n.Name) {
		return quote.Text(name) + " " + t
	}
	return quote.Text(name)
}
