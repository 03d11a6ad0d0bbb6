package services

import (
	"maps"
	"net/http"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// View is a read Model: a row type of package readmodel, its table, and what
// events do to it.
type View struct {
	Service     *Service
	Name        names.Name
	Known       string // what it is known by outside of the code: what it was called first
	Title       quote.Text
	Row         Struct
	New         string // makes a row before its first event
	Table       string
	Version     int // of its table; 0: the first
	Columns     []ViewColumn
	Key         []Field
	Initial     []Assignment
	Projections []*Projection
	Inline      bool
	Persons     string   // field of its rows that has whose they are; "": nobody's
	Stamped     bool     // its rows know when and by whom; else they have a field meta of their own
	Roles       []string // none: internal
	Allow       string   // Go condition over row and actor
	Queries     []*Query
	Path        string // /views/order-statuses
	Repo        string // field of App
	RoutesFunc  string
	Internal    string // path at which other services read it
	Links       Links
	Changes     string // path of its change stream; "": it has none

	Model *model.View
}

// OpensRows tells of the view whose row begins the package of rows: it says what that is.
func (v *View) OpensRows() bool { return v.Service.Views[0] == v }

// Later tells of a view whose table could not hold what it held at first.
func (v *View) Later() bool { return v.Version > 1 }

// ViewColumn is a column of a view's table.
type ViewColumn struct {
	Name   string
	Go     string
	Kind   string // store's name of the column type
	Key    bool
	Search bool
}

// Projection says what one event does to the rows of a view.
type Projection struct {
	View       *View
	Name       string // function of app
	Event      EventRef
	Keys       []string // Go expressions by key; empty with Where
	Where      string   // Go code of a where.Cond; "" when the row is found by key
	Set        []Assignment
	Change     string // function of package view: Upsert, Update, Await, UpdateWhere
	Delete     bool
	Personal   []string // columns that are set to what is personal of the event
	UsesBefore bool     // what is set depends on what was set just before
	UsesEvent  bool
	UsesMeta   bool
	ByHand     *ByHand // what the row is to be is decided by people; nil: the model says it
	File       string  // of that decision
}

// EventRef is an event as a listener sees it.
type EventRef struct {
	GoType       string // frontevents.OrderPlaced, order.OrderPlaced
	Name         string // OrderPlaced, as the code has it
	Topic        string
	Text         string // front.OrderPlaced
	FullType     string // in the envelope: front.order.OrderPlaced
	Subscription string // the topic this context reads it from
	Private      bool
	Foreign      bool // of another context
	Translated   bool // into what it means here
	// Narrow: this listener looks at fewer fields than its type has, those of Needs, by
	// their JSON names.
	Narrow    bool
	Needs     []string
	Aggregate *Aggregate // nil: it is an external's
	Version   int
	Model     *model.Event
}

// Query is a named question to a view.
type Query struct {
	View   *View
	Name   names.Name
	Known  string // what it is known by, with its view
	Title  quote.Text
	Input  Struct
	Cond   string   // function of app that says which rows are asked for
	Where  string   // Go code of its where.Cond, over q, actor and now
	Search []string // columns
	Sort   []string // columns, "-" before descending ones
	Roles  []string
	// UsesInput, UsesActor, UsesNow: the condition depends on what is asked, who asks, or when.
	UsesInput bool
	UsesActor bool
	UsesNow   bool
	// OwnAllow is the query's own condition on who sees a row, in Go; "": the view's.
	OwnAllow string
	Path     string
	Internal string

	Model *model.Query
}

// Called is the view's Go name with what the business calls it.
func (v *View) Called() quote.Text { return Called(v.Name.Go, &v.Model.Node) }

// Aside is what the business calls the view, where its Go name does not say it.
func (v *View) Aside() quote.Text { return aside(v.Name.Go, &v.Model.Node) }

func (b *builder) view(v *View) {
	m := v.Model
	s := v.Service
	g := gotypes{s.types, "readmodel"}
	v.Table = naming.ViewTable(m)
	v.Path = naming.ViewPath(m)
	v.Internal = naming.InternalView(m)
	v.RoutesFunc = "route" + v.Repo
	v.New = s.space(naming.Go, "internal/readmodel").Take("New"+v.Name.Go, "Row", naming.By(&m.Node))
	v.Row = Struct{Name: v.Name.Go, Doc: doc(v.Name.Go, "a row of this read model", &m.Node), Fields: g.fields(m.Fields)}
	v.Inline, v.Stamped = m.Inline, check.Stamped(m)
	if v.Stamped {
		v.Row.Fields = append(v.Row.Fields, Field{Go: "Meta", Type: "values.Stamps", Tag: tagged(`json:"-"`), Doc: "when and by whom"})
	}
	keys := map[*model.Field]bool{}
	for _, k := range m.Key {
		keys[k.Field] = true
		v.Key = append(v.Key, g.field(k.Field))
	}
	searched := map[*model.Field]bool{}
	for _, q := range m.Queries {
		for _, f := range q.Search {
			searched[f.Field] = true
		}
	}
	for _, k := range m.Key {
		v.Columns = append(v.Columns, viewColumn(g, k.Field, true, searched[k.Field]))
	}
	for i, f := range m.Fields {
		if !keys[f] {
			v.Columns = append(v.Columns, viewColumn(g, f, false, searched[f]))
		}
		if f.Default == nil {
			continue
		}
		if value := b.defaultValue(g, f); value != "" {
			v.Initial = append(v.Initial, Assignment{Go: v.Row.Fields[i].Go, Value: value})
		}
	}
	v.Roles = Roles(m.Actors)
	if m.Allow != nil {
		v.Allow = g.expr(b.model.Trees[m.Allow], map[string]string{"row": "row", "actor": "actor"})
	}
	for _, p := range m.From {
		if b.model.Incomplete[&p.Event.Event.Node] || p.Event.Event.Home() == nil {
			continue
		}
		v.Projections = append(v.Projections, b.projection(v, p))
	}
	b.persons(v)
	for _, q := range m.Queries {
		v.Queries = append(v.Queries, b.query(v, q))
	}
	v.Links = b.links(v)
	if m.Stream && len(v.Roles) > 0 {
		v.Changes = naming.ChangesPath(m)
	}
}

func viewColumn(g gotypes, f *model.Field, key, search bool) ViewColumn {
	p := g.field(f)
	return ViewColumn{Name: p.Column, Go: p.Go, Kind: ColumnKind(f.Type), Key: key, Search: search}
}

// Roles are those of actors.
func Roles(refs []*model.ActorRef) []string {
	var out []string
	for _, r := range refs {
		if r.Actor != nil {
			out = append(out, r.Actor.Role)
		}
	}
	return out
}

// listened is an event as somebody sees it whose needs are known.
func (b *builder) listened(s *Service, e *model.Event, whose func(*contract.Need) bool) EventRef {
	ref := b.eventRef(s, e)
	if ref.Foreign {
		ref.Needs = slices.Sorted(maps.Keys(b.looksAt(s.Context, func(n *contract.Need) bool {
			return n.Message != nil && n.Message.Event == e && whose(n)
		})))
		ref.Narrow = !ref.Translated && len(ref.Needs) < len(b.heardFields(s.Context, e))
	}
	return ref
}

func (b *builder) eventRef(s *Service, e *model.Event) EventRef {
	n := names.Of(&e.Node)
	home := b.services[e.Home()]
	ref := EventRef{Name: n.Go, Topic: naming.EventTopic(b.model.System, e), Text: e.Name, Private: e.Private, Version: max(e.Version, 1), Foreign: home != s, Translated: s.Context.Translation(e) != nil, Model: e}
	ref.FullType = naming.EventType(e)
	ref.Subscription = ref.Topic
	if e.Aggregate != nil {
		ref.Aggregate = home.aggs[e.Aggregate]
	}
	if isUpstream(s.Context, e) {
		ref.Text = upstreamOf(e).Name + "." + e.Name
		u := s.upstream(upstreamOf(e))
		ref.GoType = u.Package + "." + u.events[e]
		return ref
	}
	ref.GoType = ref.Aggregate.Package + "." + ref.Aggregate.goEvent(e)
	if naming.HasPrivate(e.Aggregate) {
		ref.Subscription = naming.PrivateTopic(b.model.System, e.Aggregate)
	}
	return ref
}

// HasPrivate reports whether some of its events stay in the context.
func (a *Aggregate) HasPrivate() bool { return naming.HasPrivate(a.Model) }

// Calls reports whether one of its commands asks somebody else for something.
func (a *Aggregate) Calls() bool {
	return slices.ContainsFunc(a.Commands, func(c *Command) bool { return len(c.Calls) > 0 })
}

// goEvent is the Go name of an event of the aggregate's package.
func (a *Aggregate) goEvent(m *model.Event) string {
	if e := a.EventOf(m); e != nil {
		return e.Name
	}
	return names.Of(&m.Node).Go
}

// readsChanged reports whether a field is read after it was set.
func readsChanged(list []check.Assigned) bool {
	set := map[*model.Field]bool{}
	for _, x := range list {
		again := false
		expr.Walk(x.Value, func(t *expr.Tree) { again = again || t.Reads("row") && set[t.Field] })
		if again {
			return true
		}
		set[x.Field] = true
	}
	return false
}

// changes are what package view calls a change, by what it does where the row is
// missing.
var changes = map[model.OnMissing]string{model.Create: "Upsert", model.Skip: "Update", model.Retry: "Await"}

func (b *builder) projection(v *View, m *model.Projection) *Projection {
	g := gotypes{v.Service.types, "app"}
	p := &Projection{View: v, Event: b.listened(v.Service, m.Event.Event, func(n *contract.Need) bool { return n.Projection == m }), Change: changes[m.Missing], Delete: m.Delete}
	if !p.Event.Foreign {
		for _, f := range b.model.PersonalColumns(m) {
			p.Personal = append(p.Personal, naming.ColumnOf(f))
		}
	}
	p.Name = v.Service.space(naming.Go, "internal/app").Take(v.Name.Go+"On"+p.Event.Name, "Of"+names.Of(&m.Event.Event.Home().Node).Go, naming.By(&v.Model.Node))
	vars := map[string]string{"row": "row", "event": "e", "meta": "meta"}
	if m.Where != nil {
		p.Where, p.Change = b.where(g, "row", m.Where, vars), "UpdateWhere"
	}
	facts := b.model.Projections[m]
	for _, k := range facts.Key {
		p.Keys = append(p.Keys, g.expr(k.Value, vars))
	}
	set := changed(facts.Set, "row")
	if p.UsesBefore = readsChanged(set); p.UsesBefore {
		vars["row"] = "before"
	}
	for _, x := range set {
		p.Set = append(p.Set, Assignment{Go: g.Field(x.Field), Value: g.change(x.Value, vars)})
	}
	read := append(check.Values(facts.Key), check.Values(set)...)
	read = append(read, b.model.Trees[m.Where])
	p.UsesEvent, p.UsesMeta = uses(read, "event"), uses(read, "meta")
	if m.Custom {
		p.byHand()
	}
	return p
}

func (b *builder) query(v *View, m *model.Query) *Query {
	n := names.Of(&m.Node)
	g := gotypes{v.Service.types, "readmodel"}
	q := &Query{View: v, Model: m, Name: n, Known: v.Known + "." + names.Kept(&m.Node).Go, Title: m.Called(), Roles: Roles(m.Actors), Path: naming.QueryPath(m), Internal: naming.InternalQuery(m)}
	if len(m.Actors) == 0 {
		q.Roles = v.Roles
	}
	input := v.Service.space(naming.Go, "internal/readmodel").Take(v.Name.Go+n.Go, "Query", naming.By(&m.Node))
	q.Input = Struct{Name: input, Doc: quote.Text(input + " is what the query " + m.Name + " asks for."), Fields: g.fields(m.Input)}
	b.validate(&q.Input, g, m.Input)
	q.Where = b.where(g, "row", m.Where, map[string]string{"input": "q", "actor": "actor", "now": "now"})
	q.Cond = v.Service.space(naming.Go, "internal/app").Take(v.Name.Go+n.Go, "Rows", naming.By(&m.Node))
	q.UsesInput = expr.Uses(b.model.Trees[m.Where], "input")
	q.UsesActor, q.UsesNow = expr.Uses(b.model.Trees[m.Where], "actor"), expr.Uses(b.model.Trees[m.Where], "now")
	for _, f := range m.Search {
		q.Search = append(q.Search, naming.ColumnOf(f.Field))
	}
	for _, k := range m.Sort {
		name := naming.ColumnOf(k.Field)
		if k.Desc {
			name = "-" + name
		}
		q.Sort = append(q.Sort, name)
	}
	if m.Allow != nil && (v.Model.Allow == nil || !meaning.Same(b.model.Trees[m.Allow], b.model.Trees[v.Model.Allow])) {
		q.OwnAllow = g.expr(b.model.Trees[m.Allow], map[string]string{"row": "row", "actor": "actor"})
	}
	return q
}

func (b *builder) read(c *Command, m *model.Read) *Read {
	g := c.Aggregate.types
	r := &Read{Command: c, Var: c.members[&m.Node], View: c.Aggregate.Service.views[m.View.View], Model: m}
	for _, k := range b.model.Reads[m].Key {
		value := g.expr(k.Value, c.vars)
		r.Keys = append(r.Keys, value)
		if m.Default {
			r.Default = append(r.Default, Assignment{Go: g.Field(k.Field), Value: value})
		}
	}
	if m.Where != nil {
		r.Where = b.where(g, "row", m.Where, c.vars)
	}
	r.Sort = orders(m.Sort)
	r.Func = c.Aggregate.Service.app.Take(names.OfText(c.Go+r.Var).Local, "Read", naming.By(&m.Node))
	trees := append(check.Values(b.model.Reads[m].Key), b.model.Trees[m.Where])
	r.UsesDecision = slices.ContainsFunc(trees, func(t *expr.Tree) bool {
		return slices.ContainsFunc(slices.Collect(maps.Keys(c.vars)), func(name string) bool { return expr.Uses(t, name) })
	})
	r.Missing = Rule{Code: contract.MissingRow(m), Kind: kind(http.StatusUnprocessableEntity), Message: "no such " + m.View.View.Called()}
	return r
}

// ColumnKind is the store's name of a type of column.
func ColumnKind(t *model.Type) string {
	switch v := t.Value().Scalar(); v.Kind {
	case model.Bool:
		return "Bool"
	case model.Int:
		return "Int"
	case model.Decimal:
		return "Decimal"
	case model.Date:
		return "Date"
	case model.Time:
		return "Time"
	case model.Duration:
		return "Duration"
	case model.List, model.Map:
		return "JSON"
	case model.Named:
		if v.IsObject() {
			return "JSON"
		}
	}
	return "Text"
}
