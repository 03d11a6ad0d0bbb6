package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
)

// TestFooddelivery runs the example of the README, on the embedded broker and
// database and on real ones, and holds it to its promises.
func TestFooddelivery(t *testing.T) {
	if testing.Short() {
		t.Skip("generates, builds and runs a whole system")
	}
	build := buildFood(t)
	for _, on := range platforms {
		t.Run(on.name, func(t *testing.T) {
			for _, test := range []struct {
				name  string
				run   func(t *testing.T, b *foodBuild, on platform)
				waits bool // more than it works: until leases and sessions are over
			}{
				{"the story", theStory, false},
				{"through the gateway", throughTheGateway, false},
				{"pay is slow", payIsSlow, false},
				{"the broker is away", brokerIsAway, false},
				{"replicas come and go", replicasComeAndGo, false},
				{"store is away", storeIsAway, true},
				{"pay is away", payIsAway, true},
				{"two replicas of store", twoStores, true},
				{"front is killed", frontIsKilled, true},
			} {
				t.Run(test.name, func(t *testing.T) {
					if test.waits && on.apart {
						t.Parallel()
					}
					test.run(t, build, on)
				})
			}
		})
	}
}

// told is what requests that read have in their answers, sooner or later, by
// their paths.
var told = map[string]map[string]any{
	"/front/views/restaurant-menus/kimbap": {"name": "김밥천국", "open": true},
	"/front/views/order-statuses/order-1": {
		"status": "Delivered", "kitchen": "Cooked", "delivery": "Delivered", "riderId": "rider-1", "total": 12000, "refunded": false,
	},
	"/front/views/order-statuses/order-2": {
		"status": "Cancelled", "kitchen": "Cancelled", "delivery": "Cancelled", "total": 7500, "refunded": true,
	},
}

// theStory replays requests.http: from the menu to the coupon, a cancellation
// and a refusal. Then everything is stopped and started again.
func theStory(t *testing.T, b *foodBuild, on platform) {
	requests, err := devrun.LoadRequests(filepath.Join(filepath.Dir(foodModel), "requests.http"))
	if err != nil || len(requests) == 0 {
		t.Fatalf("%d requests: %v", len(requests), err)
	}
	f := b.run(t, on)
	f.holdToDocuments(b.Dir)
	left := map[string]bool{}
	for path := range told {
		left[path] = true
	}
	for _, r := range requests {
		var status int
		if _, err := fmt.Sscan(r.Expect, &status); err != nil {
			t.Fatalf("%s: expects %q", r.Title, r.Expect)
		}
		var fields map[string]any
		if r.Method == http.MethodGet {
			fields = told[r.Path]
			delete(left, r.Path)
		}
		f.expect(r, status, fields)
	}
	for path := range left {
		t.Errorf("the story does not look at %s", path)
	}

	messages := map[string]map[string]int{"customer-1": {
		"주문이 완료되었습니다": 2, "상점이 주문을 접수했습니다": 1, "조리가 시작되었습니다": 1, "조리가 끝났습니다": 1, "배달이 시작되었습니다": 1,
		"배달이 완료되었습니다": 1, "쿠폰이 발행되었습니다": 1, "주문이 취소되었습니다": 1, "결제가 취소되었습니다": 1,
	}}
	f.until("messages", func() error { return differs(f.messages(), messages) })

	coupons := as("customer-1 customer", "GET", "/gogaeg/views/naekupons", "")
	f.until("the coupon", func() error { return hasItems(f.send(coupons))(1, `"jumunbeonho":"order-1"`, `"halinaeg":"1000"`) })
	payments := as("customer-1 customer", "GET", "/pay/views/receipts", "")
	f.until("the receipts", func() error {
		return hasItems(f.send(payments))(2, `"status":"Approved"`, `"status":"Cancelled"`)
	})

	// What was refused has left nothing anywhere.
	f.settled("front", "pay")
	if orders := bySubject(f.facts(orderTopic), "OrderPlaced"); !reflect.DeepEqual(orders, map[string]int{"order-1": 1, "order-2": 1}) {
		t.Errorf("orders %v", orders)
	}
	for _, e := range f.facts(paymentTopic) {
		if e.data["orderId"] == "order-3" {
			t.Errorf("the refused order has a payment: %+v", e)
		}
	}
	if n := f.count("front", "order"); n != 2 {
		t.Errorf("%d orders are stored", n)
	}
	f.nothingParked()

	f.stopAll()
	f.start()
	for path, fields := range told {
		role := "customer-1 customer"
		f.expect(as(role, "GET", path, ""), http.StatusOK, fields)
	}
	f.expect(as("customer-1 customer", "GET", "/front/orders/order-1", ""), http.StatusOK, map[string]any{"status": "Delivered"})
	f.expect(f.order("order-4", "customer-2"), http.StatusCreated, nil)
	f.expect(as("owner-1 owner", "POST", "/store/tickets/order-4/accept", ""), http.StatusOK, nil)
	// The stand-in has forgotten the messages of before: they are not sent again.
	f.until("messages after the restart", func() error {
		return differs(f.messages(), map[string]map[string]int{
			"customer-2": {"주문이 완료되었습니다": 1, "상점이 주문을 접수했습니다": 1},
		})
	})
	f.nothingParked()
}

