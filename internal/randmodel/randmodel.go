// Package randmodel writes random models, to try the compiler with: every
// construct of the language, with names and texts that mean something in what
// is generated. Most models pass check; what is wrong with the others it must
// say at a place.
package randmodel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// New writes the model of a seed.
func New(seed uint64) *Node {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 9)), taken: map[string]bool{}}
	g.nastyNames = oneOf(g, []int{0, 3, 10, 25})
	g.nastyTexts = oneOf(g, []int{0, 20, 50})
	return g.document()
}

// generator is what is known while a model is written.
type generator struct {
	*rand.Rand
	nastyNames, nastyTexts int             // of a hundred
	taken                  map[string]bool // names, as they might be spelled
	system                 string
	actors                 []string
	claiming               []string   // the actors that have claims
	types                  []*typeDef // shared
	externals              []*external
	contexts               []*boundedContext
	requirements           []string
}

type typeDef struct {
	name    string
	context *boundedContext // nil: shared
	fields  []*field
	enum    []string
	is      *typ
	check   string
	literal string // of a constrained scalar: in an expression …
	value   string // … and plain
}

// typ is a type; kind is as it is written.
type typ struct {
	kind string
	elem *typ
	def  *typeDef
	of   *aggregate // of ref
}

var (
	boolean, integer, stringType, decimalType = &typ{kind: "bool"}, &typ{kind: "int"}, &typ{kind: "string"}, &typ{kind: "decimal"}
	dateType, timeType, durationType, idType  = &typ{kind: "date"}, &typ{kind: "time"}, &typ{kind: "duration"}, &typ{kind: "id"}
	scalars                                   = []*typ{boolean, integer, stringType, stringType, decimalType, dateType, timeType, durationType, idType}
	listOf                                    = func(t *typ) *typ { return &typ{kind: "list", elem: t} }
)

// key is the same for types that are.
func (t *typ) key() string {
	switch t.kind {
	case "ref":
		return "id"
	case "optional", "list", "map":
		return t.kind + "(" + t.elem.key() + ")"
	case "named":
		return fmt.Sprintf("%p", t.def)
	}
	return t.kind
}

// single reports whether it is a single value.
func (t *typ) single() bool {
	return t.kind != "list" && t.kind != "map" && t.kind != "optional" && (t.kind != "named" || t.def.fields == nil)
}

// value is the type of what is there, where it may be absent.
func (t *typ) value() *typ {
	if t.kind == "optional" {
		return t.elem
	}
	return t
}

// written is how a context writes a type.
func (t *typ) written(in *boundedContext) string {
	switch t.kind {
	case "ref":
		if t.of.context == in {
			return "ref(" + t.of.name + ")"
		}
		return "ref(" + t.of.context.name + "." + t.of.name + ")"
	case "optional", "list", "map":
		return t.kind + "(" + t.elem.written(in) + ")"
	case "named":
		if t.def.context != nil && t.def.context != in {
			return t.def.context.name + "." + t.def.name
		}
		return t.def.name
	}
	return t.kind
}

type field struct {
	name       string
	typ        *typ
	hasDefault bool
}

// optional reports whether it may go without a value.
func (f *field) optional() bool { return f.hasDefault || f.typ.kind == "optional" }

// filled reports whether a new instance or row has it by itself.
func (f *field) filled() bool {
	return f.optional() || f.typ.kind == "list" || f.typ.kind == "map"
}

type external struct {
	name       string
	node       *Node // of one that tells of events
	operations []*operation
	events     []*event
}

type operation struct {
	name         string
	of           *external
	input, reply []*field
}

type boundedContext struct {
	name       string
	types      []*typeDef
	aggregates []*aggregate
	views      []*view
	node       *Node
}

type aggregate struct {
	name, id string
	context  *boundedContext
	state    []*field
	lookup   []*field
	cycle    *field // its lifecycle
	created  *event // the event that creates
	events   []*event
	commands []*command
}

type event struct {
	name    string
	of      *aggregate // nil: a webhook
	from    *external
	fields  []*field
	private bool
	deletes bool
}

// carried are its fields with the id of its aggregate.
func (e *event) carried() []*field {
	if e.of == nil {
		return e.fields
	}
	return append([]*field{{name: e.of.id, typ: idType}}, e.fields...)
}

