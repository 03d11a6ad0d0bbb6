package board

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
)

// written is the text of a note, line by line.
func (n *Note) written() string {
	lines := make([]string, len(n.Lines))
	for i, l := range n.Lines {
		lines[i] = l.Text
	}
	return strings.Join(lines, "\n")
}

// Drawio is a board as a file of draw.io: contexts are swimlanes, notes lie in them, and
// each note keeps what it is called, so that it comes back as it was.
func (b *Board) Drawio() []byte {
	var s strings.Builder
	s.WriteString("<mxfile>\n<diagram name=\"" + attribute(string(b.Title)) + "\">\n<mxGraphModel>\n<root>\n<mxCell id=\"0\"/>\n<mxCell id=\"1\" parent=\"0\"/>\n")
	parent := map[*Frame]string{}
	for i, f := range b.Frames {
		parent[f] = "1"
		if f.Name == "" {
			continue
		}
		id := fmt.Sprintf("f%d", i+1)
		parent[f] = id
		fmt.Fprintf(&s, `<object id="%s" label="%s" esgen="%s"><mxCell style="swimlane;startSize=%d;fillColor=none;html=0" vertex="1" parent="1">%s</mxCell></object>`+"\n",
			id, attribute(string(f.Title)), attribute(f.Name), heading, geometry(f.Box, Box{}))
	}
	ids := map[*Note]string{}
	for i, n := range b.Notes {
		ids[n] = fmt.Sprintf("n%d", i+1)
		from := Box{}
		if n.Frame.Name != "" {
			from = n.Frame.Box
		}
		c := look[n.Kind]
		fmt.Fprintf(&s, `<object id="%s" label="%s" esgen="%s" title="%s" kind="%s"><mxCell style="rounded=0;whiteSpace=wrap;html=0;fillColor=%s;fontColor=%s" vertex="1" parent="%s">%s</mxCell></object>`+"\n",
			ids[n], attribute(n.written()), attribute(n.Name), attribute(string(n.Title)), n.Kind, c.fill, c.ink, parent[n.Frame], geometry(n.Box, from))
	}
	for i, l := range b.arrows() {
		fmt.Fprintf(&s, `<mxCell id="a%d" style="edgeStyle=orthogonalEdgeStyle;rounded=1" edge="1" parent="1" source="%s" target="%s"><mxGeometry relative="1" as="geometry"/></mxCell>`+"\n", i+1, ids[l[0]], ids[l[1]])
	}
	s.WriteString("</root>\n</mxGraphModel>\n</diagram>\n</mxfile>\n")
	return []byte(s.String())
}

func geometry(b, from Box) string {
	return fmt.Sprintf(`<mxGeometry x="%d" y="%d" width="%d" height="%d" as="geometry"/>`, b.X-from.X, b.Y-from.Y, b.W, b.H)
}

// attribute is a text in an attribute of XML.
func attribute(text string) string {
	var s strings.Builder
	if err := xml.EscapeText(&s, []byte(text)); err != nil {
		panic(err) // a builder takes everything
	}
	return s.String()
}

// Excalidraw is a board as a file of Excalidraw: contexts are frames, and each note
// keeps what it is called, so that it comes back as it was.
func (b *Board) Excalidraw() ([]byte, error) {
	type m = map[string]any
	var elements []m
	add := func(id, kind string, box Box, more m) {
		e := m{
			"id": id, "type": kind, "x": box.X, "y": box.Y, "width": box.W, "height": box.H, "angle": 0, "strokeColor": "#1e1e1e", "backgroundColor": "transparent",
			"fillStyle": "solid", "strokeWidth": 1, "strokeStyle": "solid", "roughness": 0, "opacity": 100, "groupIds": []string{}, "frameId": nil, "roundness": nil,
			"seed": len(elements) + 1, "version": 1, "versionNonce": len(elements) + 1, "isDeleted": false, "boundElements": []m{}, "updated": 1, "link": nil, "locked": false,
		}
		for k, v := range more {
			e[k] = v
		}
		elements = append(elements, e)
	}
	frame := map[*Frame]any{}
	for i, f := range b.Frames {
		if f.Name != "" {
			id := fmt.Sprintf("f%d", i+1)
			frame[f] = id
			add(id, "frame", f.Box, m{"name": string(f.Title), "customData": m{"esgen": f.Name}})
		}
	}
	ids := map[*Note]string{}
	for i, n := range b.Notes {
		id := fmt.Sprintf("n%d", i+1)
		ids[n] = id
		add(id, "rectangle", n.Box, m{
			"backgroundColor": look[n.Kind].fill, "frameId": frame[n.Frame], "boundElements": []m{{"type": "text", "id": id + "t"}},
			"customData": m{"esgen": n.Name, "title": string(n.Title), "kind": n.Kind},
		})
		add(id+"t", "text", n.Box, m{
			"text": n.written(), "originalText": n.written(), "fontSize": textSize, "fontFamily": 2, "textAlign": "center", "verticalAlign": "middle",
			"containerId": id, "lineHeight": lineHeight, "strokeColor": look[n.Kind].ink, "frameId": frame[n.Frame],
		})
	}
	for i, l := range b.arrows() {
		from, to := l[0].Box, l[1].Box
		x, y := from.Right(), mid(from)
		add(fmt.Sprintf("a%d", i+1), "arrow", Box{x, y, to.X - x, mid(to) - y}, m{
			"points": [][2]int{{0, 0}, {to.X - x, mid(to) - y}}, "endArrowhead": "arrow", "startArrowhead": nil,
			"startBinding": m{"elementId": ids[l[0]], "focus": 0, "gap": 1}, "endBinding": m{"elementId": ids[l[1]], "focus": 0, "gap": 1},
		})
	}
	data, err := json.MarshalIndent(m{"type": "excalidraw", "version": 2, "source": "esgen", "elements": elements, "appState": m{}, "files": m{}}, "", " ")
	if err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	return append(data, '\n'), nil
}
