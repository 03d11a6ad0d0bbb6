package expr

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
)

// maxText bounds the length of an expression, in characters.
const maxText = 20_000

// token is a word or sign of an expression, by its byte offsets.
type token struct{ start, end int }

// scanned is an expression's text made ready for CEL, which reads ASCII only:
// every name with other characters has an ASCII name in its place.
type scanned struct {
	text    string
	tokens  []token
	ascii   string
	offsets []int             // byte offset in text of every character of ascii
	names   map[string]string // ASCII name -> name as written, NFC
}

// scan finds the words of an expression. What no expression can contain is a
// problem; the grammar is CEL's business.
func scan(text string) (*scanned, *problem) {
	if utf8.RuneCountInString(text) > maxText {
		return nil, &problem{rule: rule.ExprSyntax, message: fmt.Sprintf("the expression has more than %d characters", maxText)}
	}
	s := &scanner{scanned: scanned{text: text, names: map[string]string{}}, byName: map[string]string{}, prefix: "u_"}
	for strings.Contains(text, s.prefix) {
		s.prefix += "_"
	}
	for s.pos < len(text) {
		if bad := s.next(); bad != nil {
			return nil, bad
		}
	}
	s.ascii = s.out.String()
	s.offsets = append(s.offsets, len(text))
	return &s.scanned, nil
}

// offset is the byte offset in the text of a character of the ASCII form.
func (s *scanned) offset(char int) int { return s.offsets[min(max(char, 0), len(s.offsets)-1)] }

// name is the name as written.
func (s *scanned) name(ascii string) string {
	if n, ok := s.names[ascii]; ok {
		return n
	}
	return ascii
}

// word is the text of token i.
func (s *scanned) word(i int) string { return s.text[s.tokens[i].start:s.tokens[i].end] }

// after is the start of the token behind the one at an offset, before of the
// one in front of it.
func (s *scanned) after(at int) int  { return s.neighbour(at, 1) }
func (s *scanned) before(at int) int { return s.neighbour(at, -1) }

func (s *scanned) neighbour(at, by int) int {
	i, ok := slices.BinarySearchFunc(s.tokens, at, func(t token, at int) int { return t.start - at })
	if !ok || i+by < 0 || i+by >= len(s.tokens) {
		return at
	}
	return s.tokens[i+by].start
}

// literal is the text of the token at an offset; a minus before a number is
// part of the number.
func (s *scanned) literal(at int) string {
	i, ok := slices.BinarySearchFunc(s.tokens, at, func(t token, at int) int { return t.start - at })
	if !ok {
		return ""
	}
	if w := s.word(i); w != "-" || i+1 >= len(s.tokens) {
		return w
	}
	return "-" + s.word(i+1)
}

// scanner is a scan on its way.
type scanner struct {
	scanned
	pos    int
	out    strings.Builder
	byName map[string]string // name as written -> ASCII name
	prefix string            // of ASCII names; occurs nowhere in the text
}

// next reads one token, or the space before it.
func (s *scanner) next() *problem {
	rest := s.text[s.pos:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case r == utf8.RuneError && size == 1:
		return s.bad("the expression is no UTF-8 text", "")
	case strings.ContainsRune(" \t\r\n\f", r):
		s.copy(size)
	case strings.HasPrefix(rest, "//"):
		s.copy(lineEnd(rest))
	case stringPrefix(rest) >= 0:
		return s.str(stringPrefix(rest))
	case r >= '0' && r <= '9':
		return s.number()
	case r == '_' || unicode.IsLetter(r):
		s.ident()
	default:
		return s.sign(r)
	}
	return nil
}

// copy takes n bytes over as they are.
func (s *scanner) copy(n int) {
	for i := range s.text[s.pos : s.pos+n] {
		s.offsets = append(s.offsets, s.pos+i)
	}
	s.out.WriteString(s.text[s.pos : s.pos+n])
	s.pos += n
}

// take is copy of a token.
func (s *scanner) take(n int) {
	s.tokens = append(s.tokens, token{s.pos, s.pos + n})
	s.copy(n)
}

// ident takes a name; one that is not all ASCII is replaced.
func (s *scanner) ident() {
	n := identLen(s.text[s.pos:])
	word := s.text[s.pos : s.pos+n]
	if names.IsASCII(word) {
		s.take(n)
		return
	}
	word = norm.NFC.String(word)
	ascii, ok := s.byName[word]
	if !ok {
		ascii = fmt.Sprintf("%s%d", s.prefix, len(s.names))
		s.byName[word], s.names[ascii] = ascii, word
	}
	s.tokens = append(s.tokens, token{s.pos, s.pos + n})
	for range ascii {
		s.offsets = append(s.offsets, s.pos)
	}
	s.out.WriteString(ascii)
	s.pos += n
}

