package compat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// commands compares what commands do with what they get.
func (c *comparison) commands(was, is *contract.Service) {
	pairs := c.commandPairs(was, is)
	for _, o := range was.Operations {
		n := pairs[o]
		if n == nil {
			continue
		}
		d := c.decision(o, n)
		d.rules()
		d.course()
		d.emits()
	}
	events := c.messagePairs(was, is)
	for _, m := range everyMessage(was) {
		if n := events[m]; n != nil {
			c.applied(m, n)
		}
	}
	c.neverEmitted(was, is)
}

// decision is a command, and what it was.
type decision struct {
	*comparison
	o, n     *contract.Operation
	was, is  *model.Command
	old, now speller
	needs    []*contract.Need // of those who give it
}

func (c *comparison) decision(o, n *contract.Operation) *decision {
	d := &decision{comparison: c, o: o, n: n, was: o.Command, is: n.Command, needs: o.Consumers()}
	d.old = speller{c, meaning.Names{Values: c.lets(d.was), Renamed: variables(d.was, d.is)}}
	d.now = speller{c, meaning.Names{Values: c.lets(d.is)}}
	return d
}

// lets are a command's intermediate values.
func (c *comparison) lets(m *model.Command) map[string]*expr.Tree {
	out := map[string]*expr.Tree{}
	for _, l := range m.Lets {
		t := c.tree(l.Expr)
		for i := len(l.Table) - 1; i >= 0; i-- {
			is := c.tree(l.Table[i].Is)
			if t == nil || is == nil { // of the last row nothing is asked: it is what is left
				t = is
				continue
			}
			t = &expr.Tree{Op: expr.Cond, Type: is.Type, Args: []*expr.Tree{c.tree(l.Table[i].If), is, t}}
		}
		if t != nil && !isFresh(t) {
			out[l.Name] = t
		}
	}
	return out
}

// isFresh reports whether an expression has another value each time. One of an
// intermediate value is the same wherever that is named: it keeps its name.
func isFresh(t *expr.Tree) bool {
	found := false
	expr.Walk(t, func(t *expr.Tree) { found = found || t.Op == expr.Call && t.Func.Name == "uuid" })
	return found
}

// variables are the rows and replies of a command that go by another name now:
// those in the same place, of the same thing.
func variables(was, is *model.Command) map[string]string {
	out := map[string]string{}
	if len(was.Reads) == len(is.Reads) {
		for i, r := range was.Reads {
			if r.View.View != nil && is.Reads[i].View.View != nil && names.Kept(&r.View.View.Node).Go == names.Kept(&is.Reads[i].View.View.Node).Go {
				out[r.Name] = is.Reads[i].Name
			}
		}
	}
	if len(was.Calls) == len(is.Calls) {
		for i, call := range was.Calls {
			out[call.Name] = is.Calls[i].Name
		}
	}
	return out
}

// finding begins one about the command.
func (d *decision) finding(kind rule.ID, format string, args ...any) Finding {
	return Finding{Rule: kind, Service: d.n.Service.Context.Name, Verdict: Unclear, What: fmt.Sprintf(format, args...),
		Pos: d.is.Pos, Old: d.was.Pos}
}

// rules compares what must hold.
func (d *decision) rules() {
	hurt := d.needs
	if len(hurt) == 0 {
		hurt = d.outcome(d.was)
	}
	inOrder := true
	last := -1
	for _, was := range d.was.Require {
		i := slices.IndexFunc(d.is.Require, func(r *model.Rule) bool { return contract.RuleCode(r) == contract.RuleCode(was) })
		if i < 0 {
			continue
		}
		inOrder = inOrder && i > last
		last = i
		is := d.is.Require[i]
		if is.Message != was.Message {
			f := d.finding(BreakingRefusal, "%s of %s has another message", is.Name, label(d.n))
			f.Verdict, f.Why, f.Pos, f.Old = Compatible, "it is for people; programs go by the code", is.Pos, was.Pos
			d.add(f)
		}
		f := d.finding(BreakingCondition, "%s of %s is %q, and was %q", is.Name, label(d.n), exprText(is.That), exprText(was.That))
		f.Consumers, f.Pos, f.Old = consumers(hurt), is.Pos, was.Pos
		x, y := d.rule(d.old, was), d.rule(d.now, is)
		d.narrower(f, d.relate(x, y, d.others(d.old, d.was, was), d.others(d.now, d.is, is)), taken, len(d.needs) > 0 && sendable(x, y))
	}
	if !inOrder {
		f := d.finding(BreakingRefusal, "%s asks for its rules in another order", label(d.n))
		f.Why, f.Consumers = "what breaks several of them is refused with another code", consumers(hurt)
		d.add(f)
	}
}

