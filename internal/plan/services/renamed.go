package services

import (
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// Renamed is a route of before that is answered as the one that took its place.
type Renamed struct{ Was, Is *naming.Path }

// renamed are the routes at which actors found what a service answers, before it was
// called as it is.
func renamed(s *contract.Service) []Renamed {
	var out []Renamed
	add := func(is *naming.Path, before []*naming.Path) {
		for _, was := range before {
			out = append(out, Renamed{was, is})
		}
	}
	for _, o := range s.Operations {
		if o.Public == nil {
			continue
		}
		add(o.Public, o.Before)
		for _, routes := range o.Beside() {
			add(routes[0], routes[1:])
		}
	}
	return out
}

// Formerly is the aggregate by each of the names that it had before, as far as the
// paths of its files go.
func (a *Aggregate) Formerly() []any {
	var out []any
	for _, was := range a.before() {
		out = append(out, was)
	}
	return out
}

func (a *Aggregate) before() []*Aggregate {
	var out []*Aggregate
	for _, was := range a.Model.Was {
		n, named := &model.Node{Name: was.Value}, *a
		named.Name, named.Package = names.Of(n), names.Package(n, "aggregate")
		out = append(out, &named)
	}
	return out
}

// Formerly is the command by each of the names that it had before, and that its
// aggregate had, as far as the paths of its files go.
func (c *Command) Formerly() []any {
	spellings := append([]names.Name{c.Name}, names.Before(&c.Model.Node)...)
	var out []any
	for _, a := range append([]*Aggregate{c.Aggregate}, c.Aggregate.before()...) {
		for _, n := range spellings {
			named := *c
			named.Aggregate, named.Name, named.File = a, n, n.Snake
			out = append(out, &named)
		}
	}
	return out
}

// Formerly is the policy by each of the names that it had before, as far as the paths
// of its files go.
func (p *Policy) Formerly() []any {
	var out []any
	for _, n := range names.Before(&p.Model.Node) {
		named := *p
		named.former = &n
		out = append(out, &named)
	}
	return out
}

// Formerly is the view by each of the names that it had before, as far as the paths of
// its files go.
func (v *View) Formerly() []any {
	var out []any
	for _, n := range names.Before(&v.Model.Node) {
		named := *v
		named.Name = n
		out = append(out, &named)
	}
	return out
}

// CalledBefore has all who read events know what the id in them was called before.
func (sys *System) CalledBefore(id *model.Field, names []string) {
	tell := func(events []*Event) {
		for _, e := range events {
			e.calledBefore(id, names)
			for _, o := range e.Older {
				o.calledBefore(id, names)
			}
		}
	}
	for _, s := range sys.Services {
		for _, a := range s.Aggregates {
			tell(a.Events)
		}
		for _, u := range s.Upstreams {
			tell(u.Events)
		}
	}
}

func (s *Struct) calledBefore(field *model.Field, names []string) {
	for i, f := range s.Fields {
		if f.Model == field {
			s.Fields[i].Tag = tagged(`json:"` + f.JSON + `" was:"` + strings.Join(names, ",") + `"`)
		}
	}
}
