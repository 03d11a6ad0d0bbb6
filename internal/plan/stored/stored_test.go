package stored_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/plan/stored"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

const shed = `esgen: v1
system: shed
actors: {Owner: {}}
types:
  Part: {fields: {name: string, note: optional(string), price: int, more: list(Part)}}
contexts:
  tools:
    aggregates:
      Tool:
        state: {name: string, price: int, note: optional(string), parts: list(Part), by: map(int)}
        lookup: [price, name]
        commands:
          Buy: {actor: Owner, creates: true, input: [name, price, note, parts, by], emit: [Bought]}
        events: {Bought: {fields: [name, price, note, parts, by]}}
      Loan:
        persistence: events
        state: {to: string, days: {type: int, default: 0}}
        commands:
          Lend: {actor: Owner, creates: true, input: [to], emit: [Lent]}
          Extend: {actor: Owner, input: {days: int}, emit: [Extended]}
        events: {Lent: {fields: [to]}, Extended: {fields: {days: int}, apply: {days: event.days}}}
    views:
      Tools: {key: toolId, fields: [toolId, name, price], from: [Bought], actor: Owner}
      Names: {mode: inline, key: toolId, fields: [toolId, name, price], from: [Bought], actor: Owner}
`

// told are the steps, and what is refused, of a change of the shed.
func told(t *testing.T, before fstest.MapFS, text string, allow ...string) (output fstest.MapFS, said string) {
	t.Helper()
	sys, diags := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(text)}}, "esgen.yaml")
	planned := services.Plan(contract.Build(testsystem.Check(t, sys, diags)), platform.Layout{})
	allowed, err := stored.ParseAllowed(allow)
	if err != nil {
		t.Fatal(err)
	}
	all, err := stored.Plan(planned, stored.Upon{Output: before, Allow: allowed})
	var refused *stored.Refused
	if errors.As(err, &refused) {
		for _, d := range refused.Diags.Sorted() {
			said += fmt.Sprintf("%s: %s; %s\n", d.Pos, d.Message, d.Suggestion)
		}
		return nil, said
	}
	if err != nil {
		t.Fatal(err)
	}
	output = fstest.MapFS{}
	for dir, data := range all {
		text, err := data.JSON()
		if err != nil {
			t.Fatal(err)
		}
		output[stored.Path(dir)] = &fstest.MapFile{Data: text}
		for _, m := range data.Migrations {
			for _, s := range m.Steps {
				said += fmt.Sprintf("%s: %s\n", m.File(), s.Go())
			}
		}
	}
	return output, said
}

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes []string // what stands there, and what in its place
		allow   string
		want    string
	}{
		{"nothing", nil, "", ""},
		{"what is added takes none", []string{
			"note: optional(string), parts", "note: optional(string), colour: optional(string), parts",
			"fields: [toolId, name, price], from: [Bought], actor: Owner}\n      Names", "fields: [toolId, name, price, note], from: [Bought], actor: Owner}\n      Notes: {key: toolId, fields: [toolId, note], from: [Bought]}\n      Names",
			"      Loan:", "      Nail: {state: {size: int}, commands: {Make: {creates: true, input: [size], emit: [Made]}}, events: {Made: {fields: [size]}}}\n      Loan:",
			"lookup: [price, name]", "lookup: [price, name, note]"}, "", ""},
		{"lookups", []string{"lookup: [price, name]", "lookup: name"}, "", "0001_tool: store.LeaveColumn(\"tool\", \"price\")\n"},
		{"a lookup of another type", []string{"state: {name: string, price: int", "state: {name: string, price: decimal"}, "lose:tools.Names",
			"0001_tool: store.DropColumn(\"tool\", \"price\")\n" +
				"0002_view_names: store.DropTable(\"view_names\")\n" +
				"0003_view_tools: table.Supersede(\"Tools\", \"view_tools\", 2)\n"},
		{"a key", []string{"Tools: {key: toolId", "Tools: {key: [name, toolId]"}, "", "0001_view_tools: table.Supersede(\"Tools\", \"view_tools\", 2)\n"},
		{"a column is gone", []string{"Tools: {key: toolId, fields: [toolId, name, price]", "Tools: {key: toolId, fields: [toolId, name]"}, "",
			"0001_view_tools: table.LeaveColumn(\"Tools\", \"view_tools\", \"price\", 1)\n"},
		{"a view is gone", []string{"      Tools: {key: toolId, fields: [toolId, name, price], from: [Bought], actor: Owner}\n", ""}, "",
			"0001_view_tools: table.Leave(\"Tools\", \"view_tools\", 1)\n"},
		{"an id", []string{"persistence: events", "id: number\n        persistence: events"}, "",
			"0001_loan: aggregate.AlsoCalled(\"loan_events\", \"loanId\", \"number\")\n"},
		{"a new name says what it was", []string{
			"Tool:", "Implement:\n        was: Tool", "note: optional(string), parts", "remark: {was: note, type: optional(string)}, parts",
			"input: [name, price, note,", "input: [name, price, remark,", "fields: [name, price, note, parts", "fields: [name, price, remark, parts",
		}, "", ""},
		{"a field is gone", []string{"note: optional(string), parts: list(Part), by", "parts: list(Part), by", "input: [name, price, note,", "input: [name, price,", "fields: [name, price, note, parts", "fields: [name, price, parts"}, "",
			"esgen.yaml:9:7: note of Tool is gone: what is stored of it would be lost; if it is called otherwise now, say so (was: note); else leave it, unused, as an optional field; to lose it: --allow lose:tools.Tool.note\n"},
		{"and may be", []string{"note: optional(string), parts: list(Part), by", "parts: list(Part), by", "input: [name, price, note,", "input: [name, price,", "fields: [name, price, note, parts", "fields: [name, price, parts"}, "lose:tools.Tool.note",
			"0001_tool: aggregate.ForgetMembers(\"tool\", \"note\")\n"},
		{"fields of value objects", []string{"Part: {fields: {name: string, note: optional(string), price: int, more", "Part: {fields: {name: int, price: decimal, more"}, "lose:tools.Tool.parts",
			"0001_tool: aggregate.ForgetMembers(\"tool\", \"parts[].name\")\n0001_tool: aggregate.ForgetMembers(\"tool\", \"parts[].note\")\n"},
		{"the values of a map", []string{"by: map(int)", "by: map(bool)"}, "lose", "0001_tool: aggregate.ForgetMembers(\"tool\", \"by\")\n"},
		{"another is allowed", []string{"by: map(int)", "by: map(bool)"}, "lose:tools.Tool.b",
			"esgen.yaml:10:86: by of Tool holds bool, and held int: what is stored of it would be lost; leave it, unused, and add a field of another name beside it; to lose it: --allow lose:tools.Tool.by\n"},
		{"a stored event is gone", []string{"          Extend: {actor: Owner, input: {days: int}, emit: [Extended]}\n", "", ", Extended: {fields: {days: int}, apply: {days: event.days}}", ""}, "lose",
			"esgen.yaml:15:7: event Extended is gone, and instances of Loan are made of it: they could not be read any more; if it is called otherwise now, say so (was: Extended); else leave it: no command has to emit it\n"},
		{"a stored event is another", []string{"input: {days: int}", "input: {days: date}", "fields: {days: int}, apply: {days: event.days}", "fields: {days: date}", "days: {type: int, default: 0}", "days: optional(date)"}, "lose",
			"esgen.yaml:21:40: days of event Extended holds date, and int in what is stored: instances of Loan could not be read any more; count its version up, and say how an older one is read (versions: {1: {fields: …, upcast: …}})\n"},
		{"events are not kept any more", []string{"        persistence: events\n", ""}, "lose",
			"0001_loan: store.DropTable(\"loan\")\n0001_loan: store.DropTable(\"loan_events\")\n"},
		{"the key of an inline view", []string{"inline, key: toolId", "inline, key: [name, toolId]"}, "lose:tools.Names", "0001_view_names: store.DropTable(\"view_names\")\n"},
		{"a context is gone", []string{"  tools:", "  barn:"}, "",
			"esgen.yaml:2:9: context tools is gone, and its instances with it: what is stored of it would be lost; leave it for as long as anybody needs them, and keep its code where it is called otherwise; to lose it: --allow lose:tools\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, said := told(t, nil, shed)
			if said != "" {
				t.Fatal(said)
			}
			for i := 0; i < len(c.changes); i += 2 {
				if !strings.Contains(shed, c.changes[i]) {
					t.Fatalf("there is no %q", c.changes[i])
				}
			}
			text := strings.NewReplacer(c.changes...).Replace(shed)
			var allow []string
			if c.allow != "" {
				allow = []string{c.allow}
			}
			after, said := told(t, before, text, allow...)
			if diff := cmp.Diff(c.want, said); diff != "" {
				t.Fatal(diff)
			}
			if after == nil {
				return
			}
			if again, said := told(t, after, text); said != c.want || !cmp.Equal(again, after) {
				t.Errorf("once more, it is something else: %s\n%s", said, cmp.Diff(after, again))
			}
		})
	}
}

