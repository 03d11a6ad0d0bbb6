package regular

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/testsample"
)

func machine(t testing.TB, pattern string) Machine {
	t.Helper()
	m, err := Pattern(pattern)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return m
}

func TestFind(t *testing.T) {
	tests := []struct {
		a, b string
		// whether all of a is in b, and all of b in a
		in, holds bool
	}{
		{`^[0-9]{4,13}$`, `^[0-9]{4,14}$`, true, false},
		{`^[0-9]{4,13}$`, `^\d{4}\d{0,9}$`, true, true},
		{`^(a|b)*$`, `^[ab]*$`, true, true},
		{`^a+$`, `^aa*$`, true, true},
		{`^a*$`, `^a+$`, false, true},
		{`a`, `^.*a.*$`, false, true}, // . is no line break
		{`a`, `(?s)^.*a.*$`, true, true},
		{`(?i)^straße$`, `^[sS][tT][rR][aA][ßẞ][eE]$`, false, true}, // ſ folds to s
		{`(?i)^ab$`, `^[aA][bB]$`, true, true},
		{`^x$`, `\Ax\z`, true, true},
		{`(?m)^x$`, `\Ax\z`, false, true},
		{`\bcat\b`, `cat`, true, false},
		{`^[가-힣]{2}$`, `^[가-힣]{2,3}$`, true, false},
		{``, `(?s).*`, true, true},
		{`^[^0-9]$`, `^\D$`, true, true},
		{`^[a-z]+@[a-z]+\.[a-z]+$`, `@`, true, false},
		{`^a$|^b$`, `^[ab]$`, true, true},
	}
	for _, test := range tests {
		a, b := machine(t, test.a), machine(t, test.b)
		text, found, decided := Find([]Machine{a, b}, func(in []bool) bool { return in[0] && !in[1] })
		if !decided || found == test.in {
			t.Errorf("%s within %s: %v, %q", test.a, test.b, !found, text)
		}
		text, found, decided = Find([]Machine{a, b}, func(in []bool) bool { return in[1] && !in[0] })
		if !decided || found == test.holds {
			t.Errorf("%s within %s: %v, %q", test.b, test.a, !found, text)
		}
	}
}

func TestLength(t *testing.T) {
	upTo := func(n int) Machine { return Length(n, func(l int) bool { return l <= n }) }
	_, found, _ := Find([]Machine{machine(t, `^[0-9]{4,13}$`), upTo(13)}, func(in []bool) bool { return in[0] && !in[1] })
	if found {
		t.Error("a text of 13 digits is longer than 13 characters")
	}
	text, found, _ := Find([]Machine{machine(t, `^[0-9]{4,13}$`), upTo(12)}, func(in []bool) bool { return in[0] && !in[1] })
	if !found || len(text) != 13 {
		t.Errorf("%q is the shortest of more than 12", text)
	}
}

// A pattern with more states than anybody waits for is not decided.
func TestBounds(t *testing.T) {
	if _, _, decided := Find([]Machine{machine(t, `(x.{0,900}){1}[ab].{90}$`), machine(t, `.{0,950}y`)}, func(in []bool) bool { return false }); decided {
		t.Error("that is said to be decided, too")
	}
	if _, found, decided := Find([]Machine{machine(t, `^.{0,999}$`), machine(t, `^.{0,1000}$`)}, func(in []bool) bool { return in[0] && !in[1] }); found || !decided {
		t.Error("999 is within 1000")
	}
	_, _, decided := Find([]Machine{machine(t, `a.{40}$`), machine(t, `b.{40}$`)}, func(in []bool) bool { return in[0] && in[1] && false })
	if decided {
		t.Error("that is said to be decided")
	}
}

// Random pairs of patterns are held against texts that both packages read: what
// is found is found by package regexp, too, and what is not there is in no
// sample. ESGEN_TEST_SEED repeats a run.
func TestRandomPatterns(t *testing.T) {
	seed := testsample.Seed(t)
	r := rand.New(rand.NewPCG(seed, 1))
	decided, within := 0, 0
	for range 1_500 {
		a := random(r, 3)
		b := random(r, 3)
		if r.IntN(3) == 0 {
			b = mutated(r, a)
		}
		x, y := regexp.MustCompile(a), regexp.MustCompile(b)
		ma, mb := machine(t, a), machine(t, b)
		text, found, ok := Find([]Machine{ma, mb}, func(in []bool) bool { return in[0] && !in[1] })
		if !ok {
			continue
		}
		decided++
		if found {
			if !x.MatchString(text) || y.MatchString(text) {
				t.Fatalf("%q is in %s and not in %s: that is not so", text, a, b)
			}
			continue
		}
		within++
		for range 200 {
			if text := sample(r); x.MatchString(text) && !y.MatchString(text) {
				t.Fatalf("%s is within %s: not so, there is %q", a, b, text)
			}
		}
	}
	t.Logf("%d decided, %d of them within one another", decided, within)
	if decided < 1_000 || within < 50 {
		t.Errorf("%d decided, %d within: that compares nothing", decided, within)
	}
}

func pick(r *rand.Rand, texts ...string) string { return texts[r.IntN(len(texts))] }

func random(r *rand.Rand, depth int) string {
	if depth == 0 {
		return pick(r, "a", "b", "[ab]", "[^a]", ".", `\d`, "가", "", `\n`, `(?i:a)`)
	}
	x := func() string { return random(r, depth-1) }
	switch r.IntN(8) {
	case 0:
		return "(?:" + x() + "|" + x() + ")"
	case 1:
		return "(?:" + x() + ")" + pick(r, "*", "+", "?", "{2}", "{1,2}", "{2,}", "*?")
	case 2:
		return pick(r, "^", `\A`, `\b`, "(?m:^)", `\B`) + x()
	case 3:
		return x() + pick(r, "$", `\z`, `\b`, "(?m:$)")
	case 4:
		return "^" + x() + "$"
	}
	return x() + x()
}

// mutated is a pattern with one thing in it changed, so that pairs have
// something in common.
func mutated(r *rand.Rand, pattern string) string {
	out := strings.Replace(pattern, pick(r, "a", "*", "b", "{2}", "^"), pick(r, "a", "[ab]", "+", "{1,2}", ""), 1)
	if _, err := regexp.Compile(out); err != nil {
		return pattern
	}
	return out
}

func sample(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(pick(r, "a", "b", "A", "1", "가", "\n", " ", "ab"))
	}
	return b.String()
}

// What is found is so, whatever the patterns.
func FuzzFind(f *testing.F) {
	f.Add(`^[0-9]{4,13}$`, `^\d+$`, "0123")
	f.Add(`(?i)a|b`, `\bb`, "B")
	f.Fuzz(func(t *testing.T, a, b, sample string) {
		x, errX := regexp.Compile(a)
		y, errY := regexp.Compile(b)
		if errX != nil || errY != nil || !utf8.ValidString(sample) {
			return
		}
		text, found, decided := Find([]Machine{machine(t, a), machine(t, b)}, func(in []bool) bool { return in[0] && !in[1] })
		if found && (!x.MatchString(text) || y.MatchString(text)) {
			t.Errorf("%q is in %s and not in %s: that is not so", text, a, b)
		}
		if decided && !found && x.MatchString(sample) && !y.MatchString(sample) {
			t.Errorf("%s is within %s: not so, there is %q", a, b, sample)
		}
	})
}