// differs reports what is not as it should be.
func differs(got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	return fmt.Errorf("%v, want %v", got, want)
}

// hasItems is whether a page has so many items, with the parts of JSON in them.
func hasItems(r reply, err error) func(n int, parts ...string) error {
	return func(n int, parts ...string) error {
		items, _ := r.body["items"].([]any)
		if err == nil && len(items) != n {
			err = fmt.Errorf("%d items, want %d: %s", len(items), n, r.text)
		}
		for _, part := range parts {
			if err == nil && !strings.Contains(strings.ReplaceAll(r.text, " ", ""), part) {
				err = fmt.Errorf("no %s in %s", part, r.text)
			}
		}
		return err
	}
}

// The shop of the tests that do not tell the story, and its owner.
const (
	shop  = "kimbap"
	owner = "owner-1 owner"
)

// openShop registers the shop, and waits until orders can be taken.
func (f *food) openShop() {
	f.t.Helper()
	f.expect(as(owner, "POST", "/store/restaurants",
		`{"restaurantId": "`+shop+`", "name": "김밥천국", "dishes": [{"menuId": "tuna", "name": "참치김밥", "price": 4500}]}`), http.StatusCreated, nil)
	f.expect(as(owner, "GET", "/front/views/restaurant-menus/"+shop, ""), http.StatusOK, map[string]any{"open": true})
}

// order is a customer's order.
func (f *food) order(id, customer string) devrun.Request {
	return as(customer+" customer", "POST", "/front/orders", `{"orderId": "`+id+`", "customerId": "`+customer+`", "restaurantId": "`+shop+`",
		"items": [{"menuId": "tuna", "quantity": 1, "price": 4500}], "address": "서울시 중구 1", "cardNumber": "5500123412341234"}`)
}

// customerOf is who orders: each order has a customer of its own, so that
// messages tell which order they are about.
func customerOf(order string) string { return "of-" + order }

// place places orders, one after the other, all of which are accepted at once.
func (f *food) place(prefix string, n int) []string {
	f.t.Helper()
	var ids []string
	for i := range n {
		id := fmt.Sprintf("%s-%d", prefix, i)
		r, err := f.send(f.order(id, customerOf(id)))
		if err != nil || r.status != http.StatusCreated {
			f.t.Fatalf("order %s: %d %v %s", id, r.status, err, r.text)
		}
		ids = append(ids, id)
	}
	return ids
}

// once is one for each of the ids.
func once(ids []string) map[string]int {
	out := map[string]int{}
	for _, id := range ids {
		out[id] = 1
	}
	return out
}

// reach waits until the store has one ticket for each order, and until each
// customer was told once that the order is placed.
func (f *food) reach(orders []string) {
	f.t.Helper()
	f.until("a ticket for each order", func() error {
		if n := f.count("store", "ticket"); n != len(orders) {
			return fmt.Errorf("%d tickets of %d orders", n, len(orders))
		}
		return differs(bySubject(f.facts(ticketTopic), "OrderReceived"), once(orders))
	})
	f.toldOnce(orders, "주문이 완료되었습니다")
}

// toldOnce waits until each customer was told of a change, and expects it once.
func (f *food) toldOnce(orders []string, text string) {
	f.t.Helper()
	f.until("a message for each order: "+text, func() error {
		messages := f.messages()
		for _, id := range orders {
			if n := messages[customerOf(id)][text]; n != 1 {
				return fmt.Errorf("%d messages for %s", n, id)
			}
		}
		return nil
	})
}

