package board

import (
	"math"
	"slices"
)

// Distances, in pixels.
const (
	Margin   = between // around the wall: arrows lead back there
	between  = 72      // frames side by side: arrows pass there
	below    = 64      // frames one below the other: there, too
	inset    = 22      // from a frame to its notes
	heading  = 40      // of a frame's name
	gutter   = 24      // columns of a frame: arrows pass there, too
	rowGap   = 16
	stackGap = 10 // notes of one cell
	stuck    = 3  // what hangs on a note below it
	groupGap = 36 // aggregates of a frame
)

// column is where notes of a kind stand in a frame: from the left, what leads to a
// command, the command, what it is given to, what happened, and what shows it. Who
// gives a command, or looks at a view, stands below it.
type column int

const (
	reactions column = iota
	commands
	aggregates
	events
	views
	columns // how many there are
)

// arrange gives everything its place: frames from the left to the right in the
// order in which one leads to the other, those at the same distance one below the
// other as the model has them; in a frame aggregate by aggregate, and a row for
// each command. A note that is added moves what is below it, and no more.
func (b *Board) arrange() {
	depths(b)
	inside := map[*Frame][]*Link{}
	for _, l := range b.Links {
		if l.From.Frame == l.To.Frame {
			inside[l.From.Frame] = append(inside[l.From.Frame], l)
		}
	}
	for _, f := range b.Frames {
		f.arrange(inside[f])
	}
	b.spread()
	x, last := Margin, 0
	for _, f := range b.Frames {
		last = max(last, f.depth)
	}
	for depth := 0; depth <= last; depth++ {
		y, widest := Margin, 0
		for _, f := range b.Frames {
			if f.depth != depth {
				continue
			}
			f.move(x, y)
			y = f.Box.Bottom() + below
			widest = max(widest, f.Box.W)
			b.Size.Y = max(b.Size.Y, f.Box.Bottom()+Margin)
		}
		for _, f := range b.Frames {
			if f.depth == depth {
				f.right = x + widest
			}
		}
		if widest > 0 {
			x += widest + between
		}
	}
	b.Size.X = x - between + Margin
}

// few is how many frames to which nothing leads may stand one below the other.
const few = 2

// spread gives frames that nothing connects with others columns of their own, at the end of
// the wall: as high as the others are, or as all of them are wide.
func (b *Board) spread() {
	connected := map[*Frame]bool{}
	for _, l := range b.Links {
		if l.From.Frame != l.To.Frame {
			connected[l.From.Frame], connected[l.To.Frame] = true, true
		}
	}
	var alone []*Frame
	size, last := 0, -1
	heights := map[int]int{} // of columns
	for _, f := range b.Frames {
		if !connected[f] {
			alone = append(alone, f)
			size += (f.Box.W + between) * (f.Box.H + below)
			continue
		}
		last = max(last, f.depth)
		heights[f.depth] += f.Box.H + below
	}
	if len(alone) <= few {
		return
	}
	high := int(math.Sqrt(float64(size)))
	for _, h := range heights {
		high = max(high, h)
	}
	at := high + 1
	for _, f := range alone {
		if at += f.Box.H + below; at > high {
			last++
			at = f.Box.H + below
		}
		f.depth = last
	}
}

// depths finds out how far each frame is from the beginning of the story.
func depths(b *Board) {
	next := map[*Frame][]*Frame{}
	for _, l := range b.Links {
		from, to := l.From.Frame, l.To.Frame
		if from != to && l.Kind != Reads && !slices.Contains(next[from], to) {
			next[from] = append(next[from], to)
		}
	}
	for f, depth := range depthsOf(b.Frames, next) {
		f.depth = depth
	}
}

// depthsOf finds out how far things are from those to which nothing leads: as far as the
// longest way there. Where that goes round in circles, what leads to a thing of earlier in
// the list leads back, and does not count: it is taken out of next.
func depthsOf[T comparable](all []T, next map[T][]T) map[T]int {
	rank := map[T]int{}
	for i, x := range all {
		rank[x] = i
	}
	for _, from := range all {
		next[from] = slices.DeleteFunc(next[from], func(to T) bool { return rank[to] < rank[from] && leads(next, to, from) })
	}
	known := map[T]bool{}
	var visit func(x T) // what is furthest comes last
	var order []T
	visit = func(x T) {
		known[x] = true
		for _, to := range next[x] {
			if !known[to] {
				visit(to)
			}
		}
		order = append(order, x)
	}
	for _, x := range all {
		if !known[x] {
			visit(x)
		}
	}
	depth := map[T]int{}
	for _, x := range slices.Backward(order) {
		for _, to := range next[x] {
			depth[to] = max(depth[to], depth[x]+1)
		}
	}
	return depth
}

// leads tells whether there is a way from one thing to another.
func leads[T comparable](next map[T][]T, from, to T) bool {
	seen := map[T]bool{}
	open := []T{from}
	for len(open) > 0 {
		x := open[len(open)-1]
		open = open[:len(open)-1]
		if x == to {
			return true
		}
		if !seen[x] {
			seen[x] = true
			open = append(open, next[x]...)
		}
	}
	return false
}

// row is what stands side by side.
type row [columns][]*Note

func (r *row) add(c column, notes ...*Note) { r[c] = append(r[c], notes...) }

// group is an aggregate with its rows, or what belongs to none.
type group struct {
	aggregate *Note
	hanging   []*Note // the questions that hang on it
	rows      []*row
}

