package names

import (
	"strings"
	"unicode"

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
	if !IsASCII(name) {
		name = romanise(name)
	}
	lower := strings.ToLower(name) // of ASCII: byte for byte
	out := make([]string, 0, 4)
	start := 0
	cut := func(end, next int) {
		if end > start {
			out = append(out, lower[start:end])
		}
		start = next
	}
	for i := range len(name) {
		switch {
		case !isLower(lower[i]) && !isDigit(name[i]):
			cut(i, i+1)
		case i > start && isUpper(name[i]) && (!isUpper(name[i-1]) || i+1 < len(name) && isLower(name[i+1])):
			cut(i, i)
		}
	}
	cut(len(name), len(name))
	if len(out) == 0 {
		return []string{"x"}
	}
	if isDigit(out[0][0]) {
		out[0] = "n" + out[0] // an identifier does not begin with a digit
	}
	return out
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

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

// IsASCII reports whether a text has only ASCII characters.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func pascal(ws []string) string {
	var b strings.Builder
	writePascal(&b, ws)
	return b.String()
}

func writePascal(b *strings.Builder, ws []string) {
	for _, w := range ws {
		switch n := len(w); {
		case initialisms[w]:
			b.WriteString(strings.ToUpper(w))
		case n > 2 && w[n-1] == 's' && initialisms[w[:n-1]]: // ids: IDs
			b.WriteString(strings.ToUpper(w[:n-1]))
			b.WriteByte('s')
		default:
			writeCapital(b, w)
		}
	}
}

func writeCapital(b *strings.Builder, w string) {
	first := w[0]
	if isLower(first) {
		first -= 'a' - 'A'
	}
	b.WriteByte(first)
	b.WriteString(w[1:])
}

func camel(ws []string) string {
	var b strings.Builder
	b.WriteString(ws[0])
	writePascal(&b, ws[1:])
	return b.String()
}

// lowerCamel is the JSON spelling: initialisms get no special treatment.
func lowerCamel(ws []string) string {
	var b strings.Builder
	b.WriteString(ws[0])
	for _, w := range ws[1:] {
		writeCapital(&b, w)
	}
	return b.String()
}

func snake(ws []string) string  { return strings.Join(ws, "_") }
func kebab(ws []string) string  { return strings.Join(ws, "-") }
func joined(ws []string) string { return strings.Join(ws, "") }
