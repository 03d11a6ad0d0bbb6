package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// Decoder reads an event of a version up to the newest one that is known,
// upcasting older ones. It ignores fields that it does not know.
type Decoder[E any] func(version int, data json.RawMessage) (E, error)

// Handler reacts to one type of event, outside of a transaction. Its effects
// are commands with keys that derive from the message, so that a second
// delivery has none.
type Handler[E any] struct {
	Name    string // of the policy; handlers of one name park together
	Topic   string
	Type    string     // ce_type
	Version int        // the newest that is known here; 0: 1
	Decode  Decoder[E] // nil: by the type's own fields, see strictjson.Lenient
	// Needs are the JSON names of the fields that Do looks at: the others may be
	// missing. nil: all that the type says.
	Needs []string
	Do    func(ctx context.Context, event E, envelope message.Envelope) error
}

// Projection reacts to one type of event in a transaction, whose first
// statement notes the message: it has one effect.
type Projection[E any] struct {
	Name    string // of the view; all its projections have the same
	Topic   string
	Type    string
	Version int
	Decode  Decoder[E]
	Needs   []string // as of a Handler
	Do      func(ctx context.Context, tx *store.Tx, event E, envelope message.Envelope) error
}

// On adds a handler. All are added before Run.
func On[E any](c *Consumer, h Handler[E]) {
	read := decoder(c, h.Name, h.Decode, h.Needs)
	c.add(handler{
		name: h.Name, topic: h.Topic, typ: h.Type,
		do: func(ctx context.Context, envelope message.Envelope) error {
			event, err := decode(read, h.Version, envelope)
			if err != nil {
				return err
			}
			return h.Do(ctx, event, envelope)
		},
	})
}

// Project adds a projection. All are added before Run.
func Project[E any](c *Consumer, p Projection[E]) {
	read := decoder(c, p.Name, p.Decode, p.Needs)
	project := func(ctx context.Context, tx *store.Tx, envelope message.Envelope) error {
		event, err := decode(read, p.Version, envelope)
		if err != nil {
			return err
		}
		// First: a second delivery waits here for the first one's end.
		generation, _ := store.Generation(ctx)
		n, err := tx.Exec(ctx, "INSERT INTO platform_inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
			store.OfGeneration(p.Name, generation), envelope.ID)
		if err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
		if n == 0 {
			return nil
		}
		if err := p.Do(ctx, tx, event, envelope); err != nil {
			return err
		}
		return c.at("in projection")
	}
	c.add(handler{
		name: p.Name, topic: p.Topic, typ: p.Type, project: project,
		do: func(ctx context.Context, envelope message.Envelope) error {
			return c.config.DB.InTx(ctx, func(tx *store.Tx) error { return project(ctx, tx, envelope) })
		},
	})
}

// parksAs is the name under which the handler's records are parked.
func (c *Consumer) parksAs(h handler) string {
	if h.project == nil {
		return h.name
	}
	return store.OfGeneration(h.name, c.generation)
}

// handler is a Handler or a Projection, whatever its event's type.
type handler struct {
	name, topic, typ string
	do               func(ctx context.Context, envelope message.Envelope) error
	// project is what a Projection does in a transaction; nil: it is a Handler.
	project func(ctx context.Context, tx *store.Tx, envelope message.Envelope) error
}

// decoder is the one that is given, or one by the fields of the type.
func decoder[E any](c *Consumer, handler string, given Decoder[E], needs []string) Decoder[E] {
	if given != nil {
		return given
	}
	fields, err := strictjson.Lenient[E]()
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", handler, err))
		return func(int, json.RawMessage) (event E, _ error) { return event, err }
	}
	if needs != nil {
		fields = fields.Needing(needs...)
	}
	return func(_ int, data json.RawMessage) (event E, err error) {
		return event, strictjson.Error(fields.Decode(data, &event))
	}
}

// errUndecodable: a record cannot be read here, now or at any later attempt.
var errUndecodable = errors.New("undecodable")

func decode[E any](decoder Decoder[E], known int, envelope message.Envelope) (event E, err error) {
	if known = max(known, 1); envelope.DataVersion > known || envelope.DataVersion < 1 {
		return event, fmt.Errorf("%w: %s is of version %d, known up to %d", errUndecodable, envelope.Type, envelope.DataVersion, known)
	}
	// A fault of an upcast is one of decoding.
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w: %s: %w", errUndecodable, envelope.Type, err)
		}
	}()
	defer message.Recover(&err)
	return decoder(envelope.DataVersion, envelope.Data)
}

// run gives a message to the handler once.
func (c *Consumer) run(ctx context.Context, h handler, generation int64, envelope message.Envelope) error {
	if h.project != nil {
		ctx = store.WithGeneration(ctx, generation)
	}
	return c.around(ctx, h, envelope, func(ctx context.Context) error { return h.do(ctx, envelope) })
}

func (c *Consumer) around(ctx context.Context, h handler, envelope message.Envelope, next func(context.Context) error) (err error) {
	defer message.Recover(&err)
	ctx = envelope.WithTrace(ctx)
	if c.config.Around == nil {
		return next(ctx)
	}
	return c.config.Around(ctx, h.name, envelope, next)
}
