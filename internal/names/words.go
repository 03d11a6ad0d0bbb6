package names

import (
	"strings"
	"unicode"

	"github.com/jinzhu/inflection"
	"github.com/mozillazg/go-unidecode"
)

// initialisms are written in capitals in Go names, as golint's list has it.
var initialisms = map[string]bool{
	"api": true, "ascii": true, "cpu": true, "css": true, "dns": true, "eof": true, "html": true, "http": true,
	"https": true, "id": true, "ip": true, "json": true, "ram": true, "rpc": true, "sku": true, "sla": true, "sql": true,
	"ssh": true, "tcp": true, "tls": true, "ttl": true, "ui": true, "uid": true, "uri": true, "url": true,
	"utc": true, "utf8": true, "uuid": true, "vm": true, "xml": true,
}

// words splits an identifier of any script into lower-case ASCII words, at
// changes of case, digits' ends and separators: "KakaoTalk2_id" is kakao,
// talk2, id. Other scripts are romanised first.
func words(name string) []string {
	if !isASCII(name) {
		name = romanise(name)
	}
	var out []string
	rs := []rune(name)
	start := 0
	cut := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(string(rs[start:end])))
		}
	}
	for i, r := range rs {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			cut(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) &&
			(!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])):
			cut(i)
			start = i
		}
	}
	cut(len(rs))
	if len(out) == 0 {
		return []string{"x"}
	}
	if unicode.IsDigit(rune(out[0][0])) {
		out[0] = "n" + out[0] // an identifier does not begin with a digit
	}
	return out
}

// romanise writes a name of any script in ASCII, one run of letters for each
// run of the original.
func romanise(name string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' }) {
		if b.Len() > 0 {
			b.WriteByte('_')
		}
		for _, r := range strings.TrimSpace(unidecode.Unidecode(part)) {
			if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func pascal(ws []string) string {
	var b strings.Builder
	for _, w := range ws {
		b.WriteString(capital(w))
	}
	return b.String()
}

func capital(w string) string {
	if initialisms[w] {
		return strings.ToUpper(w)
	}
	if n := len(w); n > 2 && w[n-1] == 's' && initialisms[w[:n-1]] {
		return strings.ToUpper(w[:n-1]) + "s" // ids: IDs
	}
	return strings.ToUpper(w[:1]) + w[1:]
}

func camel(ws []string) string { return ws[0] + pascal(ws[1:]) }

// lowerCamel is the JSON spelling: initialisms get no special treatment.
func lowerCamel(ws []string) string {
	var b strings.Builder
	b.WriteString(ws[0])
	for _, w := range ws[1:] {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

func snake(ws []string) string  { return strings.Join(ws, "_") }
func kebab(ws []string) string  { return strings.Join(ws, "-") }
func joined(ws []string) string { return strings.Join(ws, "") }

// plural makes the last word plural.
func plural(ws []string) []string {
	out := append([]string(nil), ws...)
	last := len(out) - 1
	out[last] = inflection.Plural(out[last])
	return out
}
