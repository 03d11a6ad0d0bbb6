package model

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// kinds is a set of kinds of named nodes.
type kinds uint16

const (
	contextKind kinds = 1 << iota
	aggregateKind
	commandKind
	eventKind
	policyKind
	viewKind
	queryKind
	externalKind
	operationKind
	actorKind
	typeKind
	sagaKind
)

// kindNames are the kinds as messages call them.
var kindNames = []struct {
	kind kinds
	says string
}{
	{contextKind, "context"}, {aggregateKind, "aggregate"}, {commandKind, "command"}, {eventKind, "event"},
	{policyKind, "policy"}, {viewKind, "view"}, {queryKind, "query"}, {externalKind, "external"},
	{operationKind, "operation"}, {actorKind, "actor"}, {typeKind, "type"},
	{sagaKind, "saga"},
}

func (k kinds) String() string {
	var says []string
	for _, n := range kindNames {
		if k&n.kind != 0 {
			says = append(says, n.says)
		}
	}
	if last := len(says) - 1; last > 0 {
		return strings.Join(says[:last], ", ") + " or " + says[last]
	}
	return strings.Join(says, "")
}

// symbol is a named node that others refer to.
type symbol struct {
	kind    kinds
	node    *Node
	context *Context // it belongs to; nil: none
	owner   *Node    // the aggregate, view or external it belongs to; nil: none
	ref     any      // *Event, *Command, …
}

// symbols finds named nodes by every form of their names: OrderPlaced,
// Order.OrderPlaced, front.OrderPlaced, front.Order.OrderPlaced; and by their
// codes as by their names. It keeps them by the last word of these forms.
type symbols struct {
	all    []*symbol
	byWord map[string][]*symbol
	own    map[ownName][]*symbol
	byRef  map[any]*symbol
}

// ownName is the last word of a name in the context it belongs to, or in none.
type ownName struct {
	context *Context
	name    string
}

// index collects the named nodes of a system, in the order of the files.
func index(s *System) *symbols { return indexInto(s, room{}) }

// indexInto is index of about as much as another reading had.
func indexInto(s *System, r room) *symbols {
	x := &symbols{all: make([]*symbol, 0, r.symbols), byWord: make(map[string][]*symbol, r.words), own: make(map[ownName][]*symbol, r.symbols), byRef: make(map[any]*symbol, r.symbols)}
	for _, t := range s.Types {
		x.add(&symbol{kind: typeKind, node: &t.Node, ref: t})
	}
	for _, a := range s.Actors {
		x.add(&symbol{kind: actorKind, node: &a.Node, ref: a})
	}
	for _, e := range s.Externals {
		x.addExternal(e)
	}
	for _, c := range s.Contexts {
		x.addContext(c)
	}
	for _, e := range s.Events {
		x.add(&symbol{kind: eventKind, node: &e.Node, ref: e})
	}
	return x
}

func (x *symbols) addExternal(e *External) {
	x.add(&symbol{kind: externalKind, node: &e.Node, ref: e})
	for _, o := range e.Operations {
		x.add(&symbol{kind: operationKind, node: &o.Node, owner: &e.Node, ref: o})
	}
	for _, ev := range e.Events {
		x.add(&symbol{kind: eventKind, node: &ev.Node, owner: &e.Node, ref: ev})
	}
}

func (x *symbols) addContext(c *Context) {
	x.add(&symbol{kind: contextKind, node: &c.Node, ref: c})
	for _, t := range c.Types {
		x.add(&symbol{kind: typeKind, node: &t.Node, context: c, ref: t})
	}
	for _, a := range c.Aggregates {
		x.add(&symbol{kind: aggregateKind, node: &a.Node, context: c, ref: a})
		for _, cmd := range a.Commands {
			x.add(&symbol{kind: commandKind, node: &cmd.Node, context: c, owner: &a.Node, ref: cmd})
		}
		for _, e := range a.Events {
			x.add(&symbol{kind: eventKind, node: &e.Node, context: c, owner: &a.Node, ref: e})
		}
	}
	for _, p := range c.Policies {
		x.add(&symbol{kind: policyKind, node: &p.Node, context: c, ref: p})
	}
	for _, v := range c.Views {
		x.add(&symbol{kind: viewKind, node: &v.Node, context: c, ref: v})
		for _, q := range v.Queries {
			x.add(&symbol{kind: queryKind, node: &q.Node, context: c, owner: &v.Node, ref: q})
		}
	}
	for _, s := range c.Sagas {
		x.add(&symbol{kind: sagaKind, node: &s.Node, context: c, ref: s})
	}
	for _, e := range c.Events {
		x.add(&symbol{kind: eventKind, node: &e.Node, context: c, ref: e})
	}
}

