package lsp

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/synthetic"
)

// BenchmarkAnswers says how long an editor waits at 100 contexts, of which one is
// being typed in: 95 of 100 times no longer than p95-ms by the clock, with p95-cpu-ms
// of processor time, of both cores together, and half of the times p50-cpu-ms.
func BenchmarkAnswers(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	files := map[string]string{}
	for name, f := range synthetic.Files(100) {
		files[name] = string(f.Data)
	}
	const name = "contexts/area0050.yaml"
	e := newEditor(b, files)
	e.open(name, files[name])
	e.until(name, func([]diagnostic) bool { return true })
	version := 1
	typed := func() { // something else each time
		version++
		e.change(name, strings.Replace(files[name], "contexts:", fmt.Sprintf("# %d\ncontexts:", version), 1), version)
	}
	text := strings.Replace(files[name], "contexts:", "# 2\ncontexts:", 1)
	event := placeOf(text, "emit: ")
	ask := func(method string) func() {
		return func() {
			typed()
			if _, err := try[any](e, method, e.place(name, event)); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, one := range []struct {
		name string
		do   func()
	}{
		{"completion", ask("textDocument/completion")},
		{"hover", ask("textDocument/hover")},
		{"definition", ask("textDocument/definition")},
		{"diagnostics", func() {
			typed()
			for {
				if p := <-e.told; p.URI == e.uri(name) && p.Version == version {
					return
				}
			}
		}},
		{"hover/unchanged", func() {
			if _, err := try[any](e, "textDocument/hover", e.place(name, event)); err != nil {
				b.Fatal(err)
			}
		}},
	} {
		b.Run(one.name, func(b *testing.B) {
			var clock, processor []time.Duration
			for b.Loop() {
				e.rest()
				began, used := time.Now(), cpu()
				one.do()
				clock, processor = append(clock, time.Since(began)), append(processor, cpu()-used)
			}
			b.ReportMetric(p95(clock), "p95-ms")
			b.ReportMetric(p95(processor), "p95-cpu-ms")
			b.ReportMetric(percentile(50, processor), "p50-cpu-ms")
		})
	}
}

// placeOf is the position behind a text, where it is first.
func placeOf(text, what string) position {
	_, p := at(strings.Replace(text, what, what+"▮", 1))
	return p
}

// rest lets what is done beside end: as long as diagnostics come, somebody works.
func (e *editor) rest() {
	for {
		select {
		case <-e.told:
		case <-time.After(700 * time.Millisecond):
			return
		}
	}
}

func p95(all []time.Duration) float64 { return percentile(95, all) }

// percentile is the duration, in milliseconds, that n of 100 do not exceed.
func percentile(n int, all []time.Duration) float64 {
	slices.SortFunc(all, cmp.Compare[time.Duration])
	return float64(all[min(len(all)*n/100, len(all)-1)].Microseconds()) / 1000
}

// cpu is the processor time of this process so far.
func cpu() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
