package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/gateway"
)

// TestWebhooksPassWithoutAToken has somebody who says nothing of who they are come
// through, with the body as it is, at one path and no other.
func TestWebhooksPassWithoutAToken(t *testing.T) {
	pay := echo(t, "pay")
	table := gateway.Table{
		Settings: gateway.Settings{Rate: gateway.PerClient(3, time.Hour)},
		Routes:   routes, Ways: []gateway.Way{gateway.Webhook{Method: "POST", Path: "/pay/webhooks/pg"}},
	}
	url := run(t, gateway.Parts{Config: config(), Table: table, Services: map[string][]string{"pay": {pay.URL}, "front": {pay.URL}}})
	nobody := []string{"X-Actor-Id: ", "X-Actor-Roles: ", "Esgen-Actor: boss"}
	status, body, header := ask(t, "POST", url+"/pay/webhooks/pg", ` {"id": 1}`, nobody...)
	if status != 200 || body != `pay  {"id": 1}` || header.Get("Asked") != "POST /webhooks/pg" || header.Get("Got-Esgen-Actor") != "" {
		t.Errorf("%d %s %v", status, body, header)
	}
	for path, want := range map[string]int{"POST /pay/webhooks/pg/x": 404, "POST /pay/webhooks": 404, "POST /front/webhooks/pg": 404, "GET /pay/webhooks/pg": 405, "GET /pay/payments": 401} {
		method, path, _ := strings.Cut(path, " ")
		if status, body, _ := ask(t, method, url+path, "", nobody...); status != want {
			t.Errorf("%s %s: %d %s", method, path, status, body)
		}
	}
	if status, _, _ := ask(t, "POST", url+"/pay/webhooks/pg", "{}", nobody...); status != 200 {
		t.Error(status)
	}
	if status, _, _ := ask(t, "POST", url+"/pay/webhooks/pg", "{}", nobody...); status != 429 {
		t.Errorf("%d of a stranger who asks too often", status)
	}
}
