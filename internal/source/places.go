package source

import (
	"math"
	"sort"
	"unicode/utf8"
)

// A run is a stretch of a scalar's Value that stands in the file as it reads,
// one character after the other. Escapes, folds and indentation separate runs.
type run struct {
	offset    int32 // into Value
	line, col int32 // of the first character
}

// place returns the place of an offset of n's Value by the run it lies in.
func (d *detail) place(n *Node, offset int) Pos {
	i := sort.Search(len(d.runs), func(i int) bool { return int(d.runs[i].offset) > offset }) - 1
	r := d.runs[i]
	return Pos{
		File:   n.Pos.File,
		Line:   int(r.line),
		Column: int(r.col) + utf8.RuneCountInString(n.Value[r.offset:offset]),
	}
}

// A tracer follows the Value of a scalar through the text it was read from.
// YAML has already been parsed when it runs, so the value is known and only
// the way to it is retraced: where both agree a run goes on, where they differ
// (an escape, a fold, an indentation) a new one begins.
type tracer struct {
	text  []byte
	cur   cursor
	value string
	done  int // bytes of value that have been found
	runs  []run
}

// here notes that the next character of the value stands at the cursor.
func (t *tracer) here() {
	if n := len(t.runs); n > 0 && int(t.runs[n-1].offset) == t.done {
		t.runs = t.runs[:n-1] // the run before turned out to be empty
	}
	t.runs = append(t.runs, run{int32(t.done), int32(t.cur.line), int32(t.cur.col)})
}

// produce accounts for the next character of the value.
func (t *tracer) produce() {
	_, size := utf8.DecodeRuneInString(t.value[t.done:])
	t.done += size
}

func (t *tracer) peek(ahead int) byte {
	if i := t.cur.off + ahead; i < len(t.text) {
		return t.text[i]
	}
	return 0
}

func (t *tracer) skip(n int) {
	for range n {
		t.cur.next(t.text)
	}
}

// plain follows a plain scalar over its lines. The cursor ends up behind it.
func (t *tracer) plain() {
	t.here()
	for t.done < len(t.value) && t.cur.off < len(t.text) {
		if isSpace(t.peek(0)) {
			t.fold()
			continue
		}
		t.skip(1)
		t.produce()
	}
	t.here()
}

// singleQuoted follows a 'quoted' scalar, whose only escape is the doubled quote.
func (t *tracer) singleQuoted() {
	t.skip(1)
	t.here()
	for t.done < len(t.value) && t.cur.off < len(t.text) {
		switch c := t.peek(0); {
		case isSpace(c):
			t.fold()
		case c == '\'':
			t.produce()
			t.skip(2)
			t.here()
		default:
			t.skip(1)
			t.produce()
		}
	}
	t.closing('\'')
}

// escapeWidth is how many characters an escape has, by what follows its
// backslash.
func escapeWidth(kind byte) int {
	switch kind {
	case 'x':
		return len(`\x41`)
	case 'u':
		return len(`\u0041`)
	case 'U':
		return len(`\U00000041`)
	}
	return len(`\n`)
}

// doubleQuoted follows a "quoted" scalar with its escapes.
func (t *tracer) doubleQuoted() {
	t.skip(1)
	t.here()
	for t.done < len(t.value) && t.cur.off < len(t.text) {
		switch c := t.peek(0); {
		case isSpace(c):
			t.fold()
		case c == '\\' && (t.peek(1) == '\n' || t.peek(1) == '\r'):
			t.skip(1)
			t.continued()
		case c == '\\':
			t.produce()
			t.skip(escapeWidth(t.peek(1)))
			t.here()
		default:
			t.skip(1)
			t.produce()
		}
	}
	t.closing('"')
}

// closing notes the closing quote as the place after the last character. Only
// line breaks that say nothing can stand before it.
func (t *tracer) closing(quote byte) {
	for isSpace(t.peek(0)) || t.peek(0) == '\\' {
		t.skip(1)
	}
	if t.peek(0) == quote {
		t.here()
	}
}

// fold passes the blanks at the cursor. Within a line they stand for
// themselves; around line breaks they fold into one blank, or into one line
// break less than there are.
func (t *tracer) fold() {
	end, breaks := t.cur.off, 0
	for ; end < len(t.text) && isSpace(t.text[end]); end++ {
		if t.text[end] == '\n' {
			breaks++
		}
	}
	if breaks == 0 {
		for t.cur.off < end && t.done < len(t.value) {
			t.skip(1)
			t.produce()
		}
		return
	}
	// The first break is where the reader sees the fold.
	for t.peek(0) == ' ' || t.peek(0) == '\t' {
		t.skip(1)
	}
	if breaks == 1 {
		t.here()
		t.produce()
	}
	t.skipBreak()
	t.breaks(end)
}

// continued passes an escaped line break and the blanks behind it: the break
// itself is nothing, empty lines that follow are line breaks.
func (t *tracer) continued() {
	end := t.cur.off
	for end < len(t.text) && isSpace(t.text[end]) {
		end++
	}
	t.skipBreak()
	t.breaks(end)
}

// breaks gives every line break up to end its place in the value, as long as
// the value has line breaks there, and goes on at end.
func (t *tracer) breaks(end int) {
	for t.cur.off < end {
		if c := t.peek(0); (c == '\n' || c == '\r') && t.done < len(t.value) && t.value[t.done] == '\n' {
			t.here()
			t.produce()
		}
		t.skipBlanksOrBreak()
	}
	t.here()
}

