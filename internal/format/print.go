package format

import (
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// printer writes layouts.
type printer struct{ strings.Builder }

// write writes the lines of a file.
func write(doc *layout) []byte {
	p := &printer{}
	p.block(doc, 0, false)
	return []byte(p.String())
}

func (p *printer) indent(n int) {
	for range n {
		p.WriteByte(' ')
	}
}

// head writes lines of comments, and blank ones.
func (p *printer) head(lines []string, indent int) {
	for _, line := range lines {
		if line != "" {
			p.indent(indent)
			p.WriteString(line)
		}
		p.WriteByte('\n')
	}
}

// block writes the entries of a block collection, each on a line of its own;
// inline: the first goes on the line that has been begun.
func (p *printer) block(l *layout, indent int, inline bool) {
	for i, e := range l.entries {
		if i > 0 || !inline {
			p.head(e.head, indent)
			p.indent(indent)
		}
		if e.key == nil {
			p.WriteByte('-')
		} else {
			p.name(e.key, false)
		}
		p.value(e, indent)
	}
	p.head(l.foot, indent)
}

// value writes the value of an entry in a block, and ends its line.
func (p *printer) value(e *entry, indent int) {
	v := e.value
	switch {
	case v == nil:
		p.behind(e.line)
	case v.block() && e.key == nil:
		p.WriteByte(' ')
		p.block(v, indent+2, true)
		return
	case v.block():
		p.behind(e.line)
		p.WriteByte('\n')
		p.block(v, indent+2, false)
		return
	case v.flow():
		p.WriteByte(' ')
		p.flow(v, indent, 1)
		p.behind(e.line)
	default:
		p.WriteByte(' ')
		p.scalar(v.node, e.line, indent+2, false)
	}
	p.WriteByte('\n')
}

func (p *printer) behind(r *remark) {
	if r != nil {
		p.indent(max(r.gap, 1))
		p.WriteString(r.text)
	}
}

// flow writes a flow collection; lines below the first are indented by its
// depth.
func (p *printer) flow(l *layout, indent, depth int) {
	open, closing := "{", "}"
	if l.node.Kind == source.Sequence {
		open, closing = "[", "]"
	}
	p.WriteString(open)
	below := indent + 2*depth
	newline := false // a comment ends the line before
	for i, e := range l.entries {
		switch {
		case newline || e.broke || len(e.head) > 0:
			p.WriteByte('\n')
			p.head(e.head, below)
			p.indent(below)
		case i > 0:
			p.WriteByte(' ')
		}
		if e.key != nil {
			p.name(e.key, true)
			if e.value != nil || e.line == nil || i < len(l.entries)-1 { // else the comment brings a blank
				p.WriteByte(' ')
			}
		}
		switch v := e.value; {
		case v == nil:
		case v.flow():
			p.flow(v, indent, depth+1)
		default:
			p.scalar(v.node, nil, below, true)
		}
		last := i == len(l.entries)-1
		if !last {
			p.WriteByte(',')
		}
		newline = e.line != nil
		if newline && !last {
			p.behind(&remark{e.line.text, 1})
		} else {
			p.behind(e.line)
		}
	}
	if newline || len(l.foot) > 0 {
		p.WriteByte('\n')
		p.head(l.foot, below)
		p.indent(below)
	}
	p.WriteString(closing)
}

// name writes a key and its colon.
func (p *printer) name(key *source.Node, flow bool) {
	p.WriteString(oneLine(key, flow))
	p.WriteByte(':')
}

// scalar writes a value and the comment behind it; lines below the first are
// indented.
func (p *printer) scalar(n *source.Node, line *remark, indent int, flow bool) {
	lines := linesOf(n, flow)
	p.WriteString(lines[0])
	if inBlock(n) {
		p.behind(line)
	}
	for _, l := range lines[1:] {
		p.WriteByte('\n')
		if l != "" {
			p.indent(indent)
			p.WriteString(l)
		}
	}
	if !inBlock(n) {
		p.behind(line)
	}
}
