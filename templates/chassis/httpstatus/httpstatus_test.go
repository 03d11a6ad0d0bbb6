package httpstatus_test

import (
	"testing"

	"github.com/esgen/esgen/templates/chassis/httpstatus"
	"github.com/esgen/esgen/templates/chassis/values"
)

// What one service refuses with a status, another one refuses with the same.
func TestStatusesComeBack(t *testing.T) {
	for status := 400; status < 600; status++ {
		if got := httpstatus.Of(httpstatus.Kind(status)); got != status {
			t.Errorf("%d comes back as %d", status, got)
		}
	}
}

func TestOnlyRefusals(t *testing.T) {
	for _, kind := range []values.Kind{values.Rule, "200", "600", "odd"} {
		if got := httpstatus.Of(kind); got != 422 {
			t.Errorf("%q is %d", kind, got)
		}
	}
}
