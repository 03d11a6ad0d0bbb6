package plan

import (
	"encoding/json"

	"github.com/esgen/esgen/internal/apidoc"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

// addDocuments adds what the services say of themselves.
func (p *Plan) addDocuments(contracts *contract.System) {
	examples := apidoc.Play(contracts.Model, Sampler(contracts.Model))
	for _, d := range apidoc.Files(contracts, examples) {
		p.add("document", d, nil)
	}
	catalogue := apidoc.NewCatalogue(contracts, examples)
	p.add("catalogue", catalogue, nil)
	for _, page := range catalogue.Pages {
		p.add("catalogue-page", page, nil)
	}
}

// Sampler makes up objects that the checks of a model let through.
func Sampler(m *check.Model) apidoc.Sampler {
	b := &builder{model: m}
	return func(fields []*model.Field) json.RawMessage { return json.RawMessage(b.sampleObject(fields).json) }
}
