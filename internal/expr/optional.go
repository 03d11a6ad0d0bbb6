package expr

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"

	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// facts are the optional values known to be there, by key. A guard adds what
// it shows for as long as it holds.
type facts []string

func (f facts) has(key string) bool { return slices.Contains(f, key) }

// learn adds what is known once a condition turned out to be true, or false.
func (f *facts) learn(cond *Tree, outcome bool) { *f = append(*f, shows(cond, outcome)...) }

// shows lists the optional values that are there when a condition is true, or
// false.
func shows(t *Tree, outcome bool) []string {
	switch {
	case t == nil:
		return nil
	case t.Op == Has && outcome:
		return []string{key(presence(t))}
	case t.Op == Unary && t.Ident == "!":
		return shows(t.Args[0], !outcome)
	case t.Op == Binary && (t.Ident == "&&" || t.Ident == "||"):
		x, y := shows(t.Args[0], outcome), shows(t.Args[1], outcome)
		if (t.Ident == "&&") == outcome { // both sides decided
			return append(x, y...)
		}
		return slices.DeleteFunc(x, func(k string) bool { return !slices.Contains(y, k) })
	}
	return nil
}

// presence is the optional value a Has asks for.
func presence(has *Tree) *Tree {
	if has.Field == nil {
		return has.Args[0]
	}
	return &Tree{Op: Select, Type: has.Field.Type, Field: has.Field, Args: has.Args, Offset: has.Offset}
}

// key spells an expression so that two that mean the same are spelled alike.
// Expressions have no effects: what is spelled alike has one value.
func key(t *Tree) string {
	var b strings.Builder
	writeKey(&b, t)
	return b.String()
}

func writeKey(b *strings.Builder, t *Tree) {
	fmt.Fprintf(b, "%d %s", t.Op, t.Ident)
	switch {
	case t.binding != "":
		b.WriteString(t.binding)
	case t.Field != nil:
		b.WriteString(t.Field.Name)
	case t.Func != nil:
		b.WriteString(t.Func.Name)
	case t.Enum != nil:
		b.WriteString(t.Enum.Name)
	case t.Op == Const:
		fmt.Fprintf(b, "%q", fmt.Sprint(t.Value))
	}
	for _, f := range t.Fields {
		b.WriteString(" " + f.Name)
	}
	b.WriteByte('(')
	for _, x := range slices.Concat(t.Keys, t.Args) {
		writeKey(b, x)
		b.WriteByte(',')
	}
	b.WriteByte(')')
}

// assuming checks with what a condition shows, and forgets it again.
func (c *checker) assuming(cond *Tree, outcome bool, check func()) {
	n := len(c.known)
	if cond != nil {
		c.known.learn(cond, outcome)
	}
	check()
	c.known = c.known[:n]
}

// value makes sure that there is a value: an optional one must be known to be
// there.
func (c *checker) value(t *Tree, x ast.Expr) *Tree {
	if t == nil || !isOptional(t.Type) {
		return t
	}
	if !c.known.has(key(t)) {
		text := c.spell(x, t)
		if text == "it" {
			return c.fail(rule.ExprOptional, t.Offset, "give it a name with let, then write has(name) ? … : …", "this may be absent")
		}
		return c.fail(rule.ExprOptional, t.Offset, fmt.Sprintf("write has(%s) && … or has(%[1]s) ? … : …", text), "%s may be absent here", text)
	}
	return &Tree{Op: Convert, Type: t.Type.Elem, Args: []*Tree{t}, Offset: t.Offset}
}

// operand checks an expression that must give a value.
func (c *checker) operand(x ast.Expr, want *model.Type) *Tree {
	return c.value(c.expr(x, want.Value()), x)
}

// spell is a short expression as it was written.
func (c *checker) spell(x ast.Expr, t *Tree) string {
	start, end := c.src.start(x), 0
	i, _ := slices.BinarySearchFunc(c.src.tokens, t.Offset, func(t token, at int) int { return t.start - at })
	if i < len(c.src.tokens) {
		end = c.src.tokens[i].end
	}
	if (t.Op == Select || t.Op == Name) && start < end {
		return c.src.text[start:end]
	}
	return "it"
}

// has checks has(x.f): is an optional value there?
func (c *checker) has(x ast.Expr, args []ast.Expr) *Tree {
	if len(args) != 1 {
		return c.fail(rule.ExprType, c.src.mark(x), "write has(state.note)", "has takes one thing that is optional")
	}
	t := c.expr(args[0], nil)
	if t == nil {
		return nil
	}
	switch what := c.spell(args[0], t); {
	case isOptional(t.Type):
	case t.Type.Kind == model.List || t.Type.Kind == model.Map:
		return c.fail(rule.ExprType, t.Offset, fmt.Sprintf("write size(%s) > 0", what), "%s is %s: it is always there, if only empty", what, a(t.Type))
	case t.Op == Index && t.Args[0].Type.Kind == model.Map:
		return c.fail(rule.ExprType, t.Offset, "write 'key' in map", "has asks for optional values, not for keys of a map")
	default:
		return c.fail(rule.ExprType, t.Offset, "", "%s is not optional: it is always there", what)
	}
	out := c.node(x, Has, boolType, t)
	if t.Op == Select {
		out.Field, out.Args = t.Field, t.Args
	}
	return out
}
