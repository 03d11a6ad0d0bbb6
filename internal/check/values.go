package check

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// supply is where a field may take its value from by its name alone.
type supply struct {
	rank  rank
	label string     // for messages: "the input", "let total"
	pos   source.Pos // of the field or value
	place source.Pos // of what has the field, where that tells it better
	tree  *expr.Tree // nil: what supplies it is wrong, which has been reported
}

func (s supply) origin() source.Pos {
	if s.place.IsValid() {
		return s.place
	}
	return s.pos
}

// rank orders the places a value may come from; the lowest wins.
type rank uint8

const (
	byLet rank = iota
	byInput
	byReply
	byEvent
	byState
	byNow
)

// supplies are the values of a place, by name.
type supplies map[string][]supply

// fields offers the fields of a variable.
func (s supplies) fields(r rank, label string, v expr.Var) {
	for _, f := range v.Type.Def.Fields {
		s[f.Name] = append(s[f.Name], supply{rank: r, label: label, pos: f.Pos, tree: read(v, f)})
	}
}

// reply offers the fields of what a call at some place answers.
func (s supplies) reply(label string, v expr.Var, place source.Pos) {
	for _, f := range v.Type.Def.Fields {
		s[f.Name] = append(s[f.Name], supply{rank: byReply, label: label, pos: f.Pos, place: place, tree: read(v, f)})
	}
}

// value offers a variable itself.
func (s supplies) value(r rank, label string, v expr.Var, pos source.Pos) {
	sup := supply{rank: r, label: label, pos: pos}
	if v.Type != nil {
		sup.tree = &expr.Tree{Op: expr.Name, Ident: v.Name, Type: v.Type}
	}
	s[v.Name] = append(s[v.Name], sup)
}

// best are the supplies of the lowest rank there is.
func (s supplies) best(name string) []supply {
	all := s[name]
	if len(all) < 2 {
		return all
	}
	low := slices.MinFunc(all, func(a, b supply) int { return int(a.rank) - int(b.rank) }).rank
	var out []supply
	for _, x := range all {
		if x.rank == low {
			out = append(out, x)
		}
	}
	return out
}

// read is the expression that reads a field of a variable.
func read(v expr.Var, f *model.Field) *expr.Tree {
	return &expr.Tree{Op: expr.Select, Type: f.Type, Field: f,
		Args: []*expr.Tree{{Op: expr.Name, Ident: v.Name, Type: v.Type}}}
}

// filling gives every field of a target its one value: the assignment that is
// written, else the same-named supply.
type filling struct {
	what    string     // of the target, for messages: "OrderPlaced"
	pos     source.Pos // where a missing value is missing
	key     string     // under which assignments are written: "with"
	fields  []*model.Field
	with    []*model.Assign
	scope   expr.Scope
	from    supplies
	partial bool // fields without a value are left as they are
}

// fill returns the complete list in the order of the fields. Of a partial
// filling it holds only the fields that change.
func (c *checker) fill(f filling) []Assigned {
	given := map[*model.Field]*model.Assign{}
	for _, a := range f.with {
		given[a.Field] = a // a name twice, or of no field, was reported when the model was read
	}
	var out []Assigned
	for _, x := range f.fields {
		if x.Type == nil {
			continue
		}
		if a := given[x]; a != nil {
			out = append(out, Assigned{Field: x, Value: c.written(f, x, a)})
			continue
		}
		value, found := c.copied(f, x)
		if found || !f.partial {
			out = append(out, Assigned{Field: x, Value: value, Unsaid: !found})
		}
	}
	return out
}

// written checks the value that is written for a field; YAML's null clears it.
func (c *checker) written(f filling, x *model.Field, a *model.Assign) *expr.Tree {
	if n := a.Value.Node; n.Style == source.Plain && (n.Value == "null" || n.Value == "~") {
		if x.Type.Kind != model.Optional {
			c.say(rule.Null, n.Pos, "%s of %s cannot be cleared: it is %s", x.Name, f.what, x.Type).
				With(diag.At(x.Pos, "%s here", x.Type), diag.Fix("make it %s", optional(x.Type)))
		}
		return nil
	}
	return c.expr(a.Value, at(f.scope, f.key, x.Name, "of", f.what), x.Type)
}

