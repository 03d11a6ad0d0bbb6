package uses

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

func composed(s string) string { return norm.NFC.String(s) }

// declare adds a thing.
func (x *Index) declare(kind string, n *model.Node, ref any, in *model.Node, t *model.Type) {
	x.add(&Symbol{Name: n.Name, Kind: kind, Pos: n.Pos, Node: n, Ref: ref, In: in, Type: t})
}

func (x *Index) add(s *Symbol) {
	if s.Name == "" || !s.Pos.IsValid() {
		return
	}
	if known := x.symbols[key(s)]; known != nil {
		if s.Ref != nil {
			x.refs[s.Ref] = known
		}
		return
	}
	_, s.Written = reads(bare(s.Pos), s.Name)
	x.symbols[key(s)] = s
	if s.Ref != nil {
		x.refs[s.Ref] = s
	}
	x.order = append(x.order, s)
}

func (x *Index) fields(in *model.Node, lists ...[]*model.Field) {
	for _, list := range lists {
		for _, f := range list {
			x.declare("field", &f.Node, f, in, f.Type)
		}
	}
}

// telling is what a file tells.
type telling struct {
	things      []model.Thing
	nodes       []declaration // that nobody else names, or by an id alone
	derivations []model.Derivation
}

// declaration is a thing with its kind.
type declaration struct {
	kind string
	node *model.Node
	ref  any
}

// tellings are what each file tells.
func tellings(s *model.System) map[*source.File]*telling {
	out := make(map[*source.File]*telling, len(s.Files))
	of := func(at source.Pos) *telling {
		if out[at.File] == nil {
			out[at.File] = &telling{}
		}
		return out[at.File]
	}
	node := func(kind string, n *model.Node, ref any) {
		of(n.Pos).nodes = append(of(n.Pos).nodes, declaration{kind, n, ref})
	}
	for _, r := range s.Requirements {
		node("requirement", &r.Node, r)
	}
	for _, f := range s.Flows {
		node("flow", &f.Node, f)
	}
	for _, c := range s.Compositions {
		node("composition", &c.Node, c)
	}
	for _, c := range s.Scenarios {
		node("scenario", &c.Node, c)
	}
	for _, t := range s.Things() {
		of(t.Node.Pos).things = append(of(t.Node.Pos).things, t)
	}
	for _, d := range s.Derivations() {
		of(d.Pos).derivations = append(of(d.Pos).derivations, d)
	}
	return out
}

// fileOf is the file that tells a thing; nil: none is known.
func (x *Index) fileOf(ref any) *source.File {
	switch r := ref.(type) {
	case *model.Field:
		if r == nil {
			return nil
		}
		return r.Pos.File
	case *model.EnumValue:
		return r.Pos.File
	case *model.Requirement:
		return r.Pos.File
	}
	if t, is := x.sys.Thing(ref); is {
		return t.Node.Pos.File
	}
	return nil
}

// read adds what a file tells, once.
func (x *Index) read(f *source.File) {
	told := x.told[f]
	if told == nil {
		return
	}
	delete(x.told, f)
	for _, d := range told.nodes {
		x.declare(d.kind, d.node, d.ref, nil, nil)
	}
	for _, t := range told.things {
		in := t.Owner
		if in == nil && t.Context != nil {
			in = &t.Context.Node
		}
		x.declare(t.Kind, t.Node, t.Ref, in, nil)
		x.members(t)
	}
	for _, d := range told.derivations {
		if x.looksAt(d.Pos) || x.fileOf(d.From) == f { // what only its own file can name may follow from any file
			x.derive(d)
		}
	}
}

// members adds what a thing is made of.
func (x *Index) members(t model.Thing) {
	switch of := t.Ref.(type) {
	case *model.TypeDef:
		x.fields(t.Node, of.Fields, of.Untyped)
		for _, v := range of.Enum {
			x.declare("value", &v.Node, v, t.Node, nil)
		}
	case *model.Actor:
		x.fields(t.Node, of.Claims)
	case *model.Operation:
		x.fields(t.Node, of.Input, of.Reply, of.UntypedInput, of.UntypedReply)
	case *model.Aggregate:
		x.fields(t.Node, []*model.Field{of.ID}, of.State)
	case *model.Event:
		x.fields(t.Node, of.Fields)
		for _, v := range of.Versions {
			x.fields(t.Node, v.Fields)
		}
	case *model.View:
		x.fields(t.Node, of.Fields)
	case *model.Query:
		x.fields(t.Node, of.Input)
	case *model.Saga:
		x.fields(t.Node, of.Data)
	case *model.Command:
		x.command(of)
	}
}

// command adds the input of a command, and its variables.
func (x *Index) command(m *model.Command) {
	x.fields(&m.Node, m.Input)
	variable := func(name string, pos source.Pos, n *model.Node, t *model.Type) {
		x.add(&Symbol{Name: name, Kind: "variable", Pos: pos, Node: n, In: &m.Node, Type: t})
	}
	for _, r := range m.Reads {
		variable(r.Name, r.Pos, &r.Node, nil)
	}
	for _, l := range m.Lets {
		variable(l.Name, l.Pos, &l.Node, x.checked.Let(l))
	}
	emits := slices.Clone(m.Emits)
	for _, c := range m.Calls {
		variable(c.Name, c.Pos, &c.Node, nil)
		if c.Fallback != nil {
			emits = append(emits, c.Fallback.Emits...)
		}
	}
	for _, e := range emits {
		variable(e.As, e.AsPos, nil, nil)
	}
}

// made adds the ids by which scenarios know instances that got theirs from the
// interpreter, as far as one aggregate alone can be meant: crate-1.
func (x *Index) made() {
	kinds := sync.OnceValue(x.kinds)
	for _, v := range x.sys.Values() {
		if !x.looksAt(v.Node.Pos) {
			continue
		}
		source.Scalars(v.Node, func(n *source.Node) {
			i := strings.LastIndexByte(n.Value, '-')
			if i < 0 || strings.Trim(n.Value[i+1:], "0123456789") != "" || len(kinds()[n.Value[:i]]) != 1 {
				return
			}
			a := kinds()[n.Value[:i]][0]
			id := x.symbols[check.Named{Pos: a.Pos, Name: n.Value}]
			if id == nil {
				id = &Symbol{Name: n.Value, Kind: "id", Pos: a.Pos}
				x.symbols[key(id)] = id
				if a.Code == "" {
					x.derived = append(x.derived, derived{x.of(a), id, func(name string) string { return names.OfText(name).Kebab + n.Value[i:] }})
				}
			}
			x.occurs(n.Pos, n.Value, id)
		})
	}
}

// kinds are the aggregates by what the interpreter calls their instances.
func (x *Index) kinds() map[string][]*model.Aggregate {
	of := map[string][]*model.Aggregate{}
	for _, c := range x.sys.Contexts {
		for _, a := range c.Aggregates {
			kind := names.Of(&a.Node).Kebab
			of[kind] = append(of[kind], a)
		}
	}
	return of
}

// derive adds a name that follows from another.
func (x *Index) derive(d model.Derivation) {
	to := x.symbols[check.Named{Pos: d.Pos, Name: d.Name}]
	from := x.of(d.From)
	if to == nil {
		to = &Symbol{Name: d.Name, Kind: "role", Pos: d.Pos}
		x.symbols[key(to)] = to
	}
	if from == nil || from == to || to.Written && from.Written && from.Pos == to.Pos && from.Name == to.Name {
		return
	}
	to.Written = false
	x.derived = append(x.derived, derived{from, to, d.Spell})
}
