package offline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/offline"
	"github.com/esgen/esgen/internal/testbrowser"
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
        events: {Made: {title: 만들어짐, fields: [name]}}
    policies: {Close: {after: 1h, since: Made, then: Shut}}
`

// TestOffline plays a model in a file that no server answers for.
func TestOffline(t *testing.T) {
	tab := testbrowser.Open(t)
	player, err := offline.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := strings.Replace(thing, "emit: [Made]}\n", "emit: [Made]}\n          Shut: {emit: [WasShut]}\n", 1)
	text = strings.Replace(text, "fields: [name]}", "fields: [name]}, WasShut: {apply: {open: false}}", 1)
	if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := offline.Page(player, filepath.Join(dir, "esgen.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the program is %.2f MB compressed, the page %.2f MB", float64(len(player.Program))/1e6, float64(len(data))/1e6)
	if len(player.Program) > 10e6 {
		t.Errorf("the program is %d bytes: too large to be mailed", len(player.Program))
	}
	file := filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Offline()
	tab.Go("file://" + file)
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
