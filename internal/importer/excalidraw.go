package importer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

type excalidraw struct {
	Elements []struct {
		ID, Type, Text, Name         string
		OriginalText                 string // as it was typed; "": nobody knows
		IsDeleted                    bool
		X, Y, Width, Height          float64
		BackgroundColor, ContainerID string
		FrameID                      string
		StartBinding, EndBinding     *struct{ ElementID string }
		CustomData                   struct {
			Esgen, Title string
			Kind         board.Kind
		}
	} `json:"elements"`
}

// Excalidraw reads a file of Excalidraw.
func Excalidraw(data []byte, said Colours) (*Sketch, error) {
	var file excalidraw
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("excalidraw: %w", err)
	}
	texts := map[string]string{} // by what they are written on
	for _, e := range file.Elements {
		if e.Type == "text" && e.ContainerID != "" && !e.IsDeleted {
			// A word is broken where it is wider than its note.
			texts[e.ContainerID] = cmp.Or(e.OriginalText, rejoined(e.Text))
		}
	}
	var shapes []*shape
	var arrows []Arrow
	left, on := map[string]int{}, map[string]bool{} // on arrows
	for _, e := range file.Elements {
		if e.IsDeleted {
			continue
		}
		s := &shape{
			id: e.ID, fill: e.BackgroundColor, parent: e.FrameID,
			box:  board.Box{X: pixels(e.X), Y: pixels(e.Y), W: pixels(e.Width), H: pixels(e.Height)},
			name: e.CustomData.Esgen, title: e.CustomData.Title, kind: e.CustomData.Kind,
		}
		if s.fill == "transparent" {
			s.fill = ""
		}
		switch e.Type {
		case "rectangle", "ellipse", "diamond":
			s.text = texts[e.ID]
		case "text":
			if e.ContainerID != "" {
				continue
			}
			s.text, s.fill = e.Text, ""
		case "frame", "magicframe":
			s.text, s.area = e.Name, true
		case "arrow", "line":
			on[e.ID] = true
			var a Arrow
			if e.StartBinding != nil {
				a.From = e.StartBinding.ElementID
			}
			if e.EndBinding != nil {
				a.To = e.EndBinding.ElementID
			}
			if e.Type == "arrow" || a.From != "" && a.To != "" {
				arrows = append(arrows, a)
			}
			continue
		default:
			left[e.Type]++
			continue
		}
		shapes = append(shapes, s)
	}
	out, err := sketch(shapes, arrows, said)
	if err != nil {
		return nil, err
	}
	for _, kind := range slices.Sorted(maps.Keys(left)) {
		out.Left = append(out.Left, fmt.Sprintf("%d of Excalidraw's kind %q", left[kind], short(kind)))
	}
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		if on[id] {
			out.Left = append(out.Left, "text on an arrow: "+short(texts[id]))
		}
	}
	return out, nil
}

// rejoined is a text whose lines were broken in the middle of names: "PublishBo\nard".
func rejoined(text string) string {
	lines := strings.Split(text, "\n")
	out := lines[0]
	for _, l := range lines[1:] {
		if out != "" && l != "" && isLetter(out[len(out)-1]) && l[0] >= 'a' && l[0] <= 'z' && !strings.Contains(out, " ") && !strings.Contains(l, " ") {
			out += l
			continue
		}
		out += " " + l
	}
	return out
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
