// Package check judges a model: every expression in its scope, where each
// field comes from, and the rules of good event storming.
package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// Model is a checked model: what the text left to be inferred is filled in.
type Model struct {
	*model.System
	// Trees holds every checked expression.
	Trees map[*model.Expr]*expr.Tree
	// Assigns holds, for whatever gives fields their values, the complete list
	// in the order of the target's fields, same-named copies included. The key
	// is one of:
	//
	//	*model.Emit         event fields, over the command's scope
	//	*model.Event        state fields changed by apply, over state, event, meta
	//	*model.Policy       input of the command or operation, over event, meta (and row or state of each)
	//	*model.Projection   row fields, over row, event, meta
	//	*model.Call         input of the called command, query or operation
	//	*model.Compensation input of the compensating command
	//	*model.Fallback     reply fields
	//	*model.Target       input of an onRejected command, over event, meta
	//	*model.Version      fields of the next version of the event, over old, meta
	//	*model.Step         input of the command of a saga's step, over event, meta, saga
	//	*model.Link         fields of the linked view, over row
	Assigns map[any][]Assigned
	// Saves holds, for each step of a saga that saves something, the fields of
	// the saga's data it sets, over event, meta, saga and reply.
	Saves map[*model.Step][]Assigned
	// Replies holds the reply of each called command (keys are *model.Call and
	// *model.Step): the aggregate's id, then
	// the merged fields of the events it emits; optional where not in every
	// outcome. Of an operation or query it is what that declares (a query
	// replies {rows: list(row)}).
	Replies map[any][]*model.Field
	// Targets holds which instance a command is for, where the model says or
	// implies it: by target, by the event's own aggregate or by a field named like the id. Keys are *model.Policy,
	// *model.Call, *model.Compensation, *model.Step and *model.Target (an onRejected). Absent
	// are commands that create with an id derived from what sent them,
	// correlated ones, and whatever goes to a query or an external system.
	Targets map[any]*expr.Tree
	// Correlated holds, by the same keys, the value that the lookup field of
	// correlateBy must have.
	Correlated map[any]*expr.Tree
	// Keys holds how the row of a *model.Projection or *model.Read is found: one
	// value per key column of the view, in its order. Absent where a condition
	// finds the rows.
	Keys map[any][]Assigned
	// Incomplete holds the nodes that are names only, or lack what generation
	// needs; each got a warning and takes no part in generation.
	Incomplete map[any]bool
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

// Assigned gives one field its value. A nil Value leaves the field at its
// default or, of an optional one, absent: in an apply or a set, which list only
// the fields that change, it clears the field.
type Assigned struct {
	Field *model.Field
	Value *expr.Tree
}

// System checks a model. The result is usable for generation only when the
// list holds no errors.
func System(sys *model.System) (*Model, *diag.List) { return system(sys) }
