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
