package naming_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

func note(name string) model.Node { return model.Node{Name: name} }

// TestRegistry tells conflicts of two owners once, and lets names give way.
func TestRegistry(t *testing.T) {
	t.Parallel()
	one, other := note("One"), note("Other")
	r := naming.NewRegistry()
	tables, rest := r.In(naming.Table, "front").Add("platform_outbox"), r.In(naming.Go, "front/rest")
	tables.Declare("orders", naming.By(&one))
	tables.Declare("orders", naming.By(&one)) // its own
	tables.Declare("ORDERS", naming.By(&other))
	rest.Declare("Orders", naming.By(&one))
	rest.Declare("ORDERS", naming.By(&other)) // another one in Go
	rest.Declare("Orders", naming.By(&other)) // told already
	tables.Declare("platform_outbox", naming.By(&one))
	var got []string
	for _, c := range r.Conflicts() {
		got = append(got, fmt.Sprintf("%s %s: %q and %q", c.Second.Kind, c.Second.Name, c.First.Owner.What, c.Second.Owner.What))
	}
	if diff := cmp.Diff([]string{`table ORDERS: "One" and "Other"`, `table platform_outbox: "" and "One"`}, got); diff != "" {
		t.Error(diff)
	}
	copied := r.Over().In(naming.Go, "front/rest")
	taken := []string{copied.Take("Orders", "View", naming.By(&one)), copied.Take("Orders", "View", naming.By(&one)), copied.Take("New", "View", naming.By(&one))}
	if diff := cmp.Diff([]string{"OrdersView", "OrdersView2", "New"}, taken); diff != "" {
		t.Error(diff)
	}
	if !copied.Has("New") || rest.Has("New") {
		t.Error("what is taken from a copy is in the copy alone")
	}
}

// TestRouteConflicts agrees with http.ServeMux about any two routes.
func TestRouteConflicts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	path := func() string {
		var b strings.Builder
		for i := range r.IntN(4) {
			b.WriteString([]string{"/a", "/b", fmt.Sprintf("/{w%d}", i), fmt.Sprintf("/{x%d}", i)}[r.IntN(4)])
		}
		if b.Len() == 0 {
			return "/{$}"
		}
		return b.String()
	}
	clashes := 0
	for range 5000 {
		one, other := note("One"), note("Other")
		routes := []string{"POST " + path(), []string{"POST ", "PUT ", ""}[r.IntN(3)] + path()}
		for i := range routes {
			if r.IntN(4) == 0 {
				routes[i] = strings.Replace(routes[i], "/{$}", "", 1) + naming.Below
			}
		}
		names := naming.NewRegistry()
		space := names.In(naming.Route, "front")
		space.Declare(strings.Replace(routes[0], "{$}", "", 1), naming.By(&one))
		space.Declare(strings.Replace(routes[1], "{$}", "", 1), naming.By(&other))
		got, want := len(names.RouteConflicts()) > 0, refusedByMux(routes)
		if got != want {
			t.Fatalf("%s: in conflict: %v; http.ServeMux: %v", routes, got, want)
		}
		if want {
			clashes++
		}
	}
	if clashes < 100 {
		t.Errorf("only %d of the routes are in conflict", clashes)
	}
}

func refusedByMux(routes []string) (refused bool) {
	defer func() { refused = recover() != nil }()
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.HandleFunc(route, func(http.ResponseWriter, *http.Request) {})
	}
	return false
}

