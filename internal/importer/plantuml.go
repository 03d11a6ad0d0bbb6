package importer

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// umlKinds are the macros of the event storming library for PlantUML.
var umlKinds = map[string]board.Kind{
	"DomainEvent": board.Event, "Event": board.Event, "Command": board.Command, "Aggregate": board.Aggregate, "Policy": board.Policy, "Saga": board.Policy,
	"ReadModel": board.View, "View": board.View, "Information": board.View, "ExternalSystem": board.External, "External": board.External, "Service": board.External,
	"User": board.Actor, "Person": board.Actor, "Actor": board.Actor, "Result": "", "Comment": "", "UserInterface": "", "Hotspot": board.Hotspot, "HotSpot": board.Hotspot,
}

const (
	umlEnd   = `(?:"([^"]+)"|\[([^\]]+)\]|\(([^)]+)\)|:([^:]+):|([^\s"<>\[\](){}:]+?))`
	umlStyle = `(?:\[[^\]]*\])?`
)

var (
	umlNote  = regexp.MustCompile(`^(\w+)\(\s*"?([^",)]+)"?\s*(?:,\s*"([^"]*)")?[^)]*\)\s*(?:as\s+(\w+)\s*)?(\[?)\s*(\]?)$`)
	umlShape = regexp.MustCompile(`^(?:rectangle|card|component|node|folder|frame|package|cloud|database|storage|queue|file|artifact|agent|hexagon|usecase|collections|entity|actor|person)\s+(.+)$`)
	umlName  = regexp.MustCompile(`^(?:"([^"]*)"|(\S+))`)
	umlAs    = regexp.MustCompile(`\bas\s+(?:"([^"]*)"|([^\s"<#\[{]+))`) // behind the name, or behind a stereotype
	umlSays  = regexp.MustCompile(`<<\s*([^>]+?)\s*>>`)
	umlFill  = regexp.MustCompile(`#(\w+)`)
	umlArrow = regexp.MustCompile(`^` + umlEnd + `\s*(<?\|?[-.]+` + umlStyle + `\w*` + umlStyle + `[-.]*\|?>>?|<\|?[-.]+` + umlStyle + `\w*` + umlStyle + `[-.]*)\s*` + umlEnd + `\s*(?::.*)?$`)
)

// umlLook is a line that says no more than how the diagram looks.
var umlLook = regexp.MustCompile(`^(?:(?:left to right|top to bottom) direction|hide\b.*|show\b.*|scale\b.*)$`)

// PlantUML reads a diagram that is drawn with macros of an event storming library: a kind, a
// name, and in brackets a title and fields; or with plain shapes, whose stereotype or
// colour says what they are, in packages, which are contexts.
func PlantUML(data []byte) (*Sketch, error) {
	r := &umlReader{sketch: &Sketch{}}
	for _, line := range strings.Split(string(data), "\n") {
		r.line(strings.TrimSpace(line))
	}
	return r.sketch, nil
}

type umlReader struct {
	sketch *Sketch
	open   *Note // whose brackets are open
	fields bool  // they are at its fields
	inside []string
	skip   string // with what ends that nothing is looked for in
}

func (r *umlReader) line(line string) {
	switch {
	case r.skip != "":
		if strings.HasSuffix(line, r.skip) {
			r.skip = ""
		}
	case strings.HasPrefix(line, "/'"):
		if !strings.Contains(line, "'/") {
			r.skip = "'/"
		}
	case r.open != nil:
		r.more(line)
	case line == "" || strings.HasPrefix(line, "@") || strings.HasPrefix(line, "!") || strings.HasPrefix(line, "'"):
	case strings.HasPrefix(line, "skinparam"):
		if strings.HasSuffix(line, "{") {
			r.skip = "}"
		}
	case strings.HasPrefix(line, "<style>"):
		r.skip = "</style>"
	case umlLook.MatchString(line):
	case line == "}" && len(r.inside) > 0:
		r.inside = r.inside[:len(r.inside)-1]
	case r.macro(line), r.shape(line), r.arrow(line):
	default:
		if title, is := strings.CutPrefix(line, "title "); is {
			r.sketch.Title = title
			return
		}
		if strings.HasSuffix(line, "{") { // together {
			r.inside = append(r.inside, r.area())
		}
		r.sketch.Left = append(r.sketch.Left, "line: "+short(line))
	}
}

