package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/rule"
)

// What yaml.v3 says, where it is needed by name.
const (
	problemEmpty         = "empty"
	problemUnknownAnchor = "unknown anchor"
	problemEndOfText     = "found unexpected end of stream"
)

// explain says in plain words why YAML gave up.
func (p *parser) explain(s *stumble) *Error {
	if e := p.unseen(s); e != nil {
		return e
	}
	e := &Error{Rule: rule.YAMLSyntax, Pos: s.at}
	related := func(says string) {
		if s.from.IsValid() && s.from != s.at {
			e.Related, e.RelatedMsg = s.from, says
		}
	}
	switch problem := s.problem; {
	case problem == problemEmpty:
		e.Rule, e.Message = rule.YAMLEmpty, "the file says nothing"
		e.Suggestion = "start with esgen: v1 and system: NAME"
	case strings.HasPrefix(problem, "exceeded max depth"):
		e.Rule, e.Message = rule.YAMLLimit, "maps and lists nest too deep here"
	case strings.Contains(problem, "tab character"), p.startsWithTab(s.at):
		e.Rule, e.Message = rule.YAMLTab, "a tab indents this line; YAML indents with blanks only"
		e.Suggestion = "replace the tab by blanks"
	case problem == "could not find expected ':'":
		if s.from.IsValid() {
			e.Pos = s.from
		}
		e.Message = "a name stands here without a colon and a value"
		e.Suggestion = "write name: value"
	case problem == "mapping values are not allowed in this context":
		e.Pos = p.firstOn(s.at)
		e.Message = "a name with a colon cannot stand here: the line is indented deeper than its neighbours, or the value above goes on in this line"
		e.Suggestion = "indent it like the names it belongs to, or put the whole value in quotes"
	case problem == "block sequence entries are not allowed in this context":
		e.Message = "a list with dashes cannot start on the line of its name"
		e.Suggestion = "start it on the next line, or write [a, b]"
	case problem == "mapping keys are not allowed in this context":
		e.Message = `a value cannot start with "? " here`
		e.Suggestion = "put it in quotes"
	case bytes.HasPrefix(bytes.TrimLeft(p.lineBytes(s.at.Line), " "), []byte(": ")):
		e.Rule, e.Pos = rule.YAMLKey, p.firstOn(s.at)
		e.Message = "an entry has no name in front of its colon"
	case problem == "did not find expected key":
		e.Message = "this does not go on the way its map began: the indentation differs, or something stands behind a finished value"
		e.Suggestion = "indent it like the other names of its map"
		related("the map starts here")
	case problem == "did not find expected '-' indicator":
		e.Message = "this does not go on the way its list began: an item starts with a dash, in the column of the others"
		related("the list starts here")
	case problem == "did not find expected ',' or ']'", problem == "did not find expected ',' or '}'":
		closing := strings.Trim(problem[len(problem)-3:], "'")
		if !s.from.IsValid() || s.from.Line == s.at.Line {
			e.Message = fmt.Sprintf("a comma or %s is missing here", closing)
			break
		}
		e.Pos, e.Message = s.from, fmt.Sprintf("what is opened here is not closed by %s", closing)
		e.Related, e.RelatedMsg = s.at, "a comma or the end is missing before this"
	case problem == "did not find expected node content":
		e.Message = "a value is missing here"
	case problem == problemEndOfText && s.from.IsValid():
		e.Pos, e.Message = s.from, "the quote opened here is never closed"
		e.Suggestion = "close it"
	case problem == "found unexpected document indicator":
		e.Message = "--- or ... stands inside a quoted text"
		related("the quote opens here")
	case problem == "found unknown escape character", problem == "did not find expected hexdecimal number", problem == "found invalid Unicode character escape code":
		e.Message = "the backslash starts no escape that YAML knows"
		e.Suggestion = "use single quotes, in which a backslash is a backslash"
		related("the quote opens here")
	case problem == "found character that cannot start any token":
		e.Message = fmt.Sprintf("a value cannot start with %s", shown(p.character(s.at)))
		e.Suggestion = "put it in quotes"
	case strings.HasPrefix(problem, problemUnknownAnchor):
		e.Rule, e.Message = rule.YAMLAlias, "aliases do not exist in the language"
		e.Suggestion = "write out what it stands for"
	case strings.Contains(s.context, "anchor"):
		e.Rule, e.Message = rule.YAMLAnchor, "anchors and aliases do not exist in the language"
		e.Suggestion = "put a value that starts with & or * in quotes"
	case strings.Contains(s.context, "tag"), strings.Contains(problem, "tag"):
		e.Rule, e.Message = rule.YAMLTag, "tags do not exist in the language"
		e.Suggestion = "put a value that starts with ! in quotes"
	case strings.Contains(s.context, "directive"), strings.Contains(problem, "directive"), strings.Contains(problem, "incompatible"):
		e.Pos.Column = 1
		e.Message = "a line that starts with % speaks to YAML itself, and not in words it knows"
		e.Suggestion = "leave the line out"
	case strings.Contains(s.context, "block scalar"):
		e.Message = "a block of lines cannot start like this"
		e.Suggestion = "write | or > alone and the text on the next lines"
	case problem == "did not find expected <document start>":
		e.Message = "the document has ended above, and something else follows"
		e.Suggestion = "indent it like the rest, or put it in quotes"
	default:
		e.Message = "YAML cannot read what stands here"
	}
	return e
}

// unseen explains a stumble by a look-alike blank or colon on the lines around
// it: "title：주문" is no entry, however much it looks like one.
func (p *parser) unseen(s *stumble) *Error {
	if !p.lookalikes {
		return nil
	}
	lines := []int{s.at.Line, s.at.Line - 1}
	if s.from.IsValid() {
		lines = append(lines, s.from.Line)
	}
	for _, line := range lines {
		if line < 1 {
			continue
		}
		text := unquoted(p.lineBytes(line))
		place := func(off int) Pos { return Pos{p.file, line, 1 + utf8.RuneCountInString(text[:off])} }
		if e := lookalikeError(text, place); e != nil {
			return e
		}
	}
	return nil
}

// unquoted is a line without its comment and with quoted texts blanked out
// character by character: their content is nobody's mistake.
func unquoted(line []byte) string {
	line = bytes.TrimRight(line, " \t\r")
	out := make([]rune, 0, len(line))
	quote, before := rune(0), ' '
	for _, r := range string(line) {
		shown := r
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
			shown = '_'
		case r == '#' && (before == ' ' || before == '\t'):
			return string(out)
		case r == '"' || r == '\'' && !unicode.IsLetter(before) && !unicode.IsDigit(before):
			quote = r
		}
		out = append(out, shown)
		before = r
	}
	return string(out)
}

// startsWithTab reports whether a tab is among the blanks a line starts with.
func (p *parser) startsWithTab(at Pos) bool {
	line := p.lineBytes(at.Line)
	blanks := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	return bytes.IndexByte(blanks, '\t') >= 0
}

// firstOn is the place of the first character of a line that is no blank.
func (p *parser) firstOn(at Pos) Pos {
	line := p.lineBytes(at.Line)
	at.Column = 1 + len(line) - len(bytes.TrimLeft(line, " "))
	return at
}

// character is what stands at a place.
func (p *parser) character(at Pos) string {
	for _, r := range string(p.text[min(p.offset(at), len(p.text)):]) {
		return string(r)
	}
	return ""
}
