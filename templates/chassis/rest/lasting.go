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

// lasting are the answers that go on until those who ask, or the service, end them.
type lasting struct {
	patterns map[string]bool
	places   chan struct{}
	ended    context.Context //nolint:containedctx // of the router: its end ends them
	end      context.CancelFunc
}

func newLasting() *lasting {
	ended, end := context.WithCancel(context.Background())
	return &lasting{patterns: map[string]bool{}, places: make(chan struct{}, maxLasting), ended: ended, end: end}
}

// EndStreams ends the answers that last: their clients come again, to another
// replica. New ones end at once.
func (r *Router) EndStreams() { r.lasting.end() }

// HandleStream is Handle for an answer that lasts. It has no timeout; its context
// ends with the service.
func (r *Router) HandleStream(pattern string, actors []string, fn func(w http.ResponseWriter, req *http.Request, actor inbound.Actor) error) {
	r.lasting.patterns[pattern] = true
	r.addPublic(pattern, actors, func(w http.ResponseWriter, req *http.Request, actor inbound.Actor) error {
		select {
		case r.lasting.places <- struct{}{}:
			defer func() { <-r.lasting.places }()
		default:
			return inbound.Later(inbound.CodeOverloaded, "too many streams at a time")
		}
		connection := http.NewResponseController(w)
		_ = connection.SetReadDeadline(time.Time{}) // else it would be taken for gone
		return fn(&unhurried{w, connection}, req, actor)
	})
}

// bounded is the context of a request: of limited time, unless its answer lasts.
func (f *front) bounded(r *http.Request) (context.Context, context.CancelFunc) {
	l := f.router.lasting
	if len(l.patterns) == 0 || !l.patterns[f.table.pattern(r)] {
		return context.WithTimeout(r.Context(), f.router.config.Timeout)
	}
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(l.ended, cancel)
	return ctx, func() { stop(); cancel() }
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
