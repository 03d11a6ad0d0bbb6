package expr

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/testsample"
)

// How many random expressions are compared, and how many of them make one
// program: the compiler is started once for each.
const (
	someExpressions = 5_000
	manyExpressions = 100_000 // ESGEN_TEST_SIZE=long
	batch           = 2_500
)

// Random expressions have one value, or one fault, whether they are evaluated
// or compiled. ESGEN_TEST_SEED repeats a run.
func TestEvalIsGo(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	seed := testsample.Seed(t)
	count := someExpressions
	if testsample.Long() {
		count = manyExpressions
	}
	r := &randomizer{Rand: rand.New(rand.NewPCG(seed, 1))}
	seen := coverage{}
	faults, done := 0, 0
	// What is rare may need a few more to be met.
	for ; done < count || done < 4*count && len(seen.missing()) > 0; done += batch {
		p := newProgram()
		var texts, want []string
		for range batch {
			name := r.pick(randomTypes...)
			text := r.expr(name, 1+r.IntN(4))
			tree, diags := p.fixture.check(exprAt(text), p.fixture.want(name))
			if tree == nil {
				t.Fatalf("%s\nas a %s: %v", text, name, diags)
			}
			v, err := Eval(tree, p.vars())
			texts, want = append(texts, text), append(want, canon(v, err, tree.Type))
			p.add(tree)
			seen.note(tree, text)
		}
		got := p.run(t)
		if len(got) != len(want) {
			t.Fatalf("%d results of %d", len(got), len(want))
		}
		for i := range want {
			if strings.HasPrefix(want[i], faultPrefix) {
				faults++
			}
			if got[i] != want[i] {
				t.Errorf("%s\nis   %s evaluated\nand  %s as Go\n%s", texts[i], want[i], got[i], p.funcs[i])
			}
		}
		if t.Failed() {
			break // one batch tells enough
		}
	}
	t.Logf("%d expressions, %d faults", done, faults)
	if faults == 0 || faults > done/2 {
		t.Errorf("%d of %d expressions are faults: that compares nothing", faults, done)
	}
	for _, what := range seen.missing() {
		t.Errorf("no expression uses %s", what)
	}
}
