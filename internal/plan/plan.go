// Package plan turns a checked model into what templates print: typed views
// whose strings are final, one unit for each file or group of files. Nothing
// is decided after it. Its packages plan the parts; here they are put together.
package plan

import (
	"io/fs"
	"path"
	"slices"

	"github.com/esgen/esgen/internal/apidoc"
	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/basis"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/pact"
	"github.com/esgen/esgen/internal/plan/deploy"
	"github.com/esgen/esgen/internal/plan/e2e"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/plan/stored"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/testkit/live"
)

// Plan is everything to be written.
type Plan struct {
	System  *services.System
	Gateway *gateway.Gateway
	Units   []Unit   // rendered by the packs
	Files   []File   // as they are
	Modules []Module // whose go.mod follows from what their Go imports
	// Table are the scenarios, for whoever plays them on a system that runs.
	Table live.Table
	// Uncovered are needs of services of which no contract test has an example.
	Uncovered []*contract.Need
	// Made is what the services are made of, by directory, for a later run; nil:
	// nobody has asked. Kept are those whose output the last run has made already:
	// nothing of it is planned.
	Made map[string]Made
	Kept map[string]bool

	moduleAt map[string]int // by directory
	basis    *basis.Basis
	packs    string
	stored   map[string]*stored.Data // by directory of the service
	language model.WrittenIn         // of the service of which it is a part
	later    []func() []Unit         // of services
	of       string                  // the directory of the service of which it is a part
}

// File is one that needs no rendering.
type File struct {
	artifact.File
	Of string // directory of the service that it is made for
}

// Made is what a service's output was made of.
type Made struct {
	Basis     string `json:"basis"`               // tells what of the model has a say in it apart
	Packs     string `json:"packs,omitempty"`     // and which packs, beside the built-in one
	Steps     int    `json:"steps"`               // how far that reaches
	Uncovered []int  `json:"uncovered,omitempty"` // of its needs, those without an example
}

// Earlier is what there is of an earlier run: its output, from which the numbers
// of the fields of gRPC are kept, what its services were made of, and what they have
// stored. nil: there is none, or nobody wants to know.
type Earlier struct {
	Output fs.FS
	Made   map[string]Made
	Packs  string // tells apart by which packs output is rendered now, beside the built-in one
	Stored stored.Upon
}

// Module is a Go module of the output.
type Module struct {
	Dir, Path string
	ByHand    bool // people write some of it
}

// ModuleOf is the number of the module that a file of the output is in; negative:
// it is in none.
func (p *Plan) ModuleOf(file string) int {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if at, is := p.moduleAt[dir]; is {
			return at
		}
	}
	return -1
}

func (p *Plan) addModule(m Module) {
	if p.moduleAt == nil {
		p.moduleAt = map[string]int{}
	}
	p.moduleAt[m.Dir] = len(p.Modules)
	p.Modules = append(p.Modules, m)
}

// Base is the path that imports of the platform begin with, in a file of the
// output.
func (p *Plan) Base(file string) string {
	at := p.ModuleOf(file)
	if at < 0 {
		return ""
	}
	return p.base(p.Modules[at].Path)
}

// base is that of a module.
func (p *Plan) base(module string) string { return p.System.Layout.Base(p.System.Module, module) }

// Build plans the output of a checked model where there is none yet.
func Build(m *check.Model) (*Plan, error) { return BuildOn(m, nil) }

// BuildOn plans the output of a checked model upon an earlier output, from
// which the numbers of the fields of gRPC are kept; nil: there is none. The
// error can be a *protobuf.Refused.
func BuildOn(m *check.Model, earlier fs.FS) (*Plan, error) {
	layout, err := LayoutOf(m.System)
	if err != nil {
		return nil, err
	}
	return BuildAs(m, Earlier{Output: earlier}, layout)
}

// LayoutOf is the layout that a model asks for.
func LayoutOf(sys *model.System) (l platform.Layout, err error) {
	if d := sys.Deploy; d != nil {
		l.Standalone = d.Standalone
		if d.Platform != "" {
			l.Release, err = platform.ParseRelease(d.Platform)
		}
	}
	return l, err
}

// BuildAs is BuildOn in a layout, whatever the model asks for.
func BuildAs(m *check.Model, earlier Earlier, layout platform.Layout) (*Plan, error) {
	p, err := Begin(m, earlier, layout)
	if err != nil {
		return nil, err
	}
	var all []Unit
	_ = p.Each(func(units []Unit) error { all = append(all, units...); return nil })
	p.Units, p.later = all, nil
	return p, nil
}

// Migrations are those that the change of the model takes, by the services in their order.
func (p *Plan) Migrations() []*stored.Migration {
	var out []*stored.Migration
	for _, s := range p.System.Services {
		for _, m := range p.stored[s.Dir].Migrations {
			if m.New {
				out = append(out, m)
			}
		}
	}
	return out
}

// Begin is BuildAs for who takes units one after the other, from Each: Units are
// only those that no single service has.
func Begin(m *check.Model, earlier Earlier, layout platform.Layout) (*Plan, error) {
	m.LeaveOutOpen()
	contracts, played := contract.Build(m), stories.Play(m)
	sys := services.Plan(contracts, layout)
	protos, err := protobuf.Plan(sys, earlier.Output)
	if err != nil {
		return nil, err
	}
	kept, err := stored.Plan(sys, earlier.Stored)
	if err != nil {
		return nil, err
	}
	p := &Plan{System: sys, Gateway: gateway.Plan(sys), stored: kept}
	if p.Table, err = e2e.Table(contracts, sys, played); err != nil {
		return nil, err
	}
	if earlier.Made != nil {
		p.keep(basis.Of(contracts, played), earlier)
	}
	if err := p.addServices(protos, played, pact.Of(contracts, played, sample.New(m).JSON)); err != nil {
		return nil, err
	}
	examples := apidoc.NewExamples(m, played, sample.New(m).Example)
	documents := apidoc.Files(contracts, examples)
	p.addDocuments(contracts, documents, examples)
	p.addGateway(documents)
	if err := p.addE2E(); err != nil {
		return nil, err
	}
	p.addCluster(deploy.Plan(sys, p.Gateway))
	return p, nil
}

// addContracts adds what a service relies on, as Pact files, and what it answers
// actors, as examples.
func (p *Plan) addContracts(shown *pact.Shown) error {
	for _, f := range shown.Files {
		f.Interactions = slices.DeleteFunc(f.Interactions, func(i *pact.Interaction) bool {
			i.Handlers = p.handlers(i)
			return i.Message != nil && len(i.Handlers) == 0 // none is generated
		})
		if len(f.Interactions) == 0 {
			continue
		}
		if err := p.copy(f.Path(), f.JSON); err != nil {
			return err
		}
		if !p.System.Layout.Standalone {
			continue
		}
		if err := p.copy(f.AtProvider(), f.JSON); err != nil {
			return err
		}
	}
	if told := shown.Told; told != nil {
		return p.copy(told.Path(), told.JSON)
	}
	return nil
}

// handlers are who takes a message, as generated code calls them, each once.
func (p *Plan) handlers(i *pact.Interaction) []string {
	if i.Message == nil {
		return nil
	}
	var out []string
	for _, n := range i.Needs {
		if name := p.System.Handler(n); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (p *Plan) copy(file string, text func() ([]byte, error)) error {
	data, err := text()
	p.Files = append(p.Files, File{artifact.File{Path: file, Data: data, Owner: artifact.Generated}, p.of})
	return err
}
