package proving_test

import (
	"bytes"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/esgen/esgen/internal/proving"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testsystem"
)

const (
	journey      = "../../testdata/models/journey"
	launderette  = "../../testdata/models/launderette"
	haulage      = "../../testdata/models/haulage"
	savings      = "../../testdata/models/savings"
	library      = "../../examples/library"
	fooddelivery = "../../examples/fooddelivery"
	ftgo         = "../../examples/ftgo"
	account      = "../../examples/account"
	practice     = "../../testdata/models/practice"
)

// write generates a model, with what proves it.
func write(t *testing.T, model, dir string) {
	t.Helper()
	pack, err := render.LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	if err := proving.Write(t.Context(), testsystem.Plan(t, testsystem.Load(t, model)), pack, dir, ""); err != nil {
		t.Fatal(err)
	}
}

// build is a system that proves itself.
func build(t *testing.T, model string) *proving.Program {
	t.Helper()
	dir := t.TempDir()
	write(t, model, dir)
	program, err := proving.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// How many histories happen: of a run that should be over soon, and of a long one;
// and in how many a mistake has to show, the rarest of which needs thousands.
const (
	fewHistories  = 30
	manyHistories = 300
	mostHistories = 3000
)

// Nothing goes wrong that services promise, whatever goes wrong around them.
// ESGEN_TEST_SEED repeats a run.
func TestHistories(t *testing.T) {
	if testing.Short() || !testsample.All() {
		t.Skipf("builds whole systems, and Go's runtime; %s=all asks for it", testsample.SystemsEnv)
	}
	for _, model := range testsample.Systems(t, 1, journey, launderette, haulage, savings, library, fooddelivery, ftgo, account, practice) {
		t.Run(filepath.Base(model), func(t *testing.T) {
			seed := testsample.Seed(t)%1_000_000 + 1
			program := build(t, model)
			n := fewHistories
			if testsample.Long() {
				n = manyHistories
			}
			var said bytes.Buffer
			if err := program.Run(t.Context(), proving.Options{Histories: n, Seed: seed, Out: &said}); err != nil {
				t.Fatalf("%v\n%s", err, said.String())
			}
			t.Log(said.String())
		})
	}
}

// course is what tells the course of a history from another's.
var course = regexp.MustCompile(`course of PROVE_SEED=\d+: \w+`)

// A seed decides what happens and, but for what the operating system has a say in,
// when: of several histories some take the same course again, to the last statement
// and the nanosecond, which no two do by chance.
func TestSeed(t *testing.T) {
	if testing.Short() || !testsample.All() {
		t.Skip("builds a whole system, and Go's runtime")
	}
	const several = 10
	program := build(t, journey)
	courses := func() []string {
		var said bytes.Buffer
		if err := program.Run(t.Context(), proving.Options{Histories: several, Seed: 1, Out: &said, Verbose: true}); err != nil {
			t.Fatalf("%v\n%s", err, said.String())
		}
		return course.FindAllString(said.String(), -1)
	}
	first, second := courses(), courses()
	same := 0
	for i := range min(len(first), len(second)) {
		if first[i] == second[i] {
			same++
		}
	}
	t.Logf("%d of %d take the same course", same, several)
	if len(first) != several || same == 0 {
		t.Errorf("no two of %d take the same course: %q, %q", several, first, second)
	}
}
