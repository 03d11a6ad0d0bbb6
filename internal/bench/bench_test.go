// Package bench measures the way from a model to files on the disk, step by
// step and as a whole, for systems of growing size. docs/benchmarks.md tells
// how to run it, and what came of it.
package bench_test

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/cli"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/internal/tree"
	"github.com/esgen/esgen/model"
)

// sizes are the numbers of contexts of the systems that are measured.
var sizes = []int{1, 10, 100, 1000}

// each runs a benchmark for every size. It makes its own input, outside of
// what is measured, and returns the step to measure, which gets an empty
// directory.
func each(b *testing.B, prepare func(b *testing.B, n int) (step func(b *testing.B, dir string))) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("contexts=%d", n), func(b *testing.B) {
			step, g := prepare(b, n), newGauge()
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				dir, err := os.MkdirTemp(b.TempDir(), "out-") //nolint:usetesting // a new directory for each round
				ok(b, err)
				g.begin()
				b.StartTimer()
				step(b, dir)
				b.StopTimer()
				g.end()
				ok(b, os.RemoveAll(dir))
				b.StartTimer()
			}
			g.report(b, n)
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		dir := modelDir(b, n)
		return func(b *testing.B, _ string) { load(b, dir) }
	})
}

func BenchmarkCheck(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		sys := load(b, modelDir(b, n))
		return func(b *testing.B, _ string) { checked(b, sys) }
	})
}

func BenchmarkPlan(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		m := testsystem.Load(b, modelDir(b, n))
		return func(b *testing.B, _ string) { testsystem.Plan(b, m) }
	})
}

func BenchmarkRender(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		p := testsystem.Plan(b, testsystem.Load(b, modelDir(b, n)))
		return func(b *testing.B, _ string) { testsystem.Render(b, p) }
	})
}

// BenchmarkWrite writes into an empty directory.
func BenchmarkWrite(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		files := generated(b, modelDir(b, n))
		return func(b *testing.B, dir string) { testsystem.Write(b, dir, files) }
	})
}

// BenchmarkCompare holds a directory against what is in it already, as
// generating again does, and `generate --check`.
func BenchmarkCompare(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		files, dir := generated(b, modelDir(b, n)), b.TempDir()
		testsystem.Write(b, dir, files)
		return func(b *testing.B, _ string) {
			c, err := tree.Compare(dir, files)
			ok(b, err)
			if !c.Clean() {
				b.Fatal("what was just written is not clean")
			}
		}
	})
}

// BenchmarkGenerate is the whole command: from a model on the disk to files in an
// empty directory.
func BenchmarkGenerate(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		from := modelDir(b, n)
		return func(b *testing.B, dir string) { generate(b, from, dir) }
	})
}

// BenchmarkAgain is the whole command where nothing has changed.
func BenchmarkAgain(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		from, dir := modelDir(b, n), b.TempDir()
		generate(b, from, dir)
		return func(b *testing.B, _ string) { generate(b, from, dir) }
	})
}

// BenchmarkOneNote is the whole command where one note of the model has changed.
func BenchmarkOneNote(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		from, dir := modelDir(b, n), b.TempDir()
		generate(b, from, dir)
		changed := 0
		return func(b *testing.B, _ string) {
			b.StopTimer()
			changed++
			changeNote(b, from, n/2, changed)
			b.StartTimer()
			generate(b, from, dir)
		}
	})
}

// changeNote gives a rule of a context another message.
func changeNote(b testing.TB, model string, context, number int) {
	b.Helper()
	path := filepath.Join(filepath.Dir(model), "contexts", fmt.Sprintf("area%04d.yaml", context))
	was, err := os.ReadFile(path)
	ok(b, err)
	is := closedMessage.ReplaceAll(was, fmt.Appendf(nil, "message: 이미 닫혔습니다 %d}", number))
	if bytes.Equal(was, is) {
		b.Fatalf("%s is as it was", path)
	}
	ok(b, os.WriteFile(path, is, 0o600))
}

var closedMessage = regexp.MustCompile(`message: 이미 닫혔습니다[ 0-9]*}`)

