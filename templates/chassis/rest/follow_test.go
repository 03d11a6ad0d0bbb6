package rest_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

func TestWhatLinksLeadTo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 9, 0, 0, 5000, time.FixedZone("", 9*60*60))
	note, none := "a&b", (*values.Decimal)(nil)
	for _, c := range []struct{ got, want string }{
		{rest.RowOf("/views/days", values.ID("주문/1 ?"), values.MustDate("2026-12-01")), "/views/days/%EC%A3%BC%EB%AC%B8%2F1%20%3F/2026-12-01"},
		{rest.RowOf("/views/days", int64(-1), status("Paid"), true), "/views/days/-1/Paid/true"},
		{rest.RowOf("/views/days", "a", none), ""},
		{rest.RowOf("/views/days", ""), ""},
		{rest.RowsOf("/views/orders", rest.By{"row.limit": int64(3), "note": &note, "at": at}), "/views/orders?at=2026-12-01T09%3A00%3A00.000005%2B09%3A00&note=a%26b&row.limit=3"},
		{rest.RowsOf("/views/orders", rest.By{"note": ""}), "/views/orders?note="},
		{rest.RowsOf("/views/orders", rest.By{"total": none, "note": &note}), ""},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// TestLinksToOtherServices are told below a gateway, and lead through it.
func TestLinksToOtherServices(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	seats := &rows{page: view.Page[row]{Rows: []row{{Order: "o-1", Day: 1}}}, one: row{Order: "o-1", Day: 1}}
	rest.View(x.router, rest.ViewRoute[row]{
		Name: "Seats", Path: "/views/seats", Actors: []string{"customer"}, Rows: seats, Keys: []string{"orderId"}, Columns: map[string]string{},
		Links: func(r row) rest.Links {
			return rest.Links{"here": rest.RowOf("/views/orders", r.Order), "there": rest.RowOf("../pay/views/payments", r.Order), "nowhere": ""}
		},
	})
	for prefix, want := range map[string]map[string]string{
		"":            {"here": "/views/orders/o-1", "self": "/views/seats/o-1"},
		"/front":      {"here": "/front/views/orders/o-1", "self": "/front/views/seats/o-1", "there": "/pay/views/payments/o-1"},
		"/shop/front": {"here": "/shop/front/views/orders/o-1", "self": "/shop/front/views/seats/o-1", "there": "/shop/pay/views/payments/o-1"},
		"//evil":      {"here": "/views/orders/o-1", "self": "/views/seats/o-1"},
	} {
		type linked struct {
			Links map[string]struct{ Href string } `json:"_links"`
		}
		var one linked
		var list struct{ Items []linked }
		for path, into := range map[string]any{"/views/seats/o-1": &one, "/views/seats": &list} {
			w := x.serve(request("GET", path, "", rest.HeaderPrefix+": "+prefix))
			if err := json.Unmarshal(w.Body.Bytes(), into); err != nil || w.Code != http.StatusOK {
				t.Fatal(path, w.Code, err, w.Body)
			}
		}
		for _, l := range append(list.Items, one) {
			got := map[string]string{}
			for name, link := range l.Links {
				got[name] = link.Href
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("below %q: %v, want %v", prefix, got, want)
			}
		}
		if len(list.Items) != 1 {
			t.Errorf("%d rows", len(list.Items))
		}
	}
}
