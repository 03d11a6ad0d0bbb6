package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// contains reports whether one tree is part of another.
func contains(t, part *expr.Tree) bool {
	found := false
	expr.Walk(t, func(x *expr.Tree) { found = found || x == part })
	return found
}

// columns are the fields of a variable that are columns of a table.
type columns string

// Column implements expr.SQLNames.
func (v columns) Column(t *expr.Tree) (string, bool) {
	if t.ReadsStamp(string(v)) {
		return "meta." + t.Field.Name, true
	}
	if !t.Reads(string(v)) || t.Field.Type == nil || !isScalar(t.Field.Type.Value()) {
		return "", false
	}
	return t.Field.Name, true
}

// sqlable checks that a condition on a variable is one the database can
// evaluate.
func (c *checker) sqlable(x *model.Expr, t *expr.Tree, variable string) {
	if t == nil {
		return
	}
	if _, bad, reason := expr.ToSQL(t, columns(variable)); bad != nil {
		c.say(rule.NotSQL, x.Node.PosAt(bad.Offset), "a database cannot decide this: %s", reason).
			With(diag.Fix("compare single fields of %s, joined by && and ||", variable))
	}
}

// sortable checks fields to sort by.
func (c *checker) sortable(keys []model.SortKey) {
	for i := range keys {
		c.scalars([]*model.FieldRef{&keys[i].FieldRef}, "a field to sort by")
	}
}
