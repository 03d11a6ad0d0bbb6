package e2e

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

var keeper = actor{"kim", "keeper"}

// atelier is the system of testdata/atelier.
type atelier struct {
	*system
	studio, wall *process
}

// TestDoors tries what comes in at the doors of services: requests that leave
// things out, long lists, paths and versions, answers and records of strangers.
func TestDoors(t *testing.T) {
	opts := build(t, "testdata/atelier/esgen.yaml", nil)
	of := func(s *system) *atelier { return &atelier{s, s.services["studio"], s.services["wall"]} }
	t.Run("requests", func(t *testing.T) {
		a := of(start(t, opts))
		a.accept(t)
		t.Run("what is left out", a.leftOut)
		t.Run("what policies and calls leave out", a.leftOutInside)
		t.Run("empty lists and maps", a.empty)
		t.Run("If-Match", a.ifMatch)
		t.Run("long lists", a.longLists)
		t.Run("now", a.now)
		t.Run("the path of the root", a.root)
		t.Run("a field called limit", a.limit)
		t.Run("answers that lack something", a.answers)
	})
	t.Run("records", func(t *testing.T) { // which no document describes
		a := of(started(t, opts))
		a.accept(t)
		a.records(t)
	})
}

// accept makes the vault take everything.
func (a *atelier) accept(t *testing.T) {
	t.Helper()
	a.script(t, "Vault.insure", `{"reply": {"accepted": true, "terms": []}}`)
}

// stretch makes a painting.
func (a *atelier) stretch(t *testing.T, id string, more ...string) {
	t.Helper()
	fields := append([]string{`"paintingId": "` + id + `"`, `"kind": "Oil"`, `"height": 10`}, more...)
	a.studio.ask(t, keeper, http.StatusCreated, "POST /paintings", "{"+strings.Join(fields, ", ")+"}")
}

// painting expects fields of the state of a painting.
func (a *atelier) painting(t *testing.T, id string, fields map[string]any) {
	t.Helper()
	a.studio.ask(t, keeper, http.StatusOK, "GET /paintings/"+id, "").has(t, fields)
}

func (a *atelier) leftOut(t *testing.T) {
	retouch := func(body string, fields map[string]any) {
		t.Helper()
		a.studio.ask(t, keeper, http.StatusOK, "PATCH /paintings/part", body)
		a.painting(t, "part", fields)
	}
	a.stretch(t, "part", `"title": "Dawn"`, `"due": "2026-12-01"`)
	retouch(`{"title": "Dusk"}`, map[string]any{"title": "Dusk", "due": "2026-12-01", "retouched": 1})
	retouch(`{"due": null}`, map[string]any{"title": "Dusk", "due": absent})
	retouch(`{"due": "2027-01-01"}`, map[string]any{"title": "Dusk", "due": "2027-01-01"})
	retouch(``, map[string]any{"title": "Dusk", "due": "2027-01-01", "retouched": 4})
	retouch(`{"title": null, "due": null}`, map[string]any{"title": absent, "due": absent})
	// rules see the value that will be used
	a.stretch(t, "short", `"title": "x"`)
	a.studio.refused(t, keeper, 422, "NoTitle", "PATCH /paintings/short", `{"due": "2026-12-01"}`)
	a.studio.ask(t, keeper, 200, "PATCH /paintings/short", `{"title": null}`)
	// created: there is nothing to keep; there already: it stays
	a.studio.ask(t, keeper, 201, "PUT /paintings/hung/hung", `{"kind": "Ink", "height": 1, "title": "Noon"}`)
	a.studio.ask(t, keeper, 200, "PUT /paintings/hung/hung", `{"kind": "Oil", "height": 2}`)
	a.painting(t, "hung", map[string]any{"kind": "Oil", "title": "Noon"})
	a.studio.ask(t, keeper, 201, "PUT /paintings/bare/hung", `{"kind": "Ink", "height": 1}`)
	a.painting(t, "bare", map[string]any{"title": absent})
	// a key for a request without a field is none for one with null
	ask := func(body string) answer {
		return a.studio.do(t, request{who: keeper, route: "PATCH /paintings/hung", body: body, header: map[string]string{"Idempotency-Key": "once"}})
	}
	if first, again, other := ask(`{}`), ask(`{}`), ask(`{"title": null}`); first.status != 200 || again.text != first.text || other.body["code"] != "KeyReused" {
		t.Error(first.text, again.text, other.text)
	}
}

