package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Restore makes it so that an event has happened: its instance and the inline
// views are as after it, and nothing is published. It is for tests, which tell
// the past by its events. Ours is false when the event is none of this
// aggregate.
func (r *Repository[S, E]) Restore(ctx context.Context, tx *store.Tx, e message.Envelope) (ours bool, err error) {
	if e.Type != r.spec.Type+"."+e.Event() {
		return false, nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s of %s: %w", e.Type, e.Subject, err)
		}
	}()
	defer message.Recover(&err)
	event, err := r.read(e)
	if err != nil {
		return true, err
	}
	id := values.ID(e.Subject)
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
	if c.state, err = r.spec.Evolve(instance.State, event, meta); err != nil {
		return true, err
	}
	c.gone = r.spec.Deletes != nil && r.spec.Deletes(event)
	if c.doc, err = json.Marshal(c.state); err != nil {
		return true, err
	}
	c.happened = []happened[E]{{event, meta, e.Data}}
	if err := r.write(ctx, tx, id, c, values.Truncate(e.Time)); err != nil {
		return true, err
	}
	for _, project := range r.spec.Inline {
		if err := project(ctx, tx, event, meta); err != nil {
			return true, fmt.Errorf("inline view: %w", err)
		}
	}
	return true, nil
}

// read reads an event of the past, as it is today: with the same fields. One
// that lost a field or got a new name would leave a state that never was.
func (r *Repository[S, E]) read(e message.Envelope) (event E, err error) {
	if r.spec.Decode == nil {
		return event, errors.New("the aggregate cannot read its events")
	}
	if event, err = r.spec.Decode(e.Event(), max(e.DataVersion, 1), e.Data); err != nil {
		return event, err
	}
	now, err := json.Marshal(event)
	if err != nil {
		return event, err
	}
	var before, after any
	if err := errors.Join(json.Unmarshal(e.Data, &before), json.Unmarshal(now, &after)); err != nil {
		return event, err
	}
	if was, is := shapeOf(before), shapeOf(after); was != is {
		return event, fmt.Errorf("the event had the fields %s, and today has %s", was, is)
	}
	return event, nil
}

// shapeOf lists the names in a value, without what it has of null and empty,
// which may be left out.
func shapeOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if s := shapeOf(v[name]); s != "" {
				b.WriteString(" " + strings.TrimSuffix(name+s, "."))
			}
		}
		return "{" + strings.TrimPrefix(b.String(), " ") + "}"
	case []any:
		if len(v) == 0 {
			return ""
		}
		return "[" + strings.TrimSuffix(shapeOf(v[0]), ".") + "]"
	case nil:
		return ""
	}
	return "."
}

// UseClock has the repository go by a clock of its own. It is for tests, and
// for before the first command.
func (r *Repository[S, E]) UseClock(clock func() time.Time) { r.opts.Clock = clock }
