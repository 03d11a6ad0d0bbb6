// Package gateway plans the single way in from outside: which paths lead where,
// for whom, and how much of it.
package gateway

import (
	"cmp"
	"maps"
	"path"
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
	Rate         string // in Go; "": no limit
	MaxBody      int64  // bytes; 0: not said
	Timeout      string // Go duration; "": not said
	Upstreams    []Upstreaming
	Groups       []RouteGroup
	Own          []Own
	Webhooks     []Webhook
	Compositions []*Composition
	Detours      []Detour
	Rewrites     []Rewrite
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
	Lasts        bool // a change stream
}

// Own is a path of one's own choosing for what a service answers.
type Own struct {
	Method, Path string
	To           string // method and path as they are below the name of the service
	Title        quote.Text
	Roles        []string
}

// Webhook is a request of an external system that a service answers.
type Webhook struct {
	Method, Path string // below the gateway
	Title        quote.Text
}

// Composition is one answer made of rows of several read models.
type Composition struct {
	Title quote.Text
	Path  string
	Roles []string
	List  string // path, below the gateway, of the rows that the parts belong to; "": there is no list
	Parts []Part
}

// Part is the share of one read model.
type Part struct {
	Name     string
	Path     string // below the gateway
	Required bool
	Timeout  string // Go duration; "": the gateway's
}

// Detour is a path that leads to a system of before, as it is.
type Detour struct {
	Path   string
	Below  bool
	System string
}

// Rewrite is one that the system calls otherwise, or that is for one method.
type Rewrite struct {
	Method string // "": all
	Path   string
	Below  bool
	System string
	To     string
}

// Plan plans the gateway of services.
func Plan(sys *services.System) *Gateway {
	g := &Gateway{System: sys, Module: sys.Module + "/gateway"}
	taken := names.Unique{}
	for _, s := range sys.Services {
		if !Leads(s) {
			continue
		}
		g.Upstreams = append(g.Upstreams, Upstreaming{Name: s.Dir, Title: s.Title, Go: taken.Take(names.OfText(s.Env).Go, ""), Env: s.Env})
		if routes := PublicRoutes(s); len(routes) > 0 {
			g.Groups = append(g.Groups, RouteGroup{s, routes})
		}
		for _, x := range s.Webhooks() {
			for _, h := range x.Webhook.Paths {
				g.Webhooks = append(g.Webhooks, Webhook{h.Method, "/" + s.Dir + h.Path, h.Title})
			}
		}
	}
	for _, c := range sys.Model.System.Compositions {
		if p := composition(sys, c); p != nil {
			g.Compositions = append(g.Compositions, p)
		}
	}
	if m := sys.Model.System.Gateway; m != nil {
		g.settings(m)
		g.routes(sys, taken)
	}
	return g
}

// Claims are those of all actors.
func (g *Gateway) Claims() *services.Claims { return services.ClaimsOf(g.System.Model.Actors) }

// Leads reports whether anything comes to a service by way of the gateway, which is
// told of no others.
func Leads(s *services.Service) bool { return len(PublicRoutes(s)) > 0 || len(s.Webhooks()) > 0 }

// PublicRoutes are the requests of actors that a service answers.
func PublicRoutes(s *services.Service) []Route {
	var out []Route
	for _, a := range s.Aggregates {
		for _, c := range a.Commands {
			if c.Path != "" && len(c.Roles) > 0 {
				out = append(out, Route{Method: c.Method, Path: c.Path, Title: c.Title, Roles: c.Roles})
			}
		}
		if len(a.Roles) > 0 {
			out = append(out, read(a.Path+"/{"+a.ID.JSON+"}", a.Title, a.Roles))
			if a.Sourced != nil {
				out = append(out, read(a.Sourced.Path, a.Title, a.Roles))
			}
		}
	}
	for _, v := range s.Views {
		if len(v.Roles) > 0 {
			out = append(out, read(v.Path, v.Title, v.Roles), read(v.Path+keyPath(v), v.Title, v.Roles))
		}
		if v.Changes != "" {
			out = append(out, Route{Method: "GET", Path: v.Changes, Title: v.Title, Roles: v.Roles, Lasts: true})
		}
		for _, q := range v.Queries {
			if len(q.Roles) > 0 {
				out = append(out, read(q.Path, q.Title, q.Roles))
			}
		}
	}
	for _, r := range s.Renamed {
		for _, now := range out {
			if p := (naming.Path{Method: now.Method, Path: now.Path}); p.Address() == r.Is.Address() {
				now.Path = r.Was.Path
				out = append(out, now)
				break
			}
		}
	}
	return out
}

