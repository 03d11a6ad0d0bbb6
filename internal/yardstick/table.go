package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// table is how two subjects compare.
type table struct {
	context    string
	pair       [2]*subject
	rest, peak [2]int // kilobytes
	order      []string
	rounds     map[string][][2]result
}

func newTable(context string, pair [2]*subject) *table {
	return &table{context: context, pair: pair, rounds: map[string][][2]result{}}
}

func (t *table) add(name string, r [2]result) {
	if t.rounds[name] == nil {
		t.order = append(t.order, name)
	}
	t.rounds[name] = append(t.rounds[name], r)
}

func (t *table) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %s / %s, medians of the rounds' own ratios\n", t.context, t.pair[0].name, t.pair[1].name)
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "\trequests/s\tratio\tprocessor µs\tratio\tdatabase µs\tratio\tp50 ms\tratio\tp99 ms\tratio\t")
	for _, name := range t.order {
		fmt.Fprint(tab, name, "\t")
		for _, of := range []func(result) float64{
			result.perSecond, result.each, result.servedEach,
			func(r result) float64 { return r.percentile(50) }, func(r result) float64 { return r.percentile(99) },
		} {
			a, b, ratio := t.medians(name, of)
			fmt.Fprintf(tab, "%.4g / %.4g\t%.2f\t", a, b, ratio)
		}
		fmt.Fprintln(tab)
	}
	_ = tab.Flush()
	fmt.Fprintf(w, "resident at rest %.1f / %.1f MB, at most %.1f / %.1f MB\n", mb(t.rest[0]), mb(t.rest[1]), mb(t.peak[0]), mb(t.peak[1]))
}

func mb(kilobytes int) float64 { return float64(kilobytes) / 1024 }

// medians of the first, of the second, and of what the first is of the second
// in the same round.
func (t *table) medians(name string, of func(result) float64) (a, b, ratio float64) {
	var as, bs, ratios []float64
	for _, r := range t.rounds[name] {
		first, second := of(r[0]), of(r[1])
		as, bs, ratios = append(as, first), append(bs, second), append(ratios, first/second)
	}
	return median(as), median(bs), median(ratios)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
