// Package explore searches the orders in which commands, timers, outages and
// messages can come, and finds those in which something happens that happens in
// no order in which each waits for what came of the one before.
//
// It begins at every place that the scenarios of a model come to, and tries
// everything that can be done there at once, up to a bound. What it finds is a
// scenario that fails.
package explore

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/model"
)

// The defaults of Options.
const (
	// DefaultDepth is how much comes at once: pairs and triples.
	DefaultDepth = 3
	// DefaultStates bounds the search from one place.
	DefaultStates = 20_000
)

// Options bound a search, and say what it is about.
type Options struct {
	Depth    int                        // how many commands, timers and outages come at once; 0: DefaultDepth
	States   int                        // most states from one place; 0: DefaultStates
	Scenario func(*model.Scenario) bool // from whose places; nil: of all
	Context  *model.Context             // whose commands and timers come; nil: everybody's
	Saga     *model.Saga                // that something of what comes leads to; nil: nothing need
	Progress func(done, of int, states int64)
}

// Report is what a search came to. It is the same for the same model and options.
type Report struct {
	Findings []*Finding
	Places   int   // that were searched from: each once, however many scenarios come there
	States   int64 // that were told apart
	Worlds   int64 // that were played to find them: those seen before, and those of the orders, too
	Moves    int   // that could come, at all places
	Cut      int   // places of which not everything was searched
}

// Run searches. The error is why the context is done.
func Run(ctx context.Context, m *check.Model, o Options) (*Report, error) {
	if o.Depth == 0 {
		o.Depth = DefaultDepth
	}
	if o.States == 0 {
		o.States = DefaultStates
	}
	facts := learn(m)
	all := places(facts, o)
	searches := make([]*search, len(all))
	var done, states atomic.Int64
	err := parallel.Each(ctx, len(all), func(i int) error {
		s := newSearch(ctx, facts, all[i], o)
		err := s.run()
		searches[i] = s
		if o.Progress != nil {
			o.Progress(int(done.Add(1)), len(all), states.Add(s.states))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	r := &Report{Places: len(all)}
	var found []*suspicion
	for _, s := range searches {
		r.States += s.states
		r.Worlds += s.worlds
		r.Moves += len(s.place.moves)
		if s.cut {
			r.Cut++
		}
		found = append(found, s.found...)
	}
	r.Findings = findings(fewest(found))
	name(m, r.Findings)
	return r, nil
}

// fewest are the suspicions that take the fewest moves, in the order of the
// model: one that takes more of the same is not told.
func fewest(all []*suspicion) []*suspicion {
	slices.SortStableFunc(all, func(a, b *suspicion) int { return len(a.used) - len(b.used) })
	var out []*suspicion
	for _, x := range all {
		if !slices.ContainsFunc(out, func(y *suspicion) bool { return y.covers(x) }) {
			out = append(out, x)
		}
	}
	return out
}

// findings tells suspicions: those of the same moves as one, by the first.
func findings(all []*suspicion) []*Finding {
	var out []*Finding
	of := map[string]*Finding{}
	for _, x := range all {
		names := x.names()
		slices.Sort(names)
		key := strings.Join(names, "/")
		if f := of[key]; f != nil {
			f.Also = append(f.Also, x.message())
			continue
		}
		of[key] = x.finding()
		out = append(out, of[key])
	}
	return out
}
