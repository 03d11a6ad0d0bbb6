package testsample_test

import (
	"flag"
	"slices"
	"testing"

	"github.com/esgen/esgen/internal/testsample"
)

func TestDraw(t *testing.T) {
	all := []string{"a", "b", "c", "d", "e"}
	drawn := testsample.Draw(t, 3, all...)
	sorted := slices.Sorted(slices.Values(drawn))
	if len(slices.Compact(sorted)) != 3 || slices.ContainsFunc(drawn, func(s string) bool { return !slices.Contains(all, s) }) {
		t.Errorf("drawn of %v: %v", all, drawn)
	}
	if again := testsample.Draw(t, 3, all...); !slices.Equal(drawn, again) {
		t.Errorf("one seed draws %v, then %v", drawn, again)
	}
}

func TestSystems(t *testing.T) {
	names := flag.Lookup("test.run").Value.String()
	t.Cleanup(func() { _ = flag.Set("test.run", names) })
	for _, c := range []struct {
		size, systems, run string
		n                  int
	}{
		{"", "", "", 1}, {"long", "", "", 3}, {"", "all", "", 3}, {"", "", "TestSystems", 3}, {"", "2", "", 2}, {"", "20", "", 3},
	} {
		t.Setenv(testsample.SizeEnv, c.size)
		t.Setenv(testsample.SystemsEnv, c.systems)
		if err := flag.Set("test.run", c.run); err != nil {
			t.Fatal(err)
		}
		if got := testsample.Systems(t, 1, "a", "b", "c"); len(got) != c.n {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestDrawn(t *testing.T) {
	names := flag.Lookup("test.run").Value.String()
	t.Cleanup(func() { _ = flag.Set("test.run", names) })
	if err := flag.Set("test.run", ""); err != nil {
		t.Fatal(err)
	}
	t.Setenv(testsample.SizeEnv, "")
	t.Setenv(testsample.SystemsEnv, "")
	tried := 0
	for _, system := range []string{"a", "b", "c"} {
		t.Run(system, func(t *testing.T) {
			testsample.Drawn(t, system, 2, "a", "b", "c")
			tried++
		})
	}
	if tried != 2 {
		t.Errorf("%d of 3 are tried", tried)
	}
}
