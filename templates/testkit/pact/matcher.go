package pact

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strings"
)

// fits tells what is wrong with a value; "" nothing. Cascaded: the matcher is
// that of a place above, of which min and max speak.
func (m matcher) fits(want, got any, cascaded bool) string {
	switch m.name {
	case "type":
		return m.fitsType(want, got, cascaded)
	case "regex", "date", "time", "datetime":
		if m.regex.MatchString(text(got)) {
			return ""
		}
		if m.format != "" {
			return fmt.Sprintf("expected a %s as %s, got %s", m.name, m.format, show(got))
		}
		return fmt.Sprintf("expected a text that matches %s, got %s", m.text, show(got))
	case "include":
		return unless(strings.Contains(text(got), m.text), "expected a text with %q in it, got %s", m.text, show(got))
	case "equality", "values":
		return equal(want, got)
	case "null":
		return unless(got == nil, "expected null, got %s", show(got))
	case "statusCode":
		return "statusCode is for the status only"
	}
	if test, ok := tests[m.name]; ok {
		return unless(test.of(got), "expected %s, got %s", test.words, show(got))
	}
	// eachKey, eachValue and arrayContains ask something of objects and lists.
	return ""
}

// tests are the matchers that look at the value alone.
var tests = map[string]struct {
	words string
	of    func(any) bool
}{
	"number":   {"a number", func(v any) bool { _, ok := v.(json.Number); return ok }},
	"integer":  {"a whole number", isInteger},
	"decimal":  {"a number with a decimal point", func(v any) bool { _, ok := v.(json.Number); return ok && !isInteger(v) }},
	"boolean":  {"true or false", func(v any) bool { return v == true || v == false || v == "true" || v == "false" }},
	"notEmpty": {"something that is not empty", func(v any) bool { return !isEmpty(v) }},
	"semver":   {"a semantic version", func(v any) bool { s, ok := v.(string); return ok && semver.MatchString(s) }},
}

var semver = regexp.MustCompile(`^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

func (m matcher) fitsType(want, got any, cascaded bool) string {
	if kind(want) != kind(got) {
		return fmt.Sprintf("expected %s like %s, got %s", kind(want), show(want), show(got))
	}
	n, counted := size(got)
	if cascaded || !counted {
		return ""
	}
	switch {
	case m.min != nil && n < *m.min:
		return fmt.Sprintf("expected at least %d, got %d", *m.min, n)
	case m.max != nil && n > *m.max:
		return fmt.Sprintf("expected at most %d, got %d", *m.max, n)
	}
	return ""
}

// fits tells what is wrong with a value by a list of matchers.
func (l *list) fits(want, got any, cascaded bool) []string {
	return l.join(func(m matcher) []string {
		if wrong := m.fits(want, got, cascaded); wrong != "" {
			return []string{wrong}
		}
		return nil
	})
}

// join is what is wrong by all matchers, or by any, as the list says.
func (l *list) join(check func(matcher) []string) []string {
	var all []string
	for _, m := range l.matchers {
		wrong := check(m)
		if l.any && len(wrong) == 0 {
			return nil
		}
		all = append(all, wrong...)
	}
	return all
}

func unless(ok bool, format string, args ...any) string {
	if ok {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// equal compares as the specification does: 1 is not 1.0.
func equal(want, got any) string {
	return unless(same(want, got), "expected %s, got %s", show(want), show(got))
}

func same(want, got any) bool {
	switch want := want.(type) {
	case json.Number:
		got, ok := got.(json.Number)
		return ok && (want == got || isInteger(want) == isInteger(got) && sameNumber(want, got))
	case []any:
		got, ok := got.([]any)
		if !ok || len(want) != len(got) {
			return false
		}
		for i := range want {
			if !same(want[i], got[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok || len(want) != len(got) {
			return false
		}
		for name, w := range want {
			if g, ok := got[name]; !ok || !same(w, g) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, got)
}

// sameNumber compares by value where that costs little: an exponent may be
// made up to take all memory.
func sameNumber(a, b json.Number) bool {
	x, okX, errX := big.ParseFloat(string(a), 10, 256, big.ToNearestEven)
	y, okY, errY := big.ParseFloat(string(b), 10, 256, big.ToNearestEven)
	return errX == nil && errY == nil && okX == okY && x.Cmp(y) == 0
}

func isInteger(v any) bool {
	n, ok := v.(json.Number)
	return ok && !strings.ContainsAny(string(n), ".eE")
}

func isEmpty(v any) bool {
	if v == nil || v == "" {
		return true
	}
	n, counted := size(v)
	return counted && n == 0
}

// size is how many items or members a value has, if it is made of any.
func size(v any) (n int, ok bool) {
	switch v := v.(type) {
	case []any:
		return len(v), true
	case map[string]any:
		return len(v), true
	}
	return 0, false
}

// kind is what a value is, in words.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	}
	return "an object"
}

// text is a value as matchers of text see it.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return encode(v)
}

// show is a value in a difference; a long one is cut.
func show(v any) string {
	const most = 200
	s := encode(v)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func encode(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
