package services

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// literal is the Go expression of a plain value of the model, which check has
// found to be of the type.
func (g gotypes) literal(t *model.Type, n *source.Node) string {
	switch t.Kind {
	case model.Optional:
		if n.IsEmpty() {
			return "nil"
		}
		return "new(" + g.literal(t.Elem, n) + ")"
	case model.String:
		return quote.Go(n.Value)
	case model.Bool:
		return n.Value
	case model.Int:
		return n.Value
	case model.Decimal:
		return fmt.Sprintf("values.MustDecimal(%q)", n.Value)
	case model.Date:
		return fmt.Sprintf("values.MustDate(%q)", n.Value)
	case model.Time:
		return fmt.Sprintf("values.MustTime(%q)", n.Value)
	case model.Duration:
		return fmt.Sprintf("values.MustDuration(%q)", n.Value)
	case model.ID, model.Ref:
		return fmt.Sprintf("values.ID(%q)", n.Value)
	case model.List:
		items := make([]string, len(n.Items))
		for i, item := range n.Items {
			items[i] = g.literal(t.Elem, item)
		}
		return g.Type(t) + "{" + strings.Join(items, ", ") + "}"
	case model.Map:
		items := make([]string, len(n.Pairs))
		for i, p := range n.Pairs {
			items[i] = quote.Go(p.Key.Value) + ": " + g.literal(t.Elem, p.Value)
		}
		return g.Type(t) + "{" + strings.Join(items, ", ") + "}"
	}
	return g.namedLiteral(t.Def, n)
}

// isZero reports whether a plain value of the model is what Go begins with.
func isZero(t *model.Type, n *source.Node) bool {
	switch t.Kind {
	case model.Optional:
		return n.IsEmpty()
	case model.String, model.ID, model.Ref:
		return n.Value == ""
	case model.Bool:
		return n.Value == "false"
	case model.Int, model.Decimal:
		number, err := decimal.NewFromString(n.Value)
		return err == nil && number.IsZero()
	}
	return false
}

func (g gotypes) namedLiteral(d *model.TypeDef, n *source.Node) string {
	switch {
	case d.Enum != nil:
		for _, v := range d.Enum {
			if v.Name == n.Value {
				return g.EnumValue(d, v)
			}
		}
		return quote.Go(n.Value)
	case d.Is != nil:
		return g.named(g.defs.names[d]) + "(" + g.literal(d.Is, n) + ")"
	}
	var items []string
	for _, f := range d.Fields {
		if v := n.Get(f.Name); v != nil {
			items = append(items, g.Field(f)+": "+g.literal(f.Type, v))
		}
	}
	return g.named(g.defs.names[d]) + "{" + strings.Join(items, ", ") + "}"
}
