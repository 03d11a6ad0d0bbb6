package sim_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/sim"
)

// TestSessions runs the script of each case; its first line names the model.
func TestSessions(t *testing.T) {
	scripts, err := filepath.Glob("testdata/sessions/*/script.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("there are no cases:", err)
	}
	for _, path := range scripts {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			script, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			first, rest, _ := strings.Cut(string(script), "\n")
			m := load(t, filepath.Join(dir, strings.TrimPrefix(first, "# model: "), "esgen.yaml"))
			var out strings.Builder
			s := sim.NewSession(m, time.Time{}, &out)
			for line := range strings.Lines(rest) {
				line = strings.TrimSuffix(line, "\n")
				fmt.Fprintf(&out, "> %s\n", line)
				err := s.Run(line)
				if errors.Is(err, sim.ErrQuit) {
					break
				}
				if err != nil {
					fmt.Fprintf(&out, "error: %v\n", err)
				}
			}
			golden := filepath.Join(dir, "session.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("%s differs (-want +got); go test ./internal/sim -update writes it anew:\n%s", golden, diff)
			}
		})
	}
}

// Whoever leaves something out is asked for it, until the answer will do; what
// was answered is taken back and played again like any other step.
func TestSessionAsks(t *testing.T) {
	m := load(t, "testdata/calls/esgen.yaml")
	var out strings.Builder
	s := sim.NewSession(m, time.Time{}, &out)
	answers := []string{"o1", "much", "12.50", "o2", "1"}
	var asked []string
	s.Ask = func(prompt string) (string, bool) {
		asked = append(asked, strings.TrimSpace(prompt))
		if len(answers) == 0 {
			return "", false
		}
		answer := answers[0]
		answers = answers[1:]
		return answer, true
	}
	for _, line := range []string{"as Buyer b1", "do Buy", "do Buy", "undo", "state Order"} {
		if err := s.Run(line); err != nil {
			t.Fatal(line, err)
		}
	}
	want := []string{"orderId (id)", "total (decimal)", "total (decimal)", "orderId (id)", "total (decimal)"}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
	text := out.String()
	for _, part := range []string{
		"total: 'much' is no decimal",
		"taken back: do Buy {orderId: o2, total: 1}\n{orderId: o1, buyerId: b1, total: 12.5, ",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	if err := s.Run("do Buy"); !errors.Is(err, sim.ErrQuit) {
		t.Errorf("nobody answers: %v", err)
	}
}

// Whatever is typed, a session answers, and can go on.
func FuzzSession(f *testing.F) {
	m := load(f, "testdata/calls/esgen.yaml")
	for _, line := range []string{
		"do Buy {orderId: o1, total: 1}", "do Buy {orderId: [], total: {}}", "given Paid {paymentId: p, orderId: o, amount: 1, approved: true}",
		"script Bank.charge slow 3s {approved: false}", "see Payments.ofOrder {orderId: o}", "advance 9999999d", "as Buyer\x00", "undo", "see Order o1",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		s := sim.NewSession(m, time.Time{}, io.Discard)
		_ = s.Run("as Buyer b1") // what is typed matters, not who types
		if err := s.Run(line); errors.Is(err, sim.ErrQuit) {
			return
		}
		if err := s.Run("do BuyLater {orderId: o77, total: 1}"); err != nil {
			t.Errorf("after %q: %v", line, err)
		}
	})
}

// The page about sessions has every line, as help has it.
func TestSessionsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/simulate.md")
	if err != nil {
		t.Fatal(err)
	}
	usages := 0
	for line := range strings.Lines(sim.Help()) {
		if strings.HasPrefix(line, " ") {
			continue // what it does
		}
		usages++
		usage := "| `" + strings.ReplaceAll(strings.TrimSpace(line), "|", `\|`) + "` |"
		if !strings.Contains(string(page), usage) {
			t.Errorf("docs/simulate.md has no %s", usage)
		}
	}
	if rows := strings.Count(string(page), "\n| `"); rows != usages {
		t.Errorf("docs/simulate.md has %d lines, help %d", rows, usages)
	}
}
