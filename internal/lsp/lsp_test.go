package lsp

import (
	"slices"
	"strings"
	"testing"
)

const document = `esgen: v1
system: shop
include: [contexts/*.yaml]
requirements: {F1: orders are taken}
actors: {Customer: {title: 손님}, 점원: {}}
contexts:
  front:
    aggregates:
      Order:
        title: 주문 🍜
        state: {total: decimal, note: optional(string), status: Status}
        commands:
          PlaceOrder:
            actor: Customer
            creates: true
            covers: F1
            input: {total, note}
            require: {TooMuch: "'🍜🍜' != 'x' && input.total < 100.0"}
            emit: {event: OrderPlaced, with: {status: Placed}}
          PayOrder: {actor: Customer, require: {NotNow: "state.status == Placed"}, emit: {event: OrderPaid, with: {status: Status.Paid}}}
        events:
          OrderPlaced: {fields: [total, note, status]}
          OrderPaid: {fields: [status]}
    types: {Status: {enum: [Placed, Paid]}}
scenarios:
  Ordering: {when: {do: PlaceOrder, with: {total: 9, note: 국물}, by: Customer}, then: [{event: OrderPlaced, with: {total: 9}}]}
`

const store = `contexts:
  store:
    aggregates:
      Ticket:
        state: {total: decimal}
        commands:
          OpenTicket: {creates: true, input: {total}, emit: TicketOpened}
        events:
          TicketOpened: {fields: [total]}
    policies:
      주문받음: {whenever: front.OrderPlaced, then: OpenTicket}
`

func shop(t *testing.T) *editor {
	e := newEditor(t, map[string]string{"esgen.yaml": document, "contexts/store.yaml": store})
	e.open("esgen.yaml", document)
	return e
}

// find is the place of the n-th occurrence of a text, in UTF-16.
func find(t *testing.T, text, what string, n int) position {
	t.Helper()
	i := -1
	for range n {
		next := strings.Index(text[i+1:], what)
		if next < 0 {
			t.Fatalf("there is no %q", what)
		}
		i += next + 1
	}
	_, p := at(text[:i] + "▮" + text[i:])
	return p
}

func TestDiagnosticsOfAllFiles(t *testing.T) {
	e := shop(t)
	broken := strings.Replace(store, "front.OrderPlaced", "front.OrderPlacd", 1)
	e.open("contexts/store.yaml", broken)
	list := e.until("contexts/store.yaml", func(l []diagnostic) bool {
		return slices.ContainsFunc(l, func(d diagnostic) bool { return d.Code == "unknown-name" })
	})
	i := slices.IndexFunc(list, func(d diagnostic) bool { return d.Code == "unknown-name" })
	d := list[i]
	if want := (span{find(t, broken, "front.OrderPlacd", 1), position{find(t, broken, "front.OrderPlacd", 1).Line, find(t, broken, "front.OrderPlacd", 1).Character + 16}}); d.Range != want || d.Severity != 1 {
		t.Errorf("it is at %v with severity %d, not at %v", d.Range, d.Severity, want)
	}
	actions := ask[[]codeAction](e, "textDocument/codeAction", map[string]any{"textDocument": textDocument{URI: e.uri("contexts/store.yaml")}, "range": d.Range,
		"context": map[string]any{"diagnostics": []diagnostic{d}}})
	if len(actions) != 1 || actions[0].Edit.Changes[e.uri("contexts/store.yaml")][0].NewText != "OrderPlaced" {
		t.Errorf("the fix is %+v", actions)
	}
	e.change("contexts/store.yaml", store, 2)
	e.until("contexts/store.yaml", func(l []diagnostic) bool {
		return !slices.ContainsFunc(l, func(d diagnostic) bool { return d.Severity == 1 })
	})
	// A change of one file is told of in another, which is closed.
	e.notify("textDocument/didClose", e.place("contexts/store.yaml", position{}))
	e.change("esgen.yaml", strings.ReplaceAll(document, "OrderPlaced", "OrderTaken"), 2)
	e.until("contexts/store.yaml", func(l []diagnostic) bool {
		return slices.ContainsFunc(l, func(d diagnostic) bool { return d.Code == "unknown-name" })
	})
}

