package pact

import (
	"net/url"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
)

// onBehalf are the headers of a request of another service, as package client
// of the chassis writes them.
func onBehalf(subject string, roles []string) map[string][]string {
	headers := map[string][]string{}
	if subject != "" {
		headers["Esgen-Actor"] = []string{url.PathEscape(subject)}
	}
	if len(roles) > 0 {
		headers["Esgen-Actor-Roles"] = []string{escaped(roles)}
	}
	return headers
}

// escaped are roles as one text, separated by commas, which a role may hold itself.
func escaped(roles []string) string {
	out := make([]string, len(roles))
	for i, role := range roles {
		out[i] = strings.ReplaceAll(url.PathEscape(role), ",", "%2C")
	}
	return strings.Join(out, ",")
}

// fillPath fills the wildcards of a path, and takes the values out that stand
// in it. Ok is false where a value cannot: it would have to be escaped, and
// tools do not agree how.
func fillPath(path string, input *contract.Schema, values map[string]any) (filled string, ok bool) {
	for _, name := range naming.Wildcards(path) {
		f := input.Field(name)
		if f == nil {
			return "", false
		}
		text := plain(f.Schema.JSON(values[f.Model.Name]))
		if text == "" || strings.ContainsAny(text, "/%?# ") {
			return "", false
		}
		path = strings.ReplaceAll(path, "{"+name+"}", text)
		delete(values, f.Model.Name)
	}
	return path, true
}
