package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// scope is a place with what can be named there; reasons say why the other
// names of the language cannot.
func scope(x *model.Context, place string, reasons map[string]string, vars ...expr.Var) expr.Scope {
	return expr.Scope{Place: place, Context: x, Vars: vars, Unavailable: reasons}
}

// with is the scope with more variables.
func with(s expr.Scope, vars ...expr.Var) expr.Scope {
	s.Vars = append(slices.Clip(s.Vars), vars...)
	return s
}

// without is the scope with more reasons why a name is not there.
func without(s expr.Scope, reasons map[string]string) expr.Scope {
	all := maps.Clone(s.Unavailable)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, reasons)
	s.Unavailable = all
	return s
}

// at is the scope under another name of its place.
func at(s expr.Scope, place ...string) expr.Scope {
	s.Place = strings.Join(place, " ")
	return s
}

// fresh is the scope of a value that may have new ids.
func fresh(s expr.Scope) expr.Scope {
	s.Fresh = true
	return s
}

// askedBy is the scope with who asks. What tokens say of each of them is there, but
// not where the system may ask, which has no token.
func askedBy(s expr.Scope, by []*model.ActorRef, system bool) expr.Scope {
	s = with(s, expr.ClaimingVar(claimsOf(by)))
	if system {
		return s
	}
	return claimed(s, by)
}

// claimsOf are the claims that some actors have, by name.
func claimsOf(by []*model.ActorRef) []*model.Field {
	var claims []*model.Field
	for _, r := range by {
		if r.Actor == nil {
			continue
		}
		for _, f := range r.Actor.Claims {
			if f.Type != nil && named(claims, f.Name) == nil {
				claims = append(claims, f)
			}
		}
	}
	return claims
}

// claimed is the scope where one of some actors asks: what a token must say of each
// of them is there.
func claimed(s expr.Scope, by []*model.ActorRef) expr.Scope {
	claims := claimsOf(by)
	for _, f := range claims {
		if !slices.ContainsFunc(by, func(r *model.ActorRef) bool {
			o := saidOf(r, f.Name)
			return o == nil || o.Type == nil || o.Type.Kind == model.Optional
		}) {
			s = given(s, expr.Claimed(expr.ClaimingVar(claims), f.Name))
		}
	}
	return s
}

func saidOf(r *model.ActorRef, name string) *model.Field {
	if r.Actor == nil {
		return nil
	}
	return named(r.Actor.Claims, name)
}

// readersOf are who may read the state of an aggregate: who gives its commands.
func readersOf(a *model.Aggregate) []*model.ActorRef {
	var out []*model.ActorRef
	for _, m := range a.Commands {
		out = append(out, m.Actors...)
	}
	return out
}

// given is the scope where a condition is known to hold.
func given(s expr.Scope, cond *expr.Tree) expr.Scope {
	if cond != nil {
		s.Given = append(slices.Clip(s.Given), cond)
	}
	return s
}