func (a *atelier) leftOutInside(t *testing.T) {
	a.stretch(t, "in", `"title": "Dawn"`, `"due": "2026-12-01"`)
	// with: {title: null} clears, and what the policy does not name stays
	a.studio.ask(t, keeper, 200, "PATCH /paintings/in", `{"title": "void"}`)
	a.studio.becomes(t, keeper, "GET /paintings/in", map[string]any{"title": absent, "due": "2026-12-01"})
	// a call: the title is given, the day is not
	a.wall.ask(t, keeper, 201, "POST /", `{"frameId": "f-in", "paintingId": "in"}`)
	a.wall.ask(t, keeper, 200, "POST /frames/f-in/set-caption", `{"title": "Morning"}`)
	a.painting(t, "in", map[string]any{"title": "Morning", "due": "2026-12-01"})
	a.wall.ask(t, keeper, 200, "POST /frames/f-in/set-caption", `{}`) // the frame has a title of its own, which stays
	a.painting(t, "in", map[string]any{"title": "Morning"})
	a.wall.ask(t, keeper, 200, "POST /frames/f-in/set-caption", `{"title": null}`)
	a.painting(t, "in", map[string]any{"title": absent, "due": "2026-12-01"})
}

func (a *atelier) empty(t *testing.T) {
	none := map[string]any{"remarks": []any{}, "labels": map[string]any{}}
	a.studio.ask(t, keeper, 201, "POST /paintings", `{"paintingId": "empty", "kind": "Ink", "height": 1}`).has(t, none)
	a.painting(t, "empty", none)
	a.studio.ask(t, keeper, 200, "GET /views/paintings/empty", "").has(t, none)
	for _, e := range a.hears(t, "atelier.studio.painting", "empty", "PaintingStretched") {
		if e.key == "empty" {
			(answer{body: e.data}).has(t, none)
		}
	}
	a.stretch(t, "inner", `"remarks": [{"by": "kim"}]`)
	a.painting(t, "inner", map[string]any{"remarks": []any{map[string]any{"by": "kim", "tags": []any{}, "grade": 3}}})
}

func (a *atelier) ifMatch(t *testing.T) {
	a.stretch(t, "match")
	for _, c := range []struct {
		header string
		status int
	}{
		{`"2"`, 412}, {`W/"1"`, 412}, {`"x"`, 412}, {`"7", W/"1"`, 412}, {`"7", "1"`, 200}, {`*`, 200}, {`"3",, "9"`, 200}, {`3`, 400}, {`"3" "4"`, 400},
	} {
		got := a.studio.do(t, request{who: keeper, route: "PATCH /paintings/match", header: map[string]string{"If-Match": c.header}})
		if got.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.header, got.status, got.text, c.status)
		}
	}
}

func (a *atelier) longLists(t *testing.T) {
	a.stretch(t, "long")
	const route = "POST /internal/queries/paintings/of-kinds?limit=1"
	kinds := func(n int) string { return `{"kinds": ["Oil"` + strings.Repeat(`, "Oil"`, n-1) + `]}` }
	if got := a.studio.ask(t, inside, 200, route, kinds(9_000)).items("kind"); len(got) != 1 {
		t.Errorf("%v", got)
	}
	a.studio.refused(t, inside, 400, "invalid", route, kinds(11_000))
	if got := a.studio.ask(t, inside, 200, route, `{"kinds": []}`).items("kind"); len(got) != 0 {
		t.Errorf("of none: %v", got)
	}
}

func (a *atelier) now(t *testing.T) {
	a.stretch(t, "fresh")
	recent := a.studio.ask(t, keeper, 200, "GET /views/paintings/queries/recent?limit=200", "").items("paintingId")
	if !strings.Contains(fmt.Sprint(recent), "fresh") {
		t.Errorf("recent: %v", recent)
	}
	a.studio.lists(t, keeper, "GET /views/paintings/queries/older?than=1h", "paintingId")
	// who may look at the state
	a.studio.ask(t, keeper, 200, "PATCH /paintings/fresh", `{"shownFrom": "2999-01-01T00:00:00Z"}`)
	a.studio.ask(t, keeper, 404, "GET /paintings/fresh", "")
	a.studio.ask(t, keeper, 200, "PATCH /paintings/fresh", `{"shownFrom": "2000-01-01T00:00:00Z"}`)
	a.studio.ask(t, keeper, 200, "GET /paintings/fresh", "")
}

