package board

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// Mermaid is a board as a flowchart, for pages that draw Mermaid by themselves.
func (b *Board) Mermaid() []byte {
	var s strings.Builder
	s.WriteString("flowchart LR\n")
	id := map[*Note]string{}
	for i, n := range b.Notes {
		id[n] = fmt.Sprintf("n%d", i+1)
	}
	for i, f := range b.Frames {
		indent := "  "
		if f.Name != "" {
			fmt.Fprintf(&s, "  subgraph c%d[%s]\n", i+1, mermaid(f.Title))
			indent = "    "
		}
		for _, n := range f.notes {
			fmt.Fprintf(&s, "%s%s[%s]:::%s\n", indent, id[n], mermaid(n.Title), n.Kind)
		}
		if f.Name != "" {
			s.WriteString("  end\n")
		}
	}
	for _, n := range b.Notes {
		if n.small() && n.Of != nil {
			fmt.Fprintf(&s, "  %s --- %s\n", id[n], id[n.Of])
		}
	}
	for _, l := range b.Links {
		arrow := "-->"
		if l.Kind == Crosses || l.Kind == Reads {
			arrow = "-.->"
		}
		fmt.Fprintf(&s, "  %s %s %s\n", id[l.From], arrow, id[l.To])
	}
	for _, k := range kinds {
		c := look[k]
		fmt.Fprintf(&s, "  classDef %s fill:%s,color:%s,stroke:#0003\n", k, c.fill, c.ink)
	}
	return []byte(s.String())
}

// edges is how many lines a flowchart of the board has.
func (b *Board) edges() int {
	n := len(b.Links)
	for _, note := range b.Notes {
		if note.small() && note.Of != nil {
			n++
		}
	}
	return n
}

// kinds are all kinds, in the order in which a story comes to them.
var kinds = []Kind{Actor, Command, Aggregate, Event, Policy, Saga, View, External, Hotspot}

// mermaid is a text as Mermaid takes it: in quotes, what could be markup as a
// character reference.
func mermaid(t quote.Text) string { return `"` + referenced(t) + `"` }

// mostLetters is how much of a text a diagram shows: more is no label any more.
const mostLetters = 100

// referenced is a text on one line in which what could be markup of Mermaid is a
// character reference. Of a long one it is the beginning.
func referenced(t quote.Text) string {
	var s strings.Builder
	letters := 0
	for _, r := range quote.Line(t) {
		if letters++; letters > mostLetters {
			s.WriteRune('…')
			break
		}
		if strings.ContainsRune(`"#<>&;`+"`", r) {
			fmt.Fprintf(&s, "#%d;", r)
		} else {
			s.WriteRune(r)
		}
	}
	return s.String()
}

// Mermaid is a diagram as a flowchart: what is heard is dotted.
func (d *Diagram) Mermaid() []byte {
	var s strings.Builder
	s.WriteString("flowchart LR\n")
	id := map[*card]string{}
	for i, c := range d.cards {
		id[c] = fmt.Sprintf("c%d", i+1)
		text := referenced(quote.Text(c.title))
		for _, l := range c.said {
			text += "<br>" + referenced(quote.Text(l))
		}
		fmt.Fprintf(&s, "  %s[\"%s\"]\n", id[c], text)
	}
	for _, w := range d.wires {
		arrow := "-->"
		if w.dashed {
			arrow = "-.->"
		}
		if w.label != "" {
			arrow += "|" + mermaid(quote.Text(w.label)) + "|"
		}
		fmt.Fprintf(&s, "  %s %s %s\n", id[w.from], arrow, id[w.to])
	}
	return []byte(s.String())
}
