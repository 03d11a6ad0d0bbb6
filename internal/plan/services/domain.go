package services

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Aggregate is a decider: package internal/domain/<Package> of its service.
type Aggregate struct {
	Service    *Service
	Name       names.Name
	Known      string // what it is known by outside of the code: what it was called first
	Title      quote.Text
	Package    string
	Topic      string // Kafka topic of its events
	ID         Field
	State      Struct
	Initial    []Assignment // of New
	Events     []*Event
	Commands   []*Command
	Lifecycles []Lifecycle
	Invariants []Rule
	Index      []Column // lookup and unique columns
	Uniques    []Unique
	OwnTopic   string // of all events, where some of them stay in the context
	Inline     []*Projection
	Path       string // of its resources
	RoutesFunc string
	Source     string   // CloudEvents source
	TypePrefix string   // of CloudEvents types
	UsesEvent  bool     // some apply reads its event
	UsesMeta   bool     // or its meta
	Allow      string   // Go condition over s, actor and now; "" everyone of Roles
	AllowNow   bool     // and it reads now
	AllowMeta  bool     // or meta
	Roles      []string // that may read the state
	Table      string
	Sourced    *Sourced  // its events are kept; nil: its state is
	Personal   *Personal // whose what is; nil: nobody is erased

	Repo string // field of App, and its type
	// Found and Selected: some policy looks for instances, by a column or by a condition.
	Found    bool
	Selected bool

	Model    *model.Aggregate
	handlers map[*model.Command]string // methods of App
	types    gotypes
	goNames  map[*model.Node]string // types of events and commands
	names    *naming.Space          // of the package
}

// Assignment gives a field a value.
type Assignment struct {
	Go    string // field
	Value string // Go expression
	JSON  string
}

// Event is something that happened.
type Event struct {
	Struct
	Type  string // in the envelope: OrderPlaced
	Title quote.Text
	Topic string
	ID    Field // the aggregate's id; none of an external's
	// Aggregate is whose it is; nil where it is heard of elsewhere.
	Aggregate *Aggregate
	Apply     []Assignment
	// Begins is the state after an event that only ever comes first: made of it,
	// and of what the state begins with.
	Begins  []Assignment
	Deletes bool
	Private bool
	Version int
	Package string   // that declares the struct
	Note    string   // what it says of itself, in Go
	Older   []*Older // versions before, from the first on
	// Personal are the fields, in JSON, that are stored and told enciphered.
	Personal []string

	Model *model.Event
}

// Names is what the event is called, in every spelling.
func (e *Event) Names() names.Name { return names.Of(&e.Model.Node) }

// Lifecycle is a state machine over one enum field.
type Lifecycle struct {
	Field  string // Go name
	JSON   string
	Type   string
	States []LifecycleState
}

// LifecycleState is a state and those that may follow it.
type LifecycleState struct {
	Value string // Go constant
	To    []string
}

// Rule rejects when its condition does not hold.
type Rule struct {
	Code    string
	Cond    string     // Go condition that must hold
	Unless  string     // the negation, as a person would write it
	Kind    string     // of rejection, as Go
	Message quote.Text // for people; "": the code is
	Doc     quote.Text
}

// Column is an indexed column beside the document of an aggregate.
type Column struct {
	Name  string
	Kind  string // store's name of the column type
	Value string // Go expression over s
}

// Unique is a rule that no two instances share the values of some columns.
type Unique struct {
	Columns []string
	Code    string // of the rejection when they are taken
	Message quote.Text
}

// Changing are the events that change the state.
func (a *Aggregate) Changing() []*Event {
	return slices.DeleteFunc(slices.Clone(a.Events), func(e *Event) bool { return len(e.Apply) == 0 })
}

// Going are those of them that change some of the state, and leave the rest as it is.
func (a *Aggregate) Going() []*Event {
	return slices.DeleteFunc(a.Changing(), func(e *Event) bool { return e.Begins != nil })
}

// Called is the aggregate's Go name with what the business calls it.
func (a *Aggregate) Called() quote.Text { return Called(a.Name.Go, &a.Model.Node) }

