package quote

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Go is a text as a string literal of Go.
func Go[S ~string](text S) string { return strconv.Quote(string(text)) }

// GoRaw is a text as a string literal of Go, between backquotes where quotes or
// backslashes in it would need escapes: JSON, patterns.
func GoRaw[S ~string](text S) string {
	s := string(text)
	if !strings.ContainsAny(s, `"\`) || !strconv.CanBackquote(s) || strings.ContainsFunc(s, hidden) {
		return strconv.Quote(s)
	}
	return "`" + s + "`"
}

// JSON is a text as a string of JSON, readable where JSON is not part of HTML.
func JSON[S ~string](text S) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(string(text)) // a string has a JSON form
	return strings.TrimSuffix(b.String(), "\n")
}

// yamlWord is what is a string without quotes to every version of YAML, in
// block and in flow style.
var yamlWord = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./@-]*$`)

// yamlGuess is what YAML 1.1 or 1.2 reads as something else than a string.
var yamlGuess = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|\.inf|\.nan|_.*)$`)

// YAML is a text as a scalar of YAML that is a string to every reader.
func YAML[S ~string](text S) string {
	s := string(text)
	if yamlWord.MatchString(s) && !yamlGuess.MatchString(s) {
		return s
	}
	if strings.ContainsAny(s, `"\`) && !strings.Contains(s, "'") && !strings.ContainsFunc(s, unprintable) {
		return "'" + s + "'"
	}
	return strconv.Quote(valid(s)) // every escape of Go means the same in YAML
}

// Proto is a text as a string literal of Protocol Buffers.
func Proto[S ~string](text S) string { return strconv.Quote(valid(string(text))) }

// Shell is a text as one word of a POSIX shell.
func Shell[S ~string](text S) string {
	s := string(text)
	if shellWord.MatchString(s) {
		return s
	}
	return ShellString(s)
}

// ShellString is a text as one word of a POSIX shell, between quotes whatever it is.
func ShellString[S ~string](text S) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(string(text), "\x00", ""), "'", `'\''`) + "'"
}

var shellWord = regexp.MustCompile(`^[A-Za-z0-9_./@:][A-Za-z0-9_./@:-]*$`)

// Make is a text as one word of a command in a Makefile.
func Make[S ~string](text S) string { return strings.ReplaceAll(Shell(Line(text)), "$", "$$") }

// Docker is a text as a value in quotes of an instruction of a Dockerfile.
func Docker[S ~string](text S) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(Line(text)) + `"`
}

// SQL is a text as a string literal of SQL, to PostgreSQL (with
// standard_conforming_strings, the default) and SQLite.
func SQL[S ~string](text S) string {
	return "'" + strings.NewReplacer("\x00", "", "'", "''").Replace(string(text)) + "'"
}

// Owner is a text as CODEOWNERS has a user or a team; "" for what can be neither.
func Owner[S ~string](text S) string {
	name := strings.TrimPrefix(string(text), "@")
	if !owner.MatchString(name) {
		return ""
	}
	return "@" + name
}

var owner = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?$`)

// HTML is a text as the content of an element or of an attribute in quotes.
func HTML[S ~string](text S) string { return html.EscapeString(valid(string(text))) }

// Terminal is a text for somebody who reads it at a terminal: on one line, with
// nothing in it that the terminal obeys.
func Terminal[S ~string](text S) string { return Line(text) }

func unprintable(r rune) bool { return !strconv.IsPrint(r) || r == utf8.RuneError }

func valid(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }
