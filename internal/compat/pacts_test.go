package compat_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/compat"
)

// expecting is a Pact file of one interaction with the product context.
func expecting(interaction string) fstest.MapFS {
	return fstest.MapFS{"services/x/contracts/pacts/x-product.json": {Data: []byte(
		`{"consumer": {"name": "x"}, "provider": {"name": "product"}, "interactions": [` + interaction + `]}`)}}
}

// A model is held against what consumers have written down.
func TestHold(t *testing.T) {
	is := build(t, base(t))
	for name, c := range map[string]struct {
		interaction string
		want        []string // what is not kept
	}{
		"met": {`{"description": "d", "request": {"method": "post", "path": "/internal/commands/product/reserve", "body": {"content": {"productId": "p", "quantity": 1}, "contentType": "application/json"}},
			"response": {"status": 200, "body": {"content": {"price": "1", "version": 2, "_links": {}}, "contentType": "application/json"}}}`, nil},
		"no such request": {`{"description": "d", "request": {"method": "GET", "path": "/nothing/1"}, "response": {"status": 200}}`,
			[]string{"nothing answers GET /nothing/1"}},
		"unknown, missing and wrong input": {`{"description": "d", "request": {"method": "POST", "path": "/internal/commands/product/reserve", "body": {"productId": "p", "quantity": "one", "colour": "red"}}, "response": {"status": 200}}`,
			[]string{"command Reserve does not take colour", "command Reserve does not take quantity as text, but as Quantity"}},
		"missing input": {`{"description": "d", "request": {"method": "POST", "path": "/internal/commands/product/reserve", "body": {"productId": "p"}}, "response": {"status": 200}}`,
			[]string{"command Reserve wants quantity"}},
		"input in the path": {`{"description": "d", "request": {"method": "POST", "path": "/product/p1/reprice", "body": {"price": 1}}, "response": {"status": 200}}`, nil},
		"refused as before": {`{"description": "d", "request": {"method": "POST", "path": "/internal/commands/product/reserve", "body": {}}, "response": {"status": 409, "body": {"code": "OutOfStock"}}}`, nil},
		"refused otherwise": {`{"description": "d", "request": {"method": "POST", "path": "/internal/commands/product/reserve", "body": {}}, "response": {"status": 422, "body": {"code": "OutOfStock"}}}`,
			[]string{"command Reserve does not refuse with 422 OutOfStock"}},
		"refused by every service": {`{"description": "d", "request": {"method": "POST", "path": "/internal/commands/product/reserve"}, "response": {"status": 404, "body": {"code": "NotFound"}}}`, nil},
		"a page": {`{"description": "d", "request": {"method": "GET", "path": "/views/catalogues"}, "response": {"status": 200, "body": {"items": [{"name": "n", "size": "Huge", "tags": []}]}}}`,
			[]string{"the list of view Catalogue does not answer size as Huge", "the list of view Catalogue does not answer tags"}},
		"an event": {`{"description": "d", "contents": {"content": {"productId": "p", "stock": 1}, "contentType": "application/json"},
			"metadata": {"ce_type": "product.product.StockCounted", "kafka_topic": "shop.product.product", "ce_dataversion": "1"}}`, nil},
		"an order": {`{"description": "d", "request": {"contents": {"content": {"key": "k", "input": {"quantity": 1}}, "contentType": "application/json"}, "metadata": {"ce_type": "product.product.Reserve", "kafka_topic": "shop.product.commands"}},
			"response": [{"contents": {"content": {"key": "k", "result": "done", "reply": {"price": "1"}}, "contentType": "application/json"}, "metadata": {}}]}`, nil},
		"an order for less, answered otherwise": {`{"description": "d", "request": {"contents": {"content": {"input": {"memo": 1}}, "contentType": "application/json"}, "metadata": {"ce_type": "product.product.Reserve"}},
			"response": [{"contents": {"content": {"reply": {"price": true}}, "contentType": "application/json"}}]}`,
			[]string{"command Reserve wants quantity", "command Reserve does not take memo as number, but as string", "command Reserve does not answer price as bool, but as decimal"}},
		"an order on another topic": {`{"description": "d", "request": {"contents": {}, "metadata": {"ce_type": "product.product.Reserve", "kafka_topic": "shop.product.orders"}}, "response": [{}]}`,
			[]string{"no command comes as product.product.Reserve on shop.product.orders"}},
		"an event on another topic": {`{"description": "d", "contents": {}, "metadata": {"ce_type": "product.product.StockCounted", "kafka_topic": "mall.product.product"}}`,
			[]string{"no event comes as product.product.StockCounted on mall.product.product"}},
		"an event of another version": {`{"description": "d", "contents": {"name": true}, "metadata": {"ce_type": "product.product.StockCounted", "ce_dataversion": 2}}`,
			[]string{"event StockCounted does not bring name", "event StockCounted is of version 1, not 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			pacts, err := compat.ReadPacts(expecting(c.interaction))
			if err != nil || len(pacts) != 1 {
				t.Fatal(pacts, err)
			}
			r := compat.NewReport(is)
			r.Hold(pacts, is)
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.What)
			}
			if diff := cmp.Diff(c.want, got, cmp.Transformer("sorted", sorted)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if (r.System == compat.Major) != (len(c.want) > 0) {
				t.Errorf("step %s", r.System)
			}
		})
	}
}

func sorted(list []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out
}

// A provider that is not there keeps nothing.
func TestHoldNobody(t *testing.T) {
	is := build(t, strings.ReplaceAll(strings.ReplaceAll(base(t), "  product:\n", "  goods:\n"), "product.", "goods."))
	pacts, err := compat.ReadPacts(expecting(`{"description": "d", "request": {"method": "GET", "path": "/x"}, "response": {"status": 200}}`))
	if err != nil {
		t.Fatal(err)
	}
	r := compat.NewReport(is)
	r.Hold(pacts, is)
	if len(r.Findings) != 1 || r.Findings[0].What != "there is no context product" {
		t.Errorf("%+v", r.Findings)
	}
}

// Whatever a Pact file holds is read, or refused with a reason, and a model is
// held against it without a fault.
func FuzzReadPacts(f *testing.F) {
	f.Add([]byte(`{"consumer": {"name": "x"}, "provider": {"name": "product"}, "interactions": [{"request": {"method": "GET", "path": "/views/catalogues"}, "response": {"status": 200, "body": {"items": [{"a": [[]]}]}}}]}`))
	f.Add([]byte(`{"consumer": {"name": "x"}, "provider": {"name": "product"}, "messages": [{"contents": {"contentType": "", "content": 1}, "metadata": {"ce_type": "product.product.StockCounted", "ce_dataversion": []}}]}`))
	f.Add([]byte(`{"consumer": {"name": "x"}, "provider": {"name": "product"}, "interactions": [null, {}, {"request": {"path": "internal//"}}]}`))
	data, err := os.ReadFile("testdata/shop/esgen.yaml")
	if err != nil {
		f.Fatal(err)
	}
	is := contractOf(f, string(data))
	f.Fuzz(func(_ *testing.T, data []byte) {
		pacts, err := compat.ReadPacts(fstest.MapFS{"pacts/a.json": {Data: data}})
		if err != nil {
			return
		}
		r := compat.NewReport(is)
		r.Hold(pacts, is)
		r.Expectations(nil, pacts)
		r.Expectations(pacts, nil)
		r.Diagnostics()
	})
}
