package check

import (
	"maps"
	"slices"
	"sync"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// checker checks one context, or what concerns the system as a whole. Each has
// a list and a result of its own, so that contexts are checked side by side.
type checker struct {
	sys     *model.System
	env     *expr.Env
	index   *index
	diags   diag.List
	out     *Model
	objects map[any]*model.Type
	asked   *model.Expr      // an expression that is being typed; nil: none
	typing  *Typing          // what can be named in it
	alike   [][2]*model.Node // notes that were told that they are written alike
	former  []source.Pos     // names of before that were told of
}

// Run is a model that is being checked, context by context.
type Run struct {
	sys      *model.System
	checkers []*checker // of each context; and, last, of the system as a whole
	begun    []sync.Once
}

// Begin prepares what all contexts need to be checked.
func Begin(sys *model.System) *Run { return begin(sys, sys.Contexts) }

// begin is Begin of a system of which some contexts have been read anew.
func begin(sys *model.System, anew []*model.Context) *Run {
	fromLets(sys, anew)
	env, idx := expr.NewEnv(sys), newIndex(sys)
	r := &Run{sys: sys, checkers: make([]*checker, len(sys.Contexts)+1), begun: make([]sync.Once, len(sys.Contexts)+1)}
	for i := range r.checkers {
		r.checkers[i] = &checker{sys: sys, env: env, index: idx, out: newModel(sys), objects: map[any]*model.Type{}}
	}
	return r
}

func (r *Run) contexts() []*model.Context { return r.sys.Contexts }

// check checks a context, once; the one behind the last is the system as a whole.
func (r *Run) check(i int) {
	r.begun[i].Do(func() {
		if c := r.checkers[i]; i < len(r.sys.Contexts) {
			c.context(r.sys.Contexts[i])
		} else {
			c.whole()
		}
	})
}

// File checks the contexts that are told in a file, and answers what is wrong with
// them: all there is to say of the file but for what only the whole system shows.
// The Model holds what was found out so far, and nothing of other contexts.
func (r *Run) File(file *source.File) (*Model, *diag.List) {
	var done []*checker
	for i, x := range r.sys.Contexts {
		if x.Pos.File == file {
			r.check(i)
			done = append(done, r.checkers[i])
		}
	}
	diags := &diag.List{}
	for _, c := range done {
		diags.Merge(&c.diags)
	}
	return r.joined(done), weighed(r.sys, diags)
}

// Finish checks whatever has not been yet.
func (r *Run) Finish() (*Model, *diag.List) {
	parallel.All(len(r.checkers), r.check)
	diags := &diag.List{}
	for _, c := range r.checkers {
		diags.Merge(&c.diags)
	}
	m, first := r.joined(r.checkers), r.checkers[0]
	last := &checker{sys: r.sys, env: first.env, index: first.index, out: m, objects: map[any]*model.Type{}}
	for _, c := range r.checkers {
		last.alike = append(last.alike, c.alike...)
	}
	last.afterwards()
	diags.Merge(&last.diags)
	return m, weighed(r.sys, diags)
}

// joined is what some checkers found out.
func (r *Run) joined(checkers []*checker) *Model {
	m := &Model{
		System:        r.sys,
		Sent:          r.checkers[0].index.sent,
		Trees:         joined(checkers, func(m *Model) map[*model.Expr]*expr.Tree { return m.Trees }),
		Emits:         joined(checkers, func(m *Model) map[*model.Emit]Emit { return m.Emits }),
		Reads:         joined(checkers, func(m *Model) map[*model.Read]Read { return m.Reads }),
		Calls:         joined(checkers, func(m *Model) map[*model.Call]Call { return m.Calls }),
		Fallbacks:     joined(checkers, func(m *Model) map[*model.Fallback]Fallback { return m.Fallbacks }),
		Compensations: joined(checkers, func(m *Model) map[*model.Compensation]Compensation { return m.Compensations }),
		Events:        joined(checkers, func(m *Model) map[*model.Event]Event { return m.Events }),
		Versions:      joined(checkers, func(m *Model) map[*model.Version]Version { return m.Versions }),
		Reactions:     joined(checkers, func(m *Model) map[*model.Reaction]Reaction { return m.Reactions }),
		Steps:         joined(checkers, func(m *Model) map[*model.Step]Step { return m.Steps }),
		Projections:   joined(checkers, func(m *Model) map[*model.Projection]Projection { return m.Projections }),
		Links:         joined(checkers, func(m *Model) map[*model.Link]Link { return m.Links }),
		Incomplete:    joined(checkers, func(m *Model) map[*model.Node]bool { return m.Incomplete }),
	}
	for _, c := range checkers {
		m.Ties = append(m.Ties, c.out.Ties...)
		m.Uses = append(m.Uses, c.out.Uses...)
	}
	return m
}

// joined is one map of the results of all checkers, made large enough at once.
func joined[K comparable, V any](checkers []*checker, of func(*Model) map[K]V) map[K]V {
	n := 0
	for _, c := range checkers {
		n += len(of(c.out))
	}
	out := make(map[K]V, n)
	for _, c := range checkers {
		maps.Copy(out, of(c.out))
	}
	return out
}

func newModel(sys *model.System) *Model {
	return &Model{
		System:        sys,
		Trees:         map[*model.Expr]*expr.Tree{},
		Emits:         map[*model.Emit]Emit{},
		Reads:         map[*model.Read]Read{},
		Calls:         map[*model.Call]Call{},
		Fallbacks:     map[*model.Fallback]Fallback{},
		Compensations: map[*model.Compensation]Compensation{},
		Events:        map[*model.Event]Event{},
		Versions:      map[*model.Version]Version{},
		Reactions:     map[*model.Reaction]Reaction{},
		Steps:         map[*model.Step]Step{},
		Projections:   map[*model.Projection]Projection{},
		Links:         map[*model.Link]Link{},
		Incomplete:    map[*model.Node]bool{},
	}
}

// context checks everything that hangs in one context.
func (c *checker) context(x *model.Context) {
	c.types(x, x.Types)
	for _, e := range x.Events {
		c.homeless(e)
	}
	for _, a := range x.Aggregates {
		c.aggregate(a)
	}
	for _, p := range x.Policies {
		c.policy(p)
	}
	for _, v := range x.Views {
		c.view(v)
	}
	for _, s := range x.Sagas {
		c.saga(s)
	}
	c.routes(x)
	c.language(x)
	c.romanised(x)
	c.spelledNames(x)
}

// homeless notes an event of the big picture.
func (c *checker) homeless(e *model.Event) {
	c.incomplete(&e.Node, e.Pos, "move it to the events of the aggregate it happens to", "%s belongs to no aggregate yet", e.Name)
}

// onHomeless notes that a note is about an event that no aggregate holds, and says
// whether it is.
func (c *checker) onHomeless(n *model.Node, does string, refs ...*model.EventRef) bool {
	for _, r := range refs {
		if e := r.Event; e != nil && e.Aggregate == nil && e.External == nil {
			c.incomplete(n, r.Pos, "give "+e.Name+" to the aggregate it happens to", "%s %s %s, which belongs to no aggregate yet", n.Name, does, e.Name)
			return true
		}
	}
	return false
}

// say reports a finding of the table of rules.
func (c *checker) say(id rule.ID, pos source.Pos, format string, args ...any) *diag.Diagnostic {
	switch r, _ := rule.Find(id); r.Severity {
	case rule.Warning:
		return c.diags.Warnf(id, pos, format, args...)
	case rule.Note:
		return c.diags.Notef(id, pos, format, args...)
	}
	return c.diags.Errorf(id, pos, format, args...)
}

// incomplete notes that a node is a name without what generation needs; more
// says what that is.
func (c *checker) incomplete(node *model.Node, pos source.Pos, more, format string, args ...any) {
	c.out.Incomplete[node] = true
	c.say(rule.Incomplete, pos, format, args...).With(diag.Fix("drawn on the board; to generate, %s", more))
}

// expr checks an expression and keeps its tree. The result is nil when there is
// no expression or it is wrong, which has been reported.
func (c *checker) expr(x *model.Expr, s expr.Scope, want *model.Type) *expr.Tree {
	if x == nil {
		return nil
	}
	s.Want = want
	if x == c.asked {
		c.typing = &Typing{x, s, c.env}
	}
	if c.readsUntyped(x) {
		return nil
	}
	t := c.env.Check(x, &s, &c.diags)
	if t != nil {
		c.out.Trees[x] = t
	}
	return t
}

// readsUntyped reports whether an expression names a field whose written type is
// wrong: it will be right, or wrong, when the type is.
func (c *checker) readsUntyped(x *model.Expr) bool {
	if len(c.index.untyped) == 0 {
		return false
	}
	fields := c.env.Mentioned(x).Fields
	return slices.ContainsFunc(c.index.untyped, func(name string) bool { return fields[name] })
}

// condition checks an expression that must be true or false.
func (c *checker) condition(x *model.Expr, s expr.Scope) *expr.Tree {
	return c.expr(x, s, boolType)
}

// The built-in types that places want.
var (
	boolType = &model.Type{Kind: model.Bool}
	timeType = &model.Type{Kind: model.Time}
	idType   = &model.Type{Kind: model.ID}
)

func field(name string, t *model.Type) *model.Field {
	return &model.Field{Node: model.Node{Name: name}, Type: t}
}

// object is the type of something with fields, made once for each owner so that
// equal things have one type. Fields without a type are left out.
func (c *checker) object(owner any, name string, id *model.Field, fields []*model.Field) *model.Type {
	if t := c.objects[owner]; t != nil {
		return t
	}
	all := make([]*model.Field, 0, len(fields)+1)
	if id != nil && !slices.ContainsFunc(fields, func(f *model.Field) bool { return f.Name == id.Name }) {
		all = append(all, id)
	}
	for _, f := range fields {
		if f.Type != nil {
			all = append(all, f)
		}
	}
	t := expr.Object(name, all...)
	c.objects[owner] = t
	return t
}

type (
	stateOf struct{ *model.Aggregate }
	inputOf struct{ *model.Command }
	dataOf  struct{ *model.Saga }
	replyOf struct{ to any } // a *model.Call or a *model.Step

	stampedRow struct{ *model.View }
)

func (c *checker) state(a *model.Aggregate) expr.Var {
	return expr.Var{Name: "state", Type: c.object(stateOf{a}, a.Name, a.ID, a.State)}
}

func (c *checker) input(m *model.Command) expr.Var {
	return expr.Var{Name: "input", Type: c.object(inputOf{m}, m.Name, m.Aggregate.ID, m.Input)}
}

func (c *checker) row(v *model.View) expr.Var {
	return expr.Var{Name: "row", Type: c.object(v, v.Name, nil, v.Fields)}
}

// Stamped reports whether the rows of a view know when and by whom they were
// created and changed: unless they have a field of that name.
func Stamped(v *model.View) bool {
	return !slices.ContainsFunc(v.Fields, func(f *model.Field) bool { return f.Name == "meta" || naming.FieldName(f) == "Meta" })
}

// stampedRow is the variable for a row with its meta.
func (c *checker) stampedRow(v *model.View) expr.Var {
	if !Stamped(v) {
		return c.row(v)
	}
	fields := append(slices.Clip(v.Fields), expr.StampsField())
	return expr.Var{Name: "row", Type: c.object(stampedRow{v}, v.Name, nil, fields)}
}

// event is the variable for one event, or for what several have in common.
func (c *checker) event(events ...*model.Event) expr.Var {
	if len(events) == 1 {
		e := events[0]
		return expr.Var{Name: "event", Type: c.object(e, e.Name, idField(e), e.Fields)}
	}
	var common []*model.Field
	for i, e := range events {
		fields := c.event(e).Type.Def.Fields
		if i == 0 {
			common = slices.Clone(fields)
			continue
		}
		common = slices.DeleteFunc(common, func(f *model.Field) bool {
			o := named(fields, f.Name)
			if o == nil || !o.Type.Same(f.Type) {
				return true
			}
			c.tie(NamedField(f), NamedField(o))
			return false
		})
	}
	return expr.Var{Name: "event", Type: expr.Object(listed(eventNames(events), "and"), common...)}
}

func idField(e *model.Event) *model.Field {
	if e.Aggregate == nil {
		return nil
	}
	return e.Aggregate.ID
}

func eventNames(events []*model.Event) []string {
	names := make([]string, len(events))
	for i, e := range events {
		names[i] = e.Name
	}
	return names
}
