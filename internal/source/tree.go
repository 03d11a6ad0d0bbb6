package source

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/rule"
)

// tree turns what YAML read into Nodes, refusing what the language does
// without.
func (p *parser) tree(doc *yaml.Node) *Node {
	b := &builder{parser: p, cur: cursor{off: p.lines[0], line: 1, col: 1}, marked: -1}
	if len(doc.Content) == 0 {
		return nil
	}
	root := b.node(doc.Content[0], home{})
	if root.IsEmpty() {
		p.report(p.explain(&stumble{problem: problemEmpty, at: root.Pos}))
		return nil
	}
	return root
}

type builder struct {
	*parser
	cur    cursor // goes through the text as the nodes do, so that finding them costs one pass
	marked int    // offset of the last tag, anchor or alias reported: a map and its first key start at the same place
	slab   []Node
}

// quotedStyles are those whose text YAML does not read anything into.
const quotedStyles = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// home says where a value hangs, to print it as it should have been written.
type home struct {
	key string // of the map entry it belongs to, as written; "" in a list
	in  byte   // '{' or '[' within a flow map or list, '-' in a list, 0 otherwise
}

// holdsValue reports whether a value hangs there, and not the name of an entry.
func (h home) holdsValue() bool { return h.key != "" || h.in == '[' || h.in == '-' }

// alloc hands out nodes from slabs: a large model has a million of them, a
// small file a dozen.
func (b *builder) alloc() *Node {
	if len(b.slab) == 0 {
		b.slab = make([]Node, min(8+len(b.text)/64, 256))
	}
	n := &b.slab[0]
	b.slab = b.slab[1:]
	return n
}

func (b *builder) seek(y *yaml.Node) cursor {
	b.cur.seek(b.text, b.lines, y.Line, y.Column)
	return b.cur
}

func (b *builder) node(y *yaml.Node, h home) *Node {
	start := b.seek(y)
	n := b.alloc()
	n.Pos = Pos{b.file, start.line, start.col}
	marked := b.refuseMarks(n, y, start, h)
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = Mapping
		if y.Style&yaml.FlowStyle != 0 {
			n.Style = Flow
		}
		b.mapping(n, y)
	case yaml.SequenceNode:
		n.Kind = Sequence
		if y.Style&yaml.FlowStyle != 0 {
			n.Style = Flow
		}
		b.sequence(n, y)
	default:
		n.Kind = Scalar
		if marked && b.text[start.off] != '&' && y.Style&quotedStyles == 0 && h.holdsValue() {
			// "!x" and "*x" were more likely meant to be part of the value.
			end, _ := meantEnd(b.text, start.off, h.in == '{' || h.in == '[', false)
			n.Value = string(b.file.Data[start.off:end])
			break
		}
		if y.Kind == yaml.AliasNode { // a key: its text is what stands there
			n.Value = "*" + y.Value
			break
		}
		b.scalar(n, y, start)
	}
	return n
}

// refuseMarks reports a tag, an anchor or an alias in front of a node.
func (b *builder) refuseMarks(n *Node, y *yaml.Node, start cursor, h home) bool {
	if start.off >= len(b.text) {
		return false
	}
	why, ok := markReason(b.text[start.off])
	// Where nothing stands, what is next is not its mark; but YAML drops a "!" alone, and leaves no other trace of it.
	nothing := y.Kind == yaml.ScalarNode && y.Value == "" && y.Tag == "!!null" && y.Anchor == "" && y.Style == 0
	if !ok || nothing && b.text[start.off] != '!' {
		return false
	}
	if b.marked != start.off {
		b.marked = start.off
		end, _ := meantEnd(b.text, start.off, h.in == '{' || h.in == '[', false)
		b.report(b.misreadError(misread{home: h, pos: n.Pos, start: start.off, end: end, why: why,
			collection: y.Kind == yaml.MappingNode || y.Kind == yaml.SequenceNode}))
	}
	return true
}

func (b *builder) sequence(n *Node, y *yaml.Node) {
	h := home{in: '-'}
	if n.Style == Flow {
		h.in = '['
	}
	n.Items = make([]*Node, 0, len(y.Content))
	for i := 0; i < len(y.Content); i++ {
		if m, ok := b.split(y.Content[i], h); ok {
			n.Items = append(n.Items, b.mended(m))
			i = covered(b, y.Content, i, 1, m.end)
			continue
		}
		n.Items = append(n.Items, b.node(y.Content[i], h))
	}
}