// number takes a number as CEL lexes it.
func (s *scanner) number() *problem {
	rest := s.text[s.pos:]
	digits := func(i int) int {
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		return i
	}
	n := digits(0)
	if strings.HasPrefix(rest, "0x") || strings.HasPrefix(rest, "0X") {
		for n = 2; n < len(rest) && strings.ContainsRune("0123456789abcdefABCDEF", rune(rest[n])); n++ {
		}
		if n == 2 {
			return s.bad("a hexadecimal number needs digits behind 0x", "")
		}
	} else {
		if n+1 < len(rest) && rest[n] == '.' && digits(n+1) > n+1 {
			n = digits(n + 1)
		}
		if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
			exp := n + 1
			if exp < len(rest) && (rest[exp] == '+' || rest[exp] == '-') {
				exp++
			}
			if end := digits(exp); end > exp {
				n = end
			}
		}
	}
	if unit := rest[n : n+identLen(rest[n:])]; unit != "" {
		word := rest[:n+len(unit)]
		switch {
		case durationUnit(unit):
			return s.bad(fmt.Sprintf("%s is no number", word), fmt.Sprintf("write duration('%s')", word))
		case unit == "u" || unit == "U":
			return s.bad(fmt.Sprintf("%s: a number has no u behind it", word), "write "+rest[:n])
		}
		return s.bad(fmt.Sprintf("%s is neither a number nor a name", word), "")
	}
	s.take(n)
	return nil
}

// durationUnit reports whether a word is a unit, or begins the rest of a
// duration: d, m, h30m.
func durationUnit(word string) bool {
	i := strings.IndexAny(word, "0123456789")
	if i < 0 {
		i = len(word)
	}
	return slices.Contains([]string{"d", "h", "m", "s", "ms", "us"}, word[:i])
}

// str takes a quoted text whose quote stands behind a prefix of n bytes.
func (s *scanner) str(n int) *problem {
	rest := s.text[s.pos:]
	raw := n > 0
	if strings.ContainsAny(rest[:n], "bB") {
		return s.bad("there are no bytes: leave out the b", "")
	}
	quote := rest[n : n+1]
	triple := strings.HasPrefix(rest[n:], strings.Repeat(quote, 3))
	if triple {
		quote = strings.Repeat(quote, 3)
	}
	for i := n + len(quote); i < len(rest); i++ {
		switch {
		case strings.HasPrefix(rest[i:], quote):
			s.take(i + len(quote))
			return nil
		case rest[i] == '\\' && !raw:
			i++
		case !triple && (rest[i] == '\n' || rest[i] == '\r'):
			return s.bad("the text has no closing "+quote+" on its line", "")
		}
	}
	return s.bad("the text has no closing "+quote, "")
}

// signs are the operators and brackets, longer ones first.
var signs = []string{"&&", "||", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "<", ">", "!", "(", ")", "[", "]", "{", "}", ",", ".", "?", ":"}

// strays are characters that look like, or stand for, something else.
var strays = map[rune]string{
	'=': "write == to compare", '&': "write &&", '|': "write ||", ';': "an expression has no ;",
	'‘': "write '", '’': "write '", '“': "write '", '”': "write '", '`': "write '", '´': "write '", '「': "write '", '」': "write '",
	'×': "write *", '÷': "write /", '≥': "write >=", '≤': "write <=", '≠': "write !=", '–': "write -", '—': "write -", '−': "write -",
	'#': "quote the whole expression when a text in it holds a #",
	'@': "a name is made of letters, digits and _", '$': "a name is made of letters, digits and _",
}

// sign takes an operator or bracket.
func (s *scanner) sign(r rune) *problem {
	rest := s.text[s.pos:]
	for _, sign := range signs {
		if strings.HasPrefix(rest, sign) {
			s.take(len(sign))
			return nil
		}
	}
	fix, ok := strays[r]
	switch plain := norm.NFKC.String(string(r)); {
	case ok:
	case unicode.IsSpace(r) || unicode.In(r, unicode.Cf):
		return s.bad(fmt.Sprintf("a blank that is not a blank (U+%04X)", r), "write an ordinary blank")
	case names.IsASCII(plain):
		fix = "write " + plain
	}
	return s.bad(fmt.Sprintf("unexpected %c", r), fix)
}

func (s *scanner) bad(message, fix string) *problem {
	return &problem{rule: rule.ExprSyntax, at: s.pos, message: message, fix: fix}
}

// stringPrefix is the number of letters before the quote of a text that begins
// here, -1 when none does.
func stringPrefix(rest string) int {
	n := 0
	for n < 2 && n < len(rest) && strings.IndexByte("rRbB", rest[n]) >= 0 {
		n++
	}
	if n == 2 && strings.EqualFold(rest[:1], rest[1:2]) {
		return -1
	}
	if n < len(rest) && (rest[n] == '\'' || rest[n] == '"') {
		return n
	}
	return -1
}

// identLen is the length in bytes of the name a text begins with.
func identLen(s string) int {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.In(r, unicode.Mn, unicode.Mc) {
			return i
		}
	}
	return len(s)
}

func lineEnd(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}
