package tree

import (
	"slices"
	"strings"
)

// The lines around the parts of a conflict, as git marks them (diff3 style).
const (
	markYours     = "<<<<<<< yours"
	markBase      = "||||||| generated before"
	markSeparator = "======="
	markGenerated = ">>>>>>> generated now"
)

// Conflict is a place of a file that both sides changed, each in another way.
type Conflict struct {
	Line      int // of the file as it is merged, from 1: where the marks begin
	Yours     int // line of the file as it was on the disk
	Generated int // line of what is generated now
}

// merge joins two texts that have both come from a base, line by line. Where both
// differ from it, and from one another, all three stand between marks.
//
// It is diff3: lines of the base that are in both texts, matched in order, hold
// the three together, and what is in between is decided as a whole. A text is
// matched by a longest common subsequence, so that no line of either is dropped
// unless the other side has dropped it.
// S. Khanna, K. Kunal, B. C. Pierce: A Formal Investigation of Diff3 (2007).
func merge(base, yours, generated []byte) (merged []byte, conflicts []Conflict) {
	m := merger{base: lines(base), yours: lines(yours), generated: lines(generated)}
	toYours, toGenerated := matches(m.base, m.yours), matches(m.base, m.generated)
	var at position
	for i := range m.base {
		held := position{i, toYours[i], toGenerated[i]}
		if held.yours < 0 || held.generated < 0 {
			continue
		}
		m.between(at, held)
		m.write(m.base[i])
		at = position{i + 1, held.yours + 1, held.generated + 1}
	}
	m.between(at, position{len(m.base), len(m.yours), len(m.generated)})
	return []byte(m.out.String()), m.conflicts
}

// position is a place in each of the three texts.
type position struct{ base, yours, generated int }

type merger struct {
	base, yours, generated []string
	out                    strings.Builder
	line                   int // of out
	conflicts              []Conflict
}

// between merges what lies between two lines that hold the texts together.
func (m *merger) between(from, to position) {
	base, yours, generated := m.base[from.base:to.base], m.yours[from.yours:to.yours], m.generated[from.generated:to.generated]
	switch {
	case slices.Equal(yours, generated), slices.Equal(base, generated):
		m.write(yours...)
	case slices.Equal(base, yours):
		m.write(generated...)
	default:
		m.conflicts = append(m.conflicts, Conflict{m.line + 1, from.yours + 1, from.generated + 1})
		m.mark(markYours, yours)
		m.mark(markBase, base)
		m.mark(markSeparator, generated)
		m.mark(markGenerated, nil)
	}
}

// mark writes a mark, which is a line of its own, and what comes after it.
func (m *merger) mark(mark string, after []string) {
	m.write(mark + "\n")
	m.write(after...)
	if n := len(after); n > 0 && !strings.HasSuffix(after[n-1], "\n") {
		m.write("\n")
	}
}

func (m *merger) write(lines ...string) {
	for _, l := range lines {
		m.out.WriteString(l)
	}
	m.line += len(lines)
}

// matches are, for each line of a, the number of its line in b; -1: it has none.
func matches(a, b []string) []int {
	out := make([]int, len(a))
	i, j := 0, 0
	for _, e := range edits(a, b) {
		switch e.sign {
		case '-':
			out[i] = -1
			i++
		case '+':
			j++
		default:
			out[i] = j
			i, j = i+1, j+1
		}
	}
	return out
}

// openConflict is the line of the first conflict in a file that nobody has
// decided yet; 0: there is none.
func openConflict(data []byte) int {
	for i, l := range lines(data) {
		if strings.TrimRight(l, "\r\n") == markYours {
			return i + 1
		}
	}
	return 0
}
