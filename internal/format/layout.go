package format

import (
	"math"
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// layout is a value with the comments and blank lines around its entries.
type layout struct {
	node    *source.Node
	entries []*entry // of a map or list
	foot    []string // lines behind the last entry
}

// entry is a key and its value, or an item of a list.
type entry struct {
	head  []string     // comments on lines of their own before it; "" is a blank line
	key   *source.Node // nil in a list
	value *layout      // nil: nothing was written
	line  *remark      // the comment behind it
	broke bool         // in a flow collection: it begins on a new line
}

// remark is a comment behind something on its line.
type remark struct {
	text string
	gap  int // blanks before it
}

func (l *layout) flow() bool { return l.node.Kind != source.Scalar && l.node.Style == source.Flow }

// block reports whether entries stand on lines of their own.
func (l *layout) block() bool { return l.node.Kind != source.Scalar && !l.flow() }

func (e *entry) takeHead() []string {
	head := e.head
	e.head = nil
	return head
}

// header takes the comments at the top, which are about the file; but for those
// that silence a rule for what they stand above.
func (l *layout) header() []string {
	first := l.entries[0]
	all := first.takeHead()
	for i, line := range all {
		if strings.HasPrefix(line, "# esgen:ignore") {
			first.head = all[i:]
			return all[:i:i]
		}
	}
	return all
}

// settle puts blank lines and comments where they stay when the text is read
// again: no blank line before the first entry of a collection, and what stands
// before the first entry of an item before the item.
func (l *layout) settle() {
	for i, e := range l.entries {
		if e.value != nil {
			e.value.settle()
			if e.key == nil && e.value.block() && l.block() {
				e.head = append(e.head, e.value.entries[0].takeHead()...)
			}
		}
		if i == 0 {
			for len(e.head) > 0 && e.head[0] == "" {
				e.head = e.head[1:]
			}
		}
	}
}

// attach finds out which comment belongs to what: one on a line of its own to
// the entry below, or, indented deeper than that, to the block that ends above;
// one behind something to what it stands behind.
func attach(f *source.File, root *source.Node) *layout {
	a := &attacher{file: f, comments: f.Comments()}
	if root.Style != source.Flow {
		l := a.block(root, end, 0)
		l.foot = append(l.foot, a.heads(end)...)
		return l
	}
	head := a.heads(root.Pos)
	l := a.flow(root)
	l.entries[0].head = append(head, l.entries[0].head...)
	l.foot = append(l.foot, a.heads(end)...)
	asBlock := *root // a whole file between braces is easier to read without them
	asBlock.Style = source.Plain
	l.node = &asBlock
	return l
}

// end is behind every file.
var end = source.Pos{Line: math.MaxInt32}

type attacher struct {
	file     *source.File
	comments []source.Comment // those not given to anything yet
	last     int              // the line of what came last
	at       source.Pos       // behind it, in a flow collection

	runes   []rune // of line number runesOf: a flow collection asks for one line again and again
	runesOf int
}

// line is a line of the file, character by character.
func (a *attacher) line(n int) []rune {
	if a.runesOf != n {
		a.runes, a.runesOf = []rune(a.file.Line(n)), n
	}
	return a.runes
}

func before(a, b source.Pos) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}

// heads takes the comments before a place, and the blank lines between them.
func (a *attacher) heads(to source.Pos) []string {
	var head []string
	blank := func(line int) {
		if a.blankAbove(line) && (len(head) == 0 || head[len(head)-1] != "") {
			head = append(head, "")
		}
	}
	for len(a.comments) > 0 && before(a.comments[0].Pos, to) {
		c := a.take()
		blank(c.Pos.Line)
		head = append(head, text(c))
		a.last = c.Pos.Line
	}
	if to != end {
		blank(to.Line)
	}
	return head
}

func (a *attacher) take() source.Comment {
	c := a.comments[0]
	a.comments = a.comments[1:]
	return c
}

func text(c source.Comment) string { return strings.TrimRight(c.Text, " \t\r") }

// blankAbove reports whether the line above is blank, and belongs to nothing.
func (a *attacher) blankAbove(line int) bool {
	return line-1 > a.last && strings.TrimSpace(a.file.Line(line-1)) == ""
}

// behind takes the comment on a line, if it comes before a place.
func (a *attacher) behind(line int, until source.Pos) *remark {
	a.last = max(a.last, line)
	if len(a.comments) == 0 || a.comments[0].Pos.Line != line || a.comments[0].Alone || !before(a.comments[0].Pos, until) {
		return nil
	}
	c := a.take()
	front := a.line(line)[:c.Pos.Column-1]
	return &remark{text(c), len(front) - len([]rune(strings.TrimRight(string(front), " \t")))}
}

