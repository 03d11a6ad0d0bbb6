// Package gateway is the single way into a system from outside: a table of
// routes leads to the services behind it. Who asks, and whether they may, is
// found out as the services do it themselves, who look again.
package gateway

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Table is what a gateway does.
type Table struct {
	Settings     Settings
	Routes       []Route
	Compositions []Composition
	Detours      []Detour
}

// Settings are the limits of all requests.
type Settings struct {
	Origins []string      // of web pages that may ask: https://shop.example
	Rate    Rate          // of one client; zero: as often as it likes
	MaxBody int64         // bytes; 0: as the environment says
	Timeout time.Duration // of a request; 0: as the environment says
}

// Route leads to a service: "/front/orders" is "/orders" of front.
type Route struct {
	Method, Path string
	Roles        []string // of those who may
}

// To is a route for some roles.
func To(method, path string, roles ...string) Route { return Route{method, path, roles} }

// Detour leads to a system of before, which gets the path as it is, and looks
// itself after who may.
type Detour struct {
	Path   string
	Below  bool // everything below the path, too
	System string
}

// Parts are what a gateway is put together of.
type Parts struct {
	Config Config
	Table  Table
	// Services are the URLs of the services, and of their replicas, by name.
	Services map[string][]string
	// Systems are the URLs of the systems of before, by name.
	Systems map[string]string
	// Documents are files in which the gateway tells everybody what it offers; nil: none.
	Documents fs.FS
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
	tel, err := telemetry.Start(ctx, config.Telemetry("gateway", ""))
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
	clients   *clients
}

func newGateway(config Config, p Parts, tel *telemetry.Telemetry) (*gateway, error) {
	g := &gateway{config: config, pool: newPool(), upstreams: map[string]*upstream{}, clients: newClients(p.Table.Settings.Rate)}
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
	taken.Authenticator = &limited{taken.Authenticator, g}
	g.router = rest.NewRouter(taken)
	g.routes(p.Table)
	if err := g.documents(p.Documents); err != nil {
		return nil, err
	}
	return g, g.router.Err()
}

// routes fills the router.
func (g *gateway) routes(t Table) {
	for _, r := range t.Routes {
		g.router.Handle(r.Method+" "+r.Path, r.Roles, g.toService(serviceOf(r.Path)))
	}
	for _, c := range t.Compositions {
		g.router.Handle("GET "+c.Path, c.Roles, g.compose(c))
	}
	for _, d := range t.Detours {
		if d.Path != "" {
			g.router.HandleOpen(d.Path, g.toSystem(d.System))
		}
		if d.Below {
			g.router.HandleOpen(d.Path+"/{below...}", g.toSystem(d.System))
		}
	}
	g.router.Around(crossOrigin(t.Settings.Origins))
	g.router.Around(named)
}