func (t *tracer) skipBreak() {
	if t.peek(0) == '\r' {
		t.skip(1)
	}
	t.skip(1)
}

func (t *tracer) skipBlanksOrBreak() {
	if c := t.peek(0); c == '\r' || c == '\n' {
		t.skipBreak()
		return
	}
	t.skip(1)
}

// block follows a literal (|) or folded (>) scalar.
func (t *tracer) block(lines []int, literal bool) {
	// Line i of the text belongs to line first+i of the file. What the
	// indentation is follows from the first line that says something: what its
	// blanks have in the file and not in the value.
	first, leading := t.cur.line+1, 0
	for leading < len(t.value) && t.value[leading] == '\n' {
		leading++
	}
	indent := math.MaxInt // of nothing but empty lines
	if leading < len(t.value) {
		indent = max(0, blanksAt(t.text, lineStart(lines, first+leading))-blanksIn(t.value[leading:]))
	}
	if literal {
		t.literal(lines, first, indent)
	} else {
		t.folded(lines, first, indent)
	}
}

// literal: each line of the value is a line of the file without its indentation.
func (t *tracer) literal(lines []int, line, indent int) {
	for t.done < len(t.value) && line <= len(lines) {
		t.startOf(lines, line, indent)
		t.here()
		for t.done < len(t.value) && t.value[t.done] != '\n' {
			t.skip(1)
			t.produce()
		}
		if t.done < len(t.value) {
			t.produce()
		}
		line++
	}
	t.afterLast()
}

// folded: as literal, but a single break between lines that start with text is
// a blank, and empty lines after such a line are the breaks.
func (t *tracer) folded(lines []int, line, indent int) {
	var pending []cursor // line breaks not yet in the value
	firstLine, indentedBefore := true, false
lines:
	for t.done < len(t.value) && line <= len(lines) {
		t.startOf(lines, line, indent)
		switch c := t.peek(0); {
		case c == '\n' || c == '\r':
			pending = append(pending, t.cur)
			line++
			continue
		case t.cur.col-1 < indent || c == 0:
			break lines // the block ended above
		}
		indented := t.peek(0) == ' ' || t.peek(0) == '\t'
		if !firstLine && !indentedBefore && !indented && len(pending) > 1 {
			pending = pending[1:] // folded away by the empty lines behind it
		}
		t.place(pending)
		pending = pending[:0]
		t.here()
		for c := t.peek(0); t.done < len(t.value) && c != '\n' && c != '\r' && t.cur.off < len(t.text); c = t.peek(0) {
			t.skip(1)
			t.produce()
		}
		pending = append(pending, t.cur)
		firstLine, indentedBefore = false, indented
		line++
	}
	t.place(pending)
	t.afterLast()
}

// place gives the next characters of the value, blanks or line breaks that
// stand for line breaks, their places.
func (t *tracer) place(at []cursor) {
	back := t.cur
	for _, c := range at {
		if t.done == len(t.value) {
			break
		}
		t.cur = c
		t.here()
		t.produce()
	}
	t.cur = back
}

// afterLast makes the place of a block's last line break the place after its
// last character, too: the next line belongs to something else.
func (t *tracer) afterLast() {
	switch n := len(t.runs); {
	case n == 0:
		t.here()
	case t.done > 0 && t.value[t.done-1] == '\n':
		last := Node{Value: t.value}
		p := (&detail{runs: t.runs}).place(&last, t.done-1)
		t.runs = append(t.runs, run{int32(t.done), int32(p.Line), int32(p.Column)})
	}
}

// startOf moves to where the text of a line starts, at most indent blanks in.
func (t *tracer) startOf(lines []int, line, indent int) {
	t.cur = cursor{off: lineStart(lines, line), line: line, col: 1}
	for t.cur.col-1 < indent && t.peek(0) == ' ' {
		t.skip(1)
	}
}

func lineStart(lines []int, line int) int { return lines[min(line, len(lines))-1] }

func blanksAt(text []byte, off int) int {
	n := 0
	for off+n < len(text) && text[off+n] == ' ' {
		n++
	}
	return n
}

func blanksIn(s string) int {
	n := 0
	for n < len(s) && s[n] == ' ' {
		n++
	}
	return n
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// A cursor is a place in a text and the byte it stands at.
type cursor struct {
	off, line, col int
}

// next passes one character.
func (c *cursor) next(text []byte) {
	if c.off >= len(text) {
		return
	}
	if b := text[c.off]; b < utf8.RuneSelf {
		c.off++
		if b == '\n' {
			c.line, c.col = c.line+1, 1
		} else {
			c.col++
		}
		return
	}
	_, size := utf8.DecodeRune(text[c.off:])
	c.off += size
	c.col++
}

// seek moves to a line and column, as far as the line reaches. It is cheap
// when places are asked for in the order of the file.
func (c *cursor) seek(text []byte, lines []int, line, col int) {
	if line != c.line || col < c.col {
		line = min(max(line, 1), len(lines))
		*c = cursor{off: lines[line-1], line: line, col: 1}
	}
	for c.col < col && c.off < len(text) && text[c.off] != '\n' {
		c.next(text)
	}
}
