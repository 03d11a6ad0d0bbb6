package board_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/randmodel"
	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/model"
)

// models are walls of all sizes, in both scripts.
func models(t *testing.T) map[string]*model.System {
	t.Helper()
	out := map[string]*model.System{}
	for name, file := range map[string]string{
		"library":         "../../examples/library/esgen.yaml",
		"fooddelivery":    "../../examples/fooddelivery/esgen.yaml",
		"journey":         "../../testdata/models/journey/esgen.yaml",
		"every-construct": "../../testdata/models/every-construct/esgen.yaml",
		"names only":      "../cli/testdata/wall/esgen.yaml",
	} {
		out[name], _ = model.Load(file)
	}
	out["100 contexts"], _ = model.LoadFS(synthetic.Files(100), model.DocumentName)
	out["long names"] = load(t, `
esgen: v1
system: long
title: "하나의 아주 긴 제목이 있는 시스템, 벽에 다 적을 수 없을 만큼"
contexts:
  a:
    aggregates:
      Pneumonoultramicroscopicsilicovolcanoconiosis:
        hotspots: ["누가 이것을 정합니까? 아무도 모르는 것 같습니다, 그래도 정해야 합니다"]
        commands:
          Do: {emit: [Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]}
          주문을아주아주길게띄어쓰기없이적어놓은커맨드입니다정말로: {creates: true, emit: [Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]}
        events: [Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]
`)
	return out
}

func load(t *testing.T, text string) *model.System {
	t.Helper()
	sys, _ := model.LoadFS(fstest.MapFS{model.DocumentName: &fstest.MapFile{Data: []byte(text)}}, model.DocumentName)
	return sys
}

// TestPlaces: no note lies on another one or on another frame, none is out of its
// own, no two frames lie on one another, and all are on the wall.
func TestPlaces(t *testing.T) {
	for name, sys := range models(t) {
		b := board.Of(sys)
		if len(b.Notes) == 0 {
			t.Errorf("%s: nothing is on the wall", name)
		}
		placed(t, name, b)
	}
}

func placed(t *testing.T, name string, b *board.Board) {
	t.Helper()
	whole := board.Box{W: b.Size.X, H: b.Size.Y}
	for i, f := range b.Frames {
		if !within(f.Box, whole) {
			t.Errorf("%s: %s is beside the wall: %v", name, f.Name, f.Box)
		}
		for _, o := range b.Frames[:i] {
			if f.Box.Overlaps(o.Box) {
				t.Errorf("%s: %s lies on %s", name, f.Name, o.Name)
			}
		}
	}
	of := map[*board.Frame][]*board.Note{}
	for _, n := range b.Notes {
		if !within(n.Box, n.Frame.Box) {
			t.Errorf("%s: %s is out of its frame: %v of %v", name, n.ID, n.Box, n.Frame.Box)
		}
		for _, o := range of[n.Frame] {
			if n.Box.Overlaps(o.Box) {
				t.Errorf("%s: %s lies on %s", name, n.ID, o.ID)
			}
		}
		of[n.Frame] = append(of[n.Frame], n)
	}
}

// TestAggregatesAreWhole: an aggregate is beside each of its commands and events, also
// if questions hang on it, so that arrows come from and lead to it.
func TestAggregatesAreWhole(t *testing.T) {
	for name, sys := range models(t) {
		for _, n := range board.Of(sys).Notes {
			if n.Of == nil || n.Of.Kind != board.Aggregate || n.Kind == board.Hotspot {
				continue
			}
			if middle, a := n.Box.Y+n.Box.H/2, n.Of.Box; middle < a.Y || middle > a.Bottom() {
				t.Errorf("%s: %s is not beside %s", name, n.ID, n.Of.ID)
			}
		}
	}
}

// TestRandomModels draws models that nobody would make: names of every kind, and
// parts that are left out.
func TestRandomModels(t *testing.T) {
	seed := testsample.Seed(t)
	for i := range uint64(60) {
		sys, _ := model.LoadFS(fstest.MapFS{model.DocumentName: &fstest.MapFile{Data: []byte(randmodel.New(seed + i).String())}}, model.DocumentName)
		b := board.Of(sys)
		placed(t, fmt.Sprintf("seed %d", seed+i), b)
		drawn(t, fmt.Sprintf("seed %d", seed+i), b)
	}
}

func within(a, b board.Box) bool {
	return a.X >= b.X && a.Y >= b.Y && a.Right() <= b.Right() && a.Bottom() <= b.Bottom()
}

