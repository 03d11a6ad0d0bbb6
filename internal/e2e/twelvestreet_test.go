package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestTwelvestreet runs the mall: its stock is pending until deliveries have
// started, and goes back with them; the page of a customer says the same three
// ways; the monolith's paths stay; the mails of the morning go out once, whether
// two are there to send them or nobody was at nine.
func TestTwelvestreet(t *testing.T) {
	s := start(t, build(t, "../../examples/twelvestreet/esgen.yaml", nil))
	outside, product, delivery := s.outside(), s.services["product"], s.services["delivery"]
	seller, lee := actor{"kim", "seller"}, actor{"lee", "customer"}
	stock := func(orders, left int, state string) {
		t.Helper()
		product.becomes(t, seller, "GET /views/inventories/p1", map[string]any{"orders": orders, "stock": left, "state": state})
	}
	order := func(id string) {
		t.Helper()
		outside.ask(t, lee, 201, "POST /orders", fmt.Sprintf(`{"orderId": %q, "productId": "p1", "quantity": 1, "customerId": "lee", "customerName": "이하늘", "customerAddr": "서울"}`, id))
	}
	s.services["product"].ask(t, seller, 201, "POST /products", `{"productId": "p1", "name": "마우스", "price": "30000", "stock": 10}`)
	s.services["order"].becomes(t, lee, "GET /views/goods/p1", map[string]any{"price": "30000"})

	stock(0, 10, "CONSISTENT")
	for i, id := range []string{"o1", "o2"} {
		delivery.stop(t)
		order(id)
		stock(i+1, 10-i, "PENDING")
		delivery.start(t)
		stock(i+1, 9-i, "CONSISTENT")
	}
	delivery.stop(t)
	outside.ask(t, lee, 200, "DELETE /orders/o2", "")
	stock(1, 8, "PENDING")
	delivery.start(t)
	stock(1, 9, "CONSISTENT")

	outside.ask(t, lee, 200, "GET /item/p1", "").has(t, map[string]any{"stock": 9})
	outside.ask(t, lee, 200, "GET /product/p1", "").has(t, map[string]any{"stock": 9})
	outside.refused(t, lee, 409, "AlreadyCanceled", "DELETE /orders/o2", "")
	t.Run("my page, three ways", func(t *testing.T) {
		want := map[string]any{"o1": "Started", "o2": "Canceled"}
		customer := s.services["customer"]
		customer.willList(t, lee, "GET /views/my-pages?sort=orderId", "delivery", want["o1"], want["o2"])
		eventually(t, "orders with product and delivery", func() error {
			items := listed(t, outside.ask(t, lee, 200, "GET /my-page?sort=orderId", ""))
			if len(items) != 2 {
				return fmt.Errorf("%v", items)
			}
			for _, item := range items {
				if item["delivery"]["state"] != want[item["row"]["orderId"].(string)] || item["product"]["name"] != "마우스" {
					return fmt.Errorf("%v", item)
				}
			}
			return nil
		})
		row := outside.ask(t, lee, 200, "GET /orders/o1", "")
		link := row.body["_links"].(map[string]any)["delivery"].(map[string]any)["href"].(string)
		outside.ask(t, lee, 200, "GET "+link, "").has(t, map[string]any{"state": want["o1"]})

		delivery.stop(t)
		for _, item := range listed(t, outside.ask(t, lee, 200, "GET /my-page", "")) {
			if item["delivery"] != nil || item["product"] == nil || item["row"] == nil {
				t.Errorf("while deliveries are away: %v", item)
			}
		}
		delivery.start(t)
	})
	t.Run("what the monolith still takes", func(t *testing.T) {
		s.write(t, foreignRecord("mall.orders", "m1", `{"type": "order-taken", "no": 1, "order": {"orderId": "m1", "buyer": {"id": "lee"}, "productName": "라디오", "pieces": 2}}`))
		s.services["customer"].becomes(t, lee, "GET /views/my-pages/m1", map[string]any{"productName": "라디오", "ordered": 2, "delivery": absent})
	})
	t.Run("the morning", func(t *testing.T) {
		s.services["marketing"].becomes(t, actor{"m", "marketer"}, "GET /views/recommendations/lee", map[string]any{"bought": 2})
		const policy = "MailRecommendations"
		mails := func(want int) {
			t.Helper()
			eventually(t, "mails", func() error {
				if got := s.calls(t, "Mail.send", "to", "lee"); len(got) != want {
					return fmt.Errorf("%d: %v", len(got), got)
				}
				return nil
			})
		}
		s.strikesAt(t, "marketing", policy, "Asia/Seoul", 9, 0)
		second, err := s.AddReplica(t.Context(), "marketing")
		if err != nil {
			t.Fatal(err)
		}
		s.turnBack(t, "marketing", policy, 24*time.Hour) // both replicas see that it is time
		mails(1)
		for _, name := range []string{"marketing", second} {
			if err := s.Stop(name, false); err != nil {
				t.Fatal(err)
			}
		}
		s.turnBack(t, "marketing", policy, 3*24*time.Hour) // nights in which nobody was there
		for _, name := range []string{"marketing", second} {
			if err := s.Restart(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		mails(2) // catchUp: once
		s.strikesAt(t, "marketing", policy, "Asia/Seoul", 9, 0)
	})
	t.Run("many cancellations", func(t *testing.T) {
		for _, id := range []string{"o3", "o4"} {
			order(id)
			outside.ask(t, lee, 200, "DELETE /orders/"+id, "")
		}
		s.services["customer"].becomes(t, actor{"m", "marketer"}, "GET /views/members/lee", map[string]any{"grade": "Blacklisted"})
		stock(1, 9, "CONSISTENT")
	})
	if got := s.calls(t, "Mail.send", "to", "lee"); len(got) != 2 {
		t.Errorf("mails: %v", got)
	}
	if got := s.calls(t, "Messenger.send", "to", "lee"); len(got) == 0 {
		t.Error("nothing is told of the deliveries")
	}
	if a, err := ask(t.Context(), http.MethodGet, s.URL()+"/reviews/p1", request{}); err != nil || a.status != http.StatusServiceUnavailable {
		t.Errorf("the monolith, which is not there: %v %d", err, a.status)
	}
	for name, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s: %v", name, parked)
		}
	}
}
