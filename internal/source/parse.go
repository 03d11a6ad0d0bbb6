package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/rule"
)

// Limits bound what a file may ask of the machine. A zero field means its
// default.
type Limits struct {
	Bytes int // size of the file
	Depth int // how deep maps and lists may nest
	Nodes int // how many keys, values, maps and lists there may be
}

// DefaultLimits are far above any wall: 4 MiB of text is some hundred thousand
// lines, and the deepest place of the language is about fifteen levels down.
func DefaultLimits() Limits {
	return Limits{Bytes: 4 << 20, Depth: 64, Nodes: 500_000}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	if l.Bytes <= 0 {
		l.Bytes = d.Bytes
	}
	if l.Depth <= 0 {
		l.Depth = d.Depth
	}
	if l.Nodes <= 0 {
		l.Nodes = d.Nodes
	}
	return l
}

const (
	maxErrors = 100      // of one file; nobody reads more
	maxReread = 64 << 20 // bytes a broken file may make YAML read, again and again, to find all faults at once
)

// Parse reads a file that holds one YAML document. It reports every fault of
// the text it can get at, sorted by place. The tree is nil when the text
// cannot be read as YAML at all; otherwise it reads as if the faults had been
// mended the way their suggestions say, so that whoever goes on with it finds
// faults of the model and no echoes.
func Parse(f *File, lim Limits) (*Node, []*Error) {
	p := &parser{file: f, text: f.Data, lim: lim.orDefault()}
	root := p.parse()
	f.comments = comments(f, root)
	slices.SortStableFunc(p.errs, func(a, b *Error) int { return a.Pos.Compare(b.Pos) })
	return root, p.errs
}

type parser struct {
	file  *File
	lim   Limits
	text  []byte // what YAML is given: the file, less what has been reported and masked
	lines []int
	errs  []*Error

	masked     bool // text is no longer the file's own
	lookalikes bool // the file has characters that look like others, somewhere
}

// report adds a fault. What is beyond the last anybody reads is dropped at
// once: a hostile file has a fault in every second byte.
func (p *parser) report(e *Error) {
	if len(p.errs) < maxErrors {
		p.errs = append(p.errs, e)
	}
}

// at is the place of a byte offset.
func (p *parser) at(off int) Pos {
	line, _ := slices.BinarySearch(p.lines, off+1)
	line = max(line, 1)
	start := p.lines[line-1]
	return Pos{p.file, line, 1 + utf8.RuneCount(p.file.Data[start:max(start, off)])}
}

func (p *parser) parse() *Node {
	if len(p.file.Data) > p.lim.Bytes {
		p.report(&Error{Rule: rule.YAMLLimit, Pos: Pos{p.file, 1, 1},
			Message:    fmt.Sprintf("the file has more than the %d bytes that a file may have", p.lim.Bytes),
			Suggestion: "split it into several files joined by include"})
		return nil
	}
	p.lines = p.file.lineStarts()
	if !p.readable() {
		return nil
	}
	doc := p.document()
	if doc == nil || !p.withinLimits(doc) {
		return nil
	}
	return p.tree(doc)
}

// document has YAML read the text. Where YAML stumbles over a value that a
// person can see the meaning of, the fault is reported, the value masked, and
// the text read again: one missing quote must not hide what else is wrong.
func (p *parser) document() *yaml.Node {
	for read := 0; ; {
		read += len(p.text)
		doc, stumble := p.read()
		if stumble == nil {
			return doc
		}
		m, ok := p.misread(stumble)
		if !ok {
			p.report(p.explain(stumble))
			return nil
		}
		p.report(p.misreadError(m))
		if read > maxReread || len(p.errs) >= maxErrors {
			return nil
		}
		p.mask(m)
	}
}

// mask makes a value plain to YAML without moving anything: its length, its
// characters beyond ASCII and all places stay.
func (p *parser) mask(m misread) {
	if !p.masked {
		p.text, p.masked = bytes.Clone(p.text), true
	}
	for i := m.start; i < m.end; i++ {
		if p.text[i] < utf8.RuneSelf {
			p.text[i] = '_'
		}
	}
}

// A stumble is where and why YAML gave up.
type stumble struct {
	problem string
	context string // what was being read
	at      Pos    // where YAML stood
	from    Pos    // where what was being read began; may be nowhere
}

