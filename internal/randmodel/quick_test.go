package randmodel

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

func TestQuick(t *testing.T) {
	hist := map[string]int{}
	sample := map[string]string{}
	ok := 0
	n := 300
	if s := os.Getenv("Q"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	for seed := range uint64(n) {
		y := New(seed).String()
		sys, diags := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(y)}}, "esgen.yaml")
		if !diags.HasErrors() {
			_, more := check.System(sys)
			diags.Merge(more)
		}
		seen := map[string]bool{}
		for _, d := range diags.Sorted() {
			if d.Severity == diag.Error && !seen[string(d.Rule)] {
				seen[string(d.Rule)] = true
				hist[string(d.Rule)]++
				sample[string(d.Rule)] += fmt.Sprintf("   %d %s %s | %s\n", seed, d.Pos, d.Message, d.Pos.File.Line(d.Pos.Line))
			}
		}
		if len(seen) == 0 {
			ok++
		}
	}
	var keys []string
	for k := range hist {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return hist[keys[i]] > hist[keys[j]] })
	for _, k := range keys {
		s := sample[k]
		if len(s) > 1500 {
			s = s[:1500]
		}
		fmt.Println(hist[k], k)
		fmt.Println(s)
	}
	fmt.Println("ok", ok, "of", n)
}