func (x *symbols) add(s *symbol) {
	x.all = append(x.all, s)
	x.byRef[s.ref] = s
	for _, name := range s.node.callNames() {
		own := ownName{s.context, lastWord(name)}
		x.own[own] = append(x.own[own], s)
		x.byWord[own.name] = append(x.byWord[own.name], s)
	}
}

// lastWord is OrderPlaced of front.OrderPlaced.
func lastWord(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// isCalled reports whether a text is one of the spellings of a symbol.
func (s *symbol) isCalled(text string) bool {
	for _, name := range [...]string{s.node.Name, s.node.Code} {
		before, ok := strings.CutSuffix(text, name)
		if !ok || name == "" {
			continue
		}
		of, qualified := strings.CutSuffix(before, ".")
		if before == "" || qualified && s.isOf(of) {
			return true
		}
	}
	return false
}

// isOf reports whether a text is what a symbol belongs to, in one of its forms.
func (s *symbol) isOf(text string) bool {
	if s.owner != nil && s.owner.answersTo(text) {
		return true
	}
	if s.context == nil {
		return false
	}
	context, owner, both := strings.Cut(text, ".")
	if !s.context.answersTo(context) {
		return false
	}
	return !both || s.owner != nil && s.owner.answersTo(owner)
}

// spellings are the forms of a symbol's name, the shortest first.
func (s *symbol) spellings() []string {
	names := s.node.callNames()
	out := slices.Clone(names)
	if s.owner != nil {
		out = appendQualified(out, s.owner.callNames(), names)
	}
	if s.context == nil {
		return out
	}
	contexts := s.context.callNames()
	out = appendQualified(out, contexts, names)
	if s.owner != nil {
		out = appendQualified(out, appendQualified(nil, contexts, s.owner.callNames()), names)
	}
	return out
}

func appendQualified(out, qualifiers, names []string) []string {
	for _, q := range qualifiers {
		for _, n := range names {
			out = append(out, q+"."+n)
		}
	}
	return out
}

// callNames are what a node may be called by: its name and its code.
func (n *Node) callNames() []string {
	if n.Code == "" || n.Code == n.Name {
		return []string{n.Name}
	}
	return []string{n.Name, n.Code}
}

// answersTo reports whether a text is one of the callNames of a node.
func (n *Node) answersTo(text string) bool { return text != "" && (n.Name == text || n.Code == text) }

// find returns what a name can mean where it stands. The names of one's own
// context win over all others.
func (x *symbols) find(name string, want kinds, from *Context) []*symbol {
	if from != nil {
		if own := x.inside(from, name, want); len(own) > 0 {
			return own
		}
	}
	return called(x.mayBe(name), name, want)
}

// mayBe are the symbols that a name may mean, as far as its first and its last word
// tell: many contexts may each have a thing that is called alike.
func (x *symbols) mayBe(name string) []*symbol {
	word := lastWord(name)
	first, _, qualified := strings.Cut(name, ".")
	if !qualified {
		return x.byWord[word]
	}
	var inside []*symbol
	for _, s := range x.byWord[first] {
		c, is := s.ref.(*Context)
		if !is {
			return x.byWord[word] // what belongs to an aggregate may be in any context
		}
		inside = append(inside, x.own[ownName{c, word}]...)
	}
	return inside
}

// inside finds what a name means in a context alone (nil: outside of all).
func (x *symbols) inside(c *Context, name string, want kinds) []*symbol {
	return called(x.own[ownName{c, lastWord(name)}], name, want)
}

// called are the symbols of some kinds that a name means.
func called(all []*symbol, name string, want kinds) []*symbol {
	var found []*symbol
	for _, s := range all {
		if s.kind&want != 0 && s.isCalled(name) && !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	return found
}

// shortest is the shortest form of a name that means the symbol alone.
func (x *symbols) shortest(s *symbol, want kinds, from *Context) string {
	spellings := s.spellings()
	for _, name := range spellings {
		if found := x.find(name, want, from); len(found) == 1 && found[0] == s {
			return name
		}
	}
	return spellings[len(spellings)-1]
}

// spelled lists the names of some kinds, each in its shortest and its longest
// form, for suggestions.
func (x *symbols) spelled(want kinds, from *Context) []string {
	var names []string
	for _, s := range x.all {
		if s.kind&want == 0 {
			continue
		}
		all := s.spellings()
		names = append(names, x.shortest(s, want, from), all[len(all)-1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// lookup finds the one node that a name means, or reports why there is none.
func (l *loader) lookup(from *Context, name Text, want kinds) *symbol {
	found := l.symbols.find(name.Value, want, from)
	l.offerNames(name.Value, want, from)
	switch len(found) {
	case 1:
		l.use(name.Pos, name.Value, found[0].ref)
		return found[0]
	case 0:
		l.unknown(from, name, want)
	default:
		l.ambiguous(from, name, want, found)
	}
	return nil
}

// lookup finds a name from where the decoder is.
func (d decoder) lookup(name Text, want kinds) *symbol { return d.loader.lookup(d.context, name, want) }

func (l *loader) unknown(from *Context, name Text, want kinds) {
	if others := l.symbols.find(name.Value, ^want, from); len(others) > 0 {
		l.diags.Errorf(rule.UnknownName, name.Pos, "%s is %s, not %s", name.Value, article(others[0].kind), article(want)).
			With(diag.At(others[0].node.Pos, "%s %s", others[0].kind, others[0].node.Name))
		return
	}
	d := l.diags.Errorf(rule.UnknownName, name.Pos, "there is no %s named %s", want, name.Value)
	if l.here(name.Value) {
		return // what is near to it has been offered
	}
	if l.unknowns++; l.unknowns <= maxSuggested {
		d.With(near(name.Value, l.symbols.spelled(want, from)))
	}
}

// maxSuggested bounds for how many unknown names the nearest is looked for:
// it takes a look at all names, and nobody reads more.
const maxSuggested = 100

func article(k kinds) string {
	says := k.String()
	if strings.ContainsRune("aeio", rune(says[0])) {
		return "an " + says
	}
	return "a " + says
}

func (l *loader) ambiguous(from *Context, name Text, want kinds, found []*symbol) {
	slices.SortStableFunc(found, func(a, b *symbol) int { return cmp.Compare(a.kind, b.kind) })
	words := make([]string, len(found))
	opts := make([]diag.Option, len(found))
	for i, s := range found {
		words[i] = l.symbols.shortest(s, want, from)
		opts[i] = diag.At(s.node.Pos, "%s %s", s.kind, words[i])
	}
	l.diags.Errorf(rule.AmbiguousName, name.Pos, "%s can mean %d things", name.Value, len(found)).
		With(append(opts, diag.Fix("write %s", either(words)))...)
}

// Find returns what a name can mean in a context (nil: on the document), in
// any of its forms: pointers to the nodes, none where nothing has the name. An
// ambiguous name gives several.
func (s *System) Find(from *Context, name string) []any {
	if s.names == nil {
		s.names = index(s)
	}
	var out []any
	for _, found := range s.names.find(nfc(name), ^kinds(0), from) {
		out = append(out, found.ref)
	}
	return out
}

// textOf is a name with its place.
func textOf(n *source.Node) Text { return Text{Value: nfc(n.Value), Pos: n.Pos} }
