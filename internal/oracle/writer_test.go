package oracle

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// What is the same in the language is spelled alike, and nothing else is.
func TestWriter(t *testing.T) {
	scalar := func(k model.Kind) *model.Type { return &model.Type{Kind: k} }
	list := &model.Type{Kind: model.List, Elem: scalar(model.Int)}
	started := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	w := writer{func(id string) string { return id }}
	for _, tc := range []struct {
		name  string
		typ   *model.Type
		world any // of the interpreter
		json  any // of a service
		same  bool
	}{
		{"decimals", scalar(model.Decimal), decimal.RequireFromString("1.50"), "1.5", true},
		{"other decimals", scalar(model.Decimal), decimal.RequireFromString("1.50"), "1.51", false},
		{"no list", list, nil, []any{}, true},
		{"a list", list, []any{int64(1)}, []any{}, false},
		{"lists in another order", list, []any{int64(1), int64(2)}, []any{"2", "1"}, false},
		{"nothing", &model.Type{Kind: model.Optional, Elem: scalar(model.Int)}, nil, nil, true},
		{"nothing and 0", &model.Type{Kind: model.Optional, Elem: scalar(model.Int)}, nil, "0", false},
		{"days", scalar(model.Date), expr.Date("2026-12-01"), "2026-12-02", false},
		{"at other times", scalar(model.Time), started.Add(-time.Hour), "2026-11-21T08:00:12.5Z", false},
		{"at one time, in two zones", scalar(model.Time), started.Add(-time.Hour), "2026-11-21T17:00:00+09:00", true},
		{"other ids", scalar(model.ID), "order-1", "order-2", false},
		{"durations", scalar(model.Duration), 26 * expr.Hour, "1d2h", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ours, theirs := w.value(encode(tc.world, tc.typ), tc.typ), w.value(tc.json, tc.typ)
			if (ours == theirs) != tc.same {
				t.Errorf("%s and %s", ours, theirs)
			}
		})
	}
}
