package documents

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Event is what the events of an aggregate have in common.
type Event interface{ Event() values.Event }

// Unique is a rule that no two instances share the values of some lookups.
type Unique struct {
	Lookups []string
	Code    string // of the rejection
	Message string
}

func (u Unique) rejection() error {
	return values.Reject(values.Conflict, u.Code, cmp.Or(u.Message, strings.Join(u.Lookups, ", ")+": taken already"))
}

// Spec says what an aggregate is. S is its state, E the interface of its events.
type Spec[S any, E Event] struct {
	Aggregate  string // name of the aggregate, in errors
	Collection string
	Teller     command.Teller

	// New is the state of an instance of which nothing has happened yet.
	New func(id values.ID) S
	// Evolve applies an event.
	Evolve func(state S, event E, meta values.Meta) S
	// Transition refuses what no event may make of a state; nil: nothing is refused.
	Transition func(from, to S) error
	// Check holds the invariants; nil: none.
	Check func(state S) error

	// Lookups are the fields by which instances are found; Index gives their values,
	// in their order.
	Lookups []string
	Index   func(state S) []any
	Unique  []Unique
}

// Options are what repositories share. The zero value works.
type Options struct {
	Log      *slog.Logger
	Clock    func() time.Time // nil: the system's
	Attempts int              // at a command that loses against others; 0: 8
}

func (o Options) withDefaults() Options {
	o.Log, o.Attempts = cmp.Or(o.Log, slog.New(slog.DiscardHandler)), cmp.Or(o.Attempts, 8)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// Repository keeps the instances of an aggregate.
type Repository[S any, E Event] struct {
	db   *DB
	spec Spec[S, E]
	opts Options
}

// NewRepository returns the repository of an aggregate. Call Prepare before its first use.
func NewRepository[S any, E Event](db *DB, spec Spec[S, E], opts Options) *Repository[S, E] {
	return &Repository[S, E]{db: db, spec: spec, opts: opts.withDefaults()}
}

// instance is a document of the aggregate's collection.
type instance struct {
	ID      string `bson:"_id"`
	Version int64  `bson:"version"` // it goes on counting when an instance is created again
	Gone    bool   `bson:"gone"`    // deleted; the document keeps its version
	Told    int64  `bson:"told"`    // the place of its last message in the outbox
	Shape   string `bson:"shape"`   // of its lookups when it was written

	// Times as texts: a date of BSON has no microseconds.
	CreatedAt string `bson:"created_at"`
	CreatedBy string `bson:"created_by,omitempty"`
	ChangedAt string `bson:"changed_at"`
	ChangedBy string `bson:"changed_by,omitempty"`

	State  bson.D            `bson:"state,omitempty"`
	Lookup map[string]any    `bson:"lookup,omitempty"`
	Unique map[string]string `bson:"unique,omitempty"`
}

func (i *instance) stamps() (s values.Stamps, err error) {
	s.CreatedBy, s.ChangedBy = by(i.CreatedBy), by(i.ChangedBy)
	if s.CreatedAt, err = values.ParseTime(i.CreatedAt); err == nil {
		s.ChangedAt, err = values.ParseTime(i.ChangedAt)
	}
	return s, err
}

// Fields of an instance.
const (
	idField     = "_id"
	shapeField  = "shape"
	lookupField = "lookup."
	uniqueField = "unique."
)

func (r *Repository[S, E]) instances() *mongo.Collection {
	return r.db.db.Collection(r.spec.Collection)
}

// Load returns an instance, or command.ErrNotFound.
func (r *Repository[S, E]) Load(ctx context.Context, id values.ID) (command.Instance[S], error) {
	loaded, there, _, err := r.load(ctx, id)
	if err == nil && !there {
		err = command.ErrNotFound.Saying("%s %s is not there", r.spec.Aggregate, id)
	}
	return loaded, err
}

// load returns the instance, or one of which nothing has happened yet; its document is
// nil when there is none, not even that of a deleted one.
func (r *Repository[S, E]) load(ctx context.Context, id values.ID) (loaded command.Instance[S], there bool, doc *instance, err error) {
	doc = &instance{}
	err = r.instances().FindOne(ctx, bson.D{{Key: idField, Value: string(id)}}).Decode(doc)
	if errors.Is(err, mongo.ErrNoDocuments) {
		loaded, err = r.unborn(id)
		return loaded, false, nil, err
	}
	if err != nil {
		return loaded, false, nil, r.failed("load", err)
	}
	if doc.Gone {
		loaded, err = r.unborn(id)
		return loaded, false, doc, err
	}
	loaded, err = r.instance(doc)
	return loaded, true, doc, err
}

// unborn is an instance of which nothing has happened yet.
func (r *Repository[S, E]) unborn(id values.ID) (unborn command.Instance[S], err error) {
	defer message.Recover(&err)
	return command.Instance[S]{ID: id, State: r.spec.New(id)}, nil
}

// instance makes an instance of its document.
func (r *Repository[S, E]) instance(doc *instance) (loaded command.Instance[S], err error) {
	defer message.Recover(&err)
	id := values.ID(doc.ID)
	loaded = command.Instance[S]{ID: id, Version: doc.Version, State: r.spec.New(id)}
	if loaded.Meta, err = doc.stamps(); err != nil {
		return loaded, r.failed(doc.ID, err)
	}
	state, err := jsonOf(doc.State)
	if err == nil {
		err = json.Unmarshal(state, &loaded.State)
	}
	if err != nil {
		return loaded, r.failed(doc.ID, err)
	}
	return loaded, nil
}

// Find returns the ids of the instances whose lookup has the value, in their order.
func (r *Repository[S, E]) Find(ctx context.Context, lookup string, value any) ([]values.ID, error) {
	bound, err := bind(value)
	if err != nil {
		return nil, r.failed("find", err)
	}
	if bound == nil {
		return nil, nil // what is absent is like nothing else
	}
	cursor, err := r.instances().Find(ctx, bson.D{{Key: lookupField + lookup, Value: bound}},
		options.Find().SetProjection(bson.D{{Key: idField, Value: 1}}).SetSort(bson.D{{Key: idField, Value: 1}}))
	var docs []instance
	if err == nil {
		err = cursor.All(ctx, &docs)
	}
	if err != nil {
		return nil, r.failed("find", err)
	}
	ids := make([]values.ID, len(docs))
	for i, doc := range docs {
		ids[i] = values.ID(doc.ID)
	}
	return ids, nil
}

func (r *Repository[S, E]) failed(what string, err error) error {
	return fmt.Errorf("%s %s: %w", r.spec.Aggregate, what, mark(err))
}

// by is who is said to have created or changed an instance; none: the system, on
// nobody's behalf.
func by(subject string) *values.ID {
	if subject == "" {
		return nil
	}
	id := values.ID(subject)
	return &id
}
