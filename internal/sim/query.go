package sim

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/model"
)

// pageLimit is how many rows one service gets of another by a query.
const pageLimit = 50

// Question is what somebody wants to see: the rows a query finds, all rows of a
// view, or the state of an instance. Exactly one of Query, View and State is
// set.
type Question struct {
	Query  *model.Query
	View   *model.View
	State  *model.Aggregate
	Input  map[string]any // of the query, search is text that is looked for; the id of the instance
	Actor  string         // as in Request
	Roles  []string
	Claims map[string]any
}

// Context is whose answer it is.
func (q *Question) Context() *model.Context {
	switch {
	case q.State != nil:
		return q.State.Context
	case q.Query != nil:
		return q.Query.View.Context
	}
	return q.View.Context
}

// Answer is what there is to see, or why there is nothing.
type Answer struct {
	Rows     []map[string]any
	Rejected string
	Status   int
	Message  string
}

// Look answers a question.
func (w *World) Look(q Question) *Answer {
	var name string
	var order []*model.Field
	switch {
	case q.State != nil:
		name, order = qualified(q.State.Context, q.State.Name), []*model.Field{q.State.ID}
	case q.Query != nil:
		name, order = qualified(q.Query.View.Context, q.Query.View.Name)+"."+q.Query.Name, q.Query.Takes()
	default:
		name = qualified(q.View.Context, q.View.Name)
	}
	e := w.lead(nil, &Effect{Kind: Questions, Name: name, Values: q.Input, Order: fieldNames(nil, order)})
	who := w.person(q.Actor, q.Roles, q.Claims)
	rows, refused := w.look(q, who)
	a := &Answer{Rows: rows, Status: 200}
	if refused != nil {
		refusedBy(e, refused)
		a = &Answer{Rejected: refused.code, Status: refused.status, Message: refused.message}
	} else {
		e.note("%d %s", len(rows), plural(len(rows), "row", "rows"))
	}
	if w.transcript != nil {
		w.pass(Moment{Looked: &Looked{Question: q, Answer: a}})
	}
	return a
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (w *World) look(q Question, who actor) ([]map[string]any, *refusal) {
	if q.State != nil {
		return w.lookAt(q.State, q.Input, who)
	}
	v := q.View
	if q.Query != nil {
		v = q.Query.View
	}
	if w.away(v.Context) {
		return nil, unavailable(v.Context.Name, false)
	}
	allowed, allow := v.Actors, v.Allow
	if q.Query != nil && len(q.Query.Actors) > 0 {
		allowed = q.Query.Actors
	}
	if q.Query != nil && q.Query.Allow != nil {
		allow = q.Query.Allow
	}
	if !who.system && !who.is(allowed) {
		return nil, &refusal{kind: rejected, code: "forbidden", status: 403, message: "this is not for you"}
	}
	rows := w.table(v).sorted()
	if q.Query != nil {
		var refused *refusal
		if rows, refused = w.find(q.Query, q.Input, who); refused != nil {
			return nil, refused
		}
	}
	if who.system {
		return rows, nil
	}
	return w.matchingRows(w.table(v), rows, allow, map[string]any{"actor": who.value()})
}

// lookAt is the state of an instance, for the actors of its commands. Who may
// not see it shall not know of it.
func (w *World) lookAt(a *model.Aggregate, given map[string]any, who actor) ([]map[string]any, *refusal) {
	if w.away(a.Context) {
		return nil, unavailable(a.Context.Name, false)
	}
	if !who.system && !who.is(readers(a)) {
		return nil, &refusal{kind: rejected, code: "forbidden", status: 403, message: "this is not for you"}
	}
	id, _ := given[a.ID.Name].(string)
	state, there := w.State(a, id)
	seen := []map[string]any{state}
	if there && !who.system {
		var refused *refusal
		if seen, refused = w.matching(seen, a.Allow, "state", map[string]any{"meta": w.Meta(a, id), "id": id, "actor": who.value(), "now": w.now}); refused != nil {
			return nil, refused
		}
	}
	if !there || len(seen) == 0 {
		return nil, notThere("", "there is no %s %s", a.Name, id)
	}
	return seen, nil
}

// readers are who may ask for the state of an instance.
func readers(a *model.Aggregate) []*model.ActorRef {
	var all []*model.ActorRef
	for _, m := range a.Commands {
		all = append(all, m.Actors...)
	}
	return all
}

// find are the rows a query asks for, sorted.
func (w *World) find(q *model.Query, given map[string]any, who actor) ([]map[string]any, *refusal) {
	words := ""
	if fieldNamed(q.Takes(), "search") != nil && fieldNamed(q.Input, "search") == nil {
		if text, ok := given["search"].(string); ok {
			words = strings.ToLower(text)
		}
	}
	input, refused := w.wellFormed(q.Input, given)
	if refused != nil {
		return nil, refused
	}
	vars := map[string]any{"input": input, "actor": who.value(), "now": w.now}
	t := w.table(q.View)
	rows, refused := w.matchingRows(t, t.sorted(), q.Where, vars)
	if refused != nil {
		return nil, refused
	}
	rows = slices.Clone(rows)
	if words != "" {
		rows = slices.DeleteFunc(rows, func(row map[string]any) bool { return !mentions(row, q.Search, words) })
	}
	sortBy(rows, q.Sort)
	return rows, nil
}

// mentions reports whether one of the fields has the words in it, in any case.
func mentions(row map[string]any, fields []*model.FieldRef, words string) bool {
	return slices.ContainsFunc(fields, func(f *model.FieldRef) bool {
		text, _ := row[f.Text].(string)
		return strings.Contains(strings.ToLower(text), words)
	})
}
