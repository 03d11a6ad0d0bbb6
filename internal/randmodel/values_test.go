package randmodel

import (
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// inputOf is what a command is asked with, as the interpreter takes it.
func inputOf(r *rand.Rand, m *model.Command) map[string]any {
	in := valuesOf(r, m.Input)
	if m.Creates != model.New || r.IntN(4) > 0 {
		in[m.Aggregate.ID.Name] = pick(r, "i1", "i2")
	}
	return in
}

func valuesOf(r *rand.Rand, fields []*model.Field) map[string]any { return valuesAt(r, fields, 0) }

// deepest ends values of recursive types.
const deepest = 5

func valuesAt(r *rand.Rand, fields []*model.Field, depth int) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if f.Type == nil || f.Default != nil && r.IntN(2) == 0 {
			continue
		}
		if v := valueOf(r, f.Type, depth); v != nil {
			out[f.Name] = v
		}
	}
	return out
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func valueOf(r *rand.Rand, t *model.Type, depth int) any {
	few := 3
	if depth > deepest {
		few = 1 // none
	}
	switch t.Kind {
	case model.String:
		return pick(r, "", "abc", "한글", "\"'`\\", "x")
	case model.Bool:
		return r.IntN(2) == 0
	case model.Int:
		return pick(r, int64(0), 1, -7, 42, 9223372036854775807)
	case model.Decimal:
		return pick(r, decimal.RequireFromString("0"), decimal.RequireFromString("12.50"), decimal.RequireFromString("-3.25"))
	case model.Date:
		return pick(r, expr.Date("2026-02-28"), expr.Date("0001-01-01"), expr.Date("9999-12-31"))
	case model.Time:
		return pick(r, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1999, 12, 31, 23, 59, 59, 999999000, time.UTC))
	case model.Duration:
		return pick(r, expr.Span(0), 10*expr.Minute, -26*expr.Hour)
	case model.Optional:
		if depth > deepest || r.IntN(2) == 0 {
			return nil
		}
		return valueOf(r, t.Elem, depth)
	case model.List:
		out := []any{}
		for range r.IntN(few) {
			out = append(out, valueOf(r, t.Elem, depth))
		}
		return out
	case model.Map:
		out := map[string]any{}
		for range r.IntN(few) {
			out[pick(r, "a", "ключ", "x y")] = valueOf(r, t.Elem, depth)
		}
		return out
	case model.Named:
		switch d := t.Def; {
		case d.Enum != nil:
			return pick(r, d.Enum...).Name
		case d.Is != nil:
			return valueOf(r, d.Is, depth)
		default:
			return valuesAt(r, d.Fields, depth+1)
		}
	}
	return pick(r, "i1", "i2", "a b")
}
