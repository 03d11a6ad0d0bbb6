package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

func TestResource(t *testing.T) {
	x := newExample(t)
	w := x.serve(request("GET", "/orders/o-1", ""))
	want := `{"orderId":"o-1","customerId":"c-1","total":"5","id":"o-1","version":7,` +
		`"meta":{"createdAt":"2026-03-01T09:00:00Z","createdBy":"ann","changedAt":"2026-03-01T10:00:00Z"},"_links":{"customer":{"href":"/customers/c-1"},"self":{"href":"/orders/o-1"}}}`
	if w.Code != 200 || w.Body.String() != want || w.Header().Get("ETag") != `"7"` {
		t.Errorf("%d %v\n%s", w.Code, w.Header(), w.Body)
	}
	for tag, status := range map[string]int{`"7"`: 304, `W/"7"`: 304, `"1", "7"`: 304, `*`: 304, `"6"`: 200, `7`: 200} {
		if w := x.serve(request("GET", "/orders/o-1", "", "If-None-Match: "+tag)); w.Code != status || status == 304 && w.Body.Len() > 0 {
			t.Errorf("If-None-Match: %s: %d", tag, w.Code)
		}
	}
	if w := x.serve(request("GET", "/orders/o-2", "")); w.Code != 404 {
		t.Error("missing:", w.Code)
	}
	if w := x.serve(request("GET", "/orders/o-1", "", "X-Actor-Id: c-2")); w.Code != 404 || w.Header().Get("ETag") != "" {
		t.Error("of somebody else:", w.Code, w.Header())
	}
}

func TestAFieldWithTheNameOfAPageParameterIsFilteredByAnotherName(t *testing.T) {
	type seat struct {
		ID    values.ID `json:"seatId"`
		Limit int64     `json:"limit"`
		Sort  *string   `json:"sort,omitempty"`
	}
	asked := &pages[seat]{}
	r := rest.NewRouter(inbound.Config{Authenticator: inbound.DevHeaders{}})
	rest.View(r, rest.ViewRoute[seat]{
		Name: "Seats", Path: "/views/seats", Actors: []string{"customer"}, Rows: asked, Keys: []string{"seatId"},
		Columns: map[string]string{"seatId": "seat_id", "limit": "limit_", "sort": "sort_"},
	})
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query  string
		status int
		filter map[string]string
		limit  int
	}{
		{"row.limit=7&limit=3&sort=-limit", 200, map[string]string{"limit_": "7"}, 3},
		{"seatId=a&row.sort=b", 200, map[string]string{"seat_id": "a", "sort_": "b"}, 50},
		{"limit=7", 200, map[string]string{}, 7},
		{"row.seatId=a", 400, nil, 0},
		{"row.limit=many", 400, nil, 0},
		{"row.limit=7&row.limit=8", 400, nil, 0},
	} {
		w := httptest.NewRecorder()
		r.Public().ServeHTTP(w, request("GET", "/views/seats?"+c.query, ""))
		if w.Code != c.status {
			t.Errorf("%s: %d %s", c.query, w.Code, w.Body)
			continue
		}
		if c.status == 200 && (!reflect.DeepEqual(asked.query.Filter, c.filter) || asked.query.Limit != c.limit) {
			t.Errorf("%s: %+v", c.query, asked.query)
		}
		if c.status == 400 && !strings.Contains(w.Body.String(), `"pointer":"/row.`) {
			t.Errorf("%s: %s", c.query, w.Body)
		}
	}
}

// pages notes what page is asked for.
type pages[R any] struct {
	view.Reader[R]
	query view.Query
}

func (p *pages[R]) Page(_ context.Context, query view.Query) (view.Page[R], error) {
	p.query = query
	return view.Page[R]{}, nil
}

func TestResourceWaitsForAVersion(t *testing.T) {
	x := newExample(t)
	looks := 0
	load := x.load
	x.load = func(id values.ID) (command.Instance[order], error) {
		instance, err := load(id)
		looks++
		if looks == 1 {
			return instance, command.ErrNotFound
		}
		instance.Version = int64(looks)
		return instance, err
	}
	if w := x.serve(request("GET", "/orders/o-1?minVersion=3", "")); w.Code != 200 || w.Header().Get("ETag") != `"3"` {
		t.Error(w.Code, w.Header())
	}
	x.load = load
	if w := x.serve(request("GET", "/orders/o-1?minVersion=99", "")); w.Code != 200 || w.Header().Get("ETag") != `"7"` {
		t.Error("patience:", w.Code, w.Header())
	}
	if w := x.serve(request("GET", "/orders/o-2?minVersion=1", "")); w.Code != 404 {
		t.Error("never there:", w.Code)
	}
}

