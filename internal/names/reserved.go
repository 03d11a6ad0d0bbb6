package names

// Reserved reports whether a name means something already in a world it lives
// in: a keyword of Go, a word that SQL takes in quotes only.
func (n Name) Reserved(in World) bool { return in.words()[n.Snake] }

// World is where words are reserved.
type World string

// The worlds of reserved words.
const (
	Go  World = "Go"
	SQL World = "SQL"
)

func (w World) words() map[string]bool {
	if w == Go {
		return goReserved
	}
	return sqlReserved
}

// goReserved are the keywords, and the predeclared names that a package must
// not hide.
var goReserved = union(goKeywords, set("any bool byte error int int64 string true false nil len cap new make append copy delete max min panic print"))

// sqlReserved are the words that PostgreSQL takes as names only in quotes.
var sqlReserved = set("all analyse analyze and any array as asc asymmetric authorization binary both case cast check " +
	"collate collation column concurrently constraint create cross current_catalog current_date current_role " +
	"current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except " +
	"false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull " +
	"join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order " +
	"outer overlaps placing primary references returning right select session_user similar some symmetric system_user " +
	"table tablesample then to trailing true union unique user using variadic verbose when where window with")

func union(sets ...map[string]bool) map[string]bool {
	out := map[string]bool{}
	for _, s := range sets {
		for w := range s {
			out[w] = true
		}
	}
	return out
}

// IsPageParameter reports whether a parameter of a URL means the same wherever
// rows are read, whatever the model calls its fields.
func IsPageParameter(name string) bool {
	switch name {
	case "limit", "cursor", "sort", "q", "minVersion":
		return true
	}
	return false
}

// Filter is the parameter of a URL by which rows are filtered by a field.
func Filter(field string) string {
	if IsPageParameter(field) {
		return "row." + field
	}
	return field
}
