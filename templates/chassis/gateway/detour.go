package gateway

import "net/http"

// Detour leads to a system of before, which gets the path as it is, and looks
// itself after who may.
type Detour struct {
	Path   string
	Below  bool // everything below the path, too
	System string
}

func (d Detour) add(g *gateway) {
	if d.Path != "" {
		g.router.HandleOpen(d.Path, g.toSystem(d.System))
	}
	if d.Below {
		g.router.HandleOpen(d.Path+"/{below...}", g.toSystem(d.System))
	}
}

// toSystem passes a request on to a system of before, as it is.
func (g *gateway) toSystem(name string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := g.stranger(r); err != nil {
			return err
		}
		return g.forward(w, r, name, func(*http.Request) {})
	}
}
