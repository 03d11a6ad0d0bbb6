package importer

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// insertion is what comes behind a line of a file.
type insertion struct {
	after  int // the line's number, from 1 on
	indent int
	header string // the section's name, if there is none yet
	parts  []*entry
}

// written is the model with what is new on the board, and to which part each new line
// belongs.
func (g *merger) written() (string, map[int]*entry) {
	var list []*insertion
	g.added = slices.DeleteFunc(g.added, func(e *entry) bool {
		at := g.spot(e)
		if at == nil {
			g.leave(e, "its section is in braces or a list: write it there yourself")
			return true
		}
		for _, i := range list {
			if i.after == at.after && i.indent == at.indent && i.header == at.header {
				i.parts = append(i.parts, e)
				return false
			}
		}
		at.parts = []*entry{e}
		list = append(list, at)
		return false
	})
	// What is further in comes first where several end in one line.
	slices.SortStableFunc(list, func(a, b *insertion) int {
		if a.after != b.after {
			return a.after - b.after
		}
		return b.indent - a.indent
	})
	var out []string
	of := map[int]*entry{}
	for number, line := range g.old.lines {
		out = append(out, line)
		for _, i := range list {
			if i.after != number+1 {
				continue
			}
			indent := i.indent
			if i.header != "" {
				out = append(out, strings.Repeat(" ", indent)+i.header+":")
				indent += 2
				of[len(out)] = i.parts[0]
			}
			for _, e := range i.parts {
				for _, l := range g.linesOf(e, indent) {
					out = append(out, l)
					of[len(out)] = e
				}
			}
		}
	}
	return strings.Join(out, "\n"), of
}

// spot is where a new part goes; nil: nowhere without changing what is written.
func (g *merger) spot(e *entry) *insertion {
	in, line, indent := g.old.root, 0, -2
	if e.in != nil {
		p := g.old.byPath[e.in.path]
		if p == nil {
			return nil // what it is in could not be added
		}
		in, line, indent = p.value, p.key.Pos.Line, p.key.Pos.Column-1
	}
	for _, p := range in.Pairs {
		if p.Key.Value == e.section {
			return g.endOfMap(p.Value, p.Key.Pos.Line, p.Key.Pos.Column-1, "")
		}
	}
	return g.endOfMap(in, line, indent, e.section)
}

// endOfMap is the end of a map below a line; nil: it is in braces, or a list.
func (g *merger) endOfMap(n *source.Node, line, indent int, header string) *insertion {
	switch {
	case n.IsEmpty() && n.Pos.Line <= line:
		return &insertion{after: line, indent: indent + 2, header: header}
	case n.Kind != source.Mapping || n.Style == source.Flow || len(n.Pairs) == 0:
		return nil
	}
	return &insertion{after: source.EndOfBlock(g.old.lines, line, indent), indent: n.Pairs[0].Key.Pos.Column - 1, header: header}
}

// linesOf are those of a part of the board, so far in.
func (g *merger) linesOf(e *entry, indent int) []string {
	from, was := e.key.Pos.Line, e.key.Pos.Column-1
	lines := slices.Clone(g.drawn.lines[from-1 : source.EndOfBlock(g.drawn.lines, from, was)])
	for i, l := range lines {
		lines[i] = strings.Repeat(" ", indent) + l[min(was, len(l)):]
	}
	return lines
}
