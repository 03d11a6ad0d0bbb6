package check

import (
	"slices"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// Columns are the fields of an aggregate's state by which databases find its
// instances, each once: unique ones, those of lookup, the person whose the personal
// data are, and those that an each of a policy asks for or sorts by.
func (m *Model) Columns(a *model.Aggregate) []*model.Field {
	var out []*model.Field
	add := func(f *model.Field) {
		if f != nil && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for _, u := range a.Unique {
		for _, r := range u.Fields {
			add(r.Field)
		}
	}
	for _, r := range a.Lookup {
		add(r.Field)
	}
	if a.Person != nil && a.Person.Field != a.ID {
		add(a.Person.Field)
	}
	for _, p := range a.Context.Policies {
		if p.Each == nil || p.Each.Aggregate != a {
			continue
		}
		for _, f := range a.State {
			expr.Walk(m.Trees[p.Each.Where], func(t *expr.Tree) {
				if t.Reads("state") && t.Field == f {
					add(f)
				}
			})
		}
		for _, k := range p.Each.Sort {
			add(k.Field)
		}
	}
	return out
}
