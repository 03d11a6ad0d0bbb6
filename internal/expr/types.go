package expr

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/model"
)

// The built-in types, as computed types without a place.
var (
	stringType   = &model.Type{Kind: model.String}
	boolType     = &model.Type{Kind: model.Bool}
	intType      = &model.Type{Kind: model.Int}
	decimalType  = &model.Type{Kind: model.Decimal}
	dateType     = &model.Type{Kind: model.Date}
	timeType     = &model.Type{Kind: model.Time}
	durationType = &model.Type{Kind: model.Duration}
	idType       = &model.Type{Kind: model.ID}
)

func listOf(t *model.Type) *model.Type     { return &model.Type{Kind: model.List, Elem: t} }
func mapOf(t *model.Type) *model.Type      { return &model.Type{Kind: model.Map, Elem: t} }
func optionalOf(t *model.Type) *model.Type { return &model.Type{Kind: model.Optional, Elem: t} }

// is reports whether a type is a scalar of a kind, seen through constraints.
func is(t *model.Type, k model.Kind) bool {
	return t != nil && t.Scalar().Kind == k
}

// isOptional reports whether a value of the type may be absent.
func isOptional(t *model.Type) bool { return t != nil && t.Kind == model.Optional }

// isID reports whether a type is an id or a ref, which holds one.
func isID(t *model.Type) bool { return is(t, model.ID) || is(t, model.Ref) }

// isNumber reports whether a type can be summed: int, decimal, duration.
func isNumber(t *model.Type) bool {
	return is(t, model.Int) || is(t, model.Decimal) || is(t, model.Duration)
}

// isOrdered reports whether values of a type have an order.
func isOrdered(t *model.Type) bool {
	return isNumber(t) || is(t, model.String) || is(t, model.Date) || is(t, model.Time)
}

// isConstrained reports whether a type is a scalar with a name and a check.
func isConstrained(t *model.Type) bool {
	return t != nil && t.Kind == model.Named && t.Def.Is != nil
}

// hint is the element a wanted list has, or nil.
func hint(t *model.Type, k model.Kind) *model.Type {
	if t = t.Value(); t != nil && t.Kind == k {
		return t.Elem
	}
	return nil
}

// a is a type as a sentence has it: "an int", "a list(string)".
func a(t *model.Type) string {
	s := t.String()
	if t.IsObject() && t.Def.Name == "" {
		return "an object"
	}
	if strings.ContainsRune("aeiouAEIOU", rune(s[0])) {
		return "an " + s
	}
	return "a " + s
}

// names2 are two types as a sentence has them; when both are spelled alike,
// with the context each belongs to.
func names2(t, o *model.Type) (string, string) {
	x, y := a(t), a(o)
	if x == y {
		x, y = x+ofContext(t), y+ofContext(o)
	}
	return x, y
}

func ofContext(t *model.Type) string {
	for t.Elem != nil {
		t = t.Elem
	}
	switch {
	case t.Kind != model.Named:
		return ""
	case t.Def.Context == nil:
		return " of the whole system"
	}
	return " of " + t.Def.Context.Name
}

// ActorVar is the variable `actor`: who gives the command or asks.
func ActorVar() Var { return Var{Name: "actor", Type: actorType} }

// ClaimingVar is the variable `actor` where tokens say more of who asks. What they
// say is there where Given says so.
func ClaimingVar(claims []*model.Field) Var {
	if len(claims) == 0 {
		return ActorVar()
	}
	said := make([]*model.Field, len(claims))
	for i, f := range claims {
		said[i] = f
		if t := f.Type; t.Kind != model.Optional && t.Kind != model.List {
			said[i] = &model.Field{Node: f.Node, Type: optionalOf(t)}
		}
	}
	fields := append(slices.Clone(actorType.Def.Fields), field(claimsField, Object("actor.claims", said...)))
	return Var{Name: "actor", Type: Object("actor", fields...)}
}

// Claimed is the knowledge that who asks has a claim: has(actor.claims.tenant). It
// is nil of what is always there.
func Claimed(actor Var, name string) *Tree {
	claims := fieldOf(actor.Type, claimsField)
	f := fieldOf(claims.Type, name)
	if f.Type.Kind != model.Optional {
		return nil
	}
	all := &Tree{Op: Select, Type: claims.Type, Field: claims, Args: []*Tree{{Op: Name, Type: actor.Type, Ident: actor.Name}}}
	return &Tree{Op: Has, Type: boolType, Field: f, Args: []*Tree{all}}
}

// claimsField is what tokens say of the actor besides.
const claimsField = "claims"

// ReadsClaims reports whether an expression reads what a token says of the actor.
func ReadsClaims(t *Tree) bool {
	found := false
	Walk(t, func(t *Tree) { found = found || t.Reads("actor") && t.Field.Name == claimsField })
	return found
}

// isClaim reports whether a tree is something that a token says of the actor.
func isClaim(t *Tree) bool {
	return t.Op == Select && t.Args[0].Op == Select && t.Args[0].Reads("actor") && t.Args[0].Field.Name == claimsField
}

// MetaVar is the variable `meta`: what is known of an event beside its fields.
func MetaVar() Var { return Var{Name: "meta", Type: metaType} }

// StampsVar is the variable `meta` of an instance: what is known of it beside
// its state.
func StampsVar() Var { return Var{Name: "meta", Type: stampsType} }

// StampsField is meta as a field of what has it besides the model's own fields.
func StampsField() *model.Field { return stampsField }

// NowVar is the variable `now`: when the decision is made.
func NowVar() Var { return Var{Name: "now", Type: timeType} }

// IDVar is the variable `id`: of the instance at hand.
func IDVar() Var { return Var{Name: "id", Type: idType} }

// IsNewVar is the variable `isNew`: whether an upsert found no instance.
func IsNewVar() Var { return Var{Name: "isNew", Type: boolType} }

var (
	actorType = Object("actor", field("subject", idType), field("roles", listOf(stringType)), field("system", boolType))
	metaType  = Object("meta", field("id", idType), field("time", timeType), field("version", intType),
		field("type", stringType), field("actor", actorType))
	stampsType = Object("meta", field("createdAt", timeType), field("createdBy", optionalOf(idType)),
		field("changedAt", timeType), field("changedBy", optionalOf(idType)))
	stampsField = field("meta", stampsType)
)

func field(name string, t *model.Type) *model.Field {
	return &model.Field{Node: model.Node{Name: name}, Type: t}
}