// generate runs the command.
func generate(b testing.TB, model, dir string, flags ...string) {
	b.Helper()
	var said bytes.Buffer
	if code := cli.Run(append([]string{"generate", model, "--out", dir}, flags...), nil, &said, &said); code != 0 {
		b.Fatalf("exit code %d: %s", code, &said)
	}
}

// BenchmarkBaseline is what no generator can do without: gofmt over the same
// Go files, and all files written.
func BenchmarkBaseline(b *testing.B) {
	each(b, func(b *testing.B, n int) func(*testing.B, string) {
		files := generated(b, modelDir(b, n))
		return func(b *testing.B, dir string) { formatAndWrite(b, dir, files) }
	})
}

// formatAndWrite formats and writes files on all processors.
func formatAndWrite(b testing.TB, dir string, files []artifact.File) {
	b.Helper()
	var begun atomic.Int64
	var work errgroup.Group
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() error {
			for i := begun.Add(1) - 1; i < int64(len(files)); i = begun.Add(1) - 1 {
				if err := formatAndWriteOne(dir, files[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	ok(b, work.Wait())
}

func formatAndWriteOne(dir string, f artifact.File) error {
	data := f.Data
	if strings.HasSuffix(f.Path, ".go") {
		var err error
		if data, err = format.Source(data); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, f.Path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// modelDir writes a synthetic model with a file for each context.
func modelDir(b testing.TB, n int) string {
	b.Helper()
	dir := b.TempDir()
	ok(b, os.CopyFS(dir, synthetic.Files(n)))
	return filepath.Join(dir, synthetic.Document)
}

func load(b testing.TB, path string) *model.System {
	b.Helper()
	sys, diags := model.Load(path)
	noErrors(b, diags)
	return sys
}

func checked(b testing.TB, sys *model.System) *check.Model {
	b.Helper()
	m, diags := check.System(sys)
	noErrors(b, diags)
	return m
}

func generated(b testing.TB, path string) []artifact.File {
	b.Helper()
	return testsystem.Render(b, testsystem.Plan(b, testsystem.Load(b, path)))
}

func noErrors(b testing.TB, diags *diag.List) {
	b.Helper()
	if diags.HasErrors() {
		d := diags.Sorted()[0]
		b.Fatalf("%s: %s", d.Pos, d.Message)
	}
}

func ok(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// gauge measures what a step takes beside time: processors and memory.
type gauge struct {
	wall, cpu           time.Duration
	wallStart, cpuStart time.Duration
	started             time.Time
	stop                chan struct{}
	peaks               chan uint64
	peak                uint64
}

func newGauge() *gauge {
	return &gauge{started: time.Now(), stop: make(chan struct{}), peaks: make(chan uint64)}
}

// begin starts a step from a clean heap.
func (g *gauge) begin() {
	debug.FreeOSMemory()
	go g.watch()
	g.wallStart, g.cpuStart = time.Since(g.started), testservers.Processor()
}

func (g *gauge) end() {
	g.wall += time.Since(g.started) - g.wallStart
	g.cpu += testservers.Processor() - g.cpuStart
	g.stop <- struct{}{}
	g.peak = max(g.peak, <-g.peaks)
}

// watch looks at the memory in use every few milliseconds.
func (g *gauge) watch() {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var peak uint64
	for {
		metrics.Read(samples)
		peak = max(peak, samples[0].Value.Uint64()-samples[1].Value.Uint64())
		select {
		case <-tick.C:
		case <-g.stop:
			g.peaks <- peak
			return
		}
	}
}

// report adds the measures. Processor time tells more than time by the clock
// where a machine has other things to do.
func (g *gauge) report(b *testing.B, n int) {
	each := float64(b.N * n)
	b.ReportMetric(float64(g.wall.Microseconds())/each, "µs/context")
	b.ReportMetric(float64(g.cpu.Microseconds())/each, "cpu-µs/context")
	b.ReportMetric(float64(g.cpu)/float64(g.wall), "cores")
	b.ReportMetric(float64(g.peak)/(1<<20), "peak-MB")
}
