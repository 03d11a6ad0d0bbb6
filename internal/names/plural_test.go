package names

import (
	"math/rand/v2"
	"testing"

	"github.com/jinzhu/inflection"
)

// TestPlural compares with the rules as their author has them: words that are
// special, with and without something before them, and random ones of the
// letters that matter.
func TestPlural(t *testing.T) {
	t.Parallel()
	var words []string
	for _, e := range endings {
		words = append(words, e.text)
	}
	words = append(words, uncountable...)
	words = append(words, "people", "hive", "mombie", "day", "query", "soliloquy", "half", "wolf", "knife", "giraffe", "datum", "data", "stadium", "crisis", "box", "order", "kakao", "talk2", "n2", "7")
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		word := make([]byte, 1+r.IntN(5))
		for i := range word {
			const letters = "aeiouysxchftlrbmqvz0"
			word[i] = letters[r.IntN(len(letters))]
		}
		words = append(words, string(word))
	}
	for _, word := range words {
		for _, before := range []string{"", "a", "re", "t", "f", "q", "2"} {
			if word := before + word; word != "" {
				if got, want := pluralOf(word), inflection.Plural(word); got != want {
					t.Errorf("%s: %s, want %s", word, got, want)
				}
			}
		}
	}
}
