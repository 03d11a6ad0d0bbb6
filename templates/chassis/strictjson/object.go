package strictjson

import (
	"net/url"
	"reflect"
	"slices"
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
	if !r.open('{', "an object") {
		return
	}
	prepare(p, v)
	o := p.object
	there := newSeen(len(o.fields))
	for first := true; r.more('}', first); first = false {
		name, ok := r.name()
		if !ok {
			return
		}
		i, known := o.byName[name]
		r.push(segment{name: name, named: true})
		switch {
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
	r.missing(o, given, &there)
}

// outermost reads the outermost object, whose fields may be given elsewhere.
func (r *reader) outermost(p *plan, v reflect.Value) {
	r.object(p, v, r.given)
	if p.checks && !r.stopped {
		r.report(p.judge(v))
	}
}

// prepare lets a struct fill in what the input may leave out.
func prepare(p *plan, v reflect.Value) {
	if !p.defaults {
		return
	}
	if d, ok := v.Addr().Interface().(defaultser); ok {
		d.SetDefaults()
	}
}

// merge adds what is given beside the body, which must not contradict it.
func (r *reader) merge(o *object, v reflect.Value, given *Given, there *seen) {
	for name, text := range given.Values {
		i, known := o.byName[name]
		if !known || r.stopped {
			continue
		}
		f := &o.fields[i]
		r.push(segment{name: name, named: true})
		target := v.Field(f.index)
		if !there.has(i) {
			there.add(i)
			r.fromText(f.plan, target, text)
		} else {
			other := reflect.New(target.Type()).Elem()
			before := len(r.problems)
			r.fromText(f.plan, other, text)
			if len(r.problems) == before && !reflect.DeepEqual(other.Interface(), target.Interface()) {
				r.report(Mismatch, "differs from the path")
			}
		}
		r.pop()
	}
}

// missing reports the fields that were not there and must be.
func (r *reader) missing(o *object, given *Given, there *seen) {
	for i := range o.fields {
		f := &o.fields[i]
		if !f.required || there.has(i) || given != nil && given.Optional == f.name {
			continue
		}
		r.push(segment{name: f.name, named: true})
		r.report(Required, "is missing")
		r.pop()
	}
}

// fromText reads a scalar that came as text, not as JSON.
func (r *reader) fromText(p *plan, v reflect.Value, text string) {
	if p.kind == pointerKind {
		v.Set(reflect.New(v.Type().Elem()))
		p, v = p.elem, v.Elem()
	}
	if p.kind != scalarKind {
		r.report(Type, "cannot be given in a URL")
		return
	}
	if code, message := indecent(text); code != "" {
		r.report(code, message)
		return
	}
	r.set(p, v, text)
}

// query reads the parameters of a URL into a struct.
func (r *reader) query(p *plan, query url.Values, v reflect.Value) {
	if p.kind != objectKind {
		r.report(Type, "cannot be given in a URL")
		return
	}
	prepare(p, v)
	o := p.object
	there := newSeen(len(o.fields))
	for _, name := range sortedNames(query) {
		i, known := o.byName[name]
		r.push(segment{name: name, named: true})
		if !known {
			r.report(Unknown, "is not known here")
		} else {
			there.add(i)
			f := &o.fields[i]
			r.parameter(f.plan, v.Field(f.index), query[name])
		}
		r.pop()
	}
	r.missing(o, nil, &there)
	if p.checks && !r.stopped {
		r.report(p.judge(v))
	}
}

// parameter reads one parameter: several values are a list.
func (r *reader) parameter(p *plan, v reflect.Value, texts []string) {
	if p.kind != listKind {
		if len(texts) > 1 {
			r.report(Duplicate, "is there twice")
			return
		}
		r.fromText(p, v, texts[0])
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(texts), len(texts)))
	for i, text := range texts {
		if !r.element() {
			return
		}
		r.push(segment{index: i})
		r.fromText(p.elem, v.Index(i), text)
		r.pop()
	}
}

// fields reads those parameters that there are, each for itself.
func (r *reader) fields(p *plan, query url.Values) map[string]any {
	found := make(map[string]any, len(query))
	for _, name := range sortedNames(query) {
		r.push(segment{name: name, named: true})
		if value, ok := r.one(p, name, query[name]); ok {
			found[name] = value
		}
		r.pop()
	}
	return found
}

func (r *reader) one(p *plan, name string, texts []string) (any, bool) {
	if p.kind != objectKind {
		r.report(Type, "cannot be given in a URL")
		return nil, false
	}
	i, known := p.object.byName[name]
	if !known {
		r.report(Unknown, "is not known here")
		return nil, false
	}
	if len(texts) != 1 {
		r.report(Duplicate, "is there twice")
		return nil, false
	}
	f := p.object.fields[i]
	before := len(r.problems)
	t := f.goType
	if f.plan.kind == pointerKind {
		t = t.Elem()
		f.plan = f.plan.elem
	}
	v := reflect.New(t).Elem()
	r.fromText(f.plan, v, texts[0])
	if len(r.problems) > before {
		return nil, false
	}
	return v.Interface(), true
}

// sortedNames makes the order of problems stable.
func sortedNames(query url.Values) []string {
	names := make([]string, 0, len(query))
	for name, texts := range query {
		if len(texts) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
