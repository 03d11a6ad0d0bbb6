package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/esgen/esgen/internal/quote"
)

// loadText loads a document that must be right.
func loadText(t *testing.T, text string) *System {
	t.Helper()
	sys, diags := LoadFS(fstest.MapFS{DocumentName: {Data: []byte(text)}}, DocumentName)
	if diags.HasErrors() {
		t.Fatal(print(diags))
	}
	return sys
}

const shop = `
esgen: v1
system: shop
requirements: {F1: order, N1: {text: fast, kind: nonfunctional}}
types:
  Status: {enum: [Placed, Paid, Cancelled]}
  Rank: {enum: {Gold: {title: 금}, Silver: }}
actors: {Customer: , ShopOwner: {role: boss}}
externals:
  Bank: {timeout: 3s, operations: {payOut: {input: {amount: decimal}}, other: {http: GET /other}}}
contexts:
  front:
    types: {Line: {fields: {n: int}}}
    aggregates:
      Order:
        state: {customerId: id, total: decimal, status: Status, note: optional(string)}
        lookup: customerId
        lifecycle: {status: {Placed: [Paid, Cancelled]}}
        commands:
          Place:
            actor: Customer
            creates: true
            covers: F1
            input: {customerId: id, lines: list(Line), total: }
            read:
              day: {view: Days, key: {customerId: input.customerId, day: date(now)}, missing: NoDay}
              any: {view: Days, where: row.n > 0, sort: [-n, day]}
            require: {Late: {that: "true", status: 409, message: 늦음}, Open}
            let: {fee: {table: [{if: input.total > 1, is: 2}, {otherwise: 3}]}}
            call:
              - to: payOut
                with: {amount: input.total}
                attempts: 2
                rejected: {A: B}
                breaker: {failures: 1, of: 2, open: 1m}
                fallback: {emit: Delayed}
              - {to: pay.Approve, as: payment, timeout: 610ms, compensate: {do: pay.Cancel, target: payment.paymentId}}
            emit: [Placed, {event: Big, if: "true", with: {total: input.total}}, {event: Small, otherwise: true}, {event: Reserved, each: input.lines}]
            http: POST /orders
        events:
          Placed: {fields: [customerId, total, lines], apply: {status: Placed}}
          Big: {fields: [total], visibility: private}
          Small: {deletes: true}
          Reserved:
          Delayed: [shape]
    policies:
      Pay: {whenever: [Placed, pay.Approved], then: Place}
      Tell: {whenever: Placed, then: Bank.payOut, missing: skip, each: {of: Days, where: "true", max: 5}}
    views:
      Days:
        key: [customerId, day]
        fields: {customerId: , day: date, n: {type: int, default: 0}, total: }
        from: {Placed: {key: {day: date(meta.time)}}, Big: {delete: true}, pay.Approved: {missing: skip}}
        actor: [Customer, ShopOwner]
        allow: "true"
        queries: {mine: , other: {actor: ShopOwner, input: [day], sort: -n}}
  pay:
    domain: generic
    grpc: true
    aggregates:
      SKUPayment: {code: Payment, commands: {Approve: {creates: upsert, emit: Approved}, Cancel: }, events: [Approved]}
flows: {happy: [Place, front.Placed]}
relations: [{upstream: pay, downstream: front, roles: conformist}, {between: [front, pay], kind: partnership}]
`

