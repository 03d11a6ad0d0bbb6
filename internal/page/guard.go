package page

import (
	"net"
	"net/http"
	"strings"
)

// Guard lets only pages of this server talk to it, on this machine: a name that
// leads here by somebody else's will (DNS rebinding) is no name of it, and what
// another origin sends is refused.
func Guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		origin := r.Header.Get("Origin")
		switch {
		case !local(r.Host):
			http.Error(w, "this is a page of this machine only, by the name localhost", http.StatusForbidden)
		case origin != "" && origin != "http://"+r.Host, cross.Check(r) != nil:
			http.Error(w, "another origin does not drive this page", http.StatusForbidden)
		case r.Method == http.MethodPost && r.Header.Get("Content-Type") != "application/json":
			http.Error(w, "questions are application/json", http.StatusUnsupportedMediaType)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// local reports whether a host is this machine, by a name that nobody else gives it.
func local(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	switch strings.Trim(strings.ToLower(name), "[]") {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	return false
}
