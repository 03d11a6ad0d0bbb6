package board

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// emoji are the squares by which notes are told apart in Markdown.
var emoji = map[Kind]string{
	Event: "🟧", Command: "🟦", Aggregate: "🟨", Policy: "🟪", Saga: "🔁", View: "🟩", External: "🌸", Actor: "👤", Hotspot: "🟥",
}

// Markdown is a board in lines with coloured squares: a heading for each context, and
// below it what leads to what. Behind what people call it stands in brackets what the
// model calls it, so that it comes back as it was.
func (b *Board) Markdown() []byte {
	var s strings.Builder
	fmt.Fprintf(&s, "# %s\n", inMarkdown(b.Title))
	leads := map[*Note][]*Note{}
	told := map[*Note]bool{}
	for _, l := range b.arrows() {
		if l[0].Kind != Hotspot {
			leads[l[0]] = append(leads[l[0]], l[1])
			told[l[0]], told[l[1]] = true, true
		}
	}
	for _, f := range b.around() {
		if f.Name != "" {
			fmt.Fprintf(&s, "\n## %s (`%s`)\n", inMarkdown(f.Title), f.Name)
		}
		s.WriteByte('\n')
		for _, n := range f.notes {
			switch {
			case n.Kind == Hotspot && n.Of != nil:
				fmt.Fprintf(&s, "- %s %s\n", n.Of.inLine(f), n.inLine(f))
			case !told[n] || n.Kind != Actor && len(leads[n]) == 0 && !n.toldIn(f, leads):
				fmt.Fprintf(&s, "- %s\n", n.inLine(f))
			}
			for _, to := range leads[n] {
				fmt.Fprintf(&s, "- %s → %s\n", n.inLine(f), to.inLine(f))
			}
		}
	}
	return []byte(s.String())
}

// around are the frames of a board, the one of what is in no context first: it has no
// heading.
func (b *Board) around() []*Frame {
	var first, rest []*Frame
	for _, f := range b.Frames {
		if f.Name == "" {
			first = append(first, f)
		} else {
			rest = append(rest, f)
		}
	}
	return append(first, rest...)
}

// toldIn tells whether a line of a frame leads to a note.
func (n *Note) toldIn(f *Frame, leads map[*Note][]*Note) bool {
	for _, from := range f.notes {
		for _, to := range leads[from] {
			if to == n {
				return true
			}
		}
	}
	return false
}

// inLine is a note in a line of a frame.
func (n *Note) inLine(of *Frame) string {
	text := emoji[n.Kind] + " " + inMarkdown(n.Title)
	name := n.Name
	if n.Frame != of {
		name = n.Frame.Name + "." + n.Name
	}
	if n.Kind == Hotspot || n.Frame == of && string(n.Title) == n.Name {
		return text
	}
	return fmt.Sprintf("%s (`%s`)", text, name)
}

// inMarkdown is a text in a line, without the signs that have a meaning there.
func inMarkdown(t quote.Text) string {
	return strings.NewReplacer("|", "/", "→", "-", "`", "'", "&", "&amp;", "<", "&lt;").Replace(quote.Line(t))
}

// modelWords are what Mermaid's eventmodeling diagram calls the kinds that it has.
var modelWords = map[Kind]string{Command: "cmd", Event: "evt", View: "rmo", Policy: "pcr", Saga: "pcr"}

// EventModeling is a board as Mermaid's eventmodeling diagram: a frame for each command, event,
// view and policy. There are no aggregates, actors and external systems in it.
func (b *Board) EventModeling() []byte {
	var s strings.Builder
	s.WriteString("eventmodeling\n\n")
	number := map[*Note]int{}
	for _, n := range b.Notes {
		if modelWords[n.Kind] != "" {
			number[n] = len(number) + 1
		}
	}
	for _, n := range b.Notes {
		if number[n] == 0 {
			continue
		}
		name := n.Name
		if n.Frame.Name != "" {
			name = n.Frame.Name + "." + name
		}
		var from strings.Builder
		for _, l := range b.Links {
			if l.To == n && number[l.From] > 0 {
				fmt.Fprintf(&from, " ->> %02d", number[l.From])
			}
		}
		word := "tf"
		if from.Len() == 0 {
			word = "rf" // it does not follow from the one before it
		}
		fmt.Fprintf(&s, "%s %02d %s %s%s\n", word, number[n], modelWords[n.Kind], name, from.String())
	}
	return []byte(s.String())
}
