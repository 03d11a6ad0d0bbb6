package services

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Older is what an event said in an older version, as far as the version after
// it is made of it.
type Older struct {
	Struct
	Next     string // Go type of the version after it
	Upcast   []Assignment
	UsesOld  bool
	UsesMeta bool
}

// older plans what an event with some of its fields said in older versions. From
// the newest back: what is looked at of one is what the next is made of.
func (b *builder) older(g gotypes, in *naming.Space, e *Event, fields []*model.Field) {
	id, next := e.Model.Aggregate.ID, e.Name
	for _, v := range slices.Backward(e.Model.Versions) {
		wanted := slices.DeleteFunc(slices.Clone(b.model.Versions[v].Upcast), func(x check.Assigned) bool { return !slices.Contains(fields, x.Field) })
		values, identified := check.Values(wanted), slices.Contains(fields, id)
		o := &Older{Next: next, Upcast: b.assignments(g, wanted, map[string]string{"old": "old", "meta": "meta"})}
		if identified {
			o.Upcast = about(g.Field(id), "old."+g.Field(id), o.Upcast)
		}
		o.UsesOld, o.UsesMeta = identified || uses(values, "old"), uses(values, "meta")
		fields = slices.DeleteFunc(append([]*model.Field{id}, v.Fields...), func(f *model.Field) bool {
			return (f != id || !identified) && !looksAt(values, "old", f)
		})
		o.Name = in.Take(fmt.Sprint(names.OfText(e.Name).Local, "V", v.Number), "Version", naming.By(&e.Model.Node))
		o.Doc = quote.Text(fmt.Sprintf("%s is what %s said in version %d.", o.Name, e.Name, v.Number))
		o.Fields = g.fields(fields)
		b.defaults(&o.Struct, g, fields)
		e.Older = append(e.Older, o)
		next = o.Name
	}
	slices.Reverse(e.Older)
}

// looksAt reports whether expressions look at a field of a variable.
func looksAt(trees []*expr.Tree, name string, f *model.Field) bool {
	found := false
	for _, t := range trees {
		expr.Walk(t, func(t *expr.Tree) { found = found || t.Reads(name) && t.Field == f })
	}
	return found
}

// Versioned are the events of the aggregate that said something else before.
func (a *Aggregate) Versioned() []*Event { return versioned(a.Events) }

// Versioned are the events that said something else before.
func (u *Upstream) Versioned() []*Event { return versioned(u.Events) }

func versioned(events []*Event) []*Event {
	return slices.DeleteFunc(slices.Clone(events), func(e *Event) bool { return len(e.Older) == 0 })
}
