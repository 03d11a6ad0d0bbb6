package expr

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"

	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// macroDocs describe the functions that give a name to each element.
var macroDocs = []*Function{
	{Name: "has", Usage: "has(state.note)", Doc: "whether an optional value is there"},
	{Name: "exists", Usage: "list.exists(x, condition)", Doc: "whether the condition holds for some element"},
	{Name: "all", Usage: "list.all(x, condition)", Doc: "whether the condition holds for all elements; of none it does"},
	{Name: "map", Usage: "list.map(x, value)", Doc: "the list of a value for each element; list.map(x, condition, value) takes only some"},
	{Name: "filter", Usage: "list.filter(x, condition)", Doc: "the elements for which the condition holds"},
	{Name: "find", Usage: "list.find(x, condition)", Doc: "the first element for which the condition holds; optional, so guard it with has"},
	{Name: "count", Usage: "list.count(x, condition)", Doc: "for how many elements the condition holds"},
	{Name: "sort", Usage: "list.sort(x, key)", Doc: "the elements by a key, from small to large; equal ones keep their order"},
}

// isMacro reports whether a function gives a name to each element.
func isMacro(name string) bool {
	return name != "has" && slices.ContainsFunc(macroDocs, func(m *Function) bool { return m.Name == name })
}

// macro checks list.exists(x, …) and its like; ok is false when the call is
// none.
func (c *checker) macro(x ast.Expr, name string, args []ast.Expr, want *model.Type) (t *Tree, ok bool) {
	var row *Function
	for _, m := range macroDocs {
		if m.Name == name && name != "has" {
			row = m
		}
	}
	if row == nil || name == "sort" && len(args) == 1 {
		return nil, false
	}
	if name == "map" && len(args) == 4 { // map(x, condition, value)
		args = args[:4]
	} else if len(args) != 3 {
		fix := "write " + row.Usage
		if name == "count" && len(args) == 1 {
			fix += " or size(list)"
		}
		return c.fail(rule.ExprType, c.src.mark(x), fix, "%s needs a name for each element, and an expression", name), true
	}
	if args[1].Kind() != ast.IdentKind {
		return c.fail(rule.ExprType, c.src.start(args[1]), "write "+row.Usage, "%s needs a name for each element first", name), true
	}
	list := c.elements(x, name, args[0], want)
	if list == nil {
		return nil, true
	}
	c.count++
	variable := local{name: c.src.name(args[1].AsIdent()), typ: list.Type.Elem}
	variable.key = fmt.Sprintf("%s#%d", variable.name, c.count)
	c.locals = append(c.locals, variable)
	c.use(c.src.mark(args[1]), variable.name, Variable{Name: variable.name, Macro: variable.key})
	defer func() { c.locals = c.locals[:len(c.locals)-1] }()

	if len(args) == 4 {
		cond := c.as(args[2], boolType, "the condition of "+name)
		if cond == nil {
			return nil, true
		}
		list = c.overEach(x, "filter", variable, listOf(list.Type.Elem), list, cond)
		var out *Tree
		c.assuming(cond, true, func() { out = c.body(x, name, variable, list, args[3], want) })
		return out, true
	}
	return c.body(x, name, variable, list, args[2], want), true
}

// elements checks what a macro runs over: a list, or the keys of a map.
func (c *checker) elements(x ast.Expr, name string, arg ast.Expr, want *model.Type) *Tree {
	if name != "filter" && name != "sort" {
		want = nil
	}
	list := c.operand(arg, want)
	switch {
	case list == nil:
		return nil
	case list.Type.Kind == model.List:
		return list
	case list.Type.Kind == model.Map:
		return &Tree{Op: Call, Func: keys, Type: listOf(stringType), Args: []*Tree{list}, Offset: list.Offset}
	}
	return c.fail(rule.ExprType, c.src.mark(x), "", "%s needs a list, but this is %s", name, a(list.Type))
}

// body checks the expression a macro computes for each element.
func (c *checker) body(x ast.Expr, name string, v local, list *Tree, arg ast.Expr, want *model.Type) *Tree {
	elem := list.Type.Elem
	switch name {
	case "map":
		body := c.operand(arg, hint(want, model.List))
		if body == nil {
			return nil
		}
		if w := hint(want, model.List); w != nil && fit(body, w) != nil {
			body = fit(body, w)
		}
		return c.overEach(x, name, v, listOf(body.Type), list, body)
	case "sort":
		body := c.operand(arg, nil)
		if body == nil {
			return nil
		}
		if body = base(body); !isOrdered(body.Type) {
			return c.fail(rule.ExprType, c.src.start(arg), "", "%s has no order to sort by", a(body.Type))
		}
		return c.overEach(x, name, v, list.Type, list, body)
	}
	body := c.as(arg, boolType, "the condition of "+name)
	if body == nil {
		return nil
	}
	result := map[string]*model.Type{"filter": listOf(elem), "find": optionalOf(elem), "count": intType}[name]
	if result == nil {
		result = boolType
	}
	return c.overEach(x, name, v, result, list, body)
}

// overEach makes the tree of a macro.
func (c *checker) overEach(x ast.Expr, name string, v local, t *model.Type, list, body *Tree) *Tree {
	out := c.node(x, Macro, t, list, body)
	out.Ident, out.Var = name, v.name
	return out
}