func (a *atelier) root(t *testing.T) {
	a.wall.ask(t, keeper, 201, "POST /", `{"frameId": "root", "paintingId": "c"}`)
	a.wall.ask(t, keeper, 404, "POST /nonsense/x", `{"paintingId": "c"}`)
	a.wall.ask(t, keeper, 405, "GET /", "")
}

func (a *atelier) limit(t *testing.T) {
	for i := range 3 {
		a.wall.ask(t, keeper, 201, "POST /", fmt.Sprintf(`{"frameId": "l%d", "paintingId": "c", "limit": %d}`, i, 90+i/2))
	}
	a.wall.willList(t, keeper, "GET /views/frames?row.limit=90&sort=frameId", "frameId", "l0", "l1")
	a.wall.lists(t, keeper, "GET /views/frames?row.limit=90&sort=frameId&limit=1", "frameId", "l0")
	a.wall.refused(t, keeper, 400, "invalid", "GET /views/frames?row.limit=many", "")
	a.wall.refused(t, keeper, 400, "invalid", "GET /views/frames?row.paintingId=c", "")
	pages := 0
	for route := "/views/frames?row.limit=90&limit=1"; route != ""; pages++ {
		page := a.wall.ask(t, keeper, 200, "GET "+route, "")
		links, _ := page.body["_links"].(map[string]any)
		next, _ := links["next"].(map[string]any)
		route, _ = next["href"].(string)
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
	}
	if pages != 2 {
		t.Errorf("%d pages", pages)
	}
}

func (a *atelier) answers(t *testing.T) {
	defer a.accept(t)
	for i, reply := range []string{`{"terms": []}`, `{"accepted": null}`, `{"accepted": "yes"}`, `[]`} {
		id := fmt.Sprintf("unsure%d", i)
		a.script(t, "Vault.insure", `{"reply": `+reply+`}`)
		a.studio.ask(t, keeper, http.StatusBadGateway, "POST /paintings", `{"paintingId": "`+id+`", "kind": "Oil", "height": 1}`)
		a.studio.ask(t, keeper, 404, "GET /paintings/"+id, "")
		eventually(t, "it is released", func() error {
			if n := len(a.calls(t, "Vault.release", "what", id)); n != 1 {
				return fmt.Errorf("released %d times", n)
			}
			return nil
		})
	}
}

func (a *atelier) records(t *testing.T) {
	a.stretch(t, "first")
	a.wall.willList(t, keeper, "GET /views/frames", "paintingId", "first")
	client, err := kgo.NewClient(kgo.SeedBrokers(a.brokers()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	const topic = "atelier.studio.painting"
	event := func(n int, key, data string) *kgo.Record {
		r := &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(data)}
		for name, value := range map[string]string{
			"ce_specversion": "1.0", "ce_id": fmt.Sprintf("forged-%d", n), "ce_source": "/atelier/studio", "ce_type": "studio.painting.PaintingStretched",
			"ce_subject": key, "ce_time": "2026-12-01T09:00:00Z", "ce_sequence": "1",
		} {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
		}
		return r
	}
	bad := []string{`{}`, `null`, `{"paintingId": null}`, `{"kind": "Oil"}`, `NaN`, ``, `[]`}
	var records []*kgo.Record
	for i := range 16 { // into every partition
		records = append(records, &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "gone-%d", i)})
	}
	for i, data := range bad {
		records = append(records, event(i, fmt.Sprintf("bad-%d", i), data))
	}
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	a.stretch(t, "second")
	eventually(t, "the second is heard of", func() error {
		got := a.wall.ask(t, keeper, 200, "GET /views/frames?sort=paintingId", "").items("paintingId")
		if !reflect.DeepEqual(got, []any{"first", "second"}) {
			return fmt.Errorf("frames of %v", got)
		}
		return nil
	})
	eventually(t, "the bad ones are parked", func() error {
		if parked := a.wall.parked(t); len(parked) != len(bad) || strings.Count(fmt.Sprint(parked), "MountStretched: undecodable") != len(bad) {
			return fmt.Errorf("parked: %v", parked)
		}
		return nil
	})
	a.wall.ask(t, inside, 200, "GET /readyz", "")
}
