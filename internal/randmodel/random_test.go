package randmodel

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/testsample"
)

// TestRandomModels: what check accepts is built, and what it refuses it refuses
// at a place. ESGEN_TEST_SIZE=long tries 3,000 models instead of 30, CI 60, and
// ESGEN_TEST_SEED those from a seed on.
func TestRandomModels(t *testing.T) {
	n, first := 30, uint64(1)
	switch {
	case testsample.Long():
		n = 3000
	case testsample.All():
		n = 60
	}
	if s := os.Getenv("ESGEN_TEST_SEED"); s != "" {
		var err error
		if first, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	verdicts := make([]*verdict, n)
	err := parallel.Each(t.Context(), n, func(i int) error {
		v := judge(New(first + uint64(i)).String())
		v.files = nil // of thousands they take the memory
		verdicts[i] = v
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	accepted := 0
	told := map[string]bool{} // one model of each kind of failure is enough
	for i, v := range verdicts {
		if v.accepted {
			accepted++
		}
		for _, f := range v.fails {
			if !told[f.kind] {
				told[f.kind] = true
				t.Errorf("seed %d: %s", first+uint64(i), shrunk(New(first+uint64(i)), f))
			}
		}
	}
	t.Logf("%d of %d models pass check", accepted, n)
	enough := n * 6 / 10
	if n < 100 {
		enough = n * 4 / 10 // of so few, chance may have refused more
	}
	if accepted < enough {
		t.Errorf("only %d of %d models pass check", accepted, n)
	}
}

// shrunk is the smallest model found that fails in the same way.
func shrunk(root *Node, f failure) string {
	last := f
	small := Shrink(root, func(n *Node) bool {
		for _, other := range judgeFor(n.String(), f.kind).fails {
			if other.kind == f.kind {
				last = other
				return true
			}
		}
		return false
	}, 600)
	message := last.String()
	if len(message) > 3000 {
		message = message[:3000] + " …"
	}
	return message + "\n" + strings.TrimSpace(small.String())
}
