package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

const shop = `
esgen: v1
system: shop
module: example.com/shop
types:
  Item: {fields: {menuId: id, parts: list(Item)}}
  Quantity: {is: int, check: value > 0}
actors: {Customer: {}, Clerk: {}}
contexts:
  front:
    aggregates:
      Order:
        state: {customerId: id, items: list(Item), total: decimal, paymentId: id, note: optional(string), coupon: string}
        unique: [coupon]
        invariants: {Negative: state.total >= 0}
        commands:
          PlaceOrder:
            actor: Customer
            creates: true
            input: {customerId: id, items: list(Item), quantity: Quantity, coupon: {type: string, default: none}}
            require: {Empty: size(input.items) > 0}
            let: {total: decimal(input.quantity)}
            call:
              to: pay.Approve
              as: payment
              with: {amount: total}
              require: {Declined: payment.approved}
              rejected: {TooMuch: Unpayable}
              compensate: pay.Cancel
            emit: [{event: OrderPlaced, with: {paymentId: payment.paymentId}}]
          Close: {http: "DELETE /baskets/{orderId}", actor: [Customer, Clerk], emit: [OrderClosed]}
        events:
          OrderPlaced: {fields: [customerId, items, total, paymentId, note, coupon]}
          OrderClosed: {visibility: private}
  pay:
    aggregates:
      Payment:
        state: {amount: decimal, approved: bool}
        commands:
          Approve:
            creates: true
            input: {amount: decimal}
            require: {TooMuch: input.amount < 100}
            emit: [{event: Approved, with: {approved: "true"}}]
          Cancel: {emit: [Cancelled]}
        events: {Approved: {fields: [amount, approved]}, Cancelled: {}}
  stats:
    aggregates:
      Mark:
        state: {orderId: id}
        commands: {Put: {creates: true, input: {orderId: id}, emit: [MarkPut]}}
        events: {MarkPut: {fields: [orderId]}}
    policies:
      MarkLarge: {whenever: front.OrderPlaced, if: event.total > 10, then: Mark.Put}
    views:
      Spent:
        key: customerId
        fields: {customerId: id, spent: {type: decimal, default: 0}}
        from: {front.OrderPlaced: {set: {spent: row.spent + event.total}}}
        actor: Clerk
        queries: {most: {input: {min: decimal}, where: row.spent > input.min}}
`

func build(t *testing.T, text string) *contract.System {
	t.Helper()
	sys, bad := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(text)}}, "esgen.yaml")
	if bad.HasErrors() {
		t.Fatal(bad)
	}
	m, bad := check.System(sys)
	if bad.HasErrors() {
		t.Fatal(bad)
	}
	return contract.Build(m)
}

// describe is a contract in a few lines.
func describe(s *contract.System) string {
	var b strings.Builder
	for _, v := range s.Services {
		fmt.Fprintf(&b, "%s\n", v.Name.Kebab)
		for _, o := range v.Operations {
			fmt.Fprintf(&b, "  %s %v %v %s -> %s %v\n", o.ID, o.Public, o.Internal, shape(o.Input), shape(o.Reply), o.Problems)
		}
		for _, m := range v.Messages {
			fmt.Fprintf(&b, "  %s on %s by %s: %s\n", m.Type, m.Topic, m.Key, shape(m.Payload))
		}
		for _, n := range v.Needs {
			fmt.Fprintf(&b, "  needs %s\n", need(n))
		}
	}
	for _, n := range s.Outside {
		fmt.Fprintf(&b, "%s needs %s\n", n.Consumer.Name(), need(n))
	}
	return b.String()
}

func need(n *contract.Need) string {
	var what string
	if n.Operation != nil {
		what = n.Operation.ID
	} else {
		what = n.Message.ID
	}
	return fmt.Sprintf("%s.%s for %s (%s): sends %v, reads %v, tells %v", n.Provider.Context.Name, what, n.By, n.Kind, n.Sends, n.Reads, n.Codes)
}

