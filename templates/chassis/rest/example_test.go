package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

type status string

func (s status) Valid() bool { return s == "Placed" || s == "Paid" }

type line struct {
	Menu     values.ID      `json:"menuId"`
	Quantity int64          `json:"quantity"`
	Price    values.Decimal `json:"price"`
}

type placeOrder struct {
	ID       values.ID    `json:"orderId"`
	Customer values.ID    `json:"customerId"`
	Items    []line       `json:"items,omitempty"`
	Day      *values.Date `json:"day,omitempty"`
	Status   status       `json:"status" default:"Placed"`
}

func (p *placeOrder) SetDefaults() { p.Status = "Placed" }

type cancelOrder struct {
	ID     values.ID `json:"orderId"`
	Reason *string   `json:"reason,omitempty"`
}

func (c placeOrder) Command() values.Command {
	return values.Command{Name: "Order.PlaceOrder", Actors: []string{"customer"}, Mode: values.New, ID: c.ID, IDField: "orderId"}
}

func (c cancelOrder) Command() values.Command {
	return values.Command{Name: "Order.Cancel", Actors: []string{"customer", "owner"}, ID: c.ID, IDField: "orderId"}
}

type closeOrder cancelOrder

func (c closeOrder) Command() values.Command {
	return values.Command{Name: "Order.Close", Actors: []string{"owner"}, ID: c.ID, IDField: "orderId"}
}

// purgeOrder is nobody's.
type purgeOrder cancelOrder

func (c purgeOrder) Command() values.Command {
	return values.Command{Name: "Order.Purge", ID: c.ID, IDField: "orderId"}
}

type order struct {
	ID       values.ID      `json:"orderId"`
	Customer values.ID      `json:"customerId"`
	Total    values.Decimal `json:"total"`
}

type row struct {
	Order  values.ID `json:"orderId"`
	Day    int64     `json:"day"`
	Status status    `json:"status"`
	Owner  values.ID `json:"owner"`
	Note   *string   `json:"note,omitempty"`

	Meta values.Stamps `json:"-"`
}

type byStatus struct {
	Status status         `json:"status"`
	Min    values.Decimal `json:"min" default:""`
}

// example is a service with all kinds of routes, whose commands do what the
// test says.
type example struct {
	t       testing.TB
	router  *rest.Router
	ran     atomic.Int64
	log     *strings.Builder
	do      func(ctx context.Context, req command.Request) (command.Outcome, error)
	load    func(id values.ID) (command.Instance[order], error)
	rows    *rows
	lastIn  any
	lastReq command.Request
}

func newExample(t testing.TB, change ...func(*inbound.Config)) *example {
	x := &example{t: t, log: &strings.Builder{}, rows: &rows{}}
	x.do = func(_ context.Context, req command.Request) (command.Outcome, error) {
		id := req.ID
		if id == "" {
			id = "made-1"
		}
		return command.Outcome{ID: id, Version: 3, Created: req.Mode == values.New, Reply: json.RawMessage(`{"total":"12.5"}`)}, nil
	}
	x.load = func(id values.ID) (command.Instance[order], error) {
		if id != "o-1" {
			return command.Instance[order]{}, command.ErrNotFound
		}
		by := values.ID("ann")
		at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		return command.Instance[order]{ID: id, Version: 7, Meta: values.Stamps{CreatedAt: at, CreatedBy: &by, ChangedAt: at.Add(time.Hour)}, State: order{ID: id, Customer: "c-1", Total: values.Int(5)}}, nil
	}
	config := inbound.Config{
		Authenticator: inbound.DevHeaders{}, MaxBody: 4096, Wait: 50 * time.Millisecond,
		Log: slog.New(slog.NewJSONHandler(x.log, nil)),
	}
	for _, c := range change {
		c(&config)
	}
	x.router = rest.NewRouter(config)
	x.routes()
	if err := x.router.Err(); err != nil {
		t.Fatal(err)
	}
	return x
}

func run[I command.Input](x *example) func(context.Context, command.Request, I) (command.Outcome, error) {
	return func(ctx context.Context, req command.Request, in I) (command.Outcome, error) {
		x.ran.Add(1)
		req = req.Of(in)
		x.lastReq, x.lastIn = req, in
		return x.do(ctx, req)
	}
}

