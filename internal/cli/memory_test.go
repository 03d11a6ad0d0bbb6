package cli

import (
	"runtime"
	"testing"
)

func TestRoomBesideWhatStays(t *testing.T) {
	for _, c := range []struct {
		megabytes uint64
		percent   int
	}{{0, mostPercent}, {100, mostPercent}, {280, mostPercent}, {700, 100}, {1_000, leastPercent}, {5_000, leastPercent}} {
		got := roomBeside(c.megabytes << 20)
		if got != c.percent {
			t.Errorf("%d MB stay: %d %%, want %d", c.megabytes, got, c.percent)
		}
	}
}

func TestAfterEachCollection(t *testing.T) {
	called := make(chan int)
	n := 0
	afterEachCollection(func() bool {
		n++
		called <- n
		return n < 3
	})
	for want := 1; want <= 3; {
		runtime.GC()
		select {
		case got := <-called:
			if got != want {
				t.Fatalf("call %d, want %d", got, want)
			}
			want++
		default:
			runtime.Gosched()
		}
	}
}
