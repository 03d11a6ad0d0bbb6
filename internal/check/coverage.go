package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// coverage notes requirements nobody covers, and notes on the wall that no
// requirement, no story and no scenario speaks of.
func (c *checker) coverage() {
	told := c.told()
	covered := map[string]bool{}
	eachNote(c.sys, func(n *model.Node) {
		for _, t := range n.Covers {
			covered[t.Value] = true
		}
	})
	for _, x := range c.sys.Compositions {
		for _, p := range x.Parts {
			if len(x.Covers) > 0 && p.From.View != nil {
				told[p.From.View] = true
			}
		}
	}
	var untouched []*model.Node
	judge := func(x any, notes ...*model.Node) { // the note, and those it hangs on
		if !told[x] && !slices.ContainsFunc(notes, func(n *model.Node) bool { return len(n.Covers) > 0 }) {
			untouched = append(untouched, notes[0])
		}
	}
	for _, x := range c.sys.Contexts {
		for _, a := range x.Aggregates {
			for _, m := range a.Commands {
				judge(m, &m.Node, &a.Node, &x.Node)
			}
			for _, e := range a.Events {
				judge(e, &e.Node, &a.Node, &x.Node)
			}
		}
		for _, p := range x.Policies {
			judge(p, &p.Node, &x.Node)
		}
		for _, s := range x.Sagas {
			judge(s, &s.Node, &x.Node)
		}
		for _, v := range x.Views {
			judge(v, &v.Node, &x.Node)
		}
	}
	if len(c.sys.Requirements) > 0 && len(covered)+len(told) > 0 { // else nobody has begun to say
		for _, n := range untouched {
			c.say(rule.Untouched, n.Pos, "no requirement, flow or scenario speaks of %s", n.Name).
				With(diag.Fix("write what it covers, tell it in a flow, or ask whether it is needed"))
		}
	}
	for _, r := range c.sys.Requirements {
		if !covered[r.Name] {
			c.say(rule.Uncovered, r.Pos, "nothing says that it covers %s", r.Name).
				With(diag.Fix("write covers: [%s] at the notes or scenarios that do", r.Name))
		}
	}
}

// told is what the flows and scenarios speak of.
func (c *checker) told() map[any]bool {
	told := c.played()
	for _, f := range c.sys.Flows {
		for _, step := range f.Steps {
			for _, x := range c.sys.Find(nil, step.Value) {
				told[x] = true
			}
		}
	}
	return told
}
