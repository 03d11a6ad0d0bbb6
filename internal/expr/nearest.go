package expr

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// nearest is the candidate a misspelt word was most likely meant to be, ""
// when none is near. Letters are compared, not syllables.
func nearest(word string, candidates []string) string {
	best, least := "", len(letters(word))/3+1
	for _, c := range candidates {
		if d := distance(letters(word), letters(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

func letters(s string) []rune { return []rune(norm.NFD.String(strings.ToLower(s))) }

func distance(x, y []rune) int {
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, cost)
		}
	}
	return row[len(y)]
}
