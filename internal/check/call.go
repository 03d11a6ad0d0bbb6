package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// call checks the i-th call of a command.
func (d *decision) call(i int, x *model.Call) {
	before := d.stage(i)
	if m := x.To.Command; m != nil && m.Aggregate.Context == d.cmd.Aggregate.Context {
		d.say(rule.OwnCall, x.To.Pos, "%s is a command of %s itself; a call goes to another context or an external system", m.Name, m.Aggregate.Context.Name).
			With(diag.Fix("let a policy give the command after the event"))
	}
	if q := x.To.Query; q != nil && q.View.Context == d.cmd.Aggregate.Context {
		d.say(rule.OwnCall, x.To.Pos, "%s is a view of %s itself", q.View.Name, q.View.Context.Name).
			With(diag.Fix("bring a row of it in with read"))
	}
	if x.Total > 0 && x.Total < x.Timeout {
		d.say(rule.RetryBudget, x.To.Pos, "all tries together have %s, less than a single one (%s)", x.Total, x.Timeout).
			With(diag.Fix("raise total, or lower timeout"))
	}
	if !d.mistrustedWith(x.With) {
		facts := d.out.Calls[x]
		facts.Sending = d.sending(addressing{
			to: &x.To, with: x.With, pos: x.To.Pos, explicit: x.Target, correlate: x.Correlate,
			scope: before, from: d.supplies(i), awaited: true, fresh: true,
		})
		d.out.Calls[x] = facts
	}
	d.renames(x)
	d.compensate(i, x)
	d.fallback(i, x)
	for _, r := range x.Require {
		d.rule(r, at(d.stage(i+1), "require", r.Name, "of the call of", x.To.Text))
	}
}

// inputOfTarget is what the far end of an arrow asks for.
func inputOfTarget(t *model.Target) ([]*model.Field, bool) {
	switch {
	case t.Command != nil:
		return t.Command.Input, true
	case t.Query != nil:
		return t.Query.Input, true
	case t.Operation != nil:
		return t.Operation.Input, true
	}
	return nil, false
}

// renames checks that what is renamed is a rejection of the callee.
func (d *decision) renames(x *model.Call) {
	m := x.To.Command
	if m == nil || m.Custom {
		return
	}
	codes := rejections(m, nil)
	for _, r := range x.Rejected {
		d.absentRow(m, r.From)
		if !slices.Contains(codes, r.From.Value) && !slices.Contains(model.PassedOn(), r.From.Value) {
			d.say(rule.UnknownRejection, r.From.Pos, "%s does not reject with %s", x.To.Text, r.From.Value).
				With(diag.At(m.Pos, "the command"), didYouMean(r.From.Value, codes))
		}
	}
}

// rejections are the codes a command rejects with, those passed on from what it
// calls included; waiting are the commands that wait for it.
func rejections(m *model.Command, waiting []*model.Command) []string {
	if slices.Contains(waiting, m) {
		return nil
	}
	var codes []string
	rules := func(rs []*model.Rule) {
		for _, r := range rs {
			codes = append(codes, r.Name)
		}
	}
	rules(m.Require)
	rules(m.Aggregate.Invariants)
	for _, u := range m.Aggregate.Unique {
		codes = append(codes, names.Taken(u))
	}
	for _, r := range m.Reads {
		if r.Default {
			continue
		}
		if r.Missing.Value != "" {
			codes = append(codes, r.Missing.Value)
		} else if r.View.View != nil {
			codes = append(codes, notFound(r.View.View))
		}
	}
	for _, x := range m.Calls {
		rules(x.Require)
		for _, r := range x.Rejected {
			codes = append(codes, r.To.Value)
		}
		if x.To.Command != nil {
			codes = append(codes, rejections(x.To.Command, append(waiting, m))...)
		}
	}
	return codes
}

