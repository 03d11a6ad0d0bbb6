package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// By are values by the parameters of a list that ask for them.
type By map[string]any

// RowOf is the path of the row of a key, whose parts are in their order; "": a
// part has no value, and there is nothing to link to.
func RowOf(list string, key ...any) string {
	for _, part := range key {
		text, ok := textOf(part)
		if !ok || text == "" {
			return ""
		}
		list += "/" + url.PathEscape(text)
	}
	return list
}

// RowsOf is the path of those rows of a list that have these values; "": there
// is one missing.
func RowsOf(list string, by By) string {
	query := url.Values{}
	for name, value := range by {
		text, ok := textOf(value)
		if !ok {
			return ""
		}
		query.Set(name, text)
	}
	return list + "?" + query.Encode()
}

// HeaderLastEvent is the id of the last event that a client of a stream has.
const HeaderLastEvent = "Last-Event-ID"

// The events of a stream.
const (
	eventChanged = "changed" // a row is there, or is otherwise: the row
	eventGone    = "gone"    // a row is no longer there, or not for who asks: its key
	eventReset   = "reset"   // there was more than can be told: read the list anew
)

// Times of a stream.
const (
	changesPoll = 500 * time.Millisecond // how often is looked for what other replicas changed
	heartbeat   = 15 * time.Second
	// maxStream is how long a stream lasts: who asks has to prove again who they
	// are, and comes to whichever replica has the least to do.
	maxStream = 10 * time.Minute
)

// Changes adds the route at which the actors of a view are told what changes in
// it, as server-sent events. What a list can be filtered by, the changes can.
func Changes[R any](r *Router, route ViewRoute[R], path string, rows view.Stream[R]) {
	run, err := newViewRunner(r, route)
	if err != nil {
		r.fail("changes of view %s: %w", route.Name, err)
		return
	}
	x := &changesRunner[R]{run, rows}
	r.HandleStream("GET "+path, route.Actors, x.follow)
}

// changesRunner tells what changes in a view.
type changesRunner[R any] struct {
	*viewRunner[R]
	rows view.Stream[R]
}

// follower is somebody who is told.
type follower[R any] struct {
	*changesRunner[R]
	r        *http.Request
	actor    inbound.Actor
	matching func(R) bool
	out      events
	at       view.Place
}

func (x *changesRunner[R]) follow(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
	params := newParams(r)
	filters := params.filters(x.route.Columns)
	var query view.Query
	problems := append(params.done(), x.filter(&query, filters)...)
	if len(problems) > 0 {
		return inbound.Invalid(problems)
	}
	matching, err := x.rows.Matching(query)
	if err != nil {
		return err
	}
	at, kept, err := x.rows.Begin(r.Context(), r.Header.Get(HeaderLastEvent))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // of proxies that would keep it
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	f := &follower[R]{x, r, actor, matching, events{w, http.NewResponseController(w)}, at}
	ctx, cancel := context.WithTimeout(r.Context(), maxStream)
	defer cancel()
	if err := f.run(ctx, kept); err != nil && ctx.Err() == nil {
		x.router.config.Log.LogAttrs(ctx, slog.LevelWarn, "stream ended", slog.String("route", r.Pattern), slog.Any("error", err))
	}
	return nil // it is too late for another answer
}

// run tells of changes until ctx is done, or nobody listens.
func (f *follower[R]) run(ctx context.Context, kept bool) (err error) {
	defer values.Catch(&err) // who may see a row is said by the model
	if err := f.begin(kept); err != nil {
		return err
	}
	poll, beat := time.NewTicker(changesPoll), time.NewTicker(heartbeat)
	defer poll.Stop()
	defer beat.Stop()
	for ctx.Err() == nil {
		changing := f.rows.Changing()
		changes, at, kept, err := f.rows.Changes(ctx, f.at)
		if err != nil {
			return err
		}
		f.at = at
		if !kept {
			err = f.begin(false)
		} else if len(changes) > 0 {
			err = f.tell(changes)
		}
		if err != nil {
			return err
		}
		if len(changes) > 0 {
			continue
		}
		select {
		case <-changing:
		case <-poll.C:
		case <-beat.C:
			err = f.out.send(": \n\n")
		case <-ctx.Done():
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// begin tells from where on all changes are told.
func (f *follower[R]) begin(kept bool) error {
	if !kept {
		return f.out.send(event(eventReset, f.at, []byte("{}")))
	}
	return f.out.send(fmt.Sprintf("id: %s\n\n", f.at))
}

// tell tells of changes, as far as they are for who asks.
func (f *follower[R]) tell(changes []view.Changed[R]) error {
	var text string
	for _, c := range changes {
		switch {
		case f.sees(c.After):
			row, err := f.item(f.r, *c.After)
			if err != nil {
				return err
			}
			text += event(eventChanged, c.At, row)
		case f.sees(c.Before):
			key, err := f.key(*c.Before)
			if err != nil {
				return err
			}
			text += event(eventGone, c.At, key)
		}
	}
	if last := changes[len(changes)-1].At; text == "" {
		text = fmt.Sprintf("id: %s\n\n", last) // so that nobody comes back to what is not for them
	}
	return f.out.send(text)
}

// sees tells whether there is a row that is asked for, and for who asks.
func (f *follower[R]) sees(row *R) bool {
	return row != nil && f.matching(*row) && f.view.Show(*row, f.actor) == nil
}

// key is the key of a row as an object.
func (x *changesRunner[R]) key(row R) (json.RawMessage, error) {
	key := map[string]any{}
	for _, name := range x.route.Keys {
		key[name] = reflect.ValueOf(row).Field(x.shape.fields[name]).Interface()
	}
	return values.Marshal(key)
}

// event is an event as it is sent. JSON has no line ends.
func event(kind string, at view.Place, data []byte) string {
	return fmt.Sprintf("event: %s\nid: %s\ndata: %s\n\n", kind, at, data)
}

// events are where a stream is written to.
type events struct {
	w          http.ResponseWriter
	connection *http.ResponseController
}

func (e events) send(text string) error {
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.connection.Flush()
}
