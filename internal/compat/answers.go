package compat

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// answer is what somebody reads, as it was and as it is: a reply, or an event.
type answer struct {
	service  *contract.Service
	what     string  // "the reply of command PlaceOrder", "event OrderPlaced"
	rule     rule.ID // of a field that is gone
	pos, old source.Pos
	needs    []*contract.Need
	was, is  *contract.Schema
}

// answer compares what is written now with what was read of it.
func (c *comparison) answer(a answer) {
	for _, x := range reads(a.is, a.was) {
		c.answered(a, x)
	}
}

func (c *comparison) answered(a answer, x difference) {
	hurt := reading(a.needs, x.top)
	f := Finding{Rule: a.rule, Service: a.service.Context.Name, Verdict: judged(hurt), Consumers: consumers(hurt),
		Pos: place(x.writes, a.pos), Old: place(x.reads, a.old)}
	where := x.about(a.what)
	switch x.kind {
	case unknown:
		f.Verdict, f.Consumers, f.Old = Compatible, nil, source.Pos{}
		f.What, f.Why = where+" is new", "consumers do not look at what they do not know"
	case missing, spare:
		f.Why = "who reads it finds nothing there"
		if x.writes != nil {
			f.What = where + " may be missing"
			break
		}
		f.What = where + " is gone"
		if to := field(x.reads, a.was, a.is); to != nil && x.path == x.top {
			f.What += fmt.Sprintf(" and seems to be %s now", to.Name)
			f.Pos = place(to, f.Pos)
		}
	case kind:
		f.Rule = BreakingType
		f.What, f.Why = fmt.Sprintf("%s is %s, and was %s", where, word(x.written), word(x.read)), "who reads it cannot make anything of it"
	case number:
		hurt = strictly(hurt)
		f.Rule, f.Verdict, f.Consumers = BreakingType, judged(hurt), consumers(hurt)
		f.What, f.Why = fmt.Sprintf("%s is %s, and was %s", where, word(x.written), word(x.read)), "it comes as a number, not as text: services read either, who reads text does not"
	case strange: // values that are new
		f.Rule, f.Verdict, f.Consumers = BreakingEnum, Compatible, nil
		f.What = fmt.Sprintf("%s has the value %s, too", where, listed(x.values))
		f.Why = "what was sent before is still taken, and consumers take a value they do not know for any other"
	case given: // values that do not come any more
		hurt = comparing(hurt, x.read.Def, x.values)
		f.Rule, f.Verdict, f.Consumers = BreakingEnum, judged(hurt), consumers(hurt)
		f.What = fmt.Sprintf("%s has no value %s any more", where, listed(x.values))
		f.Why = "who sends it gets 400, and who looks out for it never sees it"
	case certain:
		f.Verdict, f.Consumers, f.What, f.Why = Compatible, nil, where+" is always there", "who looks whether it is there finds it"
	case another:
		f.Rule, f.Verdict, f.Consumers = BreakingType, Compatible, nil
		f.What, f.Why = fmt.Sprintf("%s is %s, and was %s", where, word(x.written), word(x.read)), "who reads the one reads the other"
	case conditioned:
		if !c.given(&f, x, where) {
			return
		}
	case defaulted:
		if c.sameDefault(x.writes.Model, x.reads.Model) {
			return
		}
		f.Rule, f.Verdict = BreakingDefault, Unclear
		f.What, f.Why = where+" has another default", "where nobody sets it, another value is read"
	}
	if x.kind == strange || x.kind == given {
		f.Pos, f.Old = typePos(x.written, f.Pos), typePos(x.read, f.Old)
	}
	c.add(f)
}

// strictly are the needs of those who may not read a number for a decimal.
func strictly(needs []*contract.Need) []*contract.Need {
	return slices.DeleteFunc(slices.Clone(needs), func(n *contract.Need) bool { return n.Consumer.Service != nil })
}

// reading are the needs that look at a field.
func reading(needs []*contract.Need, name string) []*contract.Need {
	var out []*contract.Need
	for _, n := range needs {
		if slices.Contains(n.Reads, name) {
			out = append(out, n)
		}
	}
	return out
}

// comparing are the needs that tell values of an enum apart. What people's
// programs do nobody knows: they may tell all apart.
func comparing(needs []*contract.Need, def *model.TypeDef, values []string) []*contract.Need {
	var out []*contract.Need
	for _, n := range needs {
		told := n.Kind == contract.ByActor
		for _, v := range n.Compares[def] {
			told = told || slices.Contains(values, v)
		}
		if told {
			out = append(out, n)
		}
	}
	return out
}
