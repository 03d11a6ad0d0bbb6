package diag

import (
	"fmt"
	"io"
	"strings"
)

// Format is a way to print diagnostics.
type Format string

// The formats: one to read, three for machines.
const (
	Text   Format = "text"   // for a person: the line itself, a caret, the likely fix
	JSON   Format = "json"   // for scripts; its shape is documented at Report
	SARIF  Format = "sarif"  // for code scanning, version 2.1.0
	GitHub Format = "github" // workflow commands, which annotate a pull request
)

// Formats lists all formats, for help texts and completion.
func Formats() []Format { return []Format{Text, JSON, SARIF, GitHub} }

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if strings.EqualFold(name, string(f)) {
			return f, nil
		}
		names = append(names, string(f))
	}
	return "", fmt.Errorf("there is no format %q; choose one of %s", name, strings.Join(names, ", "))
}

// Options are what a printer may be told besides its format.
type Options struct {
	Color   bool   // Text: with ANSI colours
	Fold    string // Text: fold what one rule says of many places, and say at the end how all of it is shown; "": do not
	Version string // SARIF: the version of esgen, "" when unknown

	// Rule describes a rule in a sentence and names the page about it, for
	// SARIF; either may be "". A nil Rule describes none.
	Rule func(id string) (summary, url string)
	// Page is the page about a rule, as Markdown, for SARIF; "" where there is
	// none. A nil Page knows none.
	Page func(id string) string
}

// Print writes everything a list holds, sorted. Text of an empty list is
// nothing at all; the other formats say in their own way that there is nothing.
func Print(w io.Writer, format Format, l *List, opt Options) error {
	items := l.Sorted()
	switch format {
	case Text:
		return printText(w, items, opt)
	case JSON:
		return encode(w, NewReport(l))
	case SARIF:
		return printSARIF(w, items, opt)
	case GitHub:
		return printGitHub(w, items)
	}
	return fmt.Errorf("there is no format %q", format)
}
