package e2e

import (
	"fmt"
	"net/http"
	"testing"
)

// TestHealthstore runs the shop at the paths that its clients know: nothing is
// bought that is not paid, orders go on while the store is away, and what is
// cancelled takes its shipment with it, which is found by the order's id.
func TestHealthstore(t *testing.T) {
	s := start(t, build(t, "../../examples/healthstore/esgen.yaml", nil))
	outside := s.outside()
	owner, lee, courier := actor{"kang", "owner"}, actor{"lee", "buyer"}, actor{"na", "courier"}
	buy := func(status int, id, card string) answer {
		t.Helper()
		return outside.ask(t, lee, status, "POST /orders", fmt.Sprintf(`{"orderId": %q, "productId": "p1", "quantity": 2, "customerId": "lee", "address": "서울", "cardNumber": %q}`, id, card))
	}
	outside.ask(t, owner, 201, "POST /menus", `{"productId": "p1", "name": "아령", "price": "20000"}`)
	outside.ask(t, owner, 201, "POST /menus", `{"productId": "p2", "name": "매트", "price": "1"}`)
	outside.ask(t, owner, 200, "PUT /menus/p1", `{"name": "육각 아령", "price": "25000"}`)
	outside.ask(t, owner, 200, "DELETE /menus/p2", "")
	outside.willList(t, lee, "GET /menus", "name", "육각 아령")
	s.services["front"].becomes(t, lee, "GET /views/menus/p1", map[string]any{"price": "25000"})
	s.services["front"].gone(t, lee, "GET /views/menus/p2")

	const card = "5000123412341234"
	buy(409, "o0", "4000123412341234").has(t, map[string]any{"code": "PaymentRefused"})
	paid := buy(201, "o1", card)
	paid.has(t, map[string]any{"amount": "50000"})
	outside.becomes(t, lee, "GET /payments/"+paid.body["paymentId"].(string), map[string]any{"amount": "50000", "status": "Paid"})

	// the store is away, and orders go on
	s.services["store"].stop(t)
	buy(201, "o2", card)
	outside.becomes(t, lee, "GET /orders/o2", map[string]any{"orderState": "Placed", "deliveryState": absent})
	s.services["store"].start(t)
	outside.willList(t, owner, "GET /storeOrders?sort=orderId", "orderId", "o1", "o2")

	// shipments have ids of their own, and are found by the order's
	outside.ask(t, owner, 200, "POST /storeOrders/o1/confirm", "")
	outside.ask(t, owner, 200, "POST /storeOrders/o2/confirm", "")
	outside.willList(t, courier, "GET /deliveries/of/o1", "status", "Started")
	outside.willList(t, courier, "GET /deliveries/of/o2", "status", "Started")
	outside.becomes(t, lee, "GET /orders/o1", map[string]any{"deliveryState": "Started"})
	outside.ask(t, lee, 200, "POST /orders/o1/cancel", "")
	outside.willList(t, courier, "GET /deliveries/of/o1", "status", "Cancelled")
	outside.lists(t, courier, "GET /deliveries/of/o2", "status", "Started")
	outside.becomes(t, lee, "GET /orders/o1", map[string]any{"orderState": "Cancelled", "deliveryState": "Cancelled"})
	outside.becomes(t, lee, "GET /payments/"+paid.body["paymentId"].(string), map[string]any{"status": "Cancelled"})

	// what was never confirmed has no shipment
	buy(201, "o3", card)
	outside.ask(t, lee, 200, "POST /orders/o3/cancel", "")
	outside.willList(t, owner, "GET /storeOrders?status=Cancelled&sort=orderId", "orderId", "o1", "o3")

	// pay is away: nobody can order, and is told to come again
	s.services["pay"].stop(t)
	if again := buy(503, "o4", card); again.header.Get("Retry-After") == "" {
		t.Error("nobody says when to come again")
	}
	s.services["pay"].start(t)
	eventually(t, "orders once more", func() error {
		a := outside.do(t, request{who: lee, route: "POST /orders", body: `{"orderId": "o4", "productId": "p1", "quantity": 1, "customerId": "lee", "address": "서울", "cardNumber": "` + card + `"}`})
		if a.status != http.StatusCreated {
			return fmt.Errorf("%d %s", a.status, a.text)
		}
		return nil
	})
	eventually(t, "what is told of it", func() error {
		told := map[string]int{}
		for _, call := range s.calls(t, "Messenger.send", "to", "lee") {
			told[call["input"].(map[string]any)["text"].(string)]++
		}
		if told["배송이 취소되었습니다"] != 1 || told["주문이 취소되었습니다"] != 2 || told["육각 아령 구매가 완료되었습니다"] != 4 || told["배송이 시작되었습니다"] != 2 {
			return fmt.Errorf("%v", told)
		}
		return nil
	})
	for name, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s: %v", name, parked)
		}
	}
}
