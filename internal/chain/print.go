package chain

import (
	"fmt"
	"io"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// signs stand for How in a printed tree.
var signs = map[How]string{Synchronous: "→", Eventual: "⇢", Compensation: "↩", Fallback: "⤷"}

// legend explains the signs.
const legend = "→ before the caller is answered   ⇢ eventually   ↩ undoes   ⤷ when no answer comes"

// Print writes a chain as a tree for a person to read, with a legend of its
// signs.
func Print(w io.Writer, s *Step) error {
	var b strings.Builder
	b.WriteString(s.line("") + "\n")
	branches(&b, s, "")
	if len(s.Steps) == 0 {
		b.WriteString("nothing follows from it\n")
	} else {
		b.WriteString("\n" + legend + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func branches(b *strings.Builder, s *Step, indent string) {
	for i, next := range s.Steps {
		branch, below := "├─ ", "│  "
		if i == len(s.Steps)-1 {
			branch, below = "└─ ", "   "
		}
		fmt.Fprintf(b, "%s%s%s %s\n", indent, branch, signs[next.How], next.line(s.In))
		branches(b, next, indent+below)
	}
}

// line is a step in a few words; its context is named where the step before it
// is in another.
func (s *Step) line(before string) string {
	text := s.Kind
	if s.Name != "" {
		text += " " + s.Name
	}
	if s.Kind == "reply" {
		text = "a reply of its own"
	}
	if s.Title != "" {
		text += " (" + quote.Terminal(s.Title) + ")"
	}
	if s.In != "" && s.In != before {
		text += " in " + s.In
	}
	if s.When != "" {
		text += ", " + quote.Terminal(s.When)
	}
	switch s.Again {
	case Cycle:
		text += " ↻ which has led here"
	case Above:
		text += " ↑ as above"
	}
	return text
}
