package contract

import (
	"encoding/json"
	"net/url"
	"slices"

	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// Asking is the path at which actors ask a query of its service, with what is said of
// what it takes: values of the interpreter by the names of fields.
func (s *System) Asking(q *model.Query, said map[string]any) string {
	params := url.Values{}
	for _, f := range s.Object(q.Takes()...).Fields {
		v, there := said[f.Model.Name]
		if !there || v == nil {
			continue
		}
		name := f.Name
		if !slices.Contains(q.Input, f.Model) {
			name = "q" // the words that are searched for
		}
		if list, several := v.([]any); several {
			for _, item := range list {
				params.Add(name, Plain(f.Schema.Items.JSON(item)))
			}
			continue
		}
		params.Set(name, Plain(f.Schema.JSON(v)))
	}
	if len(params) == 0 {
		return naming.QueryPath(q)
	}
	return naming.QueryPath(q) + "?" + params.Encode()
}

// Plain is a scalar of JSON as it stands in a URL.
func Plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
