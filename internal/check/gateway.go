package check

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// gatewayOwn are paths at which the gateway tells of itself.
var gatewayOwn = []string{"livez", "readyz", "openapi.json", "openapi.yaml"}

// gateway checks what is particular to the paths of the gateway that are of
// one's own choosing. That each leads to one place is known once all names are;
// see routeConflicts.
func (c *checker) gateway() {
	for _, x := range c.sys.Compositions {
		if x.HTTP != nil && len(x.Actors) > 0 {
			c.ownPath(x.HTTP.Path, x.HTTP.Pos)
		}
	}
	if c.sys.Gateway == nil {
		return
	}
	for _, x := range c.sys.Gateway.Routes {
		switch {
		case x.HTTP != nil:
			c.ownPath(x.HTTP.Path, x.HTTP.Pos)
			c.destination(x)
		case x.Path.Value != "":
			c.ownPath(x.Path.Value, x.Path.Pos)
		}
	}
}

// ownPath checks that a path begins with a word that is not the gateway's.
func (c *checker) ownPath(path string, pos source.Pos) {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case first == "" || strings.HasPrefix(first, "{"): // it could be the name of any context
		c.say(rule.GatewayPath, pos, "%s begins with a placeholder, and paths of the gateway begin with a name", path).
			With(diag.Fix("put a word before it"))
	case slices.Contains(gatewayOwn, first):
		c.say(rule.GatewayPath, pos, "at /%s the gateway tells of itself", first).With(diag.Fix("write another path"))
	}
}

// destination checks that what a route leads to is for somebody, and can be found
// by what stands in a path.
func (c *checker) destination(x *model.GatewayRoute) {
	to := x.To
	switch {
	case to.Command != nil:
		if len(to.Command.Actors) == 0 {
			c.internalRoute(x, to.Command.Name)
		} else if x.HTTP.Method == "GET" {
			c.say(rule.RouteMethod, x.HTTP.Pos, "%s changes something, and GET only looks", to.Command.Name).With(diag.Fix("POST %s", x.HTTP.Path))
		}
	case to.View != nil && len(to.View.Actors) == 0:
		c.internalRoute(x, to.View.Name)
	case to.Query != nil && len(to.Query.Actors) == 0:
		c.internalRoute(x, to.Query.Name)
	case to.State != nil && !slices.ContainsFunc(to.State.Commands, func(m *model.Command) bool { return len(m.Actors) > 0 }):
		c.internalRoute(x, to.State.Name)
	}
	may, _ := x.Takes()
	for _, name := range x.HTTP.Params() {
		if f := named(may, name); f != nil && f.Type != nil && (f.Type.Kind == model.Optional && to.View == nil || !isScalar(f.Type.Value())) {
			c.say(rule.RouteField, x.HTTP.Pos, "{%s} cannot stand in a path: it is %s", name, f.Type).
				With(diag.At(f.Pos, "%s here", f.Type), diag.Fix("leave it out"))
		}
	}
}

func (c *checker) internalRoute(x *model.GatewayRoute, what string) {
	c.say(rule.RouteInternal, x.HTTP.Pos, "%s has no actor, so nobody outside has a way to it", what).With(diag.Fix("give it an actor, or remove the route"))
}