func (b *builder) aggregate(a *Aggregate) {
	m := a.Model
	a.types = gotypes{a.Service.types, a.Package}
	b.nameDomain(a)
	a.ID = a.types.field(m.ID)
	a.Table = naming.TableOf(m)
	a.TypePrefix = a.Service.Name.Kebab + "." + names.Kept(&m.Node).Kebab
	if a.HasPrivate() {
		a.OwnTopic = naming.PrivateTopic(b.model.System, m)
	}
	a.State = Struct{Name: "State", Fields: append([]Field{a.ID}, a.types.fields(m.State)...)}
	a.Initial = b.initial(a)
	for _, e := range m.Events {
		if b.model.Incomplete[&e.Node] {
			continue
		}
		fields := append([]*model.Field{m.ID}, e.Fields...)
		ev := b.event(a.types, e, fields)
		ev.Apply = b.applied(a, e)
		if len(ev.Apply) > 0 && comesFirst(m, e) {
			ev.Begins = a.begins(ev.Apply)
		}
		ev.Name = a.goNames[&e.Node]
		b.older(a.types, a.names, ev, fields)
		ev.Aggregate = a
		a.Events = append(a.Events, ev)
		ev.Note, ev.Personal = a.note(ev), jsonNames(e.PersonalEver())
		apply := check.Values(changed(b.model.Events[e].Apply, "state"))
		a.UsesEvent, a.UsesMeta = a.UsesEvent || uses(apply, "event"), a.UsesMeta || uses(apply, "meta")
	}
	for _, l := range m.Lifecycles {
		a.Lifecycles = append(a.Lifecycles, lifecycle(a.types, l))
		a.names.Add("follows" + a.Lifecycles[len(a.Lifecycles)-1].Field)
	}
	for _, r := range m.Invariants {
		a.Invariants = append(a.Invariants, b.rule(a.types, r, map[string]string{"state": "s", "id": "s." + a.ID.Go}, 422))
	}
	if m.Allow != nil {
		a.AllowNow, a.AllowMeta = expr.Uses(b.model.Trees[m.Allow], "now"), expr.Uses(b.model.Trees[m.Allow], "meta")
		a.Allow = a.types.expr(b.model.Trees[m.Allow], map[string]string{"state": "s", "meta": "meta", "actor": "actor", "now": "now", "id": "s." + a.ID.Go})
	}
	a.Index = b.index(a)
	for _, u := range m.Unique {
		unique := Unique{Code: names.Taken(u), Message: names.TakenMessage(u)}
		for _, f := range u.Fields {
			unique.Columns = append(unique.Columns, naming.ColumnOf(f.Field))
		}
		a.Uniques = append(a.Uniques, unique)
	}
	a.Sourced, a.Personal = a.sourced(), a.personal()
	a.Path = naming.ResourcePath(m)
	a.RoutesFunc = "route" + a.Repo
	a.Source = a.Service.Source
	seen := map[string]bool{}
	for _, c := range m.Commands {
		if b.model.Incomplete[&c.Node] {
			continue
		}
		a.Commands = append(a.Commands, b.command(a, c))
		for _, r := range c.Actors {
			if r.Actor != nil && !seen[r.Actor.Role] {
				seen[r.Actor.Role] = true
				a.Roles = append(a.Roles, r.Actor.Role)
			}
		}
	}
}

// nameDomain gives events and commands their types, before anything else in the
// package takes a name.
func (b *builder) nameDomain(a *Aggregate) {
	a.names = a.Service.space(naming.Go, "internal/domain/"+a.Package).Add("State", "Event", "Type", "Topic", "OwnTopic", "New", "Transition", "DecodeEvent", "decode")
	for _, e := range a.Model.Events {
		if !b.model.Incomplete[&e.Node] {
			a.goNames[&e.Node] = a.names.Take(names.Of(&e.Node).Go, "Event", naming.By(&e.Node))
		}
	}
	for _, c := range a.Model.Commands {
		if !b.model.Incomplete[&c.Node] {
			a.goNames[&c.Node] = a.names.Take(names.Of(&c.Node).Go, "Command", naming.By(&c.Node))
		}
	}
	for _, c := range a.Model.Commands {
		if c.Custom {
			a.names.Take("Decide"+a.goNames[&c.Node], "Func", naming.By(&c.Node)) // of its author: package check keeps it free
		}
	}
}

// about puts the instance that something is for before its other fields; ""
// where that is not known.
func about(id, value string, rest []Assignment) []Assignment {
	if value == "" {
		return rest
	}
	return append([]Assignment{{Go: id, Value: value}}, rest...)
}

// initial lists what an instance holds before its first event: defaults, and
// the first state of each lifecycle.
func (b *builder) initial(a *Aggregate) []Assignment {
	first := map[*model.Field]string{}
	for _, l := range a.Model.Lifecycles {
		if l.Field.Field != nil && len(l.States) > 0 {
			first[l.Field.Field] = enumConst(a.types, l.Field.Field.Type, l.States[0].Value.Value)
		}
	}
	out := []Assignment{{Go: a.ID.Go, Value: "id"}}
	for _, f := range a.Model.State {
		value := first[f]
		if f.Default != nil {
			value = b.defaultValue(a.types, f)
		}
		if value != "" {
			out = append(out, Assignment{Go: a.types.Field(f), Value: value})
		}
	}
	return out
}

