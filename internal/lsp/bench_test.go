package lsp

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"

	"github.com/esgen/esgen/internal/synthetic"
)

// BenchmarkAnswers says how long an editor waits at 100 contexts, of which one is
// being typed in, by the clock: 95 of 100 times no longer than p95-ms, and half of the
// times p50-ms. It wants a machine with nothing else to do.
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
	event := placeOf(text, "emit: [")
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
			var clock []time.Duration
			for b.Loop() {
				e.rest()
				began := time.Now()
				one.do()
				clock = append(clock, time.Since(began))
			}
			b.ReportMetric(percentile(95, clock), "p95-ms")
			b.ReportMetric(percentile(50, clock), "p50-ms")
		})
	}
}

// BenchmarkWork says how much work an answer is after something has been typed, at 100
// contexts: the processor time of both cores together. What others do on the machine
// matters less to it than to the clock. Garbage is collected between two answers, as a
// session does when nobody waits; the whole model is not looked through.
func BenchmarkWork(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	const name = "contexts/area0050.yaml"
	dir, text := b.TempDir(), ""
	for file, f := range synthetic.Files(100) {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			b.Fatal(err)
		}
		if file == name {
			text = string(f.Data)
		}
	}
	for _, typed := range []struct{ what, before, behind string }{
		{"comment", "contexts:", "# %d\ncontexts:"},
		{"expression", "size(input.lines) > 0", "size(input.lines) > %d"},
		{"field", "sourceId: optional(id)\n", "sourceId: optional(id)\n          typed%d: int\n"},
	} {
		for _, asked := range []struct {
			what   string
			answer func(*server, place) error
		}{
			{"hover", func(s *server, p place) error { return answered(s.hover(b.Context(), p)) }},
			{"definition", func(s *server, p place) error { return answered(s.definition(b.Context(), p)) }},
			{"completion", func(s *server, p place) error { return answered(s.completion(b.Context(), p)) }},
			{"diagnostics", func(s *server, p place) error {
				path := pathOf(p.TextDocument.URI)
				s.tell(b.Context(), s.deskOf(path), path)
				return nil
			}},
		} {
			b.Run(asked.what+"/"+typed.what, func(b *testing.B) {
				s := newServer("test", "")
				s.conn = jsonrpc2.NewConn(jsonrpc2.NewHeaderStream(pipe{strings.NewReader(""), io.Discard}))
				s.waiting.Add(1)
				close(s.left) // nothing is done beside
				uri := uriOf(filepath.Join(dir, filepath.FromSlash(name)))
				var work []time.Duration
				n := 0
				for b.Loop() {
					n++
					now := strings.Replace(text, typed.before, fmt.Sprintf(typed.behind, n), 1)
					if now == text {
						b.Fatalf("there is no %q", typed.before)
					}
					p := place{textDocument{URI: uri}, placeOf(now, "emit: [")}
					if err := s.inTurn(func() { // what is told beside waits for its end
						used := cpu()
						_, err := s.didOpen(b.Context(), struct {
							TextDocument textDocument `json:"textDocument"`
						}{textDocument{URI: uri, Version: n, Text: now}})
						if err := cmp.Or(err, asked.answer(s, p)); err != nil {
							b.Fatal(err)
						}
						work = append(work, cpu()-used)
					}); err != nil {
						b.Fatal(err)
					}
					s.background.Wait()
					runtime.GC()
				}
				b.ReportMetric(percentile(95, work[1:]), "p95-cpu-ms") // the first reads all files
				b.ReportMetric(percentile(50, work[1:]), "p50-cpu-ms")
			})
		}
	}
}

// answered is the error of an answer that says something.
func answered(answer any, err error) error {
	if text, _ := json.Marshal(answer); err == nil && len(text) < len(`{"items":[]}`)+3 {
		return fmt.Errorf("the answer is %s", text)
	}
	return err
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
