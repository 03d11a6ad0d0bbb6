package command

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

func (u Unique) rejection() error {
	text := u.Message
	if text == "" {
		text = strings.Join(u.Columns, ", ") + ": taken already"
	}
	return &values.Rejection{Code: u.Code, Status: http.StatusConflict, Message: text}
}

// write stores an instance at its new version, unless it is no longer at the
// one that was loaded: errAgain.
func (r *Repository[S, E]) write(ctx context.Context, tx *store.Tx, id values.ID, c change[S, E]) error {
	columns, args := r.columns(id, c)
	var n int64
	var err error
	if c.row == nil {
		n, err = r.insert(ctx, tx, columns, args)
	} else {
		n, err = r.update(ctx, tx, columns, args, c.before)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.spec.Aggregate, id, err)
	}
	if n == 0 {
		return errAgain
	}
	if !r.spec.Sourced {
		return nil
	}
	return r.appendEvents(ctx, tx, id, c)
}

// columns are the columns that a change sets, the id first.
func (r *Repository[S, E]) columns(id values.ID, c change[S, E]) (names []string, args []any) {
	set := func(name string, value any) {
		names, args = append(names, name), append(args, value)
	}
	set(IDColumn, id)
	set(versionColumn, c.version)
	set(deletedColumn, c.gone)
	set(shapeColumn, r.shape)
	last := c.happened[len(c.happened)-1].meta
	set(changedColumn, last.Time)
	set(changedByColumn, last.Actor.By())
	if !c.there {
		set(baseColumn, c.before)
		first := c.happened[0].meta
		set(createdColumn, first.Time)
		set(createdByColumn, first.Actor.By())
	}
	switch {
	case c.gone:
		// What it was is forgotten; events of a next life count on from here.
		set(docColumn, nil)
		set(snapshotColumn, c.version)
		if c.there {
			set(baseColumn, c.version)
		}
	case !r.spec.Sourced, r.snapshotDue(c):
		set(docColumn, c.doc)
		set(snapshotColumn, c.version)
	case !c.there:
		set(docColumn, nil)
		set(snapshotColumn, c.before)
	}
	lookups := r.lookups(c.state)
	for i, column := range r.spec.IndexColumns {
		if c.gone {
			set(column.Name, nil)
		} else {
			set(column.Name, lookups[i])
		}
	}
	return names, args
}

func (r *Repository[S, E]) snapshotDue(c change[S, E]) bool {
	every := int64(r.spec.SnapshotEvery)
	return every > 0 && c.version/every > c.before/every
}

func (r *Repository[S, E]) insert(ctx context.Context, tx *store.Tx, columns []string, args []any) (int64, error) {
	quoted := make([]string, len(columns))
	places := make([]string, len(columns))
	for i, c := range columns {
		quoted[i], places[i] = store.Quote(c), fmt.Sprintf("$%d", i+1)
	}
	return tx.Exec(ctx, "INSERT INTO "+store.Quote(r.spec.Table)+" ("+strings.Join(quoted, ", ")+") VALUES ("+strings.Join(places, ", ")+
		") ON CONFLICT ("+store.Quote(IDColumn)+") DO NOTHING", args...)
}

func (r *Repository[S, E]) update(ctx context.Context, tx *store.Tx, columns []string, args []any, before int64) (int64, error) {
	var sets []string
	for i, c := range columns[1:] {
		sets = append(sets, fmt.Sprintf("%s = $%d", store.Quote(c), i+2))
	}
	args = append(args, before)
	return tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET %s WHERE %s = $1 AND %s = $%d", store.Quote(r.spec.Table), strings.Join(sets, ", "),
		store.Quote(IDColumn), store.Quote(versionColumn), len(args)), args...)
}

func (r *Repository[S, E]) appendEvents(ctx context.Context, tx *store.Tx, id values.ID, c change[S, E]) error {
	for _, h := range c.happened {
		_, err := tx.Exec(ctx, "INSERT INTO "+store.Quote(r.spec.eventsTable())+
			" (instance, version, message, name, data_version, data, at, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			id, h.meta.Version, h.meta.ID, h.meta.Type, h.event.EventVersion(), h.data, h.meta.Time, h.meta.Actor)
		if err != nil {
			return fmt.Errorf("%s %s: %w", r.spec.Aggregate, id, err)
		}
	}
	return nil
}
