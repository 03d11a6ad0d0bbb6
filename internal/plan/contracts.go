package plan

import (
	"slices"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/pact"
)

// ContractTests is what the tests of a service's contracts need to know.
type ContractTests struct {
	*ServiceTests
	Asks  []ContractCall // what it asks of other services
	Hears bool           // it hears of other services
}

// ContractCall is a request to another service, by the name that contracts
// have for it.
type ContractCall struct {
	*Method
	Contract string // Order.PlaceOrder.payment
}

func (b *builder) addContractTests(p *Plan, t *ServiceTests, imports map[string]string) {
	c := &ContractTests{ServiceTests: t, Hears: len(t.Upstreams) > 0}
	for _, a := range t.Aggregates {
		for _, m := range a.Commands {
			for i, call := range m.Calls {
				if call.Method.Dependency.External {
					continue
				}
				name := pact.CallName(m.model, m.model.Calls[i])
				c.Asks = append(c.Asks, ContractCall{call.Method, name})
				if call.Undo != nil && !call.Undo.Method.Dependency.External {
					c.Asks = append(c.Asks, ContractCall{call.Undo.Method, name + pact.Undone})
				}
			}
		}
	}
	if c.Hears || len(c.Asks) > 0 {
		p.add("consumer-tests", c, imports)
	}
	p.add("provider-tests", c, imports)
}

// addContracts adds what the consumers of a system rely on, as Pact files.
func (b *builder) addContracts(p *Plan, sys *System) error {
	files, uncovered := pact.Build(b.contracts, Sampler(b.model))
	p.Uncovered = uncovered
	for _, f := range files {
		f.Interactions = slices.DeleteFunc(f.Interactions, func(i *pact.Interaction) bool {
			if i.Message != nil {
				i.Handler = sys.handler(i.Need)
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

// handler is the name of the policy or view that has a need for messages; "":
// it is not generated.
func (s *System) handler(n *contract.Need) string {
	for _, service := range s.Services {
		if service.context != n.Consumer.Service.Context {
			continue
		}
		for _, p := range service.Policies {
			if n.Policy != nil && p.model == n.Policy {
				return p.Name
			}
		}
		for _, v := range service.Views {
			if n.Projection != nil && slices.Contains(v.model.From, n.Projection) {
				return v.Name.Go
			}
		}
	}
	return ""
}
