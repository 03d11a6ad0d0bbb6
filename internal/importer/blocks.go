package importer

import (
	"strings"
	"unicode"
)

// block is a piece of a language of words and braces: the words before a brace, and
// what is in it; or a line of words.
type block struct {
	words  []string
	doc    string // a text in quotes that stands before it
	blocks []block
}

// blocksOf cuts a text into blocks. Comments are passed over, brackets that do not
// match as well.
func blocksOf(text string) []block {
	p := &blockParser{tokens: tokens(text)}
	return p.list(0)
}

// deepest bounds how deep blocks may be.
const deepest = 200

type blockParser struct {
	tokens []string
	at     int
}

func (p *blockParser) list(depth int) []block {
	var out []block
	var words []string
	doc := ""
	end := func() {
		if len(words) > 0 {
			out = append(out, block{words: words, doc: doc})
			doc = ""
		}
		words = nil
	}
	for p.at < len(p.tokens) {
		t := p.tokens[p.at]
		p.at++
		switch {
		case t == "\n" || t == ";":
			end()
		case t == "{":
			if len(words) == 0 && len(out) > 0 && len(out[len(out)-1].blocks) == 0 { // a brace on a line of its own
				words, doc = out[len(out)-1].words, out[len(out)-1].doc
				out = out[:len(out)-1]
			}
			b := block{words: words, doc: doc}
			if depth < deepest {
				b.blocks = p.list(depth + 1)
			}
			out = append(out, b)
			words, doc = nil, ""
		case t == "}":
			end()
			return out
		case t[0] == '"' && len(words) == 0:
			doc = strings.Trim(t, `"`)
		default:
			words = append(words, t)
		}
	}
	end()
	return out
}

// tokens are words, texts in quotes, patterns in slashes, line breaks and single marks.
func tokens(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		rest := text[i:]
		switch {
		case rest[0] == '/' && len(out) > 0 && out[len(out)-1] == "(": // a pattern: JDL's pattern(/^[A-Z]{2}$/)
			n := patternLength(rest)
			out = append(out, rest[:n])
			i += n
		case strings.HasPrefix(rest, "//"):
			i += len(until(rest, "\n"))
		case strings.HasPrefix(rest, "/*"):
			i += min(len(rest), len(until(rest, "*/"))+2)
		case rest[0] == '"':
			text := until(rest[1:], `"`)
			out = append(out, `"`+text+`"`)
			i += min(len(rest), len(text)+2)
		case rest[0] == '\n':
			out = append(out, "\n")
			i++
		default:
			n := wordLength(rest)
			if n == 0 {
				r := []rune(rest[:min(4, len(rest))])[0]
				n = len(string(r))
				if n > len(rest) {
					n = len(rest)
				}
				if !unicode.IsSpace(r) {
					out = append(out, rest[:n])
				}
			} else {
				out = append(out, rest[:n])
			}
			i += n
		}
	}
	return out
}

// patternLength is how long the pattern between slashes is with which a text begins; it
// ends with its line in any case.
func patternLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '/':
			return i + 1
		case '\n':
			return i
		}
	}
	return len(text)
}

func until(text, end string) string {
	before, _, _ := strings.Cut(text, end)
	return before
}

func wordLength(text string) int {
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' {
			return i
		}
	}
	return len(text)
}
