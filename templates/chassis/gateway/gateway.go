// Package gateway is the single way into a system from outside: a table of
// routes leads to the services behind it. Who asks, and whether they may, is
// found out as the services do it themselves, who look again.
package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Table is what a gateway does.
type Table struct {
	Settings Settings
	Routes   []Route
	Ways     []Way // that do not lead to a service
}

// Settings are the limits of all requests.
type Settings struct {
	Pages   Pages         // of the web that may ask; nil: none
	Rate    Rate          // of one client; nil: as often as it likes
	MaxBody int64         // bytes; 0: as the environment says
	Timeout time.Duration // of a request; 0: as the environment says
}

// Pages have browsers let web pages ask; see From.
type Pages func(http.Handler) http.Handler

// Rate is how often a client may ask; see PerClient.
type Rate interface {
	// of finds out who asks as another one does, and counts it; so many proxies
	// are believed.
	of(by inbound.Authenticator, proxies int) inbound.Authenticator
	// stranger counts a request of whoever it may be.
	stranger(r *http.Request) error
}

// Route leads to a service: "/front/orders" is "/orders" of front.
type Route struct {
	Method, Path string
	Roles        []string // of those who may
	// add adds it to a router; nil: Handle does, as the answer ends by itself.
	add func(router *rest.Router, pattern string, roles []string, fn func(http.ResponseWriter, *http.Request, inbound.Actor) error)
}

// To is a route for some roles.
func To(method, path string, roles ...string) Route {
	return Route{Method: method, Path: path, Roles: roles}
}

// Stream is a route to server-sent events for some roles.
func Stream(path string, roles ...string) Route {
	return Route{Method: http.MethodGet, Path: path, Roles: roles, add: (*rest.Router).HandleStream}
}

// Way is something that a gateway does besides: a Composition, a Detour.
type Way interface{ add(g *gateway) }

// Parts are what a gateway is put together of.
type Parts struct {
	Config Config
	Table  Table
	// Services are the URLs of the services, and of their replicas, by name.
	Services map[string][]string
	// Systems are the URLs of the systems of before, by name.
	Systems map[string]string
	// Document is what the gateway offers, a list that refers to what services say
	// of themselves (package openapi); nil: nobody is told.
	Document []byte
	// Claiming has an authenticator keep what is claimed of actors; nil: nothing is.
	Claiming func(inbound.Authenticator) inbound.Authenticator
	// Ready is told the addresses of the listeners once the gateway is ready; nil: nobody.
	Ready func(service.Addresses)
}

// Config is what a gateway is told by its environment.
type Config struct {
	service.Server
	// UpstreamsFile is a file that says where services are, and is read again
	// whenever it changes: lines of a name and URLs. What it does not name is
	// where the service's own variable says.
	UpstreamsFile string `env:"UPSTREAMS_FILE"`
	// TrustedProxies is how many proxies stand before the gateway: so many
	// addresses at the end of X-Forwarded-For are believed.
	TrustedProxies int `env:"TRUSTED_PROXIES" envDefault:"0"`
}

// Run runs a gateway until ctx is done, and then stops it as services are stopped.
func Run(ctx context.Context, p Parts) error {
	config := p.Config.with(p.Table.Settings)
	tel, err := telemetry.Start(ctx, config.Telemetry("gateway"))
	if err != nil {
		return err
	}
	g, err := newGateway(config, p, tel)
	if err != nil {
		return errors.Join(err, tel.Close(ctx))
	}
	return service.Run(ctx, service.Options{
		Name: "gateway", Config: config.Server, Telemetry: tel, Router: g.router, Ready: p.Ready,
		Checks: []service.Check{{Name: "identity", Do: g.router.Ready}},
		Close: []service.Step{
			{Name: "connections", Do: func(context.Context) error { g.pool.CloseIdleConnections(); return nil }},
			{Name: "telemetry", Do: tel.Close},
		},
	})
}

// with has what the model says in place of what the environment does.
func (c Config) with(s Settings) Config {
	if s.MaxBody > 0 {
		c.MaxBody = s.MaxBody
	}
	if s.Timeout > 0 {
		c.RequestTimeout = s.Timeout
	}
	return c
}

// gateway is what the routes have in common.
type gateway struct {
	config    Config
	router    *rest.Router
	pool      *http.Transport
	upstreams map[string]*upstream
	rate      Rate // nil: everybody as often as they like
}

func newGateway(config Config, p Parts, tel *telemetry.Telemetry) (*gateway, error) {
	g := &gateway{config: config, pool: newPool(), upstreams: map[string]*upstream{}, rate: p.Table.Settings.Rate}
	book := &addressBook{file: config.UpstreamsFile, log: tel.Log}
	for name, urls := range p.Services {
		u, err := newUpstream(name, urls, book, g.pool, tel)
		if err != nil {
			return nil, err
		}
		g.upstreams[name] = u
	}
	for name, url := range p.Systems {
		u, err := newUpstream(name, []string{url}, book, g.pool, tel)
		if err != nil {
			return nil, err
		}
		g.upstreams[name] = u
	}
	taken := config.Rest(tel.Log)
	if p.Claiming != nil {
		taken.Authenticator = p.Claiming(taken.Authenticator)
	}
	if g.rate != nil {
		taken.Authenticator = g.rate.of(taken.Authenticator, config.TrustedProxies)
	}
	g.router = rest.NewRouter(taken)
	g.routes(p.Table)
	if err := g.describe(p.Document); err != nil {
		return nil, err
	}
	return g, g.router.Err()
}

// routes fills the router.
func (g *gateway) routes(t Table) {
	for _, r := range t.Routes {
		add := r.add
		if add == nil {
			add = (*rest.Router).Handle
		}
		add(g.router, r.Method+" "+r.Path, r.Roles, g.toService(serviceOf(r.Path)))
	}
	for _, w := range t.Ways {
		w.add(g)
	}
	if t.Settings.Pages != nil {
		g.router.Around(t.Settings.Pages)
	}
	g.router.Around(named)
}

// stranger refuses a request of whoever it may be that comes too soon.
func (g *gateway) stranger(r *http.Request) error {
	if g.rate == nil {
		return nil
	}
	return g.rate.stranger(r)
}