func shape(s *contract.Schema) string {
	if s == nil {
		return "nothing"
	}
	var fields []string
	for _, f := range s.Fields {
		mark := ""
		if f.MayMiss(true) {
			mark = "?"
		}
		fields = append(fields, f.Name+mark+" "+string(f.Schema.Kind))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func TestBuild(t *testing.T) {
	want := `front
  Order GET /orders/{id} <nil> nothing -> {orderId id, customerId id, items? list, total decimal, paymentId id, note? string, coupon string} []
  Order.PlaceOrder POST /orders POST /internal/commands/order/place-order {orderId? id, customerId id, items? list, quantity int, coupon? string} -> {orderId id, customerId id, items? list, total decimal, paymentId id, note? string, coupon string} [{422 Empty } {422 Declined } {422 Unpayable } {422 Negative } {409 CouponTaken }]
  Order.Close DELETE /baskets/{orderId} POST /internal/commands/order/close {orderId id} -> {orderId id} [{422 Negative } {409 CouponTaken }]
  front.order.OrderPlaced on shop.front.order by orderId: {orderId id, customerId id, items? list, total decimal, paymentId id, note? string, coupon string}
  needs pay.Payment.Approve for command PlaceOrder (call): sends [paymentId amount], reads [paymentId approved], tells [TooMuch]
  needs pay.Payment.Cancel for command PlaceOrder (compensation): sends [paymentId], reads [], tells []
pay
  Payment <nil> <nil> nothing -> {paymentId id, amount decimal, approved bool} []
  Payment.Approve <nil> POST /internal/commands/payment/approve {paymentId? id, amount decimal} -> {paymentId id, amount decimal, approved bool} [{422 TooMuch }]
  Payment.Cancel <nil> POST /internal/commands/payment/cancel {paymentId id} -> {paymentId id} []
  pay.payment.Approved on shop.pay.payment by paymentId: {paymentId id, amount decimal, approved bool}
  pay.payment.Cancelled on shop.pay.payment by paymentId: {paymentId id}
stats
  Mark <nil> <nil> nothing -> {markId id, orderId id} []
  Mark.Put <nil> POST /internal/commands/mark/put {markId? id, orderId id} -> {markId id, orderId id} []
  Spent GET /views/spents/{customerId} GET /internal/queries/spent/rows/{customerId} nothing -> {customerId id, spent? decimal} []
  Spent.list GET /views/spents GET /internal/queries/spent nothing -> {customerId id, spent? decimal} []
  Spent.most GET /views/spents/queries/most POST /internal/queries/spent/most {min decimal} -> {customerId id, spent? decimal} []
  stats.mark.MarkPut on shop.stats.mark by markId: {markId id, orderId id}
  needs front.Order.OrderPlaced for view Spent (view): sends [], reads [customerId total], tells []
  needs front.Order.OrderPlaced for policy MarkLarge (policy): sends [], reads [orderId total], tells []
Customer needs front.Order for Customer (actor): sends [], reads [orderId customerId items total paymentId note coupon], tells []
Clerk needs front.Order for Clerk (actor): sends [], reads [orderId customerId items total paymentId note coupon], tells []
Customer needs front.Order.PlaceOrder for Customer (actor): sends [orderId customerId items quantity coupon], reads [orderId customerId items total paymentId note coupon], tells [Empty Declined Unpayable Negative CouponTaken]
Customer needs front.Order.Close for Customer (actor): sends [orderId], reads [orderId], tells [Negative CouponTaken]
Clerk needs front.Order.Close for Clerk (actor): sends [orderId], reads [orderId], tells [Negative CouponTaken]
Clerk needs stats.Spent for Clerk (actor): sends [], reads [customerId spent], tells []
Clerk needs stats.Spent.list for Clerk (actor): sends [], reads [customerId spent], tells []
Clerk needs stats.Spent.most for Clerk (actor): sends [min], reads [customerId spent], tells []
`
	if diff := cmp.Diff(want, describe(build(t, shop))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A type that contains itself has one schema, which contains itself.
func TestSchemasAreShared(t *testing.T) {
	s := build(t, shop)
	items := s.Services[0].Messages[0].Payload.Field("items").Schema
	item := items.Items
	if item.Def == nil || item.Def.Name != "Item" || item.Field("parts").Schema.Items != item {
		t.Errorf("items are %+v", item)
	}
	quantity := s.Services[0].Operations[1].Input.Field("quantity").Schema
	if diff := cmp.Diff([]string{"value > 0"}, quantity.Checks); diff != "" {
		t.Error(diff)
	}
}

// Whoever compares two contracts also wants to know what stays inside: own
// readers of events, private events, what is not always sent, and which values
// of enums are told apart.
func TestInside(t *testing.T) {
	s := build(t, `
esgen: v1
system: shop
actors: {Customer: {}}
types: {Status: {enum: [Placed, Paid, Lost]}}
contexts:
  front:
    aggregates:
      Order:
        state: {status: Status, note: optional(string)}
        commands:
          PlaceOrder:
            actor: Customer
            creates: true
            input: {status: Status, note: optional(string)}
            call: {to: pay.Approve, as: payment, with: {memo: "'gift'"}}
            emit: [OrderPlaced, Noted]
        events: {OrderPlaced: {fields: [status, note]}, Noted: {fields: [note], visibility: private}}
    views:
      Lost: {key: orderId, fields: {orderId: id, note: optional(string)}, from: {Noted: {set: {note: event.note}}}}
  pay:
    aggregates:
      Payment:
        state: {note: optional(string), memo: optional(string), status: Status}
        commands:
          Approve:
            creates: true
            input: {note: optional(string), memo: optional(string)}
            emit: [{event: Approved, with: {status: Paid}}]
        events:
          Approved:
            fields: [note, memo, status]
            versions: {1: {fields: {status: Status}, upcast: {note: "'none'", memo: "'none'"}}}
    policies:
      ApproveLost: {whenever: front.OrderPlaced, if: "event.status == Status.Lost", then: Payment.Approve}
`)
	front, pay := s.Services[0], s.Services[1]
	if len(front.Private) != 1 || front.Private[0].ID != "Order.Noted" || len(front.Messages) != 1 {
		t.Errorf("private events: %v", front.Private)
	}
	if len(front.Own) != 1 || front.Own[0].By != "view Lost" {
		t.Errorf("own needs: %v", front.Own)
	}
	if diff := cmp.Diff([]string{"note"}, front.Needs[0].Omits); diff != "" {
		t.Errorf("omits: %s", diff)
	}
	for def, values := range pay.Needs[0].Compares {
		if diff := cmp.Diff([]string{"Lost"}, values); def.Name != "Status" || diff != "" {
			t.Errorf("compares %s: %s", def.Name, diff)
		}
	}
	if approved := pay.Messages[0]; approved.Version != 2 || len(approved.Older) != 1 || approved.Older[0].Field("note") != nil {
		t.Errorf("versions: %+v", approved)
	}
}
