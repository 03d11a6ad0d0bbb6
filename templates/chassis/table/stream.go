package table

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// Stream is a view's table that tells what changes in it. The changes stand in
// the table of a History, written by the transactions that make them.
type Stream[R any] struct {
	*Table[R]
	history *History
}

// NewStream returns the table of a view whose changes are told.
func NewStream[R any](db *store.DB, spec Spec[R], history *History) *Stream[R] {
	s := &Stream[R]{New(db, spec), history}
	s.told = s
	return s
}

// someChanges is how many are read at a time.
const someChanges = 100

// Begin finds the place to go on from.
func (s *Stream[R]) Begin(ctx context.Context, last string) (at view.Place, kept bool, err error) {
	number, err := s.history.now(ctx)
	if err != nil {
		return at, false, s.failed(err)
	}
	now := view.Place{Generation: s.live.Load(), Number: number}
	if last == "" {
		return now, true, nil
	}
	at, ok := view.ParsePlace(last)
	if !ok || at.Generation != now.Generation || at.Number > now.Number {
		return now, false, nil
	}
	lost, err := s.history.forgot(ctx, s.source(at.Generation), at.Number)
	if err != nil {
		return at, false, s.failed(err)
	}
	if lost {
		return now, false, nil
	}
	return at, true, nil
}

// Changes are those after a place. Once another generation is read, they are
// those from now on.
func (s *Stream[R]) Changes(ctx context.Context, after view.Place) (changes []view.Changed[R], at view.Place, kept bool, err error) {
	if after.Generation != s.live.Load() {
		at, _, err = s.Begin(ctx, "")
		return nil, at, false, err
	}
	found, err := s.history.after(ctx, s.source(after.Generation), after.Number, someChanges)
	if err != nil {
		return nil, after, true, s.failed(err)
	}
	at = after
	for _, f := range found {
		c := view.Changed[R]{At: view.Place{Generation: after.Generation, Number: f.number}}
		if c.Before, err = s.fromImage(f.before); err == nil {
			c.After, err = s.fromImage(f.after)
		}
		if err != nil {
			return nil, after, true, s.failed(err)
		}
		changes, at = append(changes, c), c.At
	}
	return changes, at, true, nil
}

// Changing is closed at the next change by this replica.
func (s *Stream[R]) Changing() <-chan struct{} { return s.db.Signal(s.signal()) }

// Matching tells which rows have what a query filters by.
func (s *Stream[R]) Matching(query view.Query) (func(row R) bool, error) {
	wanted := map[int]any{}
	for name, text := range query.Filter {
		c, ok := s.column(name)
		if !ok {
			return nil, fmt.Errorf("%w: there is no %q", view.ErrQuery, name)
		}
		value, err := s.parse(c, text)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", view.ErrQuery, name, err)
		}
		for i := range s.spec.Columns {
			if s.spec.Columns[i].Name == name {
				wanted[i] = value
			}
		}
	}
	return func(row R) bool {
		fields := s.spec.Bind(&row)
		for i, value := range wanted {
			if !has(fields[i], value) {
				return false
			}
		}
		return true
	}, nil
}

// has tells whether a field, by its pointer, has a value as the database
// compares it.
func has(field, value any) bool {
	v := reflect.ValueOf(field).Elem()
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return false
		}
		v = v.Elem()
	}
	other := reflect.ValueOf(value)
	if other.Kind() == reflect.Pointer {
		other = other.Elem()
	}
	if at, ok := v.Interface().(time.Time); ok {
		same, ok := other.Interface().(time.Time)
		return ok && values.Truncate(at).Equal(values.Truncate(same))
	}
	if equal := v.MethodByName("Equal"); equal.IsValid() && other.Type() == v.Type() { // of decimals
		return equal.Call([]reflect.Value{other})[0].Bool()
	}
	return fmt.Sprint(v.Interface()) == fmt.Sprint(other.Interface())
}

// source is what the changes of a generation are told by.
func (s *Stream[R]) source(generation int64) string {
	return OfGeneration(s.spec.Table, generation)
}

// image is a row as it stands in the history; nil: there is no row.
func (s *Stream[R]) image(row *R) (*string, error) {
	if row == nil {
		return nil, nil
	}
	image := make(map[string]any, len(s.spec.Columns))
	for i, field := range s.spec.Bind(row) {
		image[s.spec.Columns[i].Name] = field
	}
	data, err := json.Marshal(image)
	if err != nil {
		return nil, s.failed(err)
	}
	text := string(data)
	return &text, nil
}

// fromImage is a row of the history. What a release before did not have is as in
// a new row.
func (s *Stream[R]) fromImage(image *string) (*R, error) {
	if image == nil {
		return nil, nil
	}
	var columns map[string]json.RawMessage
	if err := json.Unmarshal([]byte(*image), &columns); err != nil {
		return nil, err
	}
	row := s.row()
	for i, field := range s.spec.Bind(&row) {
		data, ok := columns[s.spec.Columns[i].Name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(data, field); err != nil {
			return nil, err
		}
	}
	return &row, nil
}

// turn is taken before a transaction changes rows that somebody follows.
func (s *Stream[R]) turn(tx *store.Tx) {
	s.history.begin(tx)
}

// record tells of a change: before is the image of the row that was, after the
// row that is.
func (s *Stream[R]) record(ctx context.Context, tx *store.Tx, before *string, after *R) error {
	is, err := s.image(after)
	if err != nil {
		return err
	}
	generation, ok := Generation(ctx)
	if !ok {
		generation = s.live.Load()
	}
	s.history.record(tx, s.spec.Name, generation, s.source(generation), before, is)
	return nil
}

// recordGone tells of rows that are about to be removed.
func (s *Stream[R]) recordGone(ctx context.Context, tx *store.Tx, cond where.Cond) error {
	rows, err := s.find(ctx, tx, cond, nil, 0, tx.Dialect().ForUpdate())
	if err != nil {
		return err
	}
	for i := range rows {
		before, err := s.image(&rows[i])
		if err != nil {
			return err
		}
		if err := s.record(ctx, tx, before, nil); err != nil {
			return err
		}
	}
	return nil
}
