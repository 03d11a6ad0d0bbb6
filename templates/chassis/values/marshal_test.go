package values_test

import (
	"encoding/json"
	"testing"

	"github.com/esgen/esgen/templates/chassis/values"
)

func TestMarshalLeavesNoListOrMapNull(t *testing.T) {
	type line struct {
		Tags  []string       `json:"tags"`
		Price values.Decimal `json:"price"`
	}
	type order struct {
		Lines  []line            `json:"lines"`
		Gift   *line             `json:"gift,omitempty"`
		Note   *string           `json:"note,omitempty"`
		Labels map[string]string `json:"labels"`
		ByDay  map[string][]line `json:"byDay"`
		Raw    json.RawMessage   `json:"raw"`
	}
	shared := []line{{}}
	for name, c := range map[string]struct {
		in   any
		want string
	}{
		"nothing":       {nil, `null`},
		"a struct":      {order{}, `{"lines":[],"labels":{},"byDay":{},"raw":null}`},
		"what it holds": {order{Lines: shared, Gift: &line{}, ByDay: map[string][]line{"a": nil, "b": {{}}}}, `{"lines":[{"tags":[],"price":"0"}],"gift":{"tags":[],"price":"0"},"labels":{},"byDay":{"a":[],"b":[{"tags":[],"price":"0"}]},"raw":null}`},
		"an interface":  {map[string]any{"row": line{}, "n": 1}, `{"n":1,"row":{"tags":[],"price":"0"}}`},
		"a list":        {[]line(nil), `[]`},
		"no pointer":    {(*line)(nil), `null`},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := values.Marshal(c.in); err != nil || string(got) != c.want {
				t.Errorf("%s %v, want %s", got, err, c.want)
			}
		})
	}
}
