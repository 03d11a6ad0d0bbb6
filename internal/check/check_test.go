package check_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/model"
)

const shop = `
esgen: v1
system: shop
types:
  Status: {enum: [Placed, Paid, Cancelled]}
  Quantity: {is: int, check: value > 0}
actors: {Customer: {}}
contexts:
  front:
    aggregates:
      Order:
        state: {customerId: id, quantity: Quantity, total: decimal, paymentId: id, status: Status, note: optional(string), tags: list(string)}
        lifecycle: {status: {Placed: [Paid, Cancelled]}}
        commands:
          PlaceOrder:
            actor: Customer
            creates: true
            input: {customerId: id, quantity: int, total: int, note: optional(string)}
            let: {total: input.total + 1}
            call:
              to: pay.Approve
              as: payment
              with: {amount: total}
              compensate: pay.Refund
            emit: [OrderPlaced]
          ChangeNote:
            actor: Customer
            input: {text: string}
            emit: [{event: NoteChanged, with: {note: input.text}}]
          ClearNote: {actor: Customer, emit: [NoteCleared]}
          CancelOrder: {actor: Customer, emit: [OrderCancelled]}
        events:
          OrderPlaced: {fields: [customerId, quantity, total, paymentId, note], apply: {status: Placed}}
          NoteChanged: {fields: [note]}
          NoteCleared: {apply: {note: null}}
          OrderCancelled: {fields: [customerId, paymentId], apply: {status: Cancelled}}
    views:
      Daily:
        key: [customerId, day]
        fields: {customerId: id, day: date, total: {type: decimal, default: 0}, orders: {type: int, default: 0}}
        from:
          OrderPlaced: {key: {day: date(meta.time)}, set: {orders: row.orders + 1}}
        actor: Customer
  pay:
    aggregates:
      Payment:
        state: {orderId: id, amount: decimal}
        lookup: [orderId]
        commands:
          Approve:
            creates: true
            input: {orderId: id, amount: decimal, limit: {type: int, default: 5}}
            emit:
              - Approved
              - {event: Flagged, if: input.amount > 100, with: {reason: "'much'"}}
          Refund: {emit: [Refunded]}
        events:
          Approved: {fields: [orderId, amount]}
          Flagged: {fields: {reason: string}}
          Refunded: {deletes: true}
    policies:
      RefundCancelled: {whenever: front.OrderCancelled, then: Payment.Refund}
      RefundByOrder: {whenever: front.NoteCleared, then: Payment.Refund, correlateBy: orderId}
`

// checked is a model that has no errors.
func checked(t *testing.T, text string) *check.Model {
	t.Helper()
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(text)}}, model.DocumentName)
	m, more := check.System(sys)
	diags.Merge(more)
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			t.Fatalf("%s: %s", d.Pos, d.Message)
		}
	}
	return m
}

// TestWhereValuesComeFrom compares the complete lists of a small model with
// what its author would expect.
func TestWhereValuesComeFrom(t *testing.T) {
	t.Parallel()
	m := checked(t, shop)
	front, pay := m.Contexts[0], m.Contexts[1]
	order := front.Aggregates[0]
	place := order.Commands[0]
	call := place.Calls[0]
	daily := front.Views[0].From[0]

	var reply []string
	for _, f := range m.Calls[call].Reply {
		reply = append(reply, f.Name+": "+f.Type.String())
	}
	for _, c := range []struct{ what, got, want string }{
		{"emit", spelled(m.Emits[place.Emits[0]].Assigns),
			"customerId = input.customerId; quantity = Quantity(input.quantity); total = decimal(total); paymentId = payment.paymentId; note = input.note"},
		{"call", spelled(m.Calls[call].Assigns), "orderId = id; amount = decimal(total); limit = -"},
		{"reply", strings.Join(reply, "; "), "paymentId: id; orderId: id; amount: decimal; reason: optional(string)"},
		{"apply", spelled(m.Events[order.Events[0]].Apply),
			"customerId = event.customerId; quantity = event.quantity; total = event.total; paymentId = event.paymentId; status = Placed; note = event.note"},
		{"optional", spelled(m.Emits[order.Commands[1].Emits[0]].Assigns), "note = optional(string)(input.text)"},
		{"null", spelled(m.Events[order.Events[2]].Apply), "note = -"},
		{"row key", spelled(m.Projections[daily].Key), "customerId = event.customerId; day = date(meta.time)"},
		{"row", spelled(m.Projections[daily].Set), "total = event.total; orders = row.orders + 1"},
		{"target by name", spell(m.Reactions[pay.Policies[0].Then[0]].Target), "event.paymentId"},
		{"correlated target", spell(m.Reactions[pay.Policies[1].Then[0]].Target), "-"},
		{"correlated by", spell(m.Reactions[pay.Policies[1].Then[0]].Correlated), "event.orderId"},
		{"target of a creation", spell(m.Calls[call].Target), "-"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

func spelled(list []check.Assigned) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.Field.Name + " = " + spell(a.Value)
	}
	return strings.Join(parts, "; ")
}

// spell writes a tree for people.
func spell(t *expr.Tree) string {
	if t == nil {
		return "-"
	}
	args := make([]string, len(t.Args))
	for i, a := range t.Args {
		args[i] = spell(a)
	}
	switch t.Op {
	case expr.Const:
		return fmt.Sprint(t.Value)
	case expr.Name:
		return t.Ident
	case expr.Enum:
		return t.Enum.Name
	case expr.Select:
		return args[0] + "." + t.Field.Name
	case expr.Binary:
		return args[0] + " " + t.Ident + " " + args[1]
	case expr.Convert:
		return t.Type.String() + "(" + args[0] + ")"
	case expr.Call:
		return t.Func.Name + "(" + strings.Join(args, ", ") + ")"
	}
	return "?"
}

// TestDeterministic makes sure that checking side by side says the same each
// time.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	said := func() []string {
		var out []string
		for _, d := range judged(bad + "/many-faults").Sorted() {
			out = append(out, d.Pos.String()+d.Message+d.Suggestion)
		}
		return out
	}
	first := said()
	for range 20 {
		if diff := cmp.Diff(first, said()); diff != "" {
			t.Fatal(diff)
		}
	}
}

// BenchmarkCheck checks synthetic systems; the time per context must not grow
// with their number.
func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("contexts=%d", n), func(b *testing.B) {
			sys, diags := model.LoadFS(synthetic.Files(n), synthetic.Document)
			if diags.HasErrors() {
				b.Fatal(diags.Sorted()[0].Message)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, diags := check.System(sys); diags.HasErrors() {
					d := diags.Sorted()[0]
					b.Fatal(d.Pos, d.Message)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/context")
		})
	}
}