// accept has the owner accept each order, and front hear of it.
func (f *food) accept(store string, orders []string) {
	f.t.Helper()
	for _, id := range orders {
		f.until("accept "+id, func() error {
			r, err := f.sendTo(store, as(owner, "POST", "/tickets/"+id+"/accept", ""))
			if err == nil && r.status != http.StatusOK {
				err = fmt.Errorf("status %d: %s", r.status, r.text)
			}
			return err
		})
	}
	f.toldOnce(orders, "상점이 주문을 접수했습니다")
	for _, id := range orders {
		f.expect(as(customerOf(id)+" customer", "GET", "/front/views/order-statuses/"+id, ""), http.StatusOK,
			map[string]any{"status": "Accepted", "kitchen": "Accepted"})
	}
}

// storeIsAway: orders are taken while the shop's own service is away (N2), and
// reach it when it is back.
func storeIsAway(t *testing.T, b *foodBuild, on platform) {
	f := b.run(t, on)
	f.holdToDocuments(b.Dir)
	f.openShop()
	before := f.place("before", 10)
	f.kill("store") // while it receives them
	during := f.place("during", 20)
	for _, id := range during[:3] {
		f.expect(as(customerOf(id)+" customer", "GET", "/front/views/order-statuses/"+id, ""), http.StatusOK, map[string]any{"status": "Placed"})
	}
	f.restart("store")
	orders := append(before, during...)
	f.reach(orders)
	f.accept(f.Addr("store"), orders)
	f.settled("front", "store", "pay")
	f.nothingParked()
}

// payIsAway: an order that cannot be paid does not come to exist (N1), and the
// customer is told to come back (N3).
func payIsAway(t *testing.T, b *foodBuild, on platform) {
	f := b.run(t, on)
	f.holdToDocuments(b.Dir)
	f.openShop()
	f.place("before", 1)
	f.kill("pay")
	for i := range 12 { // more than open the breaker
		id := fmt.Sprintf("unpaid-%d", i)
		r, err := f.send(f.order(id, customerOf(id)))
		if err != nil {
			t.Fatal(err)
		}
		if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" {
			t.Fatalf("%d, Retry-After %q: %s", r.status, r.header.Get("Retry-After"), r.text)
		}
		f.expect(as(customerOf(id)+" customer", "GET", "/front/orders/"+id, ""), http.StatusNotFound, nil)
	}
	f.settled("front")
	if n := f.count("front", "order"); n != 1 {
		t.Errorf("%d orders are stored, want the one before", n)
	}
	if orders := bySubject(f.facts(orderTopic), "OrderPlaced"); !reflect.DeepEqual(orders, once([]string{"before-0"})) {
		t.Errorf("orders %v", orders)
	}
	f.restart("pay")
	// The same order: what came to nothing is not in its way.
	f.expect(f.order("unpaid-0", customerOf("unpaid-0")), http.StatusCreated, nil)
	f.reach([]string{"before-0", "unpaid-0"})
	f.paidOnce()
	f.nothingParked()
}

// paidOnce waits until nothing is under way, and expects that each order has
// one payment that stands, and that no payment stands without its order. It
// returns the orders there are.
func (f *food) paidOnce() map[string]bool {
	f.t.Helper()
	f.settled("front", "pay")
	payment := map[string]string{} // of orders
	for _, e := range f.facts(orderTopic) {
		if e.kind == "OrderPlaced" {
			payment[e.subject] = fmt.Sprint(e.data["paymentId"])
		}
	}
	var approved, voided int
	stands := map[string][]string{} // payments of orders
	facts := f.facts(paymentTopic)
	undone := bySubject(facts, "PaymentVoided")
	for id, n := range bySubject(facts, "PaymentCancelled") {
		undone[id] += n
	}
	for id, n := range bySubject(facts, "PaymentApproved") {
		approved++
		voided += undone[id]
		if n != 1 || undone[id] > 1 {
			f.t.Errorf("payment %s: approved %d times, undone %d times", id, n, undone[id])
		}
	}
	for _, e := range facts {
		if e.kind == "PaymentApproved" && undone[e.subject] == 0 {
			order := fmt.Sprint(e.data["orderId"])
			stands[order] = append(stands[order], e.subject)
		}
	}
	orders := map[string]bool{}
	for order, id := range payment {
		orders[order] = true
		if got := stands[order]; !reflect.DeepEqual(got, []string{id}) {
			f.t.Errorf("order %s is paid by %s: payments that stand %v, undone %d times", order, id, got, undone[id])
		}
	}
	for order, ids := range stands {
		if !orders[order] {
			f.t.Errorf("there is no order %s, and its payments %v stand", order, ids)
		}
	}
	f.t.Logf("%d orders, %d payments, %d of them undone", len(orders), approved, voided)
	return orders
}
