// Package gateway plans the single way in from outside: which paths lead where,
// for whom, and how much of it.
package gateway

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Gateway is the single way in from outside: a module of its own.
type Gateway struct {
	System       *services.System
	Module       string
	Origins      []string
	Rate         string // Go literal; "": no limit
	MaxBody      int64  // bytes; 0: not said
	Timeout      string // Go duration; "": not said
	Upstreams    []Upstreaming
	Groups       []RouteGroup
	Compositions []*Composition
	Detours      []Detour
	Systems      []Upstreaming // of before
	Documented   bool          // what it offers is written down
}

// Upstreaming is somebody behind the gateway.
type Upstreaming struct {
	Name    string // as the table of routes calls it
	Title   quote.Text
	Go      string // field of the configuration
	Env     string
	Default string // URL; "": it must be set
}

// RouteGroup are the routes that lead to one service.
type RouteGroup struct {
	Service *services.Service
	Routes  []Route
}

// Route is a public request that a service answers.
type Route struct {
	Method, Path string // as the service knows it
	Title        quote.Text
	Roles        []string
}

// Composition is one answer made of rows of several read models.
type Composition struct {
	Title quote.Text
	Path  string
	Roles []string
	Parts []Part
}

// Part is the share of one read model.
type Part struct {
	Name     string
	Path     string // below the gateway
	Required bool
	Timeout  string // Go duration; "": the gateway's
}

// Detour is a path that leads to a system of before.
type Detour struct {
	Path   string
	Below  bool
	System string
}

// Plan plans the gateway of services.
func Plan(sys *services.System) *Gateway {
	g := &Gateway{System: sys, Module: sys.Module + "/gateway"}
	taken := names.Unique{}
	for _, s := range sys.Services {
		g.Upstreams = append(g.Upstreams, Upstreaming{Name: s.Dir, Title: s.Title, Go: taken.Take(names.OfText(s.Env).Go, ""), Env: s.Env})
		if routes := PublicRoutes(s); len(routes) > 0 {
			g.Groups = append(g.Groups, RouteGroup{s, routes})
		}
	}
	for _, c := range sys.Model.System.Compositions {
		if p := composition(sys, c); p != nil {
			g.Compositions = append(g.Compositions, p)
		}
	}
	if m := sys.Model.System.Gateway; m != nil {
		g.settings(m)
		g.detours(sys.Model.System, taken)
	}
	return g
}

// PublicRoutes are the requests of actors that a service answers.
func PublicRoutes(s *services.Service) []Route {
	var out []Route
	for _, a := range s.Aggregates {
		for _, c := range a.Commands {
			if c.Path != "" && len(c.Roles) > 0 {
				out = append(out, Route{c.Method, c.Path, c.Title, c.Roles})
			}
		}
		if len(a.Roles) > 0 {
			out = append(out, Route{"GET", a.Path + "/{" + a.ID.JSON + "}", a.Title, a.Roles})
		}
	}
	for _, v := range s.Views {
		if len(v.Roles) > 0 {
			out = append(out, Route{"GET", v.Path, v.Title, v.Roles}, Route{"GET", v.Path + keyPath(v), v.Title, v.Roles})
		}
		for _, q := range v.Queries {
			if len(q.Roles) > 0 {
				out = append(out, Route{"GET", q.Path, q.Title, q.Roles})
			}
		}
	}
	return out
}

// keyPath is the end of the path of one row: /{orderId}/{day}.
func keyPath(v *services.View) string {
	var path strings.Builder
	for _, k := range v.Key {
		path.WriteString("/{" + k.JSON + "}")
	}
	return path.String()
}

// composition is nil where there is nothing to ask for, or nobody to ask.
func composition(sys *services.System, c *model.Composition) *Composition {
	if c.HTTP == nil || len(c.Actors) == 0 || len(c.Parts) == 0 {
		return nil
	}
	out := &Composition{Title: c.Called(), Path: wildcards(c.HTTP.Path), Roles: services.Roles(c.Actors)}
	for _, p := range c.Parts {
		v := sys.View(p.From.View)
		if v == nil {
			return nil // a part is a name only
		}
		part := Part{Name: names.Of(&p.Node).JSON, Path: "/" + v.Service.Dir + v.Path, Required: p.Required, Timeout: goTimeout(p.Timeout)}
		for _, column := range p.From.View.Key {
			for _, k := range p.Keys {
				if k.Column.Field == column.Field {
					part.Path += "/{" + names.OfText(k.Param.Value).JSON + "}"
				}
			}
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}

// wildcards spells the placeholders of a path as everything else is spelled.
func wildcards(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, "{"); ok {
			segments[i] = "{" + names.OfText(strings.TrimSuffix(name, "}")).JSON + "}"
		}
	}
	return strings.Join(segments, "/")
}

func (g *Gateway) settings(m *model.Gateway) {
	for _, o := range m.CORS {
		g.Origins = append(g.Origins, o.Value)
	}
	if m.Rate != nil {
		g.Rate = "gateway.Rate{Count: " + strconv.Itoa(m.Rate.Count) + ", Per: " + services.Duration(m.Rate.Per) + "}"
	}
	g.MaxBody = m.Body.Milli / 1000
	g.Timeout = goTimeout(m.Timeout)
}

// detours are the paths that lead to systems of before.
func (g *Gateway) detours(sys *model.System, taken names.Unique) {
	known := map[string]string{}
	for _, x := range naming.LegacySystems(sys) {
		known[x.URL] = x.Name.Kebab
		g.Systems = append(g.Systems, Upstreaming{
			Name: x.Name.Kebab, Title: quote.Text(x.URL), Go: taken.Take(names.OfText(naming.LegacyAddress(x.Name)).Go, "Legacy"), Env: naming.LegacyAddress(x.Name), Default: x.URL,
		})
	}
	for _, x := range sys.Gateway.Routes {
		g.Detours = append(g.Detours, Detour{x.Path.Value, x.Prefix, known[x.To.Value]})
	}
}

// goTimeout is a limit; "" where there is none.
func goTimeout(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return services.Duration(d)
}

// Imports are the packages that the gateway's files may use.
func (g *Gateway) Imports(std map[string]string) map[string]string {
	out := maps.Clone(std)
	out["gateway"], out["routes"], out["api"] = g.System.Module+"/platform/gateway", g.Module+"/internal/routes", g.Module+"/api"
	return out
}
