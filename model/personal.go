package model

import "slices"

// IsPersonal tells whether a field is marked as personal, or holds what is.
func (f *Field) IsPersonal() bool { return f.PII || f.Type != nil && f.Type.holdsPersonal(0) }

func (t *Type) holdsPersonal(depth int) bool {
	switch {
	case t.Elem != nil:
		return t.Elem.holdsPersonal(depth)
	case !t.IsObject() || depth > 8:
		return false
	}
	return slices.ContainsFunc(t.Def.Fields, func(f *Field) bool {
		return f.PII || f.Type != nil && f.Type.holdsPersonal(depth+1)
	})
}

// CanBeAbsent tells whether a field may have no value, or no elements.
func (f *Field) CanBeAbsent() bool {
	return f.Type == nil || f.Type.Kind == Optional || f.Type.Kind == List || f.Type.Kind == Map
}

// personal are those of some fields that say of an instance what is personal:
// marked themselves, or called like a field of its state that is.
func (a *Aggregate) personal(fields []*Field) []*Field {
	if a == nil || a.Person == nil {
		return nil
	}
	var out []*Field
	for _, f := range fields {
		own := fieldNamed(a.State, f.Name)
		if f.IsPersonal() || own != nil && own.IsPersonal() {
			out = append(out, f)
		}
	}
	return out
}

// Personal are the fields of the state that can be erased, as whoever it is about wants
// it; none where nobody is.
func (a *Aggregate) Personal() []*Field { return a.personal(a.State) }

// Personal are the fields of the input that are about the person of the aggregate.
func (m *Command) Personal() []*Field { return m.Aggregate.personal(m.Input) }

// Personal are the fields of an event that are stored and told enciphered, under a key
// of the person of the aggregate.
func (e *Event) Personal() []*Field { return e.Aggregate.personal(e.Fields) }

// PersonalEver are the names of the fields that are, or were in an older version of
// the event, enciphered.
func (e *Event) PersonalEver() []*Field {
	out := e.Personal()
	for _, v := range e.Versions {
		for _, f := range e.Aggregate.personal(v.Fields) {
			if fieldNamed(out, f.Name) == nil {
				out = append(out, f)
			}
		}
	}
	return out
}