// copied finds the same-named value of a field.
func (c *checker) copied(f filling, x *model.Field) (value *expr.Tree, found bool) {
	best := f.from.best(x.Name)
	switch {
	case len(best) == 0:
		wrong := slices.Contains(c.index.untyped, x.Name)
		if !f.partial && !wrong && x.Type.Kind != model.Optional && x.Default == nil {
			c.say(rule.NoSource, f.pos, "%s of %s gets no value", x.Name, f.what).
				With(diag.At(x.Pos, "the field"), c.nearby(f, x))
		}
		return nil, false
	case len(best) > 1:
		d := c.say(rule.TwoSources, f.pos, "%s of %s could come from %s or %s", x.Name, f.what, best[0].label, best[1].label)
		d.With(diag.At(best[0].origin(), "%s", best[0].label), diag.At(best[1].origin(), "%s", best[1].label),
			diag.Fix("say which: %s: {%s: …}", f.key, x.Name))
		return nil, true
	case best[0].tree == nil:
		return nil, true
	}
	c.takes(x, best)
	from := best[0]
	value = c.env.Fit(from.tree, x.Type)
	if value != nil {
		return value, true
	}
	if t := from.tree.Type; t.Kind == model.Optional && c.convertible(t.Elem, x.Type) {
		c.say(rule.CopyOptional, f.pos, "%s may be absent in %s, but %s always has it", x.Name, from.label, f.what).
			With(diag.At(from.pos, "%s here", t), diag.At(x.Pos, "%s here", x.Type),
				diag.Fix("say what it is then (%s: {%s: …}), or make it %s", f.key, x.Name, optional(x.Type)))
	} else {
		c.say(rule.CopyType, f.pos, "%s is %s in %s, but %s in %s", x.Name, t, from.label, x.Type, f.what).
			With(diag.At(from.pos, "%s here", t), diag.At(x.Pos, "%s here", x.Type),
				diag.Fix("convert it: %s: {%s: …}", f.key, x.Name))
	}
	return nil, true
}

// nearby suggests the nearest value that fits a field.
func (c *checker) nearby(f filling, x *model.Field) diag.Option {
	var fit []string
	for name := range f.from {
		if best := f.from.best(name); len(best) == 1 && best[0].tree != nil && c.convertible(best[0].tree.Type, x.Type) {
			fit = append(fit, name)
		}
	}
	if near := diag.Nearest(x.Name, fit); near != "" {
		return diag.Fix("did you mean %s: {%s: %s}?", f.key, x.Name, text(f.from.best(near)[0].tree))
	}
	if f.key == "reply" {
		return diag.Fix("write reply: {%s: …}", x.Name)
	}
	return diag.Fix("write %s: {%s: …}, or make it %s", f.key, x.Name, optional(x.Type))
}

func optional(t *model.Type) *model.Type {
	if t.Kind == model.Optional {
		return t
	}
	return &model.Type{Kind: model.Optional, Elem: t}
}

// convertible reports whether a value of one type is a value of another.
func (c *checker) convertible(from, to *model.Type) bool {
	return c.env.Fit(&expr.Tree{Op: expr.Name, Type: from}, to) != nil
}

// text is how a name, a field or a function of those is written in an
// expression; "" of anything longer.
func text(t *expr.Tree) string {
	switch {
	case t.Op == expr.Name:
		return t.Ident
	case t.Op == expr.Convert:
		return text(t.Args[0])
	case t.Op == expr.Select && text(t.Args[0]) != "":
		return text(t.Args[0]) + "." + t.Field.Name
	case t.Op == expr.Call && len(t.Args) == 1 && strings.HasPrefix(t.Func.Usage, t.Func.Name+"(") && text(t.Args[0]) != "":
		return t.Func.Name + "(" + text(t.Args[0]) + ")"
	}
	return ""
}
