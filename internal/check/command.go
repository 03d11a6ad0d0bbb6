package check

import (
	"fmt"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// decision is a command on its way: what can be named grows with every step.
type decision struct {
	*checker
	cmd   *model.Command
	base  expr.Scope // state, input, id, now, actor
	reads []expr.Var
	lets  []letVar
	calls []expr.Var  // replies, in the order of the calls
	lost  *model.Call // whose fallback is being checked
	wrong []string    // names whose own expression is wrong: what reads them is not judged
}

// letVar is an intermediate value; it can be had when the first `after` calls
// were answered.
type letVar struct {
	expr.Var
	let   *model.Let
	after int
}

func (c *checker) command(m *model.Command) {
	d := &decision{checker: c, cmd: m}
	d.base = d.start()
	c.typed(&m.Node, "the input of "+m.Name, m.Input, m.Aggregate.State)
	c.fields(m.Aggregate.Context, "the input of "+m.Name, m.Input)
	c.likeID(m.Input)
	if len(m.Emits) == 0 && !m.Custom {
		c.incomplete(&m.Node, m.Pos, "say which events it emits", "%s emits no event yet", m.Name)
	}
	for _, e := range possible(m) {
		if c.onHomeless(&m.Node, "emits", &e.Event) {
			break
		}
	}
	d.replies()
	d.allow()
	d.read()
	asked := d.askedByRequire()
	d.let(func(l *model.Let) bool { return asked[l.Name] })
	for _, r := range m.Require {
		d.rule(r, at(d.stage(0), "require", r.Name, "of", m.Name))
	}
	d.let(func(l *model.Let) bool { return !asked[l.Name] })
	for i, call := range m.Calls {
		d.call(i, call)
	}
	d.emits(m.Emits, m.Name, len(m.Calls))
	c.creation(m)
	c.danger(m)
}

// start is what every step of the command can name.
func (d *decision) start() expr.Scope {
	m, a := d.cmd, d.cmd.Aggregate
	s := askedBy(scope(a.Context, m.Name, notInCommand, d.input(m), expr.IDVar(), expr.NowVar()), m.Actors, d.index.sent[m])
	switch m.Creates {
	case model.New:
		return without(s, map[string]string{
			"state": fmt.Sprintf("%s creates the %s: there is no state before it", m.Name, a.Name),
			"meta":  fmt.Sprintf("%s creates the %s: use now and actor", m.Name, a.Name),
		})
	case model.Upsert:
		return without(with(s, d.state(a), expr.IsNewVar()), map[string]string{
			"meta": fmt.Sprintf("%s may create the %s, of which nothing is known then: keep what you need in the state", m.Name, a.Name),
		})
	}
	return with(s, d.state(a), expr.StampsVar())
}

// mistrust makes the checker silent about expressions that read a wrong name.
func (d *decision) mistrust(name string) { d.wrong = append(d.wrong, name) }

// value checks an expression of the command.
func (d *decision) value(x *model.Expr, s expr.Scope, want *model.Type) *expr.Tree {
	if x == nil || d.mistrusted(x) {
		return nil
	}
	return d.expr(x, s, want)
}

func (d *decision) mistrusted(x *model.Expr) bool {
	if len(d.wrong) == 0 {
		return false
	}
	vars := d.env.Mentioned(x).Vars
	return slices.ContainsFunc(d.wrong, func(name string) bool { return vars[name] })
}

// rule checks a rule; what follows it can rely on it.
func (d *decision) rule(r *model.Rule, s expr.Scope) {
	d.base = given(d.base, d.value(r.That, s, boolType))
}

// stage is the scope when the first n calls have been answered.
func (d *decision) stage(n int) expr.Scope {
	vars := slices.Clone(d.reads)
	reasons := map[string]string{}
	for _, l := range d.lets {
		switch {
		case l.Type == nil:
		case l.after <= n:
			vars = append(vars, l.Var)
		default:
			reasons[l.Name] = fmt.Sprintf("it uses %s, the reply of %s, which is asked later", d.cmd.Calls[l.after-1].Name, d.cmd.Calls[l.after-1].To.Text)
		}
	}
	for i, v := range d.calls {
		switch {
		case v.Type == nil:
		case i < n:
			vars = append(vars, v)
		case d.cmd.Calls[i] == d.lost:
			reasons[v.Name] = fmt.Sprintf("a fallback is for when %s gave no answer", d.cmd.Calls[i].To.Text)
		default:
			reasons[v.Name] = fmt.Sprintf("it is the reply of %s, which is asked later", d.cmd.Calls[i].To.Text)
		}
	}
	return without(with(d.base, vars...), reasons)
}

// supplies are the values of that stage that fields take by name.
func (d *decision) supplies(n int) supplies {
	s := supplies{}
	for _, l := range d.lets {
		if l.after <= n {
			s.value(byLet, "let "+l.Name, l.Var, l.let.Pos)
		}
	}
	a := d.cmd.Aggregate
	s.fields(byInput, "the input of "+d.cmd.Name, d.input(d.cmd))
	s[a.ID.Name] = []supply{{rank: byInput, label: "the id of the " + a.Name, pos: a.ID.Pos,
		tree: &expr.Tree{Op: expr.Name, Ident: "id", Type: idType}}}
	for i, v := range d.calls[:n] {
		if v.Type != nil {
			call := d.cmd.Calls[i]
			s.reply(v.Name+" (the reply of "+call.To.Text+")", v, call.Pos)
		}
	}
	state := d.state(a)
	for _, f := range state.Type.Def.Fields {
		if d.cmd.Creates == model.New || f == a.ID || d.cmd.Creates == model.Upsert && !startsWithout(a, f) {
			continue
		}
		s[f.Name] = append(s[f.Name], supply{rank: byState, label: "the state of " + a.Name, pos: f.Pos, tree: read(state, f)})
	}
	s.value(byNow, "now", expr.NowVar(), d.cmd.Pos)
	return s
}

func (d *decision) allow() {
	reasons := map[string]string{}
	for _, r := range d.cmd.Reads {
		reasons[r.Name] = "allow is decided before anything is read; use require"
	}
	for _, l := range d.cmd.Lets {
		reasons[l.Name] = "allow is decided first; let comes later"
	}
	for _, x := range d.cmd.Calls {
		reasons[x.Name] = "allow is decided before anybody is called"
	}
	cond := d.condition(d.cmd.Allow, claimed(without(at(d.base, "allow of", d.cmd.Name), reasons), d.cmd.Actors))
	if d.index.sent[d.cmd] && expr.ReadsClaims(cond) {
		return // the system is not asked, and has no claims in what follows
	}
	d.base = given(d.base, cond)
}

// read brings rows of views into scope, each after those before it.
func (d *decision) read() {
	later := map[string]string{}
	for _, l := range d.cmd.Lets {
		later[l.Name] = "read comes before let"
	}
	for _, x := range d.cmd.Calls {
		later[x.Name] = "read comes before call"
	}
	for _, r := range d.cmd.Reads {
		v := r.View.View
		if v == nil {
			d.mistrust(r.Name)
			continue
		}
		s := without(with(at(d.base, "read", r.Name, "of", d.cmd.Name), d.reads...), later)
		if r.Where != nil {
			t := d.value(r.Where, with(s, d.row(v)), boolType)
			d.sqlable(r.Where, t, "row")
		} else {
			d.out.Reads[r] = Read{Key: d.readKey(r, v, s)}
		}
		if r.Default {
			d.rowOfDefaults(r, v)
		}
		d.sortable(r.Sort)
		d.reads = append(d.reads, expr.Var{Name: r.Name, Type: d.row(v).Type, Pos: r.Pos})
	}
}

// rowOfDefaults makes sure that a row that is not there has a value for each
// field.
func (d *decision) rowOfDefaults(r *model.Read, v *model.View) {
	keys := keyFields(v)
	for _, f := range v.Fields {
		if f.Type != nil && !hasStart(f) && !slices.Contains(keys, f) {
			d.say(rule.UnsetField, r.Missing.Pos, "a row of %s that is not there has no %s", v.Name, f.Name).
				With(diag.At(f.Pos, "%s of %s", f.Name, v.Name), diag.Fix("give it a default, or make it optional"))
		}
	}
}

// readKey finds a value for every key column of the row to read.
func (d *decision) readKey(r *model.Read, v *model.View, s expr.Scope) []Assigned {
	fields := keyFields(v)
	f := filling{
		what: v.Name, pos: r.Pos, key: "key",
		fields: fields, with: keyed(r.Keys, fields), scope: s, from: d.supplies(0),
	}
	if len(r.Keys) > 0 && len(fields) > 1 || len(r.Keys) > 1 {
		f.from = nil // a written key is written whole
	}
	return d.fill(f)
}

// keyed gives the nameless value of a single-column key its column.
func keyed(keys []*model.Assign, columns []*model.Field) []*model.Assign {
	if len(keys) == 1 && keys[0].Name == "" && len(columns) == 1 {
		one := *keys[0]
		one.Name, one.Field = columns[0].Name, columns[0]
		return []*model.Assign{&one}
	}
	return keys
}

// replies gives each call's reply its type.
func (d *decision) replies() {
	for _, call := range d.cmd.Calls {
		fields, ok := d.reply(&call.To)
		if !ok {
			d.mistrust(call.Name)
			d.calls = append(d.calls, expr.Var{Name: call.Name})
			continue
		}
		d.out.Calls[call] = Call{Reply: fields}
		d.calls = append(d.calls, expr.Var{Name: call.Name, Type: d.object(replyOf{call}, "the reply of "+call.To.Text, nil, fields), Pos: call.Pos})
	}
}

// askedByRequire are the intermediate values that a require may read: they
// cannot rely on what the requires make sure of, the others can.
func (d *decision) askedByRequire() map[string]bool {
	asked := map[string]bool{}
	if len(d.cmd.Lets) == 0 {
		return asked
	}
	mark := func(x *model.Expr) { maps.Copy(asked, d.env.Mentioned(x).Vars) }
	for _, r := range d.cmd.Require {
		mark(r.That)
	}
	for _, l := range slices.Backward(d.cmd.Lets) {
		if !asked[l.Name] {
			continue
		}
		mark(l.Expr)
		for _, row := range l.Table {
			mark(row.If)
			mark(row.Is)
		}
	}
	return asked
}

// let types some of the intermediate values, in order, each with those before
// it.
func (d *decision) let(some func(*model.Let) bool) {
	for i, l := range d.cmd.Lets {
		if !some(l) {
			continue
		}
		later := map[string]string{}
		for _, o := range d.cmd.Lets[i:] {
			later[o.Name] = "a let sees only those above it"
		}
		s := fresh(without(at(d.stage(len(d.calls)), "let", l.Name, "of", d.cmd.Name), later))
		var trees []*expr.Tree
		if l.Table != nil {
			trees = d.table(l, s)
		} else {
			trees = []*expr.Tree{d.value(l.Expr, s, nil)}
		}
		v := letVar{Var: expr.Var{Name: l.Name, Type: d.out.Let(l), Pos: l.Pos}, let: l}
		for _, t := range trees {
			v.after = max(v.after, d.after(t))
		}
		if v.Type == nil {
			d.mistrust(l.Name)
		}
		d.lets = append(d.lets, v)
	}
}

// after is how many calls must have been answered before a value can be had.
func (d *decision) after(t *expr.Tree) int {
	n := 0
	for i, v := range d.calls {
		if expr.Uses(t, v.Name) {
			n = max(n, i+1)
		}
	}
	for _, l := range d.lets {
		if expr.Uses(t, l.Name) {
			n = max(n, l.after)
		}
	}
	return n
}

// emits checks a list of emits in the scope of a stage.
func (d *decision) emits(list []*model.Emit, where string, stage int) {
	for _, e := range list {
		s := d.stage(stage)
		if e.Each != nil {
			s = d.each(e, s)
		}
		cond := d.value(e.If, at(s, "if of", where), boolType)
		s = given(s, cond)
		ev := e.Event.Event
		if ev == nil {
			continue
		}
		if d.mistrustedWith(e.With) || ev.Fields != nil && !allTyped(ev.Fields) {
			continue
		}
		d.out.Emits[e] = Emit{Assigns: d.fill(filling{
			what: ev.Name, pos: e.Event.Pos, key: "with",
			fields: ev.Fields, with: e.With, scope: fresh(s), from: d.supplies(stage),
		})}
	}
}

// mistrustedWith reports whether a value depends on a name that is wrong.
func (d *decision) mistrustedWith(list []*model.Assign) bool {
	for _, a := range list {
		if a.Value != nil && d.mistrusted(a.Value) {
			return true
		}
	}
	return false
}

// each brings the element of a repeated emit into scope.
func (d *decision) each(e *model.Emit, s expr.Scope) expr.Scope {
	t := d.value(e.Each, at(s, "each of", d.cmd.Name), nil)
	switch {
	case t == nil:
		d.mistrust(e.As)
	case t.Type.Kind != model.List:
		d.say(rule.EachList, e.Each.Pos(), "each goes through a list, and this is of type %s", t.Type)
		d.mistrust(e.As)
	default:
		return with(s, expr.Var{Name: e.As, Type: t.Type.Elem, Pos: e.AsPos})
	}
	return s
}

func allTyped(fields []*model.Field) bool {
	for _, f := range fields {
		if f.Type == nil {
			return false
		}
	}
	return true
}
