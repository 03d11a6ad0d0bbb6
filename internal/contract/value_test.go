package contract_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// A value of the interpreter is written as a service would write it.
func TestJSON(t *testing.T) {
	state := &model.TypeDef{Enum: []*model.EnumValue{{Node: model.Node{Name: "접수됨", Code: "Received"}}}}
	field := func(name string, s *contract.Schema) *contract.Field {
		return &contract.Field{Name: name, Schema: s, Model: &model.Field{Node: model.Node{Name: name}}}
	}
	of := func(k contract.SchemaKind) *contract.Schema { return &contract.Schema{Kind: k} }
	list := &contract.Schema{Kind: contract.List, Items: of(contract.Decimal)}
	object := &contract.Schema{Kind: contract.Object, Fields: []*contract.Field{
		field("b", of(contract.Text)), field("a", list), field("none", of(contract.Text)),
	}}
	for name, c := range map[string]struct {
		schema *contract.Schema
		value  any
		want   string
	}{
		"decimal":       {of(contract.Decimal), decimal.RequireFromString("12.50"), `"12.5"`},
		"whole decimal": {of(contract.Decimal), int64(3), `"3"`},
		"int":           {of(contract.Int), int64(-3), `-3`},
		"time":          {of(contract.Time), time.Date(2026, 12, 1, 9, 0, 0, 5000, time.UTC), `"2026-12-01T09:00:00.000005Z"`},
		"date":          {of(contract.Date), expr.Date("2026-12-01"), `"2026-12-01"`},
		"duration":      {of(contract.Duration), 90 * expr.Minute, `"1h30m"`},
		"enum":          {&contract.Schema{Kind: contract.Enum, Def: state, Values: []string{"Received"}}, "접수됨", `"Received"`},
		"text":          {of(contract.Text), `<"a">`, `"<\"a\">"`},
		"map, sorted":   {&contract.Schema{Kind: contract.Map, Items: of(contract.Int)}, map[string]any{"b": int64(2), "a": int64(1)}, `{"a":1,"b":2}`},
		"object, in its order, without what is absent": {object, map[string]any{"a": []any{int64(1)}, "b": "x", "none": nil, "more": "y"}, `{"b":"x","a":["1"]}`},
		"empty list":  {object, map[string]any{"a": []any{}, "b": "x"}, `{"b":"x"}`},
		"null inside": {list, []any{nil}, `[null]`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(c.schema.JSON(c.value)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
