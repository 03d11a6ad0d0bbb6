package tests

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// renaming writes values down so that they can be compared, and instead of ids in
// which order they came.
type renaming struct {
	text strings.Builder
	ids  map[string]int
}

func (x *renaming) add(values ...any) {
	for _, v := range values {
		text := fmt.Sprint(v)
		fmt.Fprintf(&x.text, "%d:%s", len(text), text)
	}
}

func (x *renaming) id(id string) int {
	if x.ids == nil {
		x.ids = map[string]int{"": 0}
	}
	n, known := x.ids[id]
	if !known {
		n = len(x.ids)
		x.ids[id] = n
	}
	return n
}

func (x *renaming) fields(fields []services.Field, object map[string]any) {
	x.add(object == nil)
	for _, f := range fields {
		if f.Model != nil && object != nil {
			x.value(f.Model.Type, object[f.Model.Name])
		}
	}
}

func (x *renaming) value(t *model.Type, v any) {
	t = t.Value().Scalar()
	switch v := v.(type) {
	case string:
		if t.IsID() {
			x.add(x.id(v))
			return
		}
		x.add(v)
	case []any:
		x.add(len(v))
		for _, e := range v {
			x.value(t.Elem, e)
		}
	default:
		x.add(sim.Show(v))
	}
}
