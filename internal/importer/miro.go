package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/esgen/esgen/internal/board"
)

// miroPage is what Miro's REST API answers when it is asked for items or connectors,
// or both of them in one file.
type miroPage struct {
	Data       []*miroItem `json:"data"`
	Items      []*miroItem `json:"items"`
	Connectors []*miroItem `json:"connectors"`

	Board struct{ Name string } // of a whole one in one file
}

// miroItem is something on a board of Miro, or a connector between two of them.
type miroItem struct {
	ID, Type string
	Data     struct{ Content, Title string }
	Style    struct{ FillColor, FillOpacity, CardTheme string }
	Position struct {
		X, Y       float64 // of its middle
		RelativeTo string
	}
	Geometry           struct{ Width, Height float64 }
	Parent             *struct{ ID string }
	StartItem, EndItem *struct{ ID string }
	Captions           []struct{ Content string } // of a connector
}

// miroSticky is how large a note of Miro is that does not say so.
const miroSticky = 199

// Miro reads a board of Miro, as its REST API has it: pages of items and of
// connectors, one after the other.
func Miro(data []byte, said Colours) (*Sketch, error) {
	items, title, err := miroItems(data)
	if err != nil {
		return nil, fmt.Errorf("miro: %w", err)
	}
	byID := map[string]*miroItem{}
	for _, i := range items {
		byID[i.ID] = i
	}
	var shapes []*shape
	var arrows []Arrow
	left := map[string]int{}
	var captions []string
	for _, i := range items {
		for _, c := range i.Captions {
			captions = append(captions, "text on an arrow: "+short(untagged(c.Content)))
		}
		switch {
		case i.StartItem != nil && i.EndItem != nil:
			arrows = append(arrows, Arrow{i.StartItem.ID, i.EndItem.ID})
		case i.Type == "connector":
			left["connector that does not lead from one thing to another"]++
		default:
			s := i.shape(byID)
			if s == nil {
				left[i.Type]++
				continue
			}
			shapes = append(shapes, s)
		}
	}
	out, err := sketch(shapes, arrows, said)
	if err != nil {
		return nil, fmt.Errorf("miro: %w", err)
	}
	for kind, n := range left {
		out.Left = append(out.Left, fmt.Sprintf("%d of Miro's kind %q", n, short(kind)))
	}
	out.Title = title
	slices.Sort(out.Left)
	out.Left = append(out.Left, captions...)
	return out, nil
}

// miroItems are those of all pages, and what the board is called; "": nobody says.
func miroItems(data []byte) (items []*miroItem, title string, err error) {
	pages := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		if err := pages.Decode(&raw); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, "", err
		}
		var page miroPage
		if raw[0] == '[' {
			err = json.Unmarshal(raw, &page.Items)
		} else {
			err = json.Unmarshal(raw, &page)
		}
		if err != nil {
			return nil, "", err
		}
		title = cmp.Or(title, page.Board.Name)
		items = append(items, slices.Concat(page.Data, page.Items, page.Connectors)...)
	}
	return slices.DeleteFunc(items, func(i *miroItem) bool { return i == nil }), title, nil
}

// shape is an item as something drawn; nil: there is no text on it.
func (i *miroItem) shape(byID map[string]*miroItem) *shape {
	s := &shape{id: i.ID, text: untagged(i.Data.Content), fill: i.Style.FillColor, box: i.box(byID, 0)}
	if i.Parent != nil {
		s.parent = i.Parent.ID
	}
	if clear, err := strconv.ParseFloat(i.Style.FillOpacity, 64); err == nil && clear == 0 || s.fill == "transparent" {
		s.fill = ""
	}
	switch i.Type {
	case "sticky_note", "shape":
	case "text":
		s.fill = ""
	case "card", "app_card":
		s.text, s.fill = untagged(i.Data.Title), i.Style.CardTheme
	case "frame":
		s.text, s.fill, s.area = untagged(i.Data.Title), "", true
	default:
		return nil
	}
	return s
}

// box is where an item is. What is in a frame is told from the frame's corner.
func (i *miroItem) box(byID map[string]*miroItem, depth int) board.Box {
	b := board.Box{W: pixels(i.Geometry.Width), H: pixels(i.Geometry.Height)}
	if b.W == 0 {
		b.W = miroSticky
	}
	if b.H == 0 {
		b.H = b.W
	}
	b.X, b.Y = pixels(i.Position.X)-b.W/2, pixels(i.Position.Y)-b.H/2
	if i.Parent == nil || i.Position.RelativeTo != "parent_top_left" || depth > deepest {
		return b
	}
	if p := byID[i.Parent.ID]; p != nil && p != i {
		corner := p.box(byID, depth+1)
		b.X, b.Y = b.X+corner.X, b.Y+corner.Y
	}
	return b
}
