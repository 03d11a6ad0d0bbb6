package randmodel

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// written is a model of several files, some of whose texts are changed.
type written struct {
	files  map[string]*Node
	places []*place
}

// place is where a text stands: a value, a key, or a literal in an expression.
type place struct {
	file string
	set  func(text string)
	line *int // of the file, as it was written last
	was  string
	free bool // to take any text
}

// readModel reads the files of a model, and lists where they might have texts.
func readModel(t *testing.T, dir string) *written {
	t.Helper()
	w := &written{files: map[string]*Node{}}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "generated" {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".yaml" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n, faults := source.Parse(&source.File{Path: path, Data: data}, source.DefaultLimits())
		if len(faults) > 0 {
			return faults[0]
		}
		name, err := filepath.Rel(dir, path)
		w.files[filepath.ToSlash(name)] = titled(fromSource(n))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range sortedKeys(w.files) {
		w.look(file, w.files[file], 0, false)
	}
	return w
}

// notes are the sections whose entries are told of in words.
var notes = []string{"actors", "externals", "operations", "contexts", "aggregates", "commands", "events", "policies", "views", "queries", "types", "scenarios", "state", "input"}

// titled gives a title, a description and a question to all notes that are
// written as maps, so that there are texts in every kind of them.
func titled(n *Node) *Node {
	for i := range n.Pairs {
		p := &n.Pairs[i]
		if slices.Contains(notes, p.Key) && p.Value.kind == mapKind {
			for _, note := range p.Value.Pairs {
				if note.Value.kind == mapKind {
					note.Value.ask("title").ask("description").ask("hotspots")
				}
			}
		}
		titled(p.Value)
	}
	for _, x := range n.Items {
		titled(x)
	}
	return n
}

// ask sets a key that is not there yet.
func (n *Node) ask(key string) *Node {
	for _, p := range n.Pairs {
		if p.Key == key {
			return n
		}
	}
	return n.set(key, text(key+" of it"))
}

func fromSource(n *source.Node) *Node {
	out := &Node{}
	switch n.Kind {
	case source.Mapping:
		out.kind = mapKind
		for _, p := range n.Pairs {
			out.Pairs = append(out.Pairs, Pair{p.Key.Value, fromSource(p.Value)})
		}
	case source.Sequence:
		out.kind = listKind
		for _, x := range n.Items {
			out.Items = append(out.Items, fromSource(x))
		}
	default:
		if out.Text = n.Value; n.Value == "" && n.Style == source.Plain {
			out.kind = nothing
		}
	}
	return out
}

// literals of an expression, in either quotes.
var literals = regexp.MustCompile(`'[^'\\]*'|"[^"\\]*"`)

// look lists the places below a node. Of keys only the names of scenarios and
// flows are words.
func (w *written) look(file string, n *Node, depth int, words bool) {
	for i := range n.Pairs {
		p := &n.Pairs[i]
		if words {
			w.places = append(w.places, &place{file: file, set: func(s string) { p.Key = s }, line: &p.Value.keyLine, was: p.Key})
		}
		if !(depth == 0 && (p.Key == "esgen" || p.Key == "include" || p.Key == "system" || p.Key == "module")) {
			w.look(file, p.Value, depth+1, depth == 0 && (p.Key == "scenarios" || p.Key == "flows"))
		}
	}
	for _, x := range n.Items {
		w.look(file, x, depth+1, false)
	}
	if n.kind != textKind {
		return
	}
	w.places = append(w.places, &place{file: file, set: func(s string) { n.Text = s }, line: &n.keyLine, was: n.Text})
	for i, at := range literals.FindAllStringIndex(n.Text, -1) {
		before, quote := n.Text, n.Text[at[0]:at[0]+1]
		if strings.HasPrefix(before[:at[0]], "r") || strings.HasSuffix(before[:at[0]], "(r") || i > 0 {
			continue
		}
		w.places = append(w.places, &place{file: file, line: &n.keyLine, was: before, set: func(s string) {
			if s == before {
				n.Text = before
				return
			}
			n.Text = before[:at[0]] + celText(s, quote) + before[at[1]:]
		}})
	}
}

// fs writes the files.
func (w *written) fs() fstest.MapFS {
	out := fstest.MapFS{}
	for name, n := range w.files {
		out[name] = &fstest.MapFile{Data: []byte(n.String())}
		n.count(0)
	}
	return out
}

// count notes on which line each value stands, or the key of it.
func (n *Node) count(line int) int {
	if n.kind == textKind || n.kind == nothing {
		return line
	}
	for _, p := range n.Pairs {
		line++
		p.Value.keyLine = line
		line = p.Value.count(line)
	}
	for _, x := range n.Items {
		line++
		x.keyLine = line
		line = x.count(line)
	}
	return line
}

// check checks the model and lists the errors.
func (w *written) check() (*check.Model, []diag.Diagnostic) {
	sys, diags := model.LoadFS(w.fs(), document)
	checked, more := check.System(sys)
	diags.Merge(more)
	var errs []diag.Diagnostic
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			errs = append(errs, d)
		}
	}
	return checked, errs
}

