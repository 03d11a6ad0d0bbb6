package aggregate

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// ForgetMembers is the step that takes members out of what is stored of the instances
// of an aggregate, by their paths: items[].note is that of each item, prices{}.from
// that of each value of a map.
func ForgetMembers(table string, paths ...string) store.Step {
	return rewrite(table, []string{IDColumn}, docColumn, func(doc json.RawMessage) (json.RawMessage, error) {
		for _, path := range paths {
			var err error
			if doc, err = without(doc, split(path)); err != nil {
				return nil, err
			}
		}
		return doc, nil
	})
}

// AlsoCalled is the step that has a member of the events of a sourced aggregate be there
// under another name as well.
func AlsoCalled(eventsTable, name, now string) store.Step {
	return rewrite(eventsTable, []string{"instance", "version"}, "data", func(data json.RawMessage) (json.RawMessage, error) {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(data, &members); err != nil {
			return nil, err
		}
		value, there := members[name]
		if _, is := members[now]; !there || is {
			return data, nil
		}
		members[now] = value
		return json.Marshal(members)
	})
}

// rewriteBatch bounds how much of a table is in memory.
const rewriteBatch = 500

// rewrite changes each document of a table, by its key.
func rewrite(table string, key []string, column string, change func(json.RawMessage) (json.RawMessage, error)) store.Step {
	r := rewriting{table: store.Quote(table), key: key, column: store.Quote(column), change: change}
	return func(ctx context.Context, tx *store.Tx) error {
		columns, err := store.Columns(ctx, tx, table)
		if err != nil || len(columns) == 0 {
			return err
		}
		for last := (document{}); ; {
			found, err := r.some(ctx, tx, last)
			if err != nil || len(found) == 0 {
				return err
			}
			for _, d := range found {
				if err := r.one(tx, d); err != nil {
					return err
				}
			}
			last = found[len(found)-1]
		}
	}
}

type rewriting struct {
	table, column string
	key           []string
	change        func(json.RawMessage) (json.RawMessage, error)
}

// document is one of a table, by one or two columns.
type document struct {
	id      values.ID
	version int64
	data    json.RawMessage
}

func (d document) at(key []string) []any {
	if len(key) == 1 {
		return []any{d.id}
	}
	return []any{d.id, d.version}
}

// some are those after another.
func (r rewriting) some(ctx context.Context, tx *store.Tx, after document) (found []document, err error) {
	key := store.Quote(r.key[0])
	version, behind := "0", key+" > $1"
	if len(r.key) > 1 {
		version = store.Quote(r.key[1])
		behind = "(" + behind + " OR " + key + " = $1 AND " + version + " > $2)"
	}
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s, %s, %s FROM %s WHERE %s IS NOT NULL AND %s ORDER BY 1, 2 LIMIT %d",
		key, version, r.column, r.table, r.column, behind, rewriteBatch), after.at(r.key)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var d document
		if err := rows.Scan(&d.id, &d.version, &d.data); err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	return found, rows.Err()
}

func (r rewriting) one(tx *store.Tx, d document) error {
	data, err := r.change(d.data)
	if err != nil {
		return fmt.Errorf("%s: %w", d.id, err)
	}
	if string(data) == string(d.data) {
		return nil
	}
	args := d.at(r.key)
	where := store.Quote(r.key[0]) + " = $1"
	if len(args) > 1 {
		where += " AND " + store.Quote(r.key[1]) + " = $2"
	}
	tx.Later(nil, fmt.Sprintf("UPDATE %s SET %s = $%d WHERE %s", r.table, r.column, len(args)+1, where), append(args, data)...)
	return nil
}

// Ends of the parts of a path: each item of a list, each value of a map.
const (
	eachItem  = "[]"
	eachValue = "{}"
)

// split makes of items[].note the steps items, [], note.
func split(path string) (steps []string) {
	for _, part := range strings.Split(path, ".") {
		var ends []string
		for strings.HasSuffix(part, eachItem) || strings.HasSuffix(part, eachValue) {
			cut := len(part) - len(eachItem)
			part, ends = part[:cut], append([]string{part[cut:]}, ends...)
		}
		steps = append(append(steps, part), ends...)
	}
	return steps
}

// without is a value without what is at the end of a path.
func without(value json.RawMessage, path []string) (json.RawMessage, error) {
	each := func(part json.RawMessage) (json.RawMessage, error) { return without(part, path[1:]) }
	switch {
	case len(path) == 0: // it ends with the items themselves, which stay
		return value, nil
	case path[0] == eachItem:
		return items(value, each)
	case path[0] == eachValue:
		return members(value, each)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(value, &object); err != nil || object[path[0]] == nil {
		return value, nil //nolint:nilerr // it is not there
	}
	if len(path) == 1 {
		delete(object, path[0])
		return json.Marshal(object)
	}
	part, err := each(object[path[0]])
	if err != nil {
		return nil, err
	}
	object[path[0]] = part
	return json.Marshal(object)
}

func items(value json.RawMessage, change func(json.RawMessage) (json.RawMessage, error)) (json.RawMessage, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(value, &list); err != nil {
		return value, nil //nolint:nilerr // it is none
	}
	for i := range list {
		var err error
		if list[i], err = change(list[i]); err != nil {
			return nil, err
		}
	}
	return json.Marshal(list)
}

func members(value json.RawMessage, change func(json.RawMessage) (json.RawMessage, error)) (json.RawMessage, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(value, &object); err != nil {
		return value, nil //nolint:nilerr // it is none
	}
	for name, part := range object {
		var err error
		if object[name], err = change(part); err != nil {
			return nil, err
		}
	}
	return json.Marshal(object)
}
