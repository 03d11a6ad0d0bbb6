package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// TestCompositionsAreAsPlayed asks the gateway and the interpreter the same: who
// may, what is not there, what is left out while a context is down.
func TestCompositionsAreAsPlayed(t *testing.T) {
	const file = "../sim/testdata/composition/esgen.yaml"
	s := start(t, build(t, file, nil))
	sys, diags := model.Load(file)
	checked, more := check.System(sys)
	if diags.Merge(more); diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	world := sim.New(checked, time.Now())
	customer := actor{"c1", "customer"}
	do := func(service, aggregate, route, body string) {
		t.Helper()
		s.services[service].ask(t, customer, http.StatusCreated, route, body)
		if out := world.Do(sim.Request{Command: creating(t, sys, aggregate), Input: map[string]any{"orderId": between(body)}, Actor: "c1", Roles: []string{"customer"}}); out.Rejected != "" {
			t.Fatalf("%+v", out)
		}
	}
	do("order", "Order", "POST /orders", `{"orderId": "o1"}`)
	do("billing", "Bill", "POST /bills", `{"orderId": "o1"}`)
	do("order", "Order", "POST /orders", `{"orderId": "o2"}`)
	if err := world.Settle(); err != nil {
		t.Fatal(err)
	}
	for service, path := range map[string]string{"order": "/views/orders/o2", "billing": "/views/bills/o1"} {
		eventually(t, path, func() error {
			if a := s.services[service].do(t, request{who: customer, route: "GET " + path}); a.status != http.StatusOK {
				return fmt.Errorf("%d %s", a.status, a.text)
			}
			return nil
		})
	}
	for _, down := range []string{"", "billing", "order"} {
		var context *model.Context
		if down != "" {
			context = contextOf(t, sys, down)
			world.Down(context)
			s.services[down].stop(t)
		}
		for _, who := range []actor{customer, {"c2", "customer"}, {"c3", "clerk"}, {"c4", "guest"}} {
			for _, id := range []string{"o1", "o2", "o3"} {
				parts, played := world.Compose(sys.Compositions[0], map[string]string{"orderId": id}, who.id, []string{who.roles})
				got, err := ask(t.Context(), http.MethodGet, s.URL()+"/orders/"+id+"/details", request{who: who})
				if err != nil {
					t.Fatal(err)
				}
				what := fmt.Sprintf("%s of %s, %q down", id, who.id, down)
				if code, _ := got.body["code"].(string); got.status != played.Status || code != played.Rejected {
					t.Errorf("%s: the gateway says %d %s, the interpreter %d %s", what, got.status, code, played.Status, played.Rejected)
				}
				if diff := cmp.Diff(rowsOf(parts), rowsOf(partsOf(got))); diff != "" {
					t.Errorf("%s (-interpreter +gateway):\n%s", what, diff)
				}
			}
		}
		if down != "" {
			world.Up(context)
			s.services[down].start(t)
		}
	}
}

// TestOwnPaths asks the gateway at paths of the model's own, some of which lead to
// a system of before: an order can be placed, found and listed with its bill, and
// what nobody has taken over yet is still where it was.
func TestOwnPaths(t *testing.T) {
	legacy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = fmt.Fprint(w, "before: "+r.Method+" "+r.RequestURI)
	}))
	t.Cleanup(legacy.Close)
	opts := build(t, "../sim/testdata/composition/esgen.yaml", nil)
	opts.Env = map[string][]string{"_gateway": {"LEGACY_URL=" + legacy.URL}}
	s := start(t, opts)
	customer, outside := actor{"c1", "customer"}, s.outside()
	for _, id := range []string{"o1", "o2"} {
		placed := outside.ask(t, customer, http.StatusCreated, "POST /orders", `{"orderId": "`+id+`"}`)
		outside.ask(t, customer, http.StatusOK, "GET "+placed.header.Get("Location"), "")
	}
	s.services["billing"].ask(t, customer, http.StatusCreated, "POST /bills", `{"orderId": "o2"}`)
	eventually(t, "two orders and a bill", func() error {
		items := listed(t, outside.ask(t, customer, http.StatusOK, "GET /customers/c1/orders?limit=10", ""))
		if len(items) != 2 || items[0]["row"]["orderId"] != "o1" || items[0]["bill"] != nil || items[1]["bill"]["orderId"] != "o2" {
			return fmt.Errorf("%v", items)
		}
		return nil
	})
	outside.ask(t, customer, http.StatusOK, "GET /orders/o1", "").has(t, map[string]any{"orderId": "o1"})
	outside.lists(t, customer, "GET /mine/c2", "orderId")
	next, _ := outside.ask(t, customer, http.StatusOK, "GET /customers/c1/orders?limit=1", "").body["next"].(string)
	second := outside.ask(t, customer, http.StatusOK, "GET /customers/c1/orders?limit=1&cursor="+url.QueryEscape(next), "")
	if items := listed(t, second); len(items) != 1 || items[0]["row"]["orderId"] != "o2" || second.body["next"] != nil {
		t.Errorf("the second page: %s", second.text)
	}
	for path, want := range map[string]string{
		"/orders/o1/invoice": "before: GET /orders/o1/invoice", "/order/anything?x=1": "before: GET /order/anything?x=1", "/bills/b1": "before: GET /v1/bills/b1",
	} {
		got, err := ask(t.Context(), http.MethodGet, s.URL()+path, request{}) // no document tells of it
		if err != nil || got.text != want {
			t.Errorf("%s: %v %s, want %s", path, err, got.text, want)
		}
	}
}

// listed are the rows and parts of a list that the gateway composes.
func listed(t *testing.T, a answer) []map[string]map[string]any {
	t.Helper()
	var page struct{ Items []map[string]map[string]any }
	if err := json.Unmarshal([]byte(a.text), &page); err != nil {
		t.Fatal(err)
	}
	return page.Items
}

// between is the id in a body of a single one.
func between(body string) string {
	parts := strings.Split(body, `"`)
	return parts[len(parts)-2]
}

func contextOf(t *testing.T, sys *model.System, name string) *model.Context {
	t.Helper()
	i := slices.IndexFunc(sys.Contexts, func(c *model.Context) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("there is no context %s", name)
	}
	return sys.Contexts[i]
}

// creating is the only command of an aggregate.
func creating(t *testing.T, sys *model.System, aggregate string) *model.Command {
	t.Helper()
	for _, c := range sys.Contexts {
		for _, a := range c.Aggregates {
			if a.Name == aggregate {
				return a.Commands[0]
			}
		}
	}
	t.Fatalf("there is no aggregate %s", aggregate)
	return nil
}

// partsOf are the rows of a composed answer.
func partsOf(a answer) map[string]any {
	if a.status != http.StatusOK {
		return nil
	}
	parts := maps.Clone(a.body)
	delete(parts, "_links")
	return parts
}

// rowsOf spells the fields of each part.
func rowsOf(parts map[string]any) map[string]map[string]string {
	out := map[string]map[string]string{}
	for name, row := range parts {
		fields, _ := row.(map[string]any)
		out[name] = map[string]string{}
		for field, value := range fields {
			if field != "_links" && field != "meta" { // which services add
				out[name][field] = fmt.Sprint(value)
			}
		}
	}
	return out
}