// block lays out a block map or list, behind which something stands at until;
// within is the column of what it belongs to.
func (a *attacher) block(n *source.Node, until source.Pos, within int) *layout {
	l := &layout{node: n}
	column := max(n.Pos.Column, within+1)
	starts := startsOf(n)
	for i, start := range starts {
		next := until
		if i+1 < len(starts) {
			next = starts[i+1]
		}
		e := &entry{head: a.heads(start)}
		var v *source.Node
		if n.Kind == source.Mapping {
			e.key, v = n.Pairs[i].Key, n.Pairs[i].Value
			a.last = max(a.last, lastLine(e.key))
		} else {
			v = n.Items[i]
			a.last = max(a.last, start.Line)
		}
		a.value(e, v, next, n.Pos.Column)
		l.entries = append(l.entries, e)
	}
	for len(a.comments) > 0 && before(a.comments[0].Pos, until) && a.comments[0].Alone && a.comments[0].Pos.Column >= column {
		l.foot = append(l.foot, a.heads(after(a.comments[0].Pos))...)
	}
	return l
}

func after(p source.Pos) source.Pos {
	p.Column++
	return p
}

// value lays out the value of an entry in a block.
func (a *attacher) value(e *entry, v *source.Node, next source.Pos, column int) {
	switch {
	case v.IsEmpty():
		e.line = a.behind(a.last, next)
	case v.Kind == source.Scalar:
		e.head = append(e.head, a.between(v.Pos)...)
		e.value = &layout{node: v}
		line := lastLine(v)
		if inBlock(v) {
			e.line = a.behind(v.Pos.Line, next)
			a.last = line
			return
		}
		e.line = a.behind(line, next)
	case v.Style == source.Flow:
		e.head = append(e.head, a.between(v.Pos)...)
		e.value = a.flow(v)
		e.line = a.behind(a.last, next)
	default:
		if e.key != nil {
			e.line = a.behind(a.last, v.Pos)
		}
		e.value = a.block(v, next, column)
	}
}

// between takes the comments between a key and its value, without blank lines.
func (a *attacher) between(to source.Pos) []string {
	var head []string
	for len(a.comments) > 0 && before(a.comments[0].Pos, to) {
		head = append(head, text(a.take()))
	}
	return head
}

// flow lays out a flow map or list.
func (a *attacher) flow(n *source.Node) *layout {
	l := &layout{node: n}
	a.last = max(a.last, n.Pos.Line)
	bracket := a.bracket(n)
	if bracket {
		a.at = after(n.Pos)
	}
	starts := startsOf(n)
	for i, start := range starts {
		e := &entry{broke: start.Line > a.last, head: a.between(start)}
		l.entries = append(l.entries, e)
		var v *source.Node
		if n.Kind == source.Mapping {
			e.key, v = n.Pairs[i].Key, n.Pairs[i].Value
			a.scalar(e.key)
		} else {
			v = n.Items[i]
		}
		switch {
		case v.IsEmpty():
		case v.Kind == source.Scalar:
			e.head = append(e.head, a.between(v.Pos)...)
			e.value = &layout{node: v}
			a.scalar(v)
		default:
			e.head = append(e.head, a.between(v.Pos)...)
			e.value = a.flow(v)
		}
		if i+1 < len(starts) {
			e.line = a.behind(a.last, starts[i+1])
		}
	}
	if !bracket {
		return l // a lone pair in a list: [a: b]
	}
	closing := a.closing()
	if len(starts) > 0 {
		l.entries[len(starts)-1].line = a.behind(a.last, closing)
	}
	l.foot = a.between(closing)
	a.last, a.at = max(a.last, closing.Line), after(closing)
	return l
}

// scalar steps behind a scalar.
func (a *attacher) scalar(n *source.Node) {
	a.last, a.at = max(a.last, lastLine(n)), n.PosAt(len(n.Value))
}

// bracket reports whether a collection begins with one.
func (a *attacher) bracket(n *source.Node) bool {
	r := a.line(n.Pos.Line)[n.Pos.Column-1]
	return r == '{' || r == '['
}

// closing finds the bracket that closes a flow collection: between its last
// entry and there, only comments can hold another.
func (a *attacher) closing() source.Pos {
	from := a.at.Column - 1
	for line := a.at.Line; ; line++ {
		runes := a.line(line)
		for i := from; i < len(runes); i++ {
			p := source.Pos{File: a.file, Line: line, Column: i + 1}
			if runes[i] == '}' || runes[i] == ']' {
				return p
			}
			if runes[i] == '#' && a.isComment(p) || line > a.file.Lines() {
				break
			}
		}
		if line > a.file.Lines() {
			return end // a bug, which the comparison of what was read will find
		}
		from = 0
	}
}

func (a *attacher) isComment(p source.Pos) bool {
	for _, c := range a.comments {
		if c.Pos.Line >= p.Line {
			return c.Pos == p
		}
	}
	return false
}

// startsOf lists where the entries of a collection start.
func startsOf(n *source.Node) []source.Pos {
	var starts []source.Pos
	for i := range n.Pairs {
		starts = append(starts, n.Pairs[i].Key.Pos)
	}
	for _, item := range n.Items {
		starts = append(starts, item.Pos)
	}
	return starts
}

// inBlock reports whether a scalar is a block of lines.
func inBlock(n *source.Node) bool { return n.Style == source.Literal || n.Style == source.Folded }

// lastLine is the last line of a scalar.
func lastLine(n *source.Node) int {
	if !inBlock(n) {
		return n.PosAt(len(n.Value)).Line
	}
	content := strings.TrimRight(n.Value, "\n")
	if content == "" {
		return n.Pos.Line
	}
	return n.PosAt(len(content)).Line + max(len(n.Value)-len(content)-1, 0)
}
