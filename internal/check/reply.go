package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// reply is what the far end of an arrow answers. It reports false when that is
// unknown.
func (c *checker) reply(to *model.Target) ([]*model.Field, bool) {
	switch {
	case to.Command != nil:
		return c.outcome(to), true
	case to.Query != nil:
		rows := &model.Type{Kind: model.List, Elem: c.row(to.Query.View).Type}
		return []*model.Field{field("rows", rows)}, true
	case to.Operation != nil:
		return to.Operation.Reply, true
	}
	return nil, false
}

// outcome is the reply of a command, with what contradicts itself in it
// reported.
func (c *checker) outcome(to *model.Target) []*model.Field {
	return outcome(to.Command, func(one, other *model.Field, of, and *model.Event) {
		c.say(rule.ReplyConflict, to.Pos, "the reply of %s would hold %s as %s and as %s", to.Text, other.Name, one.Type, other.Type).
			With(diag.At(one.Pos, "in %s", of.Name), diag.At(other.Pos, "in %s", and.Name),
				diag.Fix("give the two fields one type, or two names"))
	})
}

// Reply is what a command answers: the aggregate's id, then the merged fields
// of the events it emits. A field that not every outcome has is optional;
// events of a list are many and not in it.
func Reply(m *model.Command) []*model.Field {
	return outcome(m, func(_, _ *model.Field, _, _ *model.Event) {})
}

func outcome(m *model.Command, conflict func(one, other *model.Field, of, and *model.Event)) []*model.Field {
	fields := []*model.Field{m.Aggregate.ID}
	from := map[string]*model.Event{}
	for _, e := range possible(m) {
		if e.Each != nil || e.Event.Event == nil {
			continue
		}
		for _, f := range e.Event.Event.Fields {
			i := slices.IndexFunc(fields, func(o *model.Field) bool { return o.Name == f.Name })
			switch {
			case f.Type == nil:
			case i < 0:
				fields, from[f.Name] = append(fields, f), e.Event.Event
			case !fields[i].Type.Value().Same(f.Type.Value()):
				conflict(fields[i], f, from[f.Name], e.Event.Event)
			}
		}
	}
	for i, f := range fields[1:] {
		if f.Type.Kind == model.Optional {
			continue
		}
		for _, emits := range outcomes(m) {
			if !surely(emits, true, func(e *model.Event) bool {
				o := named(e.Fields, f.Name)
				return o != nil && o.Type != nil && o.Type.Kind != model.Optional
			}) {
				maybe := *f
				maybe.Type = optional(f.Type)
				fields[i+1] = &maybe
			}
		}
	}
	return fields
}

// possible are all the emits of a command, those of its fallbacks included.
func possible(m *model.Command) []*model.Emit {
	emits := slices.Clone(m.Emits)
	for _, x := range m.Calls {
		if x.Fallback != nil {
			emits = append(emits, x.Fallback.Emits...)
		}
	}
	return emits
}

// outcomes are the lists of emits a command ends with: its own, or those of a
// fallback.
func outcomes(m *model.Command) [][]*model.Emit {
	all := [][]*model.Emit{m.Emits}
	for _, x := range m.Calls {
		if x.Fallback != nil && len(x.Fallback.Emits) > 0 {
			all = append(all, x.Fallback.Emits)
		}
	}
	return all
}

// birth is what of a list of emits there is when the instance is new: an upsert
// that asks isNew has its answer.
func (c *checker) birth(emits []*model.Emit) []*model.Emit {
	var out []*model.Emit
	isNew := false
	asksIsNew := func(t *expr.Tree) bool { return t != nil && t.Op == expr.Name && t.Ident == expr.IsNewVar().Name }
	for _, e := range emits {
		cond := c.out.Trees[e.If]
		switch {
		case e.If == nil && !(e.Otherwise && isNew):
			out = append(out, e)
		case e.If == nil, cond != nil && cond.Op == expr.Unary && cond.Ident == "!" && asksIsNew(cond.Args[0]):
		case asksIsNew(cond):
			isNew = true
			sure := *e
			sure.If = nil
			out = append(out, &sure)
		default:
			out = append(out, e)
		}
	}
	return out
}

// surely reports whether, whatever happens, one of the emitted events has
// something. That nothing at all may be emitted counts only when nothing does.
func surely(emits []*model.Emit, nothing bool, has func(*model.Event) bool) bool {
	exhaustive, certain := false, false // one of the conditional ones happens; an unconditional one exists
	conditional, repeated := true, true // all of them have it
	for _, e := range emits {
		if e.Event.Event == nil {
			return true // its name is wrong, which was reported
		}
		it := has(e.Event.Event)
		switch {
		case e.Choice != nil:
			if !slices.ContainsFunc(e.Choice.Outcomes, func(o *model.Emit) bool { return o.Event.Event != nil && !has(o.Event.Event) }) {
				return true
			}
			certain = true
		case e.Each != nil:
			repeated = repeated && it
		case e.If != nil:
			conditional = conditional && it
		case e.Otherwise:
			exhaustive, conditional = true, conditional && it
		case it:
			return true
		default:
			certain = true
		}
	}
	if exhaustive {
		return conditional
	}
	return !certain && !nothing && conditional && repeated
}
