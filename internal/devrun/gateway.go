package devrun

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// startGateway serves every service below its name on one port. It stands in
// for a gateway: it knows nobody and limits nothing.
func (s *System) startGateway() error {
	mux := http.NewServeMux()
	for _, name := range s.names() {
		prefix := "/" + name
		if name == standins {
			prefix = "/_standins"
		}
		target, err := url.Parse(s.Addr(name))
		if err != nil {
			return err
		}
		mux.Handle(prefix+"/", http.StripPrefix(prefix, &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.SetXForwarded()
				dropInternal(r.Out.Header)
			},
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
				w.Header().Set("Retry-After", "1")
				http.Error(w, name+" does not answer", http.StatusBadGateway)
			},
		}))
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprint(w, Page(s.opts.System, s.url, s.opts.Requests))
	})
	listener, err := net.Listen("tcp", address(s.opts.Port))
	if err != nil {
		return fmt.Errorf("open the gateway: %w", err)
	}
	s.url = "http://" + listener.Addr().String()
	s.gateway = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.gateway.Serve(listener) }() // ends with Close
	return nil
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
