package pact

import (
	"encoding/json"
	"strings"
)

// lines is a list of JSON with a line for each item, so that a difference shows
// the ones that differ.
func lines[T any](items []T) (string, error) {
	if len(items) == 0 {
		return "[]", nil
	}
	out := make([]string, len(items))
	for n, x := range items {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(x); err != nil {
			return "", err
		}
		out[n] = strings.TrimSuffix(b.String(), "\n")
	}
	return "[\n" + strings.Join(out, ",\n") + "\n]", nil
}
