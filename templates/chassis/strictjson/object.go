package strictjson

import (
	"maps"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// seen notes which fields of an object were there; most have few.
type seen struct {
	few  uint64
	many []bool
}

func newSeen(fields int) seen {
	if fields > 64 {
		return seen{many: make([]bool, fields)}
	}
	return seen{}
}

func (s *seen) has(i int) bool {
	if s.many != nil {
		return s.many[i]
	}
	return s.few&(1<<i) != 0
}

func (s *seen) add(i int) {
	if s.many != nil {
		s.many[i] = true
		return
	}
	s.few |= 1 << i
}

// object reads the members of an object into a struct. given, if any, knows
// fields that need not be there.
func (r *reader) object(p *plan, v reflect.Value, given *Given) {
	if !r.open(jsontext.KindBeginObject, "an object") {
		return
	}
	r.prepare(p, v)
	o := p.object
	there, before := newSeen(len(o.fields)), newSeen(len(o.fields))
	for r.more(jsontext.KindEndObject) {
		raw, ok := r.name()
		if !ok {
			return
		}
		i, known := o.byName[string(raw[1:len(raw)-1])]
		if known {
			r.push(segment{name: o.fields[i].name, named: true})
		} else {
			name := r.nameText(raw) // it may be known without its escapes
			i, known = o.byName[name]
			r.push(segment{name: name, named: true})
		}
		switch {
		case !known && r.lenient:
			if was, is := o.byFormer[string(raw[1:len(raw)-1])]; is && !there.has(was) {
				before.add(was)
				r.value(o.fields[was].plan, v.Field(o.fields[was].index))
			} else {
				r.skip()
			}
		case !known:
			r.report(Unknown, "is not known here")
			r.skip()
		case there.has(i):
			r.report(Duplicate, "is there twice")
			r.skip()
		default:
			there.add(i)
			f := &o.fields[i]
			r.value(f.plan, v.Field(f.index))
		}
		r.pop()
	}
	if given != nil {
		r.merge(o, v, given, &there)
	}
	r.missing(o, given, &there, &before)
	for _, a := range o.absent {
		i, known := o.byName[a.of]
		v.Field(a.index).SetBool(known && !there.has(i))
	}
}

// outermost reads the outermost object, whose fields may be given elsewhere.
func (r *reader) outermost(p *plan, v reflect.Value) {
	r.object(p, v, r.given)
	r.judge(p, v, 0)
}

// prepare lets a struct fill in what the input may leave out. Programs leave
// optional values out that are null: those are no less for a default.
func (r *reader) prepare(p *plan, v reflect.Value) {
	if !p.defaults {
		return
	}
	if d, ok := v.Addr().Interface().(defaultser); ok {
		d.SetDefaults()
	}
	for _, f := range p.object.fields {
		if r.lenient && f.plan.kind == pointerKind {
			v.Field(f.index).SetZero()
		}
	}
}

// merge adds what is given beside the body, which must not contradict it.
func (r *reader) merge(o *object, v reflect.Value, given *Given, there *seen) {
	for _, name := range slices.Sorted(maps.Keys(given.Values)) {
		i, known := o.byName[name]
		if !known || r.stopped {
			continue
		}
		f := &o.fields[i]
		r.push(segment{name: name, named: true})
		target := v.Field(f.index)
		if !there.has(i) {
			there.add(i)
			r.fromText(f.plan, target, given.Values[name])
		} else {
			other := reflect.New(target.Type()).Elem()
			before := len(r.problems)
			r.fromText(f.plan, other, given.Values[name])
			if len(r.problems) == before && !reflect.DeepEqual(other.Interface(), target.Interface()) {
				r.report(Mismatch, "differs from the path")
			}
		}
		r.pop()
	}
}

// missing reports the fields that were not there and must be, not by what they were
// called before either.
func (r *reader) missing(o *object, given *Given, there, before *seen) {
	for i := range o.fields {
		f := &o.fields[i]
		if !f.required || there.has(i) || before.has(i) || given != nil && (given.Optional == f.name || r.needs != nil && !r.needs[f.name]) {
			continue
		}
		r.push(segment{name: f.name, named: true})
		r.report(Required, "is missing")
		r.pop()
	}
}