// A view that comes back is another one: rows of long ago may lie about.
func TestViewsThatComeBack(t *testing.T) {
	const view = "      Tools: {key: toolId, fields: [toolId, name, price], from: [Bought], actor: Owner}\n"
	first, _ := told(t, nil, shed)
	without, _ := told(t, first, strings.Replace(shed, view, "", 1))
	if _, said := told(t, without, strings.Replace(shed, view, "", 1)); strings.Count(said, "\n") != 1 {
		t.Errorf("it goes again: %s", said)
	}
	again, said := told(t, without, shed)
	if !strings.Contains(string(again[stored.Path("tools")].Data), `"version": 2`) {
		t.Errorf("it has the table of before: %s", said)
	}
	_, said = told(t, again, strings.Replace(shed, "Tools: {key: toolId", "Tools: {key: [name, toolId]", 1))
	if !strings.Contains(said, `table.Supersede("Tools", "view_tools", 3)`) {
		t.Error(said)
	}
}

func TestDamaged(t *testing.T) {
	for text, want := range map[string]string{
		"{":             "unexpected end",
		`{"format": 9}`: "a newer esgen",
		`{"format": 1, "migrations": [{"number": 1, "steps": [{"do": "os.Exit"}]}]}`: `"os.Exit", which is not known`,
	} {
		sys, diags := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(shed)}}, "esgen.yaml")
		planned := services.Plan(contract.Build(testsystem.Check(t, sys, diags)), platform.Layout{})
		_, err := stored.Plan(planned, stored.Upon{Output: fstest.MapFS{stored.Path("tools"): {Data: []byte(text)}}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	sys, diags := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(shed)}}, "esgen.yaml")
	planned := services.Plan(contract.Build(testsystem.Check(t, sys, diags)), platform.Layout{})
	lost := fstest.MapFS{strings.Replace(stored.Path("tools"), "stored.json", "migrations.go", 1): {}}
	if _, err := stored.Plan(planned, stored.Upon{Output: lost}); err == nil || !strings.Contains(err.Error(), "bring it back") {
		t.Errorf("migrations are forgotten: %v", err)
	}
	for _, text := range []string{"", "find:x", "lose:", "order.Order"} {
		if _, err := stored.ParseAllowed([]string{text}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
