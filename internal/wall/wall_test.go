package wall_test

import (
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"golang.org/x/text/unicode/norm"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/serve"
	"github.com/esgen/esgen/internal/testbrowser"
	"github.com/esgen/esgen/model"
)

// lending has three notes in a row, and one of another context that follows.
const lending = `esgen: v1
system: lending
title: 대출
actors: {Member: {title: 회원}}
contexts:
  loan:
    title: 대출 창구
    aggregates:
      Loan:
        commands:
          Borrow: {title: 책을 빌리다, description: Somebody takes a book home, actor: Member, creates: true, input: {memberId: id}, emit: [Borrowed]}
        events: {Borrowed: {title: 빌려짐, fields: [memberId]}}
  shelf:
    title: 서가
    aggregates:
      Copy:
        commands:
          Mark: {title: 표시하다, creates: true, emit: [Marked]}
        events: {Marked: {title: 표시됨}}
    policies:
      MarkCopy: {whenever: loan.Borrowed, then: Mark, target: event.loanId}
`

// pages are those with a wall, each opened with a model.
var pages = []struct {
	name string
	open func(t *testing.T, tab *testbrowser.Tab, file string)
}{
	{"board", openBoard},
	{"serve", func(t *testing.T, tab *testbrowser.Tab, file string) {
		s, err := serve.New(file)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(s)
		t.Cleanup(func() {
			tab.Go("about:blank") // it follows the server as long as it is open
			server.CloseClientConnections()
			server.Close()
		})
		tab.Go(server.URL)
	}},
}

func openBoard(t *testing.T, tab *testbrowser.Tab, file string) {
	sys, found := model.Load(file)
	if found.HasErrors() {
		t.Fatal("the model has errors")
	}
	b := board.Of(sys)
	data, err := b.HTML(b.Sheets(sys, nil))
	if err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "board.html")
	if err := os.WriteFile(page, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Go("file://" + page)
}

// TestWall: on every page that has one, a wall is moved, zoomed, searched and asked in
// the same way, by pointer and by keyboard.
func TestWall(t *testing.T) {
	tab := testbrowser.Open(t)
	file := filepath.Join(t.TempDir(), "esgen.yaml")
	if err := os.WriteFile(file, []byte(lending), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			p.open(t, tab, file)
			tab.Until(`document.querySelector("#wall .note") && wall.drawing?.view`)
			moves(t, tab)
			tells(t, tab)
			seeks(t, tab)
			tab.Accessible()
			refusesOthers(t, tab)
		})
	}
}

type view struct{ X, Y, W, H float64 }

func look(tab *testbrowser.Tab) view {
	return testbrowser.Eval[view](tab, "({ X: wall.drawing.view.x, Y: wall.drawing.view.y, W: wall.drawing.view.w, H: wall.drawing.view.h })")
}

// moves drags the wall, turns the wheel, and does the same by keys.
func moves(t *testing.T, tab *testbrowser.Tab) {
	t.Helper()
	before := look(tab)
	tab.Do(input.DispatchMouseEvent(input.MousePressed, 300, 300).WithButton(input.Left).WithButtons(1),
		input.DispatchMouseEvent(input.MouseMoved, 250, 280).WithButton(input.Left).WithButtons(1),
		input.DispatchMouseEvent(input.MouseReleased, 250, 280).WithButton(input.Left))
	if now := look(tab); now.X <= before.X || now.Y <= before.Y || now.W != before.W {
		t.Errorf("dragged to the left and up, from %v to %v", before, now)
	}
	before = look(tab)
	place := `JSON.stringify(wall.place({ clientX: 300, clientY: 300 }).map(Math.round))`
	under := testbrowser.Eval[string](tab, place)
	tab.Do(input.DispatchMouseEvent(input.MouseWheel, 300, 300).WithDeltaX(0).WithDeltaY(-120))
	tab.Until(fmt.Sprintf("wall.drawing.view.w < %v", before.W))
	if now := testbrowser.Eval[string](tab, place); now != under {
		t.Errorf("under the pointer was %s, now %s", under, now)
	}
	pinches(t, tab)
	testbrowser.Eval[bool](tab, "(document.activeElement.blur(), true)")
	for _, k := range []struct{ key, then string }{
		{"+", "now.w < before.w"}, {"-", "now.w > before.w"}, {kb.ArrowRight, "now.x > before.x"}, {kb.ArrowLeft, "now.x < before.x"},
		{kb.ArrowDown, "now.y > before.y"}, {kb.ArrowUp, "now.y < before.y"}, {"0", "now.w >= wall.drawing.size.w && now.h >= wall.drawing.size.h"},
	} {
		testbrowser.Eval[bool](tab, "(globalThis.before = wall.drawing.view, true)")
		tab.Keys(k.key)
		tab.Until(fmt.Sprintf("((now, before) => %s)(wall.drawing.view, globalThis.before)", k.then))
	}
}

