package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/upcast"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// Handler reacts to one type of event, outside of a transaction. Its effects
// are commands with keys that derive from the message, so that a second
// delivery has none.
type Handler[E any] struct {
	Name    string // of the policy; handlers of one name park together
	Topic   string
	Type    string          // ce_type
	Upcasts []values.Upcast // of older versions, from the first on
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
	Upcasts []values.Upcast // as of a Handler
	Needs   []string        // as of a Handler
	Do      func(ctx context.Context, tx *store.Tx, event E, envelope message.Envelope) error
}

// Event is the type of an event, which knows where it is heard.
type Event interface{ Event() values.Event }

// Needs are the JSON names of the fields of an event that somebody looks at: the
// others may be missing. Without it, none may.
type Needs []string

// React has a policy react to events. All is added before Run.
func React[E Event](c *Consumer, policy string, do func(ctx context.Context, event E, envelope message.Envelope) error, needs ...Needs) {
	ReactTo[E](c, policy, do, needs...)
}

// ReactTo is React of a policy that reads of an event what several have in common.
func ReactTo[E Event, Common any](c *Consumer, policy string, do func(ctx context.Context, event Common, envelope message.Envelope) error, needs ...Needs) {
	note := noteOf[E]()
	On(c, Handler[Common]{Name: policy, Topic: note.Topic, Type: note.Type, Upcasts: Upcasts[E](c), Needs: Looked(needs), Do: do})
}

// View is the table of a view, of which events change rows.
type View[R any] interface {
	Name() string
	Apply(ctx context.Context, tx *store.Tx, meta values.Meta, change view.Change[R]) error
}

// Follow has a view follow events. All is added before Run.
func Follow[E Event, R any](c *Consumer, v View[R], change func(event E, meta values.Meta) view.Change[R], needs ...Needs) {
	note := noteOf[E]()
	Project(c, Projection[E]{
		Name: v.Name(), Topic: note.Topic, Type: note.Type, Upcasts: Upcasts[E](c), Needs: Looked(needs),
		Do: func(ctx context.Context, tx *store.Tx, event E, envelope message.Envelope) error {
			meta := envelope.Meta()
			return v.Apply(ctx, tx, meta, change(event, meta))
		},
	})
}

// Looked are the fields that are looked at; nil: all that the type says.
func Looked(needs []Needs) []string {
	if len(needs) == 0 {
		return nil
	}
	return append([]string{}, slices.Concat(needs...)...)
}

// Understand has an event that others tell come as what it means here. It is told
// before handlers are added.
func Understand[Told, Means Event](c *Consumer, translate func(told Told, meta values.Meta) (Means, error)) {
	c.understood[reflect.TypeFor[Means]()] = append(upcast.Of[Told](), values.Translation(translate))
}

// Upcasts are what makes of the versions of an event what handlers get.
func Upcasts[E Event](c *Consumer) []values.Upcast {
	if translated, is := c.understood[reflect.TypeFor[E]()]; is {
		return translated
	}
	return upcast.Of[E]()
}

// noteOf is what every event of a type says of itself.
func noteOf[E Event]() values.Event {
	var event E
	return event.Event()
}

// On adds a handler. All are added before Run.
func On[E any](c *Consumer, h Handler[E]) {
	read := decoder[E](c, h.Name, h.Upcasts, h.Needs)
	c.add(handler{
		name: h.Name, topic: h.Topic, typ: h.Type,
		do: func(ctx context.Context, envelope message.Envelope) error {
			event, err := read(ctx, nil, &envelope)
			if err != nil {
				return err
			}
			return h.Do(ctx, event, envelope)
		},
	})
}

// Project adds a projection. All are added before Run.
func Project[E any](c *Consumer, p Projection[E]) {
	read := decoder[E](c, p.Name, p.Upcasts, p.Needs)
	project := func(ctx context.Context, tx *store.Tx, envelope message.Envelope) error {
		event, err := read(ctx, tx, &envelope)
		if err != nil {
			return err
		}
		if err := p.Do(ctx, tx, event, envelope); err != nil {
			return err
		}
		return c.at("in projection")
	}
	c.add(handler{
		name: p.Name, topic: p.Topic, typ: p.Type, project: project,
		do: func(ctx context.Context, envelope message.Envelope) error {
			return c.config.DB.InTx(ctx, func(tx *store.Tx) error {
				first, err := firsts(ctx, tx, p.Name, []values.ID{envelope.ID})
				if err != nil || !first[envelope.ID] {
					return err
				}
				return project(ctx, tx, envelope)
			})
		},
	})
}

// firsts are the messages that a projection has not handled, and handles from
// now on. It is the first statement of a transaction: a second delivery waits
// here for the first one's end.
func firsts(ctx context.Context, tx *store.Tx, name string, messages []values.ID) (map[values.ID]bool, error) {
	// One parameter for all of them: one statement to prepare.
	list := "SELECT $1, value FROM jsonb_array_elements_text($2)"
	if tx.Dialect() == store.SQLite {
		list = "SELECT $1, value FROM json_each($2) WHERE TRUE" // which tells ON CONFLICT from a join
	}
	generation, _ := table.Generation(ctx)
	rows, err := tx.Query(ctx, "INSERT INTO platform_inbox (consumer, message_id) "+list+" ON CONFLICT DO NOTHING RETURNING message_id",
		table.OfGeneration(name, generation), messages)
	if err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	defer func() { _ = rows.Close() }()
	first := make(map[values.ID]bool, len(messages))
	for rows.Next() {
		var id values.ID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("inbox: %w", err)
		}
		first[id] = true
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	return first, nil
}

// parksAs is the name under which the handler's records are parked.
func (c *Consumer) parksAs(h handler) string {
	if h.project == nil {
		return h.name
	}
	return table.OfGeneration(h.name, c.generation)
}

// handler is a Handler or a Projection, whatever its event's type.
type handler struct {
	name, topic, typ string
	do               func(ctx context.Context, envelope message.Envelope) error
	// project is what a Projection does in a transaction that has noted the
	// message; nil: it is a Handler.
	project func(ctx context.Context, tx *store.Tx, envelope message.Envelope) error
	// past is what a Handler notes of a message of the past; nil: nothing.
	past func(ctx context.Context, envelope message.Envelope) error
}

// run gives a message to the handler once.
func (c *Consumer) run(ctx context.Context, h handler, generation int64, envelope message.Envelope) error {
	if h.project != nil {
		ctx = table.WithGeneration(ctx, generation)
	}
	return c.around(ctx, h, envelope, func(ctx context.Context) error { return h.do(ctx, envelope) })
}

func (c *Consumer) around(ctx context.Context, h handler, envelope message.Envelope, next func(context.Context) error) (err error) {
	defer message.Recover(&err)
	if c.config.Around == nil {
		return next(envelope.Continue(ctx))
	}
	return c.config.Around(ctx, h.name, envelope, next)
}

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
