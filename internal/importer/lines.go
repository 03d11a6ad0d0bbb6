package importer

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// story makes notes of what is told one after the other: the same kind and text is
// the same note.
type story struct {
	sketch  *Sketch
	notes   map[string]*Note
	areas   map[string]bool
	squares map[rune]board.Kind
}

func newStory() *story {
	return &story{sketch: &Sketch{}, notes: map[string]*Note{}, areas: map[string]bool{}}
}

func (s *story) note(kind board.Kind, text, area string) *Note {
	key := string(kind) + "\x00" + area + "\x00" + plain(text)
	if n := s.notes[key]; n != nil {
		return n
	}
	n := &Note{ID: fmt.Sprintf("n%d", len(s.sketch.Notes)+1), Kind: kind, Text: text, Area: area}
	s.notes[key] = n
	s.sketch.Notes = append(s.sketch.Notes, n)
	return n
}

// oneMore is another note that says the same.
func (s *story) oneMore(n *Note) *Note {
	more := &Note{ID: fmt.Sprintf("n%d", len(s.sketch.Notes)+1), Kind: n.Kind, Text: n.Text, Area: n.Area}
	s.sketch.Notes = append(s.sketch.Notes, more)
	return more
}

func (s *story) arrow(from, to *Note) {
	if from != nil && to != nil {
		s.sketch.Arrows = append(s.sketch.Arrows, Arrow{from.ID, to.ID})
	}
}

// squares are the emoji by which notes are written in Markdown.
var squares = map[rune]board.Kind{
	'🟧': board.Event, '🟠': board.Event, '🟦': board.Command, '🔵': board.Command, '🟨': board.Aggregate, '🟡': board.Aggregate,
	'🟪': board.Policy, '🔁': board.Saga, '🟣': board.Policy, '🟩': board.View, '🟢': board.View, '🟥': board.Hotspot, '🔴': board.Hotspot, '❗': board.Hotspot, '❓': board.Hotspot,
	'🩷': board.External, '🌸': board.External, '👤': board.Actor, '🧑': board.Actor, '🙂': board.Actor,
}

var heading = regexp.MustCompile(`^(#+)\s+(.*)$`)

// splitName is what people call something, and what a model calls it; "": nobody says.
func splitName(text string) (title, name string) {
	m := nameInBrackets.FindStringSubmatch(text)
	if m == nil {
		return text, ""
	}
	return m[1], m[2]
}

var nameInBrackets = regexp.MustCompile("^(.*?)\\s*\\(`([^`]+)`\\)\\s*$")

// Markdown reads notes written with coloured squares, in lines or in tables: those of
// a line, and of lines that begin with an arrow, lead to one another; an item of a list
// leads to those that are indented below it. The first line of a table may say what is in
// its columns, then no squares are needed. A heading that says so is a context, and one
// that stands beside it may be one; the first heading is the title, and a context only if
// there is nothing but it. A name in brackets and backquotes, (`sales.OrderPlaced`), is
// what a model calls it. Without squares and tables, a diagram of Mermaid's will do.
func Markdown(data []byte, said Colours) (*Sketch, error) {
	r := &markdown{story: newStory(), deeper: bytes.Contains(data, []byte("\n## "))}
	text := comment.ReplaceAllString(string(data), "")
	r.colours(text, said)
	for _, line := range strings.Split(text, "\n") {
		r.read(line)
	}
	s := r.sketch
	if m := fenced.FindStringSubmatch(text); m != nil && len(s.Notes) == 0 {
		drawn, err := EventModeling([]byte(m[1]))
		if err == nil {
			drawn.Title = cmp.Or(drawn.Title, s.Title)
		}
		return drawn, err
	}
	s.Areas = slices.DeleteFunc(s.Areas, func(a *Area) bool {
		return !slices.ContainsFunc(s.Notes, func(n *Note) bool { return n.Area == a.ID && n.Kind != board.Hotspot })
	})
	if len(s.Notes) == 0 {
		s.Left = append(s.Left, "all of it: there are neither notes with coloured squares (🟧 🟦 🟨 🟪 🟩) in it, nor tables whose columns are called event, command …")
	}
	return s, nil
}

var (
	comment = regexp.MustCompile(`(?s)<!--.*?-->`)
	fenced  = regexp.MustCompile("(?ms)^```mermaid\\s*$(.*?^\\s*eventmodeling\\s*$.*?)^```")
)

// arrowSigns are what people write for an arrow.
var arrowSigns = strings.NewReplacer("➡\ufe0f", "→", "➡", "→", "➔", "→", "⟶", "→", "⇒", "→", "=>", "→", "-->", "→", "->", "→")

// markdown is where a reader of lines is.
type markdown struct {
	*story
	deeper bool // there are headings below the first one
	area   string
	level  int // of the heading of the last context; 0: there was none
	last   *Note
	list   items

	row     []string     // the cells of the line before
	columns []cellReader // of a table that says what is in them
}

