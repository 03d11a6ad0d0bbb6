package importer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// modelKinds are the words of Mermaid's eventmodeling diagram.
var modelKinds = map[string]board.Kind{
	"cmd": board.Command, "command": board.Command, "evt": board.Event, "event": board.Event, "rmo": board.View, "readmodel": board.View,
	"pcr": board.Policy, "processor": board.Policy, "ui": "", "scn": "",
}

var (
	timeFrame = regexp.MustCompile(`^(tf|rf|timeframe|resetframe)\s+(\w+)\s+(\w+)\s+([^\s{\[` + "`" + `]+)\s*(.*)$`)
	dataBlock = regexp.MustCompile(`^data\s+(\w+)\s*(.*)$`)
	dataNamed = regexp.MustCompile(`\[\[\s*(\w+)\s*\]\]`)
	titleLine = regexp.MustCompile(`^title:?\s+(.+)$`)
)

// EventModeling reads Mermaid's eventmodeling diagram: a frame a line. One that does not say
// from where it comes follows from the nearest one before it that is in another lane, as
// Mermaid draws it. What stands before a dot is its context; data are fields.
func EventModeling(data []byte) (*Sketch, error) {
	r := &modeling{story: newStory(), frames: map[string]*frame{}, blocks: map[string]string{}}
	text, begun := string(data), false
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSpace(line)
		switch m := dataBlock.FindStringSubmatch(line); {
		case line == "eventmodeling":
			begun = true
		case line == "", line == "---", strings.HasPrefix(line, "%%"), strings.HasPrefix(line, "accDescr"), strings.HasPrefix(line, "accTitle"):
		case m != nil:
			r.blocks[m[1]], text = untilClosed(m[2], text)
		case titleLine.MatchString(line):
			r.sketch.Title = strings.Trim(titleLine.FindStringSubmatch(line)[1], `"'`)
		default:
			text = r.line(line, text)
		}
	}
	if !begun {
		return nil, errors.New("it is no eventmodeling diagram")
	}
	r.link()
	return r.sketch, nil
}

// modeling is what is known of a diagram.
type modeling struct {
	*story
	frames map[string]*frame
	order  []*frame
	blocks map[string]string // of data, by name
}

// frame is a note at a time.
type frame struct {
	note       *Note
	id, lane   string
	begins     bool // nothing leads to it but what it names
	from, data []string
	inline     string
}

// line reads a frame; what it does not close of its data is in the lines that follow.
func (r *modeling) line(line, more string) string {
	m := timeFrame.FindStringSubmatch(line)
	kind, known := board.Kind(""), false
	if m != nil {
		kind, known = modelKinds[m[3]]
	}
	if !known {
		r.sketch.Left = append(r.sketch.Left, "line: "+short(line))
		return more
	}
	area, name := "", m[4]
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		area, name = r.area(name[:at]), name[at+1:]
	}
	n := r.note(kind, strings.ReplaceAll(name, "_", " "), area)
	if kind == "" {
		n.Text = m[3] + " " + strings.ReplaceAll(name, "_", " ")
	}
	f := &frame{note: n, id: m[2], begins: strings.HasPrefix(m[1], "r"), lane: laneOf(kind) + " " + area}
	rest := m[5]
	if at := strings.IndexByte(rest, '{'); at >= 0 {
		f.inline, more = untilClosed(rest[at:], more)
		rest = rest[:at] + rest[min(len(rest), at+len(f.inline)):]
	}
	for _, name := range dataNamed.FindAllStringSubmatch(rest, -1) {
		f.data = append(f.data, name[1])
	}
	f.from = sources(rest)
	r.frames[f.id] = f
	r.order = append(r.order, f)
	return more
}

// laneOf is the lane in which Mermaid draws a kind.
func laneOf(kind board.Kind) string {
	switch kind {
	case board.Command, board.View:
		return "state"
	case board.Event:
		return "stream"
	}
	return "trigger"
}

