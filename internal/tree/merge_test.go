package tree

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testsample"
)

// TestMerge tells what becomes of two changes of one text. Each letter is a line.
func TestMerge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                         string
		base, yours, generated, want string
		conflicts                    []Conflict
	}{
		{name: "nothing", base: "abc", yours: "abc", generated: "abc", want: "abc"},
		{name: "yours", base: "abc", yours: "axc", generated: "abc", want: "axc"},
		{name: "generated", base: "abc", yours: "abc", generated: "axc", want: "axc"},
		{name: "the same", base: "abc", yours: "axc", generated: "axc", want: "axc"},
		{name: "in two places", base: "abcde", yours: "xbcde", generated: "abcdy", want: "xbcdy"},
		{name: "more and less", base: "abcde", yours: "abxycde", generated: "abce", want: "abxyce"},
		{name: "at the end", base: "ab", yours: "abx", generated: "yab", want: "yabx"},
		{
			name: "in one place", base: "abc", yours: "axc", generated: "ayc", want: "a<x|b=y>c",
			conflicts: []Conflict{{2, 2, 2}},
		},
		{
			name: "dropped and changed", base: "abcde", yours: "abde", generated: "abyde", want: "ab<|c=y>de",
			conflicts: []Conflict{{3, 3, 3}},
		},
		{
			name: "two", base: "abcde", yours: "wbcxe", generated: "ybcze", want: "<w|a=y>bc<x|d=z>e",
			conflicts: []Conflict{{1, 1, 1}, {10, 4, 4}},
		},
		{name: "from nothing", base: "", yours: "x", generated: "y", want: "<x|=y>", conflicts: []Conflict{{1, 1, 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, conflicts := merge(letters(c.base), letters(c.yours), letters(c.generated))
			marks := strings.NewReplacer(markYours+"\n", "<", markBase+"\n", "|", markSeparator+"\n", "=", markGenerated+"\n", ">", "\n", "")
			if text := marks.Replace(string(got)); text != c.want {
				t.Errorf("got %s, want %s", text, c.want)
			}
			if diff := cmp.Diff(c.conflicts, conflicts); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
		})
	}
}

// letters is a text of a line for each letter.
func letters(s string) []byte {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(string(r) + "\n")
	}
	return []byte(b.String())
}

// edited is a text with a few lines more, less and other. Lines that it makes up
// begin with a name.
func edited(draw *rand.Rand, text []byte, name string) []byte {
	out := lines(text)
	for n := range draw.IntN(4) {
		at, line := draw.IntN(len(out)+1), fmt.Sprintf("%s %d %d\n", name, n, draw.IntN(3))
		switch {
		case at == len(out) || draw.IntN(3) == 0:
			out = slices.Insert(out, at, line)
		case draw.IntN(2) == 0:
			out[at] = line
		default:
			out = slices.Delete(out, at, at+1)
		}
	}
	return []byte(strings.Join(out, ""))
}

// chosen is a merged text with one side of each conflict.
func chosen(merged []byte, side string) string {
	var out strings.Builder
	in := ""
	for _, l := range lines(merged) {
		switch mark := strings.TrimSuffix(l, "\n"); {
		case slices.Contains([]string{markYours, markBase, markSeparator, markGenerated}, mark):
			in = mark
		case in == "" || in == markGenerated || in == side:
			out.WriteString(l)
		}
	}
	return out.String()
}

// What is merged of random texts has what is written by hand, all of it and as
// often as it was, and what is generated, but for lines that the other side has
// dropped; and it has conflicts where git has some.
func TestMergeRandom(t *testing.T) {
	t.Parallel()
	times := 2_000
	if testsample.Long() {
		times = 200_000
	}
	draw := rand.New(rand.NewPCG(testsample.Seed(t), 0))
	for range times {
		var base []byte
		for range draw.IntN(12) {
			base = append(base, fmt.Sprintf("line %d\n", draw.IntN(8))...) // some of them alike
		}
		yours, generated := edited(draw, base, "yours"), edited(draw, base, "generated")
		judgeMerge(t, base, yours, generated)
	}
}

