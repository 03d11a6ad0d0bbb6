// Package uses knows of each thing of a model where it is told and where it is
// used, in all files and in expressions, and calls it otherwise everywhere at
// once. It asks the resolved model and the trees of its expressions; no text is
// searched.
package uses

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Symbol is a thing that has a name.
type Symbol struct {
	Name string
	Kind string     // event, command, field, value, variable, …
	Pos  source.Pos // where it is told
	Node *model.Node
	Ref  any         // *model.Event, *model.Field, …; nil of a variable
	Type *model.Type // of a field or a variable; nil: it has none
	In   *model.Node // what it is one of; nil: of the system
	// Written: the name stands at Pos. Others follow from another name, as the
	// orderId of Order.
	Written bool
}

// Occurrence is a place at which something is named.
type Occurrence struct {
	Pos    source.Pos // of the first character of the name
	End    source.Pos // behind its last
	Text   string     // as it is written there, NFC: the name, or the code
	Symbol *Symbol
}

// Told reports whether it is the place at which the thing is told.
func (o Occurrence) Told() bool { return o.Symbol.Written && o.Symbol.Pos == o.at() }

func (o Occurrence) at() source.Pos { return unquoted(o.Symbol.Pos, o.Pos) }

// unquoted is a place of a name, seen from one that may be the quote before it.
func unquoted(told, at source.Pos) source.Pos {
	if told.File == at.File && told.Line == at.Line && told.Column == at.Column-1 {
		return told
	}
	return at
}

// Index are the things of a model and their uses.
type Index struct {
	sys     *model.System
	checked *check.Model
	only    *source.File              // in which uses are looked for; nil: in all
	told    map[*source.File]*telling // what is not among the symbols yet
	symbols map[check.Named]*Symbol
	refs    map[any]*Symbol
	order   []*Symbol
	all     []Occurrence // by place
	ties    []check.Tie
	derived []derived
	unread  []*model.Expr // expressions that could not be checked
}

// derived is a name that follows from another.
type derived struct {
	from, to *Symbol
	spell    func(string) string
}

// New looks through a model that has been checked, or as much of it as has been.
func New(sys *model.System, checked *check.Model) *Index { return look(sys, checked, nil) }

// In is New that knows only what is told and used in one file, and, of other files,
// the things of those of which it uses some. It renames nothing.
func In(file *source.File, sys *model.System, checked *check.Model) *Index {
	return look(sys, checked, file)
}

func look(sys *model.System, checked *check.Model, only *source.File) *Index {
	x := &Index{sys: sys, checked: checked, only: only, told: tellings(sys), symbols: map[check.Named]*Symbol{}, refs: map[any]*Symbol{}}
	for _, f := range sys.Files {
		if only == nil || f == only {
			x.read(f)
		}
	}
	slices.SortStableFunc(x.order, compareSymbols)
	x.made()
	for _, s := range x.order {
		if s.Written && x.looksAt(s.Pos) {
			x.occurs(s.Pos, s.Name, s)
		}
	}
	x.uses(sys.Uses())
	x.uses(checked.Uses)
	x.expressions()
	slices.SortStableFunc(x.all, func(a, b Occurrence) int { return a.Pos.Compare(b.Pos) })
	x.all = slices.CompactFunc(x.all, func(a, b Occurrence) bool { return a.Pos == b.Pos && a.Symbol == b.Symbol })
	if only == nil {
		x.tie()
	}
	return x
}

// uses adds the names that stand outside of expressions.
func (x *Index) uses(all []model.Use) {
	for _, u := range all {
		if !x.looksAt(u.Pos) {
			continue
		}
		for _, segment := range x.sys.Segments(u) {
			if s := x.of(segment.Of); s != nil {
				x.occurs(moved(u.Pos, u.Text[:segment.Offset]), segment.Text, s)
			}
		}
	}
}

// looksAt reports whether uses are looked for at a place.
func (x *Index) looksAt(at source.Pos) bool { return x.only == nil || at.File == x.only }

// moved is the place behind a text on one line.
func moved(at source.Pos, by string) source.Pos {
	at = bare(at)
	at.Column += len([]rune(by))
	return at
}

// bare is where a name begins that may stand in quotes: a name has none itself.
func bare(at source.Pos) source.Pos {
	if rest, ok := restOf(at); ok && rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		at.Column++
	}
	return at
}

// restOf is the line of a place from there on; ok is false where the line ends
// before it.
func restOf(at source.Pos) (rest string, ok bool) {
	if at.File == nil || at.Column < 1 {
		return "", false
	}
	rest = at.File.Line(at.Line)
	for range at.Column - 1 {
		if rest == "" {
			return "", false
		}
		_, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
	}
	return rest, true
}

// occurs notes a place, unless it reads otherwise: a name can be written in
// escapes, and one that follows from another is written nowhere.
func (x *Index) occurs(at source.Pos, text string, s *Symbol) {
	at = bare(at)
	if end, ok := reads(at, text); ok {
		x.all = append(x.all, Occurrence{Pos: at, End: end, Text: text, Symbol: s})
	}
}

// reads reports whether a name stands at a place, and where it ends.
func reads(at source.Pos, name string) (end source.Pos, ok bool) {
	rest, ok := restOf(at)
	if !ok {
		return at, false
	}
	end, length := at, utf8.RuneCountInString(name)
	if strings.HasPrefix(rest, name) && composed(name) == name {
		end.Column += length
		return end, true
	}
	line := []rune(rest)
	for n := length; n <= 3*length && n <= len(line); n++ { // taken apart, Hangul has three letters in place of one
		if composed(string(line[:n])) == name {
			end.Column += n
			return end, true
		}
	}
	return at, false
}

