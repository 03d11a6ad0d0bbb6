package randmodel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/chain"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/coverage"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/explore"
	"github.com/esgen/esgen/internal/format"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// failure is something wrong with esgen; its kind stays the same while a model
// shrinks.
type failure struct{ kind, message string }

func (f failure) String() string { return f.kind + ": " + f.message }

// verdict is what became of a model.
type verdict struct {
	accepted bool
	refusals []diag.Diagnostic // the errors, where it was not
	fails    []failure
	files    []artifact.File
}

func (v *verdict) fail(kind, format string, args ...any) {
	v.fails = append(v.fails, failure{kind, fmt.Sprintf(format, args...)})
}

// try does something that must not panic.
func (v *verdict) try(what string, do func()) {
	defer func() {
		if r := recover(); r != nil {
			v.fail("panic in "+what+" at "+frame(debug.Stack()), "%v\n%s", r, debug.Stack())
		}
	}()
	do()
}

// frame names the function of this repository in which it panicked.
func frame(stack []byte) string {
	past := false
	for line := range strings.Lines(string(stack)) {
		if strings.HasPrefix(line, "panic(") {
			past = true
		}
		if past && strings.HasPrefix(line, "github.com/esgen/esgen/") {
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "github.com/esgen/esgen/"), "(0x")
			return strings.TrimSpace(name)
		}
	}
	return "?"
}

var pack = sync.OnceValues(func() (*render.Pack, error) { return render.LoadPack() })

const document = "esgen.yaml"

// judge tries a model: either check refuses it at a place, or all that follows
// is right.
func judge(text string) *verdict { return judgeFor(text, "") }

// judgeFor does no more than it takes to find failures of a kind; "": all.
func judgeFor(text, kind string) *verdict {
	v := &verdict{}
	playing := kind == "" || strings.Contains(kind, "scenario") || strings.Contains(kind, "play") || strings.Contains(kind, "explain") ||
		strings.Contains(kind, "coverage") || strings.Contains(kind, "simulate")
	writing := kind == "" || !playing
	v.try("fmt", func() { v.formats(text) })
	var checked *check.Model
	v.try("check", func() { checked = v.check(text) })
	if checked == nil {
		return v
	}
	var p *plan.Plan
	v.try("plan", func() { p = v.plan(checked) })
	if p == nil {
		return v
	}
	v.accepted = true
	if writing {
		v.try("render", func() { v.render(p) })
	}
	if v.files != nil {
		v.try("reading what is written", func() { v.fails = append(v.fails, readFiles(v.files)...) })
	}
	if !playing {
		return v
	}
	v.try("play", func() { v.play(checked) })
	v.try("explain", func() { v.explain(checked) })
	v.try("coverage", func() { _ = coverage.Of(checked.System) })
	v.try("simulate", func() { v.simulate(checked) })
	return v
}

// formats writes the file anew, and what is written once more.
func (v *verdict) formats(text string) {
	once, errs := format.File(&source.File{Path: document, Data: []byte(text)})
	if len(errs) > 0 {
		return // check says it
	}
	twice, errs := format.File(&source.File{Path: document, Data: once})
	switch {
	case len(errs) > 0:
		v.fail("fmt", "what fmt wrote cannot be read: %v", errs[0])
	case !bytes.Equal(once, twice):
		v.fail("fmt", "a second time it writes something else")
	}
}

func (v *verdict) check(text string) *check.Model {
	sys, diags := model.LoadFS(fstest.MapFS{document: {Data: []byte(text)}}, document)
	checked, more := check.System(sys)
	diags.Merge(more)
	v.print(diags)
	if v.refused(diags) {
		return nil
	}
	return checked
}

// print writes what is said in all formats.
func (v *verdict) print(diags *diag.List) {
	for _, f := range diag.Formats() {
		if err := diag.Print(io.Discard, f, diags, diag.Options{}); err != nil {
			v.fail("print "+string(f), "%v", err)
		}
	}
}

// refused reports whether there are errors; each must be at a place.
func (v *verdict) refused(diags *diag.List) bool {
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			v.refusals = append(v.refusals, d)
		}
		if d.Pos.File == nil || d.Pos.Line < 1 || d.Pos.Column < 1 {
			v.fail("no place: "+string(d.Rule), "%s", d.Message)
		}
		if strings.Contains(d.Message, ".tmpl") {
			v.fail("odd message: "+string(d.Rule), "%s", d.Message)
		}
	}
	return diags.HasErrors()
}

func (v *verdict) plan(m *check.Model) *plan.Plan {
	p, err := plan.Build(m)
	var refused *protobuf.Refused
	if errors.As(err, &refused) {
		v.print(&refused.Diags)
		v.refused(&refused.Diags)
		return nil
	}
	if err != nil {
		v.fail("plan", "%v", err)
		return nil
	}
	return p
}

