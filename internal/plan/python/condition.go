package python

import (
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/plan/services"
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
	case !t.ReadsColumn(c.of):
		return "where.holds(" + c.expr("views", t, c.vars) + ")"
	case t.Op == expr.Binary && joined[t.Ident] != "":
		var parts []string
		for _, side := range t.Sides(t.Ident) {
			parts = append(parts, c.clause(side))
		}
		return "where." + joined[t.Ident] + "(" + strings.Join(parts, ", ") + ")"
	case t.Op == expr.Binary && t.Ident == "in":
		return "where.is_in(" + c.operand(t.Args[0]) + ", " + c.expr("views", t.Args[1], c.vars) + ")"
	case t.Op == expr.Binary && comparisons[t.Ident] != "":
		return "where." + comparisons[t.Ident] + "(" + c.operand(t.Args[0]) + ", " + c.operand(t.Args[1]) + ")"
	case t.Op == expr.Unary && t.Ident == "!":
		return "where.no(" + c.clause(t.Args[0]) + ")"
	case t.Op == expr.Has && t.IsColumn(c.of):
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

func (c conditions) operand(t *expr.Tree) string {
	if stored := t.Stored(); stored.IsColumn(c.of) {
		return column(stored)
	}
	return c.expr("views", t, c.vars)
}

func column(t *expr.Tree) string { return "where.Col(" + quote.JSON(services.ColumnRead(t)) + ")" }
