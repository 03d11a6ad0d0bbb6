package examples

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/testkit/given"
)

const text = `{"histories":[[
{"type":"pay.payment.Approved","subject":"p1","sequence":1,"time":"2026-12-01T09:00:00Z","data":{"paymentId":"p1"}},
{"type":"pay.payment.Voided","subject":"p1","sequence":2,"time":"2026-12-01T09:00:01Z","data":{"paymentId":"p1"}}
]],"examples":[
{"name":"one","before":{"history":0,"events":1,"now":"2026-12-01T09:00:02Z"},"actor":{"subject":"kim","roles":["a","b"]},
 "request":{"method":"POST","path":"/payments/p1/void","query":{"q":["x y"]},"body":{"why":"id-7"}},"answer":{"status":200,"body":{"paymentId":"p1"}}},
{"name":"none before","before":{"history":0,"events":0,"now":"2026-12-01T09:00:02Z"},"actor":{"subject":"kim"},"request":{"method":"GET","path":"/payments/p1"},"answer":{"status":404}},
{"name":"too many","before":{"history":0,"events":3,"now":"2026-12-01T09:00:02Z"},"actor":{"subject":"kim"},"request":{"method":"GET","path":"/payments/p1"},"answer":{"status":404}}
]}`

func examples(t *testing.T) *file {
	t.Helper()
	f, err := read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// An example begins where its history tells.
func TestState(t *testing.T) {
	f := examples(t)
	for n, want := range []int{1, 0} {
		text, err := f.state(f.Examples[n].Before)
		if err != nil {
			t.Fatal(err)
		}
		state, err := given.Read("state", text)
		if err != nil || len(state.History) != want || !state.Now.Equal(time.Date(2026, 12, 1, 9, 0, 2, 0, time.UTC)) {
			t.Errorf("%+v, %v", state, err)
		}
	}
	if _, err := f.state(f.Examples[2].Before); err == nil || !strings.Contains(err.Error(), "no 3 events") {
		t.Errorf("it has three events: %v", err)
	}
}

// A request says who asks.
func TestAsked(t *testing.T) {
	r := examples(t).Examples[0].asked(t.Context())
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{r.Method, r.URL.Path, r.URL.Query().Get("q"), r.Header.Get("X-Actor-Id"), r.Header.Get("X-Actor-Roles"), r.Header.Get("Content-Type"), string(body)}
	want := []string{"POST", "/payments/p1/void", "x y", "kim", "a,b", "application/json", `{"why":"id-7"}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An answer is as it is told, and may have more.
func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		want, got string
		status    int
		wrong     []string
	}{
		"the same":           {`{"a":1,"b":[{"c":"x"}]}`, `{"b":[{"c":"x","d":true}],"a":1,"_links":{}}`, 200, nil},
		"any body":           {``, `<p>`, 200, nil},
		"other status":       {`{"a":1}`, `{"a":1}`, 201, []string{"status: expected 200, got 201"}},
		"other value":        {`{"a":"x"}`, `{"a":"y"}`, 200, []string{`$.a: expected "x", got "y"`}},
		"missing":            {`{"a":{"b":1}}`, `{"a":{}}`, 200, []string{`$.a.b: expected 1, got null`}},
		"another type":       {`{"a":{}}`, `{"a":[]}`, 200, []string{`$.a: expected {}, got []`}},
		"another row":        {`{"items":[1]}`, `{"items":[1,2]}`, 200, []string{`$.items: expected [1], got [1,2]`}},
		"no JSON":            {`{}`, `<p>`, 200, []string{"the answer is no JSON: invalid character '<' looking for beginning of value"}},
		"an id that is made": {`{"a":"id-1"}`, `{"a":"0193"}`, 200, nil},
		"no id is made":      {`{"a":"id-1"}`, `{}`, 200, []string{`$.a: expected "id-1", got null`}},
		"an id of before":    {`{"a":"id-7"}`, `{"a":"0193"}`, 200, []string{`$.a: expected "id-7", got "0193"`}},
	} {
		t.Run(name, func(t *testing.T) {
			x := examples(t).Examples[0]
			told := answer{200, json.RawMessage(c.want)}
			if diff := cmp.Diff(c.wrong, comparison{known: x.known(nil)}.differences(told, c.status, []byte(c.got))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Of another release, numbers, times and what is true may be others; texts may not.
func TestLooseDifferences(t *testing.T) {
	x := examples(t).Examples[0]
	for got, same := range map[string]bool{
		`{"n":2,"d":"7","t":"2027-01-01T00:00:00Z","s":"Paid","b":true}`:    true,
		`{"n":1,"d":"7","t":"2027-01-01T00:00:00Z","s":"Paid","b":false}`:   true,
		`{"n":1,"d":"7","t":"2027-01-01T00:00:00Z","s":"Paid","b":"false"}`: false,
		`{"n":"2","d":"7","t":"2027-01-01T00:00:00Z","s":"Paid","b":true}`:  false,
		`{"n":2,"d":"7","t":"2027-01-01","s":"Paid","b":true}`:              false,
		`{"n":2,"d":"7","t":"2027-01-01T00:00:00Z","s":"Settled","b":true}`: false,
	} {
		told := answer{200, json.RawMessage(`{"n":1,"d":"12.50","t":"2026-12-01T09:00:00Z","s":"Paid","b":true}`)}
		if wrong := (comparison{known: x.known(nil), loose: true}).differences(told, 200, []byte(got)); len(wrong) == 0 != same {
			t.Errorf("%s: %q", got, wrong)
		}
	}
}

// What nobody knows in a file is a mistake.
func TestRead(t *testing.T) {
	if _, err := read([]byte(`{"example":[]}`)); err == nil {
		t.Error("it is read")
	}
	if a := examples(t).Examples[0].Actor; a.Subject != values.ID("kim") {
		t.Errorf("the actor is %+v", a)
	}
}
