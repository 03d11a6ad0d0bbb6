package uses_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/uses"
	"github.com/esgen/esgen/model"
)

// read is a model that has been looked through.
type read struct {
	sys   *model.System
	found *diag.List
	index *uses.Index
}

func open(files fs.FS) read {
	sys, found := model.LoadFS(files, model.DocumentName)
	checked, more := check.System(sys)
	found.Merge(more)
	return read{sys, found, uses.New(sys, checked)}
}

// filesOf are the files of a model in a directory.
func filesOf(t *testing.T, dir string) fstest.MapFS {
	t.Helper()
	sys, _ := model.Load(dir)
	files := fstest.MapFS{}
	for _, f := range sys.Files {
		name, err := filepath.Rel(dir, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.ToSlash(name)] = &fstest.MapFile{Data: f.Data}
	}
	return files
}

// edited is a copy of the files with edits, and the places of all changed bytes.
func edited(sys *model.System, files fstest.MapFS, edits []uses.Edit) fstest.MapFS {
	out := maps.Clone(files)
	for _, f := range sys.Files {
		var mine []uses.Edit
		for _, e := range edits {
			if e.Pos.File == f {
				mine = append(mine, e)
			}
		}
		if len(mine) > 0 {
			out[f.Path] = &fstest.MapFile{Data: uses.Apply(f, mine)}
		}
	}
	return out
}

func models(t *testing.T) []string {
	t.Helper()
	var dirs []string
	for _, pattern := range []string{"../../examples/*", "../../testdata/models/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range found {
			if _, err := os.Stat(filepath.Join(dir, model.DocumentName)); err == nil {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// TestRename calls random things of all models otherwise. What check says stays,
// scenarios play as before, each changed byte is a use that the resolved model or
// a tree knows, and calling it as before gives the same bytes.
func TestRename(t *testing.T) {
	seed := testsample.Seed(t)
	tried, refused := 0, map[string]int{}
	for _, dir := range models(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			files := filesOf(t, dir)
			before := open(files)
			if before.found.HasErrors() {
				t.Skip("it has errors on purpose")
			}
			played := outcomes(before)
			r := rand.New(rand.NewPCG(seed, 1))
			symbols := slices.DeleteFunc(slices.Clone(before.index.Symbols()), func(s *uses.Symbol) bool {
				return !s.Written || slices.Contains([]string{"flow", "scenario", "composition"}, s.Kind)
			})
			r.Shuffle(len(symbols), func(i, j int) { symbols[i], symbols[j] = symbols[j], symbols[i] })
			for _, s := range symbols[:min(len(symbols), howMany())] {
				tried++
				to := s.Name + []string{"Neu", "새로", "X2"}[r.IntN(3)]
				if s.Kind == "external" || s.Kind == "context" {
					to = s.Name + "x"
				}
				if err := rename(t, files, before, s, to, played); err != nil {
					refused[s.Kind]++
					t.Logf("%s %s is not called %s: %v", s.Kind, s.Name, to, err)
				}
			}
		})
	}
	total := 0
	for _, n := range refused {
		total += n
	}
	t.Logf("seed %d: %d tried, %d refused: %v", seed, tried, total, refused)
	most := tried / 10
	if !testsample.Long() {
		most = tried / 4 // of so few, many may be fields that codes of rejections follow from
	}
	if total > most {
		t.Errorf("of %d renames %d were refused: %v", tried, total, refused)
	}
}

// howMany things of each model are tried.
func howMany() int {
	if testsample.Long() {
		return 1000
	}
	return 4
}

// rename calls a thing otherwise and back again; the error says why it is refused.
func rename(t *testing.T, files fstest.MapFS, before read, s *uses.Symbol, to string, played []string) error {
	t.Helper()
	what := fmt.Sprintf("%s %s", s.Kind, s.Name)
	edits, err := before.index.Rename(s.Pos, to)
	if err != nil {
		return err
	}
	changed := edited(before.sys, files, edits)
	after := open(changed)
	if err := before.index.Same(after.index, after.found); err != nil {
		return err
	}
	known := map[source.Pos]bool{}
	for _, o := range before.index.All() {
		known[o.Pos] = true
	}
	for _, e := range edits {
		if !known[e.Pos] {
			t.Errorf("%s: %s is changed, which is no use", what, e.Pos)
		}
	}
	// Rows that nobody sorts come in the order of their keys, of which the name of a
	// value may be a part.
	if got := outcomes(after); s.Kind != "value" && !slices.Equal(got, played) {
		t.Errorf("%s: scenarios play otherwise when it is called %s", what, to)
	}
	for _, o := range after.index.At(moved(edits, s.Pos)) {
		back, err := after.index.Rename(o.Pos, s.Name)
		if err != nil {
			t.Errorf("%s is not called back: %v", what, err)
			continue
		}
		again := edited(after.sys, changed, back)
		for name, f := range files {
			if !bytes.Equal(f.Data, again[name].Data) {
				t.Errorf("%s: %s is not as before when it is called back", what, name)
			}
		}
		break
	}
	return nil
}

// TestRenameKeepsThePlan calls random things of all models otherwise, and compares what
// is generated: where the new name is read as the old one, it is the same, as far as
// the order of things does not follow from their names.
func TestRenameKeepsThePlan(t *testing.T) {
	seed := testsample.Seed(t)
	pack, err := render.LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	all := models(t)
	r := rand.New(rand.NewPCG(seed, 2))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	compared, odd, each := 0, 0, 1
	if testsample.Long() {
		each = 40
	}
	for _, dir := range all {
		if compared >= 3 && !testsample.Long() {
			break
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			files := filesOf(t, dir)
			before := open(files)
			said := written(t, pack, before)
			if said == nil {
				t.Skip("nothing is generated of it")
			}
			symbols := slices.DeleteFunc(slices.Clone(before.index.Symbols()), func(s *uses.Symbol) bool { return !s.Written || !isASCII(s.Name) || isNear(s, before.index.Symbols()) })
			r.Shuffle(len(symbols), func(i, j int) { symbols[i], symbols[j] = symbols[j], symbols[i] })
			done := 0
			for _, s := range symbols {
				if done == each {
					break
				}
				mark := s.Name[:1] + "qzx" // small letters where the name has them: what follows from its case stays
				to := mark + s.Name
				if s.Name != strings.ToLower(s.Name) {
					to = mark + strings.ToUpper(s.Name[:1]) + s.Name[1:]
				}
				edits, err := before.index.Rename(s.Pos, to)
				if err != nil {
					continue
				}
				after := open(edited(before.sys, files, edits))
				if before.index.Same(after.index, after.found) != nil {
					continue
				}
				done++
				compared++
				differs := difference(said, written(t, pack, after), mark)
				if len(differs) > 0 {
					odd++
				}
				for file, what := range differs {
					t.Logf("%s %s is called %s: %s:\n%s", s.Kind, s.Name, to, file, what)
				}
			}
		})
	}
	// A name can have a meaning of its own, which another one has not: a field called
	// limit is filtered by as row.limit, a view that is several by its name has one name
	// for a row and for all. They are few: 26 of 796.
	if most := max(2, compared/20); compared == 0 || odd > most {
		t.Errorf("%d of %d renames make another difference than a name", odd, compared)
	}
	t.Logf("%d renames compared, %d make another difference", compared, odd)
}

