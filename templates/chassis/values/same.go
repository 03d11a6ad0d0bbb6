package values

import (
	"bytes"
	"encoding"
	"reflect"
	"time"
)

// Same reports whether two values are equal: 1.0 and 1.00 are, an instant
// written in two zones is, and so are no list and an empty one.
func Same[T any](a, b T) bool { return same(reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()) }

func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Struct && a.CanInterface() {
		switch v := a.Interface().(type) {
		case time.Time:
			return v.Equal(b.Interface().(time.Time))
		case encoding.TextMarshaler: // equal decimals have equal texts
			return sameText(v, b.Interface().(encoding.TextMarshaler))
		}
	}
	switch a.Kind() {
	case reflect.Interface:
		if a.IsNil() || b.IsNil() || a.Elem().Type() != b.Elem().Type() {
			return a.IsNil() && b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		return sameMap(a, b)
	case reflect.Struct:
		if a.Type().Comparable() && a.NumField() > 0 && !a.Type().Field(0).IsExported() {
			return a.Equal(b) // a value of its own kind, like Date
		}
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

func sameText(a, b encoding.TextMarshaler) bool {
	x, errX := a.MarshalText()
	y, errY := b.MarshalText()
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func sameMap(a, b reflect.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	for _, k := range a.MapKeys() {
		v := b.MapIndex(k)
		if !v.IsValid() || !same(a.MapIndex(k), v) {
			return false
		}
	}
	return true
}