func (d *decision) rule(s speller, r *model.Rule) *expr.Tree {
	return meaning.Inline(d.tree(r.That), s.names)
}

// others is what holds of a request that comes as far as to a rule.
func (d *decision) others(s speller, m *model.Command, but *model.Rule) []*expr.Tree {
	var out []*expr.Tree
	if t := d.tree(m.Allow); t != nil {
		out = append(out, t)
	}
	for _, r := range m.Require {
		if t := d.rule(s, r); r != but && t != nil {
			out = append(out, t)
		}
	}
	return out
}

// newRule tells of a rule that was not there. It reports whether there is one
// of the code.
func (c *comparison) newRule(f Finding, o, n *contract.Operation, code string) bool {
	if n.Command == nil || o.Command == nil {
		return false
	}
	i := slices.IndexFunc(n.Command.Require, func(r *model.Rule) bool { return contract.RuleCode(r) == code })
	if i < 0 {
		return false
	}
	d := c.decision(o, n)
	is := d.rule(d.now, n.Command.Require[i])
	held := d.others(d.old, d.was, nil)
	keeps, lost := meaning.Implies(held, is, c.tree)
	f.Pos = n.Command.Require[i].Pos
	c.narrower(f, relation{keeps: keeps, lost: lost}, taken, len(d.needs) > 0 && sendable(is))
	return true
}

// atWill are the things that who asks decides, or that come by themselves: an
// example of them can be sent.
var atWill = map[string]bool{"input": true, "actor": true, "value": true, "now": true, "id": true}

// sendable reports whether an example of what conditions look at can be sent.
func sendable(conditions ...*expr.Tree) bool {
	for _, t := range conditions {
		if t != nil && slices.ContainsFunc(meaning.Roots(t), func(root string) bool { return !atWill[root] }) {
			return false
		}
	}
	return true
}

// wording says what becomes of those a condition was for.
type wording struct{ kept, lost, maybe string }

var (
	taken = wording{"what was taken before is still taken", "what was taken before is refused now", "what was taken before may be refused now"}
	letIn = wording{"whoever was let in still is", "who was let in gets 403", "who was let in may get 403"}
)

// narrower judges a condition on what is taken. That it takes less is certain
// where an example can be sent by somebody known: what hangs on a state may
// never come to be.
func (c *comparison) narrower(f Finding, r relation, says wording, certain bool) {
	switch {
	case r.same():
		return
	case r.keeps == meaning.Yes:
		f.Verdict, f.Consumers, f.Why = Compatible, nil, says.kept
	case r.keeps == meaning.No && certain:
		f.Verdict, f.Why = Breaking, says.lost+suchAs(r.lost)
	default:
		f.Verdict, f.Why = Unclear, says.maybe
	}
	c.add(f)
}

// course compares what a command reads and asks others on its way.
func (d *decision) course() {
	f := d.finding(BreakingBehaviour, "%s decides by something else", label(d.n))
	f.Why = "the same request may come to another end"
	f.Consumers = consumers(append(slices.Clone(d.needs), d.outcome(d.was)...))
	d.told(f, d.old.courseOf(d.was), d.now.courseOf(d.is))
}

func (s speller) courseOf(m *model.Command) []trait {
	var out []trait
	for _, r := range m.Reads {
		name := r.Name
		if to, ok := s.names.Renamed[name]; ok {
			name = to
		}
		says := fmt.Sprintf("%s by %s where %s sorted %s, else %s", s.view(r.View), s.assigned(s.key(r)), s.expr(r.Where), s.sorted(r.Sort), contract.MissingRow(r))
		out = append(out, trait{about: "what it reads as " + name, says: says, pos: r.Pos})
	}
	for _, k := range m.Calls {
		name := k.Name
		if to, ok := s.names.Renamed[name]; ok {
			name = to
		}
		out = append(out, trait{about: "what it asks for as " + name, says: s.callOf(k), pos: k.Pos})
	}
	for _, l := range m.Lets {
		if t := s.comparison.tree(l.Expr); t != nil && isFresh(t) {
			out = append(out, trait{about: "what it makes up as " + l.Name, says: s.tree(t), pos: l.Pos})
		}
	}
	if m.Custom {
		out = append(out, trait{about: "it is decided by hand", says: "custom", pos: m.Pos})
	}
	return out
}

