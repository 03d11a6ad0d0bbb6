package aggregate

import (
	"bytes"
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
	if _, err = r.opens(ctx, tx, e); err != nil {
		return true, err
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

// opens makes what is sealed of an event readable, and tells whether its person is erased.
func (r *Repository[S, E]) opens(ctx context.Context, q store.Querier, e *message.Envelope) (erased bool, err error) {
	if r.spec.Personal == nil {
		return false, nil
	}
	opening := r.spec.Personal.open(ctx, q, values.ID(e.Subject))
	e.Data, err = opening.read(e.Data)
	return opening.erased(), err
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

// Audit lists the instances that are not what their events make of them, or that
// break an invariant after a decision, in words. The events are all that there were,
// those of an instance in their order. It is for tests.
func (r *Repository[S, E]) Audit(ctx context.Context, events []message.Envelope) (problems []string, err error) {
	note := func(id values.ID, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("%s %s: ", r.spec.Aggregate, id)+fmt.Sprintf(format, args...))
	}
	folded := map[values.ID]S{}
	gone := map[values.ID]bool{}         // their persons are erased
	decided := map[values.ID]time.Time{} // at which moment, what is folded so far
	for _, e := range events {
		if e.Type != r.spec.Type+"."+e.Event() {
			continue
		}
		id := values.ID(e.Subject)
		erased, err := r.opens(ctx, r.db, &e)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", e.Type, e.Subject, err)
		}
		event, err := r.read(e)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", e.Type, e.Subject, err)
		}
		state, there := folded[id]
		if !there {
			state = r.spec.New(id)
		} else if err := r.audited(state); err != nil && !e.Time.Equal(decided[id]) {
			note(id, "before %s: %v", e.Event(), err)
		}
		if state, err = r.spec.evolve(state, event, e.Meta()); err != nil {
			note(id, "%s: %v", e.Event(), err)
		}
		if gone[id] = gone[id] || erased; gone[id] {
			if state, err = r.spec.Personal.blank(r, id, state); err != nil {
				return nil, err
			}
		}
		folded[id], decided[id] = state, e.Time
		if event.Event().Deletes {
			delete(folded, id)
		}
	}
	err = r.Scan(ctx, func(i command.Instance[S]) (bool, error) {
		is, err := values.Marshal(i.State)
		if err != nil {
			return false, err
		}
		want, err := asKept(folded[i.ID])
		if err == nil && !bytes.Equal(is, want) {
			note(i.ID, "it is %s, and its events say %s", is, want)
		}
		if err := r.audited(i.State); err != nil {
			note(i.ID, "%v", err)
		}
		delete(folded, i.ID)
		return false, err
	})
	for id := range folded {
		note(id, "it is not there, and its events say that it is")
	}
	slices.Sort(problems)
	return problems, err
}

// asKept is a state as it is when it was stored and read.
func asKept[S any](state S) (json.RawMessage, error) {
	doc, err := values.Marshal(state)
	if err != nil {
		return nil, err
	}
	var kept S
	if err := json.Unmarshal(doc, &kept); err != nil {
		return nil, err
	}
	return values.Marshal(kept)
}

// audited holds the invariants against a state.
func (r *Repository[S, E]) audited(state S) error {
	if r.spec.Check == nil {
		return nil
	}
	return r.spec.Check(state)
}

// UseClock has the repository go by a clock of its own. It is for tests, and
// for before the first command.
func (r *Repository[S, E]) UseClock(clock func() time.Time) { r.opts.Clock = clock }