func (b *builder) mapping(n *Node, y *yaml.Node) {
	n.Pairs = make([]Pair, 0, len(y.Content)/2)
	seen := keySet{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		ky, vy := y.Content[i], y.Content[i+1]
		h := home{}
		if n.Style == Flow {
			h.in = '{'
		}
		if m, ok := b.split(ky, h); ok && n.Style == Flow {
			b.mended(m)
			i = covered(b, y.Content, i, 2, m.end)
			continue
		}
		key := b.key(ky, n.Style == Flow)
		if key != nil {
			h.key = key.Value
		}
		var value *Node
		if m, ok := b.split(vy, h); ok {
			value = b.mended(m)
			i = covered(b, y.Content, i, 2, m.end)
		} else {
			value = b.node(vy, h)
		}
		if key == nil {
			continue
		}
		if first := seen.add(n.Pairs, key); first != nil {
			b.report(&Error{Rule: rule.YAMLDuplicateKey, Pos: key.Pos,
				Message: fmt.Sprintf("%s is here twice", shown(key.Value)),
				Related: first.Pos, RelatedMsg: "the first one",
				Suggestion: "rename one of them, or put together what both say"})
			continue
		}
		n.Pairs = append(n.Pairs, Pair{key, value})
	}
}

// key reads the name of an entry; nil, after a report, when it is no name.
func (b *builder) key(y *yaml.Node, flow bool) *Node {
	switch {
	case y.Kind == yaml.MappingNode || y.Kind == yaml.SequenceNode:
		what := "a map"
		if y.Kind == yaml.SequenceNode {
			what = "a list"
		}
		b.report(&Error{Rule: rule.YAMLKey, Pos: b.pos(y.Line, y.Column),
			Message:    what + " stands where a name is expected",
			Suggestion: "put it in quotes if it is a name, or an expression"})
		return nil
	case y.Kind == yaml.ScalarNode && y.Tag == "!!merge":
		b.report(&Error{Rule: rule.YAMLMerge, Pos: b.pos(y.Line, y.Column),
			Message:    "the merge key << is not part of the language",
			Suggestion: "write the entries out here"})
		return nil
	}
	h := home{}
	if flow {
		h.in = '{'
	}
	key := b.node(y, h)
	if key.IsEmpty() {
		b.report(&Error{Rule: rule.YAMLKey, Pos: key.Pos, Message: "an entry has no name in front of its colon"})
		return nil
	}
	if composed := norm.NFC.String(key.Value); composed != key.Value {
		b.report(&Error{Rule: rule.YAMLNFC, Pos: key.Pos,
			Message:    fmt.Sprintf("the name %s is written in parts (not NFC), so it differs from the same name typed elsewhere", shown(key.Value)),
			Suggestion: fmt.Sprintf("write it composed: %s", composed)})
	}
	return key
}

// keySet finds duplicate keys. Most maps are small enough to look through.
type keySet struct {
	byName map[string]*Node
}

// add returns the key of the same name among pairs, nil if there is none.
func (s *keySet) add(pairs []Pair, key *Node) *Node {
	const small = 12
	if len(pairs) < small {
		for i := range pairs {
			if pairs[i].Key.Value == key.Value {
				return pairs[i].Key
			}
		}
		return nil
	}
	if s.byName == nil {
		s.byName = make(map[string]*Node, 4*small)
		for i := range pairs {
			s.byName[pairs[i].Key.Value] = pairs[i].Key
		}
	}
	if first := s.byName[key.Value]; first != nil {
		return first
	}
	s.byName[key.Value] = key
	return nil
}

// scalar reads a text and its places.
func (b *builder) scalar(n *Node, y *yaml.Node, start cursor) {
	n.Value = y.Value
	if b.marked == start.off {
		start = b.pastMarks(start)
	}
	n.Pos.Line, n.Pos.Column = start.line, start.col
	rest := b.text[min(start.off, len(b.text)):]

	var verbatim bool // on one line, as it reads
	size := len(y.Value)
	switch {
	case y.Style&yaml.SingleQuotedStyle != 0:
		n.Style = SingleQuoted
		verbatim = strings.IndexByte(y.Value, '\'') < 0 && enclosed(rest, y.Value, '\'')
	case y.Style&yaml.DoubleQuotedStyle != 0:
		n.Style = DoubleQuoted
		verbatim = strings.IndexByte(y.Value, '\\') < 0 && enclosed(rest, y.Value, '"')
	case y.Style&yaml.LiteralStyle != 0:
		n.Style = Literal
	case y.Style&yaml.FoldedStyle != 0:
		n.Style = Folded
	default:
		n.Style = Plain
		verbatim = len(rest) >= size && string(rest[:size]) == y.Value
	}

	end := start.off + size
	if verbatim {
		if b.masked {
			first := start.off
			if n.Style != Plain {
				first++
			}
			n.Value = string(b.file.Data[first : first+size])
		}
	} else {
		end = b.trace(n, start)
	}
	if n.Style != Plain {
		return
	}
	if b.lookalikes {
		if e := lookalikeError(n.Value, n.PosAt); e != nil {
			b.report(e)
		}
	}
	if comment := commentBehind(b.text, end); comment != "" {
		if n.more == nil {
			n.more = new(detail)
		}
		n.more.trailing = comment
	}
}

