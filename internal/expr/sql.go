package expr

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/model"
)

// sqlWriter writes one condition in the SQL that PostgreSQL and SQLite both
// understand alike. What reads no column is computed in Go and bound.
type sqlWriter struct {
	SQLNames
	args   []*Tree
	known  facts // what is there whenever the rest of the condition matters
	bad    *Tree
	reason string
}

func toSQL(t *Tree, n SQLNames) (SQL, *Tree, string) {
	w := &sqlWriter{SQLNames: n}
	text := w.cond(t)
	if w.bad != nil {
		return SQL{}, w.bad, w.reason
	}
	return SQL{text, w.args}, nil, ""
}

// refuse notes the first part SQL cannot do.
func (w *sqlWriter) refuse(t *Tree, format string, args ...any) string {
	if w.bad == nil {
		w.bad, w.reason = t, fmt.Sprintf(format, args...)
	}
	return ""
}

// cond writes a condition.
func (w *sqlWriter) cond(t *Tree) string {
	if !w.readsRow(t) {
		return w.param(t)
	}
	switch t.Op {
	case Select, Name:
		return w.operand(t)
	case Has:
		return w.column(presence(t)) + " IS NOT NULL"
	case Unary:
		if t.Args[0].Op == Has {
			return w.column(presence(t.Args[0])) + " IS NULL"
		}
		return "NOT (" + w.cond(t.Args[0]) + ")"
	case Binary:
		return w.binary(t)
	case Convert:
		return w.operand(t)
	case Call:
		return w.call(t)
	case Cond:
		return w.refuse(t, "it has no ? :; write (a && b) || (!a && c)")
	}
	return w.refuse(t, "it compares fields, it does not look into lists or compute")
}

// sqlSigns are the comparisons in SQL.
var sqlSigns = map[string]string{"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

func (w *sqlWriter) binary(t *Tree) string {
	l, r := t.Args[0], t.Args[1]
	switch t.Ident {
	case "&&":
		return w.both(t, " AND ", true)
	case "||":
		return "(" + w.both(t, " OR ", false) + ")"
	case "in":
		return w.in(l, r)
	}
	sign, ok := sqlSigns[t.Ident]
	if !ok {
		return w.refuse(t, "databases do not compute alike; compare the field itself")
	}
	if is(l.Type, model.String) && sign != "=" && sign != "<>" {
		return w.refuse(t, "databases do not order texts alike")
	}
	return w.operand(l) + " " + sign + " " + w.operand(r)
}

// both writes two conditions; the second matters only where the first leaves
// it open.
func (w *sqlWriter) both(t *Tree, sign string, outcome bool) string {
	l := w.cond(t.Args[0])
	n := len(w.known)
	w.known.learn(t.Args[0], outcome)
	r := w.cond(t.Args[1])
	w.known = w.known[:n]
	return l + sign + r
}

func (w *sqlWriter) in(l, r *Tree) string {
	if w.readsRow(r) && r.Op != ListOf {
		return w.refuse(r, "it does not look into lists")
	}
	text := w.operand(l) + " IN "
	if r.Op != ListOf {
		return text + w.param(r)
	}
	if len(r.Args) == 0 {
		return "1 = 0"
	}
	text += "("
	for i, x := range r.Args {
		if i > 0 {
			text += ", "
		}
		text += w.operand(x)
	}
	return text + ")"
}

// call writes the text functions. LIKE will not do: SQLite's takes a for A.
func (w *sqlWriter) call(t *Tree) string {
	if len(t.Args) == 2 && is(t.Args[0].Type, model.String) {
		switch t.Func.Name {
		case "startsWith":
			x, part := w.operand(t.Args[0]), w.operand(t.Args[1])
			return fmt.Sprintf("substr(%s, 1, length(%s)) = %[2]s", x, part)
		case "endsWith":
			x, part := w.operand(t.Args[0]), w.operand(t.Args[1])
			return fmt.Sprintf("substr(%s, length(%[1]s) - length(%s) + 1) = %[2]s", x, part)
		case "contains":
			x, part := w.operand(t.Args[0]), w.operand(t.Args[1])
			return fmt.Sprintf("(%s = '' OR replace(%s, %[1]s, '') <> %[2]s)", part, x)
		}
	}
	return w.refuse(t, "databases do not agree on %s", t.Func.Name)
}

// operand writes a column, or binds what reads none.
func (w *sqlWriter) operand(t *Tree) string {
	if !w.readsRow(t) {
		return w.param(t)
	}
	if t.Op == Convert && (isOptional(t.Args[0].Type) || isConstrained(t.Args[0].Type) || isConstrained(t.Type)) {
		return w.operand(t.Args[0])
	}
	if t.Op == Convert {
		return w.refuse(t, "%s", "an int field and a decimal are not compared alike")
	}
	return w.column(t)
}

func (w *sqlWriter) column(t *Tree) string {
	for t.Op == Convert && isOptional(t.Args[0].Type) {
		t = t.Args[0]
	}
	name, ok := w.Column(t)
	switch {
	case ok:
		return name
	case t.Op == Select && t.Args[0].Op == Name:
		return w.refuse(t, "%s is %s, which it cannot compare", t.Field.Name, a(t.Type.Value()))
	case t.Op == Select:
		return w.refuse(t, "%s is inside another field", t.Field.Name)
	}
	return w.refuse(t, "databases do not compute alike; compare the field itself")
}

// param binds a value that is computed before the database is asked. An
// optional one that a guard shows to be there is bound as it is: where it is
// absent, the guard decides.
func (w *sqlWriter) param(t *Tree) string {
	if t.Op == Convert && isOptional(t.Args[0].Type) {
		t = t.Args[0]
	}
	if bad := hazard(t, nil); bad != nil && len(w.known) > 0 {
		return w.refuse(bad, "what a guard protects can only be compared as it is")
	}
	w.args = append(w.args, t)
	return fmt.Sprintf("$%d", len(w.args))
}

// hazard finds the read of an optional value that the expression itself does
// not guard.
func hazard(t *Tree, known facts) *Tree {
	if t.Op == Convert && isOptional(t.Args[0].Type) && !known.has(key(t.Args[0])) {
		return t
	}
	for i, x := range t.Args {
		inner := slices.Clone(known)
		switch {
		case t.Op == Binary && i == 1 && (t.Ident == "&&" || t.Ident == "||"):
			inner.learn(t.Args[0], t.Ident == "&&")
		case t.Op == Cond && i > 0:
			inner.learn(t.Args[0], i == 1)
		case t.Op == Macro && i == 1 && t.Args[0].Op == Macro && t.Args[0].Ident == "filter":
			inner.learn(t.Args[0].Args[1], true)
		}
		if bad := hazard(x, inner); bad != nil {
			return bad
		}
	}
	return nil
}

// readsRow reports whether an expression reads what has columns.
func (w *sqlWriter) readsRow(t *Tree) bool {
	if t.Op == Name && t.binding == "" && t.Type.IsObject() {
		return slices.ContainsFunc(t.Type.Def.Fields, func(f *model.Field) bool {
			if f.Type == nil {
				return false
			}
			_, ok := w.Column(&Tree{Op: Select, Type: f.Type, Field: f, Args: []*Tree{t}})
			return ok
		})
	}
	return slices.ContainsFunc(slices.Concat(t.Keys, t.Args), w.readsRow)
}