// settle gives texts to places; those that check refuses stay as they were.
func (w *written) settle(t *testing.T, places []*place, textOf func(i int) string) (*check.Model, []*place) {
	t.Helper()
	first := map[string]int{} // what was the same stays the same: ids of scenarios meet
	for i, p := range places {
		if _, ok := first[p.was]; !ok {
			first[p.was] = i
		}
		p.free = true
		p.set(textOf(first[p.was]))
	}
	for range 40 {
		checked, errs := w.check()
		if len(errs) == 0 {
			var kept []*place
			for _, p := range places {
				if p.free {
					kept = append(kept, p)
				}
			}
			return checked, kept
		}
		found := false
		for _, d := range errs {
			for _, p := range places {
				if p.free && p.file == d.Pos.Path() && *p.line == d.Pos.Line {
					p.free, found = false, true
					p.set(p.was)
				}
			}
		}
		if !found {
			t.Fatalf("%s: %s", errs[0].Pos, errs[0].Message)
		}
	}
	t.Fatal("check is not content")
	return nil, nil
}

func build(t *testing.T, m *check.Model) []artifact.File {
	t.Helper()
	p, err := plan.Build(m)
	if err != nil {
		t.Fatal(err)
	}
	pack, err := pack()
	if err != nil {
		t.Fatal(err)
	}
	files, err := render.Render(t.Context(), p, pack)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestNastyTexts: whatever texts say, what is written has the same declarations,
// keys and commands.
func TestNastyTexts(t *testing.T) {
	least := 300
	models := []string{"../../testdata/models/every-construct"}
	if testsample.Long() {
		least = 3500 // in each
		models = append(models, "../../examples/library", "../../examples/fooddelivery", "../../testdata/models/korean")
	}
	for _, dir := range models {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			w := readModel(t, dir)
			_, places := w.settle(t, w.places, func(i int) string { return fmt.Sprintf("word%d \"of 'it", i) })
			plain, places := w.settle(t, places, func(i int) string { return fmt.Sprintf("word%d", i) })
			files := build(t, plain)
			for _, f := range readFiles(files) {
				t.Errorf("with plain texts: %s", f)
			}
			want := structures(t, files)
			r := rand.New(rand.NewPCG(7, 7))
			tried := 0
			for tried < least {
				texts := nasty(r, len(places))
				m, kept := w.settle(t, places, func(i int) string { return texts[i] })
				tried += len(kept)
				files := build(t, m)
				for _, f := range readFiles(files) {
					t.Errorf("%s", f)
				}
				for path, difference := range compare(want, structures(t, files)) {
					t.Errorf("%s: %s", path, difference)
				}
				if t.Failed() {
					break
				}
			}
			t.Logf("%d texts in %d places", tried, len(places))
		})
	}
}

// nasty are so many texts, no two alike: what is there and compared stays apart.
func nasty(r *rand.Rand, n int) []string {
	out := make([]string, n)
	for i := range out {
		s := NastyTexts[r.IntN(len(NastyTexts))]
		switch word := fmt.Sprintf("word%d", i); r.IntN(3) {
		case 0:
			out[i] = word + s
		case 1:
			out[i] = s + word
		default:
			out[i] = word + " " + s + " " + word
		}
	}
	return out
}