func TestHoverAndDefinition(t *testing.T) {
	e := shop(t)
	for _, test := range []struct {
		what  string
		n     int
		says  []string
		toldN int // occurrence at which it is told
	}{
		{"OrderPlaced", 1, []string{"event", "command `front.PlaceOrder`", "policy `store.주문받음`"}, 2},
		{"total < 100", 1, []string{"field", "decimal"}, 0},
		{"Placed\"}", 1, []string{"value", "Placed"}, 0},
		{"Customer", 2, []string{"actor", "손님"}, 1},
		{"creates", 1, []string{"upsert"}, -1},
		{"F1", 2, []string{"requirement", "orders are taken"}, 1},
	} {
		p := find(t, document, test.what, test.n)
		h := ask[hover](e, "textDocument/hover", e.place("esgen.yaml", p))
		for _, s := range test.says {
			if !strings.Contains(h.Contents.Value, s) {
				t.Errorf("of %s it says %q, without %q", test.what, h.Contents.Value, s)
			}
		}
		if test.toldN > 0 {
			to := ask[[]location](e, "textDocument/definition", e.place("esgen.yaml", p))
			if want := find(t, document, test.what, test.toldN); len(to) == 0 || to[0].Range.Start != want {
				t.Errorf("%s is told at %v, not at %v", test.what, to, want)
			}
		}
	}
}

func TestReferencesAndRename(t *testing.T) {
	e := shop(t)
	in := func(told bool) map[string]any {
		p := e.place("esgen.yaml", find(t, document, "OrderPlaced", 2))
		p["context"] = map[string]bool{"includeDeclaration": told}
		return p
	}
	if got := ask[[]location](e, "textDocument/references", in(true)); len(got) != 4 {
		t.Errorf("it is named at %v", got)
	}
	if got := ask[[]location](e, "textDocument/references", in(false)); len(got) != 3 {
		t.Errorf("it is used at %v", got)
	}
	p := in(true)
	p["newName"] = "주문됨"
	got := ask[workspaceEdit](e, "textDocument/rename", p)
	changed := edit(t, document, got.Changes[e.uri("esgen.yaml")])
	if want := strings.ReplaceAll(document, "OrderPlaced", "주문됨"); changed != want {
		t.Errorf("the document becomes\n%s", changed)
	}
	if edit(t, store, got.Changes[e.uri("contexts/store.yaml")]) != strings.ReplaceAll(store, "OrderPlaced", "주문됨") {
		t.Errorf("the other file is changed by %v", got.Changes)
	}
	p["newName"] = "OrderPaid"
	if _, err := try[workspaceEdit](e, "textDocument/rename", p); err == nil || !strings.Contains(err.Error(), "is here twice") {
		t.Errorf("a name that is taken is refused with %v", err)
	}
	p["newName"] = "two words"
	if _, err := try[workspaceEdit](e, "textDocument/rename", p); err == nil || !strings.Contains(err.Error(), "is no name") {
		t.Errorf("no name is refused with %v", err)
	}
}

// edit makes edits of a text, from its end on.
func edit(t *testing.T, text string, edits []textEdit) string {
	t.Helper()
	slices.SortFunc(edits, func(a, b textEdit) int { return offset(text, b.Range.Start) - offset(text, a.Range.Start) })
	for _, x := range edits {
		text = text[:offset(text, x.Range.Start)] + x.NewText + text[offset(text, x.Range.End):]
	}
	return text
}

