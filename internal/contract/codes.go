package contract

import (
	"net/http"
	"slices"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// RuleCode is what callers see of a rule that rejects: its name as it is
// written, or its identifier where the name has letters of other scripts.
func RuleCode(r *model.Rule) string {
	if len(r.Was) > 0 {
		return Code(r.Was[0].Value)
	}
	if r.Code != "" {
		return names.Kept(&r.Node).Go
	}
	return Code(r.Name)
}

// Code is what callers see of a rejection that has no rule.
func Code(name string) string {
	if names.IsASCII(name) {
		return name
	}
	return names.OfText(name).Go
}

// CalleeCode is the code under which a command rejects by a name: its own, or
// of somebody it calls.
func CalleeCode(m *model.Command, name string) string {
	if m != nil {
		rules := slices.Concat(m.Require, m.Aggregate.Invariants)
		for _, call := range m.Calls {
			rules = append(rules, call.Require...)
		}
		for _, r := range rules {
			if r.Name == name {
				return RuleCode(r)
			}
		}
	}
	return Code(name)
}

// MissingRow is the code of a command that does not find the row it reads.
func MissingRow(r *model.Read) string {
	if r.Missing.Value != "" {
		return Code(r.Missing.Value)
	}
	return names.Kept(&r.View.View.Node).Go + "NotFound"
}

// IllegalTransition is the code of a change that a lifecycle does not know.
const IllegalTransition = "IllegalTransition"

// problems are a command's own refusals in the order they are looked for, each
// code once, those of the commands it calls included.
func problems(m *model.Command) []Problem {
	var out []Problem
	add := func(p Problem) {
		if !slices.ContainsFunc(out, func(o Problem) bool { return o.Code == p.Code && o.Status == p.Status }) {
			out = append(out, p)
		}
	}
	for _, r := range m.Reads {
		if !r.Default {
			add(Problem{http.StatusUnprocessableEntity, MissingRow(r), ""})
		}
	}
	for _, r := range m.Require {
		add(problemOf(r))
	}
	for _, c := range m.Calls {
		for _, r := range c.Require {
			add(problemOf(r))
		}
		if callee := c.To.Command; callee != nil && callee != m {
			for _, p := range passedOn(c, callee) {
				add(p)
			}
		}
	}
	if len(m.Aggregate.Lifecycles) > 0 {
		add(Problem{http.StatusConflict, IllegalTransition, ""})
	}
	for _, r := range m.Aggregate.Invariants {
		add(problemOf(r))
	}
	for _, u := range m.Aggregate.Unique {
		add(Problem{http.StatusConflict, names.Taken(u), ""})
	}
	return out
}

// passedOn are the refusals of a called command, by the names they have here.
// What it calls itself is passed on by it as well, but a chain is not followed
// further: its codes are not this command's contract.
func passedOn(c *model.Call, callee *model.Command) []Problem {
	var out []Problem
	for _, r := range callee.Require {
		p := problemOf(r)
		for _, to := range c.Rejected {
			if CalleeCode(callee, to.From.Value) == p.Code {
				p.Code = Code(to.To.Value)
			}
		}
		out = append(out, p)
	}
	return out
}

func problemOf(r *model.Rule) Problem {
	p := Problem{http.StatusUnprocessableEntity, RuleCode(r), r.Message}
	if r.Status != 0 {
		p.Status = r.Status
	}
	if p.Message == "" {
		p.Message = r.Title
	}
	return p
}
