package serve_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/serve"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/testbrowser"
	"github.com/esgen/esgen/model"
)

// open is a browser at the page of a copy of a model, and the directory of the copy.
func open(t *testing.T, dir string) (*testbrowser.Tab, string) {
	t.Helper()
	tab := testbrowser.Open(t)
	return tab, openIn(t, tab, dir)
}

// openIn opens it in a browser that is there.
func openIn(t *testing.T, tab *testbrowser.Tab, dir string) string {
	t.Helper()
	to := t.TempDir()
	copyModel(t, dir, to)
	s, err := serve.New(filepath.Join(to, "esgen.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	ctx, cancel := context.WithCancel(context.Background())
	go s.Follow(ctx)
	t.Cleanup(func() {
		cancel()
		server.CloseClientConnections()
		server.Close()
	})
	tab.Go(server.URL)
	tab.Until(`document.querySelector("#wall .note")`)
	return to
}

// copyModel copies what is a model's: its documents, not its output.
func copyModel(t *testing.T, from, to string) {
	t.Helper()
	for _, pattern := range []string{"*.yaml", "*/*.yaml"} {
		files, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			rel, _ := filepath.Rel(from, f)
			if strings.HasPrefix(rel, "generated") {
				continue
			}
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(to, rel), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestLooks keeps pictures of the page, for a person to look at.
func TestLooks(t *testing.T) {
	tab, _ := open(t, "../../examples/fooddelivery")
	tab.Until(`document.querySelector(".offers li")`)
	for _, size := range []struct {
		name  string
		w, h  int64
		theme bool
	}{{"laptop-light", 1366, 768, false}, {"laptop-dark", 1366, 768, true}, {"phone-light", 390, 844, false}, {"phone-dark", 390, 844, true}} {
		tab.Size(size.w, size.h)
		tab.Dark(size.theme)
		tab.Accessible()
		tab.Keep("serve-" + size.name)
		if over := testbrowser.Eval[float64](tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
			t.Errorf("%s: the page is %v pixels wider than the window", size.name, over)
		}
	}
}

// as makes the player somebody.
func as(tab *testbrowser.Tab, actor, subject string) {
	tab.Press("#tab-play")
	tab.Write("#who", actor)
	tab.Until(fmt.Sprintf(`document.querySelector("#subject") && game.who.actor === %q`, actor))
	tab.Write("#subject", subject)
	tab.Until(fmt.Sprintf(`game.who.subject === %q`, subject))
}

// give gives a command with what is said of its fields, and waits for what comes of it.
func give(tab *testbrowser.Tab, command string, says ...string) {
	tab.Press(fmt.Sprintf(`[data-command=%q]`, command))
	for i := 0; i < len(says); i += 2 {
		in, field := "form.give", says[i]
		if item, is := strings.CutPrefix(field, "item."); is {
			in, field = "form.give .item", item
		}
		tab.Write(fmt.Sprintf(`%s [data-field=%q]`, in, field), says[i+1])
	}
	n := testbrowser.Eval[int](tab, "game.state.steps.length")
	tab.Press("form.give .main")
	tab.Until(fmt.Sprintf("game.state.steps.length === %d", n+1))
	tab.Until("!document.querySelector('form.give')")
}

// TestDelivery plays food delivery from the order to the delivery, takes a step back,
// and saves what was played as a scenario of the model, which holds.
func TestDelivery(t *testing.T) {
	tab, dir := open(t, "../../examples/fooddelivery")
	as(tab, "Owner", "kang")
	give(tab, "RegisterRestaurant", "restaurantId", "r1", "name", "김밥천국", "item.menuId", "tuna", "item.name", "참치김밥", "item.price", "4500")
	as(tab, "Customer", "hong")
	give(tab, "PlaceOrder", "orderId", "o1", "customerId", "hong", "restaurantId", "r1", "menuId", "tuna", "quantity", "2", "price", "4500", "address", "서울시 중구 1", "cardNumber", "5500123412341234")
	for _, id := range []string{"command:front/Order/PlaceOrder", "event:front/Order/OrderPlaced", "policy:store/ReceiveOrder", "view:front/OrderStatus"} {
		tab.Until(fmt.Sprintf(`document.getElementById(%q).classList.contains("lit")`, id))
	}
	tab.Press("#tab-story")
	tab.Until(`document.querySelector(".story").innerText.includes("PaymentApproved")`)
	tab.Accessible()
	tab.Keep("serve-played")
	as(tab, "Owner", "kang")
	for _, command := range []string{"Accept", "StartCooking", "FinishCooking"} {
		give(tab, command, "orderId", "o1")
	}
	as(tab, "Rider", "rider-1")
	give(tab, "PickUp", "orderId", "o1")
	give(tab, "Deliver", "orderId", "o1")
	delivered := `game.state.views.find(v => v.name === "OrderStatus").rows.some(r => r.includes("Delivered"))`
	tab.Until(delivered)
	tab.Press("#back")
	tab.Until(`!(` + delivered + `)`)
	give(tab, "Deliver", "orderId", "o1")
	tab.Until(delivered)
	tab.Press("#save")
	tab.Write("#scenario", "김밥 두 줄이 배달된다")
	tab.Press("#covers-F1")
	tab.Accessible()
	tab.Press("#dialog .main")
	tab.Until(`document.querySelector("#saved pre")`)
	tab.Keep("serve-saved")
	sys, found := model.Load(dir)
	checked, more := check.System(sys)
	if found.Merge(more); found.HasErrors() {
		t.Fatal("the model has errors now")
	}
	s := sys.Scenarios[slices.IndexFunc(sys.Scenarios, func(s *model.Scenario) bool { return s.Name == "김밥 두 줄이 배달된다" })]
	if len(s.Steps) != 7 || len(s.Covers) != 1 {
		t.Errorf("%d steps", len(s.Steps))
	}
	if played := sim.Play(checked, s); len(played.Failures) > 0 {
		t.Errorf("%+v", played.Failures)
	}
	tab.Until(`game.model.coverage.requirements[0].scenarios.includes("김밥 두 줄이 배달된다")`) // the page has heard of it
}

// lending has a timer: time is let pass on the page.
const lending = `esgen: v1
system: lending
title: 대출
requirements: {F1: A member borrows}
actors: {Member: {title: 회원}}
externals: {Mail: {operations: {send: {input: {to: id}}}}}
contexts:
  loan:
    aggregates:
      Loan:
        state: {memberId: id}
        commands:
          Borrow: {title: 책을 빌리다, actor: Member, creates: true, input: {memberId: id}, emit: [Borrowed]}
          Return: {title: 책을 반납하다, actor: Member, emit: [Returned]}
        events: {Borrowed: {title: 빌려짐, fields: [memberId]}, Returned: {title: 반납됨}}
    policies:
      Remind: {after: 14d, since: Borrowed, unless: Returned, then: Mail.send, with: {to: event.memberId}}
`

func openText(t *testing.T, text string) (*testbrowser.Tab, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

// TestReload: the page follows the file, half-typed or not, and keeps what was played.
func TestReload(t *testing.T) {
	tab, dir := openText(t, lending)
	give(tab, "Borrow", "loanId", "l1", "memberId", "lee")
	file := filepath.Join(dir, "esgen.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(lending, "빌려짐", "책이 빌려짐", 1))
	tab.Until(`document.querySelector("#wall").textContent.includes("책이")`)
	tab.Until(`game.state.steps.length === 1`)
	write(strings.Replace(lending, "emit: [Borrowed]", "emit: [Borowed", 1))
	tab.Until(`document.querySelector("#tab-problems").textContent !== "Problems"`)
	tab.Until(`!document.querySelector("#panel-problems").hidden && document.querySelector(".severity.error")`)
	tab.Accessible()
	tab.Keep("serve-errors")
	write(strings.Replace(lending, "emit: [Returned]", "emit: [GivenBack]", 1)) // is read, and wrong
	tab.Until(`document.querySelector("#panel-problems").innerText.includes("GivenBack")`)
	write(lending)
	tab.Until(`game.model.playable && game.state.steps.length === 1`)
	if err := os.WriteFile(filepath.Join(dir, "other.yaml"), []byte("contexts: {other: {aggregates: {Other: {}}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	write("include: [other.yaml]\n" + lending)
	tab.Until(`game.model.contexts.length === 2`)
}

// TestTime lets time pass until a timer rings, with another system away.
func TestTime(t *testing.T) {
	tab, _ := openText(t, lending)
	give(tab, "Borrow", "loanId", "l1", "memberId", "lee")
	tab.Press("#timer")
	tab.Until(`game.state.calls.length === 1 && game.state.calls[0].includes("lee")`)
	tab.Press("#back")
	tab.Until(`game.state.calls.length === 0`)
	tab.Write("#time", "13d")
	tab.Press(".around form [type=submit]")
	tab.Until(`game.state.now.startsWith("2026-01-14")`)
	tab.Write("#away", "Mail")
	tab.Press(".around .row:nth-of-type(2) button, .around form + .row button")
	tab.Until(`game.state.down.includes("Mail")`)
	tab.Press("#timer")
	tab.Until(`game.state.waiting.length === 1`)
}

// tabTo presses the tabulator until something has the focus.
func tabTo(t *testing.T, tab *testbrowser.Tab, selector string) {
	t.Helper()
	for range 120 {
		tab.Keys(kb.Tab)
		if testbrowser.Eval[bool](tab, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
	}
	t.Fatalf("%s cannot be reached by the keyboard", selector)
}

// TestKeyboard plays, searches and saves without a pointer; what has the focus is seen.
func TestKeyboard(t *testing.T) {
	tab, dir := openText(t, lending)
	tab.Until(`document.querySelector("[data-command]")`)
	tabTo(t, tab, ".skip")
	tab.Keys(kb.Enter)
	tabTo(t, tab, "[data-command=Borrow]")
	if width := testbrowser.Eval[string](tab, "getComputedStyle(document.activeElement).outlineWidth"); width != "3px" {
		t.Errorf("the focus is not seen: %s", width)
	}
	tab.Keys(kb.Enter)
	tab.Until(`document.activeElement.dataset.field === "loanId"`)
	tabTo(t, tab, "[data-field=memberId]")
	tab.Keys("lee" + kb.Enter)
	tab.Until(`game.state.steps.length === 1`)
	tabTo(t, tab, "#save")
	tab.Keys(kb.Enter)
	tab.Until(`document.activeElement.id === "scenario"`)
	tab.Keys("A member borrows" + kb.Enter)
	tab.Until(`document.querySelector("#saved pre")`)
	tab.Keys(kb.Escape)
	tab.Until(`!document.querySelector("dialog[open]")`)
	data, err := os.ReadFile(filepath.Join(dir, "esgen.yaml"))
	if err != nil || !strings.Contains(string(data), "A member borrows:") {
		t.Errorf("not saved: %v\n%s", err, data)
	}
	tab.Until(`document.querySelector("#back") && !document.querySelector("#back").disabled`)
	tabTo(t, tab, "#back")
	tab.Keys(kb.Enter)
	tab.Until(`game.state.steps.length === 0`)
	tabTo(t, tab, "#search")
	tab.Keys("반납")
	tab.Until(`document.querySelector("#found").textContent === "2 found"`)
	tabTo(t, tab, ".note.command")
	tab.Keys(kb.Enter)
	tab.Until(`!document.querySelector("#about").hidden`)
	tab.Accessible()
}

// TestModels shows models of all kinds; nothing of them breaks a page.
func TestModels(t *testing.T) {
	tab := testbrowser.Open(t)
	for _, dir := range []string{"names-only/board", "names-only/events", "korean", "every-construct", "journey", "workshop"} {
		openIn(t, tab, "../../testdata/models/"+dir)
		tab.Until(`game.state || document.querySelector("#panel-play p")`)
		tab.Accessible()
		tab.Keep("serve-" + strings.ReplaceAll(dir, "/", "-"))
	}
}
