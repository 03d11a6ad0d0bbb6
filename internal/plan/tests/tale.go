package tests

import (
	"slices"
	"strings"
	"unicode"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/stories"
	"github.com/esgen/esgen/model"
)

// Tested is a command with the scenarios that tell of it: a test.
type Tested struct {
	*services.Command
	Ways   []*Way
	Shared []services.Member // variables: what is told often
	Tales  []*Tale

	of     *Aggregate
	heard  []decided
	known  map[string]bool
	asked  map[string]bool // what some step has shown that it asks
	usual  *decision       // that others differ from; nil: there is only one
	events map[string]string
}

// Tale is what a scenario tells of a command: a subtest.
type Tale struct {
	Name  quote.Text
	Title quote.Text // "": the name is the title, or made up
	Steps []*Step

	of       *stories.Story
	before   string // of its last step
	declared map[string]bool
}

// Step is a command given once: what there was before, what it is decided on, and
// what comes of it. All texts are Go.
type Step struct {
	Before   string // "": as in the step before
	Way      *Way
	Decision string
	Sets     []services.Member // how it differs from the usual decision
	Meta     string            // of its events, where states depend on it
	Asks     []Ask
	Rejected string
	Events   []string
	After    string            // "": a step before has shown what such events come to
	Changed  []services.Member // in what it differs from the state before

	// How it sets the variables that steps before it may have declared.
	BeforeIs, AskingIs, GotIs, WantIs string
}

// Ask is what a call asks: the method of the decision, and what it must say.
type Ask struct{ Method, Want string }

func newTested(a *Aggregate, c *services.Command) *Tested {
	return &Tested{Command: c, of: a, known: map[string]bool{}, asked: map[string]bool{}, events: map[string]string{}}
}

// tell writes down what was heard.
func (c *Tested) tell(m *check.Model) {
	taken := map[string]bool{}
	for _, name := range []string{"t", "d", "before", "got", "want", "usual", "err", "decider", "scenarios"} {
		taken[name] = true
	}
	for _, d := range c.heard {
		taken[c.way(d).Name] = true
	}
	c.nameAlike(m)
	c.shareEvents(taken)
	c.shareDecision()
	subtests, told := map[string]bool{}, map[string]bool{}
	for _, d := range c.heard {
		step := c.step(m, d)
		if told[step.text()] {
			continue // with its ids, all in which it differed from another is gone
		}
		told[step.text()] = true
		i := slices.IndexFunc(c.Tales, func(t *Tale) bool { return t.of == d.story && d.story.Scenario != nil })
		if i < 0 {
			i = len(c.Tales)
			c.Tales = append(c.Tales, newTale(d, subtests))
		}
		c.Tales[i].add(step)
	}
}

func newTale(d decided, taken map[string]bool) *Tale {
	t := &Tale{of: d.story, declared: map[string]bool{}}
	switch title := d.story.Title; {
	case d.story.Scenario == nil:
		t.Name = quote.Text(free(taken, madeUpName(d)))
	case plain(title):
		t.Name, t.Title = quote.Text(free(taken, identifier(title))), quote.Text(title)
	default: // Latin letters would make it unreadable
		t.Name = quote.Text(free(taken, strings.ReplaceAll(title, "/", " ")))
	}
	return t
}

// madeUpName says what comes of a decision that no scenario tells of.
func madeUpName(d decided) string {
	if d.Outcome.Rejected != "" {
		return rejection(d.By)
	}
	name := ""
	for _, e := range d.Outcome.Events {
		name += names.Of(&e.Event.Node).Go
	}
	if name == "" {
		return "Nothing"
	}
	return name
}

// add adds a step, which goes on with the variables of those before it.
func (t *Tale) add(s *Step) {
	if s.Before == t.before {
		s.Before = ""
	} else {
		t.before = s.Before
	}
	s.BeforeIs = t.set("before", s.Before != "")
	s.AskingIs = t.set("d", s.Varies())
	s.GotIs = t.set("got", s.After != "")
	s.WantIs = t.set("want", len(s.Changed) > 0)
	t.Steps = append(t.Steps, s)
}

// set is how a variable is set: the first time, it is declared.
func (t *Tale) set(variable string, now bool) string {
	if !now || t.declared[variable] {
		return "="
	}
	t.declared[variable] = true
	return ":="
}

// text is what a step says, whether other steps have shown it already or not.
func (s *Step) text() string {
	var x renaming
	x.add(s.Before, s.Way.Name, s.Decision, s.Sets, s.Meta, s.Rejected, s.Events)
	return x.text.String()
}

