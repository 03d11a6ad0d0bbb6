// Package meaning compares what expressions say, however they are written: that
// two always have one value, that one condition holds wherever another does,
// and else an example of where it does not. What it cannot decide it says it
// cannot: it never guesses.
//
// Numbers are taken to be as large as they get: that a sum may be too large for
// 64 bits is a fault of the one expression as of the other.
package meaning

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Names is what names stand for where an expression stands: intermediate values
// by what they are computed from; variables, fields and values of enums by what
// they are on the other side of a comparison.
type Names struct {
	Values  map[string]*expr.Tree
	Renamed map[string]string
	Fields  map[*model.Field]*model.Field
	Enums   map[*model.EnumValue]*model.EnumValue
}

// Inline puts the intermediate values into an expression that names them, and
// calls variables as the other side does.
func Inline(t *expr.Tree, n Names) *expr.Tree {
	if t == nil || len(n.Values)+len(n.Renamed)+len(n.Fields)+len(n.Enums) == 0 {
		return t
	}
	return inline(t, n, nil)
}

func inline(t *expr.Tree, n Names, bound []string) *expr.Tree {
	out := *t
	if t.Op == expr.Name && !slices.Contains(bound, t.Ident) {
		if v := n.Values[t.Ident]; v != nil {
			// What the value names was named before: it cannot name itself.
			rest := n
			rest.Values = maps.Clone(n.Values)
			delete(rest.Values, t.Ident)
			return inline(v, rest, nil)
		}
		if to, ok := n.Renamed[t.Ident]; ok {
			out.Ident = to
		}
	}
	if f := n.Fields[t.Field]; f != nil {
		out.Field = f
	}
	if v := n.Enums[t.Enum]; v != nil {
		out.Enum = v
	}
	out.Args = make([]*expr.Tree, len(t.Args))
	for i, a := range t.Args {
		inner := bound
		if t.Op == expr.Macro && i == 1 {
			inner = append(slices.Clip(bound), t.Var)
		}
		out.Args[i] = inline(a, n, inner)
	}
	out.Keys = make([]*expr.Tree, len(t.Keys))
	for i, k := range t.Keys {
		out.Keys[i] = inline(k, n, bound)
	}
	return &out
}

// Same reports whether two expressions always have the same value. Absent ones
// are the same as one another.
func Same(a, b *expr.Tree) bool {
	if a == nil || b == nil {
		return a == b
	}
	return Key(a) == Key(b)
}

// Key is one text for all ways to write what an expression says that Same
// knows.
func Key(t *expr.Tree) string { return reading{}.key(t) }

// Roots are the variables an expression looks at.
func Roots(trees ...*expr.Tree) []string {
	seen := map[string]bool{}
	for _, t := range trees {
		for _, p := range paths(t) {
			seen[p.root] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// spelled is a field as it is called outside of a service, which is what it is
// known by in two models.
func spelled(f *model.Field) string { return names.JSON(&f.Node) }

func spelledValue(v *model.EnumValue) string { return names.EnumValue(v) }

// constrained reports whether a type is a scalar with a condition.
func constrained(t *model.Type) bool { return t.Kind == model.Named && t.Def.Is != nil }

// widens reports whether a conversion only says of a value what it is as well:
// an int is a decimal, a constrained scalar what it is made of, and what is
// there is optional. One that asks a condition does more.
func widens(t *expr.Tree) bool {
	to := t.Type.Value()
	from := t.Args[0].Type.Value()
	return !constrained(to) || from.Same(to)
}

// mayFault reports whether an expression may come to no value at all, so that
// it matters what is looked at before it.
func mayFault(t *expr.Tree) bool {
	switch {
	case t.Op == expr.Index, t.Op == expr.Convert && !widens(t):
		return true
	case t.Op == expr.Binary && (t.Ident == "/" || t.Ident == "%"):
		return true
	case t.Op == expr.Call && (t.Func.Name == "min" || t.Func.Name == "max" || t.Func.Name == "round"):
		return len(t.Args) != 2 || t.Func.Name != "round" && t.Args[0].Type.Kind == model.List
	}
	return slices.ContainsFunc(t.Args, mayFault) || slices.ContainsFunc(t.Keys, mayFault)
}

// All is the condition that all of some hold; of none it always does.
func All(conditions ...*expr.Tree) *expr.Tree {
	truth := &model.Type{Kind: model.Bool}
	out := &expr.Tree{Op: expr.Const, Type: truth, Value: true}
	for i, c := range conditions {
		if i == 0 {
			out = c
		} else {
			out = &expr.Tree{Op: expr.Binary, Ident: "&&", Type: truth, Args: []*expr.Tree{out, c}}
		}
	}
	return out
}