// TestTexts: no line is wider than its note, and a note is as high as its text.
func TestTexts(t *testing.T) {
	for name, sys := range models(t) {
		for _, n := range board.Of(sys).Notes {
			high := 0.0
			for _, l := range n.Lines {
				if wide := board.Measure(l.Text, l.Size); wide > float64(n.Box.W) {
					t.Errorf("%s: %s: %q is %.0f wide, the note %d", name, n.ID, l.Text, wide, n.Box.W)
				}
				high += float64(l.Size)
			}
			if high > float64(n.Box.H) {
				t.Errorf("%s: %s is too low for its text", name, n.ID)
			}
		}
	}
}

// TestOneNoteMoves: a note that is added moves what is below it in its frame and the
// frames below that one; no other.
func TestOneNoteMoves(t *testing.T) {
	before := map[string]board.Box{}
	sys, _ := model.LoadFS(synthetic.Files(100), model.DocumentName)
	for _, n := range board.Of(sys).Notes {
		before[n.ID] = n.Box
	}
	a := sys.Contexts[50].Aggregates[2]
	a.Commands = append([]*model.Command{{Node: model.Node{Name: "OneMore"}, Aggregate: a}}, a.Commands...)
	moved := 0
	b := board.Of(sys)
	for _, n := range b.Notes {
		was, there := before[n.ID]
		if !there || was == n.Box {
			continue
		}
		moved++
		if n.Frame.Name != sys.Contexts[50].Name && n.Frame.Box.Y == board.Margin {
			t.Errorf("%s is moved", n.ID)
		}
	}
	if t.Logf("%d of %d notes are moved by one that is added", moved, len(before)); moved == 0 {
		t.Error("none is moved: nothing was added")
	}
}

// TestSVG: the picture is well-formed, whatever notes are called, and has each note
// and each arrow once.
func TestSVG(t *testing.T) {
	all := models(t)
	all["texts"] = load(t, `
esgen: v1
system: texts
title: "</svg><script>alert(1)</script>"
contexts:
  a:
    title: "\"a\" & <b>"
    aggregates:
      A:
        title: "<!-- ]]> &amp;"
        commands: {Do: {title: "'><img src=x>", emit: [Done]}}
        events: [Done]
`)
	for name, sys := range all {
		drawn(t, name, board.Of(sys))
	}
}

func drawn(t *testing.T, name string, b *board.Board) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(b.SVG()))
	classes := map[string]int{}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e, is := token.(xml.StartElement)
		if !is {
			continue
		}
		if e.Name.Local == "script" || e.Name.Local == "img" {
			t.Errorf("%s: a text is an element: %s", name, e.Name.Local)
		}
		for _, a := range e.Attr {
			if a.Name.Local == "class" {
				first, _, _ := strings.Cut(a.Value, " ")
				classes[first]++
			}
		}
	}
	if classes["note"] != len(b.Notes) || classes["link"] != len(b.Links) {
		t.Errorf("%s: %d notes and %d arrows are drawn, there are %d and %d", name, classes["note"], classes["link"], len(b.Notes), len(b.Links))
	}
}

// TestDiagrams: the other pictures are well-formed, and their cards lie beside one
// another.
func TestDiagrams(t *testing.T) {
	for name, sys := range models(t) {
		wellFormed(t, name, board.Map(sys).Picture().SVG())
		flowchart(t, name, board.Map(sys).Mermaid(), len(sys.Contexts))
		for _, c := range sys.Contexts[:min(3, len(sys.Contexts))] {
			wellFormed(t, name+" "+c.Name, board.Hexagon(sys, c).Picture().SVG())
		}
		if !bytes.HasPrefix(board.Lifecycles(sys), []byte("stateDiagram-v2\n")) {
			t.Errorf("%s: no state diagram", name)
		}
	}
}

// flowchart expects so many cards in a diagram of Mermaid.
func flowchart(t *testing.T, name string, diagram []byte, cards int) {
	t.Helper()
	if n := strings.Count(string(diagram), "[\""); !bytes.HasPrefix(diagram, []byte("flowchart LR\n")) || n != cards {
		t.Errorf("%s: %d cards, not %d:\n%s", name, n, cards, diagram)
	}
}

func wellFormed(t *testing.T, name string, svg []byte) {
	t.Helper()
	var boxes []board.Box
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e, is := token.(xml.StartElement); is && e.Name.Local == "rect" {
			var b board.Box
			for _, a := range e.Attr {
				into := map[string]*int{"x": &b.X, "y": &b.Y, "width": &b.W, "height": &b.H}[a.Name.Local]
				if into == nil {
					continue
				}
				if _, err := fmt.Sscan(a.Value, into); err != nil {
					t.Fatal(err)
				}
			}
			for _, o := range boxes {
				if o.Overlaps(b) {
					t.Errorf("%s: two cards lie on one another: %v, %v", name, o, b)
				}
			}
			boxes = append(boxes, b)
		}
	}
	if len(boxes) == 0 {
		t.Errorf("%s: nothing is drawn", name)
	}
}