// Happened are the arguments that say what must have happened.
func (s *Step) Happened() string { return arguments(append([]string{"t"}, s.Events...)) }

// arguments are those of a function: on one line, or each on its own where that
// were too long.
func arguments(list []string) string {
	if line := strings.Join(list, ", "); services.Fits(line) || len(list) <= 2 {
		return line
	}
	return list[0] + ",\n" + strings.Join(list[1:], ",\n") + ",\n"
}

// Varies reports whether the decision needs a variable.
func (s *Step) Varies() bool { return len(s.Asks)+len(s.Sets) > 0 }

// Given is the step's command, given.
func (s *Step) Given() string {
	parts := []string{"before", s.Decision}
	if s.Varies() {
		parts[1] = "d"
	}
	if s.Meta != "" {
		parts = append(parts, s.Meta)
	}
	return s.Way.Name + "(" + strings.Join(parts, ", ") + ")"
}

func (c *Tested) step(m *check.Model, d decided) *Step {
	s := &Step{Before: c.given(d), Way: c.way(d), Meta: c.meta(d), Asks: c.asks(d)}
	s.Decision, s.Sets = c.spelled(d, len(s.Asks) > 0)
	if d.Outcome.Rejected != "" {
		s.Rejected = rejection(d.By)
		return s
	}
	a := c.Aggregate
	for _, e := range d.Outcome.Events {
		ev := a.EventOf(e.Event)
		s.Events = append(s.Events, a.Played(ev.Name, ev.Fields, e.Fields))
	}
	if d.Known.Gone || c.of.shown(m, d) {
		return s
	}
	if s.After = "before"; d.Known.State == nil {
		s.After = a.Played("State", a.State.Fields, d.Known.After)
		return s
	}
	for _, f := range a.State.Fields {
		if before, after := d.Known.State[f.Model.Name], d.Known.After[f.Model.Name]; !expr.Equal(before, after) {
			s.Changed = append(s.Changed, services.Member{Go: f.Go, Value: a.PlayedField(f, after)})
			s.After = "want"
		}
	}
	return s
}

// shown reports whether steps before have shown what the events of a decision come
// to: those that copy their fields, and set what is always the same, need be
// shown once.
func (t *Aggregate) shown(m *check.Model, d decided) bool {
	all := len(d.Outcome.Events) > 0
	for _, e := range d.Outcome.Events {
		at := fold{e.Event, d.Known.State == nil}
		all = all && t.folded[at] && !slices.ContainsFunc(check.Values(m.Events[e.Event].Apply), computed)
		t.folded[at] = true
	}
	return all
}

// computed reports whether a value is more than a copy or a constant.
func computed(x *expr.Tree) bool {
	switch {
	case x == nil, x.Op == expr.Const, x.Op == expr.Enum:
		return false
	case x.Op == expr.Convert:
		return computed(x.Args[0])
	}
	return !x.Reads("event")
}

// asks are the questions of a decision to others that no step before has shown.
// What depends on an id that is made up can only be seen in the whole.
func (c *Tested) asks(d decided) []Ask {
	if len(d.Known.IDs) > 0 || d.Outcome.Rejected != "" {
		return nil
	}
	var out []Ask
	for _, made := range d.Known.Calls {
		call := c.callOf(made.Call)
		if call == nil || len(call.Request.Fields) == 0 {
			continue
		}
		var x renaming
		x.add(call.Var)
		x.fields(call.Request.Fields, made.Input)
		if !c.asked[x.text.String()] {
			c.asked[x.text.String()] = true
			out = append(out, Ask{call.AskFunc, c.Aggregate.Played(call.Request.Name, call.Request.Fields, made.Input)})
		}
		if made.Reply == nil {
			break // what comes behind may depend on what is used instead
		}
	}
	return out
}

// longest bounds the name of a subtest: a title can be a sentence.
const longest = 48

// plain reports whether a title is of the letters that identifiers are made of.
func plain(title string) bool {
	return !strings.ContainsFunc(title, func(r rune) bool { return unicode.IsLetter(r) && r > unicode.MaxASCII })
}

// identifier is the Go identifier of a title, as many of its words as fit.
func identifier(title string) string {
	out := ""
	for _, w := range strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		next := names.OfText(w).Go
		if out != "" && len(out)+len(next) > longest {
			break
		}
		out += next
	}
	if out == "" {
		return "Scenario"
	}
	return out[:min(len(out), longest)]
}

// rejection is the code of what refused a command.
func rejection(by any) string {
	switch r := by.(type) {
	case *model.Rule:
		return contract.RuleCode(r)
	case *model.Lifecycle:
		return "IllegalTransition"
	}
	return "Forbidden"
}
