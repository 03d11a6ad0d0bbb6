package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// api answers actors.
type api struct {
	orders   *orders
	view     *view // nil: the service has none
	verifier *verifier
	log      *slog.Logger
}

func (a *api) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", a.answer(a.place))
	mux.HandleFunc("POST /orders/{orderId}/cancel-order", a.answer(a.cancel))
	mux.HandleFunc("GET /orders/{orderId}", a.answer(a.get))
	if a.view != nil {
		mux.HandleFunc("GET /views/orders/{orderId}", a.answer(a.row))
	}
	return a.logged(mux)
}

const (
	requestTimeout = 25 * time.Second
	maxBody        = 1 << 20
)

// logged logs a request by its route, and gives it its time.
func (a *api) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		inner := r.WithContext(ctx)
		noted := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		span := trace.SpanFromContext(ctx)
		h.Set("X-Trace-Id", span.SpanContext().TraceID().String())
		next.ServeHTTP(noted, inner)
		r.Pattern = inner.Pattern
		span.SetName(inner.Pattern)
		span.SetAttributes(attribute.String("http.route", inner.Pattern))
		a.log.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("method", r.Method), slog.String("route", inner.Pattern),
			slog.Int("status", noted.status), slog.Duration("took", time.Since(began)))
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// answer lets customers in, and writes what a handler returns.
func (a *api) answer(handle func(w http.ResponseWriter, r *http.Request, who request) (status int, body any, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var status int
		var body any
		subject, roles, err := a.verifier.customer(r)
		if err == nil {
			status, body, err = handle(w, r, request{subject: subject, roles: roles})
		}
		if err != nil {
			a.problem(w, r, err)
			return
		}
		data, ready := body.([]byte)
		if !ready {
			if data, err = json.Marshal(body); err != nil {
				a.problem(w, r, err)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(data) // who asked may be gone
	}
}

type links struct {
	Self link `json:"self"`
}

type link struct {
	Href string `json:"href"`
}

// done is the answer to a command: the event's fields, and what the service says.
type done struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Links   links  `json:"_links"`
}

func (a *api) place(w http.ResponseWriter, r *http.Request, who request) (int, any, error) {
	var c placeOrder
	if err := decode(w, r, &c); err != nil {
		return 0, nil, err
	}
	if c.CustomerID == "" {
		return 0, nil, &invalid{[]mistake{{"/customerId", "required", "is missing"}}}
	}
	if err := who.conditions(r); err != nil {
		return 0, nil, err
	}
	out, err := a.orders.place(r.Context(), who, c)
	if err != nil {
		return 0, nil, err
	}
	return a.say(w, out)
}

func (a *api) cancel(w http.ResponseWriter, r *http.Request, who request) (int, any, error) {
	var c struct {
		OrderID string `json:"orderId"`
	}
	if err := decode(w, r, &c); err != nil {
		return 0, nil, err
	}
	if c.OrderID != "" && c.OrderID != r.PathValue("orderId") {
		return 0, nil, &invalid{[]mistake{{"/orderId", "mismatch", "differs from the path"}}}
	}
	if err := who.conditions(r); err != nil {
		return 0, nil, err
	}
	out, err := a.orders.cancel(r.Context(), who, r.PathValue("orderId"))
	if err != nil {
		return 0, nil, err
	}
	return a.say(w, out)
}

// conditions reads the key, and which version is meant.
func (who *request) conditions(r *http.Request) error {
	who.key = strings.Trim(r.Header.Get("Idempotency-Key"), `"`)
	if len(who.key) > 255 {
		return &invalid{[]mistake{{"/Idempotency-Key", "format", "is too long"}}}
	}
	if match := r.Header.Get("If-Match"); match != "" {
		version, err := strconv.ParseInt(strings.Trim(match, `"`), 10, 64)
		if err != nil {
			return &invalid{[]mistake{{"/If-Match", "format", "is no version"}}}
		}
		who.match = &version
	}
	return nil
}

func (a *api) say(w http.ResponseWriter, out outcome) (int, any, error) {
	self := "/orders/" + url.PathEscape(out.id)
	more, err := json.Marshal(done{ID: out.id, Version: out.version, Links: links{link{self}}})
	if err != nil {
		return 0, nil, err
	}
	w.Header().Set("ETag", `"`+strconv.FormatInt(out.version, 10)+`"`)
	if out.repeated {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	if out.created {
		w.Header().Set("Location", self)
		return http.StatusCreated, joined(out.reply, more), nil
	}
	return http.StatusOK, joined(out.reply, more), nil
}

// joined is one object of two.
func joined(a, b []byte) []byte {
	data := make([]byte, 0, len(a)+len(b))
	data = append(append(data, a[:len(a)-1]...), ',')
	return append(data, b[1:]...)
}

func (a *api) get(w http.ResponseWriter, r *http.Request, _ request) (int, any, error) {
	i, err := a.orders.load(r.Context(), r.PathValue("orderId"))
	if err != nil {
		return 0, nil, err
	}
	w.Header().Set("ETag", `"`+strconv.FormatInt(i.version, 10)+`"`)
	w.Header().Set("Cache-Control", "private, no-cache")
	return http.StatusOK, struct {
		order
		ID      string `json:"id"`
		Version int64  `json:"version"`
		Meta    stamps `json:"meta"`
		Links   links  `json:"_links"`
	}{i.order, i.OrderID, i.version, i.meta, links{link{"/orders/" + url.PathEscape(i.OrderID)}}}, nil
}

func (a *api) row(w http.ResponseWriter, r *http.Request, _ request) (int, any, error) {
	found, err := a.view.get(r.Context(), r.PathValue("orderId"))
	if err != nil {
		return 0, nil, err
	}
	data, err := json.Marshal(struct {
		row
		Links links `json:"_links"`
	}{found, links{link{r.URL.EscapedPath()}}})
	if err != nil {
		return 0, nil, err
	}
	sum := sha256.Sum256(data)
	w.Header().Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	w.Header().Set("Cache-Control", "private, no-cache")
	return http.StatusOK, data, nil
}

// decode reads a body strictly: nothing unknown, nothing behind it.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return nil
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return errMedia
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return &invalid{[]mistake{{"", "syntax", err.Error()}}}
	}
	if decoder.More() {
		return &invalid{[]mistake{{"", "syntax", "there is more behind the value"}}}
	}
	return nil
}

