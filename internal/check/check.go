// Package check judges a model: every expression in its scope, where each
// field comes from, and the rules of good event storming.
package check

import (
	"slices"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// Model is a checked model: what the text left to be inferred is filled in.
type Model struct {
	*model.System
	// Trees holds every checked expression.
	Trees map[*model.Expr]*expr.Tree
	// What was found out about the nodes of a kind. A node without an entry has
	// the zero value: something about it is wrong, which was reported.
	Emits         map[*model.Emit]Emit
	Reads         map[*model.Read]Read
	Calls         map[*model.Call]Call
	Fallbacks     map[*model.Fallback]Fallback
	Compensations map[*model.Compensation]Compensation
	Events        map[*model.Event]Event
	Versions      map[*model.Version]Version
	Reactions     map[*model.Reaction]Reaction
	Steps         map[*model.Step]Step
	Projections   map[*model.Projection]Projection
	Links         map[*model.Link]Link
	// Ties are the things that belong together by their names; Uses the places that
	// name something, as far as that depends on what is around them.
	Ties []Tie
	Uses []model.Use
	// Sent are the commands that policies, sagas, calls or compensations give.
	Sent map[*model.Command]bool
	// Names are the names that are derived from the model, by namespace.
	Names *naming.Registry
	// Incomplete holds the notes that are names only, or lack what generation
	// needs; each got a warning and takes no part in generation.
	Incomplete map[*model.Node]bool
}

// LeaveOutOpen takes commands that do not say when which outcome comes about for names
// only, and those that ask one of these: what is generated has no part of them.
func (m *Model) LeaveOutOpen() {
	left := map[*model.Command]bool{}
	asks := func(c *model.Command) bool {
		return slices.ContainsFunc(c.Calls, func(x *model.Call) bool { return left[x.To.Command] })
	}
	for before := -1; before < len(left); {
		before = len(left)
		for _, x := range m.Contexts {
			for _, a := range x.Aggregates {
				for _, c := range a.Commands {
					if c.Open() || asks(c) {
						left[c], m.Incomplete[&c.Node] = true, true
					}
				}
			}
		}
	}
}

// Emit is what is known of an event that is emitted.
type Emit struct {
	Assigns []Assigned // its fields, over the command's scope
}

// Read is what is known of a row that a command reads.
type Read struct {
	Key []Assigned // a value per key column of the view, in its order; nil where a condition finds the row
}

// Sending is what goes to the far end of an arrow: a command, a query or an
// operation of an external system.
type Sending struct {
	Assigns []Assigned // its input, over what can be named where the arrow begins
	// Target is the instance the command is for, where the model says or implies
	// it: by target, by the event's own aggregate or by a field named like the
	// id. It is nil for a command that creates with an id derived from what sent
	// it, for a correlated one, and for whatever goes to a query or an external
	// system.
	Target *expr.Tree
	// Correlated is the value that the lookup field of correlateBy must have.
	Correlated *expr.Tree
}

// Call is what is known of a call.
type Call struct {
	Sending
	// Reply is, of a command, the aggregate's id, then the merged fields of the
	// events it emits, optional where not in every outcome; of an operation or
	// query what that declares (a query replies {rows: list(row)}).
	Reply []*model.Field
}

// Fallback is what is known of how a command goes on without a reply.
type Fallback struct {
	Reply []Assigned // the fields of the reply that is made up
}

// Compensation is what is known of how a call or a step is undone, and of what a
// saga does when it fails.
type Compensation struct {
	Sending
	// NeedsReply: what is sent depends on the reply of the call it undoes, if only
	// by a let. Without one, only the instance of the call is known.
	NeedsReply bool
	// Learned are the fields that external systems are asked to undo a call of others with
	// and that are fields of its reply: where no reply came, the call is made again
	// under its key, to learn them.
	Learned []Learned
}

// Learned is a field that is one of a reply.
type Learned struct{ Field, From *model.Field }

// Event is what is known of an event.
type Event struct {
	Apply   []Assigned // the fields of the state it changes, over state, event, meta
	Creates bool       // it can be the first of an instance
	Once    bool       // it cannot happen to an instance that is there
}

// Version is what is known of an older version of an event.
type Version struct {
	Upcast []Assigned // the fields of the next version, over old, meta
}

// Reaction is what is known of a thing that a policy does.
type Reaction struct {
	Sending            // over event, meta, and row or state of each
	OnRejected Sending // over event, meta
}

// Step is what is known of a step of a saga.
type Step struct {
	Sending                // over event, meta, saga
	Reply   []*model.Field // as of a call
	Saves   []Assigned     // the fields of the saga's data it sets, over event, meta, saga and reply
}

// Projection is what is known of what an event does to a view.
type Projection struct {
	Key []Assigned // as of a read, over event, meta
	Set []Assigned // the fields of the row that change, over row, event, meta
}

// Link is what is known of a link to another view.
type Link struct {
	By []Assigned // fields of the linked view, over row
}

// Let is the type of an intermediate value of a command; nil when an error was
// reported for it.
func (m *Model) Let(l *model.Let) *model.Type {
	x := l.Expr
	if len(l.Table) > 0 {
		x = l.Table[0].Is
	}
	if t := m.Trees[x]; t != nil {
		return t.Type
	}
	return nil
}

// Assigned gives one field its value. A list of them is complete, in the order of
// the target's fields, same-named copies included. A nil Value leaves the field at its
// default or, of an optional one, absent: in an apply or a set, which list only
// the fields that change, it clears the field.
type Assigned struct {
	Field *model.Field
	Value *expr.Tree
	// Unsaid: nobody gives the field a value, not even null.
	Unsaid bool
}

// Values are the expressions that fields are given; nil for a field without one.
func Values(lists ...[]Assigned) []*expr.Tree {
	var out []*expr.Tree
	for _, list := range lists {
		for _, x := range list {
			out = append(out, x.Value)
		}
	}
	return out
}

// System checks a model. The result is usable for generation only when the
// list holds no errors.
func System(sys *model.System) (*Model, *diag.List) { return Begin(sys).Finish() }
