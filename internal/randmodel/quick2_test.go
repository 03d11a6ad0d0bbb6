package randmodel

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestKinds(t *testing.T) {
	n, first := 60, uint64(1)
	if s := os.Getenv("Q"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	if s := os.Getenv("ESGEN_TEST_SEED"); s != "" {
		first, _ = strconv.ParseUint(s, 10, 64)
	}
	hist, sample := map[string]int{}, map[string]string{}
	acc := 0
	start := time.Now()
	for seed := first; seed < first+uint64(n) && time.Since(start) < 8*time.Minute; seed++ {
		v := judge(New(seed).String())
		if v.accepted {
			acc++
		}
		once := map[string]bool{}
		for _, f := range v.fails {
			if !once[f.kind] {
				hist[f.kind]++
				once[f.kind] = true
				fmt.Printf("@ %d %s | %.300s\n", seed, f.kind, firstLine(f.message))
				if len(sample[f.kind]) < 1200 {
					m := f.message
					if len(m) > 500 {
						m = m[:500]
					}
					sample[f.kind] += fmt.Sprintf("    %d %s\n", seed, m)
				}
			}
		}
	}
	var keys []string
	for k := range hist {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return hist[keys[i]] > hist[keys[j]] })
	for _, k := range keys {
		fmt.Println(hist[k], k)
		fmt.Println(sample[k])
	}
	fmt.Println("accepted", acc, "of", n, time.Since(start))
}

func TestShrink(t *testing.T) {
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	root := New(seed)
	if os.Getenv("SHOW") != "" {
		fmt.Println(root)
		return
	}
	for _, f := range judge(root.String()).fails {
		if f.kind == os.Getenv("KIND") || os.Getenv("KIND") == "" {
			fmt.Println(shrunk(root, f))
			return
		}
	}
}

func TestLines(t *testing.T) { // shows the line of each type error
	for _, s := range strings.Fields(os.Getenv("SEEDS")) {
		seed, _ := strconv.ParseUint(s, 10, 64)
		v := judge(New(seed).String())
		files := contents(v.files)
		for _, f := range v.fails {
			fmt.Println(seed, f.kind, firstLine(f.message))
			parts := strings.SplitN(f.message, ":", 3)
			if n, err := strconv.Atoi(parts[min(1, len(parts)-1)]); err == nil && files[parts[0]] != nil {
				lines := strings.Split(string(files[parts[0]]), "\n")
				for i := max(0, n-6); i < min(len(lines), n+4); i++ {
					fmt.Printf("   %4d %.300s\n", i+1, lines[i])
				}
			}
		}
	}
}

func TestRender(t *testing.T) {
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	for _, f := range judge(New(seed).String()).fails {
		fmt.Println(f.kind, f.message)
		break
	}
}
