// Package packs holds the page about what templates get: the kinds of units, what
// prints texts, and the data, type by type. Its test writes it from the types.
package packs

import (
	_ "embed"
	"strings"
)

//go:embed data.md
var page string

// Kinds and Functions are the headings of sections that no type has.
const (
	Kinds     = "Kinds"
	Functions = "Functions"
)

const heading = "\n## "

// Section is a section of the page by its heading: Kinds, Functions, or a type as
// templates are told of it, services.Aggregate; "": there is none.
func Section(of string) string {
	_, text, found := strings.Cut(page, heading+of+"\n")
	if !found {
		return ""
	}
	text, _, _ = strings.Cut(text, heading)
	return "## " + of + "\n" + strings.TrimRight(text, "\n") + "\n"
}

// Types are the types that have sections.
func Types() []string {
	var out []string
	for _, s := range strings.Split(page, heading)[1:] {
		if name, _, _ := strings.Cut(s, "\n"); strings.Contains(name, ".") {
			out = append(out, name)
		}
	}
	return out
}