func (s speller) view(r model.ViewRef) string {
	if r.View == nil {
		return r.Text
	}
	return s.id(&r.View.Node)
}

func (s speller) callOf(k *model.Call) string {
	var b strings.Builder
	b.WriteString(s.sending(k.To, s.called(k)))
	for _, r := range k.Require {
		fmt.Fprintf(&b, "; %s: %s", contract.RuleCode(r), s.expr(r.That))
	}
	if k.To.Operation != nil {
		fmt.Fprintf(&b, "; at most %d times", max(k.Attempts, 1)) // somebody else gets each of them
	}
	if u := k.Compensate; u != nil {
		b.WriteString("; undone by " + s.sending(u.Do, s.undone(u)))
	}
	if f := k.Fallback; f != nil {
		b.WriteString("; else " + s.assigned(slices.DeleteFunc(s.madeUp(f), func(x check.Assigned) bool { return x.Value == nil })))
		for _, e := range f.Emits {
			b.WriteString(" " + s.emitOf(e))
		}
	}
	return b.String()
}

func (s speller) emitOf(e *model.Emit) string {
	return s.event(&e.Event) + " if " + s.when(e) + " with " + s.assigned(s.emitted(e))
}

func (s speller) event(r *model.EventRef) string {
	if r.Event == nil {
		return r.Text
	}
	return s.id(&r.Event.Node)
}

// when says on which condition, and how often, an event is emitted.
func (s speller) when(e *model.Emit) string {
	says := s.expr(e.If)
	switch {
	case e.Otherwise:
		says = "otherwise"
	case e.Choice != nil:
		says = "one of"
		for _, o := range e.Choice.Outcomes {
			says += " " + s.event(&o.Event)
		}
	}
	if e.Each != nil {
		says += " each " + s.expr(e.Each)
	}
	return says
}

// emits compares which events a command emits, when, and with what.
func (d *decision) emits() {
	was, is := d.old.byEvent(d.was), d.now.byEvent(d.is)
	var order [2][]string
	for i, list := range [][]*model.Emit{d.was.Emits, d.is.Emits} {
		for _, e := range list {
			if id := d.now.event(&e.Event); was[id] != nil && is[id] != nil && !slices.Contains(order[i], id) {
				order[i] = append(order[i], id)
			}
		}
	}
	if !slices.Equal(order[0], order[1]) {
		f := d.finding(BreakingEmit, "%s emits its events in another order", label(d.n))
		f.Why, f.Consumers = "who hears them hears them so", consumers(d.outcome(d.was))
		d.add(f)
	}
	for _, e := range d.is.Emits {
		if id := d.now.event(&e.Event); was[id] == nil {
			d.more(e)
		}
	}
	for _, e := range d.was.Emits {
		if id := d.old.event(&e.Event); is[id] == nil {
			d.fewer(e)
		} else if was[id][0] == e {
			d.same(was[id], is[id])
		}
	}
}

// byEvent are the emits of a command by their event.
func (s speller) byEvent(m *model.Command) map[string][]*model.Emit {
	out := map[string][]*model.Emit{}
	for _, e := range m.Emits {
		out[s.event(&e.Event)] = append(out[s.event(&e.Event)], e)
	}
	return out
}

// heard are the needs of those who hear an event, or read its fields in the
// reply of the command.
func (d *decision) heard(e *model.Event) []*contract.Need {
	out := slices.Clone(d.needs)
	if m := d.messages[e]; m != nil {
		out = append(slices.Clone(m.Consumers()), out...)
	}
	return out
}

// more tells of an event that a command did not emit. One that is new is
// nobody's yet.
func (d *decision) more(e *model.Emit) {
	ev := e.Event.Event
	if ev == nil || d.isNew(ev) {
		return
	}
	f := d.finding(BreakingEmit, "%s emits %s, too", label(d.n), ev.Name)
	f.Why, f.Pos = "who waits for it hears of it more often, and what it changes is changed", e.Pos
	for o := range d.messages {
		if d.id(&o.Node) == d.id(&ev.Node) {
			f.Consumers = consumers(append(d.heard(o), d.stateReaders(o)...))
		}
	}
	d.add(f)
}

// isNew reports whether an event was not there.
func (d *decision) isNew(e *model.Event) bool { return d.ids[&e.Node] == "" }

