package python

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// conditions translates conditions over the rows of a view to Python that makes a
// clause of module where. Package check has found them to be such that SQL can do.
type conditions struct {
	*builder
	of   string // the variable whose fields are columns
	vars map[string]string
}

func (b *builder) condition(x *model.Expr, of string, vars map[string]string) string {
	return conditions{b, of, vars}.clause(b.model.Trees[x])
}

func (c conditions) clause(t *expr.Tree) string {
	switch {
	case !c.readsColumn(t):
		return "where.holds(" + c.expr("views", t, c.vars) + ")"
	case t.Op == expr.Binary && joined[t.Ident] != "":
		var parts []string
		for _, side := range sides(t, t.Ident) {
			parts = append(parts, c.clause(side))
		}
		return "where." + joined[t.Ident] + "(" + strings.Join(parts, ", ") + ")"
	case t.Op == expr.Binary && t.Ident == "in":
		return "where.is_in(" + c.operand(t.Args[0]) + ", " + c.expr("views", t.Args[1], c.vars) + ")"
	case t.Op == expr.Binary && comparisons[t.Ident] != "":
		return "where." + comparisons[t.Ident] + "(" + c.operand(t.Args[0]) + ", " + c.operand(t.Args[1]) + ")"
	case t.Op == expr.Unary && t.Ident == "!":
		return "where.no(" + c.clause(t.Args[0]) + ")"
	case t.Op == expr.Has && c.isColumn(t):
		return "where.not_null(" + column(t) + ")"
	case t.Op == expr.Call && textual[t.Func.Name] != "":
		return "where." + textual[t.Func.Name] + "(" + c.operand(t.Args[0]) + ", " + c.operand(t.Args[1]) + ")"
	}
	return "where.is_true(" + c.operand(t) + ")"
}

var (
	joined      = map[string]string{"&&": "all_of", "||": "any_of"}
	comparisons = map[string]string{"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
	textual     = map[string]string{"contains": "contains", "startsWith": "starts_with", "endsWith": "ends_with"}
)

// sides are what an operator connects, however often it stands there.
func sides(t *expr.Tree, operator string) []*expr.Tree {
	if t.Op != expr.Binary || t.Ident != operator {
		return []*expr.Tree{t}
	}
	return append(sides(t.Args[0], operator), sides(t.Args[1], operator)...)
}

func (c conditions) operand(t *expr.Tree) string {
	stored := t // the database compares an int with a decimal, and an optional column, as they are
	for stored.Op == expr.Convert {
		stored = stored.Args[0]
	}
	if c.isColumn(stored) {
		return column(stored)
	}
	return c.expr("views", t, c.vars)
}

// readsColumn reports whether an expression reads a column; without any it is
// computed before the database is asked.
func (c conditions) readsColumn(t *expr.Tree) bool {
	return c.isColumn(t) || slices.ContainsFunc(slices.Concat(t.Keys, t.Args), c.readsColumn)
}

func (c conditions) isColumn(t *expr.Tree) bool { return t.Reads(c.of) || t.ReadsStamp(c.of) }

func column(t *expr.Tree) string {
	name := naming.ColumnOf(t.Field)
	if t.Args[0].Op != expr.Name { // else it is not of the row itself, but of its meta
		name = naming.StampColumn(t.Field.Name)
	}
	return "where.Col(" + quote.JSON(name) + ")"
}
