package board

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Lifecycles are the state machines of a model's aggregates, as Mermaid: one diagram
// with a part for each.
func Lifecycles(sys *model.System) []byte {
	var s strings.Builder
	s.WriteString("stateDiagram-v2\n")
	for i, c := range sys.Contexts {
		for j, a := range c.Aggregates {
			for k, l := range a.Lifecycles {
				machine(&s, fmt.Sprintf("m%d_%d_%d", i+1, j+1, k+1), a, l)
			}
		}
	}
	return []byte(s.String())
}

func machine(s *strings.Builder, id string, a *model.Aggregate, l *model.Lifecycle) {
	ids := map[string]string{}
	of := func(state string) string {
		if ids[state] == "" {
			ids[state] = fmt.Sprintf("%s_%d", id, len(ids)+1)
			fmt.Fprintf(s, "    state %s as %s\n", mermaid(quote.Text(state)), ids[state])
		}
		return ids[state]
	}
	fmt.Fprintf(s, "  state %s as %s\n  state %s {\n", mermaid(a.Called()+": "+quote.Text(l.Field.Text)), id, id)
	for i, st := range l.States {
		from := of(st.Value.Value)
		if i == 0 {
			fmt.Fprintf(s, "    [*] --> %s\n", from)
		}
		for _, to := range st.To {
			fmt.Fprintf(s, "    %s --> %s\n", from, of(to.Value))
		}
	}
	s.WriteString("  }\n")
}

// lifecycle is a state machine as a picture: its states in a circle, from where it
// begins, so that each has a straight way to each other one.
func lifecycle(a *model.Aggregate, l *model.Lifecycle, of string) *Diagram {
	cards := map[string]*card{}
	d := &Diagram{Title: a.Called() + ": " + quote.Text(l.Field.Text), About: "the states of a lifecycle"}
	state := func(name string) *card {
		if cards[name] == nil {
			cards[name] = &card{id: name, title: name, of: of, class: "state"}
			d.cards = append(d.cards, cards[name])
		}
		return cards[name]
	}
	for i, s := range l.States {
		from := state(s.Value.Value)
		if i == 0 {
			from.class = "state core" // with a thick edge
			from.said = append(from.said, "begins here")
		}
		if len(s.To) == 0 {
			from.said = append(from.said, "ends here")
		}
		for _, to := range s.To {
			if to.Value == s.Value.Value {
				from.said = append(from.said, "may follow itself")
				continue
			}
			d.wires = append(d.wires, &wire{from: from, to: state(to.Value)})
		}
	}
	round(d.cards, d.wires)
	return d
}
