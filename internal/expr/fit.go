package expr

import "github.com/esgen/esgen/model"

// Fit converts a checked expression to a type as Scope.Want does: a value to an
// optional one, an int to a decimal, a scalar to a constrained one and back,
// lists of such. It is nil when there is no such way.
func (e *Env) Fit(t *Tree, want *model.Type) *Tree {
	out := fit(t, want)
	if out != nil {
		e.arm(out)
	}
	return out
}
