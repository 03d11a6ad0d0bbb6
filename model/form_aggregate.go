package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

var aggregateForm = &form[Aggregate]{
	what: "aggregate",
	doc:  "A consistency boundary: its commands are checked and turned into events, its state is the fold of the events.",
	keys: []key[Aggregate]{
		{name: "id", doc: "The name of its id; default <aggregate>Id. In every event and every command's input, unlisted.",
			shape: plainName.shape, read: readID},
		at("plural", "What several of them are called, in routes and in Go; default: the name's English plural.", identifier, func(a *Aggregate) *string { return &a.Plural }),
		{name: "persistence", doc: "state (the default) or events.", shape: persistence.shape, read: readPersistence},
		at("snapshotEvery", "Events between two snapshots.", number(), func(a *Aggregate) *int { return &a.Snapshot }),
		at("person", "Whose its personal data (pii) are: its id, or an id of its state. They are kept and told enciphered, and can be erased.",
			pointer(fieldRef), func(a *Aggregate) **FieldRef { return &a.Person }),
		section("state", "What it knows.", fieldForm, func(a *Aggregate) *[]*Field { return &a.State }),
		at("lookup", "Fields by which policies find instances.", oneOrMore(pointer(fieldRef)), func(a *Aggregate) *[]*FieldRef { return &a.Lookup }),
		at("unique", "Fields no two instances share; in a list of its own, those that none share together.", oneOrMore(pointer(unique)), func(a *Aggregate) *[]*Unique { return &a.Unique }),
		at("lifecycle", "State machine over an enum field: each state and those that may follow.", lifecycles, func(a *Aggregate) *[]*Lifecycle { return &a.Lifecycles }),
		section("invariants", "What must hold after every command.", ruleForm, func(a *Aggregate) *[]*Rule { return &a.Invariants }),
		at("allow", "Who may read the state.", expression, func(a *Aggregate) **Expr { return &a.Allow }),
		section("commands", "What can be asked of it.", commandForm, func(a *Aggregate) *[]*Command { return &a.Commands }),
		section("events", "What can happen to it.", eventForm, func(a *Aggregate) *[]*Event { return &a.Events }),
	},
	note: func(a *Aggregate) *Node { return &a.Node },
	enter: func(d *decoder, a *Aggregate) {
		d.aggregate, a.Context = a, d.context
		a.ID = &Field{Declared: true, Type: &Type{Kind: ID}}
	},
	done: doneAggregate,
}

// resolvePerson finds the field with whose the personal data are.
func (d decoder) resolvePerson(a *Aggregate) {
	switch {
	case a.Person == nil:
	case a.Person.Text == a.ID.Name:
		a.Person.Field = a.ID
		d.useField(a.Person.Pos, a.Person.Text, a.ID)
	default:
		d.resolveField(a.Person, a.State, "state of "+a.Name)
	}
}

func readID(d decoder, a *Aggregate, n *source.Node) {
	var id Text
	if plainName.read(d, &id, n) {
		a.ID.Name, a.ID.Pos = id.Value, id.Pos
	}
}

func doneAggregate(d decoder, a *Aggregate, _ *source.Node) {
	if a.ID.Name == "" {
		a.ID.Name, a.ID.Pos = lowerCamel(a.firstIdentifier())+"Id", a.Pos
	}
	if a.Snapshot > 0 && !a.Sourced {
		d.badValue(a.Pos, "snapshotEvery of aggregate %s needs persistence: events", a.Name)
	}
	a.State = d.withoutID(a, a.State)
	d.settle(func() {
		d.resolvePerson(a)
		d.resolveFields(a.Lookup, a.State, "state of "+a.Name)
		d.resolveUnique(a)
		for _, l := range a.Lifecycles {
			d.resolveLifecycle(a, l)
		}
	})
}

// unique reads a field, or a list of fields that are taken together.
var unique = reader[Unique]{
	shape: Shape{Kind: EitherShape, Says: "a field or a list of fields", Any: []Shape{fieldRef.shape, {Kind: ListShape, Of: &fieldRef.shape, Says: "a list"}}},
	read: func(d decoder, v *Unique, n *source.Node) bool {
		v.Pos = n.Pos
		if n.Kind != source.Sequence {
			v.Fields = []*FieldRef{{}}
			return fieldRef.read(d, v.Fields[0], n)
		}
		if len(n.Items) == 0 {
			d.badValue(n.Pos, "%s is empty: it names no field", d.place())
			return false
		}
		return listOf(pointer(fieldRef)).read(d, &v.Fields, n)
	},
}

// resolveUnique finds the fields that must be unique, and reports what is said
// twice.
func (d decoder) resolveUnique(a *Aggregate) {
	seen := map[string]*Unique{}
	for _, u := range a.Unique {
		d.resolveFields(u.Fields, a.State, "state of "+a.Name)
		var names []string
		for _, f := range u.Fields {
			names = append(names, f.Text)
		}
		slices.Sort(names)
		key := strings.Join(names, " ")
		if first := seen[key]; first != nil {
			d.diags.Errorf(rule.DuplicateName, u.Pos, "%s is unique twice", u.Text()).With(diag.At(first.Pos, "the first %s", first.Text()))
		}
		seen[key] = u
	}
}

var persistence = oneOfWords("state", "events")