// Why a name of the language is not in scope, by place.
var (
	notInCommand = map[string]string{
		"event": "a command decides which events come about; there is none yet",
		"row":   "rows belong to views; bring one in with read",
		"isNew": "only a command with `creates: upsert` can ask isNew",
		"reply": "the reply of a call is named by its `as`",
		"saga":  "there is no saga here",
		"value": "only a check of a type or field has a value",
	}
	notInState = map[string]string{
		"now":   "what holds for a state holds at any time; put the time into the state by an event",
		"input": "there is no command here, only the state",
		"actor": "there is no actor here, only the state",
		"event": "there is no event here, only the state",
		"meta":  "what holds for a state follows from the state alone; put who or when into the state by an event",
		"row":   "rows belong to views",
	}
	notInAllow = map[string]string{
		"input": "this decides who may look at the state; there is no command",
		"event": "this decides who may look at the state; there is no event",
		"row":   "rows belong to views",
	}
	notInApply = map[string]string{
		"now":   "apply sees no clock, so that replaying gives the same state; use meta.time",
		"input": "apply sees the event only; let the event carry the value",
		"actor": "apply sees no actor; use meta.actor.subject",
		"row":   "rows belong to views",
	}
	notInPolicy = map[string]string{
		"now":    "a policy may come to act again later; use meta.time",
		"input":  "a policy sees the event; use event",
		"state":  "a policy sees the event only; with `each: {of: …}` it sees instances",
		"id":     "a policy sees the event; use the id it carries",
		"actor":  "a policy acts for the system; who caused the event is meta.actor",
		"row":    "a policy sees the event only; with `each: {of: …}` it sees rows of a view",
		"window": "only a policy with within sees the events before",
	}
	notInSaga = map[string]string{
		"now":   "a step may come to be retried later; use meta.time",
		"input": "a saga sees the event that started it; use event",
		"state": "a saga sees the event that started it and its own data; let the event carry the value",
		"id":    "a saga sees the event that started it; use the id it carries",
		"actor": "a saga acts for the system; who caused the event is meta.actor",
		"row":   "a saga sees the event that started it and its own data",
		"reply": "only the save of a step sees the reply; save what later steps need",
		"value": "only a check of a type or field has a value",
	}
	notInUpcast = map[string]string{
		"now":   "an old event reads the same at any time; use meta.time",
		"event": "the older version is called old",
		"state": "an upcast sees the old event only",
		"input": "an upcast sees the old event only",
		"id":    "an upcast sees the old event only; use the id it carries",
		"actor": "an upcast sees the old event only; who caused it is meta.actor",
		"row":   "an upcast sees the old event only",
	}
	notInLink = map[string]string{
		"now":   "a link sees the row it hangs on",
		"event": "a link sees the row it hangs on",
		"meta":  "a link sees the row it hangs on",
		"state": "a link sees the row it hangs on",
		"input": "a link sees the row it hangs on",
		"id":    "use the key column of the row",
		"actor": "a link sees the row it hangs on; who may follow it is for the other view to allow",
	}
	notInTimer = map[string]string{
		"event": "a policy of the clock has no event",
		"meta":  "a policy of the clock has no event; use now",
		"input": "a policy of the clock has no command",
		"actor": "a policy acts for the system",
		"row":   "only a policy with `each` of a view sees rows",
		"state": "only a policy with `each` of an aggregate sees instances",
	}
	notInProjection = map[string]string{
		"now":   "a view can be rebuilt from the events, so it sees no clock; use meta.time",
		"input": "a view sees the event and its own row",
		"state": "a view sees the event and its own row; let the event carry the value",
		"id":    "a view sees the event and its own row; use the id the event carries",
		"actor": "a view sees the event and its own row; who caused the event is meta.actor",
	}
	notInKey = map[string]string{
		"row": "the key decides which row it is; it is computed from event and meta",
	}
	notInViewAllow = map[string]string{
		"input": "this decides who may see a row; it sees row and actor",
		"state": "a view sees its own rows; use row",
		"event": "this decides who may see a row; it sees row and actor",
		"meta":  "this decides who may see a row; use row.meta",
		"now":   "this decides who may see a row; it sees row and actor",
		"id":    "use the key column of the row",
	}
	notInQuery = map[string]string{
		"state": "a query sees rows; use row",
		"event": "a query sees rows; let the projection keep what it needs",
		"meta":  "a query sees rows; use row.meta",
		"id":    "use the key column of the row",
	}
	notInCheck = map[string]string{
		"now":   "a check sees the value only",
		"state": "a check sees the value only",
		"input": "a check sees the value only",
		"id":    "a check sees the value only",
		"actor": "a check sees the value only",
		"row":   "a check sees the value only",
		"event": "a check sees the value only",
		"meta":  "a check sees the value only",
	}
	notInDefault = map[string]string{
		"now":   "a default is the same for everyone at any time; set the field by an event",
		"state": "a default sees nothing else",
		"input": "a default sees nothing else",
		"id":    "a default sees nothing else",
		"actor": "a default sees nothing else",
		"row":   "a default sees nothing else",
		"event": "a default sees nothing else",
		"meta":  "a default sees nothing else",
		"value": "a default is the value",
	}
)

// listed joins names as a sentence does: a, b and c.
func listed(names []string, last string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " " + last + " " + names[n-1]
	}
}
