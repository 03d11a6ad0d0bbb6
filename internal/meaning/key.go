package meaning

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// reading is an expression being read: the variables of the macros around, from
// the outermost to the innermost.
type reading struct{ bound []string }

// key spells an expression so that what says the same is spelled alike, as far
// as is known here.
func (r reading) key(t *expr.Tree) string {
	if t.Op == expr.Convert && widens(t) {
		return r.key(t.Args[0])
	}
	switch typ := t.Type.Value(); {
	case typ.Kind == model.Bool && t.Type.Kind != model.Optional:
		return r.condition(t).key()
	case measured(typ):
		return r.sum(t).key()
	}
	return r.plain(t)
}

// plain spells an expression by its parts.
func (r reading) plain(t *expr.Tree) string {
	switch t.Op {
	case expr.Const:
		return fmt.Sprintf("%T:%s", t.Value, strconv.Quote(fmt.Sprint(t.Value)))
	case expr.Name:
		if i := slices.Index(r.bound, t.Ident); i >= 0 {
			return fmt.Sprintf("#%d", r.last(t.Ident))
		}
		return t.Ident
	case expr.Enum:
		return "value:" + spelledValue(t.Enum)
	case expr.Select:
		return r.key(t.Args[0]) + "." + spelled(t.Field)
	case expr.Has:
		if t.Field != nil {
			return "has(" + r.key(t.Args[0]) + "." + spelled(t.Field) + ")"
		}
		return "has(" + r.key(t.Args[0]) + ")"
	case expr.Cond:
		return r.either(t)
	case expr.Macro:
		inner := reading{append(slices.Clip(r.bound), t.Var)}
		return t.Ident + "(" + r.key(t.Args[0]) + "," + inner.key(t.Args[1]) + ")"
	case expr.Convert:
		return "as " + t.Type.Value().Def.Name + "(" + r.key(t.Args[0]) + ")"
	}
	return r.parts(t)
}

// last is the innermost variable of a name.
func (r reading) last(name string) int {
	for i := len(r.bound) - 1; ; i-- {
		if r.bound[i] == name {
			return i
		}
	}
}

func (r reading) parts(t *expr.Tree) string {
	parts := make([]string, len(t.Args))
	for i, a := range t.Args {
		parts[i] = r.key(a)
	}
	head := t.Ident
	switch t.Op {
	case expr.Call:
		head = t.Func.Name
		if (head == "min" || head == "max") && t.Args[0].Type.Kind != model.List {
			slices.Sort(parts)
			parts = slices.Compact(parts)
		}
	case expr.Index:
		head = "at"
	case expr.ListOf:
		head = "list"
	case expr.New:
		head = "new"
		for i, f := range t.Fields {
			parts[i] = spelled(f) + ":" + parts[i]
		}
		slices.Sort(parts)
	case expr.MapOf:
		head = "map"
		for i, k := range t.Keys {
			parts[i] = r.key(k) + ":" + parts[i] // in order: of a key that comes twice, the last counts
		}
	}
	return head + "(" + strings.Join(parts, ",") + ")"
}

// either spells a ? b : c; !a ? c : b is the same.
func (r reading) either(t *expr.Tree) string {
	is := r.condition(t.Args[0])
	yes, no := r.key(t.Args[1]), r.key(t.Args[2])
	if yes == no && !mayFault(t.Args[0]) {
		return yes
	}
	holds, fails := is.key(), is.not().key()
	if fails < holds {
		holds, yes, no = fails, no, yes
	}
	return "if(" + holds + "," + yes + "," + no + ")"
}
