package plan

import (
	"encoding/json"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// exampleObject is an object with plausible values for fields, as JSON.
func exampleObject(fields []*model.Field) string {
	out, err := json.Marshal(exampleOf(fields, 0))
	if err != nil {
		return "{}"
	}
	return string(out)
}

func exampleOf(fields []*model.Field, depth int) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if f.Type != nil {
			out[names.Of(&f.Node).JSON] = example(f.Type, names.Of(&f.Node).JSON, depth)
		}
	}
	return out
}

// maxExampleDepth ends recursive types.
const maxExampleDepth = 4

// example is a plausible value of a type for a field of that name.
func example(t *model.Type, name string, depth int) any {
	if depth > maxExampleDepth {
		return nil
	}
	switch t.Kind {
	case model.Bool:
		return true
	case model.Int:
		return 1
	case model.Decimal:
		return "1000"
	case model.Date:
		return "2026-12-01"
	case model.Time:
		return "2026-12-01T09:00:00Z"
	case model.Duration:
		return "1h"
	case model.ID, model.Ref:
		return name + "-1"
	case model.Optional:
		return example(t.Elem, name, depth)
	case model.List:
		return []any{example(t.Elem, name, depth+1)}
	case model.Map:
		return map[string]any{"key": example(t.Elem, name, depth+1)}
	case model.Named:
		switch {
		case t.Def.Enum != nil:
			return enumText(t.Def.Enum[0])
		case t.Def.Is != nil:
			return example(t.Def.Is, name, depth)
		}
		return exampleOf(t.Def.Fields, depth+1)
	}
	return name
}
