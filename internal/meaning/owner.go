package meaning

import (
	"slices"

	"github.com/esgen/esgen/internal/expr"
)

// IsSubject tells whether a tree is actor.subject.
func IsSubject(t *expr.Tree) bool {
	return t.Op == expr.Select && t.Field != nil && t.Field.Name == "subject" && t.Args[0].Op == expr.Name && t.Args[0].Ident == "actor"
}

// Owned tells whether a condition holds for one actor only: whatever else it asks, it
// compares the actor's id with something that does not depend on the actor.
func Owned(allow *expr.Tree) bool {
	if allow == nil || allow.Op != expr.Binary {
		return false
	}
	switch allow.Ident {
	case "&&":
		return slices.ContainsFunc(allow.Args, Owned)
	case "||":
		return !slices.ContainsFunc(allow.Args, func(t *expr.Tree) bool { return !Owned(t) })
	case "==":
		a, b := allow.Args[0], allow.Args[1]
		return IsSubject(a) && !expr.Uses(b, "actor") || IsSubject(b) && !expr.Uses(a, "actor")
	}
	return false
}
