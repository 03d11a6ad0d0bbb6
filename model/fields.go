package model

import (
	"github.com/esgen/esgen/internal/diag"

	"github.com/esgen/esgen/internal/rule"
)

// What is said about fields by name is settled last, when every field has been
// read and has its type.

func fieldNamed(fields []*Field, name string) *Field {
	for _, f := range fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func fieldNames(fields []*Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// nearField says which field may be meant.
func (d decoder) nearField(name string, fields []*Field) diag.Option {
	if id := d.sys.IDMeant(name); id != "" {
		return diag.Fix("%s", id)
	}
	return near(name, fieldNames(fields))
}

// resolveField finds the field a name stands for. Of a node that lists no
// fields yet (names alone) nothing is asked.
func (d decoder) resolveField(r *FieldRef, fields []*Field, whose string) {
	d.offerFields(r.Text, fields)
	if len(fields) == 0 {
		return
	}
	if r.Field = fieldNamed(fields, r.Text); r.Field == nil {
		d.diags.Errorf(rule.UnknownName, r.Pos, "%s has no field %s", whose, r.Text).With(d.nearField(r.Text, fields))
	}
	d.useField(r.Pos, r.Text, r.Field)
}

func (d decoder) resolveFields(refs []*FieldRef, fields []*Field, whose string) {
	seen := map[string]*FieldRef{}
	for _, r := range refs {
		if first := seen[r.Text]; first != nil {
			d.diags.Errorf(rule.DuplicateName, r.Pos, "%s is named twice", r.Text).With(diag.At(first.Pos, "the first %s", r.Text))
		}
		seen[r.Text] = r
		d.resolveField(r, fields, whose)
	}
}

func (d decoder) resolveSort(keys []SortKey, fields []*Field, whose string) {
	for i := range keys {
		d.resolveField(&keys[i].FieldRef, fields, whose)
	}
}

// assignTo finds the fields that values are given to; id is the field that
// goes by itself and is not given (nil: there is none).
func (d decoder) assignTo(assigns []*Assign, fields []*Field, id *Field, whose string) {
	for _, a := range assigns {
		d.offerFields(a.Name, fields)
		if a.Field = fieldNamed(fields, a.Name); a.Field != nil {
			d.useField(a.Pos, a.Name, a.Field)
			continue
		}
		if id != nil && a.Name == id.Name {
			d.diags.Errorf(rule.UnknownName, a.Pos, "%s is the id of the instance and is not given with the fields", a.Name).
				With(diag.Fix("leave it out; another instance is named by target"))
			continue
		}
		d.diags.Errorf(rule.UnknownName, a.Pos, "%s has no field %s", whose, a.Name).With(d.nearField(a.Name, fields))
	}
}

// assignInput finds the input fields of a target that values are given to.
func (d decoder) assignInput(assigns []*Assign, t *Target) {
	switch {
	case t.Command != nil:
		d.assignTo(assigns, t.Command.Input, t.Command.Aggregate.ID, "input of "+t.Command.Name)
	case t.Query != nil:
		d.assignTo(assigns, t.Query.Input, nil, "input of "+t.Query.Name)
	case t.Operation != nil:
		d.assignTo(assigns, t.Operation.Input, nil, "input of "+t.Operation.Name)
	}
}

// correlate finds the lookup field by which instances of a target are found.
func (d decoder) correlate(r *FieldRef, t *Target) {
	if r == nil || t.Command == nil {
		return
	}
	a := t.Command.Aggregate
	d.resolveField(r, a.State, "state of "+a.Name)
	if r.Field == nil {
		return
	}
	for _, l := range a.Lookup {
		if l.Text == r.Text {
			return
		}
	}
	d.diags.Errorf(rule.NotLookedUp, r.Pos, "%s cannot be found by %s, which is no lookup field", a.Name, r.Text).
		With(diag.At(a.Pos, "aggregate %s", a.Name), diag.Fix("add lookup: [%s] to aggregate %s", r.Text, a.Name))
}
