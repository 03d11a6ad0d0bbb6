package board

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// stormWords are what a .storm file calls the kinds of notes (Miragon's
// event-storming modeler).
var stormWords = map[Kind]string{
	Actor: "actor", Command: "command", Aggregate: "aggregate", Event: "event", Policy: "policy", Saga: "policy",
	View: "readmodel", External: "external", Hotspot: "hotspot",
}

// Storm is a board as a .storm file: a note a line, with its place, and arrows by the
// notes' texts. Contexts are not in that language: of a context remains what its notes
// have in common, their place.
func (b *Board) Storm() []byte {
	var s strings.Builder
	fmt.Fprintf(&s, "title %s\n\n", oneLine(string(b.Title)))
	called := map[*Note]string{}
	first := map[string]*Note{}
	for _, n := range b.Notes {
		text := oneLine(string(n.Title))
		key := string(n.Kind) + " " + text
		called[n] = text
		if one := first[key]; one != nil && (n.Kind == Actor || n.Kind == External) {
			continue // the same somebody
		}
		first[key] = n
		fmt.Fprintf(&s, "%s %s [%d, %d]\n", stormWords[n.Kind], text, n.Box.X, n.Box.Y)
	}
	s.WriteByte('\n')
	for _, l := range b.arrows() {
		fmt.Fprintf(&s, "%s -> %s\n", called[l[0]], called[l[1]])
	}
	return []byte(s.String())
}

// arrows are the links of a board, those from actors and hotspots to what they hang on,
// and those from external systems to their events.
func (b *Board) arrows() [][2]*Note {
	var out [][2]*Note
	for _, n := range b.Notes {
		switch {
		case n.Of == nil:
		case n.Of.Kind == External: // it tells of what happened
			out = append(out, [2]*Note{n.Of, n})
		case n.small():
			out = append(out, [2]*Note{n, n.Of})
		}
	}
	for _, l := range b.Links {
		out = append(out, [2]*Note{l.From, l.To})
	}
	return out
}

// oneLine is a text that stands on a line.
func oneLine(text string) string {
	return strings.NewReplacer("[", "(", "]", ")").Replace(quote.Line(text))
}
