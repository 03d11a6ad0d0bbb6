package model

import (
	"slices"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

var compositionForm = &form[Composition]{
	what: "composition",
	doc:  "One answer of the gateway, made of rows of several views that are fetched at once.",
	keys: []key[Composition]{
		must(at("http", "The path it is asked at: GET /orders/{orderId}/details; its parameters are the keys of the parts.", pointer(route), func(c *Composition) **Route { return &c.HTTP })),
		at("actor", "Who may ask, one or a list; none: nobody outside.", oneOrMore(pointer(actorRef)), func(c *Composition) *[]*ActorRef { return &c.Actors }),
		must(section("parts", "The rows it is made of.", partForm, func(c *Composition) *[]*Part { return &c.Parts })),
	},
	note: func(c *Composition) *Node { return &c.Node },
	done: func(d decoder, c *Composition, _ *source.Node) {
		if c.HTTP == nil {
			return
		}
		if c.HTTP.Method != "GET" {
			d.badValue(c.HTTP.Pos, "composition %s is looked at: its method is GET, not %s", c.Name, c.HTTP.Method)
		}
		d.settle(func() {
			for _, p := range c.Parts {
				d.resolvePart(p, c.HTTP.Params())
			}
		})
	},
}

var partForm = &form[Part]{
	what: "part",
	doc:  "The share of one view; it is left out when its service is down.",
	keys: []key[Part]{
		must(at("from", "The view.", viewRef, func(p *Part) *ViewRef { return &p.From })),
		at("key", "The parameter that is the key of the row; of several columns a map. Default: the same-named.", pathKeys, func(p *Part) *[]*PathKey { return &p.Keys }),
		at("required", "true: without it there is no answer.", trueOrFalse, func(p *Part) *bool { return &p.Required }),
		at("timeout", "How long it is waited for; default: the gateway's.", duration, func(p *Part) *time.Duration { return &p.Timeout }),
	},
	short: short(viewRef, func(p *Part) *ViewRef { return &p.From }),
	note:  func(p *Part) *Node { return &p.Node },
}

// pathKeys reads the parameter of a path that is a key, or one for each key
// column.
var pathKeys = reader[[]*PathKey]{
	shape: Shape{Kind: EitherShape, Says: "a parameter of the path or a map of key columns and parameters",
		Any: []Shape{plainName.shape, {Kind: EntriesShape, Of: &plainName.shape}}},
	read: func(d decoder, v *[]*PathKey, n *source.Node) bool {
		if n.Kind != source.Mapping {
			k := &PathKey{}
			if !plainName.read(d, &k.Param, n) {
				return false
			}
			*v = []*PathKey{k}
			return true
		}
		for i := range n.Pairs {
			k := &PathKey{}
			column, param := fieldRef.read(d, &k.Column, n.Pairs[i].Key), plainName.read(d, &k.Param, n.Pairs[i].Value)
			if column && param {
				*v = append(*v, k)
			}
		}
		return true
	},
}

// resolvePart finds the key columns and the parameters of a part. Where none are
// written, the same-named belong together.
func (d decoder) resolvePart(p *Part, params []string) {
	for _, k := range p.Keys {
		if !slices.Contains(params, k.Param.Value) {
			d.diags.Errorf(rule.UnknownName, k.Param.Pos, "the path has no parameter {%s}", k.Param.Value).With(near(k.Param.Value, params))
		}
	}
	v := p.From.View
	if v == nil || len(v.Key) == 0 {
		return
	}
	columns := keyColumns(v)
	if p.Keys == nil {
		for _, f := range columns {
			if slices.Contains(params, f.Name) {
				p.Keys = append(p.Keys, &PathKey{FieldRef{f.Name, p.Pos, f}, Text{f.Name, p.Pos}})
			}
		}
		return
	}
	if single := p.Keys[0]; single.Column.Text == "" {
		if len(columns) != 1 {
			d.badValue(single.Param.Pos, "the key of view %s has %d columns", v.Name, len(columns)).
				With(diag.At(v.Key[0].Pos, "the key"), diag.Fix("write {column: parameter, ...}"))
			return
		}
		single.Column = FieldRef{columns[0].Name, single.Param.Pos, columns[0]}
		return
	}
	for _, k := range p.Keys {
		d.resolveField(&k.Column, columns, "the key of view "+v.Name)
	}
}

// keyColumns are the fields that are the key of a view.
func keyColumns(v *View) []*Field {
	var columns []*Field
	for _, k := range v.Key {
		if f := fieldNamed(v.Fields, k.Text); f != nil {
			columns = append(columns, f)
		}
	}
	return columns
}
