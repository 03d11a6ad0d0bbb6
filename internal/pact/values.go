package pact

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// values are samples of fields, as the interpreter has them.
func (x *explorer) values(fields []*model.Field) map[string]any {
	d := json.NewDecoder(bytes.NewReader(x.sample(fields)))
	d.UseNumber()
	var data any
	if d.Decode(&data) != nil {
		return map[string]any{}
	}
	out, _ := value(x.system.Object(fields...), data).(map[string]any)
	return out
}

// value is a value of JSON as the interpreter has it; what is none of the
// schema is nil.
func value(s *contract.Schema, data any) any {
	switch data := data.(type) {
	case bool:
		return data
	case json.Number:
		return scalar(s, data.String())
	case string:
		return scalar(s, data)
	case []any:
		out := make([]any, len(data))
		for i, x := range data {
			out[i] = value(s.Items, x)
		}
		return out
	case map[string]any:
		return object(s, data)
	}
	return nil
}

func object(s *contract.Schema, data map[string]any) map[string]any {
	out := make(map[string]any, len(data))
	if s.Kind == contract.Map {
		for name, x := range data {
			out[name] = value(s.Items, x)
		}
		return out
	}
	for _, f := range s.Fields {
		if x, there := data[f.Name]; there {
			out[f.Model.Name] = value(f.Schema, x)
		}
	}
	return out
}

// scalars are the types by what the interpreter has for them.
var scalars = map[contract.SchemaKind]model.Kind{
	contract.Int: model.Int, contract.Decimal: model.Decimal, contract.Date: model.Date, contract.Duration: model.Duration,
}

func scalar(s *contract.Schema, text string) any {
	switch s.Kind {
	case contract.Enum:
		for _, v := range s.Def.Enum {
			if names.EnumValue(v) == text {
				return v.Name
			}
		}
		return nil
	case contract.Time:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil
		}
		return t
	}
	kind, known := scalars[s.Kind]
	if !known {
		return text
	}
	v, err := expr.Parse(kind, text)
	if err != nil {
		return nil
	}
	return v
}
