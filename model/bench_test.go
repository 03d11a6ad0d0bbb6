package model_test

import (
	"fmt"
	"testing"

	"github.com/esgen/esgen/internal/synthetic"
	"github.com/esgen/esgen/model"
)

// BenchmarkLoad reads systems of growing size; the time for one context should
// stay what it is.
func BenchmarkLoad(b *testing.B) {
	for _, contexts := range []int{1, 10, 100, 1000} {
		files := synthetic.Files(contexts)
		b.Run(fmt.Sprintf("contexts=%d", contexts), func(b *testing.B) {
			for b.Loop() {
				if _, diags := model.LoadFS(files, synthetic.Document); diags.HasErrors() {
					b.Fatal("the model has errors")
				}
			}
			perContext := float64(b.Elapsed().Microseconds()) / float64(b.N) / float64(contexts)
			b.ReportMetric(perContext, "µs/context")
		})
	}
}
