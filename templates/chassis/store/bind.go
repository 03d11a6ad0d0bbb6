package store

import (
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// sqliteTime has a fixed width, so that instants sort as text.
const sqliteTime = "2006-01-02T15:04:05.000000Z"

func (d Dialect) bindAll(args []any) ([]any, error) {
	bound := make([]any, len(args))
	for i, arg := range args {
		v, err := d.bind(arg)
		if err != nil {
			return nil, fmt.Errorf("bind $%d: %w", i+1, err)
		}
		bound[i] = v
	}
	return bound, nil
}

// oneOf are values that are one parameter: JSON for SQLite, an array for
// PostgreSQL, whose type follows from what it is compared with.
type oneOf []any

func (d Dialect) bindOneOf(list oneOf) (any, error) {
	items := make([]any, len(list))
	for i, v := range list {
		var err error
		if items[i], err = d.bind(v); err != nil {
			return nil, err
		}
	}
	if d == SQLite {
		data, err := json.Marshal(items)
		return string(data), err
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text := fmt.Sprint(item)
		if t, ok := item.(time.Time); ok {
			text = t.Format(time.RFC3339Nano)
		}
		texts[i] = `"` + arrayEscapes.Replace(text) + `"`
	}
	return "{" + strings.Join(texts, ",") + "}", nil
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// bind makes of a value of the model one that the database keeps.
func (d Dialect) bind(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case time.Time:
		if d == SQLite {
			return values.Truncate(v).Format(sqliteTime), nil
		}
		return values.Truncate(v), nil
	case []byte:
		return v, nil
	case oneOf:
		return d.bindOneOf(v)
	case json.RawMessage:
		if v == nil {
			return nil, nil
		}
		return string(v), nil
	}
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil, nil
		}
		return d.bind(value.Elem().Interface())
	}
	if own, ok := v.(driver.Valuer); ok {
		return own.Value()
	}
	if text, ok := v.(encoding.TextMarshaler); ok {
		data, err := text.MarshalText()
		return string(data), err
	}
	switch value.Kind() {
	case reflect.String:
		return value.String(), nil
	case reflect.Bool:
		return value.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return value.Int(), nil
	case reflect.Slice, reflect.Map:
		if value.IsNil() {
			// No list and an empty one are the same in the language.
			if value.Kind() == reflect.Map {
				return "{}", nil
			}
			return "[]", nil
		}
		fallthrough
	case reflect.Struct, reflect.Array:
		data, err := values.Marshal(v)
		return string(data), err
	}
	return nil, fmt.Errorf("a %T cannot be stored", v)
}
