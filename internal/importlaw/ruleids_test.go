package importlaw_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/esgen/esgen/internal/importlaw"
)

// rulePackage names the rules.
const rulePackage = importlaw.Module + "/internal/rule"

// TestRulesAreNamedByConstants makes sure that a rule is nowhere a word in
// quotes, which the compiler would take for an id whatever it says, and that
// each is spoken of somewhere.
func TestRulesAreNamedByConstants(t *testing.T) {
	t.Parallel()
	found, err := packages.Load(&packages.Config{Dir: root, Mode: packages.LoadSyntax}, "./internal/...", "./model", "./docs/rules")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	var ids []string
	for _, p := range found {
		if len(p.Errors) > 0 {
			t.Fatal(p.Errors[0])
		}
		if p.PkgPath == rulePackage {
			for _, name := range p.Types.Scope().Names() {
				if c, ok := p.Types.Scope().Lookup(name).(*types.Const); ok && isRule(c.Type()) {
					ids = append(ids, name)
				}
			}
			continue
		}
		for _, f := range p.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
					return false // that is how one is named
				}
				if lit, ok := n.(*ast.BasicLit); ok && isRule(p.TypesInfo.TypeOf(lit)) && lit.Value != `""` {
					t.Errorf("%s: write the constant of internal/rule for %s", p.Fset.Position(lit.Pos()), lit.Value)
				}
				return true
			})
		}
		for _, o := range p.TypesInfo.Uses {
			if o.Pkg() != nil && o.Pkg().Path() == rulePackage {
				said[o.Name()] = true
			}
		}
	}
	if len(ids) == 0 {
		t.Fatal("there are no rules")
	}
	for _, id := range ids {
		if !said[id] {
			t.Errorf("nothing is reported under rule.%s", id)
		}
	}
}

func isRule(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "ID" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == rulePackage
}
