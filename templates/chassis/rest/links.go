package rest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// link is a link of HAL.
type link struct {
	Href string `json:"href"`
}

// hal is the _links of a resource; an empty self is left out.
func hal(r *http.Request, self string, more Links) map[string]link {
	links := make(map[string]link, len(more)+1)
	for relation, href := range more {
		if href = outside(r, href); href != "" {
			links[relation] = link{href}
		}
	}
	if self != "" {
		links["self"] = link{outside(r, self)}
	}
	return links
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// maxName is as much as is repeated of a name that a stranger chose.
const maxName = 64

// pointerTo is the JSON pointer to a parameter.
func pointerTo(name string) string {
	if len(name) > maxName {
		name = name[:maxName]
	}
	name = strings.ToValidUTF8(name, "\uFFFD")
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// withParameter is a path with its query, one parameter changed.
func withParameter(path string, query url.Values, name, value string) string {
	changed := maps.Clone(query)
	changed[name] = []string{value}
	return path + "?" + changed.Encode()
}