func (d *decision) compensate(i int, x *model.Call) {
	undo := x.Compensate
	if undo == nil {
		if m := x.To.Command; m != nil && m.Aggregate.Context != d.cmd.Aggregate.Context {
			d.say(rule.NoCompensation, x.To.Pos, "when %s comes to nothing after %s, nothing undoes it", d.cmd.Name, x.To.Text).
				With(diag.Fix("name the command that undoes it: compensate: %s.…", m.Aggregate.Context.Name))
		}
		return
	}
	if undo.Do.Command == nil && undo.Do.Operation == nil || d.mistrustedWith(undo.With) {
		return
	}
	a := addressing{
		to: &undo.Do, with: undo.With, pos: undo.Pos, explicit: undo.Target, correlate: undo.Correlate,
		scope: d.stage(i + 1), from: d.supplies(i + 1), awaited: true,
	}
	if called := x.To.Command; called != nil && undo.Do.Command != nil && called.Aggregate == undo.Do.Command.Aggregate {
		// the instance the call was for; of one that creates, the id it was sent
		a.itself, a.derived = d.out.Calls[x].Target, true
	}
	sent := d.sending(a)
	needs := func(t *expr.Tree) bool { return d.after(t) > i }
	out := Compensation{Sending: sent, NeedsReply: needs(sent.Target) || needs(sent.Correlated) ||
		slices.ContainsFunc(sent.Assigns, func(x Assigned) bool { return needs(x.Value) })}
	if x.To.Operation != nil && undo.Do.Operation != nil && out.NeedsReply {
		out.Learned = d.learned(x, sent.Assigns, needs)
	}
	d.out.Compensations[undo] = out
}

// learned are the fields of the reply that a call of an external system is undone
// with. Whoever does not hear the answer can ask for them again; what is computed of
// them, or of what is only known by then, nobody can say any more.
func (d *decision) learned(x *model.Call, sent []Assigned, needs func(*expr.Tree) bool) (out []Learned) {
	for _, a := range sent {
		switch t := a.Value; {
		case !needs(t):
		case t.Op == expr.Select && t.Args[0].Op == expr.Name && t.Args[0].Ident == x.Name:
			out = append(out, Learned{a.Field, t.Field})
		default:
			d.say(rule.NoSource, x.Compensate.Pos, "nobody knows %s of %s when %s does not answer", a.Field.Name, x.Compensate.Do.Text, x.To.Text).
				With(diag.Fix("give it a field of the reply as it is, %s.…, or what is known before the call", x.Name))
		}
	}
	return out
}

func (d *decision) fallback(i int, x *model.Call) {
	f := x.Fallback
	if f == nil {
		return
	}
	d.lost = x
	defer func() { d.lost = nil }()
	d.emits(f.Emits, "the fallback of "+x.To.Text, i)
	reply := d.out.Calls[x].Reply
	if len(f.Emits) > 0 || reply == nil || d.mistrustedWith(f.Reply) {
		return
	}
	for _, a := range f.Reply {
		of := named(reply, a.Name)
		if of != nil {
			d.use(a.Pos, a.Name, of)
		}
		if of == nil {
			d.say(rule.UnknownField, a.Pos, "the reply of %s has no %s", x.To.Text, a.Name).
				With(didYouMean(a.Name, fieldNames(reply)))
		}
	}
	from := supplies{}
	if t := d.out.Calls[x].Target; t != nil && x.To.Command != nil {
		id := x.To.Command.Aggregate.ID
		from[id.Name] = []supply{{rank: byInput, label: "the target", pos: id.Pos, tree: t}}
	}
	d.out.Fallbacks[f] = Fallback{Reply: d.fill(filling{
		what: "the reply of " + x.To.Text, pos: f.Pos, key: "reply",
		fields: reply, with: bound(f.Reply, reply), scope: d.stage(i), from: from,
	})}
}

// bound points assignments to the fields of a target that only checking knows.
func bound(list []*model.Assign, fields []*model.Field) []*model.Assign {
	out := make([]*model.Assign, 0, len(list))
	for _, a := range list {
		one := *a
		one.Field = named(fields, a.Name)
		out = append(out, &one)
	}
	return out
}

func named(fields []*model.Field, name string) *model.Field {
	for _, f := range fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func fieldNames(fields []*model.Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}
