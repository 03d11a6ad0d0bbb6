package model

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

var viewForm = &form[View]{
	what: "view",
	doc:  "A read model: rows kept by a projection of events.",
	keys: []key[View]{
		at("plural", "What its rows are called, in routes and in Go; default: the name's English plural.", identifier, func(v *View) *string { return &v.Plural }),
		at("key", "The field, or fields, by which a row is found.", oneOrMore(pointer(fieldRef)), func(v *View) *[]*FieldRef { return &v.Key }),
		at("mode", "async (the default), or inline: in the transaction of its own context's events.",
			choice(word[bool]{"async", false}, word[bool]{"inline", true}), func(v *View) *bool { return &v.Inline }),
		section("fields", "The columns of a row.", fieldForm, func(v *View) *[]*Field { return &v.Fields }),
		at("from", "What each event does to the rows.", projections, func(v *View) *[]*Projection { return &v.From }),
		at("actor", "Who looks at it, one or a list; none: internal.", oneOrMore(pointer(actorRef)), func(v *View) *[]*ActorRef { return &v.Actors }),
		at("allow", "Which rows, over row and actor.", expression, func(v *View) **Expr { return &v.Allow }),
		section("links", "Hypermedia to other views.", linkForm, func(v *View) *[]*Link { return &v.Links }),
		at("changes", "stream: changes as server-sent events.", choice(word[bool]{"stream", true}), func(v *View) *bool { return &v.Stream }),
		section("queries", "Named questions.", queryForm, func(v *View) *[]*Query { return &v.Queries }),
	},
	note:  noteOfView,
	enter: func(d *decoder, v *View) { d.view, v.Context = v, d.context },
	done: func(d decoder, v *View, _ *source.Node) {
		d.settle(func() {
			d.resolveFields(v.Key, v.Fields, "view "+v.Name)
			d.checkProjections(v)
			for _, p := range v.From {
				d.assignTo(p.Set, v.Fields, nil, "view "+v.Name)
				d.resolveKeys(p.Key, v, p.Pos, false)
			}
			for _, q := range v.Queries {
				inherit(q, v)
			}
		})
	},
}

func noteOfView(v *View) *Node { return &v.Node }

// linkForm is a link: the name of a view, or {to, by}.
var linkForm = &form[Link]{
	what: "link",
	doc:  "Hypermedia from a row to rows of another view.",
	keys: []key[Link]{
		must(at("to", "The view.", viewRef, func(l *Link) *ViewRef { return &l.To })),
		at("by", "Fields of that view that must agree, over row; default: its key, by name.", assigns, func(l *Link) *[]*Assign { return &l.By }),
	},
	short: short(viewRef, func(l *Link) *ViewRef { return &l.To }),
	note:  func(l *Link) *Node { return &l.Node },
	done: func(d decoder, l *Link, _ *source.Node) {
		d.settle(func() {
			if to := l.To.View; to != nil {
				d.assignTo(l.By, to.Fields, nil, "view "+to.Name)
			}
		})
	},
}

// inherit gives a query the actors and the permission of its view.
func inherit(q *Query, v *View) {
	if q.Actors == nil {
		q.Actors = v.Actors
	}
	if q.Allow == nil {
		q.Allow = v.Allow
	}
}

// checkProjections reports an event that is spoken of twice, by whatever
// names, and inline views of events from elsewhere.
func (d decoder) checkProjections(v *View) {
	seen := map[*Event]*Projection{}
	for _, p := range v.From {
		e := p.Event.Event
		if e == nil {
			continue
		}
		if first := seen[e]; first != nil {
			d.diags.Errorf(rule.DuplicateName, p.Pos, "view %s says twice what %s does", v.Name, p.Event.Text).
				With(diag.At(first.Pos, "the first"), diag.Fix("merge the two"))
		}
		seen[e] = p
		if v.Inline && e.Context != v.Context {
			d.badValue(p.Pos, "view %s is inline, and %s happens elsewhere", v.Name, p.Event.Text).
				With(diag.Fix("leave mode out: an inline view is of its own context's events only"))
		}
	}
}

// projections reads {loan.BookBorrowed: {set: ...}}, or a list of events.
var projections = reader[[]*Projection]{
	shape: Shape{Kind: NamesShape, Says: "a map or a list of events", Construct: projectionForm.describe()},
	read: func(d decoder, v *[]*Projection, n *source.Node) bool {
		switch {
		case n.IsEmpty():
		case n.Kind == source.Mapping:
			for i := range n.Pairs {
				d.readProjection(v, n.Pairs[i].Key, n.Pairs[i].Value)
			}
		case n.Kind == source.Sequence:
			for _, item := range n.Items {
				if d.isName(item, "event") {
					d.readProjection(v, item, nil)
				}
			}
		default:
			d.wrongKind(n, "a map or a list of events")
			return false
		}
		return true
	},
}