// link draws arrows between frames, and gives their notes fields: a frame may name one,
// and data, that come after it.
func (r *modeling) link() {
	told := map[string]bool{}
	for i, f := range r.order {
		f.note.Apart = f.note.Area == "" && len(r.sketch.Areas) > 0
		for _, id := range f.from {
			if from := r.frames[id]; from != nil {
				r.follow(from.note, f.note)
			} else {
				r.sketch.Left = append(r.sketch.Left, fmt.Sprintf("arrow to %s: there is no frame %s", short(f.note.Text), short(id)))
			}
		}
		if before := r.order[:i]; len(f.from) == 0 && !f.begins {
			for len(before) > 0 && before[len(before)-1].lane == f.lane {
				before = before[:len(before)-1]
			}
			if len(before) > 0 {
				r.follow(before[len(before)-1].note, f.note)
			}
		}
		f.note.Fields = unite(f.note.Fields, dataFields(f.inline))
		for _, name := range f.data {
			told[name] = true
			f.note.Fields = unite(f.note.Fields, dataFields(r.blocks[name]))
		}
	}
	for name := range r.blocks {
		if !told[name] {
			r.sketch.Left = append(r.sketch.Left, "data "+name+": no frame has it")
		}
	}
	slices.Sort(r.sketch.Left)
}

// untilClosed is a text from its brace to the one that closes it, which may stand in the
// lines that follow, and what remains of them.
func untilClosed(text, more string) (block, rest string) {
	depth, quote := 0, rune(0)
	whole := text + "\n" + more
	for i, r := range whole {
		switch {
		case quote != 0:
			if r == quote || r == '\n' {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '{':
			depth++
		case r == '}':
			if depth--; depth > 0 {
				continue
			}
			end := i + 1
			if end <= len(text) {
				return whole[:end], more
			}
			return whole[:end], whole[end:]
		}
	}
	return text, more // nobody closes it: it is of this line
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

// dataFields are those of "{ name: string, price: 20.4 }": with a type or with an example.
// What they hold of their own is not looked into.
func dataFields(text string) []Field {
	at, end := strings.IndexByte(text, '{'), strings.LastIndexByte(text, '}')
	if at < 0 || end < at {
		return nil
	}
	var out []Field
	for _, part := range topLevel(text[at+1 : end]) {
		name, value, _ := strings.Cut(part, ":")
		name = strings.Trim(strings.TrimSpace(name), `"'`)
		if name == "" || strings.ContainsAny(name, "{}[]") {
			continue
		}
		class, form := classOf(strings.TrimSpace(value))
		out = unite(out, fieldOf(name, class, form, false))
	}
	return out
}

// topLevel cuts a text at commas and line breaks that are in no brackets and quotes.
func topLevel(text string) []string {
	var out []string
	depth, quote, begin := 0, rune(0), 0
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case strings.ContainsRune("{[(", r):
			depth++
		case strings.ContainsRune("}])", r):
			depth--
		case depth == 0 && (r == ',' || r == '\n'):
			out = append(out, text[begin:i])
			begin = i + 1
		}
	}
	return append(out, text[begin:])
}

var (
	whole     = regexp.MustCompile(`^-?\d+$`)
	fraction  = regexp.MustCompile(`^-?\d+\.\d+$`)
	nameAlone = regexp.MustCompile(`^\w+$`)
)

// classOf is what a value is of: the type that it names, or that of which it is an example;
// "": nobody can tell.
func classOf(value string) (class, form string) {
	switch {
	case value == "true" || value == "false":
		return "bool", ""
	case whole.MatchString(value):
		return "int", ""
	case fraction.MatchString(value):
		return "decimal", ""
	case strings.HasPrefix(value, `"`) || strings.HasPrefix(value, "'"):
		return "string", ""
	case strings.HasSuffix(value, "[]"):
		return strings.TrimSuffix(value, "[]"), "list"
	case strings.HasPrefix(value, "[") && strings.HasSuffix(value, "]"):
		class, form = classOf(strings.TrimSpace(topLevel(value[1 : len(value)-1])[0]))
		if form != "" || class == "" {
			return "", ""
		}
		return class, "list"
	case nameAlone.MatchString(value):
		return value, ""
	}
	return "", ""
}
