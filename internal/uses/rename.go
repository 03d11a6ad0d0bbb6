package uses

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// Edit writes another text between two places of a line.
type Edit struct {
	Pos, End source.Pos
	New      string
}

// Refusal says why something cannot be called otherwise, and where.
type Refusal struct {
	Pos  source.Pos
	Says string
}

func (r *Refusal) Error() string {
	if r.Pos.IsValid() {
		return r.Pos.String() + ": " + r.Says
	}
	return r.Says
}

func refuse(at source.Pos, format string, args ...any) *Refusal {
	return &Refusal{at, fmt.Sprintf(format, args...)}
}

// Named is what can be called otherwise at a place.
func (x *Index) Named(at source.Pos) (Occurrence, error) {
	found := x.At(at)
	if len(found) == 0 {
		return Occurrence{}, refuse(at, "no name of the model stands here")
	}
	o := found[0]
	if !o.Symbol.Written {
		for _, d := range x.derived {
			if d.to == o.Symbol {
				return o, refuse(d.from.Pos, "%s follows from the name of %s %s: rename that, or give it a name of its own", o.Symbol.Name, d.from.Kind, d.from.Name)
			}
		}
		return o, refuse(o.Symbol.Pos, "%s is told nowhere", o.Symbol.Name)
	}
	if o.Text != o.Symbol.Name {
		return o, refuse(o.Symbol.Pos, "%s is the code of %s %s: change it where it is told", o.Text, o.Symbol.Kind, o.Symbol.Name)
	}
	return o, nil
}

// Rename are the edits that call what is named at a place otherwise, everywhere: it
// itself, what belongs together with it by its name, and names that follow from
// it. What the model would say afterwards is for Same to compare.
func (x *Index) Rename(at source.Pos, to string) ([]Edit, error) {
	o, err := x.Named(at)
	if err != nil {
		return nil, err
	}
	to = composed(to)
	if o.Symbol.Kind != "requirement" && !model.IsName(to) {
		return nil, refuse(o.Pos, "%q is no name: letters, digits and underscores of any script will do, a letter first", to)
	}
	names := map[*Symbol]string{}
	x.call(names, o.Symbol, to)
	for _, d := range x.derived {
		if _, follows := names[d.to]; follows && names[d.from] == "" {
			return nil, refuse(d.from.Pos, "%s belongs together with one that follows from the name of %s %s: rename that, or give it a name of its own", o.Symbol.Name, d.from.Kind, d.from.Name)
		}
	}
	if bad := cmp.Or(x.overlooked(names), x.roleInStory(names)); bad != nil {
		return nil, bad
	}
	var edits []Edit
	for _, o := range x.all {
		if name, is := names[o.Symbol]; is && o.Text == o.Symbol.Name && name != o.Text {
			edits = append(edits, Edit{o.Pos, o.End, name})
		}
	}
	slices.SortFunc(edits, func(a, b Edit) int { return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.New, b.New)) })
	edits = slices.Compact(edits)
	for i := 1; i < len(edits); i++ {
		if edits[i].Pos == edits[i-1].Pos {
			return nil, refuse(edits[i].Pos, "one word here would have to become both %s and %s", edits[i-1].New, edits[i].New)
		}
	}
	return edits, nil
}

// call gives a thing another name, with what belongs together with it and what
// follows from it.
func (x *Index) call(names map[*Symbol]string, s *Symbol, to string) {
	if _, done := names[s]; done {
		return
	}
	names[s] = to
	for _, t := range x.ties {
		a, b := x.symbols[t.From], x.symbols[t.To]
		switch {
		case a == nil || b == nil:
		case a == s:
			x.call(names, b, to)
		case b == s:
			x.call(names, a, to)
		}
	}
	for _, d := range x.derived {
		if d.from == s {
			x.call(names, d.to, d.spell(to))
		}
	}
}

// roleInStory refuses where a scenario has a text that is the role of an actor
// without one of its own: it may be that role, or just a word.
func (x *Index) roleInStory(names map[*Symbol]string) (bad error) {
	for s, to := range names {
		if s.Kind != "role" || s.Name == to {
			continue
		}
		for _, v := range x.sys.Values() {
			source.Scalars(v.Node, func(n *source.Node) {
				if n.Value == s.Name {
					bad = refuse(n.Pos, "this may be the role %s, or just a word: give the actor a role of its own first (role: %s)", s.Name, s.Name)
				}
			})
		}
	}
	return bad
}

// overlooked refuses where an expression that could not be checked may use one of
// some things.
func (x *Index) overlooked(names map[*Symbol]string) error {
	env := expr.NewEnv(x.sys)
	for _, e := range x.unread {
		m := env.Mentioned(e)
		for s := range names {
			if m.Vars[s.Name] || m.Fields[s.Name] {
				return refuse(e.Pos(), "this expression is not understood yet, and names %s", s.Name)
			}
		}
	}
	return nil
}

// Same reports whether a model is that of before but for names: the same things at
// the same places, used by the same words, and tied to one another. found is what
// check says of it.
func (x *Index) Same(after *Index, found *diag.List) error {
	for _, d := range found.Sorted() {
		if d.Severity == diag.Error {
			return refuse(d.Pos, "the model would have an error: %s", d.Message)
		}
	}
	m := mapping{forth: map[*Symbol]*Symbol{}, back: map[*Symbol]*Symbol{}}
	for i := range min(len(x.all), len(after.all)) {
		a, b := x.all[i], after.all[i]
		if a.Pos.Path() != b.Pos.Path() || a.Pos.Line != b.Pos.Line || !m.are(a.Symbol, b.Symbol) {
			return refuse(b.Pos, "%s would mean something else here", b.Text)
		}
	}
	if len(x.all) != len(after.all) {
		return refuse(source.Pos{}, "a word that is a name now would be none afterwards, or the other way round")
	}
	before, now := x.tied(m.forth), after.tied(nil)
	for t := range now {
		if !before[t] {
			return refuse(t.To.Pos, "%s would be filled from what is called so elsewhere", t.To.Name)
		}
	}
	for t := range before {
		if !now[t] {
			return refuse(t.To.Pos, "%s would not be filled any more from what is called so now", t.To.Name)
		}
	}
	return nil
}

// mapping tells which thing is which one of another model.
type mapping struct{ forth, back map[*Symbol]*Symbol }

func (m mapping) are(a, b *Symbol) bool {
	f, b1 := m.forth[a], m.back[b]
	if f == nil && b1 == nil {
		m.forth[a], m.back[b] = b, a
		return true
	}
	return f == b && b1 == a
}

// tied are the ties by the things that they tie, as far as those are written
// somewhere.
func (x *Index) tied(as map[*Symbol]*Symbol) map[check.Tie]bool {
	out := map[check.Tie]bool{}
	for _, t := range x.ties {
		a, b := x.symbols[t.From], x.symbols[t.To]
		if a == nil || b == nil || a == b || !a.Written || !b.Written {
			continue
		}
		if as != nil {
			if a, b = as[a], as[b]; a == nil || b == nil {
				continue
			}
		}
		out[check.Tie{From: key(a), To: key(b)}] = true
	}
	return out
}

// Apply makes edits of a text. They are those of one file, by place.
func Apply(f *source.File, edits []Edit) []byte {
	var out []byte
	done := 0
	for _, e := range edits {
		from, to := f.Offset(e.Pos), f.Offset(e.End)
		out = append(append(out, f.Data[done:from]...), e.New...)
		done = to
	}
	return append(out, f.Data[done:]...)
}
