package services

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Links are what the rows of a view point to.
type Links struct {
	Func    string // of package rest; "": they point nowhere
	UsesRow bool
	List    []Link
}

// Link leads from a row to rows of a view that actors see.
type Link struct {
	Name string // relation
	Path string // of the list: /views/payments, or ../pay/views/payments of another context
	Key  []string
	By   []Operand // of rows that are found by something else than their key alone
}

// Operand is what a parameter of a list is to be, in Go.
type Operand struct {
	Parameter string
	Value     string
}

// links plans the links of a view.
func (b *builder) links(v *View) Links {
	g := gotypes{v.Service.types, "rest"}
	out := Links{}
	for _, m := range contract.Links(b.model, v.Model) {
		to, by := m.To.View, b.model.Links[m].By
		link := Link{Name: names.Of(&m.Node).JSON, Path: naming.ViewPath(to)}
		if to.Context != v.Model.Context {
			link.Path = "../" + naming.Dir(to.Context) + link.Path
		}
		value := func(x check.Assigned) string { return g.expr(x.Value, map[string]string{"row": "row"}) }
		link.Key = keyOf(to, by, value)
		if link.Key == nil {
			for _, x := range by {
				link.By = append(link.By, Operand{names.Filter(contract.JSON(x.Field)), value(x)})
			}
		}
		out.List = append(out.List, link)
		out.UsesRow = out.UsesRow || slices.ContainsFunc(check.Values(by), func(t *expr.Tree) bool { return expr.Uses(t, "row") })
	}
	if len(out.List) > 0 {
		out.Func = "linksOf" + v.Repo
	}
	return out
}

// keyOf are the parts of a row's key, in their order; nil: what is said is not
// the key, or not it alone.
func keyOf(v *model.View, by []check.Assigned, value func(check.Assigned) string) []string {
	if len(by) != len(v.Key) {
		return nil
	}
	var key []string
	for _, k := range v.Key {
		i := slices.IndexFunc(by, func(x check.Assigned) bool { return x.Field == k.Field })
		if i < 0 {
			return nil
		}
		key = append(key, value(by[i]))
	}
	return key
}

// Target is where a link leads to, in Go.
func (l Link) Target() string {
	var out strings.Builder
	if l.Key != nil {
		out.WriteString("rest.RowOf(" + quote.Go(l.Path))
		for _, part := range l.Key {
			out.WriteString(", " + part)
		}
		return out.String() + ")"
	}
	out.WriteString("rest.RowsOf(" + quote.Go(l.Path) + ", rest.By{")
	for i, x := range l.By {
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString(quote.Go(x.Parameter) + ": " + x.Value)
	}
	return out.String() + "})"
}
