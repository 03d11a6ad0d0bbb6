package expr

import (
	"slices"

	"github.com/esgen/esgen/model"
)

// Offer is something that may stand at a place of an expression.
type Offer struct {
	Name string
	Type *model.Type // of a variable or a field; nil of others
	Func *Function   // nil: it is none
	Doc  string
	Ref  any // *model.Field, *model.EnumValue, *model.TypeDef, or nil
}

// Offers are what may stand at a byte offset of an expression that is being typed:
// the fields of what stands before a dot, else the names of the scope. What stands
// behind the place makes no difference.
func (e *Env) Offers(text string, at int, s *Scope) []Offer {
	src, bad := scan(text[:at])
	if bad != nil {
		return nil // in a text, or behind what no expression has
	}
	d := draft{Env: e, scanned: src, scope: *s}
	d.macros()
	last := len(src.tokens) - 1
	if last >= 0 && src.word(last) == "." {
		return d.members(d.typeOf(d.chain(last-1), last))
	}
	return d.names()
}

// draft is the part of an expression before the place that is asked about.
type draft struct {
	*Env
	*scanned
	scope Scope
}

// macros brings the variables into scope of the macros that the place is in:
// behind "items.map(x," there is an x.
func (d *draft) macros() {
	var open []int
	for i := range d.tokens {
		switch d.word(i) {
		case "(":
			open = append(open, i)
		case ")":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	for _, i := range open {
		if i < 3 || i+2 >= len(d.tokens) || !isMacro(d.word(i-1)) || d.word(i-2) != "." || d.word(i+2) != "," {
			continue
		}
		list := d.typeOf(d.chain(i-3), i-2)
		switch {
		case list == nil:
		case list.Kind == model.List:
			d.scope.Vars = append(slices.Clip(d.scope.Vars), Var{Name: d.word(i + 1), Type: list.Elem})
		case list.Kind == model.Map:
			d.scope.Vars = append(slices.Clip(d.scope.Vars), Var{Name: d.word(i + 1), Type: stringType})
		}
	}
}

// chain is the first token of what ends with a token: state.items.filter(…).
func (d *draft) chain(end int) int {
	i := end
	for i >= 0 {
		if w := d.word(i); w == ")" || w == "]" {
			i = d.opening(i)
			if i > 0 && w == ")" && isWord(d.word(i-1)) || i > 0 && w == "]" {
				i-- // the function, or what is looked into
			}
			if w == "]" && i >= 0 && !isWord(d.word(i)) && d.word(i) != ")" && d.word(i) != "]" {
				return i + 1 // a list
			}
			if w == "]" {
				continue
			}
		}
		if i < 2 || d.word(i-1) != "." {
			break
		}
		i -= 2
	}
	return max(i, 0)
}

// opening is the token that opens what a token closes.
func (d *draft) opening(closing int) int {
	depth := 0
	for i := closing; i >= 0; i-- {
		switch d.word(i) {
		case ")", "]", "}":
			depth++
		case "(", "[", "{":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return 0
}

func isWord(w string) bool { return w != "" && identLen(w) == len(w) }

// typeOf is the type of what stands from one token to before another; nil: it has
// none.
func (d *draft) typeOf(from, to int) *model.Type {
	if from >= to {
		return nil
	}
	src, bad := parse(d.env.parser, d.scanned.text[d.tokens[from].start:d.tokens[to].start])
	if bad != nil {
		return nil
	}
	c := &checker{Env: d.Env, src: src, scope: &d.scope}
	for _, g := range d.scope.Given {
		c.known.learn(g, true)
	}
	if t := c.expr(src.root, nil); t != nil {
		return t.Type
	}
	return d.enumOf(d.word(from), to-from)
}

// enumOf is the enum that a single word names.
func (d *draft) enumOf(word string, words int) *model.Type {
	c := &checker{Env: d.Env, scope: &d.scope}
	if def := c.typeDef(word); words == 1 && def != nil && def.Enum != nil {
		return namedType(def)
	}
	return nil
}

// members are the fields of a type, the values of an enum, and what can be asked of it.
func (d *draft) members(t *model.Type) []Offer {
	var out []Offer
	switch t = t.Value(); {
	case t == nil:
		return nil
	case t.IsEnum():
		return values(t.Def)
	case t.IsObject():
		for _, f := range t.Def.Fields {
			if f.Type != nil {
				out = append(out, Offer{Name: f.Name, Type: f.Type, Doc: string(f.Title), Ref: f})
			}
		}
		return out
	}
	for _, f := range functions {
		macro := isMacro(f.Name) && f.params == nil && (t.Kind == model.List || t.Kind == model.Map)
		if macro || len(f.params) > 0 && f.params[0].bind(&Tree{Op: Name, Type: t}, t, map[string]*model.Type{}) != nil {
			out = append(out, Offer{Name: f.Name, Func: f, Doc: f.Doc})
		}
	}
	return out
}

func values(d *model.TypeDef) []Offer {
	var out []Offer
	for _, v := range d.Enum {
		out = append(out, Offer{Name: v.Name, Doc: "value of " + d.Name, Ref: v})
	}
	return out
}

// names are what an expression, or a part of one, can begin with.
func (d *draft) names() []Offer {
	var out []Offer
	for _, v := range d.scope.Vars {
		if v.Type != nil {
			out = append(out, Offer{Name: v.Name, Type: v.Type})
		}
	}
	if want := d.scope.Want.Value(); want.IsEnum() {
		out = append(out, values(want.Def)...)
	}
	c := &checker{Env: d.Env, scope: &d.scope}
	for _, t := range c.typeDefs() {
		out = append(out, Offer{Name: t.Name, Doc: "type", Ref: t})
	}
	for _, f := range functions {
		if f.params != nil || f.Name == "has" {
			out = append(out, Offer{Name: f.Name, Func: f, Doc: f.Doc})
		}
	}
	return out
}
