package values

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"sync"
	"unicode/utf8"
)

func order[T cmp.Ordered](a, b T) int { return cmp.Compare(a, b) }

// Map is the list of what f makes of each element.
func Map[T, U any](list []T, f func(T) U) []U {
	out := make([]U, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// Filter is the list of the elements for which a condition holds.
func Filter[T any](list []T, holds func(T) bool) []T {
	var out []T
	for _, v := range list {
		if holds(v) {
			out = append(out, v)
		}
	}
	return out
}

// All reports whether a condition holds for all elements.
func All[T any](list []T, holds func(T) bool) bool {
	for _, v := range list {
		if !holds(v) {
			return false
		}
	}
	return true
}

// Find is the first element for which a condition holds, nil when there is
// none.
func Find[T any](list []T, holds func(T) bool) *T {
	for _, v := range list {
		if holds(v) {
			return &v
		}
	}
	return nil
}

// Count is for how many elements a condition holds.
func Count[T any](list []T, holds func(T) bool) int64 { return int64(len(Filter(list, holds))) }

// Sort is the list from small to large.
func Sort[T Ordered](list []T) []T {
	out := slices.Clone(list)
	slices.SortStableFunc(out, Compare)
	return out
}

// SortBy is the list by a key, from small to large; elements with equal keys
// keep their order.
func SortBy[T any, K Ordered](list []T, key func(T) K) []T {
	type keyed struct {
		key K
		v   T
	}
	all := Map(list, func(v T) keyed { return keyed{key(v), v} })
	slices.SortStableFunc(all, func(a, b keyed) int { return Compare(a.key, b.key) })
	return Map(all, func(k keyed) T { return k.v })
}

// With is a list with another value in place of an element; one that is not
// there is a Fault.
func With[T any](list []T, i int64, v T) []T {
	At(list, i)
	out := slices.Clone(list)
	out[i] = v
	return out
}

// RemoveAt is a list without an element; one that is not there is a Fault.
func RemoveAt[T any](list []T, i int64) []T {
	At(list, i)
	return slices.Concat(list[:i], list[i+1:])
}

// Put is a map with a value under a key, in place of what was there.
func Put[T any](m map[string]T, key string, v T) map[string]T {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]T{}
	}
	out[key] = v
	return out
}

// Without is a map without a key, which need not be there.
func Without[T any](m map[string]T, key string) map[string]T {
	out := maps.Clone(m)
	delete(out, key)
	return out
}

// Keys are the keys of a map, in order.
func Keys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// At is an element of a list; one that is not there is a Fault.
func At[T any](list []T, i int64) T {
	if i < 0 || i >= int64(len(list)) {
		fail("there is no element %d in a list of %d", i, len(list))
	}
	return list[i]
}

// Lookup is an element of a map; one that is not there is a Fault.
func Lookup[T any](m map[string]T, key string) T {
	v, ok := m[key]
	if !ok {
		fail("there is no %q in the map", key)
	}
	return v
}

// In reports whether a value is one of a list.
func In[T any](v T, list ...T) bool { return Has(list, v) }

// Has reports whether a list has a value.
func Has[T any](list []T, v T) bool {
	return slices.ContainsFunc(list, func(o T) bool { return Same(o, v) })
}

// InMap reports whether a map has a key.
func InMap[T any](key string, m map[string]T) bool {
	_, ok := m[key]
	return ok
}

// Size is how many characters a text has.
func Size(text string) int64 { return int64(utf8.RuneCountInString(text)) }

// Substring are the characters of a text from one place to before another; what
// lies outside the text is left out.
func Substring(text string, from, to int64) string {
	runes := []rune(text)
	within := func(place int64) int64 { return min(max(place, 0), int64(len(runes))) }
	if from, to = within(from), within(to); from >= to {
		return ""
	}
	return string(runes[from:to])
}

// patterns are the compiled patterns of Matches; models hold few of them, and
// all are constants.
var patterns sync.Map

// Matches reports whether a pattern (RE2) is found in a text.
func Matches(text, pattern string) bool {
	re, ok := patterns.Load(pattern)
	if !ok {
		re, _ = patterns.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	return re.(*regexp.Regexp).MatchString(text)
}
