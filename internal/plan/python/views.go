package python

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// View is a read model: the class of its rows, its table, and what events do to it.
type View struct {
	Constant string // the table
	Known    string
	Doc      quote.Text
	Row      Class
	Table    string
	Key      []string // attributes
	Searched []string // attributes
	Stamped  bool
	Changes  []*Change
	Roles    []string
	Allow    string // Python condition over row and actor; "": there is none
	Path     string
	Before   []string // paths of before
	Internal string
	Queries  []*Query
	Links    []Link
}

// Change says what an event does to the rows of a view.
type Change struct {
	Func      string
	Heard     Heard
	Make      string // function of module table
	Keys      []string
	Where     string // Python; "" when the row is found by its key
	Set       []Value
	UsesEvent bool
	UsesMeta  bool
	UsesRow   bool
	Deletes   bool
}

// Query is a named question to a view.
type Query struct {
	Func     string // makes its condition
	Input    Class
	Where    string // Python; "": all rows are asked for
	Sort     []string
	Roles    []string
	Allow    string // its own; "": the view's
	Path     string
	Before   []string
	Internal string
}

// Link leads from a row to rows of another view.
type Link struct {
	Name string
	To   string // Python expression of a path
}

// makes are what module table calls a change, by what it does where the row is
// missing.
var makes = map[model.OnMissing]string{model.Create: "upsert", model.Skip: "update", model.Retry: "await_row"}

func (b *builder) view(v *services.View) *View {
	m, module := v.Model, b.module("views")
	row := module.Take(v.Name.Go, "Row", naming.By(&m.Node))
	out := &View{
		Constant: module.Take(strings.ToUpper(names.OfText(naming.Rows(m).Go).Snake), "_VIEW", naming.By(&m.Node)), Known: v.Known, Table: v.Table,
		Stamped: v.Stamped, Roles: v.Roles, Path: v.Path, Internal: v.Internal, Doc: v.Called(),
	}
	out.Row = Class{Name: row, Doc: doc(row, "a row of this read model", &m.Node), Members: b.fields("views", "views."+row, m.Fields)}
	for _, k := range m.Key {
		out.Key = append(out.Key, b.attribute(k.Field))
	}
	for _, f := range m.Fields {
		if slices.ContainsFunc(m.Queries, func(q *model.Query) bool {
			return slices.ContainsFunc(q.Search, func(r *model.FieldRef) bool { return r.Field == f })
		}) {
			out.Searched = append(out.Searched, b.attribute(f))
		}
	}
	for _, p := range naming.RowsRoutes(m)[1:] {
		out.Before = append(out.Before, p.Path)
	}
	out.Allow = b.allow(m.Allow)
	for _, p := range v.Projections {
		out.Changes = append(out.Changes, b.change(out, v, p))
	}
	for _, q := range v.Queries {
		out.Queries = append(out.Queries, b.query(out, q))
	}
	b.links(out, m)
	return out
}

func (b *builder) allow(x *model.Expr) string {
	if x == nil {
		return ""
	}
	return b.expr("views", b.model.Trees[x], map[string]string{"row": "row", "actor": "actor"})
}

func (b *builder) change(v *View, of *services.View, p *services.Projection) *Change {
	m := projectionOf(of.Model, p)
	facts := b.model.Projections[m]
	vars := map[string]string{"row": "row", "event": "e", "meta": "meta"}
	set := changed(facts.Set)
	out := &Change{
		Func:  b.module("views").Take(strings.ToLower(v.Constant)+"_on_"+names.OfText(p.Event.Name).Snake, "_of_"+names.Of(m.Event.Event.Owner()).Snake, naming.By(&of.Model.Node)),
		Heard: b.heard(p.Event), Make: makes[m.Missing], Deletes: m.Delete,
	}
	for _, k := range facts.Key {
		out.Keys = append(out.Keys, b.value("views", k, vars))
	}
	if m.Where != nil {
		out.Where, out.Make = b.condition(m.Where, "row", vars), "update_where"
	}
	if m.Delete {
		out.Make = "delete"
		if m.Where != nil {
			out.Make = "delete_where"
		}
	}
	for _, x := range set {
		out.Set = append(out.Set, Value{b.attribute(x.Field), b.value("views", x, vars)})
	}
	read := append(append(check.Values(facts.Key), check.Values(set)...), b.model.Trees[m.Where])
	for _, t := range read {
		if t != nil {
			out.UsesEvent, out.UsesMeta = out.UsesEvent || expr.Uses(t, "event"), out.UsesMeta || expr.Uses(t, "meta")
		}
	}
	return out
}

// projectionOf is what the model says of a projection.
func projectionOf(v *model.View, p *services.Projection) *model.Projection {
	i := slices.IndexFunc(v.From, func(m *model.Projection) bool { return m.Event.Event == p.Event.Model })
	return v.From[i]
}

// changed leaves out what is set to itself.
func changed(list []check.Assigned) []check.Assigned {
	return slices.DeleteFunc(slices.Clone(list), func(x check.Assigned) bool {
		return x.Value != nil && x.Value.Reads("row") && x.Value.Field == x.Field
	})
}

func (b *builder) query(v *View, q *services.Query) *Query {
	m, module := q.Model, b.module("views")
	name := module.Take(v.Row.Name+q.Name.Go, "Query", naming.By(&m.Node))
	out := &Query{
		Func:  module.Take(strings.ToLower(v.Constant)+"_"+q.Name.Snake, "_query", naming.By(&m.Node)),
		Input: Class{Name: name, Doc: quote.Text(name + " is what the query " + m.Name + " asks for."), Members: b.fields("views", "views."+name, m.Input)},
		Roles: q.Roles, Path: q.Path, Internal: q.Internal,
	}
	for _, p := range naming.QueryRoutes(m)[1:] {
		out.Before = append(out.Before, p.Path)
	}
	if m.Where != nil {
		out.Where = b.condition(m.Where, "row", map[string]string{"input": "asked", "actor": "actor", "now": "now"})
	}
	for _, k := range m.Sort {
		attribute := b.attribute(k.Field)
		if k.Desc {
			attribute = "-" + attribute
		}
		out.Sort = append(out.Sort, attribute)
	}
	if q.OwnAllow != "" {
		out.Allow = b.allow(m.Allow)
	}
	return out
}

func (b *builder) links(v *View, m *model.View) {
	for _, l := range contract.Links(b.model, m) {
		to, by := l.To.View, b.model.Links[l].By
		path := naming.ViewPath(to)
		if to.Context != m.Context {
			path = "../" + naming.Dir(to.Context) + path
		}
		text := func(x check.Assigned) string {
			return b.form("views", x.Field.Type) + ".text(" + b.value("views", x, map[string]string{"row": "row"}) + ")"
		}
		v.Links = append(v.Links, Link{names.Of(&l.Node).JSON, target(path, to, by, text)})
	}
}

// target is where a link leads to, in Python.
func target(path string, to *model.View, by []check.Assigned, text func(check.Assigned) string) string {
	var key []string
	for _, k := range to.Key {
		for _, x := range by {
			if x.Field == k.Field {
				key = append(key, text(x))
			}
		}
	}
	if len(key) == len(to.Key) && len(by) == len(key) {
		return "row_of(" + strings.Join(append([]string{quote.JSON(path)}, key...), ", ") + ")"
	}
	var parts []string
	for _, x := range by {
		parts = append(parts, "("+quote.JSON(names.Filter(contract.JSON(x.Field)))+", "+text(x)+")")
	}
	return "rows_of(" + quote.JSON(path) + ", [" + strings.Join(parts, ", ") + "])"
}
