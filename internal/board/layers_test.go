package board_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// related is a model of contexts in layers of about six, each of which follows up to three
// of those before it; a few lead back.
func related(t *testing.T, r *rand.Rand, n int) *model.System {
	t.Helper()
	var contexts, relations strings.Builder
	for i := range n {
		fmt.Fprintf(&contexts, "  area%d: {title: %q, aggregates: {Thing: {commands: {Open: {creates: true, emit: [Opened]}}, events: [Opened]}}}\n", i, strings.Repeat("영역 ", 1+r.IntN(9))+fmt.Sprint(i))
		told := map[int]bool{}
		for range r.IntN(4) {
			other := r.IntN(n)
			if r.IntN(5) > 0 && i > 5 {
				other = i - 1 - r.IntN(6)
			}
			if other != i && !told[other] {
				told[other] = true
				fmt.Fprintf(&relations, "  - {upstream: area%d, downstream: area%d, roles: [open-host-service, published-language, conformist]}\n", other, i)
			}
		}
	}
	return load(t, "esgen: v1\nsystem: related\ncontexts:\n"+contexts.String()+"relations:\n"+relations.String())
}

// TestMapOfMany: a map of many contexts is as large as they need, not as the circle around
// them; nothing lies on anything; and one context more moves few others.
func TestMapOfMany(t *testing.T) {
	seed := testsample.Seed(t)
	for _, n := range []int{15, 40, 100} {
		sys := related(t, rand.New(rand.NewPCG(seed, uint64(n))), n)
		if len(sys.Contexts) != n || len(sys.Relations) == 0 {
			t.Fatalf("%d contexts, %d relations", len(sys.Contexts), len(sys.Relations))
		}
		before := board.Map(sys).Picture()
		if s := board.StrokesOf(before); len(s.Wires) < len(sys.Relations)*3/4 || len(s.Labels) != len(s.Wires) {
			t.Errorf("%d relations, %d wires, %d labels", len(sys.Relations), len(s.Wires), len(s.Labels))
		}
		struck := apart(t, fmt.Sprintf("%d contexts, seed %d", n, seed), before)
		for _, card := range board.StrokesOf(before).Boxes {
			if each := before.Size.X * before.Size.Y / n; each > 12*card.W*card.H {
				t.Errorf("%d contexts take %d×%d, %d each, which are %v", n, before.Size.X, before.Size.Y, each, card)
			}
		}
		was := map[board.Box]bool{}
		for _, b := range board.StrokesOf(before).Boxes {
			was[b] = true
		}
		one := *sys.Contexts[n-1]
		one.Name, one.Title = "oneMore", ""
		sys.Contexts = append(sys.Contexts, &one)
		moved := 0
		for _, b := range board.StrokesOf(board.Map(sys).Picture()).Boxes {
			if !was[b] {
				moved++
			}
		}
		t.Logf("%d contexts: %d×%d; %d labels are crossed by a wire; one more moves %d", n, before.Size.X, before.Size.Y, struck, moved-1)
		if moved == 0 {
			t.Error("none is moved: nothing was added")
		}
	}
}

// TestContextsAlone: contexts that nothing connects do not stand in one column, however many
// there are; nor does what an external system tells stand anywhere but beside it.
func TestContextsAlone(t *testing.T) {
	var text strings.Builder
	text.WriteString("esgen: v1\nsystem: many\nexternals:\n  Port: {events: {Docked: {}, Left: {}}}\n  Mail: {}\ncontexts:\n")
	for i := range 16 {
		fmt.Fprintf(&text, "  area%d: {aggregates: {Thing: {commands: {Open: {creates: true, emit: [Opened]}}, events: [Opened]}}}\n", i)
	}
	b := board.Of(load(t, text.String()))
	if b.Size.Y > 3*b.Size.X || b.Size.X > 3*b.Size.Y {
		t.Errorf("16 contexts are %d×%d", b.Size.X, b.Size.Y)
	}
	for i, f := range b.Frames {
		for _, o := range b.Frames[:i] {
			if f.Box.Overlaps(o.Box) {
				t.Errorf("%s lies on %s", f.Name, o.Name)
			}
		}
	}
	told := 0
	for _, n := range b.Notes {
		if n.Of == nil || n.Of.Kind != board.External {
			continue
		}
		if told++; n.Box.X <= n.Of.Box.Right() || n.Box.Y < n.Of.Box.Y {
			t.Errorf("%s is at %v, and %s at %v", n.Name, n.Box, n.Of.Name, n.Of.Box)
		}
	}
	if told != 2 {
		t.Errorf("%d events are told, not 2", told)
	}
}
