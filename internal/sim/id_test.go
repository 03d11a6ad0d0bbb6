package sim

import (
	"testing"

	"github.com/esgen/esgen/templates/chassis/values"
)

func TestDerivedIDsAreThoseOfTheServices(t *testing.T) {
	for _, parts := range [][]string{{}, {""}, {"a"}, {"a", "b"}, {"ab"}, {"정책", "event-1", "Order.PlaceOrder"}} {
		if got, want := deriveID(parts...), string(values.DeriveID(parts...)); got != want {
			t.Errorf("%q: %s, want %s", parts, got, want)
		}
	}
}
