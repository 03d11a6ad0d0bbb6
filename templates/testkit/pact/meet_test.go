package pact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// silent is a test whose failures are looked at.
type silent struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (s *silent) Helper() {}
func (s *silent) Errorf(format string, args ...any) {
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}
func (s *silent) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }
func (s *silent) end() string {
	for _, f := range s.cleanups {
		f()
	}
	return strings.Join(s.failures, "\n")
}

func read(t *testing.T) *File {
	t.Helper()
	f, err := Read([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestMock(t *testing.T) {
	asks := read(t).Interactions[0]
	ask := func(t *testing.T, url, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/internal/commands/payment/approve?q=1&q=2", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		data, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(data)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		wrong  string
	}{
		"as agreed":  {`{"amount":"10"}`, 201, ""},
		"otherwise":  {`{"amount":10}`, 500, `POST /internal/commands/payment/approve is not what the contract says (asks):` + "\n" + `  body: $.amount: expected "10", got 10`},
		"not at all": {"", 0, "nobody asked POST /internal/commands/payment/approve (asks)"},
	} {
		t.Run(name, func(t *testing.T) {
			watched := &silent{TB: t}
			m := Serve(watched, asks)
			if c.body != "" {
				status, body := ask(t, m.URL, c.body)
				if status != c.status || status == 201 && body != "hello" {
					t.Errorf("%d %s", status, body)
				}
			}
			if got := watched.end(); got != c.wrong {
				t.Errorf("got %q, want %q", got, c.wrong)
			}
		})
	}
}

// provider is one that keeps the contract.
func provider() Provider {
	return Provider{
		Internal: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body) // of a recorder: always there
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Type", "application/octet-stream")
			if r.URL.RawQuery != "q=1&q=2" || string(body) != `{"amount": "10"}` || r.Header.Get("Content-Type") != "application/json" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write([]byte("hello"))
		}),
		State: func(context.Context, State) error { return nil },
		Message: func(context.Context, *Interaction) (Published, error) {
			return Published{Metadata: map[string]any{"ce_type": "front.order.OrderPlaced", "n": "1"}, Data: []byte(`{"orderId":"o"}`)}, nil
		},
	}
}

func TestVerify(t *testing.T) {
	f := read(t)
	f.Interactions[1].Contents.Metadata["n"] = "1"
	Verify(t, func(testing.TB) Provider { return provider() }, f)
}

func TestBrokenProviders(t *testing.T) {
	f := read(t)
	asks, hears := f.Interactions[0], f.Interactions[1]
	for name, c := range map[string]struct {
		of     *Interaction
		change func(p *Provider)
		want   string
	}{
		"a state that cannot be": {asks, func(p *Provider) {
			p.State = func(context.Context, State) error { return errors.New("no such event") }
		}, `the state "paid" cannot be made so: no such event`},
		"no states":          {asks, func(p *Provider) { p.State = nil }, "does not know how"},
		"another answer":     {asks, func(p *Provider) { p.Internal = http.NotFoundHandler() }, "status: expected 201, got 404"},
		"the other listener": {asks, func(p *Provider) { p.Public, p.Internal = p.Internal, nil }, "answers no requests"},
		"no message": {hears, func(p *Provider) {
			p.Message = func(context.Context, *Interaction) (Published, error) { return Published{}, errors.New("nothing came") }
		}, "not published: nothing came"},
		"no messages":     {hears, func(p *Provider) { p.Message = nil }, "publishes no messages"},
		"another message": {hears, func(*Provider) {}, `metadata n: expected 1, got "1"`},
	} {
		t.Run(name, func(t *testing.T) {
			p := provider()
			c.change(&p)
			if got := strings.Join(c.of.verify(t.Context(), p), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
