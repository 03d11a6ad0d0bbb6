package importlaw_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/esgen/esgen/internal/importlaw"
)

// judged are the packages that decide what is generated, told and played.
var judged = []string{
	"internal/check", "internal/contract", "internal/apidoc", "internal/pact", "internal/sample", "internal/sim", "internal/stories",
	"internal/plan/...", "internal/render",
}

// TestTreesAreAsked forbids decisions by text: no string function, no regular
// expression and no comparison looks into an expression as the model wrote it,
// or into Go that was printed. Whether an expression uses a name is asked of its
// tree (expr.Walk, expr.Uses): a string, a map key or a field can be called
// like anything.
func TestTreesAreAsked(t *testing.T) {
	t.Parallel()
	var patterns []string
	for _, p := range judged {
		patterns = append(patterns, importlaw.Module+"/"+p)
	}
	found, err := packages.Load(&packages.Config{Dir: root, Mode: packages.LoadSyntax}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < len(judged) {
		t.Fatalf("only %d packages were found", len(found))
	}
	w := &texts{holds: map[types.Object]bool{}}
	for more := true; more; {
		n := len(w.holds)
		for _, p := range found {
			if len(p.Errors) > 0 {
				t.Fatal(p.Errors[0])
			}
			w.info = p.TypesInfo
			for _, f := range p.Syntax {
				w.flow(f)
			}
		}
		more = len(w.holds) > n
	}
	if len(w.holds) < 20 {
		t.Errorf("only %d variables, fields and functions hold a text: the test follows none", len(w.holds))
	}
	for _, p := range found {
		w.info = p.TypesInfo
		for _, f := range p.Syntax {
			for _, n := range w.searches(f) {
				t.Errorf("%s: a decision by text; ask the expression's tree", p.Fset.Position(n.Pos()))
			}
		}
	}
}

// texts knows which variables, fields and functions hold, or give, the text of
// an expression. It follows them through whole packages and minds no order: once
// a variable may hold one, it holds one.
type texts struct {
	info  *types.Info
	holds map[types.Object]bool
}

// sources are where texts come from: the fields and functions of expressions.
var sources = map[string][]string{
	importlaw.Module + "/model":         {"Expr.Text"},
	importlaw.Module + "/internal/expr": {"Go.Text", "ToGo", "ToGoReturn"},
}

func (w *texts) flow(f *ast.File) {
	ast.PreorderStack(f, nil, func(n ast.Node, around []ast.Node) bool {
		w.pass(n, around)
		return true
	})
}

// pass passes texts on from what gives them to what holds them then.
func (w *texts) pass(n ast.Node, around []ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if from := n.Rhs[min(i, len(n.Rhs)-1)]; w.text(from) {
				w.hold(to)
			}
		}
	case *ast.ValueSpec:
		for i, x := range n.Values {
			if w.text(x) {
				w.hold(n.Names[i])
			}
		}
	case *ast.RangeStmt:
		if n.Value != nil && w.text(n.X) {
			w.hold(n.Value)
		}
	case *ast.KeyValueExpr:
		if w.text(n.Value) {
			w.hold(n.Key)
		}
	case *ast.ReturnStmt:
		if f := function(around); f != nil && slices.ContainsFunc(n.Results, w.text) {
			w.holds[w.info.Defs[f.Name]] = true
		}
	case *ast.CallExpr:
		if f, ok := w.callee(n).(*types.Func); ok {
			params := f.Signature().Params()
			for i, x := range n.Args {
				if i < params.Len() && w.text(x) {
					w.holds[params.At(i)] = true
				}
			}
		}
	}
}

// function is the function around a node; nil within one that has no name.
func function(around []ast.Node) *ast.FuncDecl {
	for _, n := range slices.Backward(around) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return n
		case *ast.FuncLit:
			return nil
		}
	}
	return nil
}