func TestCompletion(t *testing.T) {
	for name, test := range map[string]struct {
		from, to  string
		want, not []string
	}{
		"keys of a command":       {"            creates: true\n", "            creates: true\n            ▮\n", []string{"allow", "sees", "hotspots"}, []string{"creates", "state"}},
		"half a key":              {"            creates: true\n", "            creates: true\n            al▮\n", []string{"allow"}, []string{"creates"}},
		"an actor":                {"            actor: Customer\n", "            actor: ▮\n", []string{"Customer", "점원"}, []string{"Order"}},
		"a word":                  {"            creates: true\n", "            creates: u▮\n", []string{"upsert"}, nil},
		"an event":                {"emit: {event: OrderPlaced, with", "emit: {event: Ord▮, with", []string{"OrderPlaced", "OrderPaid"}, []string{"PlaceOrder"}},
		"a field of an event":     {"with: {status: Placed}", "with: {▮: Placed}", []string{"status", "note"}, nil},
		"a type":                  {"note: optional(string), status", "note: optional(st▮), status", []string{"string", "Status"}, nil},
		"names of an expression":  {"input.total < 100.0", "▮", []string{"input", "actor", "size", "Status"}, []string{"event"}},
		"fields in an expression": {"input.total < 100.0", "input.▮", []string{"total", "note", "orderId"}, []string{"input"}},
		"half of a field":         {"input.total < 100.0", "input.to▮ < 100.0", []string{"total"}, nil},
		"values of an enum":       {"with: {status: Status.Paid}", "with: {status: Status.▮}", []string{"Placed", "Paid"}, []string{"total"}},
		"values in a scenario":    {"with: {total: 9, note", "with: {▮: 9, note", []string{"total", "orderId"}, nil},
		"the rest is broken":      {"events:\n          OrderPlaced", "▮\n   }{ events: [", []string{"invariants", "lookup"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := shop(t)
			if !strings.Contains(document, test.from) {
				t.Fatal("the document does not have it")
			}
			text, p := at(strings.Replace(document, test.from, test.to, 1))
			e.change("esgen.yaml", text, 2)
			list := ask[completionList](e, "textDocument/completion", e.place("esgen.yaml", p))
			var labels []string
			for _, i := range list.Items {
				labels = append(labels, i.Label)
			}
			for _, w := range test.want {
				if !slices.Contains(labels, w) {
					t.Errorf("%s is not offered, but %v", w, labels)
				}
			}
			for _, w := range test.not {
				if slices.Contains(labels, w) {
					t.Errorf("%s is offered among %v", w, labels)
				}
			}
		})
	}
}

func TestOutlineSymbolsAndFormatting(t *testing.T) {
	e := shop(t)
	tree := ask[[]documentSymbol](e, "textDocument/documentSymbol", map[string]any{"textDocument": textDocument{URI: e.uri("esgen.yaml")}})
	var names []string
	var visit func(list []documentSymbol, depth int)
	visit = func(list []documentSymbol, depth int) {
		for _, s := range list {
			names = append(names, strings.Repeat(" ", depth)+s.Name)
			visit(s.Children, depth+1)
		}
	}
	visit(tree, 0)
	for _, want := range []string{"F1", "Customer", "front", " Order", "  PlaceOrder", "   total", "  OrderPlaced", " Status", "  Placed", "Ordering"} {
		if !slices.Contains(names, want) {
			t.Errorf("the outline has no %q: %q", want, names)
		}
	}
	found := ask[[]workspaceSymbol](e, "workspace/symbol", map[string]string{"query": "주문"})
	if len(found) != 2 { // the policy, and what is titled so
		t.Errorf("of 주문 it finds %v", found)
	}
	e.open("contexts/store.yaml", strings.Replace(store, "  store:", "  'store':", 1))
	edits := ask[[]textEdit](e, "textDocument/formatting", map[string]any{"textDocument": textDocument{URI: e.uri("contexts/store.yaml")}})
	if len(edits) != 1 || !strings.Contains(edits[0].NewText, "\n  store:") {
		t.Errorf("it is formatted by %v", edits)
	}
}

// TestPositions holds what editors count against what files count.
func TestPositions(t *testing.T) {
	const text = "a 주🍜문b\nx"
	for unit, want := range map[int]int{0: 0, 2: 2, 3: 5, 5: 9, 6: 12, 7: 13, 99: 13} {
		if got := offset(text, position{0, unit}); got != want {
			t.Errorf("unit %d is byte %d, not %d", unit, got, want)
		}
	}
}
