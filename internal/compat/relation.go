package compat

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/model"
)

// relation is how a condition lies to what it was.
type relation struct {
	keeps, adds meaning.Answer  // what was taken still is; nothing is taken that was not
	lost, new   meaning.Example // of what is not
}

// same reports whether nothing has changed but words.
func (r relation) same() bool { return r.keeps == meaning.Yes && r.adds == meaning.Yes }

// tree is a checked expression of either model, with fields as they are called
// now; nil: there is none.
func (c *comparison) tree(x *model.Expr) *expr.Tree {
	if t := c.was.Model.Trees[x]; t != nil {
		return meaning.Inline(t, c.renamed)
	}
	return c.is.Model.Trees[x]
}

// relate compares a condition with what it was, where others are known to have
// held and to hold.
func (c *comparison) relate(was, is *expr.Tree, held, hold []*expr.Tree) relation {
	if meaning.Same(was, is) {
		return relation{keeps: meaning.Yes, adds: meaning.Yes}
	}
	var r relation
	r.keeps, r.lost = meaning.Implies(append(slices.Clone(held), was), is, c.tree)
	r.adds, r.new = meaning.Implies(append(slices.Clone(hold), is), was, c.tree)
	return r
}

// conditions relates what values must satisfy; several doors ask the same.
func (c *comparison) conditions(was, is []*model.Expr) relation {
	key := ""
	for _, list := range [][]*model.Expr{was, is} {
		for _, x := range list {
			key += fmt.Sprintf("%p ", x)
		}
		key += ", "
	}
	r, known := c.related[key]
	if !known {
		r = c.relate(c.all(was), c.all(is), nil, nil)
		c.related[key] = r
	}
	return r
}

func (c *comparison) all(list []*model.Expr) *expr.Tree {
	var trees []*expr.Tree
	for _, x := range list {
		if t := c.tree(x); t != nil {
			trees = append(trees, t)
		}
	}
	return meaning.All(trees...)
}

// asked judges what is asked of a value that is sent. It reports whether there
// is anything to say.
func (c *comparison) asked(f *Finding, x difference, where string) bool {
	r := c.conditions(x.keeps, x.asks)
	f.Rule, f.What = BreakingType, satisfies(where, x.keeps, x.asks)
	switch {
	case r.same():
		return false
	case r.keeps == meaning.Yes:
		f.Why, f.Verdict, f.Consumers = "what was sent before is still taken", Compatible, nil
	case r.keeps == meaning.No:
		f.Why = "values that were taken before get 400" + suchAs(r.lost)
	default:
		f.Why, f.Verdict = "values that were taken before may get 400", Unclear
	}
	return true
}

// given judges what is known of a value that is read.
func (c *comparison) given(f *Finding, x difference, where string) bool {
	r := c.conditions(x.asks, x.keeps)
	f.Rule, f.What = BreakingType, satisfies(where, x.asks, x.keeps)
	switch {
	case r.same():
		return false
	case r.adds == meaning.Yes:
		f.Why, f.Verdict, f.Consumers = "no value comes that did not come before", Compatible, nil
	case r.adds == meaning.No:
		f.Why, f.Verdict = "values come that did not come before"+suchAs(r.new), Unclear
	default:
		f.Why, f.Verdict = "values may come that did not come before", Unclear
	}
	return true
}

// suchAs gives an example.
func suchAs(e meaning.Example) string {
	if len(e) == 0 {
		return ""
	}
	return ", such as " + e.String()
}

// satisfies says what something must satisfy, and had to.
func satisfies(where string, was, is []*model.Expr) string {
	switch {
	case len(is) == 0:
		return fmt.Sprintf("%s need not satisfy %s any more", where, texts(was))
	case len(was) == 0:
		return fmt.Sprintf("%s must satisfy %s", where, texts(is))
	}
	return fmt.Sprintf("%s must satisfy %s, and had to satisfy %s", where, texts(is), texts(was))
}

func texts(list []*model.Expr) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = x.Text
	}
	return strings.Join(parts, " && ")
}

// sameDefault reports whether two fields begin with one value.
func (c *comparison) sameDefault(a, b *model.Field) bool {
	if (a.Default == nil) != (b.Default == nil) {
		return false
	}
	if a.Default == nil {
		return true
	}
	if x, y := c.tree(a.Default.Expr), c.tree(b.Default.Expr); x != nil && y != nil && meaning.Same(x, y) {
		return true
	}
	x, okX := c.defaultText(a)
	y, okY := c.defaultText(b)
	if !okX || !okY {
		return a.Default.Value != nil && b.Default.Value != nil && same(a.Default.Value, b.Default.Value)
	}
	if n, ok := new(big.Rat).SetString(x); ok && numeric(a.Type) && numeric(b.Type) {
		m, ok := new(big.Rat).SetString(y)
		return ok && n.Cmp(m) == 0
	}
	return x == y
}

// defaultText is a default as one text; a list or an object is none.
func (c *comparison) defaultText(f *model.Field) (string, bool) {
	if t := c.tree(f.Default.Expr); t != nil {
		v, err := expr.Eval(t, nil)
		return expr.Text(v), err == nil
	}
	if n := f.Default.Value; n != nil && len(n.Items)+len(n.Pairs) == 0 {
		return n.Value, true
	}
	return "", false
}

func numeric(t *model.Type) bool {
	k := t.Value().Scalar().Kind
	return k == model.Int || k == model.Decimal
}
