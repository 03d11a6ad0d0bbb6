package importer

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// shape is something drawn: what drawing tools know of a note.
type shape struct {
	id, text, fill string
	box            board.Box
	parent         string // the shape in which it is, by id
	area           bool   // it is there to hold others
	person         bool   // it is drawn as one

	// Of a board that esgen has drawn: what the note is called, and what it is.
	name, title string
	kind        board.Kind

	meant *board.Kind // what its colour says; nil: nobody has looked
}

// large is how many notes an unnamed shape must hold to be an area.
const large = 2

// flowTitle is the title of an area that holds a flow, and no context.
var flowTitle = regexp.MustCompile(`(?i)\b(flow|use ?case|scenario|step|phase|journey|happy path)\b|\b(ablauf|schritt|flux|parcours|flujo|paso|fluxo|passo|fase)\b|étape|흐름|플로우|유스케이스|시나리오|단계|フロー|ステップ|シナリオ|流程|步骤|场景`)

// contextTitle is a text that names the area in which it lies.
var contextTitle = regexp.MustCompile(`(?i)(?-i:\bBC\b)|\b(bounded context|context|sub-?domain|service)\b|\b(kontext|contexte|contexto|contesto)( (borné|limité|acotado|delimitado))?\b|컨텍스트|도메인|서비스|(境界づけられた)?コンテキスト|(限界|界限)?上下文`)

// sketch makes notes of shapes, by their colours.
func sketch(shapes []*shape, arrows []Arrow, said Colours) (*Sketch, error) {
	if err := notTooMany(len(shapes), len(arrows)); err != nil {
		return nil, err
	}
	s := &Sketch{Arrows: arrows}
	shapes = swatches(labelled(shapes))
	meanings, legendary := legend(shapes)
	colours := palette{said, meanings, twoYellows(shapes)}
	found := make([]string, len(shapes))
	for i, x := range shapes {
		found[i] = x.fill
	}
	s.unsaid(said, found)
	skip := map[*shape]bool{}
	for _, x := range legendary {
		skip[x] = true
		s.Left = append(s.Left, fmt.Sprintf("legend: %s", short(x.text)))
	}
	titled := areasOf(shapes, legendary, colours, skip, s)
	for _, a := range arrows {
		if titled[a.From] != "" && titled[a.To] != "" {
			s.Relations = append(s.Relations, Relation{Upstream: a.From, Downstream: a.To})
		}
	}
	for _, x := range shapes {
		if skip[x] {
			continue
		}
		n := &Note{ID: x.id, Kind: colours.kindOf(x), Text: x.text, Box: &x.box, Area: titled[x.parent]}
		if x.name != "" {
			n.Kind, n.Text, n.Title = x.kind, x.name, x.title
		}
		s.Notes = append(s.Notes, n)
	}
	return s, nil
}

// mostNotes and mostArrows bound what is a board that people have made.
const (
	mostNotes  = 10_000
	mostArrows = 50_000
)

func notTooMany(notes, arrows int) error {
	if notes > mostNotes || arrows > mostArrows {
		return fmt.Errorf("it has %d notes and %d arrows: no board has more than %d and %d", notes, arrows, mostNotes, mostArrows)
	}
	return nil
}

// unsaid reports what was said about colours that the board does not have.
func (s *Sketch) unsaid(said Colours, found []string) {
	if unused := said.unused(found); len(unused) > 0 {
		slices.Sort(found)
		s.Left = append(s.Left, fmt.Sprintf("what colour %s means: the board has %s", strings.Join(unused, ", "), strings.Join(slices.Compact(found), " ")))
	}
}

// labelled gives notes that say nothing the text that lies on them, where it is not part
// of them but was laid there. The smallest note below a text has it.
func labelled(shapes []*shape) []*shape {
	var blank []*shape
	for _, x := range shapes {
		if plain(x.text) == "" && x.fill != "" && !x.area {
			blank = append(blank, x)
		}
	}
	slices.SortStableFunc(blank, func(a, b *shape) int { return cmp.Compare(a.box.W*a.box.H, b.box.W*b.box.H) })
	return slices.DeleteFunc(slices.Clone(shapes), func(text *shape) bool {
		if plain(text.text) == "" || text.fill != "" || text.area || text.name != "" {
			return false
		}
		for _, note := range blank {
			if plain(note.text) == "" && inside(text.box, note.box) {
				note.text = text.text
				return true
			}
		}
		return false
	})
}

// swatches gives the samples of colours of a legend the names of kinds that stand beside
// them, where there are at least three of them.
func swatches(shapes []*shape) []*shape {
	named := map[*shape]*shape{} // by the text
	for _, text := range shapes {
		if _, is := kindCalled(text.text); !is || text.fill != "" {
			continue
		}
		var samples closest[*shape]
		for _, x := range shapes {
			if plain(x.text) == "" && x.fill != "" && !x.area && level(&text.box, &x.box) && gap(&text.box, &x.box) <= float64(2*max(x.box.W, 40)) {
				samples.offer(x, gap(&text.box, &x.box))
			}
		}
		if samples.best != nil {
			named[text] = samples.best
		}
	}
	if len(named) < 3 {
		return shapes
	}
	return slices.DeleteFunc(slices.Clone(shapes), func(text *shape) bool {
		x := named[text]
		if x == nil || plain(x.text) != "" {
			return false
		}
		x.text = text.text
		return true
	})
}

