package aggregate

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

func (u Unique) rejection() error {
	text := u.Message
	if text == "" {
		text = strings.Join(u.Columns, ", ") + ": taken already"
	}
	return values.Reject(values.Conflict, u.Code, text)
}

// write stores an instance at its new version, unless it is no longer at the
// one that was loaded: command.ErrLost.
func (r *Repository[S, E]) write(tx *store.Tx, id values.ID, c change[S, E]) {
	columns, args := r.columns(id, c)
	query := r.insert(columns)
	if c.row != nil {
		query, args = r.update(columns), append(args, c.before)
	}
	tx.Later(oneRow, query, args...)
	if r.spec.Sourced != nil {
		r.spec.Sourced.append(tx, id, c)
	}
}

// oneRow: without a row, another command was faster.
func oneRow(touched int64) error {
	if touched == 0 {
		return command.ErrLost
	}
	return nil
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
	case c.doc != nil:
		set(docColumn, c.doc)
		set(snapshotColumn, c.version)
	case !c.there:
		set(docColumn, nil)
		set(snapshotColumn, c.before)
	case c.row.shape != r.shape: // its snapshot is none any more
		set(docColumn, nil)
		set(snapshotColumn, c.row.base)
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

func (r *Repository[S, E]) insert(columns []string) string {
	quoted := make([]string, len(columns))
	places := make([]string, len(columns))
	for i, c := range columns {
		quoted[i], places[i] = store.Quote(c), fmt.Sprintf("$%d", i+1)
	}
	return "INSERT INTO " + store.Quote(r.spec.Table) + " (" + strings.Join(quoted, ", ") + ") VALUES (" + strings.Join(places, ", ") +
		") ON CONFLICT (" + store.Quote(IDColumn) + ") DO NOTHING"
}

// update sets all columns but the first, the id, of a row at the version behind
// the others' values.
func (r *Repository[S, E]) update(columns []string) string {
	sets := make([]string, 0, len(columns))
	for i, c := range columns[1:] {
		sets = append(sets, fmt.Sprintf("%s = $%d", store.Quote(c), i+2))
	}
	return fmt.Sprintf("UPDATE %s SET %s WHERE %s = $1 AND %s = $%d", store.Quote(r.spec.Table), strings.Join(sets, ", "),
		store.Quote(IDColumn), store.Quote(versionColumn), len(columns)+1)
}
