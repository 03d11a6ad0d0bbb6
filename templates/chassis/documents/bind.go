package documents

import (
	"database/sql/driver"
	"encoding"
	"fmt"
	"reflect"
	"time"

	"github.com/esgen/esgen/templates/chassis/values"
)

// timeText has a fixed width, so that instants sort as text.
const timeText = "2006-01-02T15:04:05.000000Z"

// bind makes of a value of the model one that a lookup is kept as.
func bind(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil //nolint:nilnil // null is a value
	case time.Time:
		return values.Truncate(v).Format(timeText), nil
	}
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil, nil //nolint:nilnil // null is a value
		}
		return bind(value.Elem().Interface())
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
	}
	return nil, fmt.Errorf("a %T is no value of a lookup", v)
}
