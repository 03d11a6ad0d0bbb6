package names

import (
	"slices"
	"strings"
)

// plural makes the last word plural.
func plural(ws []string) []string {
	out := slices.Clone(ws)
	last := len(out) - 1
	out[last] = pluralOf(out[last])
	return out
}

// pluralOf is the plural of a word in lower case, by the rules of Rails, which
// people know: a test compares with github.com/jinzhu/inflection, whose patterns
// take a hundred times as long. A word of which no rule speaks stays.
func pluralOf(word string) string {
	if slices.Contains(uncountable, word) {
		return word
	}
	for _, e := range endings {
		if e.of(word) {
			return word[:len(word)-len(e.cut)] + e.add
		}
	}
	return word
}

var uncountable = []string{"equipment", "information", "rice", "money", "species", "series", "fish", "sheep", "jeans", "police"}

// ending is a rule: a word that ends so gets another ending.
type ending struct {
	text   string
	cut    string // its end, which goes
	add    string
	before string // what of must stand before it; with ^, what must not; "": anything, nothing too
	whole  bool   // it is all of the word
}

func (e ending) of(word string) bool {
	stem, ends := strings.CutSuffix(word, e.text)
	switch {
	case !ends || e.whole && stem != "":
		return false
	case e.before == "":
		return true
	case stem == "":
		return false
	}
	others, not := strings.CutPrefix(e.before, "^")
	return not != strings.ContainsRune(others, rune(stem[len(stem)-1]))
}

// endings are tried from the first on.
var endings = []ending{
	{text: "person", cut: "person", add: "people"},
	{text: "man", cut: "man", add: "men"},
	{text: "child", add: "ren"},
	{text: "sex", add: "es"},
	{text: "move", add: "s"},
	{text: "quiz", add: "zes"},
	{text: "oxen", whole: true},
	{text: "ox", add: "en", whole: true},
	{text: "mice", whole: true},
	{text: "lice", whole: true},
	{text: "mouse", cut: "ouse", add: "ice", whole: true},
	{text: "louse", cut: "ouse", add: "ice", whole: true},
	{text: "matrix", cut: "ix", add: "ices"},
	{text: "matrex", cut: "ex", add: "ices"},
	{text: "vertix", cut: "ix", add: "ices"},
	{text: "vertex", cut: "ex", add: "ices"},
	{text: "indix", cut: "ix", add: "ices"},
	{text: "index", cut: "ex", add: "ices"},
	{text: "x", add: "es"},
	{text: "ch", add: "es"},
	{text: "ss", add: "es"},
	{text: "sh", add: "es"},
	{text: "quy", cut: "y", add: "ies"},
	{text: "y", cut: "y", add: "ies", before: "^aeiouy"},
	{text: "fe", cut: "fe", add: "ves", before: "^f"},
	{text: "f", cut: "f", add: "ves", before: "lr"},
	{text: "sis", cut: "sis", add: "ses"},
	{text: "a", before: "ti"},
	{text: "um", cut: "um", add: "a", before: "ti"},
	{text: "buffalo", add: "es"},
	{text: "tomato", add: "es"},
	{text: "bus", add: "es"},
	{text: "alias", add: "es"},
	{text: "status", add: "es"},
	{text: "octopi"},
	{text: "viri"},
	{text: "octopus", cut: "us", add: "i"},
	{text: "virus", cut: "us", add: "i"},
	{text: "axis", cut: "is", add: "es", whole: true},
	{text: "testis", cut: "is", add: "es", whole: true},
	{text: "s"},
	{add: "s", before: "abcdefghijklmnopqrstuvwxyz"},
}
