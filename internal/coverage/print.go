package coverage

import (
	"fmt"
	"io"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// Text writes a report for a terminal: what is covered in a line each, and
// what is not, by name.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "requirements: %s\n", r.Covered.Requirements)
	for _, x := range r.Requirements {
		fmt.Fprintf(&b, "%s %s: %s, %s: %s\n", mark(x.Scenarios), x.Name, count(x.Notes, "note"), count(x.Scenarios, "scenario"), quote.Terminal(x.Text))
	}
	fmt.Fprintf(&b, "\nslices: %s\n", r.Covered.Slices)
	for _, x := range r.Slices {
		fmt.Fprintf(&b, "%s %s", mark(x.Scenarios), titled(x.Command, x.Title))
		fmt.Fprintf(&b, ", by %s", strings.Join(x.Actors, " or "))
		if x.Sees != "" {
			fmt.Fprintf(&b, ", who sees %s", x.Sees)
		}
		if len(x.Requirements) > 0 {
			fmt.Fprintf(&b, ", for %s", strings.Join(x.Requirements, " "))
		}
		fmt.Fprintf(&b, ": %s\n", count(x.Scenarios, "scenario"))
	}
	fmt.Fprintf(&b, "\nnotes: %s\n", r.Covered.Notes)
	for _, x := range r.Notes {
		if len(x.Scenarios) == 0 {
			fmt.Fprintf(&b, "%s %s %s%s\n", mark(nil), x.Kind, titled(x.Name, x.Title), x.besides())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// besides says what speaks of a note that no scenario touches.
func (n Note) besides() string {
	switch {
	case len(n.Requirements) > 0:
		return ", for " + strings.Join(n.Requirements, " ")
	case len(n.Flows) > 0:
		return ", told in " + strings.Join(n.Flows, ", ")
	}
	return ", which nothing speaks of"
}

// String says how much is covered: "5 of 6 in scenarios (83 %)".
func (s Share) String() string {
	return fmt.Sprintf("%d of %d in scenarios (%d %%)", s.Covered, s.Of, s.Percent())
}

func mark(scenarios []string) string {
	if len(scenarios) == 0 {
		return "  ✗"
	}
	return "  ✓"
}

func count(names []string, what string) string {
	switch len(names) {
	case 0:
		return "no " + what
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", len(names), what)
}

func titled(name string, title quote.Text) string {
	if title == "" {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, quote.Terminal(title))
}

// Markdown writes a report as tables, with every scenario by name.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	row := func(cells ...quote.Markdown) {
		for _, c := range cells {
			b.WriteString("| " + string(quote.Cell(c)) + " ")
		}
		b.WriteString("|\n")
	}
	fmt.Fprintf(&b, "# Coverage\n\n## Requirements: %s\n\n", r.Covered.Requirements)
	row("requirement", "text", "notes", "scenarios")
	row("---", "---", "---", "---")
	for _, x := range r.Requirements {
		row(quote.Inline(x.Name), quote.Inline(x.Text), words(x.Notes, ", "), listed(x.Scenarios))
	}
	fmt.Fprintf(&b, "\n## Slices: %s\n\n", r.Covered.Slices)
	row("command", "actor", "sees", "requirements", "scenarios")
	row("---", "---", "---", "---", "---")
	for _, x := range r.Slices {
		row(quote.Inline(titled(x.Command, x.Title)), words(x.Actors, ", "), quote.Inline(x.Sees), words(x.Requirements, " "), listed(x.Scenarios))
	}
	fmt.Fprintf(&b, "\n## Notes: %s\n\n", r.Covered.Notes)
	row("note", "name", "requirements", "flows", "scenarios")
	row("---", "---", "---", "---", "---")
	for _, x := range r.Notes {
		row(quote.Inline(x.Kind), quote.Inline(titled(x.Name, x.Title)), words(x.Requirements, " "), words(x.Flows, ", "), listed(x.Scenarios))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// listBreak parts the items of a list in a cell.
const listBreak = "<br>"

func listed(scenarios []string) quote.Markdown {
	if len(scenarios) == 0 {
		return "**none**"
	}
	return words(scenarios, listBreak)
}

// words are names in a cell.
func words(names []string, between quote.Markdown) quote.Markdown {
	pieces := make([]quote.Markdown, len(names))
	for i, n := range names {
		pieces[i] = quote.Inline(n)
	}
	return quote.Join(pieces, between)
}
