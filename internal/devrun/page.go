package devrun

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/plan"
)

// Page is one page about a running system: where everything is, and requests
// to try. Without requests of the model's author it shows one per command that
// creates something, with made-up values.
func Page(sys *plan.System, gateway string, requests []Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is running at %s\n\n", sys.Title, gateway)
	for _, s := range sys.Services {
		fmt.Fprintf(&b, "  %s/%s  %s\n", gateway, s.Dir, s.Title)
		for _, a := range s.Aggregates {
			for _, c := range a.Commands {
				if c.Path != "" {
					fmt.Fprintf(&b, "      %-6s %-44s %s (%s)\n", c.Method, c.Path, c.Title, strings.Join(c.Roles, ", "))
				}
			}
			if len(a.Roles) > 0 {
				fmt.Fprintf(&b, "      %-6s %-44s %s\n", "GET", a.Path+"/{"+a.ID.JSON+"}", a.Title)
			}
		}
		for _, v := range s.Views {
			if len(v.Roles) > 0 {
				fmt.Fprintf(&b, "      %-6s %-44s %s (%s)\n", "GET", v.Path, v.Title, strings.Join(v.Roles, ", "))
			}
		}
	}
	if sys.Standins() {
		fmt.Fprintf(&b, "  %s/_standins/_calls  what the external systems were asked\n", gateway)
	}
	if len(requests) == 0 {
		requests = derived(sys)
	}
	b.WriteString("\nTry, one after the other:\n")
	for _, r := range requests {
		fmt.Fprintf(&b, "\n# %s\n%s\n", r.Title, r.Curl(gateway))
	}
	return b.String()
}

// derived makes a request for every command that creates something.
func derived(sys *plan.System) []Request {
	var out []Request
	for _, s := range sys.Services {
		for _, a := range s.Aggregates {
			for _, c := range a.Commands {
				r, public := c.Example(1)
				if !public || c.Mode == "Existing" {
					continue
				}
				out = append(out, Request{
					Title: c.Title, Method: r.Method, Path: "/" + s.Dir + r.Path,
					Header: []string{"X-Actor-Id: " + r.Actor, "X-Actor-Roles: " + r.Role, "Content-Type: application/json"},
					Body:   r.Body,
				})
			}
		}
	}
	return out
}
