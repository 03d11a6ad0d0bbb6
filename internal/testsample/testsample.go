// Package testsample decides how much of what could be tried a run of the tests
// tries. What is drawn depends on a seed, which is printed: with the same one,
// the same is drawn.
package testsample

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Names of the variables that developers set.
const (
	SeedEnv    = "ESGEN_TEST_SEED"    // repeats a run
	SizeEnv    = "ESGEN_TEST_SIZE"    // "long": as much as one waits for after a change to what is tried
	SystemsEnv = "ESGEN_TEST_SYSTEMS" // "all": every system is built and run; a number: so many times as many as by itself
)

// Seed returns another number for each run of a package's tests, or that of
// ESGEN_TEST_SEED.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed, err := seed()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s=%d", SeedEnv, seed)
	return seed
}

// seed is one for all tests, so that it repeats what was drawn as well as what
// was done with it.
var seed = sync.OnceValues(func() (uint64, error) {
	text := os.Getenv(SeedEnv)
	if text == "" {
		return uint64(time.Now().UnixNano()), nil
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", SeedEnv, err)
	}
	return seed, nil
})

// Long tells whether the run may take as long as it likes.
func Long() bool { return os.Getenv(SizeEnv) == "long" }

// All tells whether every system is to be built: where that is asked for, where
// the run may take as long as it likes, and for who names tests with -run.
func All() bool {
	return Long() || os.Getenv(SystemsEnv) == "all" || flag.Lookup("test.run").Value.String() != ""
}

// Systems draws n of the systems that tests could build, which takes long where
// nothing is in Go's build cache; or returns all of them, in their order.
func Systems[T any](t testing.TB, n int, all ...T) []T {
	t.Helper()
	if All() {
		return all
	}
	n = min(n*times(t), len(all))
	drawn := Draw(t, n, all...)
	t.Logf("%d of %d systems: %v; %s=all builds all", n, len(all), drawn, SystemsEnv)
	return drawn
}

// times is how many times as many systems are drawn as by themselves.
func times(t testing.TB) int {
	t.Helper()
	text := os.Getenv(SystemsEnv)
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, neither \"all\" nor a number", SystemsEnv, text)
	}
	return n
}

// Drawn skips a test unless its system is one of n that are drawn of all.
func Drawn(t testing.TB, system string, n int, all ...string) {
	t.Helper()
	if !slices.Contains(all, system) {
		t.Fatalf("%s is never drawn", system)
	}
	if !slices.Contains(Systems(t, n, all...), system) {
		t.Skip("this run draws others")
	}
}

// Draw draws n of them.
func Draw[T any](t testing.TB, n int, all ...T) []T {
	t.Helper()
	drawn := make([]T, n)
	for i, at := range rand.New(rand.NewPCG(Seed(t), 0)).Perm(len(all))[:n] {
		drawn[i] = all[at]
	}
	return drawn
}
