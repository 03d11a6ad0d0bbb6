package devrun

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/issuer"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
)

// places are the addresses of a running system that its page speaks of.
type places struct {
	gateway, standins, desk string
	soon                    bool // nothing is there yet but the desk
	tokens                  bool // the desk makes tokens; false: headers are believed
}

// Page is one page about the system: where everything is, and requests to try.
// Without requests of the model's author it shows some with made-up values.
func (s *System) Page() string {
	running := s.running()
	requests := s.opts.Requests
	if len(requests) == 0 {
		requests = s.derived()
	}
	at := places{gateway: s.URL(), standins: s.Standins(), desk: s.Desk(), soon: !s.built.Load(), tokens: s.issuer != nil}
	return page(s.opts, running, at, requests)
}

// running are the services that are run.
func (s *System) running() []*services.Service {
	return slices.DeleteFunc(slices.Clone(s.opts.System.Services), func(v *services.Service) bool { return s.process(v.Dir) == nil })
}

func page(o Options, running []*services.Service, at places, requests []Request) string {
	var b strings.Builder
	runs := "is running"
	if at.soon {
		runs = "will run"
	}
	fmt.Fprintf(&b, "%s %s at %s\n", o.System.Title, runs, at.gateway)
	for _, s := range running {
		fmt.Fprintf(&b, "\n  %s/%s  %s\n", at.gateway, s.Dir, s.Title)
		writeRoutes(&b, gateway.PublicRoutes(s))
	}
	if len(o.Gateway.Own) > 0 {
		fmt.Fprintf(&b, "\n  %s  paths of the gateway's own\n", at.gateway)
		var routes []gateway.Route
		for _, x := range o.Gateway.Own {
			routes = append(routes, gateway.Route{Method: x.Method, Path: x.Path, Title: x.Title, Roles: x.Roles})
		}
		writeRoutes(&b, routes)
	}
	if len(o.Gateway.Compositions) > 0 {
		fmt.Fprintf(&b, "\n  %s  composed of several services\n", at.gateway)
		var routes []gateway.Route
		for _, c := range o.Gateway.Compositions {
			routes = append(routes, gateway.Route{Method: "GET", Path: c.Path, Title: c.Title, Roles: c.Roles})
		}
		writeRoutes(&b, routes)
	}
	b.WriteString("\n")
	if at.standins != "" {
		fmt.Fprintf(&b, "  %s/_calls  what the external systems were asked\n", at.standins)
		writeWebhooks(&b, o.System, at)
	}
	fmt.Fprintf(&b, "  %s  the desk: a browser shows the system there, and lets you use it\n", at.desk)
	if len(requests) > 0 {
		b.WriteString("\nTry, one after the other:\n")
	}
	token := ""
	if at.tokens {
		token = at.desk + issuer.TokenPath
	}
	for _, r := range requests {
		address := at.gateway
		if r.To == ToStandins {
			address = at.standins
		}
		fmt.Fprintf(&b, "\n# %s\n%s\n", r.Title, r.Curl(address, token))
	}
	return b.String()
}

// writeWebhooks says how the stand-ins are made to tell something.
func writeWebhooks(b *strings.Builder, sys *services.System, at places) {
	for _, x := range sys.Webhooks() {
		for _, h := range x.Webhook.Paths {
			path := x.Name.Go
			if h.Event != "" {
				path += "/" + h.Event
			}
			fmt.Fprintf(b, "  %s/_webhooks/%s  signs what it is sent, for %s/%s%s: %s\n", at.standins, path, at.gateway, x.Service.Dir, h.Path, quote.Terminal(h.Title))
		}
	}
}

func by(title quote.Text, roles []string) string {
	return quote.Terminal(title) + " (" + strings.Join(roles, ", ") + ")"
}

func writeRoutes(b *strings.Builder, list []gateway.Route) {
	width := 0
	for _, r := range list {
		width = max(width, utf8.RuneCountInString(r.Path))
	}
	for _, r := range list {
		fmt.Fprintf(b, "    %-6s %-*s  %s\n", r.Method, width, r.Path, by(r.Title, r.Roles))
	}
}
