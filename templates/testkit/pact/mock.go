package pact

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// Mock answers one interaction in place of the provider, over HTTP. Any other
// request fails the test, which is told the difference, and so does none at all.
type Mock struct {
	URL string

	t     testing.TB
	i     *Interaction
	asked atomic.Int64
}

// Serve starts a mock that ends with the test.
func Serve(t testing.TB, i *Interaction) *Mock {
	t.Helper()
	if i.Kind != HTTP {
		t.Fatalf("%q is no interaction of HTTP", i.Description)
	}
	m := &Mock{t: t, i: i}
	server := httptest.NewServer(m)
	m.URL = server.URL
	t.Cleanup(func() {
		server.Close()
		if m.asked.Load() == 0 {
			t.Errorf("nobody asked %s %s (%s)", i.Request.Method, i.Request.Path, i.Description)
		}
	})
	return m
}

// ServeHTTP answers a request.
func (m *Mock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.asked.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		m.refuse(w, r, err.Error())
		return
	}
	if wrong := m.i.Request.differences(r.Method, r.URL.Path, r.URL.Query(), r.Header, body); len(wrong) > 0 {
		m.refuse(w, r, strings.Join(wrong, "\n  "))
		return
	}
	m.i.Response.write(w)
}

// refuse answers what no provider would, and fails the test.
func (m *Mock) refuse(w http.ResponseWriter, r *http.Request, why string) {
	m.t.Errorf("%s %s is not what the contract says (%s):\n  %s", r.Method, r.URL.Path, m.i.Description, why)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusInternalServerError)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why}) // the client may be gone
}

// write is the response as a server gives it.
func (r *Response) write(w http.ResponseWriter) {
	for name, values := range r.Header {
		w.Header()[name] = values
	}
	if r.Body.Type != "" && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", r.Body.Type)
	}
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body.Data) // the client may be gone
}