// EnumConst is the Go constant of the enum value of a name, as the aggregate's
// package spells it.
func (a *Aggregate) EnumConst(t *model.Type, name string) string { return enumConst(a.types, t, name) }

// enumConst spells the enum value of a name.
func enumConst(g gotypes, t *model.Type, name string) string {
	def := t.Value().Def
	for _, v := range def.Enum {
		if v.Name == name {
			return g.EnumValue(def, v)
		}
	}
	return ""
}

func lifecycle(g gotypes, l *model.Lifecycle) Lifecycle {
	f := l.Field.Field
	out := Lifecycle{Field: g.Field(f), JSON: names.Of(&f.Node).JSON, Type: g.Type(f.Type)}
	for _, s := range l.States {
		if len(s.To) == 0 {
			continue
		}
		state := LifecycleState{Value: enumConst(g, f.Type, s.Value.Value)}
		for _, to := range s.To {
			state.To = append(state.To, enumConst(g, f.Type, to.Value))
		}
		out.States = append(out.States, state)
	}
	return out
}

func (b *builder) rule(g gotypes, r *model.Rule, vars map[string]string, status int) Rule {
	t := b.model.Trees[r.That]
	if r.Status != 0 {
		status = r.Status
	}
	out := Rule{Code: contract.RuleCode(r), Kind: kind(status), Message: r.Message, Cond: g.expr(t, vars), Unless: g.expr(negate(t), vars)}
	if called := r.Called(); out.Message == "" && called != quote.Text(out.Code) {
		out.Message = called
	}
	return out
}

// kinds are what package values calls the rejections that HTTP has a status for.
var kinds = map[int]string{
	http.StatusUnprocessableEntity: "Rule", http.StatusBadRequest: "Malformed", http.StatusPaymentRequired: "Unpaid", http.StatusForbidden: "Forbidden",
	http.StatusNotFound: "Missing", http.StatusConflict: "Conflict", http.StatusGone: "Gone", http.StatusPreconditionFailed: "Outdated",
	http.StatusLocked: "Locked", http.StatusTooEarly: "TooEarly", http.StatusTooManyRequests: "TooMany",
	http.StatusNotImplemented: "Unfinished",
}

// kind is the kind of rejection of a status; one without a name is told by its
// number.
func kind(status int) string {
	if name := kinds[status]; name != "" {
		return "values." + name
	}
	return quote.Go(strconv.Itoa(status))
}

