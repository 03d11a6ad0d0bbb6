package board

import (
	"math"
	"slices"
)

// labels are given places beside their wires: not on cards, not on one another, and
// where there is room not on wires.
type labels struct {
	taken []Box
	ways  [][]Point
}

func newLabels(d *Diagram) *labels {
	l := &labels{}
	for _, c := range d.cards {
		l.taken = append(l.taken, c.box)
	}
	for _, w := range d.wires {
		if w.way != nil {
			l.ways = append(l.ways, w.way)
		}
	}
	return l
}

// place is where the label of a wire stands: as near to its middle as can be.
func (l *labels) place(w *wire) Box {
	places := beside(w.way, w.label)
	best, fewest := places[0], math.MaxInt
	for _, b := range places {
		if b.X < 0 || b.Y < 0 || slices.ContainsFunc(l.taken, b.Overlaps) {
			continue
		}
		if n := l.crossing(b); n < fewest {
			best, fewest = b, n
		}
		if fewest == 0 {
			break
		}
	}
	l.taken = append(l.taken, best)
	return best
}

// crossing is how many wires run through a place.
func (l *labels) crossing(b Box) int {
	n := 0
	for _, way := range l.ways {
		if through(way, b) {
			n++
		}
	}
	return n
}

// beside are the places for a text beside a way, the best first: at the left of its
// middle, then nearer to its ends, then at its right, then further away.
func beside(way []Point, text string) []Box {
	a, b := longest(way)
	w, h := int(math.Ceil(Measure(text, labelSize))), labelHeight
	long := math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))
	left, up := -float64(b.Y-a.Y)/long, float64(b.X-a.X)/long
	near := math.Abs(left)*float64(w)/2 + math.Abs(up)*float64(h)/2 + 3
	var places []Box
	for step := range 12 {
		for _, side := range []float64{1, -1} {
			away := side * (near + float64(step*h))
			for off := range 10 {
				for _, part := range []float64{0.5 - float64(off)*0.05, 0.5 + float64(off)*0.05} {
					x := float64(a.X) + float64(b.X-a.X)*part + left*away
					y := float64(a.Y) + float64(b.Y-a.Y)*part + up*away
					places = append(places, Box{int(x) - w/2, int(y) - h/2, w, h})
				}
			}
		}
	}
	return places
}

// longest are the ends of the longest part of a way.
func longest(way []Point) (a, b Point) {
	best := -1.0
	for i := 1; i < len(way); i++ {
		if l := math.Hypot(float64(way[i].X-way[i-1].X), float64(way[i].Y-way[i-1].Y)); l > best {
			a, b, best = way[i-1], way[i], l
		}
	}
	return a, b
}

// labelIn is a text in a place of its own.
func labelIn(box Box, text string) mark {
	return mark{class: classLabel, texts: []written{{
		Line: Line{Text: text, Size: labelSize}, x: float64(box.X) + float64(box.W)/2, y: float64(box.Bottom() - 3), middle: true,
	}}}
}

// through tells whether a way runs through a box.
func through(way []Point, box Box) bool {
	for i := 1; i < len(way); i++ {
		if crosses(way[i-1], way[i], box) {
			return true
		}
	}
	return false
}

// crosses tells whether a straight line has a part inside of a box: the one between
// where it comes in from its four sides and where it leaves (Liang and Barsky).
func crosses(a, b Point, box Box) bool {
	in, out := 0.0, 1.0
	dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
	for _, side := range []struct{ speed, way float64 }{
		{-dx, float64(a.X - box.X)}, {dx, float64(box.Right() - a.X)}, {-dy, float64(a.Y - box.Y)}, {dy, float64(box.Bottom() - a.Y)},
	} {
		switch at := side.way / side.speed; {
		case side.speed == 0 && side.way <= 0:
			return false
		case side.speed < 0:
			in = max(in, at)
		case side.speed > 0:
			out = min(out, at)
		}
	}
	return in < out
}
