package service

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// phase is a part of a service's life.
type phase int32

const (
	starting phase = iota
	up
	stopping
)

func (p phase) String() string { return [...]string{"starting", "up", "stopping"}[p] }

// health tells how a service is.
type health struct {
	log          *slog.Logger
	checks       []Check
	dependencies []Dependency
	phase        atomic.Int32

	mu     sync.Mutex // one looks, the others wait for what it finds
	looked time.Time
	found  map[string]string
}

func newHealth(log *slog.Logger, checks []Check, dependencies []Dependency) *health {
	return &health{log: log, checks: checks, dependencies: dependencies}
}

// watch has readiness measured: alerts tell of what is not ready for long.
func (h *health) watch(t *telemetry.Telemetry) error {
	if t == nil {
		return nil
	}
	return t.Gauge("service_ready", "1: the service can do its work; 0: it cannot.", func(ctx context.Context) (float64, error) {
		if h.isReady(ctx) {
			return 1, nil
		}
		return 0, nil
	})
}

func (h *health) isReady(ctx context.Context) bool {
	if !h.is(up) {
		return false
	}
	for _, result := range h.look(ctx) {
		if result != ok {
			return false
		}
	}
	return true
}

func (h *health) set(p phase) { h.phase.Store(int32(p)) }

func (h *health) is(p phase) bool { return phase(h.phase.Load()) == p }

// live: the process answers. Whether it is of use is another question:
// restarting it would not bring a database back.
func (h *health) live(w http.ResponseWriter, r *http.Request) {
	report(w, r, http.StatusOK, map[string]any{"status": "live"})
}

// ready: the service can do its work now. Breakers are shown and do not count:
// a service that can answer partly is better than none.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	body := map[string]any{"status": phase(h.phase.Load()).String()}
	status := http.StatusServiceUnavailable
	if h.is(up) {
		checks := h.look(r.Context())
		body["checks"] = checks
		body["status"], status = "ready", http.StatusOK
		for _, result := range checks {
			if result != ok {
				body["status"], status = "not ready", http.StatusServiceUnavailable
			}
		}
	}
	if len(h.dependencies) > 0 {
		states := map[string]string{}
		for _, d := range h.dependencies {
			states[d.Name()] = d.State()
		}
		body["dependencies"] = states
	}
	report(w, r, status, body)
}

// Bounds of asking.
const (
	checkFor   = 2 * time.Second // one check
	checkEvery = time.Second     // how old an answer may be
)

// The results of checks. Why one failed is in the log, not on the wire.
const (
	ok       = "ok"
	notReady = "failed"
)

func (h *health) look(ctx context.Context) map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.found != nil && time.Since(h.looked) < checkEvery {
		return h.found
	}
	// Others wait for this answer too: it does not end with who asked first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkFor)
	defer cancel()
	results := make([]error, len(h.checks))
	var all sync.WaitGroup
	for i, check := range h.checks {
		all.Go(func() { results[i] = safely(ctx, check.Do) })
	}
	all.Wait()
	found := make(map[string]string, len(h.checks))
	for i, check := range h.checks {
		found[check.Name] = ok
		if err := results[i]; err != nil {
			found[check.Name] = notReady
			if h.found[check.Name] != notReady {
				h.log.Warn("not ready", "check", check.Name, "error", err)
			}
		}
	}
	h.found, h.looked = found, time.Now()
	return found
}

// gate keeps requests out until the service is up. Those that still come
// while it stops are let in: it is just why one waits.
func (h *health) gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.is(starting) {
			rest.WriteProblem(w, r, inbound.Problem{
				Status: http.StatusServiceUnavailable, Code: inbound.CodeUnavailable,
				Detail: "the service is starting", RetryAfter: time.Second,
			})
			return
		}
		if h.is(stopping) {
			// Who asks again takes another connection, to another replica: none is
			// cut off with a request on its way when the doors close.
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func report(w http.ResponseWriter, r *http.Request, status int, body map[string]any) {
	w.Header().Set("Cache-Control", "no-store")
	if err := rest.WriteJSON(w, r, status, body); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}
