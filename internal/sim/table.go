package sim

import (
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// table holds the rows of a view.
type table struct {
	view     *model.View
	rows     map[string]map[string]any          // by their keys as text
	known    map[string]stamps                  // when and by whom, by key; of views whose rows tell it
	persons  map[string]map[*model.Field]string // whose the personal columns of rows are, by key
	order    []string                           // the keys of rows as they sort; nil: not known
	shared   bool                               // with a copy of its world: it must not change any more
	sum      uint64                             // its digest
	digested bool                               // the digest is known
}

func newTable(v *model.View) *table {
	return &table{view: v, rows: map[string]map[string]any{}, known: map[string]stamps{}, persons: map[string]map[*model.Field]string{}}
}

// rowKey is the key of a row.
type rowKey struct {
	text   string
	values []any
}

// keyOf computes the key of a row.
func (w *World) keyOf(list []check.Assigned, vars map[string]any) (rowKey, *refusal) {
	k := rowKey{values: make([]any, len(list))}
	for i, x := range list {
		v, refused := w.value(x, vars)
		if refused != nil {
			return k, refused
		}
		k.values[i] = v
	}
	k.text = keyText(k.values...)
	return k, nil
}

// keyOfRow is the key that a row has.
func (t *table) keyOfRow(row map[string]any) rowKey {
	var k rowKey
	for _, r := range t.view.Key {
		k.values = append(k.values, row[r.Text])
	}
	k.text = keyText(k.values...)
	return k
}

// sorted are the rows by their keys.
func (t *table) sorted() []map[string]any {
	if t.order == nil {
		t.order = slices.Collect(maps.Keys(t.rows))
		slices.SortFunc(t.order, func(a, b string) int { return t.byKey(t.rows[a], t.rows[b]) })
	}
	out := make([]map[string]any, len(t.order))
	for i, key := range t.order {
		out[i] = t.rows[key]
	}
	return out
}

func (t *table) byKey(a, b map[string]any) int {
	for _, r := range t.view.Key {
		if c := compareStored(r.Field, a[r.Text], b[r.Text]); c != 0 {
			return c
		}
	}
	return 0
}

// put stores a row. Rows are never changed in place.
func (t *table) put(key string, row map[string]any, undo *undo) {
	before, there := t.rows[key]
	t.rows[key] = row
	if !there && t.order != nil {
		at, _ := slices.BinarySearchFunc(t.order, row, func(k string, row map[string]any) int { return t.byKey(t.rows[k], row) })
		t.order = slices.Insert(t.order, at, key)
	}
	undo.add(func() {
		t.order = nil
		if there {
			t.rows[key] = before
		} else {
			delete(t.rows, key)
		}
	})
}

func (t *table) remove(key string, undo *undo) {
	before, there := t.rows[key]
	if !there {
		return
	}
	known := t.known[key]
	delete(t.rows, key)
	delete(t.known, key)
	delete(t.persons, key)
	t.order = nil
	undo.add(func() { t.rows[key], t.known[key], t.order = before, known, nil })
}

// follow stamps a row that an event is about: one that is made by it, or
// changed. The events of several instances come in any order: the earliest and
// the latest count.
func (t *table) follow(key string, h *Happened, undo *undo) {
	before, there := t.known[key]
	s, now := before, stampOf(h)
	if !there || now.at.Before(s.created.at) {
		s.created = now
	}
	if !now.at.Before(s.changed.at) {
		s.changed = now
	}
	t.known[key] = s
	undo.add(func() {
		if there {
			t.known[key] = before
		} else {
			delete(t.known, key)
		}
	})
}

// seen is a row as expressions see it: with its meta, unless it has a field of
// that name. One that is not stored is about to be made by an event.
func (t *table) seen(row map[string]any, by *Happened) map[string]any {
	s, there := t.known[t.keyOfRow(row).text]
	if !check.Stamped(t.view) || !there && by == nil {
		return row
	}
	if !there {
		s = stamps{stampOf(by), stampOf(by)}
	}
	row = maps.Clone(row)
	row["meta"] = s.value()
	return row
}

// undo takes changes back, the last one first.
type undo struct{ steps []func() }

func (u *undo) add(step func()) {
	if u != nil {
		u.steps = append(u.steps, step)
	}
}

func (u *undo) all() {
	for _, step := range slices.Backward(u.steps) {
		step()
	}
}

// compareStored orders two values of a field as databases do, which hold enums
// as they are on the wire.
func compareStored(f *model.Field, a, b any) int {
	if f != nil && f.Type != nil {
		if t := f.Type.Value().Scalar(); t.IsEnum() {
			a, b = onTheWire(t.Def, a), onTheWire(t.Def, b)
		}
	}
	return expr.Compare(a, b)
}

func onTheWire(enum *model.TypeDef, value any) any {
	for _, v := range enum.Enum {
		if v.Name == value {
			return names.EnumValue(v)
		}
	}
	return value
}

// sortBy sorts objects; those that are equal keep their order.
func sortBy(objects []map[string]any, keys []model.SortKey) {
	slices.SortStableFunc(objects, func(a, b map[string]any) int {
		for _, k := range keys {
			name := strings.TrimPrefix(k.Text, "-")
			c := compareStored(k.Field, a[name], b[name])
			if k.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
}
