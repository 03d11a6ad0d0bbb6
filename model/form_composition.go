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
	doc:  "One answer of the gateway, made of rows of several views that are fetched at once; of a list, for each of its rows.",
	keys: []key[Composition]{
		must(at("http", "The path it is asked at: GET /orders/{orderId}/details; its parameters are the keys of the parts.", pointer(route), func(c *Composition) **Route { return &c.HTTP })),
		at("actor", "Who may ask, one or a list; none: nobody outside.", oneOrMore(pointer(actorRef)), func(c *Composition) *[]*ActorRef { return &c.Actors }),
		at("list", "A view whose rows are listed: the parts belong to each of them.", pointer(viewRef), func(c *Composition) **ViewRef { return &c.List }),
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
				d.resolvePart(p, c.HTTP.Params(), c.listed())
				d.useParams(c.HTTP, implied(p))
			}
			d.useParams(c.HTTP, c.listed())
			d.judgeList(c)
		})
	},
}

// listed are the columns of the rows that a composition lists.
func (c *Composition) listed() []*Field {
	if c.List == nil || c.List.View == nil {
		return nil
	}
	return c.List.View.Fields
}

// ListedRow is what the row of a list is called beside its parts.
const ListedRow = "row"

// judgeList checks what is particular to a list: its rows are what the path asks
// for, and a part that is missing takes nothing away.
func (d decoder) judgeList(c *Composition) {
	if c.List == nil {
		return
	}
	for _, p := range c.Parts {
		if p.Name == ListedRow {
			d.diags.Errorf(rule.ReservedName, p.Pos, "%s is the row of the list, to which the parts belong", ListedRow).With(diag.Fix("call the part otherwise"))
		}
		if p.Required {
			d.badValue(p.Pos, "%s belongs to each row of a list, and a list does not fail for one of them", p.Name).With(diag.Fix("leave required out: the part is left out where it is missing"))
		}
	}
	for _, name := range c.HTTP.Params() {
		used := slices.ContainsFunc(c.Parts, func(p *Part) bool {
			return slices.ContainsFunc(p.Keys, func(k *PathKey) bool { return k.Of == nil && k.Param.Value == name })
		})
		if !used && c.List.View != nil && fieldNamed(c.listed(), name) == nil {
			d.diags.Errorf(rule.UnknownName, c.HTTP.Pos, "rows of %s are not found by {%s}", c.List.View.Name, name).With(d.nearField(name, c.listed()))
		}
	}
}

var partForm = &form[Part]{
	what: "part",
	doc:  "The share of one view; it is left out when its service is down.",
	keys: []key[Part]{
		must(at("from", "The view.", viewRef, func(p *Part) *ViewRef { return &p.From })),
		at("key", "The parameter of the path, or in a list the column of its row, that is the key of the row; of several columns a map. Default: the same-named.", pathKeys, func(p *Part) *[]*PathKey { return &p.Keys }),
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

// resolvePart finds the key columns of a part and where their values come from:
// the parameters of the path or, in a list, the columns of its rows. Where
// nothing is written, the same-named belong together.
func (d decoder) resolvePart(p *Part, params []string, listed []*Field) {
	for _, k := range p.Keys {
		if slices.Contains(params, k.Param.Value) {
			continue
		}
		d.offerFields(k.Param.Value, listed)
		k.Of = fieldNamed(listed, k.Param.Value)
		d.useField(k.Param.Pos, k.Param.Value, k.Of)
		if k.Of == nil {
			d.diags.Errorf(rule.UnknownName, k.Param.Pos, "%s", noParameter(k.Param.Value, listed)).With(near(k.Param.Value, append(namesOfFields(listed), params...)))
		}
	}
	v := p.From.View
	if v == nil || len(v.Key) == 0 {
		return
	}
	columns := keyColumns(v)
	if p.Keys == nil {
		for _, f := range columns {
			k := &PathKey{Column: FieldRef{f.Name, p.Pos, f}, Param: Text{f.Name, p.Pos}}
			if !slices.Contains(params, f.Name) {
				k.Of = fieldNamed(listed, f.Name)
			}
			if k.Of != nil || slices.Contains(params, f.Name) {
				p.Keys = append(p.Keys, k)
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

// implied are the key columns of a part that parameters of the path are given for
// by their names alone.
func implied(p *Part) []*Field {
	var out []*Field
	for _, k := range p.Keys {
		if k.Of == nil && k.Param.Pos == p.Pos {
			out = append(out, k.Column.Field)
		}
	}
	return out
}

// noParameter says that the key of a part comes from nowhere.
func noParameter(name string, listed []*Field) string {
	if listed == nil {
		return "the path has no parameter {" + name + "}"
	}
	return "neither the path nor the rows of the list have " + name
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
