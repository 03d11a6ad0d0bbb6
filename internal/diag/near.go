package diag

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// DidYouMean is Nearest as a suggestion, `did you mean "OrderPlaced"?`, or "".
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// Nearest returns the candidate a writer most likely meant by a word that is
// none of them: the one with the fewest letters typed wrong, "" when none is
// near. Upper and lower case, _ and - make no difference. Hangul is compared by
// its letters (jamo): 주믄 is one letter away from 주문. A missing or wrong
// qualifier counts as one letter: OrderPlaced is near front.OrderPlaced.
func Nearest(word string, candidates []string) string {
	const qualifier = 1
	whole := letters(nil, word)
	last := letters(nil, unqualified(word))

	best, least := "", 0
	var m measure
	consider := func(candidate, part string, from []rune, penalty int) {
		m.spelled = letters(m.spelled[:0], part)
		d, ok := m.distance(from, m.spelled)
		if d += penalty; ok && (best == "" || d < least || d == least && candidate < best) {
			best, least = candidate, d
		}
	}
	for _, c := range candidates {
		if c == word || c == "" {
			continue
		}
		consider(c, c, whole, 0)
		if tail := unqualified(c); len(tail) != len(c) || len(last) != len(whole) {
			consider(c, tail, last, qualifier)
		}
	}
	return best
}

// unqualified is the part of a name behind its last dot.
func unqualified(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// letters appends what a name is spelled of. Decomposition takes syllables
// apart, and accents off their letters.
func letters(to []rune, name string) []rune {
	if !norm.NFD.IsNormalString(name) {
		name = norm.NFD.String(name)
	}
	for _, r := range name {
		if r != '_' && r != '-' && r != ' ' {
			to = append(to, unicode.ToLower(r))
		}
	}
	return to
}

// measure holds what measuring needs again and again: an unknown name is
// compared with every name of a model.
type measure struct {
	spelled           []rune
	before, row, next []int
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour to get from one word to another (optimal string alignment). It is
// ok when they are few enough for a slip: a third of the longer word.
func (m *measure) distance(a, b []rune) (n int, ok bool) {
	most := max(len(a), len(b)) / 3
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return 0, false
	}
	width := len(b) + 1
	before, row, next := grown(&m.before, width), grown(&m.row, width), grown(&m.next, width)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		nearest := i
		for j := 1; j <= len(b); j++ {
			replaced := row[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			next[j] = min(replaced, row[j]+1, next[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
			nearest = min(nearest, next[j])
		}
		if nearest > most+1 { // a swap may still take one back, no more
			return 0, false
		}
		before, row, next = row, next, before
	}
	return row[len(b)], row[len(b)] <= most
}

// grown is a slice of n numbers that reuses what it has.
func grown(s *[]int, n int) []int {
	if cap(*s) < n {
		*s = make([]int, 2*n)
	}
	return (*s)[:n]
}
