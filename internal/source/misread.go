package source

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/rule"
)

// A misread is a value that YAML does not read the way it was meant.
type misread struct {
	home
	pos        Pos // where it starts
	start, end int // the value in the text, on one line
	why        reason
	collection bool // a map or list, which quotes would not mend
}

// reason is why YAML reads a value in another way than a person does.
type reason struct {
	rule  rule.ID
	says  string // what YAML makes of it
	other string // what to do when quotes are not the answer
}

var (
	whySplit   = reason{rule: rule.YAMLSplit, says: "YAML cuts it at the comma"}
	whyBracket = reason{rule: rule.YAMLSplit, says: "[, { and ? have a meaning of their own between { } or [ ]"}
	whyColon   = reason{rule: rule.YAMLSplit, says: `YAML takes what stands before ": " for a name`}
	whyBehind  = reason{rule: rule.YAMLSplit, says: "YAML ends a value that starts with a quote or bracket where that closes"}
	whyBlock   = reason{rule: rule.YAMLSplit, says: "YAML starts a block of lines with | and >"}
	whySign    = reason{rule: rule.YAMLSplit, says: "YAML keeps this sign for itself at the beginning of a value"}
	whyTag     = reason{rule: rule.YAMLTag, says: "YAML takes ! and the word behind it for a tag and drops it", other: "leave the tag out"}
	whyAnchor  = reason{rule: rule.YAMLAnchor, says: "YAML takes & and the word behind it for an anchor", other: "leave the anchor out"}
	whyAlias   = reason{rule: rule.YAMLAlias, says: "YAML takes * and the word behind it for an alias", other: "write out what it stands for"}
)

// markReason is the reason by the sign a tag, anchor or alias starts with.
func markReason(sign byte) (why reason, ok bool) {
	switch sign {
	case '!':
		return whyTag, true
	case '&':
		return whyAnchor, true
	case '*':
		return whyAlias, true
	}
	return reason{}, false
}

func (p *parser) misreadError(m misread) *Error {
	raw := string(p.file.Data[m.start:m.end])
	e := &Error{Rule: m.why.rule, Pos: m.pos}
	if m.collection {
		mark, _, _ := strings.Cut(raw, " ")
		e.Message = fmt.Sprintf("%s is not part of the language: %s", shown(mark), m.why.says)
		e.Suggestion = m.why.other
		return e
	}
	fixed := m.written(quoted(raw))
	if m.why.other != "" && m.why.rule != rule.YAMLTag {
		e.Message = fmt.Sprintf("%s is not part of the language: %s", shown(raw), m.why.says)
		e.Suggestion = fmt.Sprintf("%s, or, if it is text, write %s", m.why.other, fixed)
		return e
	}
	e.Message = fmt.Sprintf("%s must be quoted: %s", shown(raw), m.why.says)
	e.Suggestion = "write " + fixed
	return e
}

// written shows a value in the surroundings it is written in.
func (h home) written(value string) string {
	switch {
	case h.in == '{' && h.key != "":
		return "{" + h.key + ": " + value + "}"
	case h.in == '{':
		return "{" + value + "}"
	case h.in == '[':
		return "[" + value + "]"
	case h.key != "":
		return h.key + ": " + value
	case h.in == '-':
		return "- " + value
	}
	return value
}

