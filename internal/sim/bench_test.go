package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/sim"
)

// BenchmarkScenarios plays all scenarios of an example: what `esgen test` does
// beside reading.
func BenchmarkScenarios(b *testing.B) {
	for _, example := range []string{"fooddelivery", "library"} {
		m := load(b, "../../examples/"+example+"/esgen.yaml")
		b.Run(example, func(b *testing.B) {
			for b.Loop() {
				for _, s := range m.Scenarios {
					sim.Play(m, s)
				}
			}
			b.ReportMetric(float64(len(m.Scenarios)), "scenarios")
		})
	}
}

// BenchmarkCommands gives commands to a world that grows: the time of one must
// not grow with it.
func BenchmarkCommands(b *testing.B) {
	m := load(b, "testdata/calls/esgen.yaml")
	buy := command(b, m, "Order", "Buy")
	for _, size := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				w := sim.New(m, time.Time{})
				for i := range size {
					w.Do(sim.Request{Command: buy, Input: map[string]any{"orderId": fmt.Sprint("o", i), "total": decimal.NewFromInt(1)}})
					if err := w.Settle(); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/command")
		})
	}
}

// BenchmarkWaiting gives commands whose policies wait for what never comes.
func BenchmarkWaiting(b *testing.B) {
	m := load(b, "testdata/policies/esgen.yaml")
	sell := command(b, m, "Sale", "Sell")
	for _, size := range []int{1_000, 4_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				w := sim.New(m, time.Time{})
				for i := range size {
					id := fmt.Sprint(i)
					w.Do(sim.Request{Command: sell, Input: map[string]any{"saleId": "s" + id, "productId": "p" + id, "quantity": int64(1)}})
					if err := w.Settle(); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/command")
		})
	}
}
