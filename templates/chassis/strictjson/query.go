package strictjson

import (
	"net/url"
	"reflect"
	"slices"
)

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

// parameters reads the parameters of a URL into a struct.
func (r *reader) parameters(p *plan, query url.Values, v reflect.Value) {
	if p.kind != objectKind {
		r.report(Type, "cannot be given in a URL")
		return
	}
	r.prepare(p, v)
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
	r.missing(o, nil, &there, &seen{})
	r.judge(p, v, 0)
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
