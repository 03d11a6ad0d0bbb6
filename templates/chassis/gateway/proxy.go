package gateway

import (
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
)

// serviceOf is the name of the service a path leads to.
func serviceOf(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return name
}

// toService passes a request on, as the service knows its path.
func (g *gateway) toService(name string) func(http.ResponseWriter, *http.Request, inbound.Actor) error {
	return func(w http.ResponseWriter, r *http.Request, _ inbound.Actor) error {
		return g.forward(w, r, name, func(out *http.Request) {
			path := strings.TrimPrefix(r.URL.EscapedPath(), "/"+name)
			out.URL.RawPath = path
			out.URL.Path, _ = url.PathUnescape(path) // it was part of a URL that could be read
			out.Header.Set(rest.HeaderPrefix, rest.Prefix(r)+"/"+name)
		})
	}
}

// forward passes a request on, and its answer back.
func (g *gateway) forward(w http.ResponseWriter, r *http.Request, name string, change func(*http.Request)) error {
	u := g.upstreams[name]
	if u == nil {
		return errors.New("the table of routes names a service whose address is not known: " + name)
	}
	if r.ContentLength > g.config.MaxBody {
		return tooLarge()
	}
	body := &sent{ReadCloser: http.MaxBytesReader(w, r.Body, g.config.MaxBody)}
	r.Body = body
	var failed error
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", name // until a replica is chosen
			if g.config.TrustedProxies > 0 {
				p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
			}
			p.SetXForwarded()
			p.Out.Header.Del(rest.HeaderPrefix)
			g.clean(p.Out.Header)
			change(p.Out)
		},
		Transport: u.traced,
		ModifyResponse: func(answer *http.Response) error {
			replace(w.Header(), answer.Header)
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
	}
	proxy.ServeHTTP(w, r)
	if failed == nil {
		return nil
	}
	if err := body.refusal(); err != nil && r.Context().Err() == nil {
		return err
	}
	return u.failure(r.Context(), failed)
}

// sent is the body of a request that is passed on. Where it cannot be read, nobody
// behind the gateway has failed.
type sent struct {
	io.ReadCloser
	failed atomic.Pointer[error]
}

// Read reads from it.
func (b *sent) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

// refusal is what is said to who sent it; nil: it could be read so far.
func (b *sent) refusal() error {
	var limit *http.MaxBytesError
	switch failed := b.failed.Load(); {
	case failed == nil:
		return nil
	case errors.As(*failed, &limit):
		return tooLarge()
	}
	return inbound.NewProblem(http.StatusBadRequest, inbound.CodeInvalid, "the body could not be read to its end")
}

func tooLarge() error {
	return inbound.NewProblem(http.StatusRequestEntityTooLarge, inbound.CodeTooLarge, "the body is too large")
}

// clean drops the headers by which services speak to one another, and those of
// development unless they are believed: who comes from outside must not send them.
func (g *gateway) clean(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "Esgen-") || g.config.Auth != service.AuthDev && strings.HasPrefix(name, inbound.HeadersOfActor) {
			h.Del(name)
		}
	}
}

// replace takes back what the gateway would say of an answer of its own: those
// behind it say it themselves, or do not want it said.
func replace(own, theirs http.Header) {
	for _, name := range []string{"X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "Cache-Control"} {
		own.Del(name)
	}
	for name := range theirs {
		if name != "Vary" {
			own.Del(name)
		}
	}
}