// pinches moves two fingers apart: what was between them stays there, larger; and one
// finger alone moves it.
func pinches(t *testing.T, tab *testbrowser.Tab) {
	t.Helper()
	finger := func(id, x, y float64) *input.TouchPoint { return &input.TouchPoint{ID: id, X: x, Y: y} }
	touch := func(kind input.TouchType, fingers ...*input.TouchPoint) {
		tab.Do(input.DispatchTouchEvent(kind, fingers))
	}
	before := look(tab)
	between := func() [2]float64 {
		return testbrowser.Eval[[2]float64](tab, `wall.place({ clientX: 300, clientY: 300 })`)
	}
	was := between()
	touch(input.TouchStart, finger(1, 260, 300))
	touch(input.TouchStart, finger(1, 260, 300), finger(2, 340, 300))
	touch(input.TouchMove, finger(1, 240, 300), finger(2, 360, 300))
	tab.Until(fmt.Sprintf("Math.abs(wall.drawing.view.w / %v - 80 / 120) < 0.01", before.W))
	if now := between(); math.Hypot(now[0]-was[0], now[1]-was[1]) > 2 {
		t.Errorf("between the fingers was %v, now %v", was, now)
	}
	if testbrowser.Eval[bool](tab, `Boolean(document.querySelector("g.chosen"))`) {
		t.Error("two fingers choose a note")
	}
	touch(input.TouchEnd)
	tab.Until(`!document.querySelector("#wall").classList.contains("held")`)
	before = look(tab)
	touch(input.TouchStart, finger(1, 240, 300))
	touch(input.TouchMove, finger(1, 200, 300))
	tab.Until(fmt.Sprintf("wall.drawing.view.x > %v && wall.drawing.view.w === %v", before.X, before.W))
	touch(input.TouchEnd)
	tab.Until(`!document.querySelector("#wall").classList.contains("held")`)
}

// tells asks a note what leads to it and what follows, by the keyboard and by a click.
func tells(t *testing.T, tab *testbrowser.Tab) {
	t.Helper()
	const event = "event:loan/Loan/Borrowed"
	focus := fmt.Sprintf("(document.getElementById(%q).focus(), document.activeElement.id)", event)
	for _, key := range []string{kb.Enter, " "} {
		if testbrowser.Eval[string](tab, focus) != event {
			t.Fatal("the keyboard does not reach a note")
		}
		tab.Keys(key)
		tab.Until(`["빌려짐", "Because of", "책을 빌리다", "Then", "MarkCopy"].every(text => document.querySelector("#about").innerText.includes(text))`)
		tab.Until(fmt.Sprintf(`document.getElementById(%q).classList.contains("chosen") && !document.querySelector("#about").hidden`, event))
		tab.Keys(kb.Escape)
		tab.Until(`document.querySelector("#about").hidden && !document.querySelector(".chosen")`)
	}
	tab.Do(chromedp.Click(`[id="`+event+`"]`, chromedp.ByQuery))
	tab.Until(`!document.querySelector("#about").hidden`)
	tab.Press("#about li button") // to what it is because of
	tab.Until(`document.querySelector("g.chosen").id !== "` + event + `"`)
	tab.Press("#about .close")
	tab.Until(`document.querySelector("#about").hidden`)
}