// of is the symbol of a thing of the model; what checking has made of a field is
// that field.
func (x *Index) of(ref any) *Symbol {
	x.read(x.fileOf(ref))
	if s := x.refs[ref]; s != nil {
		return s
	}
	if f, is := ref.(*model.Field); is && f != nil {
		return x.symbols[check.NamedField(f)]
	}
	return nil
}

// expressions adds the names in expressions.
func (x *Index) expressions() {
	for _, e := range x.sys.Expressions() {
		if !x.looksAt(e.Pos()) {
			continue
		}
		t := x.checked.Trees[e]
		if t == nil {
			x.unread = append(x.unread, e)
			continue
		}
		locals := map[string]*Symbol{}
		for _, u := range t.Uses {
			at := e.Node.PosAt(u.Offset)
			if v, is := u.Of.(expr.Variable); is {
				x.variable(v, at, locals)
			} else if s := x.of(u.Of); s != nil {
				x.occurs(at, u.Text, s)
			}
		}
		x.roles(e, t)
	}
}

// variable adds a use of a variable: one that the model gives a name, or that of a
// macro, which begins where it is used first.
func (x *Index) variable(v expr.Variable, at source.Pos, locals map[string]*Symbol) {
	s := x.symbols[check.Named{Pos: v.Pos, Name: v.Name}]
	if v.Macro != "" {
		if s = locals[v.Macro]; s == nil {
			s = &Symbol{Name: v.Name, Kind: "variable", Pos: at, Written: true}
			locals[v.Macro] = s
		}
	}
	if s != nil {
		x.occurs(at, v.Name, s)
	}
}

// roles adds the roles in an expression that are called like an actor:
// 'librarian' in actor.roles.
func (x *Index) roles(e *model.Expr, t *expr.Tree) {
	expr.Walk(t, func(t *expr.Tree) {
		if t.Op != expr.Binary || t.Ident != "in" || !t.Args[1].Reads("actor") || t.Args[0].Op != expr.Const {
			return
		}
		role, _ := t.Args[0].Value.(string)
		for _, d := range x.derived {
			if _, is := d.from.Ref.(*model.Actor); is && d.to.Name == role {
				x.occurs(e.Node.PosAt(t.Args[0].Offset+1), role, d.to)
			}
		}
	})
}

// tie keeps which things belong together by their names.
func (x *Index) tie() {
	x.ties = slices.Clone(x.checked.Ties)
	add := func(a, b *model.Field) {
		x.ties = append(x.ties, check.Tie{From: check.NamedField(a), To: check.NamedField(b)})
	}
	for _, t := range x.sys.Ties() {
		add(t.From, t.To)
	}
	for i := 1; i < len(x.all); i++ { // one word that means several
		if a, b := x.all[i-1], x.all[i]; a.Pos == b.Pos && a.Symbol.Name == b.Symbol.Name {
			x.ties = append(x.ties, check.Tie{From: key(a.Symbol), To: key(b.Symbol)})
		}
	}
	x.kept(add)
}

// kept ties what requests may leave out to what stays then.
func (x *Index) kept(add func(a, b *model.Field)) {
	for _, c := range x.sys.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				for _, f := range m.Kept() {
					for _, s := range a.State {
						if s.Name == f.Name {
							add(f, s)
						}
					}
				}
			}
		}
	}
}

func key(s *Symbol) check.Named { return check.Named{Pos: s.Pos, Name: s.Name} }

// At are the names at a place: one, or several things that one word means.
func (x *Index) At(at source.Pos) []Occurrence {
	i, _ := slices.BinarySearchFunc(x.all, at, func(o Occurrence, at source.Pos) int {
		if o.Pos.Path() == at.Path() && o.Pos.Line == at.Line && o.Pos.Column <= at.Column && at.Column <= o.End.Column {
			return 0
		}
		return o.Pos.Compare(at)
	})
	var found []Occurrence
	for ; i < len(x.all); i++ {
		o := x.all[i]
		if o.Pos.Path() != at.Path() || o.Pos.Line != at.Line || o.Pos.Column > at.Column || o.End.Column < at.Column {
			break
		}
		found = append(found, o)
	}
	if len(found) > 1 && found[0].End.Column == at.Column && found[1].Pos.Column == at.Column {
		found = found[1:] // between two names, the second is meant
	}
	return found
}

// Of are the places at which something is named.
func (x *Index) Of(s *Symbol) []Occurrence {
	var out []Occurrence
	for _, o := range x.all {
		if o.Symbol == s {
			out = append(out, o)
		}
	}
	return out
}

// All are all places at which something is named, by place.
func (x *Index) All() []Occurrence { return x.all[:len(x.all):len(x.all)] }

// Symbols are the things that have names, in the order of the files.
func (x *Index) Symbols() []*Symbol { return x.order[:len(x.order):len(x.order)] }

// Containing are the things whose names have all letters of a text in them, in
// order, as people type who look for something.
func (x *Index) Containing(text string) []*Symbol {
	var out []*Symbol
	for _, s := range x.order {
		if s.Written && s.Kind != "variable" && (hasLetters(s.Name, text) || s.Node != nil && hasLetters(string(s.Node.Title), text)) {
			out = append(out, s)
		}
	}
	return out
}

func hasLetters(name, text string) bool {
	rest := []rune(strings.ToLower(text))
	for _, r := range strings.ToLower(name) {
		if len(rest) > 0 && rest[0] == r {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

// compareSymbols orders by place.
func compareSymbols(a, b *Symbol) int {
	return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Name, b.Name))
}