func (d decoder) readProjection(v *[]*Projection, event, value *source.Node) {
	p := &Projection{Pos: event.Pos, Missing: Create}
	if !eventRef.read(d, &p.Event, event) {
		return
	}
	d.about = "projection of " + event.Value
	projectionForm.readInto(d, p, value)
	*v = append(*v, p)
}

var projectionForm = &form[Projection]{
	what: "projection",
	doc:  "What one event does to a view; same-named fields are copied besides.",
	keys: []key[Projection]{
		at("key", "The key of the row, where no same-named field is it.", rowKeys, func(p *Projection) *[]*Assign { return &p.Key }),
		at("where", "Every row of which this holds, in place of one.", expression, func(p *Projection) **Expr { return &p.Where }),
		at("set", "Fields it sets.", assigns, func(p *Projection) *[]*Assign { return &p.Set }),
		at("missing", "When there is no row: create one from the defaults (the default), or skip.",
			choice(word[OnMissing]{"create", Create}, word[OnMissing]{"skip", Skip}), func(p *Projection) *OnMissing { return &p.Missing }),
		at("delete", "true: the row goes.", trueOrFalse, func(p *Projection) *bool { return &p.Delete }),
		at("custom", "true: what the row is to be is Go in a file of yours, in place of set.", trueOrFalse, func(p *Projection) *bool { return &p.Custom }),
	},
	done: func(d decoder, p *Projection, n *source.Node) {
		if p.Custom && (p.Delete || p.Set != nil) {
			d.badValue(p.Pos, "%s is custom: its decision in Go says what the row is to be", d.about).With(diag.Fix("leave out set and delete, or custom"))
		}
		if p.Delete && p.Set != nil {
			d.badValue(p.Pos, "%s both deletes the row and sets fields of it", d.about).With(diag.Fix("leave one out"))
		}
		if p.Where != nil && p.Key != nil {
			d.badValue(p.Pos, "%s finds its rows both by key and by where", d.about).With(diag.Fix("leave one out"))
		}
	},
}

var queryForm = &form[Query]{
	what: "query",
	doc:  "A named question to a view.",
	keys: []key[Query]{
		section("input", "What is asked for.", fieldForm, func(q *Query) *[]*Field { return &q.Input }),
		at("where", "Which rows answer.", expression, func(q *Query) **Expr { return &q.Where }),
		at("search", "Text fields that the search parameter looks into.", oneOrMore(pointer(fieldRef)), func(q *Query) *[]*FieldRef { return &q.Search }),
		at("sort", "In which order; -field: the greatest first.", oneOrMore(sortKey), func(q *Query) *[]SortKey { return &q.Sort }),
		at("actor", "Who asks; default: those of the view.", oneOrMore(pointer(actorRef)), func(q *Query) *[]*ActorRef { return &q.Actors }),
		at("allow", "Which rows; default: those of the view.", expression, func(q *Query) **Expr { return &q.Allow }),
	},
	note:  func(q *Query) *Node { return &q.Node },
	enter: func(d *decoder, q *Query) { q.View = d.view },
	done: func(d decoder, q *Query, _ *source.Node) {
		d.settle(func() {
			d.resolveFields(q.Search, q.View.Fields, "view "+q.View.Name)
			d.resolveSort(q.Sort, q.View.Fields, "view "+q.View.Name)
			for _, f := range q.Search {
				if f.Field != nil && f.Field.Type != nil && f.Field.Type.Value().Scalar().Kind != String {
					d.diags.Errorf(rule.BadType, f.Pos, "search looks into text, and %s is of type %s", f.Text, f.Field.Type).
						With(diag.At(f.Field.Pos, "the field"))
				}
			}
		})
	},
}

// resolveKeys finds the key columns that expressions are given for; all of
// them where the key must be whole.
func (d decoder) resolveKeys(keys []*Assign, v *View, pos source.Pos, whole bool) {
	if len(v.Key) == 0 || len(keys) == 0 {
		return
	}
	columns := keyColumns(v)
	if keys[0].Name == "" {
		d.resolveSingleKey(keys[0], v, columns)
		return
	}
	d.assignTo(keys, columns, nil, "the key of view "+v.Name)
	for _, k := range v.Key {
		given := slices.ContainsFunc(keys, func(a *Assign) bool { return a.Name == k.Text })
		if whole && !given {
			d.diags.Errorf(rule.MissingKey, pos, "the key of view %s needs %s too", v.Name, k.Text).With(diag.At(k.Pos, "the key"))
		}
	}
}

func (d decoder) resolveSingleKey(a *Assign, v *View, columns []*Field) {
	if len(v.Key) > 1 {
		d.badValue(a.Pos, "the key of view %s has %d columns", v.Name, len(v.Key)).
			With(diag.At(v.Key[0].Pos, "the key"), diag.Fix("write {%s: ...}", strings.Join(fieldNames(columns), ": ..., ")))
		return
	}
	if len(columns) == 1 {
		a.Field = columns[0]
	}
}
