package importer

import (
	"bytes"
	"cmp"
	"errors"
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
// a line, and of lines that begin with an arrow, lead to one another. A heading that
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
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if m := heading.FindStringSubmatch(line); m != nil {
			last = nil
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
		line = strings.TrimPrefix(line, "- ")
		notes := s.line(line, area)
		if len(notes) == 0 {
			if line != "" && !strings.HasPrefix(line, "→") {
				last = nil
			}
			continue
		}
		if !strings.HasPrefix(line, "→") && !strings.HasPrefix(line, "->") && !strings.HasPrefix(line, "↓") {
			last = nil
		}
		for _, n := range notes {
			if n.Kind == board.Hotspot && last != nil && last.Kind != board.Hotspot {
				n.Of = cmp.Or(n.Of, last.ID) // it hangs on what stands before it
				continue
			}
			s.follow(last, n)
			last = n
		}
	}
	s.sketch.Areas = slices.DeleteFunc(s.sketch.Areas, func(a *Area) bool {
		return !slices.ContainsFunc(s.sketch.Notes, func(n *Note) bool { return n.Area == a.ID && n.Kind != board.Hotspot })
	})
	return s.sketch, nil
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

// modelKinds are the words of Mermaid's eventmodeling diagram.
var modelKinds = map[string]board.Kind{
	"cmd": board.Command, "command": board.Command, "evt": board.Event, "event": board.Event, "rmo": board.View, "readmodel": board.View,
	"pcr": board.Policy, "processor": board.Policy, "ui": "", "scn": "",
}

var timeFrame = regexp.MustCompile(`^(tf|rf|timeframe|resetframe)\s+(\w+)\s+(\w+)\s+([^\s{\[]+)\s*(.*)$`)

// EventModeling reads Mermaid's eventmodeling diagram: a frame a line, each leading to
// the next unless it says from where it comes. What stands before a dot is its context.
func EventModeling(data []byte) (*Sketch, error) {
	s := newStory()
	frames := map[string]*Note{}
	var later [][2]string
	var last *Note
	skip, begun := false, false
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case skip:
			skip = line != "}"
			continue
		case line == "eventmodeling":
			begun = true
			continue
		case line == "" || strings.HasPrefix(line, "%%"):
			continue
		case strings.HasPrefix(line, "data "):
			skip = !strings.Contains(line, "}")
			s.sketch.Left = append(s.sketch.Left, "data: "+short(line))
			continue
		}
		m := timeFrame.FindStringSubmatch(line)
		kind, known := board.Kind(""), false
		if m != nil {
			kind, known = modelKinds[m[3]]
		}
		if !known {
			s.sketch.Left = append(s.sketch.Left, "line: "+short(line))
			continue
		}
		area, name := "", m[4]
		if at := strings.LastIndexByte(name, '.'); at >= 0 {
			area, name = s.area(name[:at]), name[at+1:]
		}
		n := s.note(kind, strings.ReplaceAll(name, "_", " "), area)
		if kind == "" {
			n.Text = m[3] + " " + n.Text
		}
		frames[m[2]] = n
		from := sources(m[5])
		if len(from) > 0 {
			for _, f := range from {
				later = append(later, [2]string{f, m[2]})
			}
		} else if !strings.HasPrefix(m[1], "r") {
			s.follow(last, n)
		}
		last = n
	}
	if !begun {
		return nil, errors.New("it is no eventmodeling diagram")
	}
	for _, n := range s.sketch.Notes {
		n.Apart = n.Area == "" && len(s.sketch.Areas) > 0
	}
	for _, l := range later { // a frame may come from one that is drawn after it
		if frames[l[0]] != nil {
			s.follow(frames[l[0]], frames[l[1]])
		}
	}
	return s.sketch, nil
}

// sources are the frames that one comes from: "->> 05 ->> 06".
func sources(text string) []string {
	var out []string
	for _, part := range strings.Split(text, "->>")[1:] {
		if f := strings.Fields(part); len(f) > 0 {
			out = append(out, f[0])
		}
	}
	return out
}

// umlKinds are the macros of the event storming library for PlantUML.
var umlKinds = map[string]board.Kind{
	"DomainEvent": board.Event, "Event": board.Event, "Command": board.Command, "Aggregate": board.Aggregate, "Policy": board.Policy, "Saga": board.Policy,
	"ReadModel": board.View, "View": board.View, "Information": board.View, "ExternalSystem": board.External, "External": board.External, "Service": board.External,
	"User": board.Actor, "Person": board.Actor, "Actor": board.Actor, "Result": "", "Comment": "", "UserInterface": "", "Hotspot": board.Hotspot, "HotSpot": board.Hotspot,
}

var (
	umlNote  = regexp.MustCompile(`^(\w+)\(\s*"?([^",)]+)"?\s*(?:,\s*"([^"]*)")?[^)]*\)\s*(?:as\s+(\w+)\s*)?(\[?)\s*(\]?)$`)
	umlArrow = regexp.MustCompile(`^"?([^"<>\s-]+)"?\s*[-.]+(?:\w+)?[-.]*>\s*"?([^"\s:]+)"?`)
)

// PlantUML reads a diagram that is drawn with macros of an event storming library:
// a kind, a name, and in brackets a title and fields.
func PlantUML(data []byte) (*Sketch, error) {
	s := &Sketch{}
	var open *Note
	fields := false
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if open != nil {
			switch {
			case line == "]":
				open = nil
			case strings.Trim(line, "-=._") == "":
				fields = fields || line != ""
			case !fields:
				open.Title = strings.TrimSpace(open.Title + " " + line)
			default:
				if name := lower(identifier(line, "field")); name != "" {
					open.Fields = unite(open.Fields, []Field{{Name: name}})
				}
			}
			continue
		}
		if line == "" || strings.HasPrefix(line, "@") || strings.HasPrefix(line, "!") || strings.HasPrefix(line, "'") {
			continue
		}
		if m := umlNote.FindStringSubmatch(line); m != nil {
			if kind, known := umlKinds[m[1]]; known {
				n := &Note{ID: cmp.Or(m[4], strings.TrimSpace(m[2])), Kind: kind, Text: m[2], Title: m[3]}
				s.Notes = append(s.Notes, n)
				if m[5] != "" && m[6] == "" {
					open, fields = n, false
				}
				continue
			}
		}
		if m := umlArrow.FindStringSubmatch(line); m != nil {
			s.Arrows = append(s.Arrows, Arrow{m[1], m[2]})
			continue
		}
		if title, is := strings.CutPrefix(line, "title "); is {
			s.Title = title
			continue
		}
		s.Left = append(s.Left, "line: "+short(line))
	}
	return s, nil
}
