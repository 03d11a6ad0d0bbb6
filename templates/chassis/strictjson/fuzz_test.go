package strictjson_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// FuzzDecode: whatever comes, there is no panic; and what is taken, encoding/json
// takes too, and understands alike.
func FuzzDecode(f *testing.F) {
	for _, c := range refusals {
		f.Add([]byte(c.in))
	}
	f.Add([]byte(`{"orderId":"o-1","items":[{"menuId":"m","quantity":-3,"price":"1.50"}],"note":"\ud83d\ude00","day":"2026-02-28","within":"8d"}`))
	f.Add([]byte(`{"orderId":"p","statuses":{"a":["Paid",null]},"nested":{"orderId":"p"},"deep":[[1],[]],"at":"2026-12-01T09:00:00Z"}`))
	d := decoder[order](f, strictjson.Limits{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var got order
		problems := d.Decode(data, &got)
		if len(problems) > 0 {
			return
		}
		var want loose
		lax := json.NewDecoder(bytes.NewReader(data))
		lax.DisallowUnknownFields()
		if err := lax.Decode(&want); err != nil {
			t.Fatalf("encoding/json refuses: %v", err)
		}
		again, err := json.Marshal(looseOf(&got))
		if err != nil {
			t.Fatal(err)
		}
		reference, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again, reference) {
			t.Fatal(cmp.Diff(string(reference), string(again)))
		}
	})
}

// loose is order as encoding/json reads it: without times, whose precision
// differs, and with decimals that it knows.
type loose struct {
	ID       values.ID                 `json:"orderId"`
	Items    []looseItem               `json:"items,omitempty"`
	Status   status                    `json:"status,omitempty"`
	Note     *string                   `json:"note,omitempty"`
	Phone    *phone                    `json:"phone,omitempty"`
	Express  bool                      `json:"express"`
	Day      *values.Date              `json:"day,omitempty"`
	At       any                       `json:"at,omitempty"`
	Within   *values.Duration          `json:"within,omitempty"`
	Labels   map[string]string         `json:"labels,omitempty"`
	Prices   map[string]values.Decimal `json:"prices,omitempty"`
	Nested   *loose                    `json:"nested,omitempty"`
	Tags     []string                  `json:"tags,omitempty"`
	Deep     [][]int64                 `json:"deep,omitempty"`
	Statuses map[string]*[]*status     `json:"statuses,omitempty"`
}

type looseItem struct {
	Menu     values.ID      `json:"menuId"`
	Quantity int64          `json:"quantity"`
	Price    values.Decimal `json:"price"`
}

// MarshalJSON leaves out what the two read differently by design.
func (l loose) MarshalJSON() ([]byte, error) {
	type plain loose
	l.At = nil
	if l.Status == "" {
		l.Status = "Placed"
	}
	return json.Marshal(plain(l))
}

func looseOf(o *order) *loose {
	if o == nil {
		return nil
	}
	l := &loose{
		ID: o.ID, Status: o.Status, Note: o.Note, Phone: o.Phone, Express: o.Express, Day: o.Day, Within: o.Within,
		Labels: o.Labels, Nested: looseOf(o.Nested), Tags: o.Tags, Deep: o.Deep, Statuses: o.Statuses,
	}
	for _, i := range o.Items {
		l.Items = append(l.Items, looseItem{i.Menu, i.Quantity, values.Decimal(i.Price)})
	}
	for name, p := range o.Prices {
		if l.Prices == nil {
			l.Prices = map[string]values.Decimal{}
		}
		l.Prices[name] = values.Decimal(p)
	}
	return l
}
