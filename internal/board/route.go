package board

import "slices"

// Arrows pass between notes, not below them: in the gutters between columns, in
// the gaps between rows, and round frames. Only aggregates, which are as high as all
// of their rows, are passed below.

// How far arrows are apart that go the same way.
const (
	apart  = 5
	lanes  = 7
	corner = 6 // radius
)

// router finds ways for the arrows of a board.
type router struct {
	board *Board
	notes map[*Frame][]*Note
	lane  map[[2]*Frame]int // of the arrows between two frames, which go together
}

func newRouter(b *Board) *router {
	r := &router{b, map[*Frame][]*Note{}, map[[2]*Frame]int{}}
	for _, n := range b.Notes {
		r.notes[n.Frame] = append(r.notes[n.Frame], n)
	}
	for _, l := range b.Links {
		pair := [2]*Frame{l.From.Frame, l.To.Frame}
		if _, known := r.lane[pair]; !known {
			r.lane[pair] = len(r.lane)
		}
	}
	return r
}

// route is where an arrow goes: corner by corner. There is none from a command to
// its aggregate's event in the same row: it is seen in their standing side by side.
func (r *router) route(l *Link) []Point {
	a, b := l.From.Box, l.To.Box
	switch {
	case l.From.Frame != l.To.Frame:
		return r.across(l)
	case l.From.Kind == Command && l.To.Kind == Aggregate:
		y := mid(a)
		return []Point{{a.Right(), y}, {b.X, y}}
	case l.From.Kind == Command && l.To.Kind == Event && l.From.Of == l.To.Of:
		from := l.From.Of.Box.Right()
		x := from + gutter/2
		if l.From.row == l.To.row {
			return []Point{{from, mid(b)}, {b.X, mid(b)}}
		}
		return []Point{{from, mid(a)}, {x, mid(a)}, {x, mid(b)}, {b.X, mid(b)}}
	case l.Kind == Reads:
		x, y := a.X-8, b.Y-rowGap/3
		return []Point{{a.X, mid(a)}, {x, mid(a)}, {x, y}, {b.Right() - 18, y}, {b.Right() - 18, b.Y}}
	case b.X > a.Right():
		x := b.X - gutter/2
		return []Point{{a.Right(), mid(a)}, {x, mid(a)}, {x, mid(b)}, {b.X, mid(b)}}
	}
	right, left, y := a.Right()+8, b.X-10, l.From.Frame.Box.Bottom()-8
	return []Point{{a.Right(), mid(a)}, {right, mid(a)}, {right, y}, {left, y}, {left, mid(b)}, {b.X, mid(b)}}
}

func mid(b Box) int { return b.Y + b.H/2 }

// across leads from one frame to another.
func (r *router) across(l *Link) []Point {
	from, to := l.From.Frame, l.To.Frame
	lane := r.lane[[2]*Frame{from, to}]
	off := (lane%lanes - lanes/2) * apart
	out := r.out(l.From)
	in := r.in(l.To)
	begin := from.right + between/2 + off
	end := to.Box.X - between/2 + off
	if in.fromRight {
		end = to.right + between/2 + off
	}
	path := append(out.path, Point{begin, out.y})
	if begin != end {
		y := r.under(min(begin, end), max(begin, end)) + (lane%lanes+1)*apart
		path = append(path, Point{begin, y}, Point{end, y})
	}
	return append(append(path, Point{end, in.y}), in.path...)
}

// under is the bottom of the frames between two places.
func (r *router) under(left, right int) int {
	bottom := Margin
	for _, f := range r.board.Frames {
		if f.Box.X < right && left < f.Box.Right() {
			bottom = max(bottom, f.Box.Bottom())
		}
	}
	return bottom
}

// way is how an arrow leaves a frame, or comes in: at which height of its edge.
type way struct {
	path      []Point
	y         int
	fromRight bool
}

// out leads from a note to the right edge of its frame.
func (r *router) out(n *Note) way {
	b := n.Box
	if n.Kind == Command {
		x, y := b.Right()+gutter/3, n.row.Bottom()+rowGap/2
		return way{path: []Point{{b.Right(), b.Bottom() - 8}, {x, b.Bottom() - 8}, {x, y}}, y: y}
	}
	if y := mid(b); r.free(n, b.Right(), n.Frame.Box.Right(), y) {
		return way{path: []Point{{b.Right(), y}}, y: y}
	}
	x, y := b.Right()+gutter/2, n.row.Bottom()+rowGap/2
	return way{path: []Point{{b.Right(), mid(b)}, {x, mid(b)}, {x, y}}, y: y}
}

// in leads from the left edge of a frame to a note, or from the right one.
func (r *router) in(n *Note) way {
	b := n.Box
	y := mid(b)
	switch {
	case r.free(n, n.Frame.Box.X, b.X, y):
		return way{path: []Point{{b.X, y}}, y: y}
	case n.Kind == View && r.free(n, b.Right(), n.Frame.Box.Right(), y):
		return way{path: []Point{{b.Right(), y}}, y: y, fromRight: true}
	}
	x, gap := b.X-gutter/2, n.row.Y-rowGap/2
	return way{path: []Point{{x, gap}, {x, y}, {b.X, y}}, y: gap}
}

// free tells whether no note is in the way of a line.
func (r *router) free(of *Note, left, right, y int) bool {
	return !slices.ContainsFunc(r.notes[of.Frame], func(n *Note) bool {
		return n != of && n.Box.X < right && left < n.Box.Right() && n.Box.Y <= y && y <= n.Box.Bottom()
	})
}
