package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var patient = Policy{Timeout: time.Second, Bulkhead: 3, Breaker: Breaker{Failures: 2, Of: 4, Open: 10 * time.Second}}

// mustEnter has a call be let through.
func (g *gate) mustEnter(t *testing.T) func(outcome) {
	t.Helper()
	leave, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return leave
}

// TestOneAfterTheOther plays calls in a row: "+" and "-" go well and badly, "."
// says nothing, "!" is turned away, "w" waits for the rest to be over.
func TestOneAfterTheOther(t *testing.T) {
	for calls, want := range map[string]string{
		"":              closed,
		"-":             closed,
		"--":            open,
		"-+-":           open,
		"-++-":          open,
		"-+++-":         closed, // the first is too long ago
		"-...-":         open,   // nothing says nothing
		"--!!":          open,
		"--!w":          halfOpen,
		"--w+":          closed,
		"--w-":          halfOpen, // may have bad luck
		"--w-+":         closed,
		"--w--":         open,
		"--w--!":        open,
		"--w.":          halfOpen,
		"--w.-.-":       open,
		"--w+-":         closed, // what was before counts no more
		"--w+--!w+":     closed,
		"+++++++++--":   open,
		"+-+++-+++-+++": closed,
	} {
		synctest.Test(t, func(t *testing.T) {
			var told []string
			g := newGate(patient, func(from, to string) { told = append(told, from+" "+to) })
			for i, call := range calls {
				if call == 'w' {
					time.Sleep(patient.Breaker.Open)
					continue
				}
				leave, err := g.enter(t.Context())
				var no *refusal
				if turned := errors.As(err, &no); turned != (call == '!') || turned && (no.retryAfter <= 0 || no.retryAfter > patient.Breaker.Open) {
					t.Fatalf("%s, call %d: %v", calls, i, err)
				}
				if err == nil {
					leave(map[rune]outcome{'+': well, '-': badly, '.': nothing}[call])
				}
			}
			if is := g.state(); is != want {
				t.Errorf("%s: %s, want %s", calls, is, want)
			}
			for i := 1; i < len(told); i++ {
				if _, was, _ := strings.Cut(told[i-1], " "); !strings.HasPrefix(told[i], was+" ") {
					t.Errorf("%s: told %q", calls, told)
				}
			}
		})
	}
}

// Where many calls are under way, more of them are looked at, for the same share.
func TestACrowdHasBadLuckNowAndThen(t *testing.T) {
	p := Policy{Timeout: time.Second, Bulkhead: 50, Breaker: Breaker{Failures: 5, Of: 10, Open: time.Second}}
	for pattern, want := range map[string]string{"+++++++++-": closed, "+++++++-----++++++++": closed, "----+": open} {
		g := newGate(p, func(_, _ string) {})
		var under []func(outcome)
		for i := 0; i < 400 && g.state() == closed; i++ {
			for g.under < int(g.places) {
				under = append(under, g.mustEnter(t))
			}
			under[0](map[byte]outcome{'+': well, '-': badly}[pattern[i%len(pattern)]])
			under = under[1:]
		}
		if is := g.state(); is != want {
			t.Errorf("%s: %s, want %s", pattern, is, want)
		}
	}
}

func TestTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(patient, func(_, _ string) {})
		under := []func(outcome){g.mustEnter(t), g.mustEnter(t), g.mustEnter(t)}
		var said []string
		ctx, leaves := context.WithCancel(t.Context())
		wait := func(name string, ctx context.Context) {
			go func() {
				leave, err := g.enter(ctx)
				said = append(said, fmt.Sprint(name, " ", err))
				if err == nil {
					time.Sleep(100 * time.Millisecond)
					leave(well)
				}
			}()
			synctest.Wait()
		}
		wait("a", t.Context())
		wait("b", ctx)
		wait("c", t.Context())
		wait("d", t.Context()) // as many wait as are under way
		leaves()
		synctest.Wait()
		under[0](well)
		synctest.Wait()
		wait("e", t.Context())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		crowded := g.crowded().Error()
		if want := []string{"d " + crowded, "b context canceled", "a <nil>", "c <nil>", "e <nil>"}; !slices.Equal(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
		// Nobody leaves any more: who waits loses patience.
		said = nil
		g.mustEnter(t)
		wait("f", t.Context())
		time.Sleep(patient.Timeout)
		synctest.Wait()
		if want := []string{"f " + crowded}; !slices.Equal(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	})
}

// What was under way when the dependency was left alone says nothing about how it
// is since, and whoever waited is turned away at once.
func TestBeforeAnOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(patient, func(_, _ string) {})
		under := []func(outcome){g.mustEnter(t), g.mustEnter(t), g.mustEnter(t)}
		var waited error
		go func() { _, waited = g.enter(t.Context()) }()
		synctest.Wait()
		under[0](badly)
		under[1](badly)
		synctest.Wait()
		var no *refusal
		if !errors.As(waited, &no) || g.state() != open {
			t.Fatal(waited, g.state())
		}
		time.Sleep(patient.Breaker.Open)
		trial := g.mustEnter(t)
		under[2](badly)
		if g.state() != halfOpen {
			t.Error("a late failure decides:", g.state())
		}
		trial(well)
		if g.state() != closed || g.under != 0 || g.places != 2 {
			t.Error(g.state(), g.under, g.places)
		}
	})
}

// Fewer are let through while calls fail, and all again when they do not.
func TestHowManyAreLetThrough(t *testing.T) {
	g := newGate(Policy{Timeout: time.Second, Bulkhead: 20, Breaker: Breaker{Failures: 100, Of: 100, Open: time.Second}}, func(_, _ string) {})
	for range 10 {
		g.mustEnter(t)(badly)
	}
	if g.places < 6 || g.places > 7 {
		t.Errorf("after ten failures %v are let through, want 20·0.9¹⁰", g.places)
	}
	for range 20 {
		g.mustEnter(t)(badly)
	}
	if g.places != 1 {
		t.Errorf("after thirty failures %v are let through", g.places)
	}
	for range 30 {
		g.mustEnter(t)(well)
	}
	if g.places != 20 {
		t.Errorf("after thirty that went well %v are let through", g.places)
	}
}
