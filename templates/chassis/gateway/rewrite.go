package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// Rewrite leads to a system of before that calls the path otherwise, or for one
// method only.
type Rewrite struct {
	Method string // "": all
	Path   string
	Below  bool // everything below the path, too
	System string
	To     string // what the system calls the path: "/v1", "/items/{id}"
}

func (x Rewrite) add(g *gateway) {
	if x.Path != "" {
		g.router.HandleOpen(strings.TrimSpace(x.Method+" "+x.Path), g.toRewritten(x))
	}
	if x.Below {
		g.router.HandleOpen(x.Path+"/{below...}", g.toRewritten(x))
	}
}

// toRewritten passes a request on by the path that the system knows.
func (g *gateway) toRewritten(x Rewrite) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := g.stranger(r); err != nil {
			return err
		}
		return g.forward(w, r, x.System, func(out *http.Request) {
			path := filled(x.To, r)
			if x.Below {
				path = strings.TrimSuffix(path, "/") + strings.TrimPrefix(r.URL.EscapedPath(), x.Path)
			}
			if path == "" {
				path = "/"
			}
			out.URL.RawPath = path
			out.URL.Path, _ = url.PathUnescape(path) // it was part of a URL that could be read
		})
	}
}
