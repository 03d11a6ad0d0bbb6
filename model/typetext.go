package model

import (
	"strings"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// typeText is a type as it was written: a name, of list and the like with what
// stands between its parentheses.
type typeText struct {
	name string // list, string, Money, front.OrderItem
	at   int    // byte offset of the name
	arg  *typeText
}

// typeFault says what is wrong with the text of a type, and where.
type typeFault struct {
	at    int
	says  string
	meant string // how it is written here; "": nobody knows
}

// maxTypeDepth bounds how deep types may be nested.
const maxTypeDepth = 8

// parseTypeText reads list(front.OrderItem).
func parseTypeText(s string) (*typeText, *typeFault) {
	p := &typeParser{text: s}
	t := p.parse(0)
	p.blanks()
	if p.fault == nil && p.at < len(s) {
		p.fail(p.at, "the type ends before %s", s[p.at:])
	}
	if p.fault != nil {
		return nil, p.fault
	}
	return t, nil
}

type typeParser struct {
	text  string
	at    int
	fault *typeFault
}

func (p *typeParser) fail(at int, says, what string) *typeText {
	if p.fault == nil {
		p.fault = &typeFault{at: at, says: strings.ReplaceAll(says, "%s", "\""+what+"\"")}
	}
	return nil
}

func (p *typeParser) blanks() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

func (p *typeParser) parse(depth int) *typeText {
	p.blanks()
	if depth > maxTypeDepth {
		return p.fail(p.at, "types are nested too deep here", "")
	}
	t := &typeText{at: p.at}
	t.name = p.name()
	if t.name == "" {
		return p.missing()
	}
	if at, ok := badPart(t.name); !ok {
		p.fail(t.at+at, "%s is no name of a type", t.name)
		p.fault.meant = elsewhere(t.name)
		return nil
	}
	p.blanks()
	if !p.take('(') {
		return t
	}
	if t.arg = p.parse(depth + 1); t.arg == nil {
		return nil
	}
	p.blanks()
	if !p.take(')') {
		return p.fail(p.at, "the parenthesis after %s is not closed here", t.name)
	}
	return t
}

func (p *typeParser) missing() *typeText {
	if p.at == len(p.text) {
		return p.fail(p.at, "a type is missing here", "")
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return p.fail(p.at, "a type does not begin with %s", string(r))
}

func (p *typeParser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// name takes everything up to a blank or a parenthesis.
func (p *typeParser) name() string {
	end := strings.IndexAny(p.text[p.at:], " ()")
	if end < 0 {
		end = len(p.text) - p.at
	}
	name := p.text[p.at : p.at+end]
	p.at += end
	return name
}

// badPart finds the part of a dotted name that is no name.
func badPart(name string) (at int, ok bool) {
	for part := range strings.SplitSeq(name, ".") {
		if !isName(nfc(part)) {
			return at, false
		}
		at += len(part) + 1
	}
	return 0, true
}

// elsewhere is the type that other languages write with a sign.
func elsewhere(name string) string {
	for _, sign := range []struct{ before, after, means string }{
		{"", "?", "optional"}, {"?", "", "optional"}, {"", "[]", "list"}, {"[]", "", "list"}, {"[", "]", "list"},
		{"list<", ">", "list"}, {"List<", ">", "list"}, {"Array<", ">", "list"}, {"Set<", ">", "list"}, {"Optional<", ">", "optional"},
		{"map<string,", ">", "map"}, {"Map<string,", ">", "map"}, {"Map<String,", ">", "map"}, {"map[string]", "", "map"},
	} {
		bare, begins := strings.CutPrefix(name, sign.before)
		bare, ends := strings.CutSuffix(bare, sign.after)
		if _, ok := badPart(bare); begins && ends && ok {
			return sign.means + "(" + bare + ")"
		}
	}
	return ""
}

func (t *typeText) String() string {
	if t.arg == nil {
		return t.name
	}
	return t.name + "(" + t.arg.String() + ")"
}

// builtinTypes are the scalars by name.
var builtinTypes = func() map[string]Kind {
	names := make(map[string]Kind, len(scalarNames))
	for kind, name := range scalarNames {
		names[name] = kind
	}
	return names
}()

// wrappers are the types made of another.
var wrappers = map[string]Kind{"optional": Optional, "list": List, "map": Map, "ref": Ref}

// builtinNames are the names no type of a model may take.
var builtinNames = []string{"string", "bool", "int", "decimal", "date", "time", "duration", "id", "optional", "list", "map", "ref"}

// checkTypeName judges the name of a type.
func checkTypeName(d decoder, n *source.Node) {
	if !d.checkName(n) {
		return
	}
	_, scalar := builtinTypes[n.Value]
	_, wrapper := wrappers[n.Value]
	if scalar || wrapper || celKeywords[n.Value] {
		d.diags.Errorf(rule.ReservedName, n.Pos, "%s is a type of the language itself", n.Value)
	}
}

// typeName reads a type.
var typeName = reader[*Type]{
	shape: Shape{Kind: TypeShape, Says: "a type"},
	read: func(d decoder, v **Type, n *source.Node) bool {
		if n.Kind != source.Scalar || n.IsEmpty() {
			d.wrongKind(n, "a type such as string or list(string)")
			return false
		}
		t, fault := parseTypeText(n.Value)
		if fault != nil {
			wrong := d.diags.Errorf(rule.BadType, n.PosAt(fault.at), "%s: %s", d.place(), fault.says)
			if fault.meant != "" {
				wrong.With(diag.Fix("write %s", fault.meant))
			}
			return false
		}
		d.resolve(func() { *v = d.typeOf(t, n, nil) })
		return true
	},
}

// typeOf gives a type its meaning; nil when it has none, which is reported.
func (d decoder) typeOf(t *typeText, n *source.Node, within *typeText) *Type {
	pos := n.PosAt(t.at)
	kind, wraps := wrappers[t.name]
	switch {
	case !wraps && t.arg != nil:
		d.diags.Errorf(rule.BadType, n.PosAt(t.arg.at), "%s is made of no other type", t.name).With(near(t.name, []string{"optional", "list", "map", "ref"}))
		return nil
	case !wraps:
		return d.namedType(t, pos)
	case t.arg == nil:
		d.diags.Errorf(rule.BadType, pos, "%s needs a type in parentheses after it", t.name).With(wrapFix(t.name))
		return nil
	case kind == Ref:
		return d.refType(t, n)
	case kind == Optional && within != nil:
		d.diags.Errorf(rule.BadType, pos, "what stands in %s(...) cannot be optional", within.name).
			With(diag.Fix("leave the inner optional out"))
		return nil
	}
	elem := d.typeOf(t.arg, n, t)
	if elem == nil {
		return nil
	}
	if kind == Optional && (elem.Kind == List || elem.Kind == Map) {
		d.diags.Errorf(rule.BadType, pos, "no optional lists or maps: empty is none").With(diag.Fix("write %s", t.arg))
		return nil
	}
	return &Type{Kind: kind, Elem: elem, Pos: pos}
}

func wrapFix(wrapper string) diag.Option {
	if wrapper == "ref" {
		return diag.Fix("write ref(Order), with the name of an aggregate")
	}
	return diag.Fix("write %s(string), or another type", wrapper)
}

// refType finds the aggregate of ref(front.Order).
func (d decoder) refType(t *typeText, n *source.Node) *Type {
	if t.arg.arg != nil {
		d.diags.Errorf(rule.BadType, n.PosAt(t.arg.at), "a ref names an aggregate, not %s", t.arg)
		return nil
	}
	s := d.lookup(Text{Value: nfc(t.arg.name), Pos: n.PosAt(t.arg.at)}, aggregateKind)
	if s == nil {
		return nil
	}
	return &Type{Kind: Ref, Aggregate: s.ref.(*Aggregate), Pos: n.PosAt(t.at)}
}

// namedType finds a scalar, a type of the own context, a shared one, or, by
// its full name, one of another context.
func (d decoder) namedType(t *typeText, pos source.Pos) *Type {
	if kind, ok := builtinTypes[t.name]; ok {
		return &Type{Kind: kind, Pos: pos}
	}
	name := nfc(t.name)
	d.offerTypes(name)
	found := d.symbols.inside(d.context, name, typeKind)
	if len(found) == 0 {
		found = d.symbols.inside(nil, name, typeKind)
	}
	if len(found) == 0 && strings.Contains(name, ".") {
		found = d.symbols.find(name, typeKind, nil)
	}
	if len(found) > 0 {
		d.use(pos, name, found[0].ref)
		return &Type{Kind: Named, Def: found[0].ref.(*TypeDef), Pos: pos}
	}
	d.diags.Errorf(rule.UnknownName, pos, "there is no type named %s", t.name).With(d.nearType(name))
	return nil
}

// nearType suggests a type: one of that name in another context, or the
// nearest.
func (d decoder) nearType(name string) diag.Option {
	for _, s := range d.symbols.byWord[name] {
		switch {
		case s.kind == typeKind:
			return diag.Fix("write %s.%s: it is a type of context %s", s.context.Name, s.node.Name, s.context.Name)
		case s.kind == aggregateKind:
			return diag.Fix("%s is an aggregate: write ref(%s)", name, name)
		}
	}
	names := append([]string{}, builtinNames...)
	for _, s := range d.symbols.all {
		switch {
		case s.kind != typeKind:
		case s.context == nil || s.context == d.context:
			names = append(names, s.node.Name)
		default:
			names = append(names, s.context.Name+"."+s.node.Name)
		}
	}
	return near(name, names)
}