// TestDefaults decodes a document of all kinds of nodes and looks at what the
// text leaves open.
func TestDefaults(t *testing.T) {
	t.Parallel()
	sys := loadText(t, strings.ReplaceAll(shop, "Delayed: [shape]", "Delayed: "))
	front, pay := sys.Contexts[0], sys.Contexts[1]
	order, days := front.Aggregates[0], front.Views[0]
	place := order.Commands[0]
	bank, approve := place.Calls[0], place.Calls[1]
	for _, test := range []struct{ what, got, want any }{
		{"module", sys.Module, "example.com/shop"},
		{"zone", sys.Zone, time.UTC},
		{"role", sys.Actors[0].Role, "customer"},
		{"role written", sys.Actors[1].Role, "boss"},
		{"nonfunctional", sys.Requirements[1].Nonfunctional, true},
		{"requirement", sys.Requirements[0].Text, quote.Text("order")},
		{"enum title", sys.Types[1].Enum[0].Title, quote.Text("금")},
		{"domain", front.Domain, Core},
		{"domain written", pay.Domain, Generic},
		{"no gRPC", front.GRPC, false},
		{"gRPC", pay.GRPC, true},
		{"id", order.ID.Name, "orderId"},
		{"id of code", pay.Aggregates[0].ID.Name, "paymentId"},
		{"operation", *sys.Externals[0].Operations[0].HTTP, Route{Method: "POST", Path: "/pay-out", Pos: sys.Externals[0].Operations[0].Pos}},
		{"lifecycle", len(order.Lifecycles[0].States), 3},
		{"lookup", order.Lookup[0].Field, order.State[0]},
		{"input by name", place.Input[2].Type.Kind, Decimal},
		{"event by name", order.Events[0].Fields[1].Type.Kind, Decimal},
		{"event from input", order.Events[0].Fields[2].Type.String(), "list(Line)"},
		{"view by name", days.Fields[0].Type.Kind, ID},
		{"query by name", days.Queries[1].Input[0].Type.Kind, Date},
		{"query's actors", len(days.Queries[0].Actors), 2},
		{"query's own actors", len(days.Queries[1].Actors), 1},
		{"query's allow", days.Queries[0].Allow, days.Allow},
		{"as", bank.Name, "payOut"},
		{"external's timeout", bank.Timeout, 3 * time.Second},
		{"own timeout", approve.Timeout, 610 * time.Millisecond},
		{"attempts", approve.Attempts, 1},
		{"callee", approve.To.Command, pay.Aggregates[0].Commands[0]},
		{"compensation", approve.Compensate.Do.Command, pay.Aggregates[0].Commands[1]},
		{"fallback", bank.Fallback.Emits[0].Event.Event, order.Events[4]},
		{"as of each", place.Emits[3].As, "item"},
		{"creates", place.Creates, New},
		{"upsert", pay.Aggregates[0].Commands[0].Creates, Upsert},
		{"rule", place.Require[0].Status, 409},
		{"otherwise", place.Lets[0].Table[1].Otherwise, true},
		{"key column", place.Reads[0].Keys[1].Field, days.Fields[1]},
		{"sort", place.Reads[1].Sort[0].Desc, true},
		{"private", order.Events[1].Private, true},
		{"deletes", order.Events[2].Deletes, true},
		{"policy's missing", front.Policies[0].Then[0].Missing, Retry},
		{"policy's whenever", front.Policies[0].Whenever[1].Event, pay.Aggregates[0].Events[0]},
		{"each", front.Policies[1].Each.View, days},
		{"projection's missing", days.From[0].Missing, Create},
		{"projection's skip", days.From[2].Missing, Skip},
		{"relation", sys.Relations[0].Upstream, pay},
		{"flow", sys.Flows[0].Steps[1].Value, "front.Placed"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", test.what, test.got, test.want)
		}
	}
}

// TestFind names things in all forms.
func TestFind(t *testing.T) {
	t.Parallel()
	sys := loadText(t, `
esgen: v1
system: s
contexts:
  a: {aggregates: {X: {events: [Done, Only]}, Y: {events: [Done]}}}
  b: {aggregates: {X: {events: {Done: {code: Finished}}}}}
externals: {E: {operations: [Done]}}
`)
	a, b := sys.Contexts[0], sys.Contexts[1]
	for _, test := range []struct {
		from *Context
		name string
		want int
	}{
		{nil, "Done", 4}, {a, "Done", 2}, {b, "Done", 1}, {b, "Finished", 1}, {nil, "a.Done", 2}, {nil, "a.X.Done", 1},
		{nil, "X.Done", 2}, {b, "X.Done", 1}, {nil, "Y.Done", 1}, {nil, "E.Done", 1}, {nil, "Only", 1}, {b, "Only", 1},
		{nil, "b.X.Finished", 1}, {nil, "a", 1}, {nil, "a.X", 1}, {nil, "None", 0},
	} {
		if got := sys.Find(test.from, test.name); len(got) != test.want {
			t.Errorf("%s means %d things, want %d", test.name, len(got), test.want)
		}
	}
	if got := sys.Find(nil, "b.X.Done"); got[0] != b.Aggregates[0].Events[0] {
		t.Errorf("b.X.Done is %v", got[0])
	}
}

