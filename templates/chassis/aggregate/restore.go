package aggregate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Restore makes it so that an event has happened: its instance and the inline
// views are as after it, and nothing is published. It is for tests, which tell
// the past by its events. Ours is false when the event is none of this
// aggregate; of one that is, data are from then on as they are told to others.
func (r *Repository[S, E]) Restore(ctx context.Context, tx *store.Tx, e *message.Envelope) (ours bool, err error) {
	if e.Type != r.spec.Type+"."+e.Event() {
		return false, nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s of %s: %w", e.Type, e.Subject, err)
		}
	}()
	defer message.Recover(&err)
	id := values.ID(e.Subject)
	if r.spec.Personal != nil {
		if e.Data, err = r.spec.Personal.open(ctx, tx, id).read(e.Data); err != nil {
			return true, err
		}
	}
	event, err := r.read(*e)
	if err != nil {
		return true, err
	}
	instance, there, w, err := r.load(ctx, tx, id)
	if err != nil {
		return true, err
	}
	c := change[S, E]{row: w, there: there}
	if w != nil {
		c.before = w.version
	}
	meta := e.Meta()
	meta.Version = max(c.before+1, e.Sequence)
	c.version = meta.Version
	c.state, c.gone = instance.State, event.Event().Deletes
	if err = r.happen(ctx, tx, id, &c, []happened[E]{{event: event, meta: meta}}); err != nil {
		return true, err
	}
	e.Data = c.happened[0].told
	if c.doc, err = r.document(c); err != nil {
		return true, err
	}
	r.write(tx, id, c)
	if err := tx.Flush(ctx); err != nil {
		return true, err
	}
	for _, project := range r.spec.Inline {
		if err := project(ctx, tx, c.happened[0].event, c.happened[0].meta); err != nil {
			return true, fmt.Errorf("inline view: %w", err)
		}
	}
	return true, nil
}

// read reads an event of the past. One that lost a field would leave a state that
// never was.
func (r *Repository[S, E]) read(e message.Envelope) (event E, err error) {
	if r.spec.Decode == nil {
		return event, errors.New("the aggregate cannot read its events")
	}
	if event, err = r.spec.Decode(e.Event(), e.Data); err != nil {
		return event, err
	}
	data, err := r.encode(event)
	if err != nil {
		return event, err
	}
	var before, after any
	if err := errors.Join(json.Unmarshal(e.Data, &before), json.Unmarshal(data, &after)); err != nil {
		return event, err
	}
	if gone := lost(before, after); len(gone) > 0 {
		return event, fmt.Errorf("it had %s, and has it no longer", strings.Join(gone, ", "))
	}
	return event, nil
}

// lost lists the members of a value that another one lacks. What is null or
// empty may be left out.
func lost(before, after any) []string {
	var gone []string
	switch before := before.(type) {
	case map[string]any:
		after, _ := after.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(before)) {
			value, there := after[name]
			if !there && !isEmpty(before[name]) {
				gone = append(gone, name)
				continue
			}
			for _, below := range lost(before[name], value) {
				gone = append(gone, name+"."+below)
			}
		}
	case []any:
		after, _ := after.([]any)
		for i := range min(len(before), len(after)) {
			gone = append(gone, lost(before[i], after[i])...)
		}
	}
	slices.Sort(gone)
	return slices.Compact(gone)
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// States are the states of all instances, as JSON, under the aggregate's name. It
// is for tests.
func (r *Repository[S, E]) States(ctx context.Context) (aggregate string, states []json.RawMessage, err error) {
	err = r.Scan(ctx, func(i command.Instance[S]) (bool, error) {
		state, err := values.Marshal(i.State)
		states = append(states, state)
		return false, err
	})
	return r.spec.Aggregate, states, err
}

// UseClock has the repository go by a clock of its own. It is for tests, and
// for before the first command.
func (r *Repository[S, E]) UseClock(clock func() time.Time) { r.opts.Clock = clock }
