package board

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/model"
)

// roles are what context maps call the roles of a relation.
var roles = map[string]string{
	"customer-supplier": "C/S", "conformist": "CF", "anticorruption-layer": "ACL", "open-host-service": "OHS", "published-language": "PL",
}

// Map draws the context map of a model: who decides (upstream) and who follows,
// by what is heard and what is asked between them, and what the model says of it.
func Map(sys *model.System) *Diagram {
	b := Of(sys)
	cards := map[*Frame]*card{}
	byName := map[string]*card{}
	var all []*card
	for _, f := range b.Frames {
		if f.Name == "" {
			continue
		}
		c := &card{id: f.Name, of: f.key(), title: string(f.Title), class: "context " + f.Domain, depth: f.depth}
		if f.Domain != "" {
			c.said = append(c.said, f.Domain)
		}
		for _, n := range f.notes {
			if n.Kind == Aggregate {
				c.said = append(c.said, string(n.Title))
			}
		}
		cards[f], byName[f.Name] = c, c
		all = append(all, c)
	}
	between := map[[2]*card]*wire{}
	var wires []*wire
	get := func(from, to *card, dashed bool) *wire {
		w := between[[2]*card{from, to}]
		if w == nil {
			w = &wire{from: from, to: to, dashed: dashed}
			between[[2]*card{from, to}] = w
			wires = append(wires, w)
		}
		w.dashed = w.dashed && dashed
		return w
	}
	counts := map[*wire]map[LinkKind]int{}
	for _, l := range b.Links {
		from, to := cards[l.From.Frame], cards[l.To.Frame]
		if from == nil || to == nil || from == to || l.Kind == Reads {
			continue
		}
		if l.Kind == Asks { // who is asked is upstream
			from, to = to, from
		}
		w := get(from, to, l.Kind == Crosses)
		if counts[w] == nil {
			counts[w] = map[LinkKind]int{}
		}
		counts[w][l.Kind]++
	}
	for _, w := range wires {
		w.label = counted(amount{counts[w][Crosses], "event", "events"}, amount{counts[w][Asks], "call", "calls"})
	}
	for _, r := range sys.Relations {
		up, down := r.Upstream, r.Downstream
		if len(r.Between) == 2 {
			up, down = r.Between[0], r.Between[1]
		}
		if up == nil || down == nil || byName[up.Name] == nil || byName[down.Name] == nil {
			continue
		}
		w := get(byName[up.Name], byName[down.Name], true)
		var said []string
		if r.Kind != "" {
			said = append(said, r.Kind)
		}
		for _, role := range r.Roles {
			said = append(said, roles[role.Value])
		}
		w.label = strings.TrimPrefix(w.label+" · "+strings.Join(said, " "), " · ")
	}
	if len(all) > mostAround {
		layered(all, wires)
	} else {
		round(all, wires)
	}
	return &Diagram{Title: b.Title, About: "context map", cards: all, wires: wires}
}

// amount is how many there are of something.
type amount struct {
	n         int
	one, many string
}

// counted tells of which things there are some, and how many.
func counted(amounts ...amount) string {
	var parts []string
	for _, a := range amounts {
		switch {
		case a.n == 1:
			parts = append(parts, "1 "+a.one)
		case a.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", a.n, a.many))
		}
	}
	return strings.Join(parts, ", ")
}