func read(path string, title quote.Text, roles []string) Route {
	return Route{Method: "GET", Path: path, Title: title, Roles: roles}
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
	out := &Composition{Title: c.Called(), Path: naming.CompositionRoute(c).Path, Roles: services.Roles(c.Actors)}
	if c.List != nil {
		v := sys.View(c.List.View)
		if v == nil {
			return nil // a name only
		}
		out.List = "/" + v.Service.Dir + v.Path + filters(c.HTTP.Params(), c.List.View.Fields)
	}
	for _, p := range c.Parts {
		v := sys.View(p.From.View)
		if v == nil {
			return nil // a part is a name only
		}
		part := Part{Name: names.Of(&p.Node).JSON, Path: "/" + v.Service.Dir + v.Path, Required: p.Required, Timeout: goTimeout(p.Timeout)}
		for _, column := range p.From.View.Key {
			for _, k := range p.Keys {
				if k.Column.Field == column.Field {
					part.Path += "/{" + source(k) + "}"
				}
			}
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}

// source is where the gateway finds a key of a part: a parameter of the path, or
// a column of the row of the list.
func source(k *model.PathKey) string {
	if k.Of != nil {
		return "row." + names.JSON(&k.Of.Node)
	}
	return names.OfText(k.Param.Value).JSON
}

// filters are the parameters of a path that narrow a list, as its query:
// ?customerId={customerId}.
func filters(params []string, fields []*model.Field) string {
	var out []string
	for _, name := range params {
		for _, f := range fields {
			if f.Name == name {
				out = append(out, names.Filter(names.JSON(&f.Node))+"={"+names.JSON(&f.Node)+"}")
			}
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "?" + strings.Join(out, "&")
}

func (g *Gateway) settings(m *model.Gateway) {
	for _, o := range m.CORS {
		g.Origins = append(g.Origins, o.Value)
	}
	if m.Rate != nil {
		g.Rate = "gateway.PerClient(" + strconv.Itoa(m.Rate.Count) + ", " + services.Duration(m.Rate.Per) + ")"
	}
	g.MaxBody = m.Body.Milli / 1000
	g.Timeout = goTimeout(m.Timeout)
}

// routes are the paths of one's own choosing.
func (g *Gateway) routes(sys *services.System, taken names.Unique) {
	known := map[string]string{}
	for _, x := range naming.LegacySystems(sys.Model.System) {
		known[x.URL] = x.Name.Kebab
		g.Systems = append(g.Systems, Upstreaming{
			Name: x.Name.Kebab, Title: quote.Text(x.URL), Go: taken.Take(names.OfText(naming.LegacyAddress(x.Name)).Go, "Legacy"), Env: naming.LegacyAddress(x.Name), Default: x.URL,
		})
	}
	for _, x := range sys.Model.System.Gateway.Routes {
		switch {
		case x.To.URL == "":
			if o := own(sys, x); o != nil {
				g.Own = append(g.Own, *o)
			}
		case x.HTTP == nil && !x.Rewritten.Pos.IsValid():
			g.Detours = append(g.Detours, Detour{x.Path.Value, x.Below, known[x.To.URL]})
		default:
			g.Rewrites = append(g.Rewrites, rewrite(x, known[x.To.URL]))
		}
	}
}

func rewrite(x *model.GatewayRoute, system string) Rewrite {
	out := Rewrite{Path: x.Path.Value, Below: x.Below, System: system}
	if x.HTTP != nil {
		out.Method, out.Path = x.HTTP.Method, x.HTTP.Path
	}
	out.To = out.Path
	if x.Rewritten.Pos.IsValid() {
		out.To = cmp.Or(x.Rewritten.Value, "/")
	}
	return out
}

// own is nil where there is nobody who may ask.
func own(sys *services.System, x *model.GatewayRoute) *Own {
	at := naming.GatewayPath(x)
	out := &Own{Method: at.Method, Path: at.Path}
	to := func(s *services.Service, method, path string, title quote.Text, roles []string) *Own {
		out.To, out.Title, out.Roles = method+" /"+s.Dir+path, title, roles
		if len(roles) == 0 {
			return nil
		}
		return out
	}
	switch d := x.To; {
	case d.Command != nil:
		for _, s := range sys.Services {
			for _, a := range s.Aggregates {
				for _, c := range a.Commands {
					if c.Model == d.Command && c.Path != "" {
						return to(s, c.Method, c.Path, c.Title, c.Roles)
					}
				}
			}
		}
	case d.State != nil:
		for _, s := range sys.Services {
			for _, a := range s.Aggregates {
				if a.Model == d.State {
					return to(s, "GET", a.Path+"/{"+a.ID.JSON+"}", a.Title, a.Roles)
				}
			}
		}
	case d.Query != nil:
		if v := sys.View(d.Query.View); v != nil {
			for _, q := range v.Queries {
				if q.Model == d.Query {
					return to(v.Service, "GET", q.Path+filters(x.HTTP.Params(), d.Query.Input), q.Title, q.Roles)
				}
			}
		}
	case d.View != nil:
		if v := sys.View(d.View); v != nil && x.Row() {
			return to(v.Service, "GET", v.Path+keyPath(v), v.Title, v.Roles)
		} else if v != nil {
			return to(v.Service, "GET", v.Path+filters(x.HTTP.Params(), d.View.Fields), v.Title, v.Roles)
		}
	}
	return nil
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
	out["gateway"] = path.Dir(std["service"]) + "/gateway"
	return out
}
