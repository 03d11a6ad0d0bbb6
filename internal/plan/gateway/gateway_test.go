package gateway_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/model"
)

// The table of the gateway spells everything as it is spelled elsewhere, and
// gives each system of before a name that no service has.
func TestGateway(t *testing.T) {
	t.Parallel()
	sys, diags := model.Load("testdata/gateway")
	checked, more := check.System(sys)
	if diags.Merge(more); diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	planned := services.Plan(contract.Build(checked), platform.Layout{})
	g := gateway.Plan(planned)
	var routes []string
	for _, group := range g.Groups {
		for _, r := range group.Routes {
			routes = append(routes, r.Method+" /"+group.Service.Dir+r.Path)
		}
	}
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"routes", routes, []string{
			"POST /legacy/orders", "GET /legacy/orders/{orderId}", "GET /legacy/views/orders", "GET /legacy/views/orders/{orderId}/{customerId}",
			"GET /dubeonjjae/views/jumundeuls", "GET /dubeonjjae/views/jumundeuls/{jumunbeonho}",
		}},
		{"compositions", g.Compositions, []*gateway.Composition{{
			Title: "details", Path: "/order-details/{jumun}/{customer}", Roles: []string{"customer", "점원"},
			Parts: []gateway.Part{
				{Name: "order", Path: "/legacy/views/orders/{jumun}/{customer}", Required: true},
				{Name: "duljjae", Path: "/dubeonjjae/views/jumundeuls/{jumun}", Timeout: "1500 * time.Millisecond"},
			},
		}, {
			Title: "listed", Path: "/listed/{jumunbeonho}", Roles: []string{"customer"}, List: "/dubeonjjae/views/jumundeuls?jumunbeonho={jumunbeonho}",
			Parts: []gateway.Part{{Name: "mine", Path: "/legacy/views/orders/{jumunbeonho}/{row.customerId}"}},
		}}},
		{"own", g.Own, []gateway.Own{
			{"POST", "/orders", "POST /legacy/orders", "Place", []string{"customer"}},
			{"GET", "/orders/{orderId}", "GET /legacy/orders/{orderId}", "Order", []string{"customer"}},
			{"GET", "/orders/{orderId}/of/{customerId}", "GET /legacy/views/orders/{orderId}/{customerId}", "Orders", []string{"customer", "점원"}},
			{"GET", "/of/{customerId}/orders", "GET /legacy/views/orders?customerId={customerId}", "Orders", []string{"customer", "점원"}},
			{"GET", "/numbers/{jumunbeonho}", "GET /dubeonjjae/views/jumundeuls/{jumunbeonho}", "주문들", []string{"customer"}},
		}},
		{"rewrites", g.Rewrites, []gateway.Rewrite{
			{Method: "GET", Path: "/bills/{번호}", System: "legacy-legacy", To: "/bills/{번호}"}, {Path: "/all", Below: true, System: "legacy-legacy", To: "/"},
		}},
		{"detours", g.Detours, []gateway.Detour{{Path: "/old", Below: true, System: "legacy-legacy"}, {Path: "/older", System: "legacy-legacy2"}, {Path: "/oldest", System: "legacy-legacy"}}},
		{"systems", g.Systems, []gateway.Upstreaming{
			{Name: "legacy-legacy", Title: "http://legacy:8080", Go: "LegacyLegacyURL", Env: "LEGACY_LEGACY_URL", Default: "http://legacy:8080"},
			{Name: "legacy-legacy2", Title: "http://legacy.example:8080/base", Go: "LegacyLegacy2URL", Env: "LEGACY_LEGACY2_URL", Default: "http://legacy.example:8080/base"},
		}},
		{"rate", g.Rate, "gateway.PerClient(1000, time.Minute)"},
		{"timeout", g.Timeout, "10 * time.Second"},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
}
