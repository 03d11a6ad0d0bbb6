package board

// Strokes are what is drawn, for tests that ask what lies on what.
type Strokes struct {
	Wires  []Stroke
	Labels []Box // of wires
	Boxes  []Box // notes, cards, heads of lanes
}

// Stroke is a wire, with the boxes from which it comes and to which it leads.
type Stroke struct {
	Way  []Point
	Ends []Box
}

// StrokesOf are those of a picture.
func StrokesOf(p *Picture) Strokes {
	var s Strokes
	boxes := map[string]Box{}
	for _, m := range p.marks {
		if m.box != nil && m.label != "" { // frames of contexts lie below all
			boxes[m.id] = *m.box
			s.Boxes = append(s.Boxes, *m.box)
		}
	}
	for _, m := range p.marks {
		switch {
		case m.way != nil && m.class != classThread:
			w := Stroke{Way: m.way}
			if m.from != "" {
				w.Ends = []Box{boxes[m.from], boxes[m.to]}
			}
			s.Wires = append(s.Wires, w)
		case m.box == nil:
			for _, t := range m.texts {
				w := Measure(t.Text, t.Size)
				s.Labels = append(s.Labels, Box{int(t.x - w/2), int(t.y) + 3 - labelHeight, int(w), labelHeight})
			}
		}
	}
	return s
}

// WaysOf are the wires of a wall with the notes at which each begins and ends.
func WaysOf(b *Board) map[*Link][]Point {
	ways, routes := map[*Link][]Point{}, newRouter(b)
	for _, l := range b.Links {
		ways[l] = routes.route(l)
	}
	return ways
}

// Through tells whether a way runs through a box.
func Through(way []Point, box Box) bool { return through(way, box) }

// Dashes are where the parts of a way begin that are longer than a dash and a gap, and where
// the way ends.
func Dashes(way []Point, period int) (starts []Point, end Point) {
	for _, p := range pieces(way, period) {
		long := max(p.to.X-p.from.X, p.from.X-p.to.X, p.to.Y-p.from.Y, p.from.Y-p.to.Y)
		if long > period && p.about == nil {
			starts = append(starts, p.from)
		}
		end = p.to
	}
	return starts, end
}

// Card is one of a diagram: its title, and how much stands on it besides.
type Card struct {
	Title string
	Said  int
}

// CardsOf are those of a diagram.
func CardsOf(d *Diagram) []Card {
	var out []Card
	for _, c := range d.cards {
		out = append(out, Card{c.title, len(c.said)})
	}
	return out
}
