package tests

import (
	"slices"

	"github.com/esgen/esgen/internal/pact"
	"github.com/esgen/esgen/internal/plan/services"
)

// Contracts is what the tests of a service's contracts need to know.
type Contracts struct {
	*Service
	Asks  []Call // what it asks of other services
	Hears bool   // it hears of other services
	// Orchestrates: its sagas ask other services.
	Orchestrates bool
}

// Consumes reports whether it relies on others at all.
func (c *Contracts) Consumes() bool { return c.Hears || c.Orchestrates || len(c.Asks) > 0 }

// Call is a request to another service, by the name that contracts
// have for it.
type Call struct {
	*services.Method
	Contract string // Order.PlaceOrder.payment
}

// OfContracts plans the tests of what it and others rely on.
func (t *Service) OfContracts() *Contracts {
	c := &Contracts{
		Service: t, Hears: slices.ContainsFunc(t.Upstreams, (*services.Upstream).IsContext),
		Orchestrates: slices.ContainsFunc(t.Service.Sagas, (*services.Saga).AsksOthers),
	}
	for _, a := range t.Aggregates {
		for _, m := range a.Commands {
			for i, call := range m.Calls {
				if call.Method.Dependency.External {
					continue
				}
				name := pact.CallName(m.Model, m.Model.Calls[i])
				c.Asks = append(c.Asks, Call{call.Method, name})
				if call.Undo != nil && !call.Undo.Method.Dependency.External {
					c.Asks = append(c.Asks, Call{call.Undo.Method, name + pact.Undone})
				}
			}
		}
	}
	return c
}