func (d *decision) stateReaders(e *model.Event) []*contract.Need {
	if o := d.operations[&e.Aggregate.Node]; o != nil {
		return o.Consumers()
	}
	return nil
}

// fewer tells of an event that a command does not emit any more.
func (d *decision) fewer(e *model.Emit) {
	ev := e.Event.Event
	if ev == nil || d.ids[&ev.Node] == "" {
		return // the event is gone: that is told of it
	}
	f := d.finding(BreakingEmit, "%s does not emit %s any more", label(d.n), ev.Name)
	f.Why, f.Old, f.Consumers = "who waits for it hears of it less often", e.Pos, consumers(append(d.heard(ev), d.stateReaders(ev)...))
	d.add(f)
}

// same compares how an event is emitted.
func (d *decision) same(was, is []*model.Emit) {
	ev := is[0].Event.Event
	list := func(emits []*model.Emit, says func(*model.Emit) string) string {
		var parts []string
		for _, e := range emits {
			parts = append(parts, says(e))
		}
		return strings.Join(parts, " | ")
	}
	if list(was, d.old.when) != list(is, d.now.when) {
		f := d.finding(BreakingEmit, "%s emits %s on another condition", label(d.n), ev.Name)
		f.Pos, f.Old, f.Consumers = is[0].Pos, was[0].Pos, consumers(d.heard(was[0].Event.Event))
		if f.Why = d.often(was, is); f.Why != "" {
			d.add(f)
		}
	}
	if len(was) != len(is) {
		return
	}
	for i := range was {
		d.values(was[i], is[i])
	}
}

// often says whether an event comes more or less often; "" when it does neither.
func (d *decision) often(was, is []*model.Emit) string {
	const unknown = "who waits for it may hear of it when it did not, and not when it did"
	if len(was) != 1 || len(is) != 1 || was[0].Choice != nil || is[0].Choice != nil || was[0].Otherwise || is[0].Otherwise || was[0].Each != nil || is[0].Each != nil {
		return unknown
	}
	condition := func(s speller, e *model.Emit) *expr.Tree { return meaning.Inline(s.all(listOf(e.If)), s.names) }
	r := d.relate(condition(d.old, was[0]), condition(d.now, is[0]), nil, nil)
	switch {
	case r.same():
		return ""
	case r.keeps == meaning.Yes:
		return "who waits for it hears of it more often" + suchAs(r.new)
	case r.adds == meaning.Yes:
		return "who waits for it hears of it less often" + suchAs(r.lost)
	}
	return unknown
}

// values compares what an event holds.
func (d *decision) values(was, is *model.Emit) {
	var other []string
	now := d.now.emitted(is)
	for _, x := range d.old.emitted(was) {
		name := d.old.field(x.Field)
		i := slices.IndexFunc(now, func(y check.Assigned) bool { return d.now.field(y.Field) == name })
		if i >= 0 && d.old.tree(x.Value) != d.now.tree(now[i].Value) && d.now.alikeKinds(x.Field, now[i].Field) {
			other = append(other, name)
		}
	}
	if len(other) == 0 {
		return
	}
	f := d.finding(BreakingValue, "%s of event %s, as %s emits it, is another value", listed(other), is.Event.Event.Name, label(d.n))
	f.Why, f.Pos, f.Old = "who reads it reads something else", is.Pos, was.Pos
	f.Consumers = consumers(readingAny(d.heard(was.Event.Event), other))
	d.add(f)
}

// readingAny are the needs that look at one of some fields.
func readingAny(needs []*contract.Need, fields []string) []*contract.Need {
	var out []*contract.Need
	for _, f := range fields {
		out = append(out, reading(needs, f)...)
	}
	return out
}

