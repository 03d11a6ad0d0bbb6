package store

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
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

// into reads a column into a value of the model: what bind did, undone. NULL
// makes a pointer nil and anything else its zero value.
type into struct{ dest any }

// Scan is called by database/sql with what the driver made of the column.
func (i into) Scan(src any) error {
	if src == nil {
		dest := reflect.ValueOf(i.dest)
		if dest.Kind() != reflect.Pointer || dest.IsNil() {
			return fmt.Errorf("scan into %T: not a pointer", i.dest)
		}
		dest.Elem().SetZero()
		return nil
	}
	switch dest := i.dest.(type) {
	case *time.Time:
		return scanTime(dest, src)
	case sql.Scanner:
		return dest.Scan(src)
	case *[]byte:
		*dest = []byte(text(src))
		return nil
	case *json.RawMessage:
		*dest = json.RawMessage(text(src))
		return nil
	case encoding.TextUnmarshaler:
		return dest.UnmarshalText([]byte(text(src)))
	}
	dest := reflect.ValueOf(i.dest)
	if dest.Kind() != reflect.Pointer || dest.IsNil() {
		return fmt.Errorf("scan into %T: not a pointer", i.dest)
	}
	return scanKind(dest.Elem(), src)
}

func scanKind(dest reflect.Value, src any) error {
	switch dest.Kind() {
	case reflect.Pointer:
		target := reflect.New(dest.Type().Elem())
		if err := (into{target.Interface()}).Scan(src); err != nil {
			return err
		}
		dest.Set(target)
		return nil
	case reflect.String:
		dest.SetString(text(src))
		return nil
	case reflect.Bool:
		return scanBool(dest, src)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return scanInt(dest, src)
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return json.Unmarshal([]byte(text(src)), dest.Addr().Interface())
	}
	return fmt.Errorf("a column cannot be read into a %s", dest.Type())
}

func scanBool(dest reflect.Value, src any) error {
	switch src := src.(type) {
	case bool:
		dest.SetBool(src)
	case int64:
		dest.SetBool(src != 0)
	default:
		return fmt.Errorf("%T read as a bool", src)
	}
	return nil
}

func scanInt(dest reflect.Value, src any) error {
	n, ok := src.(int64)
	if !ok {
		var err error
		if n, err = strconv.ParseInt(text(src), 10, 64); err != nil {
			return err
		}
	}
	if dest.OverflowInt(n) {
		return fmt.Errorf("%d overflows a %s", n, dest.Type())
	}
	dest.SetInt(n)
	return nil
}

func scanTime(dest *time.Time, src any) error {
	if t, ok := src.(time.Time); ok {
		*dest = values.Truncate(t)
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, text(src))
	if err != nil {
		return err
	}
	*dest = values.Truncate(t)
	return nil
}

// text is what a driver returned as the text that was stored.
func text(src any) string {
	switch src := src.(type) {
	case string:
		return src
	case []byte:
		return string(src)
	case time.Time:
		// The one column type that is not asked for as a time.Time and yet
		// comes as one is PostgreSQL's DATE.
		return src.Format(time.DateOnly)
	}
	return fmt.Sprint(src)
}
