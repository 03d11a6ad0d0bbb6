package aggregate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Options are what repositories share. The zero value works.
type Options struct {
	Log      *slog.Logger
	Clock    func() time.Time // nil: the system's
	Attempts int              // at a command that loses against others; 0: 8
	// Lease is how long a command that calls others is believed to be alive
	// beyond the deadline of its context; 0: 30s.
	Lease time.Duration
}

func (o Options) withDefaults() Options {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	o.Attempts, o.Lease = cmp.Or(o.Attempts, 8), cmp.Or(o.Lease, 30*time.Second)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// Repository keeps the instances of an aggregate.
type Repository[S any, E Event] struct {
	db    *store.DB
	spec  Spec[S, E]
	opts  Options
	shape string
	// selection are the columns of rows, and where they come from.
	selection string
	faults
}

// NewRepository returns the repository of an aggregate. Call Prepare before its first use.
func NewRepository[S any, E Event](db *store.DB, spec Spec[S, E], opts Options) *Repository[S, E] {
	columns := []string{IDColumn, versionColumn, snapshotColumn, baseColumn, docColumn, deletedColumn, shapeColumn,
		createdColumn, createdByColumn, changedColumn, changedByColumn}
	for i, c := range columns {
		columns[i] = store.Quote(c)
	}
	return &Repository[S, E]{
		db: db, spec: spec, opts: opts.withDefaults(), shape: spec.shape(),
		selection: "SELECT " + strings.Join(columns, ", ") + " FROM " + store.Quote(spec.Table),
	}
}

// Load returns an instance, or command.ErrNotFound.
func (r *Repository[S, E]) Load(ctx context.Context, id values.ID) (command.Instance[S], error) {
	instance, there, _, err := r.load(ctx, r.db, id)
	if err == nil && !there {
		err = command.ErrNotFound.Saying("%s %s is not there", r.spec.Aggregate, id)
	}
	return instance, err
}

// Find returns the ids of the instances whose lookup column has the value.
func (r *Repository[S, E]) Find(ctx context.Context, column string, value any) ([]values.ID, error) {
	clause, args := r.db.Dialect().Where(r.alive(where.Eq(where.Col(column), value)), 1)
	rows, err := r.db.Query(ctx, "SELECT "+store.Quote(IDColumn)+" FROM "+store.Quote(r.spec.Table)+clause+
		store.OrderBy(where.Asc(IDColumn)), args...)
	if err != nil {
		return nil, r.failed("find", err)
	}
	defer func() { _ = rows.Close() }()
	var ids []values.ID
	for rows.Next() {
		var id values.ID
		if err := rows.Scan(&id); err != nil {
			return nil, r.failed("find", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Select returns the instances for whose lookup columns the condition holds,
// at most limit (0: all), in the given order and else in that of their ids.
func (r *Repository[S, E]) Select(ctx context.Context, cond where.Cond, orders []where.Order, limit int) ([]command.Instance[S], error) {
	rows, err := r.rows(ctx, r.db, r.alive(cond), orders, limit, "")
	if err != nil {
		return nil, err
	}
	instances := make([]command.Instance[S], len(rows))
	for i, row := range rows {
		if instances[i], err = r.instance(ctx, r.db, &row); err != nil {
			return nil, err
		}
	}
	return instances, nil
}

// scanBatch is how many instances Scan has in memory.
const scanBatch = 200

// Scan calls each with every instance, in the order of ids, until it says stop.
// No transaction is open meanwhile: each may run commands.
func (r *Repository[S, E]) Scan(ctx context.Context, each func(command.Instance[S]) (stop bool, err error)) error {
	last := values.ID("")
	for {
		batch, err := r.Select(ctx, where.Gt(where.Col(IDColumn), last), nil, scanBatch)
		if err != nil {
			return err
		}
		for _, instance := range batch {
			if stop, err := each(instance); stop || err != nil {
				return err
			}
			last = instance.ID
		}
		if len(batch) < scanBatch {
			return nil
		}
	}
}

func (r *Repository[S, E]) alive(cond where.Cond) where.Cond {
	return where.And(where.Eq(where.Col(deletedColumn), false), cond)
}

func (r *Repository[S, E]) lookups(state S) []any {
	if r.spec.Index == nil {
		return nil
	}
	return r.spec.Index(state)
}

// row is a row of the aggregate's table.
type row struct {
	id                      values.ID
	version, snapshot, base int64
	doc                     json.RawMessage
	deleted                 bool
	shape                   string
	meta                    values.Stamps
	eventless               bool // of a sourced aggregate: its state is kept, and not what it came of
}

func (r *Repository[S, E]) rows(ctx context.Context, q store.Querier, cond where.Cond, orders []where.Order, limit int, lock string) ([]row, error) {
	clause, args := q.Dialect().Where(cond, 1)
	query := r.selection + clause + store.OrderBy(append(orders[:len(orders):len(orders)], where.Asc(IDColumn))...)
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	answer, err := q.Query(ctx, query+lock, args...)
	if err != nil {
		return nil, r.failed("load", err)
	}
	defer func() { _ = answer.Close() }()
	var rows []row
	for answer.Next() {
		var w row
		if err := answer.Scan(&w.id, &w.version, &w.snapshot, &w.base, &w.doc, &w.deleted, &w.shape,
			&w.meta.CreatedAt, &w.meta.CreatedBy, &w.meta.ChangedAt, &w.meta.ChangedBy); err != nil {
			return nil, r.failed("load", err)
		}
		rows = append(rows, w)
	}
	if err := answer.Err(); err != nil {
		return nil, r.failed("load", err)
	}
	return rows, nil
}

// load returns the instance, or one of which nothing has happened yet; its
// row is nil when there is none, not even that of a deleted one.
func (r *Repository[S, E]) load(ctx context.Context, q store.Querier, id values.ID) (instance command.Instance[S], there bool, w *row, err error) {
	if w, err = r.row(ctx, q, id); err != nil {
		return instance, false, nil, err
	}
	if there = w != nil && !w.deleted; there {
		instance, err = r.instance(ctx, q, w)
	} else {
		instance, err = r.unborn(id)
	}
	return instance, there, w, err
}

// row is that of an instance; nil: there is none.
func (r *Repository[S, E]) row(ctx context.Context, q store.Querier, id values.ID) (*row, error) {
	rows, err := r.rows(ctx, q, where.Eq(where.Col(IDColumn), id), nil, 0, "")
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// unborn is an instance of which nothing has happened yet.
func (r *Repository[S, E]) unborn(id values.ID) (instance command.Instance[S], err error) {
	defer message.Recover(&err)
	return command.Instance[S]{ID: id, State: r.spec.New(id)}, nil
}

// instance makes an instance of its row, and of its events when it is sourced.
func (r *Repository[S, E]) instance(ctx context.Context, q store.Querier, w *row) (instance command.Instance[S], err error) {
	defer message.Recover(&err)
	instance = command.Instance[S]{ID: w.id, Version: w.version, Meta: w.meta}
	if r.spec.Sourced != nil {
		instance.State, err = r.spec.Sourced.fold(ctx, r, q, w)
		return instance, err
	}
	instance.State = r.spec.New(w.id)
	if w.doc == nil {
		return instance, nil
	}
	doc := w.doc
	if r.spec.Personal != nil {
		doc, err = r.spec.Personal.open(ctx, q, w.id).read(doc)
	}
	if err == nil {
		err = json.Unmarshal(doc, &instance.State)
	}
	if err != nil {
		return instance, r.failed(string(w.id), err)
	}
	return instance, nil
}

func (r *Repository[S, E]) failed(what string, err error) error {
	return fmt.Errorf("%s %s: %w", r.spec.Aggregate, what, err)
}

// faults are where tests make a step fail; nobody else sets them.
type faults struct {
	fault func(step string) error
}

func (f faults) at(step string) error {
	if f.fault == nil {
		return nil
	}
	return f.fault(step)
}
