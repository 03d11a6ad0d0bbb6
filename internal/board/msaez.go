package board

import (
	"encoding/json"
	"fmt"
)

// msaezTypes are what MSAEz calls the kinds of notes.
var msaezTypes = map[Kind]string{
	Event: "Event", Command: "Command", Aggregate: "Aggregate", Policy: "Policy", Saga: "Policy", View: "View", External: "External", Actor: "Actor", Hotspot: "Issue",
}

const msaezPrefix = "org.uengine.modeling.model."

// MSAEz is a board as MSAEz keeps it: elements by their ids, each with its place, and
// relations between them.
func (b *Board) MSAEz() ([]byte, error) {
	type m = map[string]any
	elements, relations := m{}, m{}
	element := func(id, kind, name, title string, box Box, more m) {
		e := m{
			"_type": msaezPrefix + kind, "id": id, "name": name, "displayName": title, "oldName": "", "description": nil,
			"elementView": m{
				"_type": msaezPrefix + kind, "id": id, "style": "{}",
				"x": box.X + box.W/2, "y": box.Y + box.H/2, "width": box.W, "height": box.H, // from its middle
			},
		}
		for k, v := range more {
			e[k] = v
		}
		elements[id] = e
	}
	frame := map[*Frame]any{}
	for i, f := range b.Frames {
		if f.Name == "" {
			continue
		}
		id := fmt.Sprintf("f%d", i+1)
		frame[f] = m{"id": id}
		element(id, "BoundedContext", f.Name, string(f.Title), f.Box, m{"aggregates": []m{}, "policies": []m{}, "views": []m{}, "members": []m{}})
	}
	ids := map[*Note]string{}
	for i, n := range b.Notes {
		ids[n] = fmt.Sprintf("n%d", i+1)
	}
	for _, n := range b.Notes {
		more := m{"boundedContext": frame[n.Frame], "fieldDescriptors": []m{}, "description": string(n.Text)}
		if n.Of != nil && n.Of.Kind == Aggregate {
			more["aggregate"] = m{"id": ids[n.Of]}
		}
		switch n.Kind {
		case Saga:
			more["isSaga"] = true
		case Aggregate:
			more["aggregateRoot"] = m{"_type": msaezPrefix + "AggregateRoot", "fieldDescriptors": []m{}, "entities": m{"elements": m{}, "relations": m{}}}
		}
		element(ids[n], msaezTypes[n.Kind], n.Name, string(n.Title), n.Box, more)
	}
	for i, l := range b.arrows() {
		id := fmt.Sprintf("r%d", i+1)
		relations[id] = m{
			"_type": msaezPrefix + "Relation", "id": id, "name": "", "displayName": "", "from": ids[l[0]], "to": ids[l[1]],
			"sourceElement": m{"id": ids[l[0]]}, "targetElement": m{"id": ids[l[1]]}, "relationView": m{"id": id, "style": "{}", "value": "[]"},
		}
	}
	data, err := json.MarshalIndent(m{"elements": elements, "relations": relations, "name": string(b.Title)}, "", " ")
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	return append(data, '\n'), nil
}