// arrange gives the notes of a frame their places, the frame being at 0, 0.
func (f *Frame) arrange(inside []*Link) {
	groups := f.groups(inside)
	var widths [columns]int
	for _, g := range groups {
		for _, r := range g.rows {
			for c := range columns {
				for _, n := range r[c] {
					widths[c] = max(widths[c], n.Box.W)
				}
			}
		}
		if g.aggregate != nil {
			widths[aggregates] = max(widths[aggregates], g.aggregate.Box.W)
		}
	}
	var left [columns]int
	x := inset
	for c := range columns {
		left[c] = x
		if widths[c] > 0 {
			x += widths[c] + gutter
		}
	}
	title := Line{Text: string(f.Title), Size: titleSize, Bold: true}
	f.Box.W = max(x-gutter+inset, int(Measure(title.Text, title.Size))+2*inset)
	y := inset
	if f.Name != "" {
		y = heading + inset/2
	}
	for i, g := range groups {
		if i > 0 {
			y += groupGap
		}
		y = g.place(left, y)
	}
	f.Box.H = y + inset
}

// place puts a group below y, and says where it ends.
func (g *group) place(left [columns]int, y int) int {
	begin := y
	for i, r := range g.rows {
		if i > 0 {
			y += rowGap
		}
		end := y
		for c := range columns {
			at := y
			for i, n := range r[c] {
				if i > 0 {
					at += stackGap
					if n.Of == r[c][i-1] || n.small() && r[c][i-1].small() {
						at -= stackGap - stuck // it hangs on it
					}
				}
				n.Box.X, n.Box.Y = left[c], at
				at = n.Box.Bottom()
			}
			end = max(end, at)
		}
		for c := range columns {
			for _, n := range r[c] {
				n.row = Box{Y: y, H: end - y}
			}
		}
		y = end
	}
	if g.aggregate == nil {
		return y
	}
	n := g.aggregate
	n.row = Box{Y: begin, H: y - begin}
	n.Box.X, n.Box.Y = left[aggregates], begin
	n.Box.H = max(n.Box.H, y-begin)
	at := n.Box.Bottom() // below all of its rows: arrows lead through it in each
	for _, h := range g.hanging {
		h.Box.X, h.Box.Y = left[aggregates], at+stackGap
		at = h.Box.Bottom()
	}
	return max(y, at)
}

// groups are what a frame has, aggregate by aggregate.
func (f *Frame) groups(inside []*Link) []*group {
	var groups []*group
	rest := &group{rows: []*row{{}}}
	of := map[*Note]*group{}
	at := map[*Note]*row{} // of those that have a row
	hang := map[*Note][]*Note{}
	for _, n := range f.notes {
		if n.Of != nil && n.small() {
			hang[n.Of] = append(hang[n.Of], n)
		}
	}
	set := func(r *row, c column, n *Note) {
		at[n] = r
		r.add(c, n)
		r.add(c, hang[n]...)
	}
	first := firstLinks(inside)
	for _, n := range f.notes {
		switch n.Kind {
		case Aggregate:
			of[n] = &group{aggregate: n, hanging: hang[n]}
			groups = append(groups, of[n])
		case Command:
			g := of[n.Of]
			g.rows = append(g.rows, &row{})
			set(g.rows[len(g.rows)-1], commands, n)
		case Event:
			r := at[first.to[n]]
			if n.Of != nil && n.Of.Kind == External {
				r = at[n.Of] // beside who tells of it
			}
			switch g := of[n.Of]; {
			case r != nil:
			case g != nil:
				r = &row{}
				g.rows = append(g.rows, r)
			default:
				r = rest.rows[0]
			}
			set(r, events, n)
		case Policy, Saga:
			r := at[first.from[n]]
			if r == nil || n.Kind == Saga {
				r = rest.rows[0]
			}
			set(r, reactions, n)
		case View:
			r := at[first.to[n]]
			if r == nil {
				r = rest.rows[0]
			}
			set(r, views, n)
		case External:
			r := &row{}
			rest.rows = append(rest.rows, r)
			set(r, commands, n)
		case Hotspot:
			if n.Of == nil {
				rest.rows[0].add(commands, n)
			}
		}
	}
	rest.rows = slices.DeleteFunc(rest.rows, func(r *row) bool { return r.empty() })
	if len(rest.rows) > 0 {
		groups = append(groups, rest)
	}
	return groups
}

func (r *row) empty() bool {
	for c := range columns {
		if len(r[c]) > 0 {
			return false
		}
	}
	return true
}

// ends are, of each note of a frame, the first note of the frame that leads to it,
// and the first to which it leads.
type ends struct{ to, from map[*Note]*Note }

func firstLinks(inside []*Link) ends {
	e := ends{map[*Note]*Note{}, map[*Note]*Note{}}
	for _, l := range inside {
		if l.Kind == Reads {
			continue
		}
		if e.to[l.To] == nil {
			e.to[l.To] = l.From
		}
		if e.from[l.From] == nil && l.To.Kind == Command {
			e.from[l.From] = l.To
		}
	}
	return e
}

// move puts a frame, and what is in it, somewhere else.
func (f *Frame) move(x, y int) {
	f.Box.X, f.Box.Y = x, y
	for _, n := range f.notes {
		n.Box.X += x
		n.Box.Y += y
		n.row.X, n.row.Y, n.row.W = x, n.row.Y+y, f.Box.W
	}
}
