package compat

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// differences between what one side writes and the other one reads.
type differenceKind uint8

const (
	unknown     differenceKind = iota // written, and nothing the reader knows
	spare                             // the reader knows it and does without
	missing                           // wanted, and not written, or not always
	kind                              // another kind of value
	number                            // a number where a decimal is text: services read it, others may not
	strange                           // values of an enum that the reader does not know
	given                             // values of an enum that the reader knows, and that are not written
	conditioned                       // other conditions, or the same in other words
	defaulted                         // another value where there is none
	another                           // another kind of value, which the reader takes all the same
	certain                           // always written, and the reader does without
)

// difference is one of them.
type difference struct {
	kind   differenceKind
	top    string // the outermost field
	path   string // of the field: items[].price
	writes *contract.Field
	reads  *contract.Field
	owner  *model.TypeDef // the value object that the field is in; nil: it is the outermost
	// Of what the field holds, which may be within it.
	written, read *contract.Schema
	values        []string       // of strange and given
	keeps, asks   []*model.Expr  // of conditioned: what the writer keeps, and the reader asks
	def           *model.TypeDef // whose condition it is; nil: the field's own
}

// reader compares schemas as somebody who reads.
type reader struct {
	// strict: what is sent is refused as soon as anything is wrong with it, as
	// services do with requests. Else it is tolerated, as consumers do.
	strict bool
	// filled: what is missing and has a default gets it.
	filled bool
	found  []difference
	seen   map[[2]*contract.Schema]bool
}

// reads lists what a tolerant reader of one schema misses in what is written by
// another.
func reads(written, read *contract.Schema) []difference {
	r := reader{seen: map[[2]*contract.Schema]bool{}}
	r.object("", "", written, read)
	return r.found
}

// takes lists what a service does not take of a request.
func takes(written, read *contract.Schema) []difference {
	r := reader{strict: true, filled: true, seen: map[[2]*contract.Schema]bool{}}
	r.object("", "", written, read)
	return r.found
}

// recovers lists what is wrong with stored values of an older schema.
func recovers(written, read *contract.Schema) []difference {
	r := reader{filled: true, seen: map[[2]*contract.Schema]bool{}}
	r.object("", "", written, read)
	return r.found
}

func (r *reader) object(top, path string, written, read *contract.Schema) {
	if written == nil || read == nil {
		return
	}
	pair := [2]*contract.Schema{written, read}
	if r.seen[pair] && written.Def != nil {
		return // a type that contains itself
	}
	r.seen[pair] = true
	for _, w := range written.Fields {
		d := difference{top: outermost(top, w.Name), path: joinPath(path, w.Name), owner: read.Def, writes: w, written: w.Schema}
		if f := read.Field(w.Name); f != nil {
			d.reads, d.read = f, f.Schema
			r.field(d)
		} else {
			r.find(unknown, d)
		}
	}
	for _, f := range read.Fields {
		if written.Field(f.Name) != nil {
			continue
		}
		d := difference{top: outermost(top, f.Name), path: joinPath(path, f.Name), owner: read.Def, reads: f, read: f.Schema}
		if r.mayMiss(f) {
			r.find(spare, d)
		} else {
			r.find(missing, d)
		}
	}
}

func (r *reader) find(k differenceKind, d difference) {
	d.kind = k
	r.found = append(r.found, d)
}

// mayMiss reports whether the reader does without a field.
func (r *reader) mayMiss(f *contract.Field) bool {
	return f.MayMiss(r.filled)
}

func (r *reader) field(d difference) {
	left := d.writes.Optional || r.strict && d.writes.MayMiss(true)
	if left && !r.mayMiss(d.reads) {
		r.find(missing, d)
	} else if !left && (d.reads.Optional || r.strict && r.mayMiss(d.reads)) {
		r.find(certain, d)
	}
	if w, f := d.writes.Model, d.reads.Model; w != nil && f != nil {
		optional := d.writes.Optional || d.reads.Optional
		if w.Default != nil && f.Default != nil || optional && (w.Default != nil) != (f.Default != nil) {
			r.find(defaulted, d)
		}
	}
	r.value(d, checkOf(d.writes), checkOf(d.reads))
}

