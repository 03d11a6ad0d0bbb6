package check

import (
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// routes checks how commands are reached.
func (c *checker) routes(x *model.Context) {
	for _, a := range x.Aggregates {
		for _, m := range a.Commands {
			if m.HTTP == nil {
				continue
			}
			if len(m.Actors) == 0 {
				c.say(rule.RouteInternal, m.HTTP.Pos, "%s has no actor, so it has no public route", m.Name).
					With(diag.Fix("give it an actor, or remove http"))
				continue
			}
			if m.HTTP.Method == "GET" {
				c.say(rule.RouteMethod, m.HTTP.Pos, "%s changes something, and GET only looks", m.Name).With(diag.Fix("POST %s", m.HTTP.Path))
			}
			c.placeholders(m)
		}
	}
}

// routeConflicts checks that every request finds one place.
func (c *checker) routeConflicts(names *naming.Registry) {
	for _, x := range names.RouteConflicts() {
		one, other := x.First, x.Second
		if c.toldAlike(x) {
			continue
		}
		if other.Owner.Node == nil {
			one, other = other, one
		}
		if other.Place.Of == naming.GatewayRoutes {
			if !anyContext(one.Name) && !anyContext(other.Name) {
				c.say(rule.GatewayPath, other.Owner.Pos, "a request could mean %s and %s", atGateway(other), atGateway(one)).
					With(diag.At(one.Owner.Pos, "%s", one.Owner.What), diag.Fix("write another path for one of them"))
			}
			continue
		}
		if one.Owner.Node == nil {
			c.say(rule.RouteConflict, other.Owner.Pos, "at %s every service tells of itself", one.Name).
				With(diag.Fix("give %s a code of its own", other.Owner.Node.Name))
			continue
		}
		c.say(rule.RouteConflict, other.Owner.Pos, "%s could mean %s and %s", other.Name, one.Owner.Node.Name, other.Owner.Node.Name).
			With(diag.At(one.Owner.Pos, "%s is %s", one.Name, one.Owner.Node.Name), routeFix(one.Owner, other.Owner))
	}
}

// routeFix says what would part two routes.
func routeFix(one, other naming.Owner) diag.Option {
	if one.Of != nil && other.Of != nil && one.Of != other.Of {
		return diag.Fix("say what several of %s are called: plural: …", other.Of.Name)
	}
	return diag.Fix("write another http for one of them")
}

// placeholders checks that what stands in a path fits into one.
func (c *checker) placeholders(m *model.Command) {
	if m.HTTP == nil {
		return
	}
	for _, name := range m.HTTP.Params() {
		if f := named(m.Input, name); f != nil && f.Type != nil && (f.Type.Kind == model.Optional || !isScalar(f.Type)) {
			c.say(rule.RouteField, m.HTTP.Pos, "{%s} cannot stand in a path: it is %s", name, f.Type).
				With(diag.At(f.Pos, "%s here", f.Type), diag.Fix("leave it to the body"))
		}
	}
}

// anyContext reports whether a path of the gateway begins with a placeholder,
// which is told of by itself.
func anyContext(route string) bool {
	_, path, _ := strings.Cut(route, " ")
	return strings.HasPrefix(path, "/{")
}

// atGateway is a path of the gateway with what is behind it. A route is called as
// its path is.
func atGateway(e naming.Entry) string {
	if e.Owner.What == "route "+e.Owner.Node.Name {
		return e.Owner.Node.Name
	}
	return e.Name + " of " + e.Owner.What
}
