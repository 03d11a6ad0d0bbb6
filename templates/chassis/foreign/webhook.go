package foreign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/signature"
	"github.com/esgen/esgen/templates/chassis/store"
)

// Webhook is how a system tells by requests: signed ones, that everybody may make.
type Webhook struct {
	System
	Signature string        // the header with time and signature
	Tolerance time.Duration // how far its clock may be from ours
	Paths     []Path
}

// Path is where requests come to.
type Path struct {
	Pattern string // POST /webhooks/pg
	Event   string // what the other system calls the event; "": System.Type tells
}

// CodeUnknownEvent is the problem of what is told and not known: 422.
const CodeUnknownEvent = "unknown-event"

// Receive adds the routes at which requests come in.
func (w Webhook) Receive(router *rest.Router, db *store.DB, secrets signature.Secrets) {
	for _, p := range w.Paths {
		router.HandleBody(p.Pattern, func(answer http.ResponseWriter, r *http.Request, body []byte, now time.Time) error {
			header := ""
			if lines := r.Header.Values(w.Signature); len(lines) == 1 {
				header = lines[0]
			}
			if err := secrets.Verify(header, body, now, w.Tolerance); err != nil {
				answer.Header().Set("WWW-Authenticate", "Signature")
				return inbound.NewProblem(http.StatusUnauthorized, inbound.CodeUnauthorized, err.Error())
			}
			e, known, err := w.read(p, body, now)
			if err == nil && known {
				e.Capture(r.Context())
				err = once(r.Context(), db, "webhook/"+w.Name, e)
			}
			if err != nil {
				return problem(err)
			}
			answer.WriteHeader(http.StatusNoContent)
			return nil
		})
	}
}

// Err tells which events cannot be read at all.
func (s System) Err() error {
	var errs []error
	for _, e := range s.Events {
		errs = append(errs, e.err)
	}
	return errors.Join(errs...)
}

func (w Webhook) read(p Path, body []byte, now time.Time) (e message.Envelope, known bool, err error) {
	if !json.Valid(body) {
		return e, false, &Malformed{malformed("", "it is no JSON")}
	}
	t := told{value: body, typ: p.Event, at: now}
	if p.Event == "" {
		if t.typ, err = t.text(w.Type); err != nil {
			return e, false, &Malformed{malformed(string(w.Type), err.Error())}
		}
	}
	id, err := t.text(w.ID)
	if err != nil {
		return e, false, &Malformed{malformed(string(w.ID), err.Error())}
	}
	var found bool
	if t.data, found = t.find(w.Data, t.value); !found {
		return e, false, &Malformed{malformed(string(w.Data), "it is missing")}
	}
	t.id = []string{id}
	return w.event(t)
}

// once has an event told, unless it was before: how long that is known, idempotency
// keys are.
func once(ctx context.Context, db *store.DB, scope string, e message.Envelope) error {
	return db.InTx(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, "INSERT INTO platform_commands (scope, id, state, hash) VALUES ($1, $2, 'received', '') ON CONFLICT (scope, id) DO NOTHING", scope, e.ID)
		if err != nil {
			return fmt.Errorf("webhook: %w", err)
		}
		if n == 0 {
			return nil
		}
		return outbox.Append(tx, e)
	})
}

// problem is what is answered to who told it.
func problem(err error) error {
	var bad *Malformed
	var unknown *UnknownType
	switch {
	case errors.As(err, &bad):
		return inbound.Invalid(bad.Problems)
	case errors.As(err, &unknown):
		return inbound.NewProblem(http.StatusUnprocessableEntity, CodeUnknownEvent, unknown.Error())
	}
	return err
}