func readPersistence(d decoder, a *Aggregate, n *source.Node) {
	var kind string
	if persistence.read(d, &kind, n) {
		a.Sourced = kind == "events"
	}
}

// withoutID drops the aggregate's id from fields that imply it.
func (d decoder) withoutID(a *Aggregate, fields []*Field) []*Field {
	var kept []*Field
	for _, f := range fields {
		if f.Name != a.ID.Name {
			kept = append(kept, f)
			continue
		}
		d.use(f.Pos, f.Name, a.ID)
		d.diags.Notef(rule.ImpliedID, f.Pos, "%s is the id of %s and is there without being listed", f.Name, a.Name).
			With(diag.Fix("leave it out"))
		d.settle(func() {
			if f.Type != nil && !f.Type.IsID() {
				d.diags.Errorf(rule.BadType, f.Pos, "%s is the id of %s: it cannot be of type %s", f.Name, a.Name, f.Type)
			}
		})
	}
	return kept
}

// ruleForm is a rule: Name: an expression, or Name: {that, status, message}.
var ruleForm = &form[Rule]{
	what: "rule",
	doc:  "What must hold; its name is the code of the rejection.",
	keys: []key[Rule]{
		must(at("that", "What must hold.", expression, func(r *Rule) **Expr { return &r.That })),
		at("status", "The HTTP status of the rejection.", httpStatus, func(r *Rule) *int { return &r.Status }),
		at("message", "What the caller is told.", text, func(r *Rule) *quote.Text { return &r.Message }),
	},
	short: short(expression, func(r *Rule) **Expr { return &r.That }),
	note:  func(r *Rule) *Node { return &r.Node },
}

var httpStatus = scalar("an HTTP status", NumberShape, func(d decoder, v *int, n *source.Node) bool {
	status, err := strconv.Atoi(n.Value)
	if err != nil || status < 400 || status > 499 {
		d.badValue(n.Pos, "%s must be from 400 to 499, not %q: a rejection is the caller's to mend", d.place(), n.Value)
		return false
	}
	*v = status
	return true
})

// lifecycles reads {status: {Placed: [Paid, Cancelled], Paid: [...]}}.
var lifecycles = reader[[]*Lifecycle]{
	shape: Shape{Kind: EntriesShape, Says: "a map of a field and its states", Of: &Shape{Kind: EntriesShape, Of: &nextStates.shape}},
	read: func(d decoder, v *[]*Lifecycle, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of a field and its states")
			return false
		}
		for i := range n.Pairs {
			p := &n.Pairs[i]
			l := &Lifecycle{Pos: p.Key.Pos}
			if !fieldRef.read(d, &l.Field, p.Key) {
				continue
			}
			d := d
			d.key += "." + p.Key.Value
			d.readStates(l, p.Value)
			*v = append(*v, l)
		}
		return true
	},
}

// readStates reads the states of a lifecycle; those that only follow others
// come last, in the order they are spoken of.
func (d decoder) readStates(l *Lifecycle, n *source.Node) {
	if n.Kind != source.Mapping {
		d.wrongKind(n, "a map of states and the lists of states that may follow")
		return
	}
	known := map[string]bool{}
	for i := range n.Pairs {
		var from Text
		if !plainName.read(d, &from, n.Pairs[i].Key) {
			continue
		}
		s := &LifecycleState{Value: from}
		nextStates.read(d, &s.To, n.Pairs[i].Value)
		if known[from.Value] {
			d.diags.Errorf(rule.DuplicateName, from.Pos, "the lifecycle says twice what follows %s", from.Value)
			continue
		}
		known[from.Value] = true
		l.States = append(l.States, s)
	}
	for _, s := range l.States {
		for _, to := range s.To {
			if !known[to.Value] {
				known[to.Value] = true
				l.States = append(l.States, &LifecycleState{Value: to})
			}
		}
	}
}

var nextStates = oneOrMore(plainName)

// resolveLifecycle finds the field of a lifecycle and judges its states.
func (d decoder) resolveLifecycle(a *Aggregate, l *Lifecycle) {
	d.resolveField(&l.Field, a.State, "state of "+a.Name)
	f := l.Field.Field
	if f == nil || f.Type == nil {
		return
	}
	if !f.Type.IsEnum() {
		d.diags.Errorf(rule.BadType, l.Pos, "a lifecycle is over an enum, and %s is of type %s", f.Name, f.Type).
			With(diag.At(f.Pos, "the field"))
		return
	}
	for _, s := range l.States {
		d.checkEnumValue(f.Type.Def, s.Value)
		for _, to := range s.To {
			d.checkEnumValue(f.Type.Def, to)
		}
	}
}

// checkEnumValue reports a value that is not one of the enum's.
func (d decoder) checkEnumValue(t *TypeDef, v Text) {
	d.offerValues(v.Value, t)
	values := make([]string, len(t.Enum))
	for i, e := range t.Enum {
		if e.Name == v.Value {
			d.use(v.Pos, v.Value, e)
			return
		}
		values[i] = e.Name
	}
	d.diags.Errorf(rule.UnknownName, v.Pos, "%s has no value %s", t.Name, v.Value).
		With(diag.At(t.Pos, "the values of %s", t.Name), near(v.Value, values))
}