// pastMarks is where a scalar starts behind its tag and anchor, which may have
// blanks, line breaks and comments behind them.
func (b *builder) pastMarks(c cursor) cursor {
	pass := func(while func(byte) bool) {
		for c.off < len(b.text) && while(b.text[c.off]) {
			c.next(b.text)
		}
	}
	for c.off < len(b.text) {
		switch here := b.text[c.off]; {
		case here == '&':
			c.next(b.text)
			pass(isAnchorName)
		case here == '!':
			pass(func(c byte) bool { return !isSpace(c) })
		case here == '#':
			pass(func(c byte) bool { return c != '\n' })
		case isSpace(here):
			pass(isSpace)
		default:
			return c
		}
	}
	return c
}

// isAnchorName reports whether a character may be part of an anchor's name; at
// any other the value itself begins.
func isAnchorName(c byte) bool { return c < 0x80 && (isWord(c) || c == '-') }

// trace finds the places of a scalar that does not stand verbatim on one line,
// and the offset behind it.
func (b *builder) trace(n *Node, start cursor) int {
	t := tracer{text: b.text, cur: start, value: n.Value}
	switch n.Style {
	case SingleQuoted:
		t.singleQuoted()
	case DoubleQuoted:
		t.doubleQuoted()
	case Literal, Folded:
		t.block(b.lines, n.Style == Literal)
	default:
		t.plain()
	}
	n.more = &detail{runs: t.runs}
	if b.masked {
		b.unmask(n)
	}
	return t.cur.off
}

// unmask gives a value of several lines the characters back that were masked
// for YAML's sake.
func (b *builder) unmask(n *Node) {
	value := []byte(n.Value)
	for i, r := range n.more.runs {
		end := len(value)
		if i+1 < len(n.more.runs) {
			end = int(n.more.runs[i+1].offset)
		}
		off := b.offset(Pos{b.file, int(r.line), int(r.col)})
		for v := int(r.offset); v < end && off < len(b.text) && b.text[off] == value[v]; v++ {
			value[v] = b.file.Data[off]
			off++
		}
	}
	n.Value = string(value)
}

// enclosed reports whether text starts with the value between quotes.
func enclosed(text []byte, value string, quote byte) bool {
	return len(text) >= len(value)+2 && text[0] == quote &&
		string(text[1:1+len(value)]) == value && text[1+len(value)] == quote
}

// commentBehind is the comment exactly one blank behind an offset.
func commentBehind(text []byte, off int) string {
	if off+1 >= len(text) || text[off] != ' ' || text[off+1] != '#' {
		return ""
	}
	comment := text[off+1:]
	if i := bytes.IndexByte(comment, '\n'); i >= 0 {
		comment = comment[:i]
	}
	return string(bytes.TrimRight(comment, " \t\r"))
}

// split finds a value of a flow map or list that YAML has cut at a comma
// although brackets or quotes hold it together: {x: max(a, b)}.
func (b *builder) split(y *yaml.Node, h home) (misread, bool) {
	if h.in != '{' && h.in != '[' || y.Kind != yaml.ScalarNode ||
		y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 || !mayBeCut(y.Value) {
		return misread{}, false
	}
	at := b.seek(y)
	start, stop := at.off, at.off+len(y.Value)
	end, closed := meantEnd(b.text, start, true, !h.holdsValue())
	if !closed || end <= stop || string(b.text[start:stop]) != y.Value {
		return misread{}, false
	}
	return misread{home: h, pos: Pos{b.file, at.line, at.col}, start: start, end: end, why: whySplit}, true
}

// mended reports a misread value and returns it as it was meant.
func (b *builder) mended(m misread) *Node {
	b.report(b.misreadError(m))
	n := b.alloc()
	n.Kind, n.Pos, n.Value = Scalar, m.pos, string(b.file.Data[m.start:m.end])
	return n
}

// covered is the index of the last entry of a flow collection that starts
// before an offset, entries being step nodes wide.
func covered(b *builder, content []*yaml.Node, i, step, end int) int {
	for i+step < len(content) && b.seek(content[i+step]).off < end {
		i += step
	}
	return i
}
