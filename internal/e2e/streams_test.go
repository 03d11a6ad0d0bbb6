package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// TestStreams follows what changes in views, and the links of their rows.
func TestStreams(t *testing.T) {
	opts := build(t, "../../testdata/models/harbour/esgen.yaml", nil)
	t.Run("SQLite", func(t *testing.T) { streams(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		streams(t, opts)
	})
}

func streams(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	quay := s.services["quay"]
	ann, bob, pilot := actor{"ann", "captain"}, actor{"bob", "captain"}, actor{"pia", "pilot"}
	arrive := func(who actor, id, kind string) {
		t.Helper()
		quay.ask(t, who, 201, "POST /ships", fmt.Sprintf(`{"shipId": %q, "kind": %q, "limit": 3, "draught": "4", "pilotId": "p1"}`, id, kind))
	}
	gateway := s.URL() + "/quay"
	all := follow(t, s.Addr("quay")+"/views/berths:changes", pilot, "")
	anns := follow(t, gateway+"/views/berths:changes", ann, "")
	ferries := follow(t, gateway+"/views/berths:changes?kind=Ferry", pilot, "")

	arrive(ann, "a", "Freight")
	arrive(bob, "b", "Ferry")
	quay.ask(t, ann, 200, "POST /ships/a/load", `{"by": "1.5"}`)
	all.hears(t, "changed a 4", "changed b 4", "changed a 5.5")
	anns.hears(t, "changed a 4", "changed a 5.5")
	ferries.hears(t, "changed b 4")
	left := anns.last
	anns.end()
	quay.ask(t, ann, 200, "POST /ships/a/sail", "")
	quay.ask(t, bob, 200, "POST /ships/b/sail", "")
	all.hears(t, "gone a", "gone b")
	ferries.hears(t, "gone b")

	anns = follow(t, gateway+"/views/berths:changes", ann, left)
	anns.hears(t, "gone a")
	follow(t, gateway+"/views/berths:changes", ann, "0-1000000").hears(t, "reset ")

	// a row whose key is called as what is told of it
	arrive(ann, "changes", "Freight")
	quay.becomes(t, ann, "GET /views/berths/changes", map[string]any{"shipId": "changes"})
	quay.refused(t, actor{"x", "guest"}, 403, "forbidden", "GET /views/berths:changes", "")
	quay.refused(t, ann, 400, "invalid", "GET /views/berths:changes?unknown=1", "")

	t.Run("links", func(t *testing.T) {
		links := func(base string) map[string]string {
			var body struct {
				Links map[string]struct{ Href string } `json:"_links"`
			}
			a, err := ask(t.Context(), http.MethodGet, base+"/views/berths/changes", request{who: ann})
			if err == nil {
				err = json.Unmarshal([]byte(a.text), &body)
			}
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]string{}
			for name, link := range body.Links {
				out[name] = link.Href
			}
			return out
		}
		through := links(gateway)
		for name, want := range map[string]string{
			"same": "/quay/views/berths?kind=Freight&row.limit=3", "day": "/quay/views/days/Freight/2026-12-01",
			"pilot": "/tower/views/voyages?pilotId=p1", "voyage": "/tower/views/voyages/changes", "self": "/quay/views/berths/changes",
		} {
			if through[name] != want {
				t.Errorf("%s: %q, want %q", name, through[name], want)
			}
		}
		for _, name := range []string{"same", "pilot", "voyage"} {
			eventually(t, name, func() error {
				a, err := ask(t.Context(), http.MethodGet, s.URL()+through[name], request{who: ann})
				if err == nil && (a.status != http.StatusOK || !strings.Contains(a.text, `"shipId":"changes"`)) {
					err = fmt.Errorf("%d %s", a.status, a.text)
				}
				return err
			})
		}
		if straight := links(s.Addr("quay")); straight["voyage"] != "" || straight["same"] != "/views/berths?kind=Freight&row.limit=3" {
			t.Errorf("asked itself: %v", straight)
		}
	})

	// streams do not keep a service from stopping, and go on when it is back
	all.hears(t, "changed changes 4")
	quay.stop(t)
	all.ends(t)
	quay.start(t)
	again := follow(t, s.Addr("quay")+"/views/berths:changes", pilot, all.last)
	quay.ask(t, ann, 200, "POST /ships/changes/load", `{"by": "1"}`)
	again.hears(t, "changed changes 5")
}

// stream is an open stream of events.
type stream struct {
	lines chan string
	last  string // id
	end   context.CancelFunc
}

// follow opens a stream, and waits until it is told where it begins.
func follow(t *testing.T, url string, who actor, last string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Actor-Id", who.id)
	r.Header.Set("X-Actor-Roles", who.roles)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r) //nolint:bodyclose // who reads it closes it
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("%s: %s %s", url, answer.Status, got)
	}
	s := &stream{lines: make(chan string), end: cancel}
	go func() {
		defer close(s.lines)
		defer func() { _ = answer.Body.Close() }()
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			select {
			case s.lines <- lines.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	if last == "" {
		if kind, _ := s.next(t); kind != "" {
			t.Fatalf("%s begins with %s", url, kind)
		}
	}
	return s
}

// next is the next event, or the id alone of what is none.
func (s *stream) next(t *testing.T) (kind string, data map[string]any) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for named := false; ; {
		select {
		case line, open := <-s.lines:
			if !open {
				t.Fatal("the stream ended")
			}
			field, value, _ := strings.Cut(line, ": ")
			switch {
			case line == "" && named:
				return kind, data
			case field == "event":
				kind = value
			case field == "id":
				s.last, named = value, true
			case field == "data":
				if err := json.Unmarshal([]byte(value), &data); err != nil {
					t.Fatal(err)
				}
			}
		case <-deadline.Done():
			t.Fatal("nothing is told")
		}
	}
}

// hears expects events: what happened, the ship, and its draught.
func (s *stream) hears(t *testing.T, want ...string) {
	t.Helper()
	for i := 0; i < len(want); {
		kind, data := s.next(t)
		if kind == "" {
			continue // not for who asks
		}
		got := kind + " "
		if kind != "reset" {
			got += fmt.Sprint(data["shipId"])
		}
		if kind == "changed" {
			got += fmt.Sprintf(" %v", data["draught"])
		}
		if got != want[i] {
			t.Fatalf("%q, want %q", got, want[i])
		}
		i++
	}
}

// of are the values of a field that a row has had, in order.
func (s *stream) of(t *testing.T, field string, key, value string, changes int) []any {
	t.Helper()
	out := []any{}
	for len(out) < changes {
		if kind, data := s.next(t); kind == "changed" && data[field] == key {
			out = append(out, data[value])
		}
	}
	return out
}

// ends waits for the end.
func (s *stream) ends(t *testing.T) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		select {
		case _, open := <-s.lines:
			if !open {
				return
			}
		case <-deadline.Done():
			t.Fatal("the stream does not end")
		}
	}
}
