package board

import (
	"fmt"
	"slices"
	"strings"
)

// bend is a round corner: where it begins, where the corner would be, where it ends.
type bend struct{ from, at, to Point }

func bends(points []Point) []bend {
	points = slices.CompactFunc(slices.Clone(points), func(a, b Point) bool { return a == b })
	var out []bend
	for i := 1; i < len(points)-1; i++ {
		at := points[i]
		out = append(out, bend{toward(at, points[i-1]), at, toward(at, points[i+1])})
	}
	return out
}

// toward is a little way from one corner to the next: half of it at most.
func toward(from, to Point) Point {
	step := func(d int) int {
		if d < 0 {
			return -min(corner, -d/2)
		}
		return min(corner, d/2)
	}
	return Point{from.X + step(to.X-from.X), from.Y + step(to.Y-from.Y)}
}

// piece is a part of a way that is drawn without lifting the pen: straight, or round
// about a corner.
type piece struct {
	from, to Point
	about    *Point // the corner; nil: it is straight
	on       bool   // it goes on where the one before ends
}

// pieces are a way with round corners. Dashes are where the wall is, not where the way
// began: ways that share a part of it would fill one another's gaps, and look like what
// is not dashed. Period is how far dashes are from one another, in pixels; 0: there are none.
func pieces(way []Point, period int) []piece {
	var out []piece
	at := way[0]
	for _, b := range bends(way) {
		out = append(out, straights(at, b.from, period)...)
		out = append(out, piece{from: b.from, to: b.to, about: &b.at, on: period == 0})
		at = b.to
	}
	last := way[len(way)-1]
	out = append(out, straights(at, last, period)...)
	if period > 0 && !slanted(at, last) { // the tip points as the last piece does
		out = append(out, piece{from: short(last, at), to: last})
	}
	return out
}

// straights lead from a place to another one: from the left to the right and from above to below
// if they are dashed, with a new dash wherever one begins on the wall.
func straights(a, b Point, period int) []piece {
	if period == 0 || slanted(a, b) {
		return []piece{{from: a, to: b, on: period == 0}}
	}
	if b.X < a.X || b.Y < a.Y {
		a, b = b, a
	}
	grid := Point{a.X, up(a.Y, period)}
	if a.Y == b.Y {
		grid = Point{up(a.X, period), a.Y}
	}
	if grid.X >= b.X && grid.Y >= b.Y {
		return []piece{{from: a, to: b}}
	}
	return []piece{{from: a, to: grid}, {from: grid, to: b}}
}

func slanted(a, b Point) bool { return a.X != b.X && a.Y != b.Y }

// up is the next multiple.
func up(n, of int) int { return (n + of - 1) / of * of }

// short is a place a little before the end of a way.
func short(end, before Point) Point {
	step := toward(end, before)
	if step == end {
		return before
	}
	return step
}

// period is how far the dashes of a kind are from one another.
func (k LinkKind) period() int { return int(dashes[k][0] + dashes[k][1]) }

// path is a way as SVG has it.
func path(way []Point, period int) string {
	var s strings.Builder
	for i, p := range pieces(way, period) {
		if i == 0 || !p.on {
			fmt.Fprintf(&s, "M%d %d", p.from.X, p.from.Y)
		}
		if p.about != nil {
			fmt.Fprintf(&s, "Q%d %d %d %d", p.about.X, p.about.Y, p.to.X, p.to.Y)
		} else {
			fmt.Fprintf(&s, "L%d %d", p.to.X, p.to.Y)
		}
	}
	return s.String()
}
