package sample

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Claims are made-up claims of somebody who has some roles, by the model's names.
// Nobody has any where no actor of a role has.
func Claims(actors []*model.Actor, roles []string) map[string]any {
	var out map[string]any
	for _, a := range actors {
		if !slices.Contains(roles, a.Role) {
			continue
		}
		for _, f := range a.Claims {
			if out == nil {
				out = map[string]any{}
			}
			out[f.Name] = claim(f)
		}
	}
	return out
}

func claim(f *model.Field) any {
	switch f.Type.Value().Kind {
	case model.Int:
		return int64(1)
	case model.Bool:
		return true
	case model.List:
		return []any{names.Of(&f.Node).Kebab}
	}
	return names.Of(&f.Node).Kebab + "-1"
}

// Said are claims of somebody who has some roles as headers say them, by their names
// in tokens; nil: none of the actors has any.
func Said(actors []*model.Actor, roles []string, claims map[string]any) map[string]string {
	var out map[string]string
	for _, a := range actors {
		for _, f := range a.Claims {
			if out == nil {
				out = map[string]string{}
			}
			if v := claims[f.Name]; v != nil && slices.Contains(roles, a.Role) {
				out[names.Of(&f.Node).JSON] = said(v)
			}
		}
	}
	return out
}

func said(v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v)
	}
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = fmt.Sprint(x)
	}
	return strings.Join(words, ",")
}
