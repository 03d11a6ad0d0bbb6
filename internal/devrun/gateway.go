package devrun

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/esgen/esgen/internal/diag"
)

// gateway stands in for a gateway: every service below its name on one port.
// It knows nobody and limits nothing.
type gateway struct {
	system   *System
	url      string
	listener net.Listener
	server   *http.Server
	turn     atomic.Uint64 // of replicas
}

// openGateway takes the port, so that a taken one is known before anything is
// started.
func (s *System) openGateway() error {
	addr := address(s.opts.Port)
	if s.opts.Port == 0 {
		var err error
		if addr, err = s.ports.take("gateway"); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", addr) //nolint:noctx // binds, and does not wait for anybody
	if err != nil {
		return fmt.Errorf("the port of the gateway is not free; choose another one: %w", err)
	}
	g := &gateway{system: s, listener: l, url: "http://" + strings.Replace(addr, "127.0.0.1", "localhost", 1)}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: 5 * time.Second}
	s.gateway = g
	return nil
}

func (g *gateway) serve() {
	go func() { _ = g.server.Serve(g.listener) }() // ends with close
}

// close takes no more requests, and waits a little for those under way.
func (g *gateway) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if g.server.Shutdown(ctx) != nil {
		_ = g.server.Close() // those that last are cut off
	}
	_ = g.listener.Close() // had it not been served yet
}

// ServeHTTP finds the service by the first part of the path.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if first == "" && rest == "" {
		g.page(w, r)
		return
	}
	p, known := g.pick(first)
	switch {
	case !known:
		detail := fmt.Sprintf("there is no service %q here", first)
		if hint := diag.DidYouMean(first, g.services()); hint != "" {
			detail += "; " + hint
		}
		problem(w, http.StatusNotFound, detail)
	case p == nil:
		problem(w, http.StatusServiceUnavailable, first+" does not run")
	default:
		g.forward(p, "/"+first, "/"+rest).ServeHTTP(w, r)
	}
}

// pick takes the processes of a service in turn; nil when none runs.
func (g *gateway) pick(service string) (p *process, known bool) {
	var running []*process
	for _, p := range g.system.all() {
		if p.service != service {
			continue
		}
		known = true
		if _, runs := p.current(); runs {
			running = append(running, p)
		}
	}
	if len(running) == 0 {
		return nil, known
	}
	return running[g.turn.Add(1)%uint64(len(running))], true
}

func (g *gateway) services() []string {
	var out []string
	for _, p := range g.system.all() {
		out = append(out, p.service)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// forward passes a request on as it is, once: whether it may be repeated is
// not known here. Path is what the service knows it by, escaped.
func (g *gateway) forward(p *process, prefix, path string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", p.public
			r.Out.URL.RawPath = path
			r.Out.URL.Path, _ = url.PathUnescape(path) // it was part of a URL that could be read
			r.SetXForwarded()
			r.Out.Header.Set("X-Forwarded-Prefix", prefix)
			dropInternal(r.Out.Header)
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				p.log.say("gateway: %v", err)
			}
			problem(w, http.StatusBadGateway, p.name+" does not answer")
		},
		ErrorLog: log.New(p.log, "gateway: ", 0),
	}
}

// dropInternal removes the headers by which services speak to one another: who
// comes from outside must not.
func dropInternal(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "Esgen-") {
			h.Del(name)
		}
	}
}

// problem answers as the services do (RFC 9457).
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if status != http.StatusNotFound {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // who asked may be gone
		"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail,
	})
}

// page tells what there is: as text or, to a browser, as HTML.
func (g *gateway) page(w http.ResponseWriter, r *http.Request) {
	text := g.system.Page()
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprint(w, text)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, html, template.HTMLEscapeString(g.system.opts.System.Title), template.HTMLEscapeString(text))
}

const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>%s</title>
<style>body{margin:2rem;font:14px/1.5 ui-monospace,monospace;color-scheme:light dark}pre{white-space:pre-wrap}</style>
<pre>%s</pre>
</html>
`
