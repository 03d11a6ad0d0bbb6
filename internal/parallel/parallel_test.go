package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/esgen/esgen/internal/parallel"
)

func TestAll(t *testing.T) {
	for _, n := range []int{0, 1, 3, 1000} {
		done := make([]atomic.Int64, n)
		parallel.All(n, func(i int) { done[i].Add(1) })
		for i := range done {
			if got := done[i].Load(); got != 1 {
				t.Fatalf("thing %d of %d was done %d times", i, n, got)
			}
		}
	}
}

// Of several that fail it is the first that is told, and no more are begun.
func TestEachTellsTheFirst(t *testing.T) {
	for range 100 {
		var begun atomic.Int64
		err := parallel.Each(t.Context(), 10_000, func(i int) error {
			begun.Add(1)
			if i >= 10 {
				return fmt.Errorf("thing %d", i)
			}
			return nil
		})
		if err == nil || err.Error() != "thing 10" {
			t.Fatalf("the error is %v", err)
		}
		if n := begun.Load(); n > 1000 {
			t.Fatalf("%d things were begun after one had failed", n)
		}
	}
}

func TestEachStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int64
	err := parallel.Each(ctx, 1_000_000, func(int) error {
		if begun.Add(1) == 5 {
			cancel()
		}
		return nil
	})
	if n := begun.Load(); !errors.Is(err, context.Canceled) || n > 100_000 {
		t.Errorf("%d things were begun, and the error is %v", n, err)
	}
}

// What panics in a worker can be caught by whoever asked for it, with the place.
func TestPanicsReachTheCaller(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "thing 3") || !strings.Contains(got, "parallel_test.go") {
			t.Errorf("it panicked with %s", got)
		}
	}()
	parallel.All(5, func(i int) {
		if i == 3 {
			panic("thing 3")
		}
	})
	t.Error("nothing panicked")
}
