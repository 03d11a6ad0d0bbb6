package store

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// sqliteTime has a fixed width, so that instants sort as text.
const sqliteTime = "2006-01-02T15:04:05.000000Z"

// Instant is t as it is kept: in UTC, in whole microseconds. Truncate before
// comparing what is in memory with what was stored.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

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

// bind makes of a value of the model one that the database keeps.
func (d Dialect) bind(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case time.Time:
		if d == SQLite {
			return Instant(v).Format(sqliteTime), nil
		}
		return Instant(v), nil
	case values.Duration:
		return time.Duration(v).Microseconds(), nil
	case []byte:
		return v, nil
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
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		data, err := json.Marshal(v)
		return string(data), err
	}
	return nil, fmt.Errorf("a %T cannot be stored", v)
}