// hold notes that a variable or field holds a text.
func (w *texts) hold(x ast.Expr) {
	switch x := x.(type) {
	case *ast.Ident:
		if o := w.info.ObjectOf(x); o != nil && isText(o.Type()) {
			w.holds[o] = true
		}
	case *ast.SelectorExpr:
		w.hold(x.Sel)
	case *ast.IndexExpr:
		w.hold(x.X)
	}
}

// isText reports whether a type is a string, or a list of them.
func isText(t types.Type) bool {
	if s, ok := t.Underlying().(*types.Slice); ok {
		t = s.Elem()
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// text reports whether a value is, or is made of, the text of an expression.
func (w *texts) text(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return w.held(w.info.ObjectOf(x))
	case *ast.SelectorExpr:
		return w.held(w.info.ObjectOf(x.Sel))
	case *ast.ParenExpr:
		return w.text(x.X)
	case *ast.IndexExpr:
		return w.text(x.X)
	case *ast.SliceExpr:
		return w.text(x.X)
	case *ast.BinaryExpr:
		return x.Op == token.ADD && (w.text(x.X) || w.text(x.Y))
	case *ast.CompositeLit:
		return isText(w.info.TypeOf(x)) && slices.ContainsFunc(x.Elts, w.text)
	case *ast.CallExpr:
		return w.given(x)
	}
	return false
}

// given reports whether what a call gives is a text: of one of ours that gives
// texts, or of one that makes a string of strings.
func (w *texts) given(x *ast.CallExpr) bool {
	f := w.callee(x)
	if f == nil {
		return false
	}
	if b, ok := f.(*types.Builtin); ok {
		return b.Name() == "append" && slices.ContainsFunc(x.Args, w.text)
	}
	if f.Pkg() == nil || f.Pkg().Path() != "strings" && f.Pkg().Path() != "fmt" {
		return w.held(f)
	}
	return isText(w.info.TypeOf(x)) && slices.ContainsFunc(x.Args, w.text)
}

func (w *texts) callee(x *ast.CallExpr) types.Object {
	switch f := x.Fun.(type) {
	case *ast.Ident:
		return w.info.ObjectOf(f)
	case *ast.SelectorExpr:
		return w.info.ObjectOf(f.Sel)
	}
	return nil
}

func (w *texts) held(o types.Object) bool {
	if o == nil || o.Pkg() == nil {
		return false
	}
	return w.holds[o] || slices.ContainsFunc(sources[o.Pkg().Path()], func(name string) bool {
		_, field, isField := strings.Cut(name, ".")
		if !isField {
			return o.Name() == name && o.Parent() == o.Pkg().Scope()
		}
		return o.Name() == field && isFieldOf(o, name)
	})
}

// isFieldOf reports whether a field is the one of a type: "Expr.Text".
func isFieldOf(o types.Object, name string) bool {
	of, field, _ := strings.Cut(name, ".")
	t, ok := o.Pkg().Scope().Lookup(of).Type().Underlying().(*types.Struct)
	if !ok {
		return false
	}
	return slices.ContainsFunc(slices.Collect(t.Fields()), func(f *types.Var) bool { return f == o && f.Name() == field })
}

// searches are the places that look into a text.
func (w *texts) searches(f *ast.File) []ast.Node {
	var found []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if o := w.callee(n); o != nil && o.Pkg() != nil && looks(o) && slices.ContainsFunc(n.Args, w.text) {
				found = append(found, n)
			}
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				if w.text(n.X) && !w.empty(n.Y) || w.text(n.Y) && !w.empty(n.X) {
					found = append(found, n)
				}
			}
		}
		return true
	})
	return found
}

// looks reports whether a function looks for something in a string, instead of
// making another of it.
func looks(o types.Object) bool {
	switch o.Pkg().Path() {
	case "regexp":
		return true
	case "strings":
		return !slices.Contains([]string{"Join", "Repeat", "TrimSpace", "Fields", "ToUpper", "ToLower", "WriteString"}, o.Name())
	}
	return false
}

// empty reports whether an expression is "": whether there is a text at all may
// be asked.
func (w *texts) empty(x ast.Expr) bool {
	v := w.info.Types[x].Value
	return v != nil && v.ExactString() == `""`
}