// opposite are the comparisons that hold when another does not, and joint what
// && and || become when their sides are turned round.
var (
	opposite = map[string]string{"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
	joint    = map[string]string{"&&": "||", "||": "&&"}
)

// negate is the condition turned round, without a "!" where the operator has
// an opposite.
func negate(t *expr.Tree) *expr.Tree {
	if t.Op == expr.Binary && opposite[t.Ident] != "" {
		out := *t
		out.Ident = opposite[t.Ident]
		return &out
	}
	if t.Op == expr.Binary && joint[t.Ident] != "" {
		out := *t
		out.Ident, out.Args = joint[t.Ident], []*expr.Tree{negate(t.Args[0]), negate(t.Args[1])}
		return &out
	}
	if t.Op == expr.Unary && t.Ident == "!" {
		return t.Args[0]
	}
	return &expr.Tree{Op: expr.Unary, Ident: "!", Type: t.Type, Args: []*expr.Tree{t}, Offset: t.Offset}
}

// event plans the struct of an event with some of its fields, for a package of a
// service.
func (b *builder) event(g gotypes, e *model.Event, fields []*model.Field) *Event {
	n := names.Of(&e.Node)
	out := &Event{
		Type: names.Kept(&e.Node).Go, Title: e.Called(), Topic: naming.EventTopic(b.model.System, e),
		Deletes: e.Deletes, Private: e.Private, Version: max(e.Version, 1), Package: g.in, Model: e,
	}
	if e.Aggregate != nil {
		out.ID = g.field(e.Aggregate.ID)
	}
	out.Struct = Struct{Name: n.Go, Doc: doc(n.Go, "an event of "+names.Of(e.Owner()).Go, &e.Node), Fields: g.fields(fields)}
	b.defaults(&out.Struct, g, fields)
	return out
}

// ofVersion says, in Go, of which version an event is; nothing of the first.
func ofVersion(e *Event) string {
	if e.Version == 1 {
		return ""
	}
	return fmt.Sprintf(", Version: %d", e.Version)
}

// note is what an event of the aggregate says of itself, in Go.
func (a *Aggregate) note(e *Event) string {
	topic := "Topic"
	if a.HasPrivate() {
		topic = "OwnTopic"
	}
	text := fmt.Sprintf("values.Event{Type: Type + %s, Topic: %s%s", quote.Go("."+e.Type), topic, ofVersion(e))
	if e.Private {
		text += ", Private: true"
	}
	if e.Deletes {
		text += ", Deletes: true"
	}
	if e.Model.Erases {
		text += ", Erases: true"
	}
	return text + "}"
}

// applied is what an event changes in the state.
func (b *builder) applied(a *Aggregate, e *model.Event) []Assignment {
	vars := map[string]string{"state": "s", "event": "e", "meta": "meta", "id": "s." + a.ID.Go}
	var out []Assignment
	for _, x := range changed(b.model.Events[e].Apply, "state") {
		out = append(out, Assignment{Go: a.types.Field(x.Field), Value: a.types.change(x.Value, vars)})
	}
	return out
}

// comesFirst reports whether an event is the first of an instance whenever it happens:
// commands that create tell it before any other, and nobody else does.
func comesFirst(a *model.Aggregate, e *model.Event) bool {
	told := false
	for _, c := range a.Commands {
		lists := [][]*model.Emit{c.Emits}
		for _, call := range c.Calls {
			if call.Fallback != nil {
				lists = append(lists, call.Fallback.Emits)
			}
		}
		for _, list := range lists {
			for i, x := range list {
				if x.Event.Event != e {
					continue
				}
				if c.Creates != model.New || c.Custom || i > 0 || x.Each != nil {
					return false
				}
				told = true
			}
		}
	}
	return told
}

// begins is the state that the first event of an instance leaves.
func (a *Aggregate) begins(apply []Assignment) []Assignment {
	out := []Assignment{{Go: a.ID.Go, Value: "s." + a.ID.Go}}
	for _, f := range a.State.Fields[1:] {
		is := func(x Assignment) bool { return x.Go == f.Go }
		if i := slices.IndexFunc(apply, is); i >= 0 {
			out = append(out, apply[i])
		} else if i := slices.IndexFunc(a.Initial, is); i >= 0 {
			out = append(out, a.Initial[i])
		}
	}
	return out
}

// changed are the fields of a row or state that are set to something else than what
// they are: who says that one stays says that it is not copied from the event.
func changed(set []check.Assigned, of string) []check.Assigned {
	return slices.DeleteFunc(slices.Clone(set), func(x check.Assigned) bool {
		v := x.Value
		return v != nil && v.Op == expr.Select && v.Field == x.Field && v.Args[0].Op == expr.Name && v.Args[0].Ident == of
	})
}

// index lists the columns beside an aggregate's document.
func (b *builder) index(a *Aggregate) []Column {
	var out []Column
	for _, f := range b.model.Columns(a.Model) {
		out = append(out, Column{Name: naming.ColumnOf(f), Kind: ColumnKind(f.Type), Value: "s." + naming.FieldName(f)})
	}
	return out
}

// assignments translates a list of assigned fields for a composite literal.
func (b *builder) assignments(g gotypes, list []check.Assigned, vars map[string]string) []Assignment {
	var out []Assignment
	for _, x := range list {
		value := ""
		switch {
		case x.Value != nil:
			value = g.expr(x.Value, vars)
		case x.Field.Default != nil:
			value = b.defaultValue(g, x.Field)
		}
		if value != "" {
			out = append(out, Assignment{Go: g.Field(x.Field), Value: value, JSON: names.Of(&x.Field.Node).JSON})
		}
	}
	return out
}

// change is the Go expression of a changed field; without a value it is cleared.
func (g gotypes) change(t *expr.Tree, vars map[string]string) string {
	if t == nil {
		return "nil"
	}
	return g.expr(t, vars)
}

// defaultValue is the Go expression of a field's default; "" where Go has it
// already.
func (b *builder) defaultValue(g gotypes, f *model.Field) string {
	if f.Default.Expr != nil {
		return g.expr(b.model.Trees[f.Default.Expr], nil)
	}
	if isZero(f.Type, f.Default.Value) {
		return ""
	}
	return g.literal(f.Type, f.Default.Value)
}
