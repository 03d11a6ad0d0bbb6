package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
)

// Own is a path of one's own choosing for what a service answers elsewhere. It
// stays when another service, or a system of before, answers in its place.
type Own struct {
	Path  string // with its method: "GET /products/{productId}"
	To    string // as the table of routes has it: "GET /product/views/catalogue/{productId}"
	Roles []string
}

func (o Own) add(g *gateway) { g.router.Handle(o.Path, o.Roles, g.toOwn(o)) }

// toOwn passes a request on by the path that the service knows. Links of the
// answer lead there, too.
func (g *gateway) toOwn(o Own) func(http.ResponseWriter, *http.Request, inbound.Actor) error {
	method, to, _ := strings.Cut(o.To, " ")
	name := serviceOf(to)
	return func(w http.ResponseWriter, r *http.Request, _ inbound.Actor) error {
		return g.forward(w, r, name, func(out *http.Request) {
			path, query, _ := strings.Cut(strings.TrimPrefix(withQuery(to, r), "/"+name), "?")
			if method != http.MethodGet {
				out.Method = method
			}
			out.URL.RawPath, out.URL.RawQuery = path, query
			out.URL.Path, _ = url.PathUnescape(path) // its parts were escaped when it was put together
			out.Header.Set(rest.HeaderPrefix, rest.Prefix(r)+"/"+name)
		})
	}
}

// withQuery is a path with the parameters of the request's own. What the path
// asks for by its query, "/front/views/orders?customerId={customerId}", stands
// beside what the request asks for, and above it.
func withQuery(to string, r *http.Request) string {
	path, fixed, _ := strings.Cut(to, "?")
	path = filled(path, r)
	if fixed == "" {
		if r.URL.RawQuery != "" {
			path += "?" + r.URL.RawQuery
		}
		return path
	}
	query := r.URL.Query()
	for pair := range strings.SplitSeq(fixed, "&") {
		name, value, _ := strings.Cut(pair, "=")
		query.Set(name, r.PathValue(strings.Trim(value, "{}")))
	}
	return path + "?" + query.Encode()
}