// isNear reports whether another thing is called nearly so: what is generated keeps
// names apart that would be the same in some spelling, and need not where one of them
// is called otherwise.
func isNear(s *uses.Symbol, all []*uses.Symbol) bool {
	name := strings.ToLower(s.Name)
	return slices.ContainsFunc(all, func(o *uses.Symbol) bool {
		other := strings.ToLower(o.Name)
		return o.Kind != "field" && o.Pos != s.Pos && (strings.HasPrefix(name, other) || strings.HasPrefix(other, name))
	})
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0 }

// written is all that is generated of a model; nil: it cannot be.
func written(t *testing.T, pack *render.Pack, of read) map[string]string {
	t.Helper()
	checked, found := check.System(of.sys)
	if found.HasErrors() || of.found.HasErrors() {
		return nil
	}
	checked.LeaveOutOpen()
	p, err := plan.Build(checked)
	if err != nil {
		t.Logf("not generated: %v", err)
		return nil
	}
	files, err := render.Render(t.Context(), p, pack)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Data)
	}
	return out
}

// difference is what two outputs say otherwise, by file, when a mark before a name is
// not read. Things come in the order of their names, so words are counted, not
// lines; ids that are made of names, digests, and places of the model, where what
// stands behind a name has moved, are no words.
func difference(before, after map[string]string, mark string) map[string]string {
	unmarked := regexp.MustCompile(`(?i)` + mark + `[_ -]?`)
	read := func(files map[string]string) map[string]map[string]int {
		out := map[string]map[string]int{}
		for path, text := range files {
			path = unmarked.ReplaceAllString(strings.ToLower(path), "")
			words := out[path]
			if words == nil {
				words = map[string]int{}
				out[path] = words
			}
			text = made.ReplaceAllString(strings.ToLower(unmarked.ReplaceAllString(text, "")), "")
			for _, w := range word.FindAllString(text, -1) {
				words[w]++
			}
		}
		return out
	}
	was, is := read(before), read(after)
	out := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(was)) {
		if diff := cmp.Diff(was[path], is[path]); diff != "" {
			out[path] = diff
		}
	}
	for path := range is {
		if was[path] == nil {
			out[path] = "it is new"
		}
	}
	return out
}

var (
	word = regexp.MustCompile(`[\pL\pN]+`)
	made = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b|"([^" ]+:)?[0-9]+:[0-9]+"`)
)

// moved is where a place is after edits before it on its line.
func moved(edits []uses.Edit, at source.Pos) source.Pos {
	by := 0
	for _, e := range edits {
		if e.Pos.File == at.File && e.Pos.Line == at.Line && e.Pos.Column < at.Column {
			by += len([]rune(e.New)) - (e.End.Column - e.Pos.Column)
		}
	}
	at.Column += by
	return at
}

// outcomes say of each scenario whether it holds.
func outcomes(r read) []string {
	checked, _ := check.System(r.sys)
	var out []string
	for _, s := range r.sys.Scenarios {
		out = append(out, fmt.Sprint(len(sim.Play(checked, s).Failures)))
	}
	return out
}
