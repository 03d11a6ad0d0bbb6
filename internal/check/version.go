package check

import (
	"fmt"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// versions checks that each older version of an event becomes the next.
func (c *checker) versions(e *model.Event) {
	for _, v := range e.Versions {
		name := fmt.Sprintf("version %d of %s", v.Number, e.Name)
		if !c.typed(&e.Node, name, v.Fields, e.Fields) {
			return
		}
		c.fields(e.Context, name, v.Fields)
	}
	for i, v := range e.Versions {
		name := fmt.Sprintf("version %d of %s", v.Number, e.Name)
		next, fields := e.Name, e.Fields
		if i+1 < len(e.Versions) {
			later := e.Versions[i+1]
			next, fields = fmt.Sprintf("version %d of %s", later.Number, e.Name), later.Fields
		}
		old := expr.Var{Name: "old", Type: c.object(v, name, idField(e), v.Fields)}
		from := supplies{}
		from.fields(byEvent, name, old)
		c.out.Versions[v] = Version{Upcast: c.fill(filling{
			what: next, pos: v.Pos, key: "upcast", fields: fields, with: v.Upcast,
			scope: scope(e.Context, name, notInUpcast, old, expr.MetaVar()), from: from,
		})}
	}
}
