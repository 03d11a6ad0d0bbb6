package serve_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
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
	tab.Looks("serve")
}

// TestDelivery plays food delivery from the order to the delivery, takes a step back,
// and saves what was played as a scenario of the model, which holds.
func TestDelivery(t *testing.T) {
	tab, dir := open(t, "../../examples/fooddelivery")
	tab.PlayDelivery()
	tab.Looks("serve-played")
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

// TestOthers: a page of another origin, even one of this machine, neither does anything
// nor sees anything, by whatever a browser lets it try.
func TestOthers(t *testing.T) {
	tab := testbrowser.Open(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "esgen.yaml")
	if err := os.WriteFile(file, []byte(lending), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := serve.New(file)
	if err != nil {
		t.Fatal(err)
	}
	var reached, shown atomic.Int32 // questions that were let through; how often the page was shown
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &status{ResponseWriter: w}
		s.ServeHTTP(seen, r)
		if r.Method == http.MethodPost && seen.code < http.StatusBadRequest {
			reached.Add(1)
		}
		if r.URL.Path == "/web/page.css" {
			shown.Add(1)
		}
	}))
	defer server.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>other</title><iframe name=sink></iframe>")
	}))
	defer other.Close()
	tab.Go(other.URL)
	const save = `JSON.stringify({ name: "taken over", covers: [], steps: [] })`
	for name, attack := range map[string]string{
		"fetch":           `fetch(to + "ask/model", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).then(r => r.text())`,
		"fetch as text":   `fetch(to + "ask/save", { method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: ` + save + ` }).then(r => r.type === "opaque" ? "" : r.text())`,
		"beacon":          `new Promise(done => { navigator.sendBeacon(to + "ask/save", new Blob([` + save + `], { type: "text/plain" })); setTimeout(() => done(""), 200); })`,
		"form":            `new Promise(done => { const f = document.createElement("form"), i = document.createElement("input"); f.method = "post"; f.enctype = "text/plain"; f.target = "sink"; f.action = to + "ask/save"; i.name = '{"name":"taken over","covers":[],"steps":[],"x":"'; i.value = '"}'; f.append(i); document.body.append(f); f.submit(); setTimeout(() => done(""), 500); })`,
		"read the page":   `fetch(to).then(r => r.text())`,
		"read as nobody":  `fetch(to, { mode: "no-cors" }).then(r => r.text())`,
		"listen":          `new Promise(done => { const e = new EventSource(to + "changes"); e.onopen = () => done("open"); e.onerror = () => done(""); })`,
		"borrow a script": `new Promise(done => { const s = document.createElement("script"); s.src = to + "web/play.js"; s.onload = () => done("loaded"); s.onerror = () => done(""); document.head.append(s); })`,
		"frame":           `new Promise(done => { const f = document.createElement("iframe"); f.src = to; f.onload = () => done(""); document.body.append(f); })`,
	} {
		got := testbrowser.Eval[string](tab, fmt.Sprintf(`(to => (%s).catch(() => ""))(%q)`, attack, server.URL+"/"))
		if got != "" {
			t.Errorf("%s: another origin gets %q", name, got)
		}
	}
	if shown.Load() > 0 {
		t.Error("the page is shown in a frame of another origin")
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("%d questions of another origin were answered", n)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != lending {
		t.Errorf("the model is another one now (%v):\n%s", err, data)
	}
}

// status keeps with which code was answered.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

func (s *status) Flush() { _ = http.NewResponseController(s.ResponseWriter).Flush() }

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
	tab.Give("Borrow", "loanId", "l1", "memberId", "lee")
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

// offering has a command whose input is of every type.
const offering = `esgen: v1
system: offering
actors: [Seller]
types:
  Currency: {enum: {KRW: {title: 원}, EUR: {title: 유로}}}
  Money: {fields: {amount: decimal, currency: Currency}}
  Line: {fields: {what: string, sizes: list(int), gift: optional(bool)}}
contexts:
  shop:
    aggregates:
      Offer:
        state: {price: Money, due: date, at: time, lasts: duration, pieces: int, tags: list(string), lines: list(Line), rates: map(decimal), note: optional(Money)}
        commands:
          Make:
            actor: Seller
            creates: true
            input: {price: Money, due: date, at: time, lasts: duration, pieces: int, tags: list(string), lines: list(Line), rates: map(decimal), note: optional(Money)}
            emit: [Made]
        events: {Made: {fields: [price, due, at, lasts, pieces, tags, lines, rates, note]}}
`