// read reads the one document of the text.
func (p *parser) read() (doc *yaml.Node, failed *stumble) {
	dec := yaml.NewDecoder(bytes.NewReader(p.text))
	defer func() {
		// yaml.v3 panics where it believes itself to be wrong; whatever the
		// reason, it is the file that cannot be read.
		if recover() != nil {
			doc, failed = nil, p.stumbled(dec, errors.New("unreadable"))
		}
	}()
	doc = new(yaml.Node)
	switch err := dec.Decode(doc); {
	case errors.Is(err, io.EOF):
		return nil, &stumble{problem: problemEmpty, at: Pos{p.file, 1, 1}}
	case err != nil:
		return nil, p.stumbled(dec, err)
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case err == nil:
		p.report(&Error{Rule: rule.YAMLDocuments, Pos: p.pos(second.Line, second.Column),
			Message:    "a second YAML document starts here; a file holds one",
			Suggestion: "move it to a file of its own, joined by include"})
	case !errors.Is(err, io.EOF):
		return nil, p.stumbled(dec, err)
	}
	return doc, nil
}

// stumbled finds out where YAML gave up. The error says a line at most, and
// often another one; the decoder knows the exact place but keeps it to itself,
// so it is read by reflection. Should a field be gone in another version of
// yaml.v3, the line of the error remains (and a test fails).
func (p *parser) stumbled(dec *yaml.Decoder, err error) *stumble {
	line, problem := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if n, _ := fmt.Sscanf(problem, "line %d:", &line); n == 1 {
		_, problem, _ = strings.Cut(problem, ": ")
	}
	s := &stumble{problem: problem, at: p.pos(line, 1)}

	reader := field(reflect.ValueOf(dec), "parser")
	scanner := field(reader, "parser")
	if context := field(scanner, "context"); context.IsValid() {
		s.context = context.String()
	}
	if strings.HasPrefix(problem, problemUnknownAnchor) {
		s.at = p.mark(field(field(reader, "event"), "start_mark"), s.at)
		return s
	}
	s.at = p.mark(field(scanner, "problem_mark"), s.at)
	if s.context != "" {
		s.from = p.mark(field(scanner, "context_mark"), Pos{})
	}
	return s
}

// field is a field of a struct, or of what is pointed to; invalid if there is
// no such field.
func field(v reflect.Value, name string) reflect.Value {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return v.FieldByName(name)
}

// mark is the place of a mark of yaml.v3, which counts from 0.
func (p *parser) mark(m reflect.Value, otherwise Pos) Pos {
	line, column := field(m, "line"), field(m, "column")
	if !line.IsValid() || !line.CanInt() || !column.IsValid() || !column.CanInt() {
		return otherwise
	}
	return p.pos(int(line.Int())+1, int(column.Int())+1)
}

// pos is the place nearest to a line and column that the file has.
func (p *parser) pos(line, column int) Pos {
	var c cursor
	c.seek(p.text, p.lines, line, column)
	return Pos{p.file, c.line, c.col}
}

// offset is the byte offset of a place.
func (p *parser) offset(pos Pos) int {
	var c cursor
	c.seek(p.text, p.lines, pos.Line, pos.Column)
	return c.off
}

func (p *parser) withinLimits(doc *yaml.Node) bool {
	nodes := 0
	var walk func(n *yaml.Node, depth int) *Error
	walk = func(n *yaml.Node, depth int) *Error {
		if nodes++; nodes > p.lim.Nodes {
			return &Error{Rule: rule.YAMLLimit, Pos: p.pos(n.Line, n.Column),
				Message:    fmt.Sprintf("the file has more than %d keys and values", p.lim.Nodes),
				Suggestion: "split it into several files joined by include"}
		}
		if depth > p.lim.Depth {
			return &Error{Rule: rule.YAMLLimit, Pos: p.pos(n.Line, n.Column),
				Message: fmt.Sprintf("maps and lists nest deeper than %d levels here", p.lim.Depth)}
		}
		for _, c := range n.Content {
			if e := walk(c, depth+1); e != nil {
				return e
			}
		}
		return nil
	}
	if e := walk(doc, 0); e != nil {
		p.report(e)
		return false
	}
	return true
}
