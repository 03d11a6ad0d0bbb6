package sim

import (
	"maps"

	"github.com/esgen/esgen/model"
)

// listenView has a view follow its events. One that is inline does so within
// the command.
func (w *World) listenView(v *model.View, on func(*model.Event, *listener)) {
	if w.model.Incomplete[&v.Node] || v.Inline {
		return
	}
	for _, p := range v.From {
		on(p.Event.Event, &listener{
			name: "view " + qualified(v.Context, v.Name), who: v, context: v.Context, history: true, view: v,
			hear: func(w *World, t *task, h *Happened) *refusal { return w.project(v, p, h, t.cause, nil) },
		})
	}
}

// inline has the views of the aggregate's context that are inline follow an
// event at once.
func (w *World) inline(h *Happened, undo *undo) *refusal {
	for _, v := range h.Event.Context.Views {
		if !v.Inline || w.isBlind(v) || w.model.Incomplete[&v.Node] {
			continue
		}
		for _, p := range v.From {
			if p.Event.Event != h.Event {
				continue
			}
			if refused := w.project(v, p, h, nil, undo); refused != nil {
				return refused
			}
		}
	}
	return nil
}

// project does to a view what an event does to it. A cause is told of the rows
// that change; without one, the event keeps them to be told with it.
func (w *World) project(v *model.View, p *model.Projection, h *Happened, cause *Effect, undo *undo) *refusal {
	if p.Custom {
		w.changed(cause, h, v, nil, "what comes of it is decided in Go (custom: true): it cannot be played on the model")
		return nil
	}
	t := w.ownTable(v)
	vars := map[string]any{"event": h.Fields, "meta": h.meta()}
	rows, refused := w.rowsOf(t, p, vars)
	if refused != nil {
		return refused
	}
	for _, row := range rows {
		key := t.keyOfRow(row)
		if p.Delete {
			t.remove(key.text, undo)
			w.changed(cause, h, v, row, "deleted")
			continue
		}
		vars["row"] = t.seen(row, h)
		next := maps.Clone(row)
		for _, x := range w.model.Projections[p].Set {
			if x.Value == nil {
				next[x.Field.Name] = empty(x.Field.Type)
				continue
			}
			value, refused := w.value(x, vars)
			if refused != nil {
				return refused
			}
			next[x.Field.Name] = value
		}
		t.put(key.text, next, undo)
		t.told(key.text, w.model.PersonalColumns(p), h.person)
		t.follow(key.text, h, undo)
		w.changed(cause, h, v, next, "")
	}
	return nil
}

func (w *World) changed(cause *Effect, h *Happened, v *model.View, row map[string]any, note string) {
	e := &Effect{Kind: Changes, Name: qualified(v.Context, v.Name), Of: v, Values: row, Order: fieldNames(nil, v.Fields), Note: note}
	if cause == nil {
		h.rows = append(h.rows, e)
		return
	}
	w.lead(cause, e)
}

// rowsOf are the rows an event is about: those for which the condition holds,
// or the one of a key, which is made from the defaults where that is meant.
func (w *World) rowsOf(t *table, p *model.Projection, vars map[string]any) ([]map[string]any, *refusal) {
	if p.Where != nil {
		return w.matchingRows(t, t.sorted(), p.Where, vars)
	}
	key, refused := w.keyOf(w.model.Projections[p].Key, vars)
	if refused != nil {
		return nil, refused
	}
	switch row := t.rows[key.text]; {
	case row != nil:
		return []map[string]any{row}, nil
	case p.Delete || p.Missing == model.Skip:
		return nil, nil
	}
	row, refused := w.newRow(t.view, key)
	return []map[string]any{row}, refused
}

// newRow is a row with its key, and its defaults.
func (w *World) newRow(v *model.View, key rowKey) (map[string]any, *refusal) {
	row := make(map[string]any, len(v.Fields))
	for _, f := range v.Fields {
		value, refused := w.start(f)
		if refused != nil {
			return nil, refused
		}
		row[f.Name] = value
	}
	for i, k := range v.Key {
		row[k.Text] = key.values[i]
	}
	return row, nil
}
