// Package expr gives the model's expressions their meaning. An expression is
// CEL: it is parsed and checked against the types of the model, then kept as a
// typed Tree. A Tree is translated to Go (for generated services), to SQL (the
// subset a query's where can do), and evaluated (for simulation); the table of
// functions has a column for each.
package expr

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Var is a name in scope.
type Var struct {
	Name string // as written; any script
	// Type of the variable. Things with fields (state, input, event, row, meta,
	// actor, reply) are of a value object's type; see Object.
	Type *model.Type
	Pos  source.Pos // where the model gives the name; nowhere: the language does
}

// Object is the type of a variable with fields that no type of the model
// names: the state of an aggregate, the input of a command, a row.
func Object(name string, fields ...*model.Field) *model.Type {
	return &model.Type{Kind: model.Named, Def: &model.TypeDef{Node: model.Node{Name: name}, Fields: fields}}
}

// Scope is where an expression stands: what it can name, and what it must give.
type Scope struct {
	Place   string         // for messages: "require EmptyOrder of PlaceOrder"
	Context *model.Context // whose types and enums can be named; nil: shared ones only
	Vars    []Var
	// Unavailable names that are not in scope here, with the reason, e.g.
	// "now": "apply sees no clock; use meta.time".
	Unavailable map[string]string
	// Want is the type the expression must have; nil: any. An expression of the
	// value type fits an optional one, an int fits a decimal; where Want is an
	// enum its values may be written bare.
	Want *model.Type
	// Given are conditions known to hold where the expression stands: of an
	// emit, its if. What they show to be there may be read without a guard.
	Given []*Tree
	// Fresh places compute their value once and keep it, or are known by something
	// that new ids derive from: uuid() may be asked.
	Fresh bool
}

// Env checks expressions of one system. It is safe for concurrent use.
type Env struct {
	sys *model.System
	env cache
}

// NewEnv prepares the types of a system.
func NewEnv(sys *model.System) *Env { return newEnv(sys) }

// Check parses and types an expression. What is wrong with it is reported at
// its exact place, and the result is nil.
func (e *Env) Check(x *model.Expr, s *Scope, diags *diag.List) *Tree { return e.check(x, s, diags) }

// Op tells the kinds of Tree apart.
type Op uint8

// The kinds of Tree.
const (
	Const   Op = iota + 1 // Value
	Name                  // Ident: a variable of the scope, or the variable of a macro
	Enum                  // EnumValue of Type.Def
	Select                // Args[0].Field
	Has                   // has(Args[0].Field), the Field is optional; without a Field, has(Args[0])
	Index                 // Args[0][Args[1]]: of a list, or of a map
	Call                  // Func(Args...)
	Unary                 // Ident is "!" or "-"
	Binary                // Ident is the operator: + - * / % == != < <= > >= in && ||
	Cond                  // Args[0] ? Args[1] : Args[2]
	Macro                 // Ident is all exists map filter find count sort: Args[0] is the list, Args[1] the body over Var
	ListOf                // [Args...]
	MapOf                 // {Keys: Args}
	New                   // Type{Fields: Args}, a value object
	Convert               // Args[0] as Type: int to decimal, value to optional, optional known to be there to its value, scalar to constrained scalar (checked) and back
)

// Tree is a checked expression: every node has its type and its place.
type Tree struct {
	Op     Op
	Type   *model.Type
	Ident  string           // variable, operator or macro
	Func   *Function        // of Call
	Field  *model.Field     // of Select and Has
	Fields []*model.Field   // of New, beside Args
	Keys   []*Tree          // of MapOf, beside Args
	Enum   *model.EnumValue // of Enum
	Var    string           // of Macro
	Value  any              // of Const: string (of a string or an id), bool, int64, Decimal, Date, Time, Duration
	Args   []*Tree
	Offset int   // byte offset in the expression's text, for faults at run time
	Uses   []Use // of a whole expression: the names in it and what they mean, in the order of the text

	binding string // of a Name that is a macro's variable: which macro's
	check   *Tree  // of Convert to a constrained scalar: its condition over value
}

// GoNames spells the model's names in Go; package plan knows how.
type GoNames interface {
	Field(f *model.Field) string                           // "CustomerID"
	EnumValue(t *model.TypeDef, v *model.EnumValue) string // "types.OrderStatusPlaced"
	Type(t *model.Type) string                             // "values.Decimal", "*string", "[]types.OrderItem"
	Var(name string) string                                // "d.Input" for "input", "d.total()" for a let
	Values(name string) string                             // "values.Sum": a name of the package of the language's values
}

// Go is a translated expression.
type Go struct {
	Text    string   // one Go expression
	Imports []string // standard library packages it needs: "strings"
}

// ToGo translates a checked expression to Go a person would write.
func ToGo(t *Tree, n GoNames) Go { return toGo(t, n) }

// ToGoReturn translates a checked expression to the statements that return it:
// conditions become if statements.
func ToGoReturn(t *Tree, n GoNames) []string { return toGoReturn(t, n) }

// Eval computes a checked expression. Values are string (also of ids and, by
// name, of enums), bool, int64, decimal.Decimal, Date, time.Time,
// Span, []any, map[string]any (maps, and objects by field name), and
// nil for what is absent. Where an expression may make new ids, vars holds under
// NewID the func() string that does. A fault — overflow, division by zero, an element that
// is not there — is a *Fault.
func Eval(t *Tree, vars map[string]any) (any, error) { return eval(t, vars) }

// SQLNames spells columns and parameters.
type SQLNames interface {
	Column(t *Tree) (name string, ok bool) // for Select on row or state; ok false: not a column
}

// SQL is a condition with numbered parameters $1, $2, …; Args are the values
// to compute (in Go) and bind. An optional Arg that is absent is bound as NULL.
// An Arg that is a list stands behind IN, for as many parameters as it has
// elements.
type SQL struct {
	Text string
	Args []*Tree
}

// ToSQL translates a condition; what SQL cannot do is reported as the offending
// part of the tree and the reason.
func ToSQL(t *Tree, n SQLNames) (sql SQL, offending *Tree, reason string) { return toSQL(t, n) }

// NewID is the variable that makes new ids for uuid(); no name of a model.
const NewID = "uuid()"

// MakesID reports whether an expression is another value each time: it asks uuid().
func MakesID(t *Tree) bool {
	found := false
	Walk(t, func(t *Tree) { found = found || t.Op == Call && t.Func == newID })
	return found
}
