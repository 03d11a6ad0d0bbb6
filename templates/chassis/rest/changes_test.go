package rest_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/view"
)

// told is a stream whose changes a test says.
type told struct {
	rows
	next chan []view.Changed[row]
}

func (s *told) Begin(_ context.Context, last string) (view.Place, bool, error) {
	at, ok := view.ParsePlace(last)
	return at, ok || last == "", nil
}

func (s *told) Changes(ctx context.Context, after view.Place) ([]view.Changed[row], view.Place, bool, error) {
	select {
	case changes := <-s.next:
		for i := range changes {
			after.Number++
			changes[i].At = after
		}
		return changes, after, changes != nil, nil
	case <-ctx.Done():
		return nil, after, true, ctx.Err()
	}
}

func (s *told) Changing() <-chan struct{} { return nil }

func (s *told) Matching(query view.Query) (func(row) bool, error) {
	return func(r row) bool { return query.Filter["status"] == "" || string(r.Status) == query.Filter["status"] }, nil
}

func follow(t *testing.T, x *example, query, last string) (*told, *bufio.Scanner) {
	t.Helper()
	source := &told{next: make(chan []view.Changed[row])}
	rest.Changes(x.router, rest.ViewRoute[row]{
		Name: "Orders", Path: "/views/orders", Actors: []string{"customer"}, Rows: source, Keys: []string{"orderId", "day"},
		Columns: map[string]string{"status": "status"}, Allow: func(r row, a inbound.Actor) bool { return r.Owner == a.Subject },
	}, "/views/orders:changes", source)
	if err := x.router.Err(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(x.router.Public())
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/views/orders:changes"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(inbound.HeaderActorID, "c-1")
	r.Header.Set(inbound.HeaderActorRoles, "customer")
	r.Header.Set(rest.HeaderLastEvent, last)
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatal(answer.Status, answer.Header)
	}
	return source, bufio.NewScanner(answer.Body)
}

func block(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	var b strings.Builder
	for lines.Scan() && lines.Text() != "" {
		b.WriteString(lines.Text() + "\n")
	}
	return b.String()
}

// TestWhoIsToldWhat: a row that comes into sight is changed, one that leaves it
// is gone, and of others nobody is told.
func TestWhoIsToldWhat(t *testing.T) {
	x := newExample(t, func(c *inbound.Config) { c.Timeout = time.Millisecond }) // of requests, not of streams
	source, lines := follow(t, x, "?status=Paid", "")
	mine := func(s status) *row { return &row{Order: "o-1", Day: 1, Owner: "c-1", Status: s} }
	others := &row{Order: "o-2", Day: 1, Owner: "c-2", Status: "Paid"}
	source.next <- []view.Changed[row]{{After: others}}
	source.next <- []view.Changed[row]{{After: mine("Placed")}, {Before: mine("Placed"), After: mine("Paid")}}
	source.next <- []view.Changed[row]{{Before: mine("Paid"), After: others}, {Before: others}, {Before: mine("Paid")}}
	source.next <- nil
	for i, want := range []string{
		"id: 0-0\n",
		"id: 0-1\n",
		"event: changed\nid: 0-3\ndata: {\"orderId\":\"o-1\",",
		"event: gone\nid: 0-4\ndata: {\"day\":1,\"orderId\":\"o-1\"}\n",
		"event: gone\nid: 0-6\ndata: {\"day\":1,\"orderId\":\"o-1\"}\n",
		"event: reset\nid: 0-6\ndata: {}\n",
	} {
		if got := block(t, lines); !strings.HasPrefix(got, want) {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
	x.router.EndStreams()
	if got := block(t, lines); got != "" || lines.Err() != nil {
		t.Errorf("after the end: %q %v", got, lines.Err())
	}
}

func TestWhoComesBackIsToldWhatWasMissed(t *testing.T) {
	for last, want := range map[string]string{"0-7": "id: 0-7\n", "nonsense": "event: reset\nid: 0-0\ndata: {}\n"} {
		if _, lines := follow(t, newExample(t), "", last); block(t, lines) != want {
			t.Errorf("%s: want %q", last, want)
		}
	}
}