type command struct {
	name       string
	of         *aggregate
	creates    string // "", "true", "upsert"
	input      []*field
	emits      []*event
	rejections []string
	actors     []string
}

type view struct {
	name    string
	context *boundedContext
	key     []*field
	fields  []*field // with the key
	actors  []string
	inline  bool
	queries []string
	asks    [][]*field // inputs of the queries
}

func (g *generator) often(percent int) bool { return g.IntN(100) < percent }

func oneOf[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// some takes a few of a list, in its order.
func some[T any](g *generator, from []T, percent int) []T {
	var out []T
	for _, x := range from {
		if g.often(percent) {
			out = append(out, x)
		}
	}
	return out
}

// spelled is a name as it might come out after it is written as an identifier.
func spelled(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// fresh takes a name that is not taken yet in a section; now and then one that
// is, or that is written like it.
func (g *generator) fresh(section string, plain func() string, nasty []string) string {
	name := plain()
	if g.often(g.nastyNames) {
		name = oneOf(g, nasty)
	}
	for i := 2; g.taken[section+"/"+spelled(name)] && !g.often(2*g.nastyNames/25); i++ {
		name = plain()
		if i > 4 {
			name += strconv.Itoa(i)
		}
	}
	g.taken[section+"/"+spelled(name)] = true
	return name
}

// note is a name of a sticky note: of an aggregate, a command, a type. What is
// called alike in one context is often in each other's way.
func (g *generator) note(c *boundedContext, plain func() string) string {
	section := "notes"
	if c != nil {
		section += " of " + c.name
	}
	name := g.fresh(section, plain, nastyNotes)
	if g.often(g.nastyNames / 5) {
		name += oneOf(g, []string{"View", "Views", "s", "Test", "Row", "Events", "Command", "Handler", "State", "_", "Repository", "Id"})
	}
	return name
}

func (g *generator) noun() string { return oneOf(g, nounWords) }

func (g *generator) deed() string { return oneOf(g, verbWords) + oneOf(g, nounWords) }

func (g *generator) happening() string {
	return oneOf(g, nounWords) + oneOf(g, strings.Fields("Opened Placed Cancelled Moved Closed Changed Refused Renewed Weighed Packed Settled"))
}

func (g *generator) fieldName(section string) string {
	for {
		name := g.fresh(section, func() string {
			if g.often(25) {
				return oneOf(g, fieldWords) + oneOf(g, []string{"A", "B", "Of", "No", "Of2"})
			}
			return oneOf(g, fieldWords)
		}, nastyFields)
		if !slices.Contains([]string{"true", "false", "null", "in"}, name) || g.often(2) {
			return name
		}
	}
}

// variable is a name for a read, a let, a call or an element.
func (g *generator) variableName(section string) string {
	for {
		name := g.fieldName(section)
		if !slices.Contains(scopeWords, name) || g.often(1) {
			return name
		}
	}
}

// someText is a text: one that reads well, or one that means something.
func (g *generator) someText(nasty int) string {
	if g.nastyTexts == 0 || !g.often(nasty) {
		return oneOf(g, plainTexts)
	}
	t := oneOf(g, NastyTexts)
	if g.often(20) {
		t += oneOf(g, NastyTexts)
	}
	return t
}

// before says of some notes what they were called, by names that nothing else has.
func (g *generator) before(n *Node, c *boundedContext, plain func() string) *Node {
	if g.often(10) {
		n.set("was", text(g.note(c, plain)))
	}
	return n
}

// told adds what every note may have.
func (g *generator) told(n *Node) *Node {
	if g.often(25) {
		n.set("title", text(g.someText(g.nastyTexts)))
	}
	if g.often(20) {
		n.set("description", text(g.someText(g.nastyTexts)))
	}
	if g.often(6) {
		n.set("hotspots", oneOf(g, []*Node{text(g.someText(g.nastyTexts)), texts(g.someText(g.nastyTexts), "Who pays?")}))
	}
	if len(g.requirements) > 0 && g.often(12) {
		n.set("covers", oneOf(g, []*Node{text(g.requirements[0]), texts(g.requirements...)}))
	}
	if g.often(g.nastyNames / 4) {
		n.set("code", text(oneOf(g, strings.Fields("Code X1 order_id State New type a_b AbC Order values "+strings.Repeat("c", 50)))))
	}
	return n
}
