package sim

import (
	"fmt"
	"maps"

	"github.com/esgen/esgen/model"
)

// erasedPerson is somebody of whom a context knows nothing personal any more.
type erasedPerson struct {
	context *model.Context
	id      string
}

// happen is the state after an event. Of who is erased nothing personal happens.
func (w *World) happen(a *model.Aggregate, before map[string]any, h *Happened) (map[string]any, *refusal) {
	erased := w.erased.of[erasedPerson{a.Context, h.person}]
	if erased {
		h.Fields = blank(h.Fields, h.Event.Personal())
	}
	after, refused := w.evolve(a, before, h)
	if refused != nil || !erased {
		return after, refused
	}
	return w.blankState(a, after)
}

// blank are fields without some of them, which may be absent. What has the fields
// already keeps them.
func blank(fields map[string]any, personal []*model.Field) map[string]any {
	out := maps.Clone(fields)
	for _, f := range personal {
		out[f.Name] = empty(f.Type)
	}
	return out
}

func (w *World) blankState(a *model.Aggregate, state map[string]any) (map[string]any, *refusal) {
	out := maps.Clone(state)
	for _, f := range a.Personal() {
		var refused *refusal
		if out[f.Name], refused = w.start(f); refused != nil {
			return nil, refused
		}
	}
	return out, nil
}

// whose finds out whose personal data a decision is about: that of the state which
// it leaves. It never changes.
func (w *World) whose(a *model.Aggregate, before *instance, state map[string]any, happened []*Happened) *refusal {
	if a.Person == nil {
		return nil
	}
	next := state
	for _, h := range happened {
		var refused *refusal
		if next, refused = w.evolve(a, next, h); refused != nil {
			return refused
		}
	}
	person := personOf(a, next)
	switch {
	case person == "":
		return faulty(fmt.Errorf("whose the personal data of %s are is not said", a.Name))
	case before != nil && personOf(a, before.state) != person:
		return faulty(fmt.Errorf("the personal data of %s cannot become somebody else's", a.Name))
	}
	for _, h := range happened {
		h.person = person
	}
	return nil
}

func personOf(a *model.Aggregate, state map[string]any) string {
	person, _ := state[a.Person.Field.Name].(string)
	return person
}

// erase forgets what a context knows of a person, for good.
func (w *World) erase(c *model.Context, person string) *refusal {
	w.erased.own()[erasedPerson{c, person}] = true
	for _, h := range w.log {
		if h.Event.Aggregate != nil && h.Event.Context == c && h.person == person {
			h.Fields = blank(h.Fields, h.Event.Personal())
		}
	}
	for _, a := range c.Aggregates {
		if a.Person == nil {
			continue
		}
		s := w.store(a)
		for _, i := range s.instances {
			if i.gone || personOf(a, i.state) != person {
				continue
			}
			next := *i
			var refused *refusal
			if next.state, refused = w.blankState(a, i.state); refused != nil {
				return refused
			}
			w.own(s).put(&next)
		}
	}
	for _, v := range c.Views {
		if refused := w.eraseRows(w.ownTable(v), person); refused != nil {
			return refused
		}
	}
	return nil
}

func (w *World) eraseRows(t *table, person string) *refusal {
	for key, whose := range t.persons {
		row := t.rows[key]
		for f, who := range whose {
			if row == nil || who != person {
				continue
			}
			value, refused := w.start(f)
			if refused != nil {
				return refused
			}
			row = maps.Clone(row)
			row[f.Name] = value
		}
		if row != nil {
			t.put(key, row, nil)
		}
	}
	return nil
}

// told notes whose what stands in columns of a row is.
func (t *table) told(key string, columns []*model.Field, person string) {
	for _, f := range columns {
		if t.persons[key] == nil {
			t.persons[key] = map[*model.Field]string{}
		}
		t.persons[key][f] = person
	}
}
