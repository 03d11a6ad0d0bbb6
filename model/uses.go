package model

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/source"
)

// Use is a place at which a file names something that is told elsewhere.
type Use struct {
	Pos  source.Pos // of the name, or of the quotes around it
	Text string     // the name as it is written there, NFC: OrderPlaced, front.OrderPlaced
	Of   any        // what it means: *Event, *Command, …, *Field, *EnumValue, *Requirement
}

// Uses are the places at which the files name things, outside of expressions;
// those in expressions are with their trees (expr.Tree). Names that mean nothing
// are not among them.
func (s *System) Uses() []Use { return s.uses }

// Values are what the scenarios of the files give to fields, each with all that is
// in it.
func (s *System) Values() []*Value { return s.values }

// Expressions are all expressions of the files.
func (s *System) Expressions() []*Expr { return s.expressions }

// Tie says that one field, listed by its name alone, takes its type from another
// of the same name.
type Tie struct{ From, To *Field }

// Ties are the fields that belong together by their names, as far as types tell;
// those between which values are copied are known to check.
func (s *System) Ties() []Tie { return s.ties }

// Segment is a part of a name in a file: front, or OrderPlaced, of
// front.OrderPlaced.
type Segment struct {
	Offset int    // in bytes of the name
	Text   string // as it is written
	Of     any    // what that part means
}

// Segments takes a name of a thing apart: the thing itself stands last, what it
// belongs to before it.
func (s *System) Segments(u Use) []Segment {
	words := strings.Split(u.Text, ".")
	parts := make([]Segment, len(words))
	at := 0
	for i, w := range words {
		parts[i] = Segment{Offset: at, Text: w}
		at += len(w) + 1
	}
	parts[len(parts)-1].Of = u.Of
	if s.names == nil || len(parts) == 1 {
		return parts
	}
	x := s.names.byRef[u.Of]
	if x == nil {
		return parts
	}
	before := parts[len(parts)-2]
	owned := x.owner != nil && slices.Contains(x.owner.callNames(), before.Text)
	switch {
	case owned:
		parts[len(parts)-2].Of = s.names.ofNode(x.owner)
		if len(parts) > 2 && x.context != nil {
			parts[0].Of = x.context
		}
	case x.context != nil:
		parts[len(parts)-2].Of = x.context
	}
	return parts
}

// ofNode is what a node is the name of.
func (x *symbols) ofNode(n *Node) any {
	for _, s := range x.all {
		if s.node == n {
			return s.ref
		}
	}
	return nil
}

// Thing is what others can name.
type Thing struct {
	Kind    string // event, command, …
	Node    *Node
	Ref     any      // *Event, *Command, …
	Owner   *Node    // the aggregate, view or external it belongs to; nil: none
	Context *Context // nil: it belongs to none
}

// Things lists what others can name, in the order of the files.
func (s *System) Things() []Thing {
	if s.names == nil {
		return nil
	}
	out := make([]Thing, len(s.names.all))
	for i, x := range s.names.all {
		out[i] = x.thing()
	}
	return out
}

// Thing is what others can name as they see it: an *Event, a *Command, …; ok is
// false of all else.
func (s *System) Thing(ref any) (t Thing, ok bool) {
	if s.names == nil {
		return t, false
	}
	x := s.names.byRef[ref]
	if x == nil {
		return t, false
	}
	return x.thing(), true
}

func (x *symbol) thing() Thing { return Thing{x.kind.String(), x.node, x.ref, x.owner, x.context} }

// Derivation says that a thing has no name of its own, but one that follows from
// what another is called: the id of an aggregate, the reply of a call, a role.
type Derivation struct {
	From  any // *Aggregate, *Command, *Query, *Operation, *Actor
	Pos   source.Pos
	Name  string
	Spell func(name string) string // the name that follows from another one
}

// Derivations are the names that follow from others.
func (s *System) Derivations() []Derivation {
	var out []Derivation
	for _, a := range s.Actors {
		if a.Code == "" && a.Role == kebab(a.Name) {
			out = append(out, Derivation{a, a.Pos, a.Role, kebab})
		}
	}
	for _, c := range s.Contexts {
		for _, a := range c.Aggregates {
			if a.Code == "" && a.Was == nil && a.ID.Pos == a.Pos {
				out = append(out, Derivation{a, a.Pos, a.ID.Name, func(name string) string { return lowerCamel(name) + "Id" }})
			}
			for _, m := range a.Commands {
				for _, x := range m.Calls {
					out = append(out, x.derivation()...)
				}
			}
		}
	}
	return out
}

// derivation is that of a call whose reply is called like what it asks.
func (c *Call) derivation() []Derivation {
	var of any
	var n *Node
	switch t := c.To; {
	case c.written:
		return nil
	case t.Command != nil:
		of, n = t.Command, &t.Command.Node
	case t.Query != nil:
		of, n = t.Query, &t.Query.Node
	case t.Operation != nil:
		of, n = t.Operation, &t.Operation.Node
	default:
		return nil
	}
	if c.Name != lowerCamel(n.Name) {
		return nil // it is asked by its code
	}
	return []Derivation{{of, c.Pos, c.Name, lowerCamel}}
}

// IsName reports whether a text can be a name in a model.
func IsName(s string) bool { return isName(nfc(s)) && !celKeywords[nfc(s)] }

// use notes that a place names something.
func (l *loader) use(pos source.Pos, text string, of any) {
	if pos.IsValid() && text != "" {
		l.sys.uses = append(l.sys.uses, Use{pos, text, of})
	}
}

// useField is use of a field; nil: none was found.
func (l *loader) useField(pos source.Pos, text string, f *Field) {
	if f != nil {
		l.use(pos, text, f)
	}
}
