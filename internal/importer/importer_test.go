package importer_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/importer"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "write the expected models anew")

// TestBoards imports the boards of testdata, and compares the models with what is
// expected.
func TestBoards(t *testing.T) {
	for _, file := range boards(t, "testdata") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			m := imported(t, file)
			var got strings.Builder
			got.WriteString(m.Text)
			got.WriteString("\n# report\n")
			if err := m.Report.Print(&got); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "want", filepath.Base(file)+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("-want +got; if it is meant: go test ./internal/importer -update\n%s", diff)
			}
		})
	}
}

// TestForeignBoards imports boards that are not ours to keep here.
func TestForeignBoards(t *testing.T) {
	dir := os.Getenv("ESGEN_TEST_BOARDS")
	if dir == "" {
		t.Skip("ESGEN_TEST_BOARDS names a directory of boards")
	}
	for _, file := range boards(t, dir) {
		t.Run(filepath.Base(file), func(t *testing.T) { imported(t, file) })
	}
}

func boards(t testing.TB, dir string) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*.*", "*/*.*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	files = slices.DeleteFunc(files, func(f string) bool {
		return filepath.Base(filepath.Dir(f)) == "want" || filepath.Base(f) == "README.md"
	})
	if len(files) == 0 {
		t.Fatalf("there is no board in %s", dir)
	}
	return files
}

// imported is the model of a board, in which check finds no error. Each note of the
// board is in it, or said to be left out.
func imported(t *testing.T, file string) *importer.Model {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := importer.Read(filepath.Base(file), data, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := importer.Build(s, false)
	if err != nil {
		t.Fatal(err)
	}
	passes(t, m)
	accounted(t, s, m)
	again(t, filepath.Base(file), data, m)
	runs(t, filepath.Base(file), data)
	return m
}

// again merges a board into the model that was made of it: there is nothing new on it.
func again(t *testing.T, file string, data []byte, m *importer.Model) {
	t.Helper()
	s, err := importer.Read(file, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	merged, err := importer.Merge("esgen.yaml", []byte(m.Text), s, false)
	if err != nil {
		t.Fatal(err)
	}
	if r := merged.Report; merged.Text != m.Text || len(r.Added)+len(r.Differs)+len(r.Gone) > 0 {
		t.Errorf("the same board once more: added %v, differs %v, gone %v", r.Added, r.Differs, r.Gone)
	}
}

// runs makes a runnable model of a board: if something of it follows from a command,
// there is a command that somebody can give, and that creates something.
func runs(t *testing.T, file string, data []byte) {
	t.Helper()
	s, err := importer.Read(file, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := importer.Build(s, true)
	if err != nil {
		t.Fatal(err)
	}
	passes(t, m)
	follows, given := false, false
	for _, c := range loaded(m).Contexts {
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				follows = follows || len(x.Emits) > 0
				given = given || len(x.Emits) > 0 && len(x.Actors) > 0 && x.Creates == model.New
			}
		}
	}
	if follows && !given {
		t.Errorf("nobody can begin:\n%s", m.Text)
	}
}

func loaded(m *importer.Model) *model.System {
	sys, _ := model.LoadFS(fstest.MapFS{model.DocumentName: &fstest.MapFile{Data: []byte(m.Text)}}, model.DocumentName)
	return sys
}

func passes(t *testing.T, m *importer.Model) {
	t.Helper()
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: &fstest.MapFile{Data: []byte(m.Text)}}, model.DocumentName)
	_, more := check.System(sys)
	diags.Merge(more)
	if diags.HasErrors() {
		t.Errorf("check refuses the model: %v\n%s", diags.Sorted(), m.Text)
	}
}

// accounted counts the notes of a board: those that are taken, and those that are
// left out.
func accounted(t *testing.T, s *importer.Sketch, m *importer.Model) {
	t.Helper()
	taken := 0
	for _, n := range m.Report.Taken {
		taken += n
	}
	left := len(m.Report.Left) - len(s.Left)
	for _, l := range m.Report.Left[len(s.Left):] {
		if strings.HasPrefix(l, "example ") || strings.HasPrefix(l, "type ") {
			left-- // it is no note
			continue
		}
		if strings.HasSuffix(l, "check refuses it") {
			left-- // it was taken at first
		}
	}
	if taken+left != len(s.Notes) {
		t.Errorf("%d notes are taken, %d left out, of %d", taken, left, len(s.Notes))
	}
	var parts int
	for _, n := range board.Of(loaded(m)).Notes {
		if n.Kind != board.Actor && n.Kind != board.Hotspot {
			parts++
		}
	}
	if want := taken - m.Report.Merged - m.Report.Taken[board.Hotspot] - m.Report.Taken[board.Actor]; parts < want-len(m.Report.Left) {
		t.Errorf("the model has %d parts, of %d notes", parts, want)
	}
}

// trip is a format in which a board is drawn and read again.
type trip struct {
	file  string
	drawn func(*board.Board) ([]byte, error)
	as    func(*board.Note) string // what the format says of a note; "": nothing
}

var trips = []trip{
	{"wall.drawio", func(b *board.Board) ([]byte, error) { return b.Drawio(), nil }, everything},
	{"wall.excalidraw", (*board.Board).Excalidraw, everything},
	{"wall.md", func(b *board.Board) ([]byte, error) { return b.Markdown(), nil }, everything},
	{"wall.json", (*board.Board).MSAEz, everything},
	{"wall.mmd", func(b *board.Board) ([]byte, error) { return b.EventModeling(), nil }, modelled},
}

func everything(n *board.Note) string {
	if n.Kind == board.Hotspot {
		return "" // the import asks more
	}
	return string(n.Kind) + " " + n.Frame.Name + " " + n.Name + " " + string(n.Title)
}

// modelled is what Mermaid's eventmodeling diagram says.
func modelled(n *board.Note) string {
	switch n.Kind {
	case board.Command, board.Event, board.View, board.Policy:
		return string(n.Kind) + " " + n.Frame.Name + " " + n.Name
	case board.Saga:
		return string(board.Policy) + " " + n.Frame.Name + " " + n.Name
	}
	return ""
}

// TestThereAndBack draws models, reads the drawings, and expects the same wall: the
// same notes in the same contexts, as far as the format has them. All arrows are read;
// in the model are no others than those that were drawn. A .storm file has no contexts.
func TestThereAndBack(t *testing.T) {
	for _, file := range models(t) {
		for _, trip := range trips {
			if strings.HasSuffix(trip.file, ".mmd") && strings.Contains(file, "/workshop/") {
				continue // a saga that gives commands of another context alone: there it is a policy, of that context
			}
			t.Run(filepath.Base(filepath.Dir(file))+"/"+trip.file, func(t *testing.T) {
				sys, _ := model.Load(file)
				thereAndBack(t, board.Of(sys), trip)
			})
		}
	}
}

// models are all examples, and the models of other tests.
func models(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"../../examples/*/esgen.yaml", "../../testdata/models/*/esgen.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

// TestStormKeepsNotes: a .storm file has no contexts, but each note of a wall, by what it is
// and what people call it; somebody who stands there often is there once.
func TestStormKeepsNotes(t *testing.T) {
	for _, file := range models(t) {
		sys, _ := model.Load(file)
		b := board.Of(sys)
		want, once := map[string]int{}, map[board.Kind]bool{board.Actor: true, board.External: true}
		for _, n := range b.Notes {
			kind := n.Kind
			if kind == board.Saga {
				kind = board.Policy
			}
			key := string(kind) + " " + string(n.Title)
			if want[key]++; once[kind] {
				want[key] = 1
			}
		}
		s, err := importer.Read("wall.storm", b.Storm(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, n := range s.Notes {
			got[string(n.Kind)+" "+n.Text]++
		}
		if diff := cmp.Diff(want, got); diff != "" || len(s.Arrows) == 0 || len(s.Left) > 0 {
			t.Errorf("%s: %d arrows, left out: %v\n-drawn +read\n%s", file, len(s.Arrows), s.Left, diff)
		}
	}
}

func thereAndBack(t *testing.T, want *board.Board, trip trip) {
	data, err := trip.drawn(want)
	if err != nil {
		t.Fatal(err)
	}
	s, err := importer.Read(trip.file, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(arrowsDrawn(want, trip), arrowsRead(s)); diff != "" {
		t.Errorf("arrows: -drawn +read\n%s", diff)
	}
	m, err := importer.Build(s, false)
	if err != nil {
		t.Fatal(err)
	}
	got := board.Of(loaded(m))
	if diff := cmp.Diff(notesOf(want, trip), notesOf(got, trip)); diff != "" {
		t.Errorf("-drawn +read\n%s", diff)
	}
	drawn := linksOf(want, trip)
	silent := commandsAlone(want, trip)
	for link := range linksOf(got, trip) {
		if from, _, _ := strings.Cut(link, " -> "); !drawn[link] && !silent[from] {
			t.Errorf("nobody has drawn %s", link)
		}
	}
}

// commandsAlone are those from which no arrow leads to an event, as where people decide
// in Go what comes of them: who imports the board is offered the event of their name.
func commandsAlone(b *board.Board, trip trip) map[string]bool {
	out := map[string]bool{}
	for _, n := range b.Notes {
		leads := func(l *board.Link) bool { return l.From == n && l.To.Kind == board.Event }
		if n.Kind == board.Command && !slices.ContainsFunc(b.Links, leads) {
			out[trip.as(n)] = true
		}
	}
	return out
}

// arrowsDrawn are the arrows of a board between notes of which a format says something.
func arrowsDrawn(b *board.Board, trip trip) map[string]bool {
	out := map[string]bool{}
	arrow := func(from, to *board.Note) {
		if trip.as(from) != "" && trip.as(to) != "" {
			out[kindRead(from, trip)+" "+from.Name+" -> "+kindRead(to, trip)+" "+to.Name] = true
		}
	}
	for _, l := range b.Links {
		arrow(l.From, l.To)
	}
	for _, n := range b.Notes {
		switch {
		case n.Of != nil && n.Kind == board.Actor:
			arrow(n, n.Of)
		case n.Of != nil && n.Of.Kind == board.External:
			arrow(n.Of, n)
		}
	}
	return out
}

func kindRead(n *board.Note, trip trip) string { return strings.Fields(trip.as(n))[0] }

func arrowsRead(s *importer.Sketch) map[string]bool {
	notes := map[string]*importer.Note{}
	for _, n := range s.Notes {
		notes[n.ID] = n
	}
	out := map[string]bool{}
	for _, a := range s.Arrows {
		from, to := notes[a.From], notes[a.To]
		if from.Kind != board.Hotspot {
			out[string(from.Kind)+" "+from.Text+" -> "+string(to.Kind)+" "+to.Text] = true
		}
	}
	return out
}

// linksOf are the arrows of a board, as far as a format has them.
func linksOf(b *board.Board, trip trip) map[string]bool {
	out := map[string]bool{}
	for _, l := range b.Links {
		if from, to := trip.as(l.From), trip.as(l.To); from != "" && to != "" {
			out[from+" -> "+to] = true
		}
	}
	return out
}

// notesOf are the notes of a board by where they are and what they are called, and
// how often.
func notesOf(b *board.Board, trip trip) map[string]int {
	out := map[string]int{}
	for _, n := range b.Notes {
		if said := trip.as(n); said != "" {
			out[said]++
		}
	}
	return out
}

// FuzzRead reads anything in any format, or in the one that ESGEN_FUZZ_FORMAT names.
func FuzzRead(f *testing.F) {
	only := os.Getenv("ESGEN_FUZZ_FORMAT")
	seed := func(data []byte) {
		for i, format := range importer.Formats() {
			if only == "" || format == only {
				f.Add(i, data)
			}
		}
	}
	seed(shop(f))
	for _, file := range boards(f, "testdata") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		seed(data)
	}
	f.Fuzz(func(t *testing.T, format int, data []byte) {
		formats := importer.Formats()
		name := formats[(format%len(formats)+len(formats))%len(formats)]
		if only != "" {
			name = only
		}
		s, err := importer.ReadAs(name, data, nil)
		if err != nil {
			return
		}
		m, err := importer.Build(s, format%2 == 0)
		if err != nil {
			t.Fatal(err)
		}
		passes(t, m)
	})
}
