package contract

import (
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/model"
)

// Links are the links of a view that rows can have: not those to what nobody
// outside sees, or by what is never there.
func Links(checked *check.Model, v *model.View) []*model.Link {
	return slices.DeleteFunc(slices.Clone(v.Links), func(l *model.Link) bool {
		to := l.To.View
		return to == nil || len(to.Actors) == 0 || checked.Incomplete[&to.Node] ||
			slices.ContainsFunc(checked.Links[l].By, func(x check.Assigned) bool { return x.Value == nil })
	})
}