// seeks finds what is written on notes, in any case and however letters are put together.
func seeks(t *testing.T, tab *testbrowser.Tab) {
	t.Helper()
	for _, s := range []struct {
		words, says string
		faded       bool
	}{
		{"빌", "2 found", true}, {norm.NFD.String("빌"), "2 found", true}, {"takes HOME", "1 found", true}, {"nowhere", "0 found", false}, {"", "", false},
	} {
		tab.Write("#search", s.words)
		tab.Until(fmt.Sprintf(`document.querySelector("#found").textContent === %q`, s.says))
		if faded := testbrowser.Eval[bool](tab, `wall.drawing.svg.classList.contains("sought")`); faded != s.faded {
			t.Errorf("%q: the others are faded: %t", s.words, faded)
		}
	}
	tab.Write("#search", "빌")
	tab.Until("wall.hits.length === 2 && wall.at === 0")
	tab.Do(chromedp.Focus("#search", chromedp.ByQuery))
	before := look(tab)
	tab.Keys(kb.Enter)
	tab.Until("wall.at === 1")
	if look(tab) == before {
		t.Error("the next one is not shown")
	}
	tab.Write("#search", "")
}

// refusesOthers: a script that is not of the page does not run.
func refusesOthers(t *testing.T, tab *testbrowser.Tab) {
	t.Helper()
	testbrowser.Eval[bool](tab, `(() => { const s = document.createElement("script"); s.textContent = "globalThis.taken = true"; document.body.append(s); document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='globalThis.taken = true'>"); return true; })()`)
	tab.Until(`document.querySelector("img")?.complete`)
	if testbrowser.Eval[bool](tab, "Boolean(globalThis.taken)") {
		t.Error("a script of others runs")
	}
}

// TestPictures: a board's page finds what is on its other pictures, and leads there and back.
func TestPictures(t *testing.T) {
	tab := testbrowser.Open(t)
	openBoard(t, tab, "../../testdata/models/journey/esgen.yaml")
	tab.Until(`document.querySelector("#wall .note") && sheet.id === "wall"`)
	first := testbrowser.Eval[string](tab, `[...sheets.values()][2].title.replace(/ \(.*/, "")`)
	tab.Write("#search", first)
	tab.Until(`document.querySelector("#about").innerText.includes("Found on")`)
	tab.Accessible()
	tab.Press("#about li button")
	tab.Until(`sheet.id !== "wall" && document.querySelector("#shown").value === sheet.id && wall.hits.length > 0`)
	tab.Write("#search", "")
	testbrowser.Eval[bool](tab, "(document.activeElement.blur(), true)")
	testbrowser.Eval[bool](tab, `(globalThis.before = sheet.id, true)`)
	tab.Keys(kb.PageDown)
	tab.Until("sheet.id !== globalThis.before")
	tab.Keys(kb.PageUp)
	tab.Until("sheet.id === globalThis.before")
	tab.Accessible()
	tab.Keep("board-sheet")
	testbrowser.Eval[bool](tab, `(wall.choose([...wall.drawing.drawn.values()].find(e => e.dataset.of).id), true)`)
	tab.Until(`document.querySelector("#about").innerText.includes("Also here")`)
	tab.Press("#about li button")
	tab.Until(`sheet.id !== globalThis.before && document.querySelector("g.chosen")`)
}

// TestLooks keeps pictures of a board's page, for a person to look at.
func TestLooks(t *testing.T) {
	tab := testbrowser.Open(t)
	openBoard(t, tab, "../../examples/fooddelivery/esgen.yaml")
	tab.Until(`document.querySelector("#wall .note") && wall.drawing.view`)
	for _, size := range []struct {
		name string
		w, h int64
		dark bool
	}{{"laptop-light", 1366, 768, false}, {"laptop-dark", 1366, 768, true}, {"phone-light", 390, 844, false}, {"phone-dark", 390, 844, true}} {
		tab.Size(size.w, size.h)
		tab.Dark(size.dark)
		testbrowser.Eval[bool](tab, `(wall.begin(), wall.choose(), true)`)
		tab.Accessible()
		tab.Keep("board-" + size.name)
		if over := testbrowser.Eval[float64](tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
			t.Errorf("%s: the page is %v pixels wider than the window", size.name, over)
		}
		testbrowser.Eval[bool](tab, `(wall.choose(wall.drawing.links[5].dataset.from), true)`)
		tab.Accessible()
		tab.Keep("board-chosen-" + size.name)
	}
}