func (x *example) routes() {
	customer, owner := []string{"customer"}, []string{"owner"}
	rest.Command(x.router, rest.CommandRoute[placeOrder]{
		Pattern: "POST /orders", Internal: "/internal/commands/order/place-order", Do: run[placeOrder](x),
	})
	rest.Command(x.router, rest.CommandRoute[cancelOrder]{
		Pattern: "POST /orders/{orderId}/cancel", Internal: "/internal/commands/order/cancel", Do: run[cancelOrder](x),
	})
	rest.Command(x.router, rest.CommandRoute[closeOrder]{Pattern: "PUT /orders/{orderId}/closed", RequireVersion: true, Do: run[closeOrder](x)})
	rest.Command(x.router, rest.CommandRoute[purgeOrder]{Pattern: "DELETE /orders/{orderId}", Do: run[purgeOrder](x)})
	rest.Resource(x.router, rest.ResourceRoute[order]{
		Name: "Order", Path: "/orders", Actors: customer,
		Load: func(_ context.Context, id values.ID) (command.Instance[order], error) {
			x.ran.Add(1)
			return x.load(id)
		},
		Allow: func(o order, _ values.Stamps, a inbound.Actor, _ time.Time) bool { return o.Customer == a.Subject },
		Links: func(o order) rest.Links { return rest.Links{"customer": "/customers/" + string(o.Customer)} },
	})
	columns := map[string]string{"orderId": "order_id", "day": "day", "status": "status", "owner": "owner"}
	orders := rest.ViewRoute[row]{
		Name: "Orders", Path: "/views/orders", Internal: "/internal/queries/orders", Actors: customer, Rows: x.rows,
		Keys: []string{"orderId", "day"}, Columns: columns,
		Allow: func(r row, a inbound.Actor) bool { return r.Owner == a.Subject }, Stamps: (*row).stamps,
		Links: func(r row) rest.Links { return rest.Links{"order": "/orders/" + string(r.Order), "none": ""} },
	}
	rest.View(x.router, orders)
	rest.Query(x.router, orders, rest.QueryRoute[byStatus, row]{
		Name: "Orders.byStatus", Path: "/views/orders/queries/by-status", Internal: "/internal/queries/orders/by-status",
		Actors: owner, Sort: []string{"-day"}, Allow: func(row, inbound.Actor) bool { return true },
		Where: func(in byStatus, _ inbound.Actor, _ time.Time) where.Cond {
			if in.Min.Cmp(values.Int(1000)) > 0 {
				values.DivInt(1, 0) // the model has no answer
			}
			return where.Eq(where.Col("status"), string(in.Status))
		},
	})
	rest.Query(x.router, orders, rest.QueryRoute[byStatus, row]{
		Name: "Orders.mine", Path: "/views/orders/queries/mine", Actors: customer,
		Where: func(byStatus, inbound.Actor, time.Time) where.Cond { return where.Cond{} },
	})
	x.router.Handle("GET /panics", customer, func(http.ResponseWriter, *http.Request, inbound.Actor) error { panic("a secret") })
}

// rows is a view that remembers what it was asked.
type rows struct {
	asked view.Query
	min   int64
	key   []any
	err   error
	page  view.Page[row]
	one   row
}

func (r *row) stamps() *values.Stamps { return &r.Meta }

func (f *rows) Get(_ context.Context, key ...any) (row, error) {
	f.key = key
	return f.one, f.err
}

func (f *rows) GetAt(_ context.Context, minVersion int64, _ time.Duration, key ...any) (row, error) {
	f.key, f.min = key, minVersion
	return f.one, f.err
}

func (f *rows) Columns() map[string]string { return nil }

func (f *rows) Find(context.Context, where.Cond, []where.Order, int) ([]row, error) {
	return nil, f.err
}

func (f *rows) Page(_ context.Context, q view.Query) (view.Page[row], error) {
	f.asked = q
	return f.page, f.err
}

// request makes a request of a customer; headers are "Name: value".
func request(method, path, body string, headers ...string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, reader)
	r.Header.Set("X-Actor-Id", "c-1")
	r.Header.Set("X-Actor-Roles", "guest, customer")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if value == "" {
			r.Header.Del(name)
			continue
		}
		r.Header.Set(name, value)
	}
	return r
}

func (x *example) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	x.router.Public().ServeHTTP(w, r)
	return w
}

func (x *example) internal(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	x.router.Internal().ServeHTTP(w, r)
	return w
}

func problemOf(t testing.TB, w *httptest.ResponseRecorder) inbound.Problem {
	t.Helper()
	var p inbound.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q", got)
	}
	if p.Status != w.Code || p.Type == "" || p.Title == "" || p.Code == "" || p.TraceID == "" || p.TraceID != w.Header().Get("X-Trace-Id") {
		t.Errorf("the problem is not whole: %s", w.Body)
	}
	return p
}

func pointers(p inbound.Problem) string {
	list := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		list[i] = e.Pointer + " " + e.Code
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}
