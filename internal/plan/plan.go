// Package plan turns a checked model into what templates print: typed views
// whose strings are final, one unit for each file or group of files. Nothing
// is decided after it. Its packages plan the parts; here they are put together.
package plan

import (
	"io/fs"
	"slices"

	"github.com/esgen/esgen/internal/apidoc"
	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/pact"
	"github.com/esgen/esgen/internal/plan/deploy"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/internal/stories"
)

// Plan is everything to be written.
type Plan struct {
	System  *services.System
	Gateway *gateway.Gateway
	Units   []Unit          // rendered by the packs
	Files   []artifact.File // copied as they are
	// Uncovered are needs of services of which no contract test has an example.
	Uncovered []*contract.Need
}

// Build plans the output of a checked model where there is none yet.
func Build(m *check.Model) (*Plan, error) { return BuildOn(m, nil) }

// BuildOn plans the output of a checked model upon an earlier output, from
// which the numbers of the fields of gRPC are kept; nil: there is none. The
// error can be a *protobuf.Refused.
func BuildOn(m *check.Model, earlier fs.FS) (*Plan, error) {
	contracts, played := contract.Build(m), stories.Play(m)
	sys, err := services.Plan(contracts)
	if err != nil {
		return nil, err
	}
	protos, err := protobuf.Plan(sys, earlier)
	if err != nil {
		return nil, err
	}
	p := &Plan{System: sys, Gateway: gateway.Plan(sys)}
	p.addServices(protos)
	examples := apidoc.NewExamples(m, played, sample.New(m).JSON)
	documents := apidoc.Files(contracts, examples)
	p.addDocuments(contracts, documents, examples)
	p.addGateway(documents)
	p.addCluster(deploy.Plan(sys, p.Gateway))
	if p.Files, err = platform(sys.Module); err != nil {
		return nil, err
	}
	return p, p.addContracts(contracts, played)
}

// addContracts adds what the consumers of a system rely on, as Pact files.
func (p *Plan) addContracts(contracts *contract.System, played []*stories.Story) error {
	files, uncovered := pact.Build(contracts, played, sample.New(contracts.Model).JSON)
	p.Uncovered = uncovered
	for _, f := range files {
		f.Interactions = slices.DeleteFunc(f.Interactions, func(i *pact.Interaction) bool {
			if i.Message != nil {
				i.Handler = p.System.Handler(i.Need)
			}
			return i.Message != nil && i.Handler == "" // it is not generated
		})
		if len(f.Interactions) == 0 {
			continue
		}
		data, err := f.JSON()
		if err != nil {
			return err
		}
		p.Files = append(p.Files, artifact.File{Path: f.Path(), Data: data, Owner: artifact.Generated})
	}
	return nil
}