var errMedia = errors.New("the body must be application/json")

// mistake is one thing that is wrong with a request.
type mistake struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type invalid struct{ mistakes []mistake }

func (*invalid) Error() string { return "the request is not well-formed; see errors" }

// problem answers an error as problem details (RFC 9457).
func (a *api) problem(w http.ResponseWriter, r *http.Request, err error) {
	status, code, detail := http.StatusInternalServerError, "internal", "something went wrong"
	for _, known := range []struct {
		err    error
		status int
		code   string
	}{
		{errUnauthorized, 401, "unauthorized"}, {errForbidden, 403, "forbidden"}, {errNotFound, 404, "not-found"},
		{errExists, 409, "AlreadyExists"}, {errConflict, 409, "conflict"}, {errTransition, 409, "IllegalTransition"},
		{errVersion, 412, "version-mismatch"}, {errMedia, 415, "unsupported-media"},
		{errEmptyOrder, 422, "EmptyOrder"}, {errKeyReused, 422, "key-reused"}, {context.DeadlineExceeded, 503, "timeout"},
	} {
		if errors.Is(err, known.err) {
			status, code, detail = known.status, known.code, known.err.Error()
		}
	}
	var bad *invalid
	var mistakes []mistake
	if errors.As(err, &bad) {
		status, code, detail, mistakes = http.StatusBadRequest, "invalid", bad.Error(), bad.mistakes
	}
	if status >= 500 {
		a.log.WarnContext(r.Context(), "request failed", "route", r.Pattern, "error", err)
	}
	h := w.Header()
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // who asked may be gone
		"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail,
		"instance": r.URL.EscapedPath(), "code": code, "traceId": h.Get("X-Trace-Id"), "errors": mistakes,
	})
}
