package importer

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/esgen/esgen/internal/board"
)

// longest bounds a name: the text of a note that is longer is its title.
const longest = 48

// plain is a text without what drawing tools put around it: line breaks, blanks,
// emoji, quotes and backquotes.
func plain(text string) string {
	text = codeInText.ReplaceAllString(norm.NFC.String(text), "$1")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '`': // one of its own
			return r
		case r == '\u200b' || r == '\ufeff' || unicode.In(r, unicode.Cf, unicode.So, unicode.Sk, unicode.Variation_Selector):
			return -1
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	return strings.Trim(strings.Join(strings.Fields(text), " "), ` "'`)
}

// codeInText is a part of a text in backquotes.
var codeInText = regexp.MustCompile("`([^`]*)`")

// identifier is a name of the language made of a text: OrderPlaced of "order
// placed", 주문을_취소하다 of "주문을 취소하다". It is "" when the text has no letter.
func identifier(text string, kind board.Kind) string {
	words := strings.FieldsFunc(plain(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
	})
	if len(words) == 0 {
		return ""
	}
	var name strings.Builder
	runes := 0
	for i, w := range words {
		first := []rune(w)[0]
		if runes+len([]rune(w)) > longest && i > 0 {
			break
		}
		if unicode.Is(unicode.Latin, first) {
			w = string(unicode.ToUpper(first)) + w[len(string(first)):]
		} else if i > 0 {
			name.WriteByte('_')
		}
		name.WriteString(w)
		runes += len([]rune(w))
	}
	out := []rune(name.String())
	if !unicode.IsLetter(out[0]) {
		out = append([]rune(strings.ToUpper(string(kind[:1]))+string(kind[1:])), out...)
	}
	return string(out[:min(len(out), longest)])
}

// lower is an identifier as fields and contexts have it.
func lower(name string) string {
	r := []rune(name)
	for i := range r {
		// An acronym goes down as a whole: ISBN is isbn, HTTPServer httpServer.
		if !unicode.IsUpper(r[i]) || i > 0 && i+1 < len(r) && unicode.IsLower(r[i+1]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}

// words are those of a name or text, in small letters, as their stems: what
// "place order" and "OrderPlaced" have in common.
func words(text string) map[string]bool {
	out := map[string]bool{}
	var word []rune
	end := func() {
		if len(word) > 0 {
			out[stem(strings.ToLower(string(word)))] = true
		}
		word = word[:0]
	}
	before := rune(0)
	for _, r := range plain(text) {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
		case unicode.IsUpper(r) && unicode.IsLower(before):
			end()
			word = append(word, r)
		default:
			word = append(word, r)
		}
		before = r
	}
	end()
	for _, filler := range []string{"a", "an", "the", "is", "was", "has", "been", "to", "of"} {
		delete(out, filler)
	}
	return out
}

// endings are those by which an event is told from its command, the longest first.
var endings = []string{
	"되었습니다", "하였습니다", "했습니다", "되었다", "하였다", "합니다", "했다", "됐다", "한다", "하다", "하라", "하기", "되다", "됨", "함",
	"ied", "ed", "en", "y", "e", "d", "t",
}

func stem(word string) string {
	for _, e := range endings {
		if rest, is := strings.CutSuffix(word, e); is && len([]rune(rest)) >= 2 {
			word = rest
			break
		}
	}
	// shipped is of ship
	if n := len(word); n > 3 && word[n-1] == word[n-2] && word[n-1] < utf8Self {
		word = word[:n-1]
	}
	return word
}

const utf8Self = 0x80

// alike tells whether two texts are of the same words.
func alike(a, b string) bool {
	x, y := words(a), words(b)
	if len(x) == 0 || len(x) != len(y) {
		return false
	}
	for w := range x {
		if !y[w] {
			return false
		}
	}
	return true
}
