package aggregate

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/esgen/esgen/templates/chassis/personal"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Privacy keeps what is personal of an aggregate unreadable without the key of the
// person.
type Privacy[S any, E Event] interface {
	// of is how things are sealed that are said of an instance.
	of(ctx context.Context, q store.Querier, id values.ID, state S) (sealing[S, E], error)
	// seals is how that is sealed which some events make of a change.
	seals(ctx context.Context, r *Repository[S, E], q store.Querier, id values.ID, c *change[S, E], said []happened[E]) (sealing[S, E], error)
	// open returns a reader of what was sealed about an instance.
	open(ctx context.Context, q store.Querier, id values.ID) opening
	// blank is a state without what is personal.
	blank(r *Repository[S, E], id values.ID, state S) (S, error)
	column() string
	// describe tells apart what is personal of states.
	describe() string
}

// sealing seals for one person.
type sealing[S any, E Event] interface {
	person() values.ID
	erased() bool
	event(event E, data json.RawMessage) (json.RawMessage, error)
	state(doc json.RawMessage) (json.RawMessage, error)
	reply(happened []happened[E], reply json.RawMessage) (json.RawMessage, error)
	// blank is an event without what is personal.
	blank(r *Repository[S, E], event E) (E, error)
	// hold has what is stored in the transaction be forgotten when the person is
	// erased from now on. It says no when the person has been meanwhile.
	hold(ctx context.Context, tx *store.Tx, erases bool) (bool, error)
	erase(tx *store.Tx)
	// again seals what was stored as it is, of a state or of an event with some
	// personal members; nil: it was not.
	again(state bool, members []string, data json.RawMessage) (json.RawMessage, error)
	opensNothing() opening
}

// opening opens what was sealed.
type opening interface {
	read(data json.RawMessage) (json.RawMessage, error)
	// erased tells whether something was of an erased person.
	erased() bool
}

// Personal says what of an aggregate is personal, and whose it is.
type Personal[S any, E Event] struct {
	Keys *personal.Keys
	// Of is whose the data of an instance are: always the same person's.
	Of func(state S) values.ID
	// Column of the aggregate's table has that person.
	Column string
	// State are the JSON names of the fields of the state that are personal. They
	// may be absent. Events tell theirs themselves, see Telling.
	State []string
}

// Telling is an event with personal fields.
type Telling interface {
	// Personal are the JSON names of the fields. They may be absent.
	Personal() []string
}

func personalOf(event any) []string {
	if e, tells := event.(Telling); tells {
		return e.Personal()
	}
	return nil
}

func (p Personal[S, E]) column() string { return p.Column }

func (p Personal[S, E]) describe() string {
	return "personal " + strings.Join(append([]string{p.Column}, p.State...), " ")
}

func (p Personal[S, E]) of(ctx context.Context, q store.Querier, id values.ID, state S) (sealing[S, E], error) {
	key, err := p.Keys.Of(ctx, q, p.Of(state))
	return sealed[S, E]{p, id, key}, err
}

func (p Personal[S, E]) open(ctx context.Context, q store.Querier, id values.ID) opening {
	return unsealed{ctx, id, p.Keys.Reader(q)}
}

func (p Personal[S, E]) blank(r *Repository[S, E], id values.ID, state S) (S, error) {
	blank := r.spec.New(id)
	doc, err := values.Marshal(state)
	if err == nil {
		doc, err = personal.Without(doc, p.State)
	}
	if err == nil {
		err = json.Unmarshal(doc, &blank)
	}
	return blank, err
}

type unsealed struct {
	ctx    context.Context //nolint:containedctx // of one piece of work
	id     values.ID
	reader *personal.Reader
}

func (o unsealed) read(data json.RawMessage) (json.RawMessage, error) {
	return o.reader.Open(o.ctx, o.id, data)
}

func (o unsealed) erased() bool { return o.reader.Erased }

type sealed[S any, E Event] struct {
	of  Personal[S, E]
	id  values.ID
	key personal.Key
}

func (s sealed[S, E]) person() values.ID { return s.key.Person }

func (s sealed[S, E]) erased() bool { return s.key.Erased() }

func (s sealed[S, E]) event(event E, data json.RawMessage) (json.RawMessage, error) {
	return s.key.Seal(s.id, data, personalOf(event))
}

func (s sealed[S, E]) state(doc json.RawMessage) (json.RawMessage, error) {
	return s.key.Seal(s.id, doc, s.of.State)
}

func (s sealed[S, E]) reply(happened []happened[E], reply json.RawMessage) (json.RawMessage, error) {
	var members []string
	for _, h := range happened {
		members = append(members, personalOf(h.event)...)
	}
	return s.key.Seal(s.id, reply, members)
}

func (s sealed[S, E]) blank(r *Repository[S, E], event E) (E, error) {
	data, err := r.encode(event)
	if err == nil {
		data, err = personal.Without(data, personalOf(event))
	}
	if err != nil {
		return event, err
	}
	return r.spec.Decode(event.Event().Name(), data)
}

func (s sealed[S, E]) hold(ctx context.Context, tx *store.Tx, erases bool) (bool, error) {
	return s.of.Keys.Hold(ctx, tx, s.key, erases)
}

func (s sealed[S, E]) again(state bool, members []string, data json.RawMessage) (json.RawMessage, error) {
	if state {
		members = s.of.State
	}
	if !personal.Plain(data, members) {
		return nil, nil //nolint:nilnil // nothing is an answer
	}
	return s.key.Seal(s.id, data, members)
}

func (s sealed[S, E]) opensNothing() opening { return asItIs{} }

// asItIs reads nothing that was sealed.
type asItIs struct{}

func (asItIs) read(data json.RawMessage) (json.RawMessage, error) { return data, nil }

func (asItIs) erased() bool { return false }

func (s sealed[S, E]) erase(tx *store.Tx) { s.of.Keys.Erase(tx, s.key.Person) }

// seals finds out whose data a change is about. That never changes.
func (p Personal[S, E]) seals(ctx context.Context, r *Repository[S, E], q store.Querier, id values.ID, c *change[S, E], said []happened[E]) (sealing[S, E], error) {
	next := c.state
	for _, h := range said {
		var err error
		if next, err = r.spec.evolve(next, h.event, h.meta); err != nil {
			return nil, err
		}
	}
	switch person := p.Of(next); {
	case person == "":
		return nil, &values.Fault{Message: fmt.Sprintf("%s %s: whose its personal data are is not said", r.spec.Aggregate, id)}
	case c.there && p.Of(c.state) != person:
		return nil, &values.Fault{Message: fmt.Sprintf("%s %s: its personal data cannot become somebody else's", r.spec.Aggregate, id)}
	}
	return p.of(ctx, q, id, next)
}

// ForgetPerson has what is said of an erased person in the columns of instances made anew,
// from states that know it no longer.
func (r *Repository[S, E]) ForgetPerson(ctx context.Context, person values.ID) error {
	clause, args := r.db.Dialect().Where(where.Eq(where.Col(r.spec.Personal.column()), person), 2)
	_, err := r.db.Exec(ctx, "UPDATE "+store.Quote(r.spec.Table)+" SET "+store.Quote(shapeColumn)+" = $1"+clause, append([]any{"erased"}, args...)...)
	if err == nil {
		_, err = r.Reindex(ctx)
	}
	return err
}