// quoted writes a text as a YAML string that needs as few escapes as possible:
// expressions are full of quotes and, in patterns, of backslashes.
func quoted(s string) string {
	if !strings.ContainsAny(s, `"\`) {
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// mayBeCut reports whether a text opens a bracket or a quote that it does not
// close.
func mayBeCut(s string) bool {
	if !strings.ContainsAny(s, `("'`) {
		return false
	}
	end, closed := meantEnd([]byte(s), 0, false, false)
	return !closed || end < len(s)
}

// maxValue bounds how far a value is looked for on a line: with a megabyte of
// opening brackets on one line, each would be followed to the end of the line.
const maxValue = 1024

// meantEnd is where the value that starts at off ends for a person: within
// brackets and quotes neither commas nor colons nor # end it. closed is false
// when a bracket or quote stays open on the line; then the end is YAML's.
// A value in a flow map or list ends at its comma or bracket, a key at its
// colon.
func meantEnd(text []byte, off int, flow, key bool) (end int, closed bool) {
	limit := len(text)
	if i := bytes.IndexByte(text[off:min(len(text), off+maxValue)], '\n'); i >= 0 {
		limit = off + i
	} else {
		limit = min(limit, off+maxValue)
	}
	depth, quote := 0, byte(0)
	stop := -1 // where it ends if brackets say nothing
	i := off
scan:
	for ; i < limit; i++ {
		c := text[i]
		ends := flow && (c == ',' || c == ']' || c == '}') ||
			c == '#' && i > off && isBlank(text[i-1]) ||
			key && c == ':' && (i+1 == limit || isSpace(text[i+1]))
		if ends && stop < 0 {
			stop = i
		}
		switch {
		case quote != 0:
			if c == '\\' && i+1 < limit {
				i++
			} else if c == quote {
				quote = 0
			}
		case ends && depth == 0:
			break scan
		case c == '"', c == '\'' && (i == off || !isWord(text[i-1]) || isRawPrefix(text, off, i)):
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth = max(depth-1, 0)
		}
	}
	end, closed = i, depth == 0 && quote == 0
	if !closed && stop >= 0 {
		end = stop
	}
	return off + len(bytes.TrimRight(text[off:end], " \t\r")), closed
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isWord reports whether a quote behind c is an apostrophe: don't.
func isWord(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isRawPrefix reports whether the quote at i belongs to a raw string, r'...'.
func isRawPrefix(text []byte, off, i int) bool {
	return (text[i-1] == 'r' || text[i-1] == 'R') && (i-1 == off || !isWord(text[i-2]))
}

// misread looks at the line where YAML stumbled the way a person does, and
// finds the value that YAML could not have read as it was meant.
func (p *parser) misread(s *stumble) (misread, bool) {
	if s.problem == problemEndOfText {
		return misread{}, false // an open quote; the last line has no part in it
	}
	problem := p.offset(s.at)
	first := s.at.Line
	if s.from.IsValid() && strings.Contains(s.context, "flow") {
		first = min(first, s.from.Line)
	}
	for back := 0; back < 200 && first > 1 && opensFlow(p.lineBytes(first-1)); back++ {
		first--
	}
	r := reading{text: p.text, limit: p.lines[s.at.Line-1] + len(p.lineBytes(s.at.Line))}
	r.line(p.lines[first-1])

	best, found := misread{}, false
	for _, m := range r.found {
		if m.end > p.lines[s.at.Line-1] && (m.start <= problem || !found) {
			best, found = m, true
		}
	}
	best.pos = p.at(best.start)
	return best, found
}

func (p *parser) lineBytes(n int) []byte {
	end := len(p.text)
	if n < len(p.lines) {
		end = p.lines[n] - 1
	}
	return p.text[p.lines[n-1]:end]
}

// opensFlow reports whether a line goes on on the next, being in the middle of
// a flow map or list.
func opensFlow(line []byte) bool {
	if i := bytes.Index(line, []byte(" #")); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimRight(line, " \t\r")
	return len(line) > 0 && bytes.IndexByte([]byte(",[{"), line[len(line)-1]) >= 0
}

// reading goes through a few lines the way their writer reads them, and
// collects the values that YAML will not read that way.
type reading struct {
	text  []byte
	limit int // where the line of the stumble ends
	depth int
	found []misread
}

// line reads a line that is in no flow map or list.
func (r *reading) line(off int) {
	in := byte(0)
	off = r.blanks(off)
	for off+1 < r.limit && (r.text[off] == '-' || r.text[off] == '?') && isBlank(r.text[off+1]) {
		in = '-'
		off = r.blanks(off + 1)
	}
	r.entry(off, in)
}

// entry reads a value, or a key and its value, and returns where it ends.
func (r *reading) entry(off int, in byte) int {
	h := home{in: in}
	off = r.blanks(off)
	end, why := r.value(off, in, true)
	if colon := r.blanks(end); why == nil && r.at(colon) == ':' && (isSpace(r.at(colon+1)) || colon+1 >= r.limit || in == '{') {
		h.key = string(r.text[off:end])
		off = r.blanks(colon + 1)
		if in == 0 && isBlank(r.at(colon+1)) && r.at(off) == '-' && isBlank(r.at(off+1)) {
			return off // a list on the line of its key, which quotes would not mend
		}
		end, why = r.value(off, in, false)
	}
	if why != nil && end > off {
		r.found = append(r.found, misread{home: h, start: off, end: end, why: *why})
	}
	return end
}

// value reads one value and says why YAML would not.
func (r *reading) value(off int, in byte, mayBeKey bool) (end int, why *reason) {
	flow := in == '{' || in == '['
	c := r.at(off)
	switch c {
	case 0, '\n', '\r', '#', ',', ']', '}':
		return off, nil
	case '{', '[', '"', '\'':
		before := len(r.found)
		if c == '{' || c == '[' {
			end = r.collection(off)
		} else {
			end = r.quotes(off)
		}
		next := r.blanks(end)
		switch n := r.at(next); {
		case n == 0, n == '\n', n == '\r', n == '#' && next > end, n == ',', n == ']', n == '}', n == ':' && mayBeKey:
			return end, nil
		}
		if bytes.IndexByte(r.text[off:end], '\n') >= 0 {
			return end, nil // over several lines quotes are no simple answer
		}
		r.found = r.found[:before]
		end, _ = meantEnd(r.text, off, flow, false)
		return end, &whyBehind
	}

	end, _ = meantEnd(r.text, off, flow, mayBeKey)
	whole, _ := meantEnd(r.text, off, flow, false)
	if reason, marked := markReason(c); marked {
		return whole, &reason
	}
	switch {
	case c == '%' && mayBeKey:
		return end, nil // at the beginning of a line it is a directive
	case c == '@' || c == '`' || c == '%':
		return whole, &whySign
	case (c == '|' || c == '>') && (flow || !blockHeader(r.text[off:end])):
		return whole, &whyBlock
	case !mayBeKey && whole > r.untilColon(off, flow):
		return whole, &whyColon
	case flow && bytes.ContainsAny(r.text[off:end], "[{?"):
		return whole, &whyBracket
	}
	return end, nil
}

func (r *reading) untilColon(off int, flow bool) int {
	end, _ := meantEnd(r.text, off, flow, true)
	return end
}

// collection reads a flow map or list.
func (r *reading) collection(off int) int {
	in := r.text[off]
	if r.depth++; r.depth > 100 {
		return r.limit
	}
	defer func() { r.depth-- }()
	for off++; off < r.limit; {
		off = r.blanksAndLines(off)
		switch r.at(off) {
		case '}', ']':
			return off + 1
		case ',':
			off++
			continue
		}
		end := r.entry(off, in)
		if end <= off {
			end = off + 1 // nothing a person could read either
		}
		off = end
	}
	return min(off, r.limit)
}

// quotes reads a quoted text.
func (r *reading) quotes(off int) int {
	quote := r.text[off]
	for i := off + 1; i < r.limit; i++ {
		switch {
		case quote == '"' && r.text[i] == '\\':
			i++
		case r.text[i] == quote && quote == '\'' && r.at(i+1) == '\'':
			i++
		case r.text[i] == quote:
			return i + 1
		}
	}
	return r.limit
}

// blockHeader reports whether a text is what may follow a key before a block
// of lines: |, >-, |2+.
func blockHeader(text []byte) bool {
	return len(bytes.Trim(text[1:], "+-0123456789")) == 0
}

func (r *reading) at(off int) byte {
	if off < r.limit {
		return r.text[off]
	}
	return 0
}

func (r *reading) blanks(off int) int {
	for isBlank(r.at(off)) {
		off++
	}
	return off
}

func (r *reading) blanksAndLines(off int) int {
	for {
		switch c := r.at(off); {
		case isSpace(c):
			off++
		case c == '#':
			for off < r.limit && r.text[off] != '\n' {
				off++
			}
		default:
			return off
		}
	}
}
