package proof

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// waits is the table of the events that stories wait for.
const waits = "platform_saga_waits"

// awaited is an event that a story begins to wait for.
type awaited struct {
	service, story, saga, event, instance string
	at                                    time.Time // by the clock of the database
}

// awaits is what a statement has a story wait for; no: nothing.
func awaits(service, verb, table string, args []driver.NamedValue) (a awaited, is bool) {
	if verb != "INSERT" || table != waits || len(args) != 5 {
		return a, false
	}
	text := func(i int) string {
		s, _ := args[i].Value.(string)
		return s
	}
	return awaited{service: service, story: text(0), saga: text(2), event: text(3), instance: text(4)}, true
}

// haveAwaited remembers what stories wait for whose transaction is kept.
func (w *world) haveAwaited(list []awaited) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.awaited = append(w.awaited, list...)
}

// checkAwaits looks for stories that waited for what had come already: the service had
// heard of it, and nothing of the story had waited for it before.
func (w *world) checkAwaits(events []message.Envelope) {
	began := map[string]time.Time{} // stories, by their ids
	for _, s := range w.system.Sagas {
		for _, e := range events {
			began[string(values.DeriveID(s.Name, string(e.ID)))] = e.Time
		}
	}
	type event struct{ story, typ, instance string }
	waited := map[event]bool{}
	for _, a := range w.awaited {
		since, known := began[a.story]
		if !known || waited[event{a.story, a.event, a.instance}] {
			continue
		}
		waited[event{a.story, a.event, a.instance}] = true
		for _, e := range events {
			if e.Type != a.event || e.Subject != a.instance || e.Time.Before(since) {
				continue
			}
			heard, err := w.heardAt(a.service, "saga/"+a.saga+"/await", e.ID)
			if err != nil {
				w.note("%s: %v", a.service, err)
			}
			if !heard.IsZero() && heard.Before(a.at) {
				w.note("story %s of %s waits at %s for %s of %s, which had come at %s", a.story, a.saga, a.at, a.event, a.instance, heard)
			}
		}
	}
}

// heardAt is when a consumer of a service handled a message; zero: it did not.
func (w *world) heardAt(service, consumer string, id values.ID) (at time.Time, err error) {
	err = w.look(service, func(db *store.DB) error {
		return db.QueryRow(context.Background(), "SELECT handled_at FROM platform_inbox WHERE consumer = $1 AND message_id = $2", consumer, id).Scan(&at)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return at, err
}
