package lsp

import (
	"cmp"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// TestOffersOfOneFile types at random places of files that documents include: what is
// offered by reading that file alone is what is offered by reading all.
func TestOffersOfOneFile(t *testing.T) {
	seed := testsample.Seed(t)
	r := rand.New(rand.NewPCG(seed, 7))
	rounds := 8
	if testsample.Long() {
		rounds = 150
	}
	offered := 0
	models := several(t)
	for _, name := range slices.Sorted(maps.Keys(models)) {
		files := models[name]
		memory := model.NewMemory()
		sys, _ := model.LoadRemembered(files, model.DocumentName, memory)
		var beside sync.WaitGroup // as a session looks through all while somebody types
		run := check.Begin(sys)
		beside.Go(func() { run.Finish() })
		for range rounds {
			f := sys.Files[r.IntN(len(sys.Files))]
			w := wordIn(string(f.Data), r.IntN(len(f.Data)+1))
			for typed := range w.readable(f.Path) {
				one := offersBy(memory, files, typed, w)
				if diff := gocmp.Diff(offersBy(model.NewMemory(), files, typed, w), one, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("%s: %s at byte %d, all (-) and that file alone (+):\n%s", name, f.Path, w.at, diff)
				}
				offered += len(one)
			}
		}
		beside.Wait()
		anew, _ := model.LoadFS(files, model.DocumentName)
		if diff := gocmp.Diff(judged(anew), judged(sys)); diff != "" {
			t.Errorf("%s: asking has changed what was read, of which is said (-) and then (+):\n%s", name, diff)
		}
	}
	if offered == 0 {
		t.Error("nothing was offered anywhere")
	}
}

// several are models of several files.
func several(t *testing.T) map[string]fs.FS {
	t.Helper()
	out := map[string]fs.FS{"synthetic": synthetic.Files(3)}
	for _, pattern := range []string{"../../examples/*", "../../testdata/models/*"} {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range dirs {
			files := os.DirFS(dir)
			if sys, _ := model.LoadFS(files, model.DocumentName); len(sys.Files) > 1 {
				out[dir] = files
			}
		}
	}
	return out
}

// judged is what is wrong with a model, as it is told.
func judged(sys *model.System) []string {
	_, found := check.System(sys)
	var out []string
	for _, x := range found.Sorted() {
		out = append(out, x.Pos.String()+": "+x.Message)
	}
	return out
}

// offersBy are the offers of a model that a memory may know, by their names.
func offersBy(m *model.Memory, files fs.FS, typed *source.File, w word) []completion {
	sys, asked := m.Ask(files, model.DocumentName, &source.File{Path: typed.Path, Data: typed.Data}, w.marker)
	items, _ := offers(sys, asked, w)
	slices.SortFunc(items, func(a, b completion) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Detail, b.Detail))
	})
	return items
}
