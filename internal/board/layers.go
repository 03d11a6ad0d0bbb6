package board

import (
	"cmp"
	"math"
	"slices"
)

// A map of many contexts has layers from the left to the right: who decides stands at the
// left of who follows. Its cards stand in rows as well, so that wires find their way in the
// gaps between columns and between rows, and never below a card.

// mostAround is how many cards a circle of them has: it grows with their number, and what
// is in it stays empty.
const mostAround = 14

// What keeps the columns and rows of layers apart, in pixels: wires and labels stand there.
const (
	layerGap = cardGap
	layerRow = 62
	wireGap  = 7 // between wires side by side
	wireRoom = 20
)

// layered places the cards of a map, and finds ways for its wires.
func layered(cards []*card, wires []*wire) {
	next := map[*card][]*card{}
	for _, w := range wires {
		if !slices.Contains(next[w.from], w.to) {
			next[w.from] = append(next[w.from], w.to)
		}
	}
	depths := depthsOf(cards, next)
	for _, c := range cards {
		c.measure()
		c.depth = depths[c]
	}
	g := &grid{at: map[*card]cell{}}
	g.fill(cards)
	g.place()
	g.route(wires)
	g.shift(wires)
}

// cell is where a card stands in a grid.
type cell struct{ column, row int }

// grid is the columns of a map.
type grid struct {
	columns [][]*card
	at      map[*card]cell
	tops    []int // of rows

	beside, above map[int]int // wires that pass beside a column, and above a row
}

// fill puts cards into columns, layer by layer. Layers of a few cards share a column, one of
// many has several.
func (g *grid) fill(cards []*card) {
	high := int(math.Ceil(1.2 * math.Sqrt(float64(len(cards)))))
	layers := map[int][]*card{}
	deepest := 0
	for _, c := range cards {
		layers[c.depth] = append(layers[c.depth], c)
		deepest = max(deepest, c.depth)
	}
	var column []*card
	end := func() {
		if len(column) > 0 {
			g.columns = append(g.columns, column)
		}
		column = nil
	}
	for depth := 0; depth <= deepest; depth++ {
		layer := layers[depth]
		if len(column)+len(layer) > high {
			end()
		}
		for len(layer) > high {
			g.columns = append(g.columns, layer[:high])
			layer = layer[high:]
		}
		column = append(column, layer...)
	}
	end()
	for i, column := range g.columns {
		for j, c := range column {
			g.at[c] = cell{i, j}
		}
	}
}

// place gives cards their places: rows are as high as their highest card.
func (g *grid) place() {
	y := Margin
	for row := 0; ; row++ {
		highest := 0
		for i, column := range g.columns {
			if row >= len(column) {
				continue
			}
			c := column[row]
			c.box.X, c.box.Y = Margin+i*(cardWidth+layerGap), y
			highest = max(highest, c.box.H)
		}
		if highest == 0 {
			return
		}
		g.tops = append(g.tops, y)
		y += highest + layerRow
	}
}

// route finds ways: out of a card at its right, beside its column, above a row to the column
// of the other card, and into it at its left. To the next column it is one step; to
// the card below or above it is straight.
func (g *grid) route(wires []*wire) {
	g.beside, g.above = map[int]int{}, map[int]int{}
	leaving := ports(wires, func(w *wire) (here, there *card) { return w.from, w.to })
	coming := ports(wires, func(w *wire) (here, there *card) { return w.to, w.from })
	for _, w := range inTurn(wires, g) {
		from, to := g.at[w.from], g.at[w.to]
		a, b := Point{w.from.box.Right(), leaving[w]}, Point{w.to.box.X, coming[w]}
		x := a.X + g.lane(g.beside, from.column, layerGap)
		switch {
		case from.column == to.column && to.row-from.row == 1:
			x := w.from.box.X + cardWidth/3
			w.way = []Point{{x, w.from.box.Bottom()}, {x, w.to.box.Y}}
		case from.column == to.column && from.row-to.row == 1:
			x := w.from.box.X + 2*cardWidth/3
			w.way = []Point{{x, w.from.box.Y}, {x, w.to.box.Bottom()}}
		case to.column-from.column == 1:
			w.way = []Point{a, {x, a.Y}, {x, b.Y}, b}
		default:
			row := to.row
			if from.row > to.row {
				row++ // below it, which is nearer
			}
			y := g.gapAbove(row) + g.lane(g.above, row, layerRow)
			far := b.X - layerGap + g.lane(g.beside, to.column-1, layerGap)
			w.way = []Point{a, {x, a.Y}, {x, y}, {far, y}, {far, b.Y}, b}
		}
	}
}

// shift moves all to the right by as much as wires reach out of the picture.
func (g *grid) shift(wires []*wire) {
	left := Margin
	for _, w := range wires {
		for _, p := range w.way {
			left = min(left, p.X)
		}
	}
	by := max(0, wireRoom-left)
	for c := range g.at {
		c.box.X += by
	}
	for _, w := range wires {
		for i := range w.way {
			w.way[i].X += by
		}
	}
}

// inTurn are wires by where they begin, so that those of a card are side by side.
func inTurn(wires []*wire, g *grid) []*wire {
	return slices.SortedStableFunc(slices.Values(wires), func(a, b *wire) int {
		x, y := g.at[a.from], g.at[b.from]
		return cmp.Or(cmp.Compare(x.column, y.column), cmp.Compare(x.row, y.row))
	})
}

// gapAbove is where the gap above a row begins.
func (g *grid) gapAbove(row int) int {
	if row == len(g.tops) {
		bottom := 0
		for _, column := range g.columns {
			bottom = max(bottom, column[len(column)-1].box.Bottom())
		}
		return bottom
	}
	return g.tops[row] - layerRow
}

// lane is how far in a gap the next wire passes: when there are too many, on the first one.
func (g *grid) lane(used map[int]int, gap, wide int) int {
	n := used[gap]
	used[gap]++
	return wireRoom + n*wireGap%max(wireGap, wide-2*wireRoom)
}
