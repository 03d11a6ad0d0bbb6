package importer

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/esgen/esgen/internal/board"
)

// draft is the model that is being made.
type draft struct {
	node
	actors    []*node
	externals []*external
	contexts  []*context
	events    []*event // of no context
	relations []*relation
	scenarios []*scenario
}

type relation struct {
	upstream, downstream *context
	kind                 string
	roles                []string
	dropped              bool
}

// node is what every part of the model has.
type node struct {
	kind     board.Kind
	name     string
	title    string // "": the name
	code     string // "": of the name
	about    string
	hotspots []string // of the board
	asked    []string // those that we have
	dropped  bool     // check refuses it, whatever is left out of it
	number   int      // of all parts of its kind
	tries    int      // other identifiers it was given
	place    string   // on the board; "": it has none there
}

type context struct {
	node
	area       *Area
	types      []*typ
	aggregates []*aggregate
	policies   []*policy
	sagas      []*policy // which also give commands of other contexts
	views      []*view
	events     []*event // of no aggregate
}

type aggregate struct {
	node
	in       *context
	fields   []Field
	commands []*command
	events   []*event
}

type command struct {
	node
	of      *aggregate
	creates bool
	actors  []*node
	input   []Field
	emits   []*event
}

type event struct {
	node
	of      *aggregate // nil: none
	in      *context   // nil: none
	from    *external  // nil: it is of ours
	fields  []Field
	deletes bool
}

type policy struct {
	node
	in       *context
	whenever []*event
	then     []*command
}

type view struct {
	node
	in     *context
	fields []Field
	from   []*event
	rules  []*projection
	actors []*node
}

type external struct {
	node
	events   []*event
	receiver *context // whose service takes in what it tells; nil: the one that hears of it
}

// receivers says of external systems that several contexts hear whose service takes in what
// they tell, and asks.
func (d *draft) receivers() {
	for _, x := range d.externals {
		var hearing []*context
		for _, c := range d.contexts {
			if c.hears(x) {
				hearing = append(hearing, c)
			}
		}
		if len(hearing) > 1 {
			x.receiver = hearing[0]
			x.ask(fmt.Sprintf("%s and %s hear of what it tells: whose service takes it in?", hearing[0].called(), hearing[1].called()))
		}
	}
}

// hears tells whether something of a context hears of what an external system tells.
func (c *context) hears(x *external) bool {
	of := func(events []*event) bool {
		return slices.ContainsFunc(events, func(e *event) bool { return e.from == x })
	}
	return slices.ContainsFunc(slices.Concat(c.policies, c.sagas), func(p *policy) bool { return of(p.whenever) }) ||
		slices.ContainsFunc(c.views, func(v *view) bool { return of(v.from) })
}

// ask hangs an open question of ours on a part.
func (n *node) ask(question string) {
	if !slices.Contains(n.asked, question) {
		n.asked = append(n.asked, question)
	}
}

// every visits all parts of a draft, with what they are in.
func (d *draft) every(do func(n *node, in string)) {
	do(&d.node, "")
	for _, a := range d.actors {
		do(a, "")
	}
	events := func(list []*event, in string) {
		for _, e := range list {
			do(&e.node, in)
		}
	}
	for _, x := range d.externals {
		do(&x.node, "")
		events(x.events, x.name)
	}
	events(d.events, "")
	for _, c := range d.contexts {
		do(&c.node, "")
		for _, t := range c.types {
			do(&t.node, c.name)
		}
		for _, a := range c.aggregates {
			do(&a.node, c.name)
			for _, m := range a.commands {
				do(&m.node, c.name+"."+a.name)
			}
			events(a.events, c.name+"."+a.name)
		}
		for _, p := range slices.Concat(c.policies, c.sagas) {
			do(&p.node, c.name)
		}
		for _, v := range c.views {
			do(&v.node, c.name)
		}
		events(c.events, c.name)
	}
	for _, s := range d.scenarios {
		do(&s.node, "")
	}
}

// tidy gives parts of one section names of their own, and numbers them.
func (d *draft) tidy() {
	counts := map[board.Kind]int{}
	taken := map[string]bool{}
	d.every(func(n *node, in string) {
		counts[n.kind]++
		n.number = counts[n.kind]
		if n == &d.node {
			return
		}
		name := n.name
		for i := 2; taken[key(n, in)]; i++ {
			n.name = name + strconv.Itoa(i)
		}
		taken[key(n, in)] = true
	})
}

// key is what no other part has: its section and its name.
func key(n *node, in string) string { return string(n.kind) + "\x00" + in + "\x00" + n.name }

// report tells what a draft asks, and what was given up because check refuses it.
func (d *draft) report(r *Report) {
	d.every(func(n *node, in string) {
		where := n.called()
		if n == &d.node {
			where = "the board"
		} else if in != "" {
			where = in + "." + n.name
		}
		if n.dropped {
			r.leave("%s %q: check refuses it", n.kind, n.called())
			switch n.kind {
			case kindType:
				r.Types--
			case kindScenario:
				r.Examples--
			}
		}
		for _, q := range n.asked {
			r.Asked = append(r.Asked, where+": "+q)
		}
	})
}
