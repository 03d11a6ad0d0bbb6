package rest

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// link is a link of HAL.
type link struct {
	Href string `json:"href"`
}

// hal is the _links of a resource; an empty self is left out.
func hal(self string, more Links) map[string]link {
	links := make(map[string]link, len(more)+1)
	for relation, href := range more {
		if href != "" {
			links[relation] = link{href}
		}
	}
	if self != "" {
		links["self"] = link{self}
	}
	return links
}

// withLinks is a resource as JSON, with links and what else is added. The
// fields of the resource come first where names are equal.
func withLinks(resource any, links map[string]link, more map[string]any) (json.RawMessage, error) {
	data, err := json.Marshal(resource)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	body := make(map[string]any, len(fields)+len(more)+1)
	for name, value := range fields {
		body[name] = value
	}
	for name, value := range more {
		setDefault(body, name, value)
	}
	setDefault(body, "_links", links)
	return json.Marshal(body)
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
