package badinput

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Fuzz sends what nobody thought of: whatever comes, the service does not fail,
// and what it refuses leaves nothing behind. The seeds are the good and the bad
// requests of all routes.
func Fuzz(f *testing.F, s Service, routes []Route) {
	all := places(routes)
	x := newFuzzing(f, s, all)
	seen := map[string]bool{}
	for _, p := range all {
		x.seed(f, p.good("good"))
		for _, c := range p.cases(all) {
			if !seen[c.Kind] && len(c.Body)+len(c.Target) < 2000 {
				seen[c.Kind] = true
				x.seed(f, c.Request)
			}
		}
	}
	f.Fuzz(func(t *testing.T, internal bool, method, target, header, body string) {
		x.once(t, Request{Internal: internal, Method: method, Target: target, Header: strings.Split(header, "\n"), Body: body})
	})
}

// fuzzing is a service between two requests of a fuzzer.
type fuzzing struct {
	service Service
	stored  *stored
}

func newFuzzing(f *testing.F, s Service, all []place) *fuzzing {
	f.Helper()
	watch, err := watchStored(context.Background(), s.DB)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = watch.close() })
	x := &fuzzing{service: s, stored: watch}
	for _, p := range all {
		if p.creates {
			if _, ok := x.serve(p.good("good")); !ok {
				f.Fatalf("the good request of %s is no HTTP", p.name)
			}
		}
	}
	if err := watch.remember(context.Background()); err != nil {
		f.Fatal(err)
	}
	return x
}

func (x *fuzzing) seed(f *testing.F, r Request) {
	f.Add(r.Internal, r.Method, r.Target, strings.Join(r.Header, "\n"), r.Body)
}

func (x *fuzzing) once(t *testing.T, r Request) {
	called := x.service.called()
	a, ok := x.serve(r)
	if !ok {
		return // net/http refuses it by itself
	}
	var p problem
	var err error
	if r.Method != http.MethodHead && a.status >= 400 {
		if p, err = a.problem(); err != nil {
			t.Error(err)
		}
	}
	if a.status >= 500 && !excused(a.status, p.Code) {
		t.Errorf("the service failed: %s", a)
	}
	if a.status < 300 {
		if err := x.stored.restore(context.Background()); err != nil {
			t.Fatal(err)
		}
		return
	}
	tables, err := x.stored.changedByRefused(context.Background(), x.service.called() > called)
	if err != nil {
		t.Fatal(err)
	}
	if tables != "" {
		t.Errorf("it was refused (%d), and yet something was stored: %s", a.status, tables)
	}
}

// serve gives a request to a handler as a server would.
func (x *fuzzing) serve(r Request) (answer, bool) {
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(r.wire())))
	if err != nil {
		return answer{}, false
	}
	handler := x.service.Public
	if r.Internal {
		handler = x.service.Internal
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request)
	return answer{w.Code, w.Header(), w.Body.Bytes()}, true
}
