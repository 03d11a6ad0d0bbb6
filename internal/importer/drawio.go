package importer

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/esgen/esgen/internal/board"
)

// mostInflated bounds what all compressed pages hold together: what holds more is no
// board.
const mostInflated = 32 << 20

type mxfile struct {
	Diagrams []struct {
		Name  string   `xml:"name,attr"`
		Text  string   `xml:",chardata"`
		Model *mxModel `xml:"mxGraphModel"`
	} `xml:"diagram"`
}

type mxModel struct {
	Cells   []mxCell   `xml:"root>mxCell"`
	Objects []mxObject `xml:"root>object"`
	Users   []mxObject `xml:"root>UserObject"`

	labels []string // of arrows
}

// mxObject is a cell with data of its own: it has the id and the text.
type mxObject struct {
	ID    string `xml:"id,attr"`
	Label string `xml:"label,attr"`
	Cell  mxCell `xml:"mxCell"`
	drawn
}

// drawn is what esgen keeps with a note that it draws.
type drawn struct {
	Name  string     `xml:"esgen,attr"`
	Title string     `xml:"title,attr"`
	Kind  board.Kind `xml:"kind,attr"`
}

type mxCell struct {
	ID       string `xml:"id,attr"`
	Value    string `xml:"value,attr"`
	Style    string `xml:"style,attr"`
	Vertex   string `xml:"vertex,attr"`
	Edge     string `xml:"edge,attr"`
	Parent   string `xml:"parent,attr"`
	Source   string `xml:"source,attr"`
	Target   string `xml:"target,attr"`
	Geometry struct {
		X      string `xml:"x,attr"`
		Y      string `xml:"y,attr"`
		Width  string `xml:"width,attr"`
		Height string `xml:"height,attr"`
	} `xml:"mxGeometry"`
	drawn `xml:"-"`
}

// Drawio reads a file of draw.io (diagrams.net), compressed or not. Its pages are put
// one below the other.
func Drawio(data []byte, said Colours) (*Sketch, error) {
	var file mxfile
	if err := xml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("drawio: %w", err)
	}
	if len(file.Diagrams) == 0 {
		var bare struct {
			mxModel
		}
		if err := xml.Unmarshal(data, &bare); err != nil {
			return nil, fmt.Errorf("drawio: %w", err)
		}
		shapes, arrows := bare.shapes("", 0)
		return bare.sketched(sketch(shapes, arrows, said))
	}
	var shapes []*shape
	var arrows []Arrow
	var all mxModel
	down, room := 0, int64(mostInflated)
	for i, d := range file.Diagrams {
		m := d.Model
		if m == nil && strings.TrimSpace(d.Text) == "" {
			continue // nothing is on it
		}
		if m == nil {
			var err error
			if m, err = inflated(strings.TrimSpace(d.Text), &room); err != nil {
				return nil, fmt.Errorf("drawio: page %q: %w", d.Name, err)
			}
		}
		more, links := m.shapes(fmt.Sprintf("%d:", i), down)
		for _, s := range more {
			down = max(down, s.box.Bottom()+pageGap)
		}
		shapes, arrows = append(shapes, more...), append(arrows, links...)
		all.labels = append(all.labels, m.labels...)
	}
	return all.sketched(sketch(shapes, arrows, said))
}

// sketched is a sketch that tells of the texts on arrows, too.
func (m *mxModel) sketched(s *Sketch, err error) (*Sketch, error) {
	if err == nil {
		for _, text := range m.labels {
			s.Left = append(s.Left, "text on an arrow: "+short(untagged(text)))
		}
	}
	return s, err
}

// pageGap is how far pages are apart.
const pageGap = 1000

// inflated reads a compressed page: base64 of raw deflate of a URL-encoded text, for
// which there is so much room.
func inflated(text string, room *int64) (*mxModel, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), *room+1))
	if err != nil {
		return nil, err
	}
	if *room -= int64(len(plain)); *room < 0 {
		return nil, fmt.Errorf("the pages are larger than %d MiB: no board is", mostInflated>>20)
	}
	text, err = url.PathUnescape(string(plain))
	if err != nil {
		return nil, err
	}
	var m mxModel
	return &m, xml.Unmarshal([]byte(text), &m)
}

// shapes are those of a page. Places are told from the parent's.
func (m *mxModel) shapes(prefix string, down int) ([]*shape, []Arrow) {
	cells := m.Cells
	for _, o := range append(m.Objects, m.Users...) {
		c := o.Cell
		c.ID, c.Value, c.drawn = o.ID, o.Label, o.drawn
		cells = append(cells, c)
	}
	byID := map[string]*mxCell{}
	for i := range cells {
		byID[cells[i].ID] = &cells[i]
	}
	var shapes []*shape
	var arrows []Arrow
	for i := range cells {
		c := &cells[i]
		switch {
		case c.Edge == "1":
			arrows = append(arrows, Arrow{prefix + c.Source, prefix + c.Target})
			m.label(c)
		case c.Vertex == "1":
			parent := byID[c.Parent]
			if parent != nil && parent.Edge == "1" {
				m.label(c)
				continue
			}
			x, y := c.place(byID)
			s := &shape{
				id: prefix + c.ID, text: untagged(c.Value), fill: c.style("fillColor"), parent: prefix + c.Parent,
				box:    board.Box{X: x, Y: y + down, W: number(c.Geometry.Width), H: number(c.Geometry.Height)},
				area:   strings.HasPrefix(c.Style, "swimlane") || c.style("container") == "1",
				person: c.style("shape") == "umlActor" || c.style("shape") == "actor",
				name:   c.Name, title: c.Title, kind: c.Kind,
			}
			if s.fill == "none" || s.fill == "default" {
				s.fill = ""
			}
			shapes = append(shapes, s)
		}
	}
	return shapes, arrows
}

// label keeps the text of an arrow.
func (m *mxModel) label(c *mxCell) {
	if plain(untagged(c.Value)) != "" {
		m.labels = append(m.labels, c.Value)
	}
}

// place is where a cell is, from the upper left of its page.
func (c *mxCell) place(byID map[string]*mxCell) (x, y int) {
	for range 50 { // cells may be in circles
		x, y = x+number(c.Geometry.X), y+number(c.Geometry.Y)
		parent := byID[c.Parent]
		if parent == nil || parent == c {
			break
		}
		c = parent
	}
	return x, y
}

func (c *mxCell) style(key string) string {
	for _, part := range strings.Split(c.Style, ";") {
		if value, is := strings.CutPrefix(part, key+"="); is {
			return value
		}
	}
	return ""
}
