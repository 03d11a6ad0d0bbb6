package strictjson

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/esgen/esgen/templates/chassis/values"
)

// token is a set of the kinds of JSON values a scalar can be read from.
type token int

const (
	stringToken token = 1 << iota
	numberToken
	boolToken
)

var tokenOf = [256]token{jsontext.KindString: stringToken, jsontext.KindNumber: numberToken, jsontext.KindTrue: boolToken, jsontext.KindFalse: boolToken}

func text() *scalar {
	return &scalar{stringToken, "a string", func(v reflect.Value, s string) (string, string) {
		v.SetString(s)
		return "", ""
	}}
}

func boolean() *scalar {
	return &scalar{boolToken, "true or false", func(v reflect.Value, s string) (string, string) {
		switch s {
		case "true", "false":
			v.SetBool(s == "true")
			return "", ""
		}
		return Type, "must be true or false"
	}}
}

func whole() *scalar {
	return &scalar{numberToken, "a whole number", func(v reflect.Value, s string) (string, string) {
		i, err := strconv.ParseInt(s, 10, v.Type().Bits())
		switch {
		case errors.Is(err, strconv.ErrRange):
			return Range, "is too large a number"
		case err != nil || s[0] == '+':
			return Type, "must be a whole number"
		}
		v.SetInt(i)
		return "", ""
	}}
}

// instant reads RFC 3339, as precise as databases keep it. ParseTime takes a
// little more than that: a comma before the fraction, one digit for the hour.
func instant() *scalar {
	const want = "a time with its zone, such as \"2026-12-01T09:00:00+09:00\""
	return &scalar{stringToken, want, func(v reflect.Value, s string) (string, string) {
		t, err := values.ParseTime(s)
		if err != nil || s[len("2006-01-02T15")] != ':' || strings.Contains(s, ",") {
			return Format, "must be " + want
		}
		v.Set(reflect.ValueOf(t))
		return "", ""
	}}
}

func identifier() *scalar {
	return &scalar{stringToken, "an id", func(v reflect.Value, s string) (string, string) {
		// Dots alone would lead elsewhere in the path of a URL.
		if s == "." || s == ".." || values.ID(s).Check() != nil {
			return Format, "must be an id: text of 1 to " + strconv.Itoa(values.MaxID) + " bytes without control characters"
		}
		v.SetString(s)
		return "", ""
	}}
}

// textual reads a type that reads text by itself.
func textual(t reflect.Type) *scalar {
	want, number := "a value of its type, as text", true
	if f, ok := reflect.Zero(t).Interface().(former); ok {
		want, number = f.Form()
	}
	tokens := stringToken
	if number {
		tokens |= numberToken
	}
	return &scalar{tokens, want, func(v reflect.Value, s string) (string, string) {
		u, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
		if !ok || u.UnmarshalText([]byte(s)) != nil {
			return Format, "must be " + want
		}
		return "", ""
	}}
}

// judge asks a type for its own opinion on a value.
func (p *plan) judge(v reflect.Value) (code, message string) {
	if p.enum {
		if e, ok := v.Addr().Interface().(validator); ok && !e.Valid() {
			return Enum, "is none of the values there are"
		}
	}
	if p.checks {
		if err := check(v.Addr().Interface()); err != nil {
			return Check, err.Error()
		}
	}
	return "", ""
}

// check asks a value for its own opinion. A check without a result (an
// overflow, say) is a refusal: it is this value that it cannot be made for.
func check(v any) (err error) {
	c, ok := v.(checker)
	if !ok {
		return nil
	}
	defer func() {
		var fault *values.Fault
		if errors.As(err, &fault) {
			err = errors.New("cannot be checked")
		}
	}()
	defer values.Catch(&err)
	return c.Check()
}
