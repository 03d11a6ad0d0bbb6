package values

import (
	"encoding/json"
	"reflect"
)

// Marshal is a value as JSON, as it is stored and answered. No list and an
// empty one are the same in the language: both are [], and {} for maps, never
// null.
func Marshal(v any) ([]byte, error) {
	from := reflect.ValueOf(v)
	if !from.IsValid() {
		return json.Marshal(v)
	}
	value := reflect.New(from.Type()).Elem()
	value.Set(from)
	fill(value)
	return json.Marshal(value.Addr().Interface())
}

// fill makes empty what is nil, in a value that can be set and all that it
// holds. What it holds by reference changes for its other holders too, for whom
// it is the same.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() && hasParts(v.Elem().Type()) {
			v.Set(filled(v.Elem()))
		}
	case reflect.Slice:
		switch {
		case v.Type().Elem().Kind() == reflect.Uint8: // of raw JSON, nil is null
		case v.IsNil():
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		case hasParts(v.Type().Elem()):
			for i := range v.Len() {
				fill(v.Index(i))
			}
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		if hasParts(v.Type().Elem()) {
			for it := v.MapRange(); it.Next(); {
				v.SetMapIndex(it.Key(), filled(it.Value()))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				fill(f)
			}
		}
	}
}

// filled is fill of a copy, for what cannot be set.
func filled(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	fill(out)
	return out
}

// hasParts tells of types whose values may hold lists and maps.
func hasParts(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Struct:
		return true
	}
	return false
}
