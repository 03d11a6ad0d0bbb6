package play_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/play"
	"github.com/esgen/esgen/model"
)

func load(t *testing.T, path string) *play.Wall {
	t.Helper()
	sys, found := model.Load(path)
	m, more := check.System(sys)
	found.Merge(more)
	return play.Of(m, found)
}

func text(t *testing.T, text string) (*play.Wall, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "esgen.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return load(t, file), file
}

// saves are games that become scenarios; what is written is checked, and plays.
func TestSave(t *testing.T) {
	owner, customer := &play.Person{Actor: "Owner", Subject: "kang"}, &play.Person{Actor: "Customer", Subject: "hong"}
	steps := []play.Step{
		{Do: "RegisterRestaurant", Who: owner, With: play.Values{"restaurantId": "r1", "name": "김밥: 천국 #1", "dishes": []any{map[string]any{"menuId": "m1", "name": "true", "price": "4500"}}}},
		{Down: "store"},
		{Do: "PlaceOrder", Who: customer, With: play.Values{
			"orderId": "o1", "customerId": "hong", "restaurantId": "r1", "address": "서울", "cardNumber": "5500123412341234",
			"items": []any{map[string]any{"menuId": "m1", "quantity": "2", "price": "4500"}},
		}},
		{Up: "store"},
		{Do: "PlaceOrder", Who: customer, With: play.Values{"orderId": "o2", "customerId": "hong", "restaurantId": "r1", "address": "서울", "cardNumber": "5500123412341234", "items": []any{}}},
		{Script: "KakaoTalk.send", Fails: true},
		{Advance: "1h30m"},
	}
	w := load(t, "../../examples/fooddelivery")
	state := w.Play(steps, customer)
	if state.Error != "" || len(state.Steps) != len(steps) {
		t.Fatal(state.Error)
	}
	saved, err := w.Save(play.Asked{Steps: steps, Name: "상점이 멈춘: 하루", Covers: []string{"N2"}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(saved.Text, "rejected: EmptyOrder") || !strings.Contains(saved.Text, "down: store") {
		t.Error(saved.Text)
	}
	if !strings.Contains(saved.Text, "- PaymentApproved") || strings.Contains(saved.Text, "- OrderPlaced") {
		t.Errorf("what followed is what was not answered:\n%s", saved.Text)
	}
	holds(t, "../../examples/fooddelivery", saved)
}

// holds puts what was saved where it belongs: the model has no errors then.
func holds(t *testing.T, dir string, saved *play.Saved) {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	file := filepath.FromSlash(strings.TrimPrefix(saved.File, dir+"/"))
	if err := os.WriteFile(filepath.Join(to, file), []byte(saved.Content), 0o600); err != nil {
		t.Fatal(err)
	}
	if shown := load(t, to).Show(); shown.Problems.Errors > 0 {
		t.Errorf("%+v\n%s", shown.Problems.Diagnostics, saved.Text)
	}
}

const small = `esgen: v1
system: s
actors: {A: {}}
contexts:
  c:
    aggregates:
      Thing: {commands: {Make: {actor: A, creates: true, emit: [Made]}, Drop: {actor: A, emit: [Dropped]}}, events: [Made, Dropped]}
`

// flow is the same with nothing in lines.
const flow = `esgen: v1
system: s
actors: {A: {}}
contexts: {c: {aggregates: {Thing: {commands: {Make: {actor: A, creates: true, emit: [Made]}, Drop: {actor: A, emit: [Dropped]}}, events: [Made, Dropped]}}}}`

// TestInsert: a scenario goes behind the last one, however these are written.
func TestInsert(t *testing.T) {
	steps := []play.Step{{Do: "Make", Who: &play.Person{Actor: "A", Subject: "a"}, With: play.Values{"thingId": "t1"}}}
	braces := "{" + strings.ReplaceAll(flow, "\n", ", ") + "}\n"
	for _, test := range []struct{ name, text, refused string }{
		{"none", small, ""},
		{"empty", small + "scenarios:\n", ""},
		{"empty with more behind", small + "scenarios:\nzone: Asia/Seoul\n", ""},
		{"some, further in, with more behind", small + "scenarios:\n      first:\n        when: {do: Make, with: {thingId: t0}}\n      # the end\n\nzone: Asia/Seoul\n", ""},
		{"no line break at the end", small + "scenarios:\n  first: {when: {do: Make, with: {thingId: t0}}}", ""},
		{"in braces", small + "scenarios: {first: {when: {do: Make, with: {thingId: t0}}}}\n", ""},
		{"in braces with more behind", small + "scenarios: {first: {when: {do: Make, with: {thingId: 't}0'}}},} # }\nzone: Asia/Seoul\n", ""},
		{"in braces of many lines", small + "scenarios: {\n    zeroth: {when: {do: Make, with: {thingId: t0}}}, # one\n    first: {when: {do: Make, with: {thingId: t0}}} # two\n  }\n", ""},
		{"empty braces", small + "scenarios: {}\nzone: Asia/Seoul\n", ""},
		{"all in braces", braces, ""},
		{"all in braces, some", strings.TrimSuffix(braces, "}\n") + ", scenarios: {first: {when: {do: Make, with: {thingId: t0}}}}}\n", ""},
		{"a comment behind", small + "scenarios: # none yet\n", "no line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, file := text(t, test.text)
			saved, err := w.Save(play.Asked{Steps: steps, Name: "second"})
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Fatal(err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(saved.Content), 0o600); err != nil {
				t.Fatal(err)
			}
			again := load(t, file)
			if shown := again.Show(); shown.Problems.Errors > 0 || again.Scenarios[len(again.Scenarios)-1].Name != "second" || len(again.Scenarios) != len(w.Scenarios)+1 {
				t.Errorf("%v\n%s", shown.Problems.Diagnostics, saved.Content)
			}
		})
	}
}

// TestRefused: what cannot be played, or saved, says why, and does not panic.
func TestRefused(t *testing.T) {
	w, _ := text(t, small)
	who := &play.Person{Actor: "A", Subject: "a"}
	for _, test := range []struct {
		step play.Step
		says string
	}{
		{play.Step{}, "says nothing"},
		{play.Step{Do: "Brew"}, "no command Brew"},
		{play.Step{Do: "Make", Who: &play.Person{Actor: "B"}}, "no actor B"},
		{play.Step{Do: "Make", Who: who, With: play.Values{"thingID": "x"}}, "thingId"},
		{play.Step{Advance: "soon"}, "soon"},
		{play.Step{Advance: "-1h"}, ""},
		{play.Step{Down: "d"}, "no context or external system d"},
		{play.Step{Tell: "Made"}, "no event of another system"},
		{play.Step{Script: "x.y"}, "no operation x.y"},
	} {
		s := w.Play([]play.Step{test.step}, who)
		if s.Error == "" || !strings.Contains(s.Error, test.says) {
			t.Errorf("%+v: %q", test.step, s.Error)
		}
	}
	shop := load(t, "../../examples/fooddelivery").Play([]play.Step{{Do: "RegisterRestaurant", Who: &play.Person{Actor: "Owner", Subject: "k"},
		With: play.Values{"restaurantId": "r1", "name": "x", "dishes": []any{map[string]any{"menuId": "m"}}}}}, nil)
	if !strings.Contains(shop.Error, "needs 이름") {
		t.Error(shop.Error)
	}
	if _, err := w.Save(play.Asked{Name: "x"}); err == nil {
		t.Error("nothing was played, and it is saved")
	}
	if _, err := w.Answer("no", nil); err == nil {
		t.Error("a question that there is not is answered")
	}
}
