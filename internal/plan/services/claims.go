package services

import (
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/model"
)

// Claims is what else tokens say of actors.
type Claims struct {
	Names []string // in tokens
	Roles []Complete
	Usual string // Go literals by name: those of whoever says none, in tests
}

// Complete says which claims go with a role.
type Complete struct {
	Role string
	If   string // Go condition over claims
}

// ClaimsOf are the claims of actors; nil: they have none. Of several actors with one
// role, which tokens do not tell apart, a token has the claims of all.
func ClaimsOf(actors []*model.Actor) *Claims {
	out := &Claims{}
	there := map[string][]string{} // Go conditions, by role
	var roles []string
	for _, a := range actors {
		for _, f := range a.Claims {
			if name := names.Of(&f.Node).JSON; !slices.Contains(out.Names, name) {
				out.Names = append(out.Names, name)
			}
			is := "claims." + expr.Claim(f) + " != nil"
			if f.Type.Kind == model.Optional || f.Type.Kind == model.List || slices.Contains(there[a.Role], is) {
				continue
			}
			if there[a.Role] == nil {
				roles = append(roles, a.Role)
			}
			there[a.Role] = append(there[a.Role], is)
		}
	}
	if len(out.Names) == 0 {
		return nil
	}
	for _, role := range roles {
		out.Roles = append(out.Roles, Complete{role, strings.Join(there[role], " && ")})
	}
	out.Usual = usual(actors)
	return out
}

// usual are made-up claims, in Go.
func usual(actors []*model.Actor) string {
	said := map[string]string{}
	for _, a := range actors {
		roles := []string{a.Role}
		maps.Copy(said, sample.Said(actors, roles, sample.Claims(actors, roles)))
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(said)) {
		parts = append(parts, quote.Go(name)+": "+quote.Go(said[name]))
	}
	return "values.Claims{" + strings.Join(parts, ", ") + "}"
}

// Claims are those of the actors of the service.
func (s *Service) Claims() *Claims {
	var actors []*model.Actor
	add := func(refs []*model.ActorRef) {
		for _, r := range refs {
			if r.Actor != nil && !slices.Contains(actors, r.Actor) {
				actors = append(actors, r.Actor)
			}
		}
	}
	for _, a := range s.Context.Aggregates {
		for _, c := range a.Commands {
			add(c.Actors)
		}
	}
	for _, v := range s.Context.Views {
		add(v.Actors)
		for _, q := range v.Queries {
			add(q.Actors)
		}
	}
	return ClaimsOf(actors)
}
