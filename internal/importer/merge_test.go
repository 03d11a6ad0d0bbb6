package importer_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/importer"
)

// goneOn is a model of a board that people have gone on with.
const goneOn = `# what we agreed on
esgen: v1
system: bakery
title: "Bakery"

actors:
  Baker: {}   # Anna, on Mondays

contexts:
  counter:
    title: "Counter context"
    aggregates:
      Order:
        state: {bread: string}
        commands:
          # the one that matters
          PlaceOrder:
            title: 빵을 주문하다
            creates: true
            actor: Baker
            input: [bread]
            emit: [OrderPlaced]
        events:
          OrderPlaced:
            title: "Order placed"
            description: |
              somebody
                wants bread
            fields: [bread]

        # behind all events
    views:
      Orders: {key: orderId, fields: {orderId: id, bread: string}, from: {OrderPlaced: {}}}
# the end
`

const newer = `# Bakery
## Counter context
🟨 Order
👤 Clerk → 🟦 빵을 주문하다 → 🟧 Order placed
🟦 빵을 주문하다 → 🟧 Order noted
🟦 Cancel order → 🟧 Order cancelled → 🟪 Throw away
🟩 Losses
## Oven context
🟨 Loaf
🟦 Bake → 🟧 Baked
🟧 Order placed
`

// TestMerge merges a newer board into a model.
func TestMerge(t *testing.T) {
	m := merged(t, goneOn, newer)
	for _, want := range []string{
		"        events:\n          OrderPlaced:\n", "          CancelOrder:\n            title: \"Cancel order\"\n            emit: [OrderCancelled]\n        events:",
		"    policies:\n      ThrowAway:\n", "  oven:\n    title: \"Oven\"\n", "  Baker: {}   # Anna, on Mondays\n  Clerk: {}\n",
	} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("there is no\n%s\nin\n%s", want, m.Text)
		}
	}
	r := m.Report
	for _, want := range []struct {
		lines []string
		line  string
	}{
		{r.Differs, "esgen.yaml:17:11: actor of command PlaceOrder has no Clerk, which is on the board"},
		{r.Differs, "esgen.yaml:17:11: emit of command PlaceOrder has no OrderNoted, which is on the board"},
		{r.Gone, "esgen.yaml:7:3: actor Baker is not on the board"},
		{r.Gone, "esgen.yaml:33:7: view Orders is not on the board"},
		{r.Added, "event OrderNoted"},
		{r.Added, "view Losses"},
	} {
		if !slices.Contains(want.lines, want.line) {
			t.Errorf("the report does not say %q:\n%s", want.line, strings.Join(want.lines, "\n"))
		}
	}
	again := merged(t, m.Text, newer)
	if again.Text != m.Text || len(again.Report.Added) > 0 {
		t.Errorf("the same board adds %q once more", again.Report.Added)
	}
}

