package stored

import (
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/model"
)

// describe is what a service stores.
func describe(s *services.Service) *Data {
	d := &describing{contracts: s.System.Contracts, of: s.Context,
		data: &Data{Format: format, Context: s.Context.Name, Documents: s.Documents, Aggregates: map[string]*Aggregate{}, Views: map[string]*View{}, Types: map[string]Fields{}}}
	for _, a := range s.Aggregates {
		d.data.Aggregates[a.Table] = d.aggregate(a)
	}
	for _, v := range s.Views {
		d.data.Views[v.Known] = d.view(s, v)
	}
	return d.data
}

type describing struct {
	contracts *contract.System
	of        *model.Context
	data      *Data
}

func (d *describing) aggregate(a *services.Aggregate) *Aggregate {
	out := &Aggregate{Name: a.Model.Name, ID: a.ID.JSON, Columns: Fields{}}
	for _, c := range a.Index {
		out.Columns[c.Name] = c.Kind
	}
	if a.Sourced == nil {
		out.State = d.fields(d.contracts.Object(a.Model.State...))
		if a.Personal != nil {
			out.Sealed = a.Personal.State
		}
		return out
	}
	out.Events = map[string]*Event{}
	for _, e := range a.Events {
		out.Events[e.Type] = &Event{Version: e.Version, Fields: d.fields(d.contracts.Object(e.Model.Fields...))}
	}
	return out
}

func (d *describing) view(s *services.Service, v *services.View) *View {
	out := &View{Name: v.Model.Name, Table: v.Table, Version: 1, Columns: Fields{}, Inline: !slices.Contains(s.Rebuildable(), v)}
	for _, c := range v.Columns {
		out.Columns[c.Name] = c.Kind
		if c.Key {
			out.Key = append(out.Key, c.Name)
		}
	}
	return out
}

func (d *describing) fields(s *contract.Schema) Fields {
	out := Fields{}
	for _, f := range s.Fields {
		out[f.Name] = d.holds(f.Schema)
	}
	return out
}

// holds says what a schema holds. A value object is described once.
func (d *describing) holds(s *contract.Schema) string {
	switch s.Kind {
	case contract.List, contract.Map:
		return string(s.Kind) + "(" + d.holds(s.Items) + ")"
	case contract.Object:
		name := s.Def.Name
		if of := s.Def.Context; of != nil && of != d.of {
			name = of.Name + "." + name
		}
		if d.data.Types[name] == nil {
			d.data.Types[name] = Fields{} // before its parts: it may contain itself
			maps.Copy(d.data.Types[name], d.fields(s))
		}
		return name
	}
	return string(s.Kind)
}
