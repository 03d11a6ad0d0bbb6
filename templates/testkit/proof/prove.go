package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"
)

// Options come by the environment.
const (
	histories = "PROVE_HISTORIES"
	seed      = "PROVE_SEED"
	directory = "PROVE_DIR" // for databases; "": one that is forgotten
	verbose   = "PROVE_VERBOSE"
	quick     = "PROVE_QUICK"   // what goes wrong is not cut down
	summary   = "PROVE_SUMMARY" // file for a Summary
)

// Prove lets histories happen until one goes wrong.
func Prove(t *testing.T, told []byte, programs map[string]Program) {
	var s System
	if err := json.Unmarshal(told, &s); err != nil {
		t.Fatal(err)
	}
	most := number(histories, 100)
	first := number(seed, rand.Uint64N(1_000_000)) //nolint:gosec // no secret
	began := time.Now()
	with := prepare(t, &s, programs)
	died := map[string]int{}
	answered := map[string]int{}
	stories := map[string]int{}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it would come between
	var done uint64
	for n := range most {
		done = n + 1
		collect()
		h := s.Write(first + n)
		w := happen(t, with, h)
		if os.Getenv(verbose) != "" {
			fmt.Printf("course of %s=%d: %x\n", seed, h.Seed, w.course.Sum64())
		}
		for point, times := range w.met {
			died[point] += times
		}
		for how, times := range w.stories {
			stories[how] += times
		}
		for _, a := range w.answers {
			answered[a.Command+" "+strconv.Itoa(a.Status)]++
		}
		if len(w.findings) > 0 {
			fmt.Printf("history %d of seed %d goes wrong:\n%s", n+1, h.Seed, indented(w.findings))
			tell(t, h, w)
			if os.Getenv(quick) == "" {
				h, w = shrink(t, with, h, w)
			}
			t.Errorf("%s=%d %s=1 repeats it; this is left of it:\n%s\n%s", seed, h.Seed, histories, h, indented(w.findings))
			break
		}
	}
	if path := os.Getenv(summary); path != "" {
		if err := (Summary{done, time.Since(began), died, answered, stories}).keep(path); err != nil {
			t.Error(err)
		}
	}
}

// collect has memory be collected when there is enough of it to be worth it: most of a
// history's is not.
func collect() {
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); m.HeapAlloc > worthCollecting {
		runtime.GC()
	}
}

const worthCollecting = 128 << 20

// tell writes what was done and logged in a history to a file: a rare one may not
// come again.
func tell(t *testing.T, h *History, w *world) {
	path := fmt.Sprintf("history-%d.log", h.Seed)
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s\n%s\n%s", h, indented(w.findings), w.logged.Bytes())
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Error(err)
	}
	fmt.Printf("what its services logged is in %s\n", filepath.Join(".", path))
}

func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}

func indented(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("  " + short(line) + "\n")
	}
	return b.String()
}

// String tells a history.
func (h *History) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "replicas: %v\n", h.Replicas)
	for _, a := range h.Acts {
		fmt.Fprintf(&b, "  %s\n", a)
	}
	for _, f := range h.Faults {
		fmt.Fprintf(&b, "  %s\n", f)
	}
	if h.Again {
		b.WriteString("  and all comes again\n")
	}
	return b.String()
}

// happen has a history happen in a bubble of its own.
func happen(t *testing.T, with *proving, h *History) (w *world) {
	var loud io.Writer
	if os.Getenv(verbose) != "" {
		loud = os.Stdout
	}
	cryptotest.SetGlobalRandom(t, h.Seed)
	dir, err := os.MkdirTemp(os.Getenv(directory), "history") //nolint:usetesting // in memory, where there is such a place, and gone after each history
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	synctest.Test(t, func(t *testing.T) {
		for range h.Seed % 1009 {
			rand.Uint64() // chance begins anew with every bubble
		}
		time.Sleep(time.Until(h.Begins()))
		w, err = begin(with, h, dir, loud)
		if err != nil {
			t.Fatal(err)
		}
		w.play()
		w.rest()
		if w.replayAll() {
			w.rest()
		}
		if h.Again {
			w.again()
			w.rest()
		}
		w.judge(dir)
		w.end()
	})
	return w
}

// shrink leaves out of a history what it goes wrong without.
func shrink(t *testing.T, with *proving, h *History, w *world) (*History, *world) {
	try := func(less *History) bool {
		for range 2 { // a schedule may be lucky once
			if again := happen(t, with, less); len(again.findings) > 0 {
				h, w = less, again
				return true
			}
		}
		return false
	}
	for size := max(len(h.Acts), len(h.Faults)); size >= 1; size /= 2 {
		for from := 0; from < len(h.Faults); {
			less := *h
			less.Faults = slices.Delete(slices.Clone(h.Faults), from, min(from+size, len(h.Faults)))
			if !try(&less) {
				from += size
			}
		}
		for from := 0; from < len(h.Acts); {
			less := *h
			less.Acts = slices.Delete(slices.Clone(h.Acts), from, min(from+size, len(h.Acts)))
			if !try(&less) {
				from += size
			}
		}
	}
	return h, w
}