func judgeMerge(t *testing.T, base, yours, generated []byte) {
	t.Helper()
	merged, conflicts := merge(base, yours, generated)
	wrong := func(what string) {
		t.Helper()
		t.Fatalf("%s\nbase:\n%s\nyours:\n%s\ngenerated:\n%s\nmerged:\n%s", what, base, yours, generated, merged)
	}
	has := map[string]int{}
	for _, l := range lines(merged) {
		has[strings.TrimSuffix(l, "\n")]++
	}
	for _, side := range [][]byte{yours, generated} {
		wrote := map[string]int{}
		for _, l := range lines(side) {
			wrote[strings.TrimSuffix(l, "\n")]++
		}
		for l, n := range wrote {
			if !strings.HasPrefix(l, "line") && has[l] < n {
				wrong("lost: " + l)
			}
		}
	}
	if len(conflicts) != strings.Count(string(merged), markYours+"\n") {
		wrong("conflicts that are not there")
	}
	swapped, again := merge(base, generated, yours)
	if len(again) != len(conflicts) || chosen(swapped, markSeparator) != chosen(merged, markYours) {
		wrong("the sides are not treated alike:\n" + string(swapped))
	}
	if slices.Equal(yours, generated) && (len(conflicts) > 0 || !slices.Equal(merged, yours)) {
		wrong("what is the same is not")
	}
	if at := openConflict(merged); len(conflicts) > 0 && at != conflicts[0].Line || len(conflicts) == 0 && at != 0 {
		wrong(fmt.Sprintf("open at %d", at))
	}
	if len(conflicts) == 0 {
		return
	}
	for _, c := range conflicts {
		if line := lines(merged)[c.Line-1]; line != markYours+"\n" {
			wrong(fmt.Sprintf("line %d is no mark", c.Line))
		}
	}
}

// Git merges in the same way, unless lines are alike: which of them is which,
// nobody can tell.
func TestMergeAsGit(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	times := 40
	if testsample.Long() {
		times = 2_000
	}
	draw := rand.New(rand.NewPCG(testsample.Seed(t), 1))
	dir := t.TempDir()
	for range times {
		var base []byte
		for i := range 4 + draw.IntN(12) {
			base = append(base, fmt.Sprintf("line %d\n", i)...)
		}
		yours, generated := edited(draw, base, "yours"), edited(draw, base, "generated")
		for name, data := range map[string][]byte{"yours": yours, "base": base, "generated": generated} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), git, "merge-file", "-p", "--diff3", "-L", "yours", "-L", "generated before", "-L", "generated now", "yours", "base", "generated")
		cmd.Dir = dir
		theirs, _ := cmd.Output() // its exit code is the number of conflicts
		if merged, _ := merge(base, yours, generated); string(merged) != string(theirs) {
			t.Errorf("git merges otherwise (-git +esgen):\n%s", cmp.Diff(string(theirs), string(merged)))
		}
	}
}

func FuzzMerge(f *testing.F) {
	f.Add("a\nb\n", "a\nx\n", "a\ny")
	f.Fuzz(func(t *testing.T, base, yours, generated string) {
		if merged, conflicts := merge([]byte(base), []byte(yours), []byte(base)); string(merged) != yours || conflicts != nil {
			t.Errorf("nothing was generated: %q becomes %q", yours, merged)
		}
		if merged, conflicts := merge([]byte(base), []byte(base), []byte(generated)); string(merged) != generated || conflicts != nil {
			t.Errorf("nothing was edited: %q becomes %q", generated, merged)
		}
		merged, conflicts := merge([]byte(base), []byte(yours), []byte(generated))
		if len(conflicts) > strings.Count(string(merged), markYours+"\n") {
			t.Errorf("%v in %q", conflicts, merged)
		}
	})
}