// TestBigPicture keeps the events nobody holds yet.
func TestBigPicture(t *testing.T) {
	t.Parallel()
	sys := loadText(t, `
esgen: v1
system: s
events: [A, B, C]
timeline: [C, A, D, E]
contexts: {x: {events: [B, F], timeline: [F, G, H], aggregates: {X: {events: [C, G]}}}}
`)
	names := func(events []*Event) (names []string) {
		for _, e := range events {
			names = append(names, e.Name)
		}
		return names
	}
	if got := names(sys.Events); !slices.Equal(got, []string{"A", "D", "E"}) {
		t.Errorf("the document holds %v", got)
	}
	if got := names(sys.Contexts[0].Events); !slices.Equal(got, []string{"B", "F", "H"}) {
		t.Errorf("the context holds %v", got)
	}
}

// TestFilesInOrder reads included files sorted by path, whatever asked first.
func TestFilesInOrder(t *testing.T) {
	t.Parallel()
	sys, diags := LoadFS(fstest.MapFS{
		"m/esgen.yaml": {Data: []byte("esgen: v1\nsystem: s\ninclude: [z.yaml, sub/*.yaml]\n")},
		"m/z.yaml":     {Data: []byte("contexts: [z]\n")},
		"m/sub/b.yaml": {Data: []byte("contexts: [b]\ninclude: deep/a.yaml\n")},
		"m/sub/a.yaml": {Data: []byte("contexts: [a]\nrelations: [{between: [a, z], kind: partnership}]\n")},

		"m/sub/deep/a.yaml": {Data: []byte("contexts: [d]\n")},
	}, "m/esgen.yaml")
	if diags.HasErrors() {
		t.Fatal(print(diags))
	}
	var got []string
	for _, f := range sys.Files {
		got = append(got, f.Path)
	}
	if want := []string{"m/esgen.yaml", "m/sub/a.yaml", "m/sub/b.yaml", "m/z.yaml", "m/sub/deep/a.yaml"}; !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
	if len(sys.Contexts) != 4 || len(sys.Relations) != 1 {
		t.Errorf("%d contexts, %d relations", len(sys.Contexts), len(sys.Relations))
	}
}

// TestLanguage walks the description of the language: every key has a sentence
// and, but for those whose structure nobody knows, a shape.
func TestLanguage(t *testing.T) {
	t.Parallel()
	var walk func(path string, c *Construct)
	var look func(path string, s *Shape)
	look = func(path string, s *Shape) {
		known := s.Kind != AnythingShape || strings.HasSuffix(path, ".default")
		if s.Kind == 0 || !known {
			t.Errorf("%s: shape %+v", path, s)
		}
		if s.Of != nil {
			look(path, s.Of)
		}
		for i := range s.Any {
			look(path, &s.Any[i])
		}
		if s.Construct != nil {
			walk(path, s.Construct)
		}
	}
	walk = func(path string, c *Construct) {
		if c.Doc == "" {
			t.Errorf("%s says nothing of itself", path)
		}
		if c.Short != nil {
			look(path, c.Short)
		}
		for i := range c.Keys {
			k := &c.Keys[i]
			at := fmt.Sprintf("%s.%s", path, k.Name)
			if !strings.HasSuffix(k.Doc, ".") || k.Shape.Says == "" {
				t.Errorf("%s: %q, shape %+v", at, k.Doc, k.Shape)
			}
			look(at, &k.Shape)
		}
	}
	walk("document", Language())
	if len(NoteKeys()) != 6 {
		t.Errorf("%d keys of every node", len(NoteKeys()))
	}
}
