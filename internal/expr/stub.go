package expr

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

// Function is one function of the language.
type Function struct {
	Name string
}

type cache struct{}

func newEnv(sys *model.System) *Env { return &Env{sys: sys} }

func (e *Env) check(*model.Expr, *Scope, *diag.List) *Tree { return nil }

func toGo(*Tree, GoNames) Go { return Go{} }

func toSQL(t *Tree, _ SQLNames) (SQL, *Tree, string) { return SQL{}, t, "not written yet" }

func uses(t *Tree, name string) bool {
	if t.Op == Name && t.Ident == name {
		return true
	}
	for _, a := range t.Args {
		if uses(a, name) {
			return true
		}
	}
	return false
}
