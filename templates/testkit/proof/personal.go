package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/esgen/esgen/templates/chassis/personal"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// masterKey is the variable that has the master key of personal data.
const masterKey = "PERSONAL_DATA_KEY"

// personsColumn is bookkeeping of views: whose the other columns are, until they are emptied.
const personsColumn = "_persons"

// snapshotColumns are those of snapshots. A command whose events pass the version at which
// one is due makes it at its last one, and whoever is erased has it made anew: at another
// version than who is told the events one by one. Their states are held against the events
// by Audit.
var snapshotColumns = []string{"_snapshot", "_doc"}

// opened is a text of a table as the service reads it that it is of: with what is
// personal of an instance in plain, or without what is of somebody who was erased.
func (v Service) opened(db *store.DB, instance, text string) (string, error) {
	if v.Told[masterKey] == "" || !strings.Contains(text, `"`+personal.Member+`"`) {
		return text, nil
	}
	keys, err := personal.New(db, v.Told[masterKey])
	if err != nil {
		return "", err
	}
	plain, err := keys.Reader(db).Open(context.Background(), values.ID(instance), json.RawMessage(text))
	if err != nil {
		return "", fmt.Errorf("of %s: %w", instance, err)
	}
	return string(plain), nil
}

// handKeys gives a service that is built anew the keys of the persons whom the first
// one knows, and nobody whom that has erased.
func (w *world) handKeys(v Service, to *store.DB) error {
	if v.Told[masterKey] == "" {
		return nil
	}
	return w.look(v.Name, func(from *store.DB) error {
		rows, err := from.Query(context.Background(), "SELECT person, key_id, key FROM platform_persons")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var person, id string
			var key *string
			if err := rows.Scan(&person, &id, &key); err != nil {
				return err
			}
			_, err := to.Exec(context.Background(), "INSERT INTO platform_persons (person, key_id, key, clean) VALUES ($1, $2, $3, $4)", person, id, key, true)
			if err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// sameAnswer tells whether two answers to one key say the same: members have no order,
// and where persons can be erased one may lack what was personal.
func (w *world) sameAnswer(before, after string) bool {
	var a, b any
	if before == after {
		return true
	}
	if json.Unmarshal([]byte(before), &a) != nil || json.Unmarshal([]byte(after), &b) != nil {
		return false
	}
	first, is := a.(map[string]any)
	second, too := b.(map[string]any)
	if !is || !too || !slices.ContainsFunc(w.system.Services, func(v Service) bool { return v.Told[masterKey] != "" }) {
		return reflect.DeepEqual(a, b)
	}
	for name, value := range first {
		if other, there := second[name]; there && !reflect.DeepEqual(value, other) {
			return false
		}
	}
	return true
}