// explains tells whether a legend lies in an area, and nothing else.
func explains(x *shape, legendary []*shape) bool {
	return len(legendary) > 0 && !slices.ContainsFunc(legendary, func(o *shape) bool { return !inside(o.box, x.box) })
}

// areasOf takes the shapes that hold others out, and returns those that are contexts
// by their ids.
func areasOf(shapes, legendary []*shape, colours palette, skip map[*shape]bool, s *Sketch) map[string]string {
	titled := map[string]string{}
	for _, x := range shapes {
		if skip[x] || !x.area && !background(x, shapes, colours) {
			continue
		}
		skip[x] = true
		title, ask := x.text, ""
		if plain(title) == "" {
			t := titleIn(x, shapes, colours)
			switch {
			case t != nil:
				skip[t] = true
				title = t.text
			case x.area && held(x, shapes, colours) >= large:
				title, ask = fmt.Sprintf("area %d", len(s.Areas)+1), "What is this context called?"
			default:
				s.Left = append(s.Left, "an area without a title")
				continue
			}
		}
		if flowTitle.MatchString(title) {
			s.Left = append(s.Left, fmt.Sprintf("area %q: it holds a flow, no context", short(title)))
			continue
		}
		if explains(x, legendary) && held(x, shapes, colours) <= len(legendary) {
			s.Left = append(s.Left, fmt.Sprintf("area %q: it is the legend", short(title)))
			continue
		}
		if domain(x, shapes, colours) {
			s.Left = append(s.Left, fmt.Sprintf("area %q: it holds areas, and no notes of its own", short(title)))
			continue
		}
		titled[x.id] = x.id
		a := &Area{ID: x.id, Text: bare(title), Title: title, Ask: ask, Box: &x.box}
		if x.name != "" {
			a.Text = x.name
		}
		s.Areas = append(s.Areas, a)
	}
	return titled
}

// behindTitle is what stands in brackets behind a title: an abbreviation, or nothing any more.
var behindTitle = regexp.MustCompile(`\([A-Z]*\s*\)|（[A-Z]*\s*）|\[\s*\]|【\s*】`)

// bare is the title of a context without saying that it is one.
func bare(title string) string {
	out := plain(contextTitle.ReplaceAllString(title, " "))
	out = strings.Trim(plain(behindTitle.ReplaceAllString(out, " ")), " :：-–")
	if out == "" {
		return title
	}
	return out
}

// background tells whether a shape that is not there for it holds others: one without a
// note's colour, or one of any colour that is many times as large as they are. An aggregate
// may be drawn as large as all that belongs to it.
func background(x *shape, shapes []*shape, colours palette) bool {
	if held(x, shapes, colours) < large {
		return false
	}
	kind := colours.kindOf(x)
	if kind == "" {
		return true
	}
	largest, aggregates := 0, 0
	for _, o := range shapes {
		if o == x || o.area || colours.kindOf(o) == "" || !inside(o.box, x.box) {
			continue
		}
		largest = max(largest, o.box.W*o.box.H)
		if colours.kindOf(o) == board.Aggregate {
			aggregates++
		}
	}
	return x.box.W*x.box.H >= many*largest && (kind != board.Aggregate || aggregates > 0)
}

// many is how many times as large as a note a shape must be to be no note.
const many = 6

// held counts the notes that lie in a shape.
func held(x *shape, shapes []*shape, colours palette) (n int) {
	for _, o := range shapes {
		if o != x && inside(o.box, x.box) && colours.kindOf(o) != "" {
			n++
		}
	}
	return n
}

// domain tells whether all notes that lie in an area are in areas of their own there.
func domain(x *shape, shapes []*shape, colours palette) bool {
	var parts []*shape
	for _, o := range shapes {
		if o != x && o.area && o.fill == "" && inside(o.box, x.box) && o.box.W*o.box.H < x.box.W*x.box.H {
			parts = append(parts, o)
		}
	}
	if len(parts) == 0 {
		return false
	}
	for _, o := range shapes {
		of := func(part *shape) bool { return o == part || inside(o.box, part.box) }
		if o != x && !o.area && colours.kindOf(o) != "" && inside(o.box, x.box) && !slices.ContainsFunc(parts, of) {
			return false
		}
	}
	return true
}

func inside(a, b board.Box) bool {
	x, y := a.X+a.W/2, a.Y+a.H/2
	return b.X <= x && x <= b.Right() && b.Y <= y && y <= b.Bottom()
}

// titleIn is the text that lies in a shape and names it: it says so, or is the only one at
// its top.
func titleIn(x *shape, shapes []*shape, colours palette) *shape {
	var top []*shape
	for _, o := range shapes {
		if o == x || plain(o.text) == "" || colours.kindOf(o) != "" || o.fill != "" || o.area || !inside(o.box, x.box) {
			continue
		}
		if contextTitle.MatchString(o.text) {
			return o
		}
		if o.box.Y+o.box.H/2 < x.box.Y+x.box.H/5 {
			top = append(top, o)
		}
	}
	if len(top) == 1 {
		return top[0]
	}
	return nil
}