// more reads what stands in the brackets of a note: what it is called, and below a line
// its fields.
func (r *umlReader) more(line string) {
	switch {
	case line == "]":
		r.open = nil
	case strings.Trim(line, "-=._") == "":
		r.fields = r.fields || line != ""
	case !r.fields:
		r.open.Title = strings.TrimSpace(r.open.Title + " " + line)
	default:
		if name := lower(identifier(line, "field")); name != "" {
			r.open.Fields = unite(r.open.Fields, []Field{{Name: name}})
		}
	}
}

func (r *umlReader) macro(line string) bool {
	m := umlNote.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	kind, known := umlKinds[m[1]]
	if !known {
		return false
	}
	n := &Note{ID: cmp.Or(m[4], strings.TrimSpace(m[2])), Kind: kind, Text: broken(m[2]), Title: broken(m[3]), Area: r.area()}
	r.sketch.Notes = append(r.sketch.Notes, n)
	if m[5] != "" && m[6] == "" {
		r.open, r.fields = n, false
	}
	return true
}

// broken is a text whose lines PlantUML breaks.
func broken(text string) string { return strings.ReplaceAll(text, `\n`, " ") }

// area is that of the innermost package.
func (r *umlReader) area() string {
	if len(r.inside) == 0 {
		return ""
	}
	return r.inside[len(r.inside)-1]
}

// shape reads one that is no macro; one with a brace holds others.
func (r *umlReader) shape(line string) bool {
	m := umlShape.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	rest, holds := strings.CutSuffix(m[1], "{")
	rest, opens := strings.CutSuffix(strings.TrimSpace(rest), "[")
	name := umlName.FindStringSubmatch(rest)
	if name == nil {
		return false
	}
	says := rest[len(name[0]):]
	text := cmp.Or(name[1], name[2])
	id := text
	if as := umlAs.FindStringSubmatch(says); as != nil {
		if id = as[2]; as[1] != "" { // rectangle a as "what it says"
			text, id = as[1], cmp.Or(name[2], name[1])
		}
	}
	if holds {
		if !flowTitle.MatchString(text) {
			r.sketch.Areas = append(r.sketch.Areas, &Area{ID: id, Text: bare(text), Title: text})
		} else {
			r.sketch.Left = append(r.sketch.Left, "area "+short(text)+": it holds a flow, no context")
			id = r.area()
		}
		r.inside = append(r.inside, id)
		return true
	}
	n := &Note{ID: id, Kind: umlKind(line, says), Text: broken(text), Area: r.area()}
	r.sketch.Notes = append(r.sketch.Notes, n)
	if opens {
		r.open, r.fields = n, false
	}
	return true
}

// umlKind is what a shape is: an actor, or what its stereotype or its colour says.
func umlKind(line, says string) board.Kind {
	if strings.HasPrefix(line, "actor") || strings.HasPrefix(line, "person") {
		return board.Actor
	}
	if m := umlSays.FindStringSubmatch(says); m != nil {
		if kind, known := kindCalled(strings.Join(splitWords(m[1]), " ")); known {
			return kind
		}
	}
	if m := umlFill.FindStringSubmatch(says); m != nil {
		return palette{}.kindOf(&shape{fill: "#" + m[1], text: says, box: *stickyAt(0, 0)})
	}
	return ""
}

var hump = regexp.MustCompile(`([a-z])([A-Z])`)

// splitWords are those of "DomainEvent", "domain_event", "read-model".
func splitWords(text string) []string {
	return strings.FieldsFunc(hump.ReplaceAllString(text, "$1 $2"), func(r rune) bool { return strings.ContainsRune(" _-", r) })
}

func (r *umlReader) arrow(line string) bool {
	m := umlArrow.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	arrow := m[6]
	if strings.Contains(arrow, "hidden") {
		return true // it only puts one beside the other
	}
	a := Arrow{cmp.Or(m[1:6]...), cmp.Or(m[7:12]...)}
	if !strings.HasSuffix(arrow, ">") {
		a.From, a.To = a.To, a.From
	}
	r.sketch.Arrows = append(r.sketch.Arrows, a)
	return true
}