func (v *verdict) render(p *plan.Plan) {
	pack, err := pack()
	if err != nil {
		v.fail("pack", "%v", err)
		return
	}
	files, err := render.Render(context.Background(), p, pack)
	if err != nil {
		message := err.Error()
		if i := strings.Index(message, "\n   1  "); i > 0 && len(message) > i+3000 {
			message = message[:i+3000]
		}
		v.fail("render: "+wordsOf(firstLine(err.Error())), "%s", message)
		return
	}
	v.files = files
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func (v *verdict) explain(m *check.Model) {
	for _, c := range m.Contexts {
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				if err := chain.Print(io.Discard, chain.From(m.System, x)); err != nil {
					v.fail("explain", "%v", err)
				}
			}
			for _, e := range a.Events {
				if err := chain.Print(io.Discard, chain.From(m.System, e)); err != nil {
					v.fail("explain", "%v", err)
				}
			}
		}
	}
}

// play plays the scenarios of a model, and random commands.
func (v *verdict) play(m *check.Model) {
	for _, s := range m.Scenarios {
		for _, f := range sim.Play(m, s).Failures {
			if strings.HasPrefix(f.Message, "it cannot be played: ") {
				v.fail("a scenario panics", "%s: %s", s.Name, f.Message)
			}
		}
	}
	// Whatever it finds: it must come to an end, and not panic.
	if _, err := explore.Run(context.Background(), m, explore.Options{Depth: 2, States: 60}); err != nil {
		v.fail("explore", "%v", err)
	}
	w := sim.New(m, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	r := rand.New(rand.NewPCG(1, uint64(len(m.Contexts))))
	for range 40 {
		m := anyCommand(r, m)
		if m == nil {
			break
		}
		ask := sim.Request{Command: m, Input: inputOf(r, m)}
		if r.IntN(3) > 0 && len(m.Actors) > 0 {
			ask.Actor, ask.Roles = "anna", []string{m.Actors[0].Actor.Role}
		}
		w.Do(ask)
		if w.Settle() != nil {
			return // a flow that comes to no rest: it grows with every command
		}
	}
	_ = w.Advance(26 * time.Hour)
	for _, c := range m.Contexts {
		for _, view := range c.Views {
			w.Look(sim.Question{View: view, Input: map[string]any{}})
			for _, q := range view.Queries {
				w.Look(sim.Question{Query: q, Input: valuesOf(r, q.Input)})
			}
		}
	}
}

func anyCommand(r *rand.Rand, m *check.Model) *model.Command {
	var all []*model.Command
	for _, c := range m.Contexts {
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				if !m.Incomplete[&x.Node] && !m.Incomplete[&a.Node] {
					all = append(all, x)
				}
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[r.IntN(len(all))]
}

func (v *verdict) simulate(m *check.Model) {
	s := sim.NewSession(m, time.Time{}, io.Discard)
	lines := []string{"can", "help", "waiting", "state x", "rows x", "chain", "undo", "advance 1h"}
	for _, a := range m.Actors {
		lines = append(lines, "as "+a.Name+" anna", "can")
	}
	for _, c := range m.Contexts {
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				lines = append(lines, "do "+c.Name+"."+x.Name+" {"+a.ID.Name+": i1}", "do "+x.Name+" {", "state "+a.Name, "see "+a.Name+" i1")
			}
		}
		for _, x := range c.Views {
			lines = append(lines, "see "+x.Name, "rows "+x.Name)
			for _, q := range x.Queries {
				lines = append(lines, "see "+x.Name+"."+q.Name+" {}", "see "+x.Name+"."+q.Name+" {search: a}")
			}
		}
	}
	for _, line := range append(lines, "undo", "chain", "quit") {
		_ = s.Run(line)
	}
}

// contents are the files by path.
func contents(files []artifact.File) map[string][]byte {
	out := make(map[string][]byte, len(files))
	for _, f := range files {
		out[f.Path] = f.Data
	}
	return out
}

// readFiles reads all that is written, as those do for whom it is.
func readFiles(files []artifact.File) []failure {
	v := &verdict{}
	folded := map[string]string{}
	for _, f := range files {
		key := strings.ToLower(f.Path)
		if other := folded[key]; other != "" {
			v.fail("one path twice", "%s and %s", other, f.Path)
		}
		folded[key] = f.Path
		for _, part := range strings.Split(f.Path, "/") {
			if len(part) > 255 || part == "" || strings.ContainsAny(part, "\\:*?\"<>|\x00") || part == ".." {
				v.fail("no path", "%q", f.Path)
			}
		}
		if !strings.HasPrefix(f.Path, "platform/") && !strings.HasPrefix(f.Path, "testkit/") {
			v.readFile(f)
		}
	}
	all := contents(files)
	v.fails = append(v.fails, checkGo(all)...)
	v.objects(all)
	v.tables(all)
	v.offers(all)
	return v.fails
}

func (v *verdict) readFile(f artifact.File) {
	name := path.Base(f.Path)
	switch path.Ext(f.Path) {
	case ".go", ".mod", ".sum", ".work":
	case ".yaml", ".yml":
		v.readYAML(f)
	case ".json":
		v.readJSON(f)
	case ".proto":
		v.readProto(f)
	case ".md":
		v.readMarkdown(f)
	case ".sh":
		v.readShell(f.Path, string(f.Data))
	default:
		switch name {
		case "Makefile":
			v.readMakefile(f)
		case "Dockerfile":
			v.readDockerfile(f)
		case ".dockerignore", "CODEOWNERS":
		default:
			v.fail("a file of no kind", "%s", f.Path)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