// TestForms fills a form for values of every type, nested ones among them; what cannot be
// one is told, and the form stays.
func TestForms(t *testing.T) {
	tab, _ := openText(t, offering)
	tab.Press("[data-command=Make]")
	write := func(says ...string) {
		for i := 0; i < len(says); i += 2 {
			tab.Write("form.give "+says[i], says[i+1])
		}
	}
	write(`[data-field=offerId]`, "o1", `[data-field=amount]`, "12.50", `[data-field=currency]`, "EUR", `[data-field=due]`, "2026-02-30", `[data-field=at]`, "2026-12-31T09:00:00Z",
		`[data-field=lasts]`, "1h30m", `[data-field=pieces]`, "3", `[data-field=what]`, "상자")
	tab.Press(`form.give [aria-label="Add to tags"]`)
	tab.Press(`form.give [aria-label="Add to rates"]`)
	tab.Press(`form.give [aria-label="Add to sizes"]`)
	testbrowser.Eval[bool](tab, `(() => {
		const values = { tags: ["new", "red"], sizes: ["1", "2"] };
		for (const [name, list] of Object.entries(values)) {
			const set = document.querySelector("form.give [aria-label='Add to " + name + "']").closest("fieldset");
			[...set.querySelectorAll("input")].forEach((input, i) => { input.value = list[i]; });
		}
		const [key, value] = document.querySelector("form.give [aria-label='Add to rates']").closest("fieldset").querySelectorAll("input");
		key.value = "EUR"; value.value = "1.1";
		return true;
	})()`)
	tab.Press("form.give .main")
	tab.Until(`document.querySelector("#status.bad")?.textContent.includes("due")`) // there is no such day
	tab.Accessible()
	tab.Keep("serve-form")
	write(`[data-field=due]`, "2026-02-28")
	tab.Press("form.give .main")
	tab.Until("game.state.steps.length === 1")
	row := testbrowser.Eval[[]string](tab, "game.state.states[0].rows[0]")
	for _, want := range []string{"o1", "{amount: 12.5, currency: EUR}", "2026-02-28", "2026-12-31T09:00:00Z", "1h30m", "3", "[new, red]", "[{sizes: [1, 2], what: 상자}]", "{EUR: 1.1}"} {
		if !slices.Contains(row, want) {
			t.Errorf("the state has no %s: %q", want, row)
		}
	}
}

// TestAnswersInOrder: an answer that comes late does not take the place of a newer one.
func TestAnswersInOrder(t *testing.T) {
	tab, _ := openText(t, lending)
	tab.Give("Borrow", "loanId", "l1", "memberId", "lee")
	steps := testbrowser.Eval[int](tab, `(async () => {
		const real = ask, steps = game.steps;
		let late = true;
		ask = async (question, about) => {
			const answer = await real(question, about);
			if (late) { late = false; await new Promise(done => setTimeout(done, 300)); }
			return answer;
		};
		game.steps = [];
		const first = play();
		game.steps = steps;
		await Promise.all([first, play()]);
		return game.state.steps.length;
	})()`)
	if steps != 1 {
		t.Errorf("the page shows %d steps of 1", steps)
	}
}

// TestTime lets time pass until a timer rings, with another system away.
func TestTime(t *testing.T) {
	tab, _ := openText(t, lending)
	tab.Give("Borrow", "loanId", "l1", "memberId", "lee")
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

// TestKeyboard plays, searches and saves without a pointer; what has the focus is seen.
func TestKeyboard(t *testing.T) {
	tab, dir := openText(t, lending)
	tab.Until(`document.querySelector("[data-command]")`)
	tab.TabTo(".skip")
	tab.Keys(kb.Enter)
	tab.TabTo("[data-command=Borrow]")
	if width := testbrowser.Eval[string](tab, "getComputedStyle(document.activeElement).outlineWidth"); width != "3px" {
		t.Errorf("the focus is not seen: %s", width)
	}
	tab.Keys(kb.Enter)
	tab.Until(`document.activeElement.dataset.field === "loanId"`)
	tab.TabTo("[data-field=memberId]")
	tab.Keys("lee" + kb.Enter)
	tab.Until(`game.state.steps.length === 1`)
	tab.TabTo("#save")
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
	tab.TabTo("#back")
	tab.Keys(kb.Enter)
	tab.Until(`game.state.steps.length === 0`)
	tab.TabTo("#search")
	tab.Keys("반납")
	tab.Until(`document.querySelector("#found").textContent === "2 found"`)
	tab.TabTo(".note.command")
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
