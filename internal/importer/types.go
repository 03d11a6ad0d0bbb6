package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/rule"
)

// kindType is what types are called where notes have their kinds.
const kindType board.Kind = "type"

// Type is one that a board declares: an enum, if it has values, else a value object.
type Type struct {
	Area   string // "": see the note that it is of
	Of     string // the note that declares it
	Name   string
	Title  string
	Fields []Field
	Values []string
}

// typ is a type of the model that is being made.
type typ struct {
	node
	in     *context
	fields []Field
	values []value
}

// value is one of an enum.
type value struct{ name, wire string }

// types makes types of contexts, and gives the fields that are of them their types.
func (b *builder) types() {
	for _, t := range b.sketch.Types {
		area := t.Area
		if n := b.byID[t.Of]; n != nil && area == "" {
			area = n.Area
		}
		c := b.contexts[area]
		if c == nil && area == "" {
			c = b.contexts[rest]
		}
		made := b.node(kindType, t.Name, t.Title)
		switch {
		case c == nil:
			b.report.leave("type %q: it is of no context", short(t.Name))
		case made.name == "":
			b.report.leave("type %q: there is no letter in it", short(t.Name))
		case len(t.Fields)+len(t.Values) == 0:
			b.report.leave("type %q: nobody says what it is made of", short(t.Name))
		default:
			b.report.Types++
			b.typeIn(c, made).take(t)
		}
	}
	for _, c := range b.draft.contexts {
		for _, t := range c.types {
			t.fields = c.typed(t.fields)
		}
	}
	for _, n := range b.notes {
		if c := b.contexts[n.Area]; c != nil {
			n.Fields = c.typed(n.Fields)
		}
	}
}

// typeIn is the type of a name in a context; it is made if there is none.
func (b *builder) typeIn(c *context, made node) *typ {
	for _, t := range c.types {
		if t.name == made.name {
			b.report.infer("type %s of %s is told more than once: it has all of it", t.name, c.name)
			return t
		}
	}
	t := &typ{node: made, in: c}
	c.types = append(c.types, t)
	return t
}

// take gives a type what a board says about it.
func (t *typ) take(said *Type) {
	t.fields = unite(t.fields, said.Fields)
	for _, v := range said.Values {
		wire := plain(v)
		name := valueName(wire)
		switch {
		case name == "":
			t.ask(fmt.Sprintf("It has a value without a letter, %q: what is it called?", wire))
		case !slices.ContainsFunc(t.values, func(o value) bool { return o.name == name || o.wire == wire }):
			t.values = append(t.values, value{name, wire})
		}
	}
	if len(t.fields) > 0 && len(t.values) > 0 {
		t.ask("Is it one of several values, or has it fields?")
		t.fields = nil
	}
}

var wordsOfValue = regexp.MustCompile(`[_\s-]+`)

// valueName is the name of a value: OutOfStock of OUT_OF_STOCK.
func valueName(text string) string {
	if strings.IndexFunc(text, unicode.IsLower) < 0 {
		text = wordsOfValue.ReplaceAllString(strings.ToLower(text), " ")
	}
	return identifier(text, "value")
}

// typed gives fields the types of the context that they name. What the board declares
// goes before what else is called so: its Money has a currency.
func (c *context) typed(fields []Field) []Field {
	out := slices.Clone(fields)
	for i := range out {
		f := &out[i]
		name := ""
		if f.Class != "" {
			name = identifier(f.Class, kindType)
		}
		if name != "" && slices.ContainsFunc(c.types, func(t *typ) bool { return t.name == name }) {
			f.Type = name
			if f.Form != "" {
				f.Type = f.Form + "(" + name + ")"
			}
		}
	}
	return out
}

// fieldOf is a field as a board has it, with a type of Java or one that the board
// declares. Form is list or optional; "": neither.
func fieldOf(name, class, form string, key bool) []Field {
	name = lower(identifier(name, "field"))
	if name == "" {
		return nil
	}
	if inner := collection.FindStringSubmatch(class); inner != nil {
		class, form = inner[1], "list"
	}
	f := Field{Name: name, Type: javaType(class), Key: key, Class: class, Form: form}
	if f.Type != "" && form != "" {
		f.Type = form + "(" + f.Type + ")"
	}
	return []Field{f}
}

var collection = regexp.MustCompile(`^(?:List|Set|Collection)<(.*)>$`)

func (w *writer) typ(t *typ) {
	if len(t.values) == 0 {
		w.fields("fields", &t.fields, &t.node)
		return
	}
	w.line(t.remedy, "enum:")
	w.in(func() {
		for _, v := range t.values {
			w.line(func(rule.ID) {
				t.ask(fmt.Sprintf("It has the value %s: what is that called?", v.wire))
				t.values = slices.DeleteFunc(slices.Clone(t.values), func(o value) bool { return o == v })
			}, "%s: %s", v.name, quoted(v.wire))
		}
	})
}
