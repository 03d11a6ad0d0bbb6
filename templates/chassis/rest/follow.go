package rest

import "net/url"

// By are values by the parameters of a list that ask for them.
type By map[string]any

// RowOf is the path of the row of a key, whose parts are in their order; "": a
// part has no value, and there is nothing to link to.
func RowOf(list string, key ...any) string {
	for _, part := range key {
		text, ok := textOf(part)
		if !ok || text == "" {
			return ""
		}
		list += "/" + url.PathEscape(text)
	}
	return list
}

// RowsOf is the path of those rows of a list that have these values; "": there
// is one missing.
func RowsOf(list string, by By) string {
	query := url.Values{}
	for name, value := range by {
		text, ok := textOf(value)
		if !ok {
			return ""
		}
		query.Set(name, text)
	}
	return list + "?" + query.Encode()
}
