// Package upgrading holds the notes about what a newer esgen writes otherwise.
package upgrading

import (
	_ "embed" // the notes
	"fmt"
	"strings"
)

//go:embed README.md
var page string

// Note is about one change of what esgen writes.
type Note struct {
	Number int
	Title  string
	Text   string // what changes, why, and what to do, as Markdown
}

// heading begins a note.
const heading = "\n## "

// Notes are all there are, the oldest first.
func Notes() []Note {
	var out []Note
	for _, part := range strings.Split(page, heading)[1:] {
		title, text, _ := strings.Cut(part, "\n")
		var n Note
		if _, err := fmt.Sscanf(title, "%d.", &n.Number); err == nil {
			_, n.Title, _ = strings.Cut(title, ". ")
			n.Text = strings.TrimSpace(text)
			out = append(out, n)
		}
	}
	return out
}

// Edition is the number of the newest note: what is written goes by all up to it.
func Edition() int { return len(Notes()) }

// Since are the notes after an edition.
func Since(edition int) []Note {
	all := Notes()
	return all[min(max(edition, 0), len(all)):]
}
