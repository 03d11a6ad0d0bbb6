package services

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/meaning"
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

// Draft begins the input of the command, with the instance it is for. Ids are
// made of the names of their fields, so that they agree with one another:
// order-1 of orderId in all commands and views.
func (c *Command) Draft(at time.Time) *sample.Draft {
	m := c.Aggregate.Service.System.Model
	return sample.New(m).Draft(plausible, append([]*model.Field{c.Aggregate.Model.ID}, c.Model.Input...), judged(m, c.Model, map[*model.Command]bool{}), at)
}

// plausible are the values of all examples: those of one number agree.
var plausible = sample.Plausible{Number: 1}

// judged are the expressions by which the input of a command may be refused: its
// own, those of what it calls, and the invariants.
func judged(m *check.Model, c *model.Command, known map[*model.Command]bool) []*expr.Tree {
	if known[c] {
		return nil
	}
	known[c] = true
	var out []*expr.Tree
	add := func(e *model.Expr) {
		if t := m.Trees[e]; e != nil && t != nil {
			out = append(out, t)
		}
	}
	add(c.Allow)
	for _, r := range slices.Concat(c.Require, c.Aggregate.Invariants) {
		add(r.That)
	}
	for _, l := range c.Lets {
		add(l.Expr)
		for _, row := range l.Table {
			add(row.If)
		}
	}
	for _, k := range c.Calls {
		if k.To.Command != nil {
			out = append(out, judged(m, k.To.Command, known)...)
		}
	}
	return out
}

// Example is a request for the command with a draft of its input; ok is false
// when it has no public route.
func (c *Command) Example(d *sample.Draft) (r Request, ok bool) {
	if c.Path == "" || len(c.Roles) == 0 {
		return Request{}, false
	}
	body := d.Object()
	r = Request{Method: c.Method, Path: c.Path, Role: c.Roles[0], Actor: actor(plausible, c.Aggregate.Service, c.Model.Allow, c.Roles[0])}
	for _, p := range c.PathFields {
		r.Path = strings.ReplaceAll(r.Path, "{"+p.Name+"}", url.PathEscape(body.Take(p.Name)))
	}
	if len(body) > 0 {
		r.Body = sample.Encode(body)
	}
	return r, true
}

// Example reads the instance that a command of a draft creates.
func (a *Aggregate) Example(d *sample.Draft) (r Request, ok bool) {
	if len(a.Roles) == 0 {
		return Request{}, false
	}
	body := d.Object()
	return Request{
		Method: "GET", Path: a.Path + "/" + url.PathEscape(body.Take(a.ID.JSON)),
		Role: a.Roles[0], Actor: actor(plausible, a.Service, a.Model.Allow, a.Roles[0]),
	}, true
}

// Example lists the rows of the view.
func (v *View) Example() (r Request, ok bool) {
	if len(v.Roles) == 0 {
		return Request{}, false
	}
	return Request{Method: "GET", Path: v.Path, Role: v.Roles[0], Actor: actor(plausible, v.Service, v.Model.Allow, v.Roles[0])}, true
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
			if meaning.IsSubject(a) && other.Op == expr.Select && other.Field != nil {
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
