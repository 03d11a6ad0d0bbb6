package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/upcast"
	"github.com/esgen/esgen/templates/chassis/values"
)

// errUndecodable: a record cannot be read here, now or at any later attempt.
var errUndecodable = errors.New("undecodable")

// Opener reads what is sealed of events; see package personal.
type Opener interface {
	// Open returns the data of a message as they were before they were sealed, and whose
	// they are; "": nobody's. With a transaction, they are forgotten with what it stores.
	Open(ctx context.Context, db *store.DB, tx *store.Tx, e message.Envelope) (data json.RawMessage, person values.ID, err error)
}

// Opens has what is sealed of events be read. It is told before handlers are added.
func (c *Consumer) Opens(o Opener) { c.opener = o }

// decoder reads the events of a handler, and notes whose they are. What is sealed of a
// message stays so for all who keep it.
func decoder[E any](c *Consumer, handler string, upcasts []values.Upcast, needs []string) func(context.Context, *store.Tx, *message.Envelope) (E, error) {
	reader, err := upcast.NewReader[E](upcasts, needs)
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", handler, err))
		return func(context.Context, *store.Tx, *message.Envelope) (event E, _ error) { return event, err }
	}
	return func(ctx context.Context, tx *store.Tx, e *message.Envelope) (event E, err error) {
		data := e.Data
		if c.opener != nil {
			if data, e.Person, err = c.opener.Open(ctx, c.config.DB, tx, *e); err != nil {
				return event, err
			}
		}
		event, err = reader.Read(e.DataVersion, data, e.Meta())
		if err != nil {
			err = fmt.Errorf("%w: %s: %w", errUndecodable, e.Type, err)
		}
		return event, err
	}
}
