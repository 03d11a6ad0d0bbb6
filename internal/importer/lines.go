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
// leads to those that are indented below it. A heading that
// says so is a context; the first heading is the title, and a context only if there is
// nothing but it. A name in brackets and backquotes, (`sales.OrderPlaced`), is what a model calls it.
func Markdown(data []byte, said Colours) (*Sketch, error) {
	s := newStory()
	s.squares = maps.Clone(squares)
	var found []string
	for _, r := range string(data) {
		if kind, is := said.of(string(r)); is {
			s.squares[r] = kind
			found = append(found, string(r))
		} else if _, is := squares[r]; is {
			found = append(found, string(r))
		}
	}
	s.sketch.unsaid(said, found)
	area := ""
	deeper := bytes.Contains(data, []byte("\n## "))
	var last *Note
	var list items
	for _, written := range strings.Split(string(data), "\n") {
		line := strings.TrimSpace(written)
		if m := heading.FindStringSubmatch(line); m != nil {
			last, list = nil, nil
			first := s.sketch.Title == ""
			s.sketch.Title = cmp.Or(s.sketch.Title, m[2])
			if title, name := splitName(m[2]); name != "" {
				area = name
				s.sketch.Areas = append(s.sketch.Areas, &Area{ID: area, Text: name, Title: title})
			} else if contextTitle.MatchString(m[2]) && !flowTitle.MatchString(m[2]) && (!first || m[1] != "#" || !deeper) {
				area = bare(m[2])
				s.sketch.Areas = append(s.sketch.Areas, &Area{ID: area, Text: area})
			}
			continue
		}
		item := bullet.FindString(written)
		line = strings.TrimSpace(written[len(item):])
		notes := s.line(line, area)
		if len(notes) == 0 {
			if line != "" && !strings.HasPrefix(line, "→") {
				last = nil
			}
			continue
		}
		if !strings.HasPrefix(line, "→") && !strings.HasPrefix(line, "->") && !strings.HasPrefix(line, "↓") {
			last = list.above(item)
		}
		for _, n := range notes {
			if n.Kind == board.Hotspot && last != nil && last.Kind != board.Hotspot {
				n.Of = cmp.Or(n.Of, last.ID) // it hangs on what stands before it
				continue
			}
			s.follow(last, n)
			last = n
		}
		if item != "" {
			list = append(list, point{indent(item), last})
		}
	}
	s.sketch.Areas = slices.DeleteFunc(s.sketch.Areas, func(a *Area) bool {
		return !slices.ContainsFunc(s.sketch.Notes, func(n *Note) bool { return n.Area == a.ID && n.Kind != board.Hotspot })
	})
	return s.sketch, nil
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
		said, name := splitName(strings.Trim(strings.TrimSpace(text.String()), "|*→>↓:·,- "))
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
