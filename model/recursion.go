package model

import (
	"github.com/esgen/esgen/internal/diag"

	"github.com/esgen/esgen/internal/rule"
)

// A value object may hold itself in a list, a map or an optional only: any
// other would have no end.

// checkRecursion reports value objects that hold themselves.
func checkRecursion(s *System, diags *diag.List) {
	r := &recursion{diags: diags, state: map[*TypeDef]visit{}}
	for _, t := range s.Types {
		r.visit(t)
	}
	for _, c := range s.Contexts {
		for _, t := range c.Types {
			r.visit(t)
		}
	}
}

type visit uint8

const (
	open visit = iota + 1 // being visited: meeting it again is a circle
	closed
)

type recursion struct {
	diags *diag.List
	state map[*TypeDef]visit
}

func (r *recursion) visit(t *TypeDef) {
	r.state[t] = open
	for _, f := range t.Fields {
		if f.Type == nil || f.Type.Kind != Named {
			continue
		}
		switch r.state[f.Type.Def] {
		case open:
			r.diags.Errorf(rule.RecursiveType, f.Pos, "type %s holds itself: field %s of type %s has no end", f.Type.Def.Name, f.Name, t.Name).
				With(diag.At(f.Type.Def.Pos, "type %s", f.Type.Def.Name), diag.Fix("hold it in optional(%s) or list(%s)", f.Type.Def.Name, f.Type.Def.Name))
		case closed:
		default:
			r.visit(f.Type.Def)
		}
	}
	r.state[t] = closed
}
