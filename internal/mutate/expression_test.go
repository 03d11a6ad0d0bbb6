package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOtherTexts(t *testing.T) {
	enums := map[string]string{"OrderState.Placed": "OrderState.Cooking"}
	for text, want := range map[string][]string{
		"a":                                     nil,
		"subtotal >= 30000":                     {"subtotal > 30000", "subtotal >= 30001", "subtotal >= 29999"},
		"!has(row.x) && row.y > 0":              {"has(row.x) && row.y > 0", "!has(row.x) || row.y > 0", "!has(row.x) && row.y >= 0", "!has(row.x) && row.y > 1", "!has(row.x) && row.y > -1"},
		"state.status == OrderState.Placed":     {"state.status != OrderState.Placed", "state.status == OrderState.Cooking"},
		"items.map(i, i.price * i.count).sum()": {"items.map(i, i.price + i.count).sum()"},
		"items.all(i, i.ok)":                    {"items.exists(i, i.ok)"},
		"c.startsWith('4000')":                  {"c.endsWith('4000')", "c.startsWith('4001')"},
		"date(now) + duration('14d')":           {"date(now) - duration('14d')", "date(now) + duration('15d')"},
		"value.matches(r'^[0-9]{12,19}$')":      {"value.matches(r'^[0-9]{12,20}$')"},
		"'주문이 완료되었습니다'":                         {"'주문이 완료되었습니다!'"},
		"decimal(1.5)":                          {"decimal(2.5)", "decimal(0.5)"},
		"true":                                  {"false"},
		"재고 - 1":                                {"재고 + 1", "재고 - 2", "재고 - 0"},
	} {
		if diff := cmp.Diff(want, otherTexts(text, enums)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
