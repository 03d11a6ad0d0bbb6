// Package source reads YAML files into a tree in which every key and every
// value knows its place. It is the only package that touches yaml.v3 nodes.
package source

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/rule"
)

// File is one file of a model, kept whole so that a diagnostic can show the
// line it speaks of. Data is not changed once the file is in use, and a File
// is not copied; it is safe for concurrent use.
type File struct {
	Path string // as the user would name it: slash separated, relative to where the model was loaded from
	Data []byte

	// lines is where each line starts. A thousand diagnostics of one file
	// would otherwise read it a thousand times.
	lines atomic.Pointer[[]int]

	comments []Comment // of a file that has been parsed
}

// byteOrderMark may stand at the beginning of a file, where it is no character
// of the first line.
const byteOrderMark = "\uFEFF"

// Line returns line n, counted from 1, without its line ending; "" when the
// file has no such line.
func (f *File) Line(n int) string {
	starts := f.lineStarts()
	if n < 1 || n > len(starts) {
		return ""
	}
	end := len(f.Data)
	if n < len(starts) {
		end = starts[n] - 1
	}
	return strings.TrimSuffix(string(f.Data[starts[n-1]:end]), "\r")
}

// Lines is how many lines the file has.
func (f *File) Lines() int { return len(f.lineStarts()) }

// lineStarts returns the byte offset at which each line starts.
func (f *File) lineStarts() []int {
	if starts := f.lines.Load(); starts != nil {
		return *starts
	}
	starts := make([]int, 1, bytes.Count(f.Data, []byte{'\n'})+1)
	if bytes.HasPrefix(f.Data, []byte(byteOrderMark)) {
		starts[0] = len(byteOrderMark)
	}
	for i, b := range f.Data {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	f.lines.Store(&starts) // two goroutines may both count; they count the same
	return starts
}

// Offset is the byte of Data at which a place is; of one behind the end of its line,
// the end of the line.
func (f *File) Offset(p Pos) int {
	starts := f.lineStarts()
	if p.Line < 1 || p.Line > len(starts) {
		return len(f.Data)
	}
	at := starts[p.Line-1]
	for line, column := f.Line(p.Line), 1; column < p.Column && line != ""; column++ {
		_, size := utf8.DecodeRuneInString(line)
		at, line = at+size, line[size:]
	}
	return at
}

// Pos is a place in a file. Line and Column count from 1; a column is a
// character (a Unicode code point), as editors count. The zero Pos is nowhere.
type Pos struct {
	File   *File
	Line   int
	Column int
}

// IsValid reports whether the position is a place at all.
func (p Pos) IsValid() bool { return p.Line > 0 }

// Path is the file's path, "" when the position is nowhere.
func (p Pos) Path() string {
	if p.File == nil {
		return ""
	}
	return p.File.Path
}

func (p Pos) String() string {
	if !p.IsValid() {
		return p.Path()
	}
	return fmt.Sprintf("%s:%d:%d", p.Path(), p.Line, p.Column)
}

// Compare orders positions by path, line and column.
func (p Pos) Compare(o Pos) int {
	switch {
	case p.Path() < o.Path():
		return -1
	case p.Path() > o.Path():
		return 1
	case p.Line != o.Line:
		return p.Line - o.Line
	}
	return p.Column - o.Column
}

// Kind tells the three shapes of a YAML node apart.
type Kind uint8

// The kinds of Node.
const (
	Scalar Kind = iota + 1
	Mapping
	Sequence
)

// String names the kind as a person at the wall would.
func (k Kind) String() string {
	switch k {
	case Scalar:
		return "a value"
	case Mapping:
		return "a map"
	case Sequence:
		return "a list"
	}
	return "nothing"
}

// Style is how a scalar was written, or that a collection was written in flow
// style ({...}, [...]).
type Style uint8

// The styles of Node.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal // |
	Folded  // >
	Flow
)

// Node is a YAML value with its place. Scalars are text: no YAML type guess
// (true, null, numbers, dates) has been applied.
type Node struct {
	Kind  Kind
	Style Style
	Pos   Pos
	Value string  // of a Scalar: the text after unescaping and folding
	Pairs []Pair  // of a Mapping, in the order of the file
	Items []*Node // of a Sequence

	// more is what few scalars have: places that do not follow from Pos
	// alone, and a comment close behind. It is nil for all others.
	more *detail
}

// Scalars visits the scalars of a node, names in mappings included, in the order of
// the file.
func Scalars(n *Node, visit func(*Node)) {
	switch n.Kind {
	case Scalar:
		visit(n)
	case Mapping:
		for _, p := range n.Pairs {
			Scalars(p.Key, visit)
			Scalars(p.Value, visit)
		}
	case Sequence:
		for _, item := range n.Items {
			Scalars(item, visit)
		}
	}
}

// detail is what a scalar knows beyond its text and where it starts.
type detail struct {
	runs     []run
	trailing string
}

// Pair is one entry of a mapping.
type Pair struct {
	Key   *Node // always a scalar
	Value *Node // never nil; an absent value is an empty plain scalar
}

// IsEmpty reports whether nothing was written: an absent value, or a plain
// empty one. A quoted empty string is something.
func (n *Node) IsEmpty() bool {
	return n == nil || n.Kind == Scalar && n.Style == Plain && n.Value == ""
}

// Get returns the value of a key, nil when the node is no mapping or has no
// such key.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].Key.Value == key {
			return n.Pairs[i].Value
		}
	}
	return nil
}

// PosAt returns the place in the file of byte offset of a scalar's Value, in
// quoted, literal and folded scalars too. An offset past the end is the place
// after the last character.
func (n *Node) PosAt(offset int) Pos {
	offset = min(max(offset, 0), len(n.Value))
	for offset > 0 && offset < len(n.Value) && !utf8.RuneStart(n.Value[offset]) {
		offset-- // a character has one place, whichever of its bytes is asked for
	}
	if n.more != nil && n.more.runs != nil {
		return n.more.place(n, offset)
	}
	p := n.Pos
	if n.Style == SingleQuoted || n.Style == DoubleQuoted {
		p.Column++
	}
	p.Column += utf8.RuneCountInString(n.Value[:offset])
	return p
}

// Trailing returns the comment, from its # on, that stands exactly one blank
// behind a plain scalar, and "" otherwise. In "if: a #b" the writer may well
// have meant #b to be part of the value, which only who knows what the value
// is for can tell.
func (n *Node) Trailing() string {
	if n == nil || n.more == nil {
		return ""
	}
	return n.more.trailing
}

// Error is a fault of a file's text: not YAML, or YAML that the model language
// does not allow.
type Error struct {
	Rule       rule.ID
	Pos        Pos
	Message    string
	Related    Pos    // the other place involved, where there is one
	RelatedMsg string // what is there
	Suggestion string // the likely fix, e.g. the quoted form to write
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Message }
