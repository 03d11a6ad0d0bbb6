package devrun

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/plan"
)

// Page is one page about the system: where everything is, and requests to try.
// Without requests of the model's author it shows some with made-up values.
func (s *System) Page() string {
	services := slices.DeleteFunc(slices.Clone(s.opts.System.Services), func(v *plan.Service) bool { return s.process(v.Dir) == nil })
	requests := s.opts.Requests
	if len(requests) == 0 {
		requests = derived(services)
	}
	token := s.opts.TokenCommand
	if s.issuer == nil {
		token = ""
	}
	return page(s.opts.System, services, s.URL(), token, requests)
}

func page(sys *plan.System, services []*plan.Service, gateway, token string, requests []Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is running at %s\n", sys.Title, gateway)
	for _, s := range services {
		fmt.Fprintf(&b, "\n  %s/%s  %s\n", gateway, s.Dir, s.Title)
		writeRoutes(&b, routes(s))
	}
	if sys.Standins() {
		fmt.Fprintf(&b, "\n  %s/%s/_calls  what the external systems were asked\n", gateway, standins)
	}
	if len(requests) > 0 {
		b.WriteString("\nTry, one after the other:\n")
	}
	for _, r := range requests {
		fmt.Fprintf(&b, "\n# %s\n%s\n", r.Title, r.Curl(gateway, token))
	}
	return b.String()
}

// route is a line about a route.
type route struct{ method, path, says string }

func routes(s *plan.Service) []route {
	var out []route
	for _, a := range s.Aggregates {
		for _, c := range a.Commands {
			if c.Path != "" {
				out = append(out, route{c.Method, c.Path, by(c.Title, c.Roles)})
			}
		}
		if len(a.Roles) > 0 {
			out = append(out, route{"GET", a.Path + "/{" + a.ID.JSON + "}", by(a.Title, a.Roles)})
		}
	}
	for _, v := range s.Views {
		if len(v.Roles) > 0 {
			out = append(out, route{"GET", v.Path, by(v.Title, v.Roles)})
		}
		for _, q := range v.Queries {
			if len(q.Roles) > 0 {
				out = append(out, route{"GET", q.Path, by(q.Title, q.Roles)})
			}
		}
	}
	return out
}

func by(title string, roles []string) string { return title + " (" + strings.Join(roles, ", ") + ")" }

func writeRoutes(b *strings.Builder, list []route) {
	width := 0
	for _, r := range list {
		width = max(width, utf8.RuneCountInString(r.path))
	}
	for _, r := range list {
		fmt.Fprintf(b, "    %-6s %-*s  %s\n", r.method, width, r.path, r.says)
	}
}

// derived makes requests for every command that creates something, and looks
// at what became of it.
func derived(services []*plan.Service) []Request {
	var out []Request
	for _, s := range services {
		add := func(title string, r plan.Request, ok bool) {
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
