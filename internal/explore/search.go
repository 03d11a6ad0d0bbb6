package explore

import (
	"context"
	"slices"

	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// mostSteps bounds what may follow without time passing: what goes round in circles
// is not searched.
const mostSteps = 300

// search tries all orders from one place.
type search struct {
	*division
	comes  parts // what all moves touch
	ctx    context.Context
	place  *place
	depth  int
	most   int64
	saga   *model.Saga
	states int64 // that were told apart
	worlds int64 // that were played
	cut    bool
	seen   map[uint64]bool
	serial map[uint64]*serial // by the moves
	found  []*suspicion
}

func newSearch(ctx context.Context, f *facts, p *place, o Options) *search {
	d := divide(f)
	var comes parts
	for _, m := range p.moves {
		comes = comes.with(d.move(m))
	}
	return &search{
		division: d, comes: comes, ctx: ctx, place: p, depth: o.Depth, most: int64(o.States), saga: o.Saga,
		serial: map[uint64]*serial{},
	}
}

// node is a state on the way: what came to it, the last first.
type node struct {
	world *sim.World
	from  *node
	did   action
	used  []int // the moves, sorted
}

// action is a move, or that somebody catches up with what is late.
type action struct {
	move *move
	line *sim.Line // that hears; nil: it is a move
}

// run searches with one move, then with two, and so on: what takes fewer is
// found first.
func (s *search) run() error {
	w := s.place.world.Copy()
	w.Late(s.waits)
	for moves := 1; moves <= s.depth && !s.cut; moves++ {
		s.seen = map[uint64]bool{}
		if err := s.from(&node{world: w}, moves); err != nil {
			return err
		}
	}
	return nil
}

// from goes on from a state.
func (s *search) from(n *node, moves int) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	key := n.world.Digest(s.isMatter) ^ usedKey(n.used)
	if s.seen[key] {
		return nil
	}
	if s.states++; s.states > s.most {
		s.cut = true
		return nil
	}
	s.seen[key] = true
	if err := s.recover(n, moves); err != nil {
		return err
	}
	held := n.world.Held()
	if len(held) == 0 && len(n.used) == moves {
		s.judge(n)
	}
	if i := s.apart(n, held, moves); i >= 0 {
		return s.catchUp(n, &held[i], moves)
	}
	for i := range held {
		if err := s.catchUp(n, &held[i], moves); err != nil {
			return err
		}
	}
	if len(n.used) == moves || len(held) == 0 && len(n.used) > 0 && !s.isDown(n) {
		return nil // what comes after all has come to rest begins at another place
	}
	return s.come(n, moves)
}

func (s *search) catchUp(n *node, l *sim.Line, moves int) error {
	s.worlds++
	w := n.world.Copy()
	w.Late(func(o sim.Line) bool { return o != *l && s.waits(o) })
	if w.SettleWithin(mostSteps) != nil {
		return nil //nolint:nilerr // it goes round in circles: check says so
	}
	w.Late(s.waits)
	return s.from(&node{world: w, from: n, did: action{line: l}, used: n.used}, moves)
}

// apart is a line whose work has nothing to do with what else can come: nothing is
// left out when it comes first. -1: there is none.
func (s *search) apart(n *node, held []sim.Line, moves int) int {
	for i, l := range held {
		mine := s.line(l)
		if len(n.used) < moves && mine.meet(s.comes) {
			continue
		}
		alone := true
		for j, o := range held {
			alone = alone && (i == j || !mine.meet(s.line(o)))
		}
		for _, l := range n.world.WaitingLines() {
			alone = alone && !mine.meet(s.line(l))
		}
		if alone {
			return i
		}
	}
	return -1
}

// concerns reports whether a move has to do with those before it.
func (s *search) concerns(i int, used []int) bool {
	mine := s.move(s.place.moves[i])
	return len(used) == 0 || slices.ContainsFunc(used, func(j int) bool { return mine.meet(s.move(s.place.moves[j])) })
}

// twice bounds how often the same comes at once.
const twice = 2

// come goes on with each move that anything comes of.
func (s *search) come(n *node, moves int) error {
	var spare *sim.World // in which nothing came of a move
	for i, m := range s.place.moves {
		if same := count(n.used, i); same == twice || same > 0 && m.when == nil || !s.concerns(i, n.used) {
			continue
		}
		w := spare
		if spare = nil; w == nil {
			w = n.world.Copy()
		}
		if !m.do(w) {
			if m.harmless() {
				spare = w
			}
			continue
		}
		s.worlds++
		if w.SettleWithin(mostSteps) != nil {
			continue
		}
		used := append(slices.Clone(n.used), i)
		slices.Sort(used)
		if err := s.from(&node{world: w, from: n, did: action{move: m}, used: used}, moves); err != nil {
			return err
		}
	}
	return nil
}

// isDown reports whether something is down that a move took down.
func (s *search) isDown(n *node) bool {
	return slices.ContainsFunc(n.used, func(i int) bool {
		c := s.place.moves[i].down
		return c != nil && n.world.IsDown(c)
	})
}

// recover goes on with what is down up again, while others are still late.
func (s *search) recover(n *node, moves int) error {
	for _, i := range n.used {
		c := s.place.moves[i].down
		if c == nil || !n.world.IsDown(c) {
			continue
		}
		up := &move{up: c}
		s.worlds++
		w := n.world.Copy()
		if !up.do(w) || w.SettleWithin(mostSteps) != nil {
			continue
		}
		if err := s.from(&node{world: w, from: n, did: action{move: up}, used: n.used}, moves); err != nil {
			return err
		}
	}
	return nil
}

func (s *search) isMatter(e *model.Event) bool { return s.matters[e] }

func count(list []int, x int) int {
	n := 0
	for _, y := range list {
		if x == y {
			n++
		}
	}
	return n
}

func usedKey(used []int) uint64 {
	k := uint64(1)
	for _, i := range used {
		k = k*1099511628211 + uint64(i) + 7
	}
	return k
}

// way are the actions that led to a state, in order.
func (n *node) way() []action {
	var out []action
	for ; n.from != nil; n = n.from {
		out = append(out, n.did)
	}
	slices.Reverse(out)
	return out
}
