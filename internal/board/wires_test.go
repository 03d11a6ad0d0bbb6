package board_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/randmodel"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// TestWires: no wire of a wall runs through a note but those that pass below an aggregate
// in its gaps, on the sheets beside it none runs through anything, and no label
// of a wire lies on a note, on a card or on another label.
func TestWires(t *testing.T) {
	all := models(t)
	for _, name := range []string{"account", "ftgo", "twelvestreet", "healthstore"} {
		all[name], _ = model.Load("../../examples/" + name + "/esgen.yaml")
	}
	all["classes"], _ = model.Load("../../testdata/models/classes/esgen.yaml")
	seed := testsample.Seed(t)
	for i := range uint64(12) {
		all[fmt.Sprintf("seed %d", seed+i)], _ = model.LoadFS(fstest.MapFS{model.DocumentName: &fstest.MapFile{Data: []byte(randmodel.New(seed + i).String())}}, model.DocumentName)
	}
	wires, below, struck := 0, 0, 0
	for name, sys := range all {
		b := board.Of(sys)
		on := map[*board.Frame][]*board.Note{}
		for _, n := range b.Notes {
			on[n.Frame] = append(on[n.Frame], n)
		}
		for l, way := range board.WaysOf(b) {
			wires++
			for _, f := range b.Frames {
				for _, n := range on[f] {
					switch {
					case n == l.From || n == l.To || !board.Through(way, n.Box):
					case n.Kind == board.Aggregate:
						below++
					default:
						t.Errorf("%s: the wire from %s to %s runs through %s", name, l.From.ID, l.To.ID, n.ID)
					}
				}
			}
		}
		for _, s := range b.Sheets(sys, sequences(sys)) {
			struck += apart(t, name+", "+s.ID, s.Picture)
		}
	}
	if wires == 0 {
		t.Error("there are no wires")
	}
	t.Logf("of %d wires of walls, %d pass below an aggregate; %d labels of maps are crossed by a wire", wires, below, struck)
}

// sequences are those of a model that has no errors.
func sequences(sys *model.System) []*board.Sequence {
	m, diags := check.System(sys)
	if diags.HasErrors() {
		return nil
	}
	return stories.Sequences(m)
}

// apart expects that nothing of a picture lies on something else, and says how many
// labels are crossed by a wire.
func apart(t *testing.T, name string, p *board.Picture) (struck int) {
	t.Helper()
	s := board.StrokesOf(p)
	whole := board.Box{W: p.Size.X, H: p.Size.Y}
	for i, box := range s.Boxes {
		if !within(box, whole) || slices.ContainsFunc(s.Boxes[:i], box.Overlaps) {
			t.Errorf("%s: a box is out of the picture or on another one: %v", name, box)
		}
	}
	for _, w := range s.Wires {
		for _, at := range w.Way {
			if !within(board.Box{X: at.X, Y: at.Y}, whole) {
				t.Errorf("%s: a wire leads out of the picture: %v", name, w.Way)
			}
		}
		for _, box := range s.Boxes {
			if !slices.Contains(w.Ends, box) && board.Through(w.Way, box) {
				t.Errorf("%s: a wire runs through a box: %v, %v", name, w.Way, box)
			}
		}
	}
	for i, l := range s.Labels {
		if !within(l, whole) || slices.ContainsFunc(s.Boxes, l.Overlaps) || slices.ContainsFunc(s.Labels[:i], l.Overlaps) {
			t.Errorf("%s: a label is out of the picture, on a box or on another label: %v", name, l)
		}
		if slices.ContainsFunc(s.Wires, func(w board.Stroke) bool { return board.Through(w.Way, l) }) {
			struck++
		}
	}
	return struck
}

// TestDashes: ways that share a part have their dashes at the same places there, from whichever
// side they come; each ends where it should.
func TestDashes(t *testing.T) {
	const period = 10
	ends := []board.Point{{X: 203, Y: 40}, {X: 203, Y: 331}, {X: 7, Y: 185}}
	for _, begin := range []board.Point{{X: 11, Y: 7}, {X: 64, Y: 305}, {X: 395, Y: 178}} {
		for _, end := range ends {
			way := []board.Point{begin, {X: 123, Y: begin.Y}, {X: 123, Y: end.Y}, end}
			starts, last := board.Dashes(way, period)
			if last != end {
				t.Errorf("%v ends at %v", way, last)
			}
			on := 0
			for _, s := range starts {
				if s.X%period == 0 || s.Y%period == 0 {
					on++
				}
			}
			if on < 2 {
				t.Errorf("%v: %d parts begin where dashes do: %v", way, on, starts)
			}
		}
	}
}
