package board

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// round places cards in a circle, in their order: between any two there is a way that
// leads past all others.
func round(cards []*card, wires []*wire) {
	around := 0
	for _, c := range cards {
		c.measure()
		around += c.box.W + c.box.H + 2*cardGap/3
	}
	radius := max(float64(around)/(2*math.Pi), cardWidth)
	for i, c := range cards {
		angle := 2*math.Pi*float64(i)/float64(len(cards)) - math.Pi
		c.box.X, c.box.Y = int(radius*1.25*math.Cos(angle)), int(radius*0.8*math.Sin(angle))
	}
	toCorner(cards)
	for _, w := range wires {
		w.way = straight(w.from.box, w.to.box)
	}
}

// toCorner moves cards so that they begin at the margin.
func toCorner(cards []*card) {
	left, top := math.MaxInt, math.MaxInt
	for _, c := range cards {
		left, top = min(left, c.box.X), min(top, c.box.Y)
	}
	for _, c := range cards {
		c.box.X, c.box.Y = c.box.X-left+Margin, c.box.Y-top+Margin
	}
}

// straight leads from edge to edge, a little to the left of the middle, so that
// the one that leads back has a place of its own; nil: they are the same.
func straight(from, to Box) []Point {
	x1, y1, x2, y2 := float64(from.X+from.W/2), float64(mid(from)), float64(to.X+to.W/2), float64(mid(to))
	long := math.Hypot(x2-x1, y2-y1)
	if long == 0 {
		return nil
	}
	aside := 14.0
	dx, dy := -(y2-y1)/long*aside, (x2-x1)/long*aside
	x1, y1, x2, y2 = x1+dx, y1+dy, x2+dx, y2+dy
	ax, ay := edge(from, x1, y1, x2, y2)
	bx, by := edge(to, x2, y2, x1, y1)
	return []Point{{int(math.Round(ax)), int(math.Round(ay))}, {int(math.Round(bx)), int(math.Round(by))}}
}

// edge is where a line from inside a box leaves it.
func edge(b Box, x1, y1, x2, y2 float64) (x, y float64) {
	t := 1.0
	for _, side := range []struct{ at, from, to float64 }{
		{float64(b.X), x1, x2}, {float64(b.Right()), x1, x2}, {float64(b.Y), y1, y2}, {float64(b.Bottom()), y1, y2},
	} {
		if side.to == side.from {
			continue
		}
		if part := (side.at - side.from) / (side.to - side.from); part > 0 && part < t {
			t = part
		}
	}
	return x1 + (x2-x1)*t, y1 + (y2-y1)*t
}

// inColumns places cards in columns, by their depth; wires lead from one column to the
// next, and so only through the gap between them.
func inColumns(cards []*card, wires []*wire) {
	columns := map[int][]*card{}
	tallest := 0
	for _, c := range cards {
		c.measure()
		columns[c.depth] = append(columns[c.depth], c)
		tallest = max(tallest, high(columns[c.depth]))
	}
	x := Margin
	for _, depth := range slices.Sorted(maps.Keys(columns)) {
		y := Margin + (tallest-high(columns[depth]))/2
		for _, c := range columns[depth] {
			c.box.X, c.box.Y = x, y
			y = c.box.Bottom() + cardBelow
		}
		x += cardWidth + cardGap
	}
	leaving := ports(wires, func(w *wire) (here, there *card) { return w.from, w.to })
	coming := ports(wires, func(w *wire) (here, there *card) { return w.to, w.from })
	for _, w := range wires {
		w.way = []Point{{w.from.box.Right(), leaving[w]}, {w.to.box.X, coming[w]}}
	}
}

// high is how high cards are that stand one below the other.
func high(column []*card) int {
	h := -cardBelow
	for _, c := range column {
		h += cardBelow + c.box.H
	}
	return h
}

// ports are the heights at which wires meet one of their cards: those of a card are
// apart, and as their other ends follow one another, so that none cross.
func ports(wires []*wire, ends func(*wire) (here, there *card)) map[*wire]int {
	of := map[*card][]*wire{}
	for _, w := range wires {
		here, _ := ends(w)
		of[here] = append(of[here], w)
	}
	at := map[*wire]int{}
	for c, list := range of {
		slices.SortStableFunc(list, func(a, b *wire) int {
			_, one := ends(a)
			_, other := ends(b)
			return cmp.Compare(one.box.Y, other.box.Y)
		})
		for i, w := range list {
			at[w] = c.box.Y + c.box.H*(i+1)/(len(list)+1)
		}
	}
	return at
}
