package main

import (
	"bytes"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/internal/randmodel"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/model"
)

// Whatever is changed about a model, what a run keeps of the services that the
// last one made is what a run would make that knows of none.
// ESGEN_TEST_SIZE=long tries twenty times as many changes.
func TestKept(t *testing.T) {
	t.Parallel()
	times, seed := 1, uint64(1)
	if os.Getenv("ESGEN_TEST_SIZE") == "long" {
		times = 20
	}
	if s := os.Getenv("ESGEN_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	models := map[string]fs.FS{
		"library": os.DirFS("../../examples/library"), "fooddelivery": os.DirFS("../../examples/fooddelivery"),
		"synthetic": synthetic.Files(5),
	}
	for i := range uint64(4 * times) {
		n := strconv.FormatUint(seed+i, 10)
		models["random "+n] = fstest.MapFS{model.DocumentName: {Data: []byte(randmodel.New(seed + i).String())}}
	}
	for name, files := range models {
		t.Run(name, func(t *testing.T) {
			m, diags := load(files)
			if diags.HasErrors() {
				t.Skip("it is refused")
			}
			changes := 4 * times
			if len(m.Files) == 1 {
				changes = 2 * times
			}
			kept := keeps(t, m, rand.New(rand.NewPCG(seed, uint64(len(name)))), changes)
			if name == "synthetic" && kept == 0 { // others are small, and all may hang together
				t.Error("nothing was ever kept")
			}
		})
	}
}

// keeps changes a model at random, again and again from what it was. It counts the
// services that were kept.
func keeps(t *testing.T, m *check.Model, random *rand.Rand, changes int) (kept int) {
	t.Helper()
	first := outcomeOf(t, m, plan.Earlier{Made: map[string]plan.Made{}}, nil)
	tried := 0
	for range 100 * changes {
		if tried == changes {
			break
		}
		files, what := edited(m, random)
		changed, diags := load(files)
		if diags.HasErrors() {
			continue
		}
		tried++
		output := fstest.MapFS{}
		for path, data := range first.files {
			output[path] = &fstest.MapFile{Data: data}
		}
		whole := outcomeOf(t, changed, plan.Earlier{Output: output, Made: map[string]plan.Made{}}, nil)
		part := outcomeOf(t, changed, plan.Earlier{Output: output, Made: first.plan.Made}, first)
		kept += len(part.plan.Kept)
		for path, data := range whole.files {
			if !bytes.Equal(part.files[path], data) {
				t.Fatalf("%s: %s is another", what, path)
			}
		}
		if len(part.files) != len(whole.files) {
			t.Fatalf("%s: there are %d files, not %d", what, len(part.files), len(whole.files))
		}
		if part.uncovered() != whole.uncovered() {
			t.Fatalf("%s: %s instead of %s is said to be uncovered", what, part.uncovered(), whole.uncovered())
		}
	}
	t.Logf("%d changes, %d services of %d kept", tried, kept, tried*len(first.plan.System.Services))
	return kept
}

// outcome is what a run has made.
type outcome struct {
	plan  *plan.Plan
	files map[string][]byte
	parts map[string][]render.Before
}

func (o *outcome) uncovered() string {
	var out bytes.Buffer
	for _, n := range o.plan.Uncovered {
		out.WriteString(n.Provider.Context.Name + " " + n.By + " " + n.What() + "; ")
	}
	return out.String()
}

// outcomeOf plans and renders a model, and takes what is kept from the last run.
func outcomeOf(t *testing.T, m *check.Model, earlier plan.Earlier, last *outcome) *outcome {
	t.Helper()
	p, err := plan.BuildAs(m, earlier, platform.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	pack, err := render.LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	out := &outcome{p, map[string][]byte{}, map[string][]render.Before{}}
	var before map[string][]render.Before
	if last != nil {
		before = last.parts
	}
	for dir := range p.Kept {
		for _, f := range before[dir] {
			out.files[f.Path] = last.files[f.Path]
		}
	}
	var mu sync.Mutex
	err = render.Drafts(t.Context(), p, pack, before, func(d *render.Draft) error {
		f, err := d.Finish()
		mu.Lock()
		defer mu.Unlock()
		out.files[f.Path] = f.Data
		if d.Of != "" {
			out.parts[d.Of] = append(out.parts[d.Of], render.Before{Path: d.Path, Uses: d.Uses})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// edited are the files of a model with something taken out, changed or added.
func edited(m *check.Model, random *rand.Rand) (files fstest.MapFS, what string) {
	files = fstest.MapFS{}
	for _, f := range m.Files {
		files[f.Path] = &fstest.MapFile{Data: f.Data}
	}
	f := m.Files[random.IntN(len(m.Files))]
	root, _ := source.Parse(f, source.DefaultLimits())
	all := append(places(root), places(root.Get("scenarios"))...)
	p := all[1+random.IntN(len(all)-1)]
	changed := map[string]*source.Node{"is taken out": nil}
	if p.node.Kind == source.Scalar {
		after := p.node.Value + "x"
		if n, err := strconv.Atoi(p.node.Value); err == nil {
			after = strconv.Itoa(n + 1)
		}
		changed["becomes "+after] = text(after)
	} else if len(p.node.Pairs) > 0 {
		more := *p.node
		again := more.Pairs[random.IntN(len(more.Pairs))]
		key := *again.Key
		key.Value += "Too"
		more.Pairs = append(slices.Clone(more.Pairs), source.Pair{Key: &key, Value: again.Value})
		changed["has "+key.Value] = &more
	}
	how := slices.Sorted(maps.Keys(changed))[random.IntN(len(changed))]
	files[f.Path] = &fstest.MapFile{Data: printed(replaced(root, p.node, changed[how]))}
	return files, p.pos.String() + ": " + brief(p.node) + " " + how
}