// Who reads a row from outside is told when and by whom, where that is known;
// other services are not.
func TestStampsOfRows(t *testing.T) {
	x := newExample(t)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	x.rows.one = row{Order: "o1", Owner: "c-1", Meta: values.Stamps{CreatedAt: at, ChangedAt: at.Add(time.Second)}}
	x.rows.page = view.Page[row]{Rows: []row{x.rows.one, {Order: "old", Owner: "c-1"}}}
	meta := `"meta":{"createdAt":"2026-03-01T09:00:00Z","changedAt":"2026-03-01T09:00:01Z"},`
	for path, n := range map[string]int{
		"/views/orders/o1/0": 1, "/views/orders": 1, "/views/orders/queries/by-status?status=Paid": 1,
	} {
		w := x.serve(request("GET", path, "", "X-Actor-Roles: owner, customer"))
		if w.Code != 200 || strings.Count(w.Body.String(), meta) != n || strings.Count(w.Body.String(), "meta") != n {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestRow(t *testing.T) {
	x := newExample(t)
	x.rows.one = row{Order: "o 1", Day: 2, Status: "Paid", Owner: "c-1"}
	w := x.serve(request("GET", "/views/orders/o%201/2?minVersion=5", ""))
	want := `{"orderId":"o 1","day":2,"status":"Paid","owner":"c-1","_links":{"order":{"href":"/orders/o 1"},"self":{"href":"/views/orders/o%201/2"}}}`
	if w.Code != 200 || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !reflect.DeepEqual(x.rows.key, []any{values.ID("o 1"), int64(2)}) || x.rows.min != 5 {
		t.Error(x.rows.key, x.rows.min)
	}
	if again := x.serve(request("GET", "/views/orders/o%201/2", "", "If-None-Match: "+w.Header().Get("ETag"))); again.Code != 304 {
		t.Error(again.Code)
	}
	if w := x.serve(request("GET", "/views/orders/o%201/2", "", "X-Actor-Id: c-2")); w.Code != 404 || strings.Contains(w.Body.String(), "Paid") {
		t.Error("of somebody else:", w.Code, w.Body)
	}
	x.rows.err = view.ErrNotFound
	if w := x.serve(request("GET", "/views/orders/o/2", "")); w.Code != 404 {
		t.Error("missing:", w.Code)
	}
}

func TestList(t *testing.T) {
	x := newExample(t)
	x.rows.page = view.Page[row]{Next: "c+/2", Rows: []row{{Order: "o-1", Day: 1, Owner: "c-1"}, {Order: "o-2", Owner: "c-2"}, {Order: "o/3", Owner: "c-1"}}}
	w := x.serve(request("GET", "/views/orders?status=Paid&day=-3&sort=-day,orderId&limit=500&q=%EA%B0%80&cursor=c1", ""))
	if w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	asked := x.rows.asked
	if !reflect.DeepEqual(asked.Filter, map[string]string{"status": "Paid", "day": "-3"}) || !reflect.DeepEqual(asked.Sort, []string{"-day", "order_id"}) ||
		asked.Limit != 200 || asked.Search != "가" || asked.Cursor != "c1" {
		t.Errorf("%+v", asked)
	}
	var body struct {
		Items []map[string]any
		Next  string
		Links map[string]struct{ Href string } `json:"_links"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if len(body.Items) != 2 || body.Next != "c+/2" {
		t.Errorf("rows of others are left out: %s", w.Body)
	}
	next := "/views/orders?cursor=c%2B%2F2&day=-3&limit=500&q=%EA%B0%80&sort=-day%2CorderId&status=Paid"
	if body.Links["next"].Href != next || w.Header().Get("Link") != "<"+next+`>; rel="next"` {
		t.Error(body.Links, w.Header().Get("Link"))
	}
	if !strings.Contains(w.Body.String(), `"self":{"href":"/views/orders/o%2F3/0"}`) {
		t.Error(w.Body)
	}
	x.rows.page = view.Page[row]{}
	w = x.serve(request("GET", "/views/orders", ""))
	if w.Body.String() != `{"items":[],"_links":{"self":{"href":"/views/orders"}}}` || x.rows.asked.Limit != 50 || w.Header().Get("Link") != "" {
		t.Error(w.Body, x.rows.asked)
	}
}

// Who may see the rows of a query is who may see those of its view, unless it says
// otherwise.
func TestWhoSeesRowsOfAQuery(t *testing.T) {
	x := newExample(t)
	x.rows.page = view.Page[row]{Rows: []row{{Order: "o-1", Owner: "c-1"}, {Order: "o-2", Owner: "c-2"}}}
	for path, r := range map[string]*http.Request{
		"of the view": request("GET", "/views/orders/queries/mine?status=Paid", ""),
		"of its own":  request("GET", "/views/orders/queries/by-status?status=Paid", "", "X-Actor-Roles: owner"),
	} {
		w := x.serve(r)
		mine, others := strings.Contains(w.Body.String(), `"o-1"`), strings.Contains(w.Body.String(), `"o-2"`)
		if w.Code != 200 || !mine || others != (path == "of its own") {
			t.Error(path, w.Code, w.Body)
		}
	}
}

func TestQuery(t *testing.T) {
	x := newExample(t)
	x.rows.page = view.Page[row]{Rows: []row{{Order: "o-1", Owner: "c-2"}}, Next: "n"}
	w := x.serve(request("GET", "/views/orders/queries/by-status?status=Paid&limit=2", "", "X-Actor-Roles: owner"))
	if w.Code != 200 || !reflect.DeepEqual(x.rows.asked.DefaultSort, []string{"-day"}) || x.rows.asked.Limit != 2 {
		t.Error(w.Code, w.Body, x.rows.asked)
	}
	want := `{"items":[{"orderId":"o-1","day":0,"status":"","owner":"c-2"}],"next":"n"}`
	for _, r := range []*http.Request{
		request("GET", "/internal/queries/orders/by-status?status=Paid", ""),
		request("POST", "/internal/queries/orders/by-status?limit=1", `{"status":"Paid"}`),
		request("GET", "/internal/queries/orders", ""),
	} {
		if w := x.internal(r); w.Code != 200 || w.Body.String() != want {
			t.Error(r.Method, r.URL, w.Code, w.Body)
		}
	}
	x.rows.one = row{Order: "o-1", Owner: "c-2"}
	if w := x.internal(request("GET", "/internal/queries/orders/rows/o-1/0", "")); w.Body.String() != `{"orderId":"o-1","day":0,"status":"","owner":"c-2"}` {
		t.Error(w.Code, w.Body)
	}
	x.rows.err = errors.New("broken")
	if w := x.serve(request("GET", "/views/orders", "")); w.Code != 500 {
		t.Error(w.Code)
	}
}
