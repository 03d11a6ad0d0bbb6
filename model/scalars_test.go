package model

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"8d": 192 * time.Hour, "15m": 15 * time.Minute, "610ms": 610 * time.Millisecond, "1h30m": 90 * time.Minute,
		"2s": 2 * time.Second, "1d2h3m4s5ms6us": 26*time.Hour + 3*time.Minute + 4*time.Second + 5*time.Millisecond + 6*time.Microsecond,
		"0s": 0, "106751d": 106751 * 24 * time.Hour,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "s", "1m1h", "1h1h", "1.5h", "-1s", "1 h", "1H", "1w", "106752d", "99999999999999999999s", "1µs"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"Order": true, "주문": true, "_x1": true, "é": true, "नमस्ते": true, "": false, "1a": false, "a b": false,
		"a-b": false, "a.b": false, "a\u3000b": false, "\u0301e": false, "a：b": false,
	} {
		if got := isName(s); got != want {
			t.Errorf("isName(%q) = %t", s, got)
		}
	}
	for s, want := range map[string]string{"Order": "order", "SKU": "sku", "SKUNumber": "skuNumber", "orderItem": "orderItem", "주문": "주문", "": ""} {
		if got := lowerCamel(s); got != want {
			t.Errorf("lowerCamel(%q) = %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]string{"PlaceOrder": "place-order", "SKUNumber": "sku-number", "send": "send", "a_bC": "a-b-c", "A_B": "a-b", "주문": "주문"} {
		if got := kebab(s); got != want {
			t.Errorf("kebab(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	for path, at := range map[string]int{
		"": 0, "x": 0, "//": 1, "/a/": 3, "/a/{": 3, "/a/{}": 4, "/a/{b}c": 3, "/a b": 2, "/{a}/{a}": 6, "/..": 1, "/주": 1,
	} {
		if got, what := faultOfPath(path); what == "" || got != at {
			t.Errorf("faultOfPath(%q) = %d %q, want %d", path, got, what, at)
		}
	}
	for _, path := range []string{"/", "/orders", "/orders/{orderId}/x", "/a-b/c_d/e.f/~g", "/v1/{주문번호}"} {
		if at, what := faultOfPath(path); what != "" {
			t.Errorf("faultOfPath(%q) = %d %q", path, at, what)
		}
	}
}
