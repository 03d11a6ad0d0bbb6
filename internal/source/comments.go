package source

import (
	"bytes"
	"unicode/utf8"
)

// Comment is a comment of a file.
type Comment struct {
	Pos   Pos    // of its #
	Text  string // from the # to the end of the line
	Alone bool   // nothing stands before it on its line
}

// Comments returns the comments of a file that has been parsed, in order.
func (f *File) Comments() []Comment { return f.comments }

// comments finds every # that begins a comment: at the start of a line or
// behind a blank, and not within a value that is quoted or of several lines.
func comments(f *File, root *Node) []Comment {
	if bytes.IndexByte(f.Data, '#') < 0 {
		return nil
	}
	var out []Comment
	quoted := spans(nil, root)
	for i := range f.lineStarts() {
		text := f.Line(i + 1)
		for at := 0; at < len(text); at++ {
			if text[at] != '#' || at > 0 && text[at-1] != ' ' && text[at-1] != '\t' {
				continue
			}
			pos := Pos{f, i + 1, 1 + utf8.RuneCountInString(text[:at])}
			for len(quoted) > 0 && quoted[0].to.Compare(pos) <= 0 {
				quoted = quoted[1:]
			}
			if len(quoted) > 0 && quoted[0].from.Compare(pos) < 0 {
				continue
			}
			before := bytes.TrimLeft([]byte(text[:at]), " \t")
			out = append(out, Comment{Pos: pos, Text: text[at:], Alone: len(before) == 0})
			break
		}
	}
	return out
}

// span is where a value stands.
type span struct{ from, to Pos }

// spans appends where the values are in which a # is a # only, in the order of
// the file.
func spans(to []span, n *Node) []span {
	if n == nil {
		return to
	}
	if n.Kind == Scalar && n.Style != Plain {
		from, end := n.Pos, n.PosAt(len(n.Value))
		if n.Style == Literal || n.Style == Folded { // whole lines, below the sign
			from, end = Pos{n.Pos.File, from.Line + 1, 0}, Pos{n.Pos.File, end.Line, 1 << 30}
		}
		return append(to, span{from, end})
	}
	for i := range n.Pairs {
		to = spans(spans(to, n.Pairs[i].Key), n.Pairs[i].Value)
	}
	for _, item := range n.Items {
		to = spans(to, item)
	}
	return to
}
