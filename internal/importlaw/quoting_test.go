package importlaw_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/esgen/esgen/internal/importlaw"
)

// TestTextsStayTexts forbids the ways by which a text of the model could become
// part of what is generated past package quote: a conversion to a string, and
// printing. What may be converted is compared with something, or handed to
// package quote's own type again.
func TestTextsStayTexts(t *testing.T) {
	t.Parallel()
	found, err := packages.Load(&packages.Config{Dir: root, Mode: packages.LoadSyntax},
		importlaw.Module+"/internal/plan/...", importlaw.Module+"/internal/apidoc", importlaw.Module+"/internal/sample", importlaw.Module+"/internal/pact")
	if err != nil {
		t.Fatal(err)
	}
	texts := 0
	for _, p := range found {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors[0])
		}
		isText := func(x ast.Expr) bool { return isQuoteText(p.TypesInfo.TypeOf(x)) }
		for _, f := range p.Syntax {
			ast.PreorderStack(f, nil, func(n ast.Node, around []ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				for i, x := range call.Args {
					if !isText(x) {
						continue
					}
					texts++
					switch to := p.TypesInfo.TypeOf(call.Fun).(type) {
					case *types.Signature:
						if param := parameter(to, i); param != nil && types.IsInterface(param) && to.TypeParams() == nil {
							t.Errorf("%s: a text is printed past package quote", p.Fset.Position(n.Pos()))
						}
					default:
						if p.TypesInfo.Types[call.Fun].IsType() && !isQuoteText(to) && !compared(around, isText) {
							t.Errorf("%s: a text becomes a %s past package quote", p.Fset.Position(n.Pos()), to)
						}
					}
				}
				return true
			})
		}
	}
	if texts < 20 {
		t.Errorf("only %d texts are handed to something: the test sees none", texts)
	}
}

func isQuoteText(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Text" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == importlaw.Module+"/internal/quote"
}

// parameter is the type of a call's argument.
func parameter(s *types.Signature, i int) types.Type {
	params := s.Params()
	switch last := params.Len() - 1; {
	case s.Variadic() && i >= last:
		if slice, ok := params.At(last).Type().(*types.Slice); ok {
			return slice.Elem()
		}
	case i <= last:
		return params.At(i).Type()
	}
	return nil
}

// compared reports whether what is around a conversion looks at it only, or
// makes a text of it again.
func compared(around []ast.Node, isText func(ast.Expr) bool) bool {
	for i := len(around) - 1; i >= 0; i-- {
		switch n := around[i].(type) {
		case *ast.BinaryExpr:
			return n.Op == token.EQL || n.Op == token.NEQ
		case *ast.CallExpr:
			if isText(n) {
				return true
			}
		case ast.Stmt:
			return false
		}
	}
	return false
}
