package oracle

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// A run is so many lanes of so many steps, each on a system of its own.
const (
	lanes    = 25
	steps    = 20
	manyRuns = 20 // ESGEN_TEST_SIZE=long: 10,000 commands
)

// Random commands come to the same in the interpreter and in the generated
// services: answers, events, states and views. ESGEN_TEST_SEED repeats a run.
func TestOracle(t *testing.T) {
	if testing.Short() {
		t.Skip("generates, builds and runs whole systems")
	}
	for _, name := range models {
		t.Run(name, func(t *testing.T) {
			drawn(t)
			seed, m := testsample.Seed(t), load(t, pathOf(t, name))
			opts := build(t, m)
			runs := 1
			if testsample.Long() {
				runs = manyRuns
			}
			for i := range runs {
				seed := seed + uint64(i)
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { compare(t, m, opts, seed) })
				if t.Failed() {
					break
				}
			}
		})
	}
}

// models are the systems that are duelled: the reference systems first.
var models = []string{
	"library", "fooddelivery", "twelvestreet", "healthstore", "ftgo", "account", "classes",
	"every-construct", "journey", "launderette", "haulage", "parcels", "savings", "depot", "harbour", "clinic", "workshop",
}

// pathOf is where a model is.
func pathOf(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"../../examples", "../../testdata/models"} {
		path := filepath.Join(dir, name, "esgen.yaml")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatalf("there is no model %s", name)
	return ""
}

// drawn skips a test of a system where this run draws another one.
func drawn(t *testing.T) {
	t.Helper()
	all := []string{"TestScenariosOverGRPC/library", "TestScenariosOverGRPC/fooddelivery"}
	for _, name := range models {
		all = append(all, "TestOracle/"+name)
	}
	testsample.Drawn(t, t.Name(), 1, all...)
}

func compare(t *testing.T, m *check.Model, opts devrun.Options, seed uint64) {
	d := newDuel(t, m, start(t, opts))
	g := newGenerator(m, seed, d.started)
	g.accepted = d.counts
	for range steps {
		d.pauses = append(d.pauses, g.pause())
	}
	var playing []*lane
	for range lanes {
		playing = append(playing, d.lane())
	}
	for step := range steps {
		d.script(t, g, step)
		scenes := d.scenes()
		d.step(t, step, playing, func(l *lane, slot int) bool {
			if !g.goesOn(l, slot) {
				return false
			}
			l.asks[slot] = g.ask(scenes[l.number], slot)
			return true
		})
		d.look(t, g, playing, d.scenes())
		if slices.ContainsFunc(playing, func(l *lane) bool { return l.failed != "" }) {
			break
		}
	}
	for _, end := range d.system.stories(t) {
		d.counts[end]++
	}
	t.Logf("what commands came to: %s", summary(d.counts))
	if failed := slices.DeleteFunc(slices.Clone(playing), func(l *lane) bool { return l.failed == "" }); len(failed) > 0 {
		for _, l := range failed[:min(len(failed), 3)] {
			t.Logf("before anything is left out: %s", l.failed)
		}
		t.Errorf("ESGEN_TEST_SEED=%d: %s", seed, d.report(d.shortest(t, failed[0])))
		return
	}
	if d.counts["accepted"] < lanes*steps/5 {
		t.Errorf("only %d of %d commands were accepted: that compares too little", d.counts["accepted"], lanes*steps)
	}
}

// script has the external systems that commands call and sagas ask answer alike:
// at random, and at last those not at all without which it can go on.
func (d *duel) script(t *testing.T, g *generator, step int) {
	t.Helper()
	for _, c := range d.model.Contexts {
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				for _, call := range x.Calls {
					if op := call.To.Operation; op != nil {
						d.scriptOf(t, g, op, step >= steps-2 && call.Fallback != nil)
					}
				}
			}
		}
		for _, saga := range c.Sagas {
			for _, s := range saga.Steps {
				if op := s.Do.Operation; op != nil {
					d.scriptOf(t, g, op, false)
				}
			}
		}
	}
}

// scriptOf has an operation fail, or answer something.
func (d *duel) scriptOf(t *testing.T, g *generator, op *model.Operation, fails bool) {
	t.Helper()
	double := &sim.Double{Operation: op, Reply: map[string]any{}}
	script := map[string]any{}
	if fails {
		// Only now: how soon a breaker gives up depends on what is asked side by side.
		double.Fails, script["fails"] = true, -1
	} else {
		for _, f := range op.Reply {
			if v := g.value(f.Type, "", &scene{}); v != nil {
				double.Reply[f.Name] = v
			}
		}
		script["reply"] = encodeFields(double.Reply, op.Reply)
	}
	d.world.Script(double)
	d.system.script(t, op, script)
}

func summary(counts map[string]int) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", what, counts[what]))
	}
	return strings.Join(parts, ", ")
}

// shortest plays parts of a lane that failed, each in a new lane, and returns
// the one with the fewest commands that fails still.
func (d *duel) shortest(t *testing.T, failed *lane) *lane {
	t.Helper()
	best := failed
	for range 5 {
		left := slices.Sorted(maps.Keys(best.asks))
		var tries []*lane
		for size := len(left) / 2; size >= 1; size /= 2 {
			for from := 0; from < len(left); from += size {
				l := d.lane()
				for i, slot := range left {
					if i < from || i >= from+size {
						l.asks[slot] = best.asks[slot]
					}
				}
				tries = append(tries, l)
			}
		}
		for step := range steps {
			d.step(t, step, tries, func(*lane, int) bool { return true })
		}
		before := best
		for _, l := range tries {
			if l.failed != "" && len(l.asks) < len(best.asks) {
				best = l
			}
		}
		if best == before {
			break
		}
	}
	return best
}

// report tells of a lane what it did and how it failed.
func (d *duel) report(l *lane) string {
	var b strings.Builder
	for _, slot := range slices.Sorted(maps.Keys(l.asks)) {
		a, r := l.asks[slot], l.forWorld(slot)
		if a.event != nil {
			fmt.Fprintf(&b, "\n%s: %s %v", a.event.External.Name, a.event.Name, encodeFields(r.Input, a.event.Fields))
			continue
		}
		who := fmt.Sprintf("%s as %v", r.Actor, r.Roles)
		if a.inside {
			who = "a service"
		}
		fmt.Fprintf(&b, "\n%s: %s.%s %v", who, a.command.Aggregate.Name, a.command.Name,
			encodeInput(r.Input, withID(a.command.Aggregate, a.command.Input)))
		if r.Key != "" {
			fmt.Fprintf(&b, " (key %s)", r.Key)
		}
	}
	return b.String() + "\n" + l.failed
}
