package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const kitchen = `
esgen: v1
system: ftgo
externals: {PG: {events: {Settled: {fields: {orderId: id, amount: decimal}}}}}
contexts:
  order:
    aggregates:
      Order:
        state: {consumerId: id, total: decimal, status: {type: string, default: ""}}
        commands:
          Create: {creates: true, input: {consumerId: id, total: decimal}, emit: [OrderCreated]}
          Approve: {emit: [OrderApproved]}
          Reject: {input: {ticketId: optional(id)}, emit: [OrderRejected]}
          Settle: {input: {amount: decimal}, emit: [OrderSettled]}
        events:
          OrderCreated:
            fields: [consumerId, total]
            versions:
              1: {fields: {consumerId: id, won: int}, upcast: {cents: old.won * 100}}
              2: {fields: {consumerId: id, cents: int}, upcast: {total: decimal(old.cents)}}
          OrderApproved: {apply: {status: "'approved'"}}
          OrderRejected: {apply: {status: "'rejected'"}}
          OrderSettled: {fields: {amount: decimal}}
    sagas:
      CreateOrder:
        startedBy: OrderCreated
        data: {ticketId: optional(id), seats: {type: int, default: 0}}
        steps:
          - do: kitchen.CreateTicket
            with: {order: event.orderId}
            save: {ticketId: reply.ticketId, seats: reply.places}
            compensate: {do: kitchen.CancelTicket, target: saga.ticketId}
          - {do: kitchen.Reserve, with: {seats: saga.seats + 1}}
          - {do: kitchen.Confirm, pivot: true}
          - Order.Approve
        onFailure: Order.Reject
    policies:
      WarnOften: {whenever: OrderCreated, by: consumerId, within: 1h, if: "window.map(e, e.total).sum() > 100", then: Order.Reject}
      GiveUp: {after: 15m, since: OrderCreated, unless: OrderApproved, then: Order.Reject}
      Sweep: {every: 1h, each: {of: Order, where: state.status == ""}, then: Order.Reject}
      Settle: {whenever: PG.Settled, then: Order.Settle}
    views:
      Orders:
        key: orderId
        fields: {orderId: id, consumerId: id, total: decimal}
        from: {OrderCreated: {}}
        links: {siblings: {to: Orders, by: {consumerId: row.consumerId}}, self: {to: Orders}}
  kitchen:
    aggregates:
      Ticket:
        state: {order: id, places: int, seats: {type: int, default: 0}}
        commands:
          CreateTicket: {creates: true, input: {order: id, total: decimal}, emit: [{event: TicketCreated, with: {places: "4"}}]}
          Reserve: {input: {seats: int}, emit: [SeatsReserved]}
          CancelTicket: {emit: [TicketCancelled]}
          Confirm: {emit: [TicketConfirmed]}
        events:
          TicketCreated: {fields: [order, places]}
          SeatsReserved: {fields: [seats]}
          TicketCancelled: {deletes: true}
          TicketConfirmed: {}
`

// TestWhatStepsAreGiven compares what sagas, timers, windows, older versions
// and links are given with what their author would expect.
func TestWhatStepsAreGiven(t *testing.T) {
	t.Parallel()
	m := checked(t, kitchen)
	order := m.Contexts[0]
	saga, created := order.Sagas[0], order.Aggregates[0].Events[0]
	create, reserve, confirm, approve := saga.Steps[0], saga.Steps[1], saga.Steps[2], saga.Steps[3]
	warn, giveUp, sweep, settle := order.Policies[0], order.Policies[1], order.Policies[2], order.Policies[3]
	links := order.Views[0].Links

	var reply []string
	for _, f := range m.Steps[create].Reply {
		reply = append(reply, f.Name+": "+f.Type.String())
	}
	for _, c := range []struct{ what, got, want string }{
		{"step", spelled(m.Steps[create].Assigns), "order = event.orderId; total = event.total"},
		{"step that creates", spell(m.Steps[create].Target), "-"},
		{"reply", strings.Join(reply, "; "), "ticketId: id; order: id; places: int"},
		{"save", spelled(m.Steps[create].Saves), "ticketId = optional(id)(reply.ticketId); seats = reply.places"},
		{"compensation", spell(m.Compensations[create.Compensate].Target), "id(saga.ticketId)"},
		{"later step", spelled(m.Steps[reserve].Assigns), "seats = saga.seats + 1"},
		{"instance by what was saved", spell(m.Steps[reserve].Target), "id(saga.ticketId)"},
		{"the same", spell(m.Steps[confirm].Target), "id(saga.ticketId)"},
		{"own instance", spell(m.Steps[approve].Target), "event.orderId"},
		{"on failure", spell(m.Compensations[saga.OnFailure].Target), "event.orderId"},
		{"on failure, given", spelled(m.Compensations[saga.OnFailure].Assigns), "ticketId = saga.ticketId"},
		{"window", m.Trees[warn.If].Type.String(), "bool"},
		{"after", spell(m.Reactions[giveUp.Then[0]].Target), "event.orderId"},
		{"each of the clock", spell(m.Reactions[sweep.Then[0]].Target), "id"},
		{"webhook", spell(m.Reactions[settle.Then[0]].Target) + " " + spelled(m.Reactions[settle.Then[0]].Assigns), "event.orderId amount = event.amount"},
		{"version 1", spelled(m.Versions[created.Versions[0]].Upcast), "consumerId = old.consumerId; cents = old.won * 100"},
		{"version 2", spelled(m.Versions[created.Versions[1]].Upcast), "consumerId = old.consumerId; total = decimal(old.cents)"},
		{"link", spelled(m.Links[links[0]].By), "consumerId = row.consumerId"},
		{"link by key", spelled(m.Links[links[1]].By), "orderId = row.orderId"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}
