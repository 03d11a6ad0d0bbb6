package devrun

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/issuer"
	"github.com/esgen/esgen/internal/quote"
)

// desk is a server for who works on the system: a page that tells what there
// is, and the issuer of tokens.
type desk struct {
	url    string
	server *http.Server
}

// openDesk starts the desk.
func (s *System) openDesk() error {
	addr, err := s.ports.take("_desk")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	if s.opts.Auth == AuthJWT {
		if s.issuer, err = issuer.Open(IssuerFile(s.opts.Dir), "http://"+addr, s.opts.System.ID); err != nil {
			return err
		}
		mux.Handle("/", s.issuer.Handler())
	}
	l, err := net.Listen("tcp", addr) //nolint:noctx // binds, and does not wait for anybody
	if err != nil {
		return err
	}
	s.desk = &desk{"http://" + strings.Replace(addr, "127.0.0.1", "localhost", 1), &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}}
	go func() { _ = s.desk.server.Serve(l) }() // ends with close
	return nil
}

func (d *desk) close() { _ = d.server.Close() }

// Desk is where a page tells what there is.
func (s *System) Desk() string { return s.desk.url }

// page tells what there is: as text or, to a browser, as HTML.
func (s *System) page(w http.ResponseWriter, r *http.Request) {
	text := s.Page()
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprint(w, text)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, html, quote.HTML(s.opts.System.Title), quote.HTML(text))
}

const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>%s</title>
<style>body{margin:2rem;font:14px/1.5 ui-monospace,monospace;color-scheme:light dark}pre{white-space:pre-wrap}</style>
<pre>%s</pre>
</html>
`
