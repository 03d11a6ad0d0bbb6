package devrun

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
)

// places are the addresses of a running system that its page speaks of.
type places struct {
	gateway, standins, desk string
	token                   string // command that prints a token; "": headers are believed
}

// Page is one page about the system: where everything is, and requests to try.
// Without requests of the model's author it shows some with made-up values.
func (s *System) Page() string {
	running := slices.DeleteFunc(slices.Clone(s.opts.System.Services), func(v *services.Service) bool { return s.process(v.Dir) == nil })
	requests := s.opts.Requests
	if len(requests) == 0 {
		requests = derived(running)
	}
	at := places{gateway: s.URL(), standins: s.Standins(), desk: s.Desk()}
	if s.issuer != nil {
		at.token = s.opts.TokenCommand
	}
	return page(s.opts, running, at, requests)
}

func page(o Options, running []*services.Service, at places, requests []Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is running at %s\n", o.System.Title, at.gateway)
	for _, s := range running {
		fmt.Fprintf(&b, "\n  %s/%s  %s\n", at.gateway, s.Dir, s.Title)
		writeRoutes(&b, gateway.PublicRoutes(s))
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
	}
	fmt.Fprintf(&b, "  %s  this page\n", at.desk)
	if len(requests) > 0 {
		b.WriteString("\nTry, one after the other:\n")
	}
	for _, r := range requests {
		address := at.gateway
		if r.To == ToStandins {
			address = at.standins
		}
		fmt.Fprintf(&b, "\n# %s\n%s\n", r.Title, r.Curl(address, at.token))
	}
	return b.String()
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

// derived makes requests for every command that creates something, and looks
// at what became of it.
func derived(running []*services.Service) []Request {
	var out []Request
	for _, s := range running {
		add := func(title quote.Text, r services.Request, ok bool) {
			if !ok {
				return
			}
			header := []string{"X-Actor-Id: " + r.Actor, "X-Actor-Roles: " + r.Role}
			if r.Body != "" {
				header = append(header, "Content-Type: application/json")
			}
			out = append(out, Request{Title: title, Method: r.Method, Path: "/" + s.Dir + r.Path, Header: header, Body: r.Body})
		}
		for _, a := range s.Aggregates {
			created := false
			for _, c := range a.Commands {
				if c.Mode == "Existing" {
					continue
				}
				r, ok := c.Example(1)
				add(c.Title, r, ok)
				created = created || ok
			}
			if r, ok := a.Example(1); created {
				add(a.Title, r, ok)
			}
		}
		for _, v := range s.Views {
			r, ok := v.Example(1)
			add(v.Title, r, ok)
		}
	}
	return out
}
