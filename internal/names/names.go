// Package names decides every name of the generated system once: Go
// identifiers, packages, files, tables, columns, JSON keys, DNS labels, topics
// and paths. A name of another script is romanised unless its note carries a
// code.
package names

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Name is one name of the wall in every spelling the output needs.
type Name struct {
	Go    string // PlaceOrder
	Local string // placeOrder, a Go variable; never a keyword or a common package
	JSON  string // placeOrder; of a field written in ASCII, as it was written
	Snake string // place_order: files, tables, columns
	Kebab string // place-order: paths, topics, DNS labels
	Env   string // PLACE_ORDER: environment variables
}

// Plural is the name of several, in English: place-orders. It is a method
// because finding a plural takes longer than all the rest, and few names need
// theirs.
func (n Name) Plural() Name {
	ws := plural(n.words())
	several := spellWords(ws)
	several.JSON = lowerCamel(ws)
	return several
}

func (n Name) words() []string { return strings.Split(n.Kebab, "-") }

// Camel is the name as programs of other languages have it: placeOrder.
func (n Name) Camel() string { return camel(n.words()) }

// Of spells the name of a node, its code where it has one. In JSON it has the
// name by which it is known outside; see Kept.
func Of(n *model.Node) Name {
	name := spell(called(n))
	if len(n.Was) > 0 {
		name.JSON = JSON(n)
	}
	return name
}

// Kept spells the name by which a node is known outside of the code: in what is
// stored of it, and told to others. It is the first that it had, so that nothing of
// that has to move when it is called otherwise.
func Kept(n *model.Node) Name { return spell(kept(n)) }

// Before spells the names that a node had before, the oldest first.
func Before(n *model.Node) []Name {
	out := make([]Name, len(n.Was))
	for i, was := range n.Was {
		out[i] = spell(was.Value)
	}
	return out
}

// JSON is the name of a node in JSON, which is asked for more often than all
// other spellings, and mostly is the name.
func JSON(n *model.Node) string {
	text := kept(n)
	if isJSON(text) {
		return text
	}
	return lowerCamel(words(text))
}

// called is what spellings are made of.
func called(n *model.Node) string {
	if n.Code != "" {
		return n.Code
	}
	return n.Name
}

func kept(n *model.Node) string {
	if len(n.Was) > 0 {
		return n.Was[0].Value
	}
	return called(n)
}

// isJSON reports whether a name is its own spelling in JSON.
func isJSON(text string) bool { return IsASCII(text) && !strings.Contains(text, "-") }

// EnumValue is a value of an enum outside of expressions and Go: in JSON, events,
// databases and parameters.
func EnumValue(v *model.EnumValue) string {
	if v.Wire.Value != "" {
		return v.Wire.Value
	}
	return JSON(&v.Node)
}

// Taken is the code of values that must be unique, and are not: NumberTaken,
// DoctorIDSlotTaken.
func Taken(u *model.Unique) string {
	code := ""
	for _, f := range u.Fields {
		if f.Field != nil {
			code += Kept(&f.Field.Node).Go
		}
	}
	return code + "Taken"
}

// TakenMessage says so to the person who asked.
func TakenMessage(u *model.Unique) quote.Text {
	var titles []quote.Text
	for _, f := range u.Fields {
		if f.Field != nil {
			titles = append(titles, f.Field.Called())
		}
	}
	if len(titles) > 1 {
		return quote.Join(titles, " and ") + " are taken together"
	}
	return "this " + quote.Join(titles, "") + " is taken"
}

// OfText spells a name that is no node's.
func OfText(text string) Name { return spell(text) }

// spelled are names by their text, each of which is asked for some hundred times.
// It begins anew when there are mostSpelled: a program that runs on sees many models.
var (
	spelled      sync.Map // of Name
	spelledCount atomic.Int64
)

const mostSpelled = 1 << 17

func spell(text string) Name {
	if known, ok := spelled.Load(text); ok {
		return known.(Name)
	}
	ws := words(text)
	n := spellWords(ws)
	if n.JSON = text; !isJSON(text) {
		n.JSON = lowerCamel(ws)
	}
	if spelledCount.Add(1) > mostSpelled {
		spelled.Clear()
		spelledCount.Store(1)
	}
	spelled.Store(text, n)
	return n
}

// spellWords is every spelling but that of JSON.
func spellWords(ws []string) Name {
	under := snake(ws)
	return Name{
		Go:    pascal(ws),
		Local: local(ws),
		Snake: under,
		Kebab: kebab(ws),
		Env:   strings.ToUpper(under),
	}
}

// Package is the Go package name of an aggregate or context: its words joined.
// Names that would hide a package the generated code imports get a suffix.
func Package(n *model.Node, suffix string) string {
	text := n.Name
	if n.Code != "" {
		text = n.Code
	}
	p := joined(words(text))
	if reserved[p] || goKeywords[p] {
		p += suffix
	}
	return p
}

// local avoids keywords, predeclared names and packages of the generated code.
func local(ws []string) string {
	s := camel(ws)
	if goKeywords[s] || reserved[s] {
		return s + "Value"
	}
	return s
}

// Variable is a variable of a macro in an expression: as it was written, where
// Go can write it so.
func Variable(text string) string {
	ws := words(text)
	if s := camel(ws); len(s) == 1 {
		return s
	}
	return local(ws)
}

var goKeywords = set("break case chan const continue default defer else fallthrough for func go goto if import " +
	"interface map package range return select struct switch type var")

// reserved are the packages generated files import and the predeclared names
// that a local variable must not hide.
var reserved = set("values where aggregate table outbox command kafka message rest client service store strictjson telemetry view standin " +
	"types api assembly grpc inbound policy app sql clients domain readmodel upstream context errors fmt http json maps slices strings time math sort regexp testing main init " +
	"any bool byte error int int64 string true false nil len cap new make append copy delete max min panic print " +
	"ctx err d s e m r w h v q a p t f state input event meta row cmd actor now id " +
	"at ask bad call calls errs events from held ids instance instances intent key next page reaction req reply rows to tx undo views " +
	"bytes embed flag io fs slog httptest os signal filepath reflect strconv syscall")

func set(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}

// Unique hands out names of one scope: a name taken already gets the suffix of
// its kind, and a number when even that is taken.
type Unique map[string]bool

// Take returns name, or the nearest free one.
func (u Unique) Take(name, suffix string) string {
	free := name
	if u[free] {
		free = name + suffix
	}
	for i := 2; u[free]; i++ {
		free = fmt.Sprintf("%s%s%d", name, suffix, i)
	}
	u[free] = true
	return free
}
