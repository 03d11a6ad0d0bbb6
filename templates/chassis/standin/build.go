package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

func (l Limits) orDefault() Limits {
	if l.Calls <= 0 {
		l.Calls = 1000
	}
	if l.Keys <= 0 {
		l.Keys = 10000
	}
	if l.Body <= 0 {
		l.Body = 1 << 20
	}
	return l
}

func build(routes []Route, limits Limits) (*Server, error) {
	limits = limits.orDefault()
	s := &Server{limits: limits, calls: newCalls(limits.Calls), scripts: newScripts(), keys: newKeys(limits.Keys)}
	mux := http.NewServeMux()
	for _, route := range routes {
		if route.Reply == "" {
			route.Reply = "{}"
		}
		if !json.Valid([]byte(route.Reply)) {
			return nil, fmt.Errorf("%s.%s: the reply is no JSON", route.External, route.Operation)
		}
		if err := s.scripts.add(route); err != nil {
			return nil, err
		}
		handler := s.operation(route)
		if err := handle(mux, route.Method+" /"+route.External+route.Path, handler); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", route.External, route.Operation, err)
		}
		// The second of two systems with the same path is reached by its longer
		// one only, which stands already.
		_ = handle(mux, route.Method+" "+route.Path, handler)
	}
	return s, s.control(mux)
}

// handle adds a route. ServeMux panics at patterns it does not like; here they
// are errors. A path that ends with a slash means itself only.
func handle(mux *http.ServeMux, pattern string, handler http.HandlerFunc) (err error) {
	if strings.HasSuffix(pattern, "/") {
		pattern += "{$}"
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("route %q: %v", pattern, p)
		}
	}()
	mux.HandleFunc(pattern, handler)
	return nil
}
