package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Bounds of answers that last.
const (
	// maxLasting is how many there are at a time: fewer than requests that are
	// taken, so that others find a place.
	maxLasting = 128
	// writeTime is how long a reader may take for what is sent at once. Who is
	// slower is cut off.
	writeTime = 10 * time.Second
)

// streams are the answers that last.
type streams struct {
	patterns map[string]bool
	places   chan struct{}
	ended    context.Context //nolint:containedctx // of the router: its end ends them
	stop     context.CancelFunc
}

// streams are those of the router, which has some from the first on.
func (r *Router) streams() *streams {
	if there, ok := r.lasting.(*streams); ok {
		return there
	}
	ended, stop := context.WithCancel(context.Background())
	s := &streams{patterns: map[string]bool{}, places: make(chan struct{}, maxLasting), ended: ended, stop: stop}
	r.lasting = s
	return s
}

func (s *streams) end() { s.stop() }

func (s *streams) take(pattern string, r *http.Request) (context.Context, context.CancelFunc, bool) {
	if !s.patterns[pattern] {
		return nil, nil, false
	}
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(s.ended, cancel)
	return ctx, func() { stop(); cancel() }, true
}

// HandleStream is Handle for an answer that lasts. It has no timeout; its context
// ends with the service.
func (r *Router) HandleStream(pattern string, actors []string, fn func(w http.ResponseWriter, req *http.Request, actor inbound.Actor) error) {
	s := r.streams()
	s.patterns[pattern] = true
	r.addPublic(pattern, actors, func(w http.ResponseWriter, req *http.Request, actor inbound.Actor) error {
		select {
		case s.places <- struct{}{}:
			defer func() { <-s.places }()
		default:
			return inbound.Later(inbound.CodeOverloaded, "too many streams at a time")
		}
		connection := http.NewResponseController(w)
		_ = connection.SetReadDeadline(time.Time{}) // else it would be taken for gone
		return fn(&unhurried{w, connection}, req, actor)
	})
}

// unhurried is an answer whose time is limited for each part of it.
type unhurried struct {
	http.ResponseWriter
	connection *http.ResponseController
}

// Write sends a part.
func (w *unhurried) Write(data []byte) (int, error) {
	_ = w.connection.SetWriteDeadline(time.Now().Add(writeTime))
	return w.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *unhurried) Unwrap() http.ResponseWriter { return w.ResponseWriter }
