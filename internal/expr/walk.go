package expr

import (
	"slices"

	"github.com/esgen/esgen/model"
)

// Walk visits an expression and everything in it, from the outside in. Whoever
// asks what is in an expression asks here: the text of it, as the model wrote it
// or in Go, tells names from strings no more than a search for words does. There
// may be no expression.
func Walk(t *Tree, visit func(*Tree)) {
	if t == nil {
		return
	}
	visit(t)
	for _, x := range t.Keys {
		Walk(x, visit)
	}
	for _, x := range t.Args {
		Walk(x, visit)
	}
}

// Uses reports whether an expression reads a variable of its scope. The variable
// of a macro is none, whatever it is called. There may be no expression.
func Uses(t *Tree, name string) bool {
	found := false
	Walk(t, func(t *Tree) { found = found || t.Op == Name && t.binding == "" && t.Ident == name })
	return found
}

// VarType is the type of a variable of its scope that an expression reads; nil: it
// does not read it.
func VarType(t *Tree, name string) (is *model.Type) {
	Walk(t, func(t *Tree) {
		if t.Op == Name && t.binding == "" && t.Ident == name {
			is = t.Type
		}
	})
	return is
}

// Reads reports whether an expression is a field of a variable of its scope, or
// asks whether there is one: state.total, has(state.total).
func (t *Tree) Reads(name string) bool {
	return (t.Op == Select || t.Op == Has) && t.Field != nil && t.Args[0].Op == Name && t.Args[0].binding == "" && t.Args[0].Ident == name
}

// ReadsStamp reports whether an expression is a field of the meta of a variable
// of its scope: row.meta.createdAt.
func (t *Tree) ReadsStamp(name string) bool {
	return (t.Op == Select || t.Op == Has) && t.Field != nil && t.Args[0].Type == stampsType && t.Args[0].Reads(name)
}

// ReadsColumn reports whether an expression reads or asks for what is stored of a variable
// of its scope, anywhere in it.
func (t *Tree) ReadsColumn(name string) bool {
	return t.IsColumn(name) || slices.ContainsFunc(slices.Concat(t.Keys, t.Args), func(x *Tree) bool { return x.ReadsColumn(name) })
}

// IsColumn reports whether an expression is a field of what is stored of a variable of its
// scope, or of the meta of that.
func (t *Tree) IsColumn(name string) bool { return t.Reads(name) || t.ReadsStamp(name) }

// Stored is an expression without conversions: a database compares an int with a decimal,
// and an optional column, as they are.
func (t *Tree) Stored() *Tree {
	for t.Op == Convert {
		t = t.Args[0]
	}
	return t
}

// Sides are what an operator connects, however often it stands there.
func (t *Tree) Sides(operator string) []*Tree {
	if t.Op != Binary || t.Ident != operator {
		return []*Tree{t}
	}
	return append(t.Args[0].Sides(operator), t.Args[1].Sides(operator)...)
}

// Replace is an expression with another one in place of a variable of its scope.
func Replace(t *Tree, name string, by *Tree) *Tree {
	if t.Op == Name && t.binding == "" && t.Ident == name {
		return by
	}
	out := *t
	out.Keys, out.Args = replaceAll(t.Keys, name, by), replaceAll(t.Args, name, by)
	return &out
}

func replaceAll(trees []*Tree, name string, by *Tree) []*Tree {
	out := make([]*Tree, len(trees))
	for i, t := range trees {
		out[i] = Replace(t, name, by)
	}
	return out
}
