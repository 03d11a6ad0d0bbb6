package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/view"
)

func TestPrefix(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		headers []string
		want    string
	}{
		{nil, ""},
		{[]string{"/front"}, "/front"},
		{[]string{"/shop/front-1"}, "/shop/front-1"},
		{[]string{"/a", "/b"}, ""},
		{[]string{""}, ""},
		{[]string{"front"}, ""},
		{[]string{"/front/"}, ""},
		{[]string{"//evil.example"}, ""},
		{[]string{"/../front"}, ""},
		{[]string{"/."}, ""},
		{[]string{"https://evil.example"}, ""},
		{[]string{"/front>; rel=x, </y"}, ""},
		{[]string{"/\"front"}, ""},
		{[]string{"/" + strings.Repeat("a", 65)}, ""},
		{[]string{"/a/b/c/d/e"}, ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header[rest.HeaderPrefix] = test.headers
		if got := rest.Prefix(r); got != test.want {
			t.Errorf("%q is %q, want %q", test.headers, got, test.want)
		}
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                       "",
		"0198-ab_c.d":            "0198-ab_c.d",
		"a b":                    "",
		"한":                      "",
		strings.Repeat("a", 129): "",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set(rest.HeaderRequestID, given)
		if got := rest.RequestID(r); got != want {
			t.Errorf("%q is %q, want %q", given, got, want)
		}
	}
}

// Behind a gateway, everything that leads back here leads through it.
func TestLinksBelowAPrefix(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	below := rest.HeaderPrefix + ": /front"
	x.rows.page = view.Page[row]{Next: "c", Rows: []row{{Order: "o-1", Day: 1, Owner: "c-1"}}}
	x.rows.one = x.rows.page.Rows[0]
	for _, test := range []struct{ method, path, body, want string }{
		{"POST", "/orders", goodOrder, `"_links":{"self":{"href":"/front/orders/made-1"}}`},
		{"GET", "/orders/o-1", "", `"self":{"href":"/front/orders/o-1"}`},
		{"GET", "/views/orders/o-1/1", "", `"_links":{"order":{"href":"/front/orders/o-1"},"self":{"href":"/front/views/orders/o-1/1"}}`},
		{"GET", "/views/orders", "", `"next":{"href":"/front/views/orders?cursor=c"}`},
		{"GET", "/nothing", "", `"instance":"/front/nothing"`},
	} {
		w := x.serve(request(test.method, test.path, test.body, below))
		if !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%s %s: %s, want %s", test.method, test.path, w.Body, test.want)
		}
		for _, name := range []string{"Location", "Link"} {
			if got := w.Header().Get(name); got != "" && !strings.Contains(got, "/front/") {
				t.Errorf("%s %s: %s: %s", test.method, test.path, name, got)
			}
		}
	}
}

// A route for everybody takes all methods and needs nobody; what is around the
// routes is around all of them.
func TestOpenRoutes(t *testing.T) {
	t.Parallel()
	router := rest.NewRouter(inbound.Config{})
	router.HandleOpen("/legacy/{rest...}", func(w http.ResponseWriter, r *http.Request) error {
		_, err := w.Write([]byte(r.Method + " " + r.PathValue("rest")))
		return err
	})
	router.Around(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Around", "yes")
			next.ServeHTTP(w, r)
		})
	})
	router.HandleOpen("GET /legacy/{rest...}", func(http.ResponseWriter, *http.Request) error { return nil })
	router.HandleOpen("/legacy/{other...}", nil)
	if err := router.Err(); err == nil || strings.Count(err.Error(), "route") != 1 {
		t.Errorf("two routes for one path: %v", err)
	}
	for path, want := range map[string]string{"/legacy/a/b/": "POST a/b/", "/legacy/": "POST ", "/other": "not-found", "/legacy/../x": "not-found"} {
		w := httptest.NewRecorder()
		router.Public().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil))
		if !strings.Contains(w.Body.String(), want) || w.Header().Get("X-Around") != "yes" {
			t.Errorf("POST %s: %s, want %s", path, w.Body, want)
		}
	}
}