// checkOf are the conditions of a field itself, beside those of its type.
func checkOf(f *contract.Field) []*model.Expr {
	if f.Model == nil || f.Model.Check == nil {
		return nil
	}
	return []*model.Expr{f.Model.Check}
}

// checksOf are the conditions that a type of the model asks of its values.
func checksOf(s *contract.Schema) []*model.Expr {
	var out []*model.Expr
	for d := s.Def; d != nil; d = d.Is.Def {
		if d.Check != nil {
			out = append(out, d.Check)
		}
		if d.Is == nil {
			break
		}
	}
	return out
}

func (r *reader) value(d difference, written, read []*model.Expr) {
	w, f := d.written, d.read
	if !f.Kind.Takes(w.Kind, r.strict) {
		r.find(kind, d)
		return
	}
	switch {
	case !r.strict && w.Kind == contract.Int && f.Kind == contract.Decimal:
		r.find(number, d)
	case w.Kind != f.Kind:
		r.find(another, d)
	}
	r.condition(d, written, read)
	switch {
	case f.Kind == contract.Object:
		r.object(d.top, d.path, w, f)
	case f.Kind == contract.List || f.Kind == contract.Map:
		d.path += "[]"
		d.written, d.read = w.Items, f.Items
		r.value(d, nil, nil)
	case f.Kind == contract.Enum:
		r.enum(d)
	}
}

func (r *reader) enum(d difference) {
	if only := without(d.written.Values, d.read.Values); len(only) > 0 {
		s := d
		s.values = only
		r.find(strange, s)
	}
	if only := without(d.read.Values, d.written.Values); len(only) > 0 {
		g := d
		g.values = only
		r.find(given, g)
	}
}

// condition notes what values must satisfy: whether it is the same, and if not,
// whom that hurts, is for the judge to say.
func (r *reader) condition(d difference, written, read []*model.Expr) {
	if len(written)+len(read) == 0 && d.written.Def != nil && d.read.Def != nil && d.written.Def.Name == d.read.Def.Name {
		d.def = d.read.Def // told once, of the type
	}
	d.keeps, d.asks = append(written, checksOf(d.written)...), append(read, checksOf(d.read)...)
	if len(d.keeps)+len(d.asks) > 0 {
		r.find(conditioned, d)
	}
}

// without are the values of one list that are not in the other.
func without(list, other []string) []string {
	var out []string
	for _, v := range list {
		if !slices.Contains(other, v) {
			out = append(out, v)
		}
	}
	return out
}

func outermost(top, name string) string {
	if top != "" {
		return top
	}
	return name
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// about names what a difference is about: of a type of the model the type, so
// that one change of it is told once.
func (d difference) about(where string) string {
	switch {
	case (d.kind == strange || d.kind == given) && d.read.Def != nil:
		return "type " + d.read.Def.Name
	case d.kind == conditioned && d.def != nil:
		return "type " + d.def.Name
	case d.owner != nil:
		last := d.path[strings.LastIndexByte(d.path, '.')+1:]
		return last + " of " + d.owner.Name
	}
	return d.path + " of " + where
}

// place is where a field is written down, or else what it belongs to.
func place(f *contract.Field, otherwise source.Pos) source.Pos {
	if f != nil && f.Model != nil && f.Model.Pos.IsValid() {
		return f.Model.Pos
	}
	return otherwise
}

// word names what a schema holds.
func word(s *contract.Schema) string {
	switch {
	case s.Def != nil:
		return s.Def.Name
	case s.Kind == contract.List:
		return "list(" + word(s.Items) + ")"
	case s.Kind == contract.Map:
		return "map(" + word(s.Items) + ")"
	case s.Kind == contract.Object:
		return "object"
	}
	return string(s.Kind)
}
