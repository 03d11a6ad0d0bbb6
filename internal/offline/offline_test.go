package offline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/offline"
	"github.com/esgen/esgen/internal/overlay"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/testbrowser"
	"github.com/esgen/esgen/model"
)

const thing = `esgen: v1
system: s
title: "</script><script>document.title = 'taken over'</script>"
requirements: {F1: somebody makes a thing}
actors: {Maker: {title: 만드는 사람}}
contexts:
  c:
    aggregates:
      Thing:
        state: {name: string, open: {type: bool, default: true}}
        commands:
          Make: {title: 만들다, actor: Maker, creates: true, input: {name: string}, emit: [Made]}
          Shut: {emit: [WasShut]}
        events: {Made: {title: 만들어짐, fields: [name]}, WasShut: {apply: {open: false}}}
    policies: {Close: {after: 1h, since: Made, then: Shut}}
`

// TestOfflineDelivery plays food delivery in a file, without a server or a network: from the
// order to the delivery, a step back, and the scenario, which holds in the model.
func TestOfflineDelivery(t *testing.T) {
	tab := testbrowser.Open(t)
	const dir = "../../examples/fooddelivery"
	openFile(t, tab, filepath.Join(dir, "esgen.yaml"))
	tab.Until(`document.querySelector("[data-command=PlaceOrder]")`)
	tab.Looks("offline")
	tab.PlayDelivery()
	tab.Looks("offline-played")
	tab.Write("#search", "주문 현황")
	tab.Until(`document.querySelector("#found").textContent.endsWith(" found") && wall.hits.includes("view:front/OrderStatus")`)
	tab.Write("#search", "")
	tab.Press("#save")
	tab.Write("#scenario", "김밥 두 줄이 배달된다")
	tab.Press("#covers-F1")
	tab.Press("#dialog .main")
	tab.Until(`document.querySelector("#saved pre")`)
	tab.Keep("offline-saved")
	told := testbrowser.Eval[string](tab, `document.querySelector("#saved pre").textContent`)
	sys, found := model.LoadFS(overlay.FS{FS: os.DirFS(dir), Files: map[string][]byte{"scenarios/played.yaml": []byte(told)}}, "esgen.yaml")
	checked, more := check.System(sys)
	if found.Merge(more); found.HasErrors() {
		t.Fatalf("what is shown is no scenario: %v\n%s", found.Sorted()[0].Message, told)
	}
	for _, s := range sys.Scenarios {
		if s.Name == "김밥 두 줄이 배달된다" {
			if played := sim.Play(checked, s); len(s.Steps) != 7 || len(played.Failures) > 0 {
				t.Errorf("%d steps, %+v", len(s.Steps), played.Failures)
			}
			return
		}
	}
	t.Errorf("the model does not have it:\n%s", told)
}

// TestOfflineKeyboard plays, searches and saves in a file without a pointer.
func TestOfflineKeyboard(t *testing.T) {
	tab := testbrowser.Open(t)
	file := filepath.Join(t.TempDir(), "esgen.yaml")
	if err := os.WriteFile(file, []byte(thing), 0o600); err != nil {
		t.Fatal(err)
	}
	openFile(t, tab, file)
	tab.Until(`document.querySelector("[data-command=Make]")`)
	tab.TabTo("[data-command=Make]")
	tab.Keys(kb.Enter)
	tab.Until(`document.activeElement.dataset.field === "thingId"`)
	tab.Keys("t1")
	tab.TabTo("[data-field=name]")
	tab.Keys("물건" + kb.Enter)
	tab.Until(`game.state.steps.length === 1`)
	tab.TabTo("#save")
	tab.Keys(kb.Enter)
	tab.Until(`document.activeElement.id === "scenario"`)
	tab.Keys("A thing is made" + kb.Enter)
	tab.Until(`document.querySelector("#saved pre")?.textContent.includes("A thing is made:")`)
	tab.Keys(kb.Escape)
	tab.Until(`!document.querySelector("dialog[open]")`)
	tab.TabTo("#back")
	tab.Keys(kb.Enter)
	tab.Until(`game.state.steps.length === 0`)
	tab.TabTo("#search")
	tab.Keys("만들")
	tab.Until(`document.querySelector("#found").textContent === "2 found"`)
}

// openFile opens the page of a model as a file, in a browser without a network.
func openFile(t *testing.T, tab *testbrowser.Tab, document string) {
	t.Helper()
	player, err := offline.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := offline.Page(player, document)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the program is %.2f MB compressed, the page %.2f MB", float64(len(player.Program))/1e6, float64(len(data))/1e6)
	if len(player.Program) > 10e6 {
		t.Errorf("the program is %d bytes: too large to be mailed", len(player.Program))
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Offline()
	tab.Go("file://" + file)
}

// TestOffline plays a model in a file that no server answers for.
func TestOffline(t *testing.T) {
	tab := testbrowser.Open(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), []byte(thing), 0o600); err != nil {
		t.Fatal(err)
	}
	openFile(t, tab, filepath.Join(dir, "esgen.yaml"))
	tab.Until(`document.querySelector("[data-command=Make]")`)
	if title := testbrowser.Eval[string](tab, "document.title"); !strings.HasPrefix(title, "</script>") {
		t.Errorf("the title is %q", title)
	}
	tab.Press(`[data-command=Make]`)
	tab.Write(`form.give [data-field=thingId]`, "t1")
	tab.Write(`form.give [data-field=name]`, "물건")
	tab.Press("form.give .main")
	tab.Until(`game.state.steps.length === 1 && document.getElementById("event:c/Thing/Made").classList.contains("lit")`)
	tab.Press("#timer")
	tab.Until(`game.state.states[0].rows[0].includes("false")`)
	tab.Press("#back")
	tab.Until(`game.state.states[0].rows[0].includes("true")`)
	tab.Write("#search", "만들")
	tab.Until(`document.querySelector("#found").textContent === "2 found"`)
	tab.Press("#save")
	tab.Write("#scenario", "A thing is made")
	tab.Press("#dialog .main")
	tab.Until(`document.querySelector("#saved pre")?.textContent.includes("A thing is made:")`)
	tab.Accessible()
	tab.Keep("offline")
}
