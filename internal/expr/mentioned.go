package expr

import (
	"cel.dev/cel-go/common/ast"

	"github.com/esgen/esgen/model"
)

// Mentioned are the names in an expression as far as its syntax tells: what is
// known of it before anything is known of their types.
type Mentioned struct {
	Vars   map[string]bool // names that stand alone or before a dot: variables, enum values, types
	Fields map[string]bool // names of fields: behind a dot, and those that a new object is given
}

// Mentioned reads the names in an expression. There may be no expression; of one
// that cannot be read, which is reported when it is checked, there are none.
func (e *Env) Mentioned(x *model.Expr) Mentioned {
	m := mentioning{Mentioned: Mentioned{map[string]bool{}, map[string]bool{}}, locals: map[string]int{}}
	if x == nil {
		return m.Mentioned
	}
	src, bad := parse(e.env.parser, x.Text)
	if bad == nil {
		m.parsed = src
		m.visit(src.root)
	}
	return m.Mentioned
}

// mentioning is a Mentioned on its way.
type mentioning struct {
	Mentioned
	*parsed
	locals map[string]int // variables of the macros around, and how many are called so
}

func (m mentioning) visit(x ast.Expr) {
	switch x.Kind() {
	case ast.IdentKind:
		if name := m.name(x.AsIdent()); m.locals[name] == 0 {
			m.Vars[name] = true
		}
	case ast.SelectKind:
		m.Fields[m.name(x.AsSelect().FieldName())] = true
		m.visit(x.AsSelect().Operand())
	case ast.CallKind:
		m.call(x.AsCall())
	case ast.ListKind:
		m.all(x.AsList().Elements())
	case ast.MapKind:
		for _, entry := range x.AsMap().Entries() {
			m.visit(entry.AsMapEntry().Key())
			m.visit(entry.AsMapEntry().Value())
		}
	case ast.StructKind:
		for _, field := range x.AsStruct().Fields() {
			m.Fields[m.name(field.AsStructField().Name())] = true
			m.visit(field.AsStructField().Value())
		}
	}
}

func (m mentioning) all(list []ast.Expr) {
	for _, x := range list {
		m.visit(x)
	}
}

// call visits the arguments of a function. Those of a macro see its variable.
func (m mentioning) call(x ast.CallExpr) {
	args := x.Args()
	if x.IsMemberFunction() {
		m.visit(x.Target())
		if isMacro(x.FunctionName()) && len(args) > 1 && args[0].Kind() == ast.IdentKind {
			variable := m.name(args[0].AsIdent())
			m.locals[variable]++
			defer func() { m.locals[variable]-- }()
			args = args[1:]
		}
	}
	m.all(args)
}