// applied compares what an event does to the state.
func (c *comparison) applied(m, n *contract.Message) {
	if m.Event.Aggregate == nil || n.Event.Aggregate == nil {
		return // of an external: it changes no state
	}
	s := speller{comparison: c}
	o := c.operations[&m.Event.Aggregate.Node]
	f := Finding{Rule: BreakingValue, Service: n.Service.Context.Name, Verdict: Unclear, Pos: n.Event.Pos, Old: m.Event.Pos}
	var readers []*contract.Need
	if o != nil {
		readers = o.Consumers()
	}
	before, now := c.effects(c.was, m.Event), c.effects(c.is, n.Event)
	if !isEmitted(m.Event) || !isEmitted(n.Event) { // then that is told
		before, now = c.was.Model.Events[m.Event].Apply, c.is.Model.Events[n.Event].Apply
	}
	if other := s.changed(before, now, m.Event.Aggregate.State, n.Event.Aggregate.State); len(other) > 0 {
		g := f
		g.What = fmt.Sprintf("event %s puts another value into %s of the state", n.Event.Name, listed(other))
		g.Why, g.Consumers = "who reads the state, and what is decided by it, sees something else", consumers(readingAny(readers, other))
		c.add(g)
	}
	if m.Event.Deletes != n.Event.Deletes {
		f.What, f.Why = fmt.Sprintf("event %s ends the %s", n.Event.Name, n.Event.Aggregate.Name), "who asks for the instance afterwards gets 404"
		if m.Event.Deletes {
			f.What, f.Why = fmt.Sprintf("event %s does not end the %s any more", n.Event.Name, n.Event.Aggregate.Name), "the instance is there afterwards"
		}
		f.Consumers = consumers(readers)
		c.add(f)
	}
	if m.Event.Erases != n.Event.Erases {
		f.What, f.Why = fmt.Sprintf("event %s erases the person of the %s", n.Event.Name, n.Event.Aggregate.Name), "nobody sees anything personal of them afterwards"
		if m.Event.Erases {
			f.What, f.Why = fmt.Sprintf("event %s erases nobody any more", n.Event.Name), "what is personal stays"
		}
		f.Consumers = consumers(readers)
		c.add(f)
	}
	for i, v := range m.Event.Versions {
		if i < len(n.Event.Versions) && s.assigned(c.was.Model.Versions[v].Upcast) != s.assigned(c.is.Model.Versions[n.Event.Versions[i]].Upcast) {
			c.add(Finding{Rule: BreakingHistory, Service: n.Service.Context.Name, Verdict: Unclear, Consumers: consumers(readersOf(n)),
				What: "version " + strconv.Itoa(v.Number) + " of event " + n.Event.Name + " is read otherwise", Why: "what is made of old messages is something else",
				Pos: n.Event.Versions[i].Pos, Old: v.Pos})
		}
	}
}

// effects are the fields of the state that an event changes: one that carries
// what is in the state already changes nothing.
func (c *comparison) effects(in *contract.System, e *model.Event) []check.Assigned {
	return slices.DeleteFunc(slices.Clone(in.Model.Events[e].Apply), func(x check.Assigned) bool {
		if x.Value == nil || x.Value.Op != expr.Select || x.Value.Args[0].Op != expr.Name || x.Value.Args[0].Ident != "event" {
			return false
		}
		for _, m := range e.Aggregate.Commands {
			for _, emit := range emitted(m) {
				if emit.Event.Event != e {
					continue
				}
				if m.Custom || !carries(c.emitted(emit), x.Value.Field, x.Field) {
					return false
				}
			}
		}
		return true
	})
}

func isEmitted(e *model.Event) bool {
	return slices.ContainsFunc(e.Aggregate.Commands, func(m *model.Command) bool {
		return slices.ContainsFunc(emitted(m), func(x *model.Emit) bool { return x.Event.Event == e })
	})
}

// carries reports whether a field of an event is given a field of the state.
func carries(list []check.Assigned, field, state *model.Field) bool {
	for _, x := range list {
		if x.Field == field {
			t := x.Value
			return t != nil && t.Op == expr.Select && t.Field == state && t.Args[0].Op == expr.Name && t.Args[0].Ident == "state"
		}
	}
	return false
}

// neverEmitted tells of events that no command emits any more.
func (c *comparison) neverEmitted(was, is *contract.Service) {
	emits := func(s *contract.Service) map[string]bool {
		out := map[string]bool{}
		for _, o := range s.Operations {
			if o.Command == nil {
				continue
			}
			for _, e := range emitted(o.Command) {
				if e.Event.Event != nil {
					out[c.id(&e.Event.Event.Node)] = true
				}
			}
		}
		return out
	}
	before, now := emits(was), emits(is)
	for m, n := range c.messagePairs(was, is) {
		id := c.id(&m.Event.Node)
		if !before[id] || now[id] || len(m.Consumers()) == 0 {
			continue
		}
		c.add(Finding{Rule: BreakingEmit, Service: is.Context.Name, Verdict: Breaking, Consumers: consumers(m.Consumers()),
			What: "no command emits " + n.Event.Name + " any more", Why: "who waits for it never hears of it", Pos: n.Event.Pos, Old: m.Event.Pos})
	}
}