func merged(t *testing.T, text, wall string) *importer.Merged {
	t.Helper()
	s, err := importer.Read("bakery.md", []byte(wall), nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := importer.Merge("esgen.yaml", []byte(text), s, false)
	if err != nil {
		t.Fatalf("%v\nof\n%s\nand\n%s", err, text, wall)
	}
	passes(t, &importer.Model{Text: m.Text})
	kept(t, text, m.Text)
	return m
}

// kept expects that all lines of a text are there as before, in their order.
func kept(t *testing.T, before, after string) {
	t.Helper()
	lines := strings.Split(after, "\n")
	for _, l := range strings.Split(before, "\n") {
		at := slices.Index(lines, l)
		if at < 0 {
			t.Fatalf("the line %q is lost:\n%s\n---\n%s", l, before, after)
		}
		lines = lines[at+1:]
	}
}

// TestMergeRefuses says no where it cannot keep what is written.
func TestMergeRefuses(t *testing.T) {
	s, err := importer.Read("bakery.md", []byte(newer), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"errors":  "esgen: v1\nsystem: bakery\ncontexts: {counter: {aggregates: {Order: {commands: {A: {emit: [Nothing]}}}}}}\n",
		"no YAML": "esgen: [",
	} {
		if _, err := importer.Merge("esgen.yaml", []byte(text), s, false); err == nil {
			t.Errorf("%s: it is merged into", name)
		}
	}
	m, err := importer.Merge("esgen.yaml", []byte("esgen: v1\nsystem: bakery\ncontexts: {counter: {}}\n"), s, false)
	if err != nil {
		t.Fatal(err)
	}
	listed := merged(t, "esgen: v1\nsystem: bakery\nevents: [Baked]\n", "🟧 Baked\n🟧 Sold\n")
	if left := strings.Join(listed.Report.Left, "\n"); left != "event Sold: its section is in braces or a list: write it there yourself" {
		t.Errorf("of a list is reported %q", left)
	}
	if left := strings.Join(m.Report.Left, "\n"); !strings.Contains(left, "context oven: its section is in braces") {
		t.Errorf("what goes nowhere is not reported: %s", left)
	}
}

// TestMergeInTurn changes a board and its model in turn: nothing that is written by
// hand is lost, and all that is new on the board is in the model or in the report.
func TestMergeInTurn(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		var wall []string
		first, err := importer.Read("bakery.md", []byte(newer), nil)
		if err != nil {
			t.Fatal(err)
		}
		built, err := importer.Build(first, false)
		if err != nil {
			t.Fatal(err)
		}
		text := built.Text
		wall = strings.Split(newer, "\n")
		for turn := range 10 {
			text = handwritten(r, text, turn)
			wall = redrawn(r, wall, turn)
			m := merged(t, text, strings.Join(wall, "\n"))
			told := strings.Join(slices.Concat([]string{m.Text}, m.Report.Left, m.Report.Differs, m.Report.Asked), "\n")
			for _, line := range wall {
				_, rest, is := strings.Cut(line, "🟧 Thing ")
				number, _, _ := strings.Cut(rest, " ")
				if is && !strings.Contains(told, "Thing_"+number+"Done") && !strings.Contains(told, "Thing "+number+" done") {
					t.Fatalf("%q is neither in the model nor in the report:\n%s", line, told)
				}
			}
			text = m.Text
		}
	}
}

// handwritten adds a comment or a description somewhere.
func handwritten(r *rand.Rand, text string, turn int) string {
	lines := strings.Split(text, "\n")
	var out []string
	at := r.IntN(len(lines))
	for i, l := range lines {
		if i == at {
			out = append(out, strings.Repeat(" ", r.IntN(8))+fmt.Sprintf("# by hand, %d", turn))
		}
		if i == at && strings.HasSuffix(l, ": {}") && r.IntN(2) == 0 {
			l = strings.TrimSuffix(l, "{}") + fmt.Sprintf("{description: by hand %d}", turn)
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

// redrawn adds a note to a board, or takes one away.
func redrawn(r *rand.Rand, wall []string, turn int) []string {
	at := 2 + r.IntN(len(wall)-2)
	if r.IntN(4) == 0 {
		return slices.Delete(slices.Clone(wall), at, at+1)
	}
	note := []string{"🟦 Do %d → 🟧 Thing %d done", "🟧 Thing %d done", "🟩 Rows %d", "👤 Person %d → 🟦 Do %d → 🟧 Thing %d done", "## Place %d context", "🟧 Thing %d done → 🟪 React %d → 🟦 Do %d"}[r.IntN(6)]
	return slices.Insert(slices.Clone(wall), at, strings.ReplaceAll(note, "%d", fmt.Sprint(turn)))
}

// FuzzMerge merges any board into any model: if that is done, nothing is lost.
func FuzzMerge(f *testing.F) {
	f.Add(goneOn, newer)
	f.Add("esgen: v1\nsystem: bakery\nevents: [Baked]\n", "🟧 Baked\n🟧 Sold\n")
	f.Add("esgen: v1\nsystem: bakery\ncontexts: {counter: {}}\n", newer)
	f.Add("esgen: v1\nsystem: bakery\ncontexts:\n  counter:\n    # nothing yet\nactors:\n", newer)
	f.Add("esgen: v1\r\nsystem: bakery\r\nactors:\r\n  Baker: {}\r\n", newer)
	f.Fuzz(func(t *testing.T, text, wall string) {
		s, err := importer.ReadAs("markdown", []byte(wall), nil)
		if err != nil {
			return
		}
		m, err := importer.Merge("esgen.yaml", []byte(text), s, false)
		if err != nil {
			return
		}
		passes(t, &importer.Model{Text: m.Text})
		kept(t, text, m.Text)
	})
}
