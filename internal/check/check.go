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
	Assigns map[any][]Assigned
	// Replies holds the reply of each called command: the merged fields of the
	// events it emits; optional where not in every outcome. Of an operation or
	// query it is what that declares (a query replies {rows: list(row)}).
	Replies map[*model.Call][]*model.Field
}

// Assigned gives one field its value. A nil Value leaves the field at its
// default or, of an optional one, absent.
type Assigned struct {
	Field *model.Field
	Value *expr.Tree
}

// System checks a model. The result is usable for generation only when the
// list holds no errors.
func System(sys *model.System) (*Model, *diag.List) { return system(sys) }