// TestPage: what Mermaid would refuse is not drawn, all else is.
func TestPage(t *testing.T) {
	for name, sys := range models(t) {
		p := board.PageOf(sys)
		large := len(sys.Contexts) > 50
		if (p.Wall() == "") != large {
			t.Errorf("%s: a wall of %d characters", name, len(p.Wall()))
		}
		if (p.Map() == "") != (len(sys.Contexts) < 2) {
			t.Errorf("%s: a map of %d contexts in %d characters", name, len(sys.Contexts), len(p.Map()))
		}
		for _, h := range p.Hexagons() {
			if !strings.HasPrefix(string(h.Drawing), "```mermaid\nflowchart LR\n") {
				t.Errorf("%s: %s: %s", name, h.Name, h.Drawing)
			}
		}
	}
}

// TestHTML: what the page is told of notes cannot end its script.
func TestHTML(t *testing.T) {
	sys := load(t, `
esgen: v1
system: texts
title: "</title><script>alert(1)</script>"
contexts:
  a:
    title: "</option></select><script>alert(3)</script>"
    aggregates: {A: {description: "</script><script>alert(2)</script>", commands: {Do: {emit: [Done]}}, events: [Done]}}
  search: {title: "\"></template>"}
`)
	b := board.Of(sys)
	lane := &board.Lane{Title: "</template><script>", Kind: board.Actor}
	page, err := b.HTML(b.Sheets(sys, []*board.Sequence{{Title: "</template></select><script>", Lanes: []*board.Lane{lane}, Steps: []*board.Exchange{{From: lane, To: lane, Kind: board.Asked, Text: "</text></svg></template><script>"}}}}))
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]int{"<script": 3, "</script": 3, "<template": 4, "</template": 4, "<option": 5, "</option": 5, "</select": 1} {
		if n := strings.Count(string(page), part); n != want {
			t.Errorf("%d times %s, not %d", n, part, want)
		}
	}
}

// TestSheets: each picture of the page is there once, is well-formed, and what it says
// of the wall is there.
func TestSheets(t *testing.T) {
	for name, sys := range models(t) {
		b := board.Of(sys)
		there := map[string]bool{}
		for _, n := range b.Notes {
			there[n.ID] = true
		}
		for _, f := range b.Frames {
			there["frame:"+f.Name] = true
		}
		kinds, ids := map[board.SheetKind]int{}, map[string]bool{}
		for _, s := range b.Sheets(sys, nil) {
			if ids[s.ID] {
				t.Errorf("%s: %s is there twice", name, s.ID)
			}
			ids[s.ID] = true
			kinds[s.Kind]++
			svg := s.Picture.SVG()
			wellFormed(t, name+", "+s.ID, svg)
			for _, of := range regexp.MustCompile(`data-of="([^"]*)"`).FindAllSubmatch(svg, -1) {
				if id := html.UnescapeString(string(of[1])); !there[id] {
					t.Errorf("%s: %s tells of %q, which is not on the wall", name, s.ID, id)
				}
			}
		}
		if kinds[board.Services] != len(sys.Contexts) || kinds[board.Overview] != min(1, len(sys.Contexts)-1) {
			t.Errorf("%s: %v", name, kinds)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("contexts=%d", n), func(b *testing.B) {
			sys, _ := model.LoadFS(synthetic.Files(n), model.DocumentName)
			for b.Loop() {
				board.Of(sys).SVG()
			}
		})
	}
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("contexts=%d", n), func(b *testing.B) {
			sys, _ := model.LoadFS(synthetic.Files(n), model.DocumentName)
			for b.Loop() {
				p := board.PageOf(sys)
				p.Wall()
				p.Map()
				p.Hexagons()
			}
		})
	}
}

// TestEmptyCards: no card of a service has a title alone.
func TestEmptyCards(t *testing.T) {
	sys := load(t, `
esgen: v1
system: relay
contexts:
  shop:
    aggregates:
      Order: {commands: {Place: {creates: true, emit: [Placed]}}, events: [Placed]}
  relay:
    policies:
      Tell: {whenever: Placed, then: Mail.Send}
  idle: {}
externals:
  Mail: {operations: {Send: {}}}
`)
	for _, c := range sys.Contexts {
		for _, card := range board.CardsOf(board.Hexagon(sys, c)) {
			if card.Said == 0 && card.Title != string(c.Called()) {
				t.Errorf("%s: nothing stands on %s", c.Name, card.Title)
			}
		}
	}
}
