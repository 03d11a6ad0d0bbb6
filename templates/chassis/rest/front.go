package rest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// front is what every request of a listener goes through before its route.
type front struct {
	router *Router
	table  *table
}

// ServeHTTP answers a request, logs it, and survives it.
func (f *front) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	started := time.Now()
	w := &response{ResponseWriter: rw}
	protect(w.Header())
	w.Header().Set(inbound.HeaderTrace, inbound.TraceID(r.Context()))
	ctx, cancel := f.bounded(r)
	defer cancel()
	inner := r.WithContext(ctx)
	f.serve(w, inner)
	r.Pattern = inner.Pattern // for those around, who know only their own request
	f.note(inner, w.status, time.Since(started))
}

func (f *front) serve(w *response, r *http.Request) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler { //nolint:errorlint // what was panicked with, not an error that was returned
			panic(p) // asks net/http to cut the connection
		}
		f.router.config.Log.ErrorContext(r.Context(), "a handler panicked",
			"route", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		if w.status != 0 {
			panic(http.ErrAbortHandler) // half an answer shall not look like a whole one
		}
		WriteProblem(w, r, *inbound.NewProblem(http.StatusInternalServerError, inbound.CodeInternal, "something went wrong"))
	}()
	if !canonical(r) {
		// ServeMux would redirect, which no client of an API follows with its body.
		WriteProblem(w, r, *inbound.NotFound())
		return
	}
	if f.table.pattern(r) == "" {
		f.noRoute(w, r)
		return
	}
	f.table.mux.ServeHTTP(w, r)
}

// lasting are the answers that go on until those who ask, or the service, end them:
// see HandleStream.
type lasting interface {
	// take is the context of a request for one of them; it says no to others.
	take(pattern string, r *http.Request) (context.Context, context.CancelFunc, bool)
	end()
}

// bounded is the context of a request: of limited time, unless its answer lasts.
func (f *front) bounded(r *http.Request) (context.Context, context.CancelFunc) {
	if l := f.router.lasting; l != nil {
		if ctx, cancel, lasts := l.take(f.table.pattern(r), r); lasts {
			return ctx, cancel
		}
	}
	return context.WithTimeout(r.Context(), f.router.config.Timeout)
}

// EndStreams ends the answers that last: their clients come again, to another
// replica. New ones end at once.
func (r *Router) EndStreams() {
	if r.lasting != nil {
		r.lasting.end()
	}
}

// noRoute answers what no route takes.
func (f *front) noRoute(w http.ResponseWriter, r *http.Request) {
	allowed := f.table.allowed(r)
	if len(allowed) == 0 {
		WriteProblem(w, r, *inbound.NotFound())
		return
	}
	w.Header().Set("Allow", strings.Join(append(allowed, http.MethodOptions), ", "))
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	WriteProblem(w, r, *inbound.NewProblem(http.StatusMethodNotAllowed, inbound.CodeMethod, "the path does not know this method"))
}

// note logs a request: its route, not its path, in which there are ids.
func (f *front) note(r *http.Request, status int, took time.Duration) {
	if status == 0 {
		status = http.StatusOK // what net/http says when the handler says nothing
	}
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	span := trace.SpanFromContext(r.Context())
	span.SetName(route)
	span.SetAttributes(attribute.String("http.route", route))
	level := slog.LevelInfo
	if status >= 500 && status != http.StatusServiceUnavailable {
		level = slog.LevelError
	}
	attributes := []slog.Attr{
		slog.String("method", method(r)), slog.String("route", route), slog.Int("status", status), slog.Duration("took", took),
	}
	if id := RequestID(r); id != "" {
		attributes = append(attributes, slog.String("requestId", id))
	}
	f.router.config.Log.LogAttrs(r.Context(), level, "request", attributes...)
}

// method is the method of a request for a log: strangers can make up any.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// canonical tells whether a path is its own shortest form, but for a slash at
// its end.
func canonical(r *http.Request) bool {
	p := r.URL.EscapedPath()
	return p != "" && p[0] == '/' && (p == "/" || path.Clean(p) == strings.TrimSuffix(p, "/"))
}

// protect sets what keeps browsers from making something else of an answer.
func protect(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// response remembers what was answered.
type response struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write answers 200 if nothing else was said.
func (w *response) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }
