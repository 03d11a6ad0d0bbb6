package diag

import (
	"fmt"
	"strings"

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
	whole := letters(word)
	last := letters(unqualified(word))

	best, least := "", 0
	consider := func(candidate string, distance int, ok bool) {
		if ok && (best == "" || distance < least || distance == least && candidate < best) {
			best, least = candidate, distance
		}
	}
	for _, c := range candidates {
		if c == word || c == "" {
			continue
		}
		d, ok := distance(whole, letters(c))
		consider(c, d, ok)
		if tail := unqualified(c); len(tail) != len(c) || len(last) != len(whole) {
			d, ok := distance(last, letters(tail))
			consider(c, d+qualifier, ok)
		}
	}
	return best
}

// unqualified is the part of a name behind its last dot.
func unqualified(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// letters spells a name out for comparison.
func letters(name string) []rune {
	name = strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(name))
	return []rune(norm.NFD.String(name)) // takes syllables apart, and accents off their letters
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour to get from one word to another (optimal string alignment). It is
// ok when they are few enough for a slip: a third of the longer word.
func distance(a, b []rune) (n int, ok bool) {
	most := max(len(a), len(b)) / 3
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return 0, false // the usual case, and all it costs
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := row[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			next[j] = min(replaced, row[j]+1, next[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)], row[len(b)] <= most
}