// colours are those that somebody gave a meaning.
func (r *markdown) colours(text string, said Colours) {
	r.squares = maps.Clone(squares)
	var found []string
	for _, sign := range text {
		if kind, is := said.of(string(sign)); is {
			r.squares[sign] = kind
			found = append(found, string(sign))
		} else if _, is := squares[sign]; is {
			found = append(found, string(sign))
		}
	}
	r.sketch.unsaid(said, found)
}

func (r *markdown) read(written string) {
	line := strings.TrimSpace(written)
	if m := heading.FindStringSubmatch(line); m != nil {
		r.last, r.list = nil, nil
		r.heading(len(m[1]), m[2])
		return
	}
	if r.table(line) {
		return
	}
	item := bullet.FindString(written)
	line = strings.TrimSpace(arrowSigns.Replace(written[len(item):]))
	notes := r.line(line, r.area)
	if len(notes) == 0 {
		if line != "" && !strings.HasPrefix(line, "→") {
			r.last = nil
		}
		return
	}
	if _, follows := cutArrow(line); !follows {
		r.last = r.list.above(item)
	}
	for _, n := range notes {
		if n.Kind == board.Hotspot && r.last != nil && r.last.Kind != board.Hotspot {
			if n.Of != "" && n.Of != r.last.ID {
				n = r.oneMore(n) // people ask the same of several notes
			}
			n.Of = r.last.ID // it hangs on what stands before it
			continue
		}
		r.follow(r.last, n)
		r.last = n
	}
	if item != "" {
		r.list = append(r.list, point{indent(item), r.last})
	}
}

// heading begins a context, or ends one.
func (r *markdown) heading(level int, text string) {
	first := r.sketch.Title == ""
	r.sketch.Title = cmp.Or(r.sketch.Title, text)
	alone := !first || level > 1 || !r.deeper
	flow := flowTitle.MatchString(text)
	switch title, name := splitName(text); {
	case name != "":
		r.area, r.level = name, level
		r.sketch.Areas = append(r.sketch.Areas, &Area{ID: name, Text: name, Title: title})
	case contextTitle.MatchString(text) && !flow && alone:
		r.area, r.level = bare(text), level
		r.sketch.Areas = append(r.sketch.Areas, &Area{ID: r.area, Text: r.area})
	case level == r.level && !flow: // it stands beside a context
		r.area = plain(text)
		r.sketch.Areas = append(r.sketch.Areas, &Area{ID: r.area, Text: r.area, Ask: "Is this a context of its own?"})
	case level <= r.level:
		r.area = ""
	}
}

// bullet is how an item of a list begins.
var bullet = regexp.MustCompile(`^\s*([-*+]|\d+[.)])\s+`)

// items are the way from the top of a list to where a reader is.
type items []point

// point is an item of a list: how far it is indented, and its last note.
type point struct {
	indent int
	note   *Note
}

// above is the note of the item below which a new one stands, which follows from it; nil:
// below none, or it is no item.
func (o *items) above(item string) *Note {
	if item == "" {
		*o = nil
		return nil
	}
	for n := len(*o); n > 0; n-- {
		if top := (*o)[n-1]; top.indent < indent(item) {
			*o = (*o)[:n]
			return top.note
		}
	}
	*o = nil
	return nil
}

// indent is how far a line is indented: a tab is four blanks.
func indent(line string) int {
	n := 0
	for _, r := range line {
		switch r {
		case ' ':
			n++
		case '\t':
			n += 4
		default:
			return n
		}
	}
	return n
}

// line are the notes of a line.
func (s *story) line(line, area string) []*Note {
	var notes []*Note
	var text strings.Builder
	kind, open := board.Kind(""), false
	end := func() {
		said, name := splitName(strings.Trim(strings.TrimSpace(untagged(text.String())), "|*→>↓:·,- "))
		t := strings.Trim(plain(said), " ")
		if open && name != "" {
			in, of := area, name
			if at := strings.LastIndexByte(name, '.'); at >= 0 {
				in, of = name[:at], name[at+1:]
			}
			n := s.note(kind, of, in)
			n.Title = cmp.Or(t, n.Title)
			notes = append(notes, n)
		} else if open && t != "" {
			notes = append(notes, s.note(kind, t, area))
		}
		text.Reset()
		open = false
	}
	for _, r := range line {
		if k, is := s.squares[r]; is {
			end()
			kind, open = k, true
			continue
		}
		if open && (r == '|' || r == '→') {
			end()
			continue
		}
		text.WriteRune(r)
	}
	end()
	return notes
}

// follow draws an arrow between two notes that are told one after the other.
func (s *story) follow(from, to *Note) {
	if from != nil && from.Kind != board.Hotspot && to.Kind != board.Hotspot {
		s.arrow(from, to)
	}
}