// TestHost gives no two contexts, and no part of the deployment, one name.
func TestHost(t *testing.T) {
	t.Parallel()
	s := &model.System{Node: note("shop")}
	label := regexp.MustCompile(`^[a-z][a-z0-9-]*[a-z0-9]$`)
	seen := map[string]string{"gateway": "", "kafka": "", "identity": "", "settings": "", "standins": "", "shop-default": "", "shop-mesh": ""}
	for _, name := range []string{
		"front", "pay", "pay_database", "Database", "gateway", "gateway_context", "GatewayContext_context", "kafka", "jaeger", "jwks", "shop_default",
		"front_files", "front_asks_standins", "front_broker", "settings", "shop", "identity",
	} {
		x := &model.Context{Node: note(name)}
		host := naming.HostOf(s, x)
		for _, of := range []string{host, naming.Database(host), naming.Files(host), naming.BrokerAccess(host), naming.AsksStandins(host)} {
			if other, taken := seen[of]; taken || !label.MatchString(of) {
				t.Errorf("%s: %s is of %q, too", name, of, other)
			}
			seen[of] = name
		}
		if v := naming.ContextAddress(s, x); v == "DATABASE_URL" || v == "JWKS_URL" {
			t.Errorf("%s is told by %s", name, v)
		}
	}
	if host := naming.HostOf(s, &model.Context{Node: note("front")}); host != "front" {
		t.Errorf("front runs as %s", host)
	}
}

// TestTables keeps aggregates off the tables of views and of the platform.
func TestTables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Order": "order", "ViewOrders": "aggregate_view_orders", "PlatformLeases": "aggregate_platform_leases", "AggregateViewOrders": "aggregate_aggregate_view_orders",
		"Views": "views", "ServiceMigrations": "aggregate_service_migrations", "SQLite_Order": "sq_lite_order", "PgClass": "aggregate_pg_class",
	} {
		if got := naming.TableOf(&model.Aggregate{Node: note(name)}); got != want {
			t.Errorf("%s is kept in %s, want %s", name, got, want)
		}
	}
}

// TestFieldName keeps fields off the methods of generated structs.
func TestFieldName(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, want := range map[string]string{
		"total": "Total", "check": "CheckValue", "checkValue": "CheckValueValue", "event": "EventValue", "where": "Where", "visibleToAll": "VisibleToAllValue",
		"command": "CommandValue", "keep": "KeepValue", "value": "Value", "evolve": "EvolveValue", "checks": "Checks",
	} {
		got := naming.FieldName(&model.Field{Node: note(name)})
		if got != want || seen[got] != "" {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
		seen[got] = name
	}
}

// TestFiles keeps contracts and pages of different notes in different files.
func TestFiles(t *testing.T) {
	t.Parallel()
	if one, other := naming.PactFile("foo", "bar-baz"), naming.PactFile("foo-bar", "baz"); one == other {
		t.Errorf("both are %s", one)
	}
	if got := naming.PactFile("front", "pay"); got != "front-pay.json" {
		t.Error(got)
	}
	for name, want := range map[string]string{"Readme": "readme-context.md", "pay": "pay.md", "readme_context": "readme-context-context.md"} {
		if got := naming.PageOf(&model.Context{Node: note(name)}); got != want {
			t.Errorf("the page of %s is %s, want %s", name, got, want)
		}
	}
}

const externals = `
esgen: v1
system: shop
externals: {Pay: {operations: {send: {}}}, Database: {operations: {send: {}}}, Mail: {operations: {send: {}}}}
contexts:
  pay: {}
  front: {aggregates: {Order: {plural: Orderings}}}
gateway: {routes: [{path: /old, to: "http://mail.example"}, {path: /older, to: "http://jwks"}, {path: /oldest, to: "http://pay:80"}]}
`

// TestAddresses gives each of those that are asked a variable of its own.
func TestAddresses(t *testing.T) {
	t.Parallel()
	sys, _ := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(externals)}}, "esgen.yaml")
	var got []string
	for _, x := range sys.Externals {
		got = append(got, naming.ExternalAddress(sys, x))
	}
	for _, x := range naming.LegacySystems(sys) {
		got = append(got, naming.LegacyAddress(x.Name))
	}
	want := []string{"EXTERNAL_PAY_URL", "EXTERNAL_DATABASE_URL", "MAIL_URL", "MAIL_LEGACY_URL", "JWKS_LEGACY_URL", "PAY_LEGACY_URL"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if path := naming.ResourcePath(sys.Contexts[1].Aggregates[0]); path != "/orderings" {
		t.Errorf("orders are at %s", path)
	}
}
