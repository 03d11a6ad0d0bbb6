package plan_test

import "testing"

// waiting is a model of what is about events that no aggregate holds yet.
const waiting = `
esgen: v1
system: store
zone: Asia/Seoul
types: {Line: {fields: {sku: string, count: {type: int, default: 1}}}, S: {enum: [Open, Shut]}}
actors: {Customer: , Owner: }
compositions:
  details: {http: "GET /orders/{orderId}/{day}", actor: Customer, parts: {order: {from: Orders, required: true, timeout: 500ms}, day: Days}}
externals:
  PayGate:
    operations: {capture: {input: {amount: decimal}, reply: {approved: bool}}}
events: {PaymentSettled: {fields: {orderId: id, sum: decimal}}}
contexts:
  front:
    aggregates:
      Order:
        persistence: events
        snapshotEvery: 100
        state: {total: decimal, note: optional(string), lines: list(Line), status: S}
        lifecycle: {status: {Open: [Shut]}}
        commands:
          Place: {actor: [Customer, Owner], creates: true, input: [total, note, lines], emit: [Placed]}
          Cancel: {emit: [Cancelled]}
        events:
          Placed: {fields: [total, note, lines], versions: {1: {fields: {won: int}, upcast: {total: decimal(old.won), lines: "[]"}}}}
          Cancelled: {apply: {status: Shut}}
    policies:
      Settled: {whenever: PaymentSettled, then: Cancel, target: event.orderId}
    views:
      Orders: {key: orderId, actor: Customer, fields: {orderId: id, total: decimal}, from: [Placed], changes: stream, links: {days: {to: Days, by: {orderId: row.orderId}}}}
      Days: {key: [orderId, day], actor: Customer, fields: {orderId: id, day: date}, from: {Placed: {key: {day: date(meta.time)}}}}
      Paid: {key: orderId, actor: Customer, fields: {orderId: id, sum: {type: decimal, default: 0}}, from: {PaymentSettled: {}, Placed: {}}}
      OnlyHooks: {key: orderId, actor: Customer, fields: {orderId: id, sum: {type: decimal, default: 0}}, from: {PaymentSettled: {}}}
    sagas:
      Buy:
        startedBy: PaymentSettled
        data: {ok: optional(bool)}
        steps:
          - {do: PayGate.capture, with: {amount: event.sum}, save: {ok: reply.approved}}
          - {do: Cancel, target: event.orderId, pivot: true}
        onFailure: Cancel
        timeout: 30s
`

// What waits for an aggregate is left out, and the rest is generated.
func TestWhatWaits(t *testing.T) {
	for _, s := range rendered(t, waiting).System.Services {
		if len(s.Sagas) > 0 || len(s.Views) != 2 {
			t.Errorf("%s has %d sagas and %d views, want 0 and 2", s.Dir, len(s.Sagas), len(s.Views))
		}
		if len(s.Policies) > 0 {
			t.Errorf("%s has a policy %s: nobody tells of what sets it off", s.Dir, s.Policies[0].Name)
		}
		if len(s.Topics) != 1 {
			t.Errorf("%s listens to %v: its views ask for its own events only", s.Dir, s.Topics)
		}
	}
}
