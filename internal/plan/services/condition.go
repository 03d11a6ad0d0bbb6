package services

import (
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// conditions translates conditions over the rows of a view, or the indexed
// state of instances, to Go that builds a where.Cond. Package check has found
// them to be such that SQL can do.
type conditions struct {
	gotypes
	of   string // the variable whose fields are columns
	vars map[string]string
}

func (g conditions) condition(t *expr.Tree) string {
	switch {
	case !t.ReadsColumn(g.of):
		return "where.Holds(" + g.expr(t, g.vars) + ")"
	case t.Op == expr.Binary && (t.Ident == "&&" || t.Ident == "||"):
		name := "where.And"
		if t.Ident == "||" {
			name = "where.Or"
		}
		var parts []string
		for _, side := range t.Sides(t.Ident) {
			parts = append(parts, g.condition(side))
		}
		return name + "(" + strings.Join(parts, ", ") + ")"
	case t.Op == expr.Binary && t.Ident == "in":
		return "where.In(" + g.operand(t.Args[0]) + ", " + g.expr(t.Args[1], g.vars) + ")"
	case t.Op == expr.Binary && comparisons[t.Ident] != "":
		return "where." + comparisons[t.Ident] + "(" + g.operand(t.Args[0]) + ", " + g.operand(t.Args[1]) + ")"
	case t.Op == expr.Unary && t.Ident == "!":
		return "where.Not(" + g.condition(t.Args[0]) + ")"
	case t.Op == expr.Has && t.IsColumn(g.of):
		return "where.NotNull(" + column(t) + ")"
	case t.Op == expr.Call && textual[t.Func.Name] != "":
		return "where." + textual[t.Func.Name] + "(" + g.operand(t.Args[0]) + ", " + g.operand(t.Args[1]) + ")"
	}
	return "where.IsTrue(" + g.operand(t) + ")"
}

var comparisons = map[string]string{"==": "Eq", "!=": "Ne", "<": "Lt", "<=": "Le", ">": "Gt", ">=": "Ge"}

var textual = map[string]string{"contains": "Contains", "startsWith": "StartsWith", "endsWith": "EndsWith"}

func (g conditions) operand(t *expr.Tree) string {
	if stored := t.Stored(); stored.IsColumn(g.of) {
		return column(stored)
	}
	if t.Op == expr.Convert && t.Args[0].Type != nil && t.Args[0].Type.Kind == model.Optional {
		t = t.Args[0] // bound as it is: SQL evaluates both sides of an "or", and takes an absent value for NULL
	}
	return g.expr(t, g.vars)
}

func column(t *expr.Tree) string { return "where.Col(" + quote.Go(ColumnRead(t)) + ")" }

// ColumnRead is the column that an expression is, as expr.Tree.IsColumn tells.
func ColumnRead(t *expr.Tree) string {
	if t.Args[0].Op != expr.Name { // not of the row itself, but of its meta
		return naming.StampColumn(t.Field.Name)
	}
	return naming.ColumnOf(t.Field)
}

// where is the Go code of a condition over what is called of; "where.Cond{}"
// without one.
func (b *builder) where(g gotypes, of string, x *model.Expr, vars map[string]string) string {
	if x == nil {
		return "where.Cond{}"
	}
	return conditions{g, of, vars}.condition(b.model.Trees[x])
}

// orders is the Go code of a sort order.
func orders(keys []model.SortKey) string {
	if len(keys) == 0 {
		return "nil"
	}
	parts := make([]string, len(keys))
	for i, k := range keys {
		name := "where.Asc"
		if k.Desc {
			name = "where.Desc"
		}
		parts[i] = name + "(" + quote.Go(naming.ColumnOf(k.Field)) + ")"
	}
	return "[]where.Order{" + strings.Join(parts, ", ") + "}"
}
