package coverage

import (
	"fmt"
	"io"
	"strings"
)

// Text writes a report for a terminal: what is covered in a line each, and
// what is not, by name.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "requirements: %s\n", r.Covered.Requirements)
	for _, x := range r.Requirements {
		fmt.Fprintf(&b, "%s %s: %s, %s: %s\n", mark(x.Scenarios), x.Name, count(x.Notes, "note"), count(x.Scenarios, "scenario"), x.Text)
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

func titled(name, title string) string {
	if title == "" {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, title)
}

// Markdown writes a report as tables, with every scenario by name.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	row := func(cells ...string) {
		for _, c := range cells {
			b.WriteString("| " + cell.Replace(c) + " ")
		}
		b.WriteString("|\n")
	}
	fmt.Fprintf(&b, "# Coverage\n\n## Requirements: %s\n\n", r.Covered.Requirements)
	row("requirement", "text", "notes", "scenarios")
	row("---", "---", "---", "---")
	for _, x := range r.Requirements {
		row(x.Name, x.Text, strings.Join(x.Notes, ", "), listed(x.Scenarios))
	}
	fmt.Fprintf(&b, "\n## Slices: %s\n\n", r.Covered.Slices)
	row("command", "actor", "sees", "requirements", "scenarios")
	row("---", "---", "---", "---", "---")
	for _, x := range r.Slices {
		row(titled(x.Command, x.Title), strings.Join(x.Actors, ", "), x.Sees, strings.Join(x.Requirements, " "), listed(x.Scenarios))
	}
	fmt.Fprintf(&b, "\n## Notes: %s\n\n", r.Covered.Notes)
	row("note", "name", "requirements", "flows", "scenarios")
	row("---", "---", "---", "---", "---")
	for _, x := range r.Notes {
		row(x.Kind, titled(x.Name, x.Title), strings.Join(x.Requirements, " "), strings.Join(x.Flows, ", "), listed(x.Scenarios))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell keeps a text inside its cell.
var cell = strings.NewReplacer("|", `\|`, "\n", " ")

// listBreak parts the items of a list in a cell.
const listBreak = "<br>"

func listed(scenarios []string) string {
	if len(scenarios) == 0 {
		return "**none**"
	}
	return strings.Join(scenarios, listBreak)
}
