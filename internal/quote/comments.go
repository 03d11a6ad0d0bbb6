package quote

import (
	"regexp"
	"strings"
)

// Doc is a text as lines of a comment that begins with two slashes: Go,
// Protocol Buffers.
func Doc[S ~string](text S) string { return comment("//", text) }

// Hash is a text as lines of a comment that begins with #: YAML, shell, make,
// Dockerfiles.
func Hash[S ~string](text S) string { return comment("#", text) }

// Aside is a text within a line of a comment, or behind the code of a line.
func Aside[S ~string](text S) string { return harmless(Line(text)) }

func comment[S ~string](mark string, text S) string {
	lines := Lines(text)
	if len(lines) == 0 {
		return mark
	}
	for i, line := range lines {
		lines[i] = mark
		if line != "" {
			lines[i] += " " + harmless(line)
		}
	}
	return strings.Join(lines, "\n")
}

// directive is what tools read in comments, with a blank in front of it too:
// constraints of builds, marks of generated files, orders to linters,
// compilers, editors and parsers.
var directive = regexp.MustCompile(`(?i)^\s*(` + strings.Join([]string{
	`\+build\b`, `nolint\b`, `lint:`, `go:[a-z]`, `line\s`, `export\s`, `extern\s`, `#?cgo\s`, `buf:`, `@@`,
	`Code generated .*DO NOT EDIT`, `gazelle:`, `revive:`, `exhaustive:`, `golangci`,
	`!`, `syntax\s*=`, `escape\s*=`, `check\s*=`, `shellcheck\s`, `yaml-language-server`, `yamllint\s`, `yamlfmt`, `checkov:`, `hadolint\s`,
	`kube-linter`, `kics-scan`, `trivy:`, `-\*-`, `vim?:`, `ex:`, `---`, `\.\.\.`, `%YAML`, `%TAG`, `<<<<<<<`, `=======`, `>>>>>>>`,
}, "|") + `)`)

// nosec is an order that is obeyed wherever it stands in a comment.
var nosec = regexp.MustCompile(`(?i)#\s*(nosec|nolint|noqa)`)

// harmless is a line of a comment in which no tool finds an order: one is put
// in quotes, where it is only spoken of.
func harmless(line string) string {
	if strings.Contains(line, "#") {
		line = nosec.ReplaceAllString(line, `"#" $1`)
	}
	if directive.MatchString(line) {
		return `"` + strings.TrimSpace(line) + `"`
	}
	return line
}
