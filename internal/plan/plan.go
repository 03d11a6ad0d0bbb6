// Package plan turns a checked model into what templates print: typed views
// whose strings are final, one unit for each file or group of files. Nothing
// is decided after it.
package plan

import (
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Plan is everything to be written.
type Plan struct {
	System *System
	Units  []Unit          // rendered by the packs
	Files  []artifact.File // copied as they are
	// Uncovered are needs of services of which no contract test has an example.
	Uncovered []*contract.Need
}

// Unit is one node for the packs to render: pack.yaml names units by Kind.
type Unit struct {
	Kind string // "system", "service", "aggregate", "command", "view", …
	Data any    // *System, *Service, *Aggregate, …
	// Imports gives the import path of each package name a Go file of the unit
	// may use.
	Imports map[string]string
}

// Build plans the output of a checked model where there is none yet.
func Build(m *check.Model) (*Plan, error) { return BuildOn(m, nil) }

// BuildOn plans the output of a checked model upon an earlier output, from
// which the numbers of the fields of gRPC are kept; nil: there is none. The
// error can be a *Refused.
func BuildOn(m *check.Model, earlier fs.FS) (*Plan, error) {
	b := &builder{model: m, contracts: contract.Build(m), services: map[*model.Context]*Service{}}
	sys := b.system()
	if err := b.protos(sys, earlier); err != nil {
		return nil, err
	}
	p := &Plan{System: sys}
	std := standardImports(sys.Module)
	p.add("system", sys, std)
	units := make([]Plan, len(sys.Services))
	sideBySide(len(units), func(i int) { b.units(&units[i], sys.Services[i], std) })
	for _, u := range units {
		p.Units = append(p.Units, u.Units...)
	}
	if sys.Standins() {
		p.add("standins", sys, std)
	}
	p.addDocuments(b.contracts)
	p.addGateway(b.gateway(sys), std)
	sys.Cluster = b.cluster(sys)
	sys.Cluster.addUnits(p)
	var err error
	if sys.Pins, err = pins(); err != nil {
		return nil, err
	}
	if p.Files, err = platform(sys.Module); err != nil {
		return nil, err
	}
	return p, b.addContracts(p, sys)
}

// units adds the units of a service.
func (b *builder) units(p *Plan, s *Service, std map[string]string) {
	imports := s.imports(std)
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
	s.Proto.units(p, imports)
	for _, u := range s.Upstreams {
		p.add("upstream", u, imports)
	}
	for _, d := range s.Dependencies {
		p.add("dependency", d, imports)
	}
	if len(s.Policies) > 0 {
		p.add("policies", s, imports)
	}
	b.addTests(p, s, imports)
}

func (p *Plan) add(kind string, data any, imports map[string]string) {
	p.Units = append(p.Units, Unit{kind, data, imports})
}

// builder holds what the parts of a plan share.
type builder struct {
	model     *check.Model
	contracts *contract.System
	services  map[*model.Context]*Service
	refused   diag.List
}

// Refused says why a model cannot be planned although nothing is wrong with it
// by itself: names of the output are in each other's way.
type Refused struct{ Diags diag.List }

func (r *Refused) Error() string {
	all := r.Diags.Sorted()
	return fmt.Sprintf("%s: %s", all[0].Pos, all[0].Message)
}

// System is the whole output.
type System struct {
	Name      names.Name
	ID        string // as written: prefix of topics
	Title     string
	Module    string // Go module path prefix
	Zone      string // IANA name
	GoVersion string
	Pins      Pins
	Services  []*Service
	Gateway   *Gateway
	Externals []*External
	Actors    []Actor
	Cluster   *Cluster

	checked *check.Model
}

// Actor is somebody who gives commands.
type Actor struct {
	Name  names.Name
	Title string
	Role  string
}

// External is a system of somebody else, with the operations its stand-in
// answers.
type External struct {
	Name       names.Name
	Title      string
	Operations []Operation
}

// Operation is a request an external system answers.
type Operation struct {
	Name   names.Name
	Title  string
	Method string
	Path   string
	Reply  string // example reply, JSON
}

func (b *builder) system() *System {
	m := b.model.System
	sys := &System{
		Name: names.Of(&m.Node), ID: m.Name, Title: title(&m.Node), Module: m.Module,
		Zone: zone(m.Zone), GoVersion: GoVersion, checked: b.model,
	}
	for _, a := range m.Actors {
		sys.Actors = append(sys.Actors, Actor{names.Of(&a.Node), title(&a.Node), a.Role})
	}
	for _, c := range m.Contexts {
		if len(c.Aggregates) == 0 && len(c.Views) == 0 && len(c.Policies) == 0 {
			continue // names only: nothing to run
		}
		s := b.service(sys, c)
		b.services[c] = s
		sys.Services = append(sys.Services, s)
	}
	for _, x := range m.Externals {
		sys.Externals = append(sys.Externals, external(x))
	}
	sideBySide(len(sys.Services), func(i int) {
		b.fill(sys.Services[i]) // changes that one alone; of other services it reads the frames
	})
	return sys
}

// sideBySide does n things, on all processors.
func sideBySide(n int, do func(i int)) {
	var begun atomic.Int64
	var work sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		work.Go(func() {
			for i := int(begun.Add(1)) - 1; i < n; i = int(begun.Add(1)) - 1 {
				do(i)
			}
		})
	}
	work.Wait()
}

// Standins reports whether some external system needs a stand-in.
func (s *System) Standins() bool {
	for _, x := range s.Externals {
		if len(x.Operations) > 0 {
			return true
		}
	}
	return false
}

func zone(z *time.Location) string {
	if z == nil {
		return "UTC"
	}
	return z.String()
}

// title is what a person calls the node.
func title(n *model.Node) string {
	if n.Title != "" {
		return n.Title
	}
	return n.Name
}

// doc is the doc comment of a Go name: the name, what the business calls it,
// what kind of thing it is, and its description.
func doc(name, what string, n *model.Node) string {
	text := called(name, n) + " is " + what + "."
	if n.Description != "" {
		text += "\n" + n.Description
	}
	return text
}

// aside is what the business calls a node, behind its Go name; "" where that
// says it already.
func aside(name string, n *model.Node) string { return strings.TrimPrefix(called(name, n), name) }

// called is a Go name with what the business calls it, where that is another.
func called(name string, n *model.Node) string {
	if t := title(n); t != name && t != n.Name || n.Name != name && !isASCII(n.Name) {
		return name + " " + t
	}
	return name
}
