// Package compat compares what the services of a system offered with what they
// offer now, and says who cannot live with the difference: by name, why, and
// how the change can be made so that they can.
//
// A change is judged in both directions of a rolling update: whoever was made
// for the old contract meets the new service, and the new service meets old
// messages on its topics and old documents in its database.
package compat

import (
	"cmp"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Verdict says whom a change hurts.
type Verdict string

// The verdicts, the gravest first.
const (
	Breaking   Verdict = "breaking"   // somebody known cannot take it
	Unclear    Verdict = "unclear"    // only a person can tell: a condition changed
	Unused     Verdict = "unused"     // a break of what is published that hits nobody known
	Compatible Verdict = "compatible" // worth knowing
)

// Step is how far the version of a service moves.
type Step string

// The steps of semantic versions (https://semver.org).
const (
	None  Step = "none"
	Patch Step = "patch"
	Minor Step = "minor"
	Major Step = "major"
)

// Consumer is somebody who relies on what changed.
type Consumer struct {
	Name string // of a context, an actor or an external system; "gateway"
	By   string // what relies on it: "policy PrepareDelivery"; "" when Name says it
}

func (c Consumer) String() string {
	if c.By == "" {
		return c.Name
	}
	return c.Name + " (" + c.By + ")"
}

// Finding is one change.
type Finding struct {
	Rule      rule.ID // its id, see Rules
	Verdict   Verdict
	Service   string // the context whose contract changed; "" of the system
	What      string // changed, in a sentence without a full stop
	Why       string // it hurts, or does not
	Consumers []Consumer
	Step      Step
	Meant     string     // why it is made all the same; "": nobody has said so
	Pos       source.Pos // in the new model; of what is gone, of what is nearest to it
	Old       source.Pos // in the old model; nowhere: it was not there
}

// How the change can be made so that nobody is hurt; "" when nobody is.
func (f Finding) How() string {
	if f.Verdict == Compatible {
		return ""
	}
	return ruleOf(f.Rule).How
}

// Change is how far the version of a service moves.
type Change struct {
	Service string
	Step    Step
}

// Report is everything that changed between two models.
type Report struct {
	Findings []Finding // by place in the new model
	Services []Change  // in the order of the new model, those that are gone last
	System   Step      // the farthest of them
}

// Count says how many findings have a verdict, and are not meant.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, f := range r.Findings {
		if f.Verdict == v && f.Meant == "" {
			n++
		}
	}
	return n
}

// Of is what a report says of one context.
func (r *Report) Of(context string) *Report {
	out := &Report{System: None}
	for _, f := range r.Findings {
		if f.Service == context {
			out.Findings = append(out.Findings, f)
		}
	}
	for _, s := range r.Services {
		if s.Service == context {
			out.Services = append(out.Services, s)
			out.System = s.Step
		}
	}
	return out
}

// NewReport is a report of a system that is compared with nothing yet.
func NewReport(is *contract.System) *Report {
	r := &Report{System: None}
	for _, s := range is.Services {
		r.Services = append(r.Services, Change{s.Context.Name, None})
	}
	return r
}

// Compare finds what changed from the old contracts to the new ones.
func Compare(was, is *contract.System) *Report {
	c := &comparison{was: was, is: is, moved: map[*contract.Operation]bool{}, came: map[*contract.Message]bool{},
		became:  map[*contract.Service]map[*contract.Operation]*contract.Operation{},
		sounded: map[*contract.Service]map[*contract.Message]*contract.Message{}, related: map[string]relation{}, roots: map[*contract.System][]*source.Node{}, report: &Report{}}
	c.pairServices()
	c.pairNotes()
	for _, s := range was.Services {
		n := c.now[s]
		if n == nil {
			c.contextGone(s)
			continue
		}
		c.requests(s, n)
		c.events(s, n)
		c.stored(s, n)
		c.commands(s, n)
		c.lifecycles(s, n)
		c.views(s, n)
		c.reactions(s, n)
	}
	c.additions()
	c.compositions()
	c.externals()
	c.gateway()
	c.paths()
	c.zone()
	c.finish()
	return c.report
}

// comparison is what is known while two systems are compared.
type comparison struct {
	was, is    *contract.System
	now        map[*contract.Service]*contract.Service                           // what became of a service; absent: it is gone
	before     map[*contract.Service]*contract.Service                           // what it was; absent: it is new
	moved      map[*contract.Operation]bool                                      // new requests that are old ones at another place
	came       map[*contract.Message]bool                                        // new events that are old ones by another way
	became     map[*contract.Service]map[*contract.Operation]*contract.Operation // of the requests of a service of before
	sounded    map[*contract.Service]map[*contract.Message]*contract.Message     // and of its events
	ids        map[*model.Node]string                                            // what both models' notes are known by
	operations map[*model.Node]*contract.Operation                               // of the old model, by note
	messages   map[*model.Event]*contract.Message                                // of the old model
	renamed    meaning.Names                                                     // fields and values by what they are called now
	inputs     map[string][2]map[string]bool                                     // the fields of a command's input, as they were and are
	roots      map[*contract.System][]*source.Node                               // the files of a model, as they are written
	related    map[string]relation                                               // conditions that were compared
	report     *Report
}

// add notes a change. What several doors show is one change, of all their
// consumers.
func (c *comparison) add(f Finding) {
	if f.Step == "" {
		f.Step = stepOf(f.Verdict)
	}
	for i := range c.report.Findings {
		g := &c.report.Findings[i]
		if g.Rule != f.Rule || g.Service != f.Service || g.What != f.What {
			continue
		}
		g.Consumers = joined(g.Consumers, f.Consumers)
		if worse(f.Verdict, g.Verdict) {
			g.Verdict, g.Step, g.Why = f.Verdict, f.Step, f.Why
		}
		return
	}
	c.report.Findings = append(c.report.Findings, f)
}

func joined(list, more []Consumer) []Consumer {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// consumers names those who have needs, each once.
func consumers(needs []*contract.Need) []Consumer {
	var out []Consumer
	for _, n := range needs {
		by := n.By
		if n.Kind == contract.ByActor {
			by = ""
		}
		out = joined(out, []Consumer{{n.Consumer.Name(), by}})
	}
	return out
}

// judged is breaking when it has consumers.
func judged(needs []*contract.Need) Verdict {
	if len(needs) > 0 {
		return Breaking
	}
	return Unused
}

// gravity orders verdicts.
var gravity = map[Verdict]int{Compatible: 0, Unused: 1, Unclear: 2, Breaking: 3}

func worse(a, b Verdict) bool { return gravity[a] > gravity[b] }

// finish sorts what was found and adds up the steps.
func (c *comparison) finish() {
	r := c.report
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(a.Pos.Compare(b.Pos), gravity[b.Verdict]-gravity[a.Verdict], cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.What, b.What))
	})
	for _, s := range c.is.Services {
		r.Services = append(r.Services, Change{s.Context.Name, c.stepOf(s)})
	}
	for _, s := range c.was.Services {
		if c.now[s] == nil {
			r.Services = append(r.Services, Change{s.Context.Name, Major})
		}
	}
	r.System = None
	for _, s := range r.Services {
		r.System = farther(r.System, s.Step)
	}
	for _, f := range r.Findings {
		r.System = farther(r.System, f.Step)
	}
}
