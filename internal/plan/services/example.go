package services

import (
	"net/url"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/sample"
	"github.com/esgen/esgen/model"
)

// Request is a plausible request to the public side of a service.
type Request struct {
	Method string
	Path   string // with ids where the route has parameters
	Body   string // JSON; "" when there is nothing to say beside the path
	Actor  string // id of who asks
	Role   string // and what makes it one of the actors
}

// Example is a plausible request for the command; ok is false when it has no
// public route. Ids are made of the names of their fields and the number, so
// that those of one number agree with one another: order-1 of orderId in all
// commands and views.
func (c *Command) Example(number int) (r Request, ok bool) {
	if c.Path == "" || len(c.Roles) == 0 {
		return Request{}, false
	}
	x := sample.Plausible{Number: number}
	body := append(x.Object([]*model.Field{c.Aggregate.Model.ID}), x.Object(c.Model.Input)...)
	r = Request{Method: c.Method, Path: c.Path, Role: c.Roles[0], Actor: actor(x, c.Aggregate.Service, c.Model.Allow, c.Roles[0])}
	for _, p := range c.PathFields {
		r.Path = strings.ReplaceAll(r.Path, "{"+p.Name+"}", url.PathEscape(body.Take(p.Name)))
	}
	if len(body) > 0 {
		r.Body = sample.Encode(body)
	}
	return r, true
}

// Example reads the instance that Command.Example of the same number creates.
func (a *Aggregate) Example(number int) (r Request, ok bool) {
	if len(a.Roles) == 0 {
		return Request{}, false
	}
	x := sample.Plausible{Number: number}
	return Request{
		Method: "GET", Path: a.Path + "/" + url.PathEscape(x.ID(a.ID.JSON)),
		Role: a.Roles[0], Actor: actor(x, a.Service, a.Model.Allow, a.Roles[0]),
	}, true
}

// Example lists the rows of the view.
func (v *View) Example(number int) (r Request, ok bool) {
	if len(v.Roles) == 0 {
		return Request{}, false
	}
	return Request{Method: "GET", Path: v.Path, Role: v.Roles[0], Actor: actor(sample.Plausible{Number: number}, v.Service, v.Model.Allow, v.Roles[0])}, true
}

// actor is the id of somebody of a role whom a condition lets in: where it
// compares the actor's subject with a field that requests give, the id that
// they give; else all of them are of one actor.
func actor(x sample.Plausible, s *Service, allow *model.Expr, role string) string {
	if allow != nil {
		f := subjectField(s.System.Model.Trees[allow])
		if f != nil && s.System.given(f.Name) {
			return x.ID(names.Of(&f.Node).JSON)
		}
	}
	return x.ID(role)
}

// given reports whether a field of the name is in the input of some command.
func (s *System) given(field string) bool {
	for _, service := range s.Services {
		for _, a := range service.Aggregates {
			for _, c := range a.Model.Commands {
				if slices.ContainsFunc(c.Input, func(f *model.Field) bool { return f.Name == field }) {
					return true
				}
			}
		}
	}
	return false
}

// subjectField finds the field that is compared with the actor's subject, as
// in input.customerId == actor.subject.
func subjectField(t *expr.Tree) *model.Field {
	if t == nil {
		return nil
	}
	if t.Op == expr.Binary && t.Ident == "==" {
		for i, a := range t.Args {
			other := t.Args[1-i]
			if isSubject(a) && other.Op == expr.Select && other.Field != nil {
				return other.Field
			}
		}
	}
	for _, a := range t.Args {
		if f := subjectField(a); f != nil {
			return f
		}
	}
	return nil
}

func isSubject(t *expr.Tree) bool {
	return t.Op == expr.Select && t.Args[0].Op == expr.Name && t.Args[0].Ident == "actor"
}
