package model

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// The readers of plain values.

// text reads free text.
var text = scalar("a text", TextShape, func(_ decoder, v *quote.Text, n *source.Node) bool {
	*v = quote.Text(n.Value)
	return true
})

// title reads what the business calls a note, which is told on one line
// wherever it is told.
var title = scalar("a text", TextShape, func(_ decoder, v *quote.Text, n *source.Node) bool {
	*v = quote.Text(quote.Line(n.Value))
	return true
})

// placedText reads free text that is spoken of later.
var placedText = scalar("a text", TextShape, func(_ decoder, v *Text, n *source.Node) bool {
	*v = Text{Value: n.Value, Pos: n.Pos}
	return true
})

// roleName reads the name of a role, which tokens and headers carry in lists.
var roleName = matching("the name of a role", regexp.MustCompile(`^[\p{L}\p{M}\p{N}._:/@+-]+( [\p{L}\p{M}\p{N}._:/@+-]+)*$`).MatchString,
	"letters, digits and ._:/@+- will do, with single blanks in between")

// subject reads who somebody is, as tokens say it.
var subject = matching("the name of somebody", isOneLine, "write what a token says of somebody, on one line")

// isOneLine reports whether a text is some words on one line, with nothing in it
// that nobody sees.
func isOneLine(s string) bool { return strings.TrimSpace(s) != "" && quote.IsLine(s) }

// identifier reads an ASCII identifier.
var identifier = scalar("an identifier", NameShape, func(d decoder, v *string, n *source.Node) bool {
	if !isIdentifier(n.Value) {
		d.diags.Errorf(rule.BadName, n.Pos, "%s: %q is no identifier", d.place(), n.Value).
			With(diag.Fix("use ASCII letters, digits and underscores, a letter first"))
		return false
	}
	*v = n.Value
	return true
})

// plainName reads the name of something that need not be declared.
var plainName = scalar("a name", NameShape, func(d decoder, v *Text, n *source.Node) bool {
	if isNull(n) {
		d.diags.Errorf(rule.BadName, n.Pos, "%s: %s is no name", d.place(), n.Value).
			With(diag.Fix("leave it out, or write the name; one that is called so is quoted: %q", n.Value))
		return false
	}
	if !d.checkName(n) {
		return false
	}
	*v = Text{Value: nfc(n.Value), Pos: n.Pos}
	return true
})

// trueOrFalse reads true or false.
var trueOrFalse = choice(word[bool]{"true", true}, word[bool]{"false", false})

// expression reads CEL.
var expression = reader[*Expr]{
	shape: Shape{Kind: ExpressionShape, Says: "an expression"},
	read: func(d decoder, v **Expr, n *source.Node) bool {
		switch {
		case n.IsEmpty() || n.Kind == source.Scalar && strings.TrimSpace(n.Value) == "":
			d.diags.Errorf(rule.MissingValue, n.Pos, "%s must be an expression, not nothing", d.place())
			return false
		case n.Kind != source.Scalar:
			d.wrongKind(n, "an expression").With(diag.Fix("put the expression in double quotes"))
			return false
		}
		apart := *n // for n keeps those that were allocated with it in memory
		*v = &Expr{Text: n.Value, Node: &apart}
		d.sys.expressions = append(d.sys.expressions, *v)
		if d.here(n.Value) {
			d.asked.Expr = *v
		}
		return true
	},
}

// number reads a whole number of at least 1.
func number() reader[int] {
	return scalar("a number", NumberShape, func(d decoder, v *int, n *source.Node) bool {
		i, err := strconv.Atoi(n.Value)
		if err != nil || i < 1 {
			d.badValue(n.Pos, "%s must be a whole number of at least 1, not %q", d.place(), n.Value)
			return false
		}
		*v = i
		return true
	})
}

// duration reads a span of time such as 8d, 15m or 610ms.
var duration = scalar("a duration", DurationShape, func(d decoder, v *time.Duration, n *source.Node) bool {
	span, err := ParseDuration(n.Value)
	switch {
	case err != nil:
		d.badValue(n.Pos, "%s: %v", d.place(), err).With(diag.Fix("write it like 610ms, 2s, 15m, 1h30m or 8d"))
		return false
	case span <= 0:
		d.badValue(n.Pos, "%s must be longer than %s", d.place(), n.Value)
		return false
	}
	*v = span
	return true
})

// word is one of the words of a choice and what it stands for.
type word[V any] struct {
	text  string
	value V
}

// choice reads one of a few words.
func choice[V any](words ...word[V]) reader[V] {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.text
	}
	r := scalar(either(texts), ChoiceShape, func(d decoder, v *V, n *source.Node) bool {
		for _, w := range words {
			if w.text == n.Value {
				*v = w.value
				return true
			}
		}
		d.offerWords(n.Value, texts)
		d.badValue(n.Pos, "%s must be %s, not %q", d.place(), either(texts), n.Value).With(nearest(n.Value, texts))
		return false
	})
	r.shape.Values = texts
	return r
}

// either lists words: "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// scalar reads a value that is no map and no list.
func scalar[V any](says string, kind ShapeKind, read func(d decoder, v *V, n *source.Node) bool) reader[V] {
	return reader[V]{
		shape: Shape{Kind: kind, Says: says},
		read: func(d decoder, v *V, n *source.Node) bool {
			if n.Kind != source.Scalar || n.IsEmpty() {
				d.wrongKind(n, says)
				return false
			}
			return read(d, v, n)
		},
	}
}

// assigns reads values given to fields by name: {total: state.total + 1}.
var assigns = reader[[]*Assign]{
	shape: Shape{Kind: AssignShape, Says: "a map of fields and expressions"},
	read: func(d decoder, v *[]*Assign, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of fields and expressions")
			return false
		}
		place := d.place()
		for i := range n.Pairs {
			d.about, d.key = place, n.Pairs[i].Key.Value
			if a := d.assign(&n.Pairs[i]); a != nil {
				*v = append(*v, a)
			}
		}
		return true
	},
}

func (d decoder) assign(p *source.Pair) *Assign {
	a := &Assign{Name: nfc(p.Key.Value), Pos: p.Key.Pos}
	if !d.checkName(p.Key) || !expression.read(d, &a.Value, p.Value) {
		return nil
	}
	return a
}

// rowKeys reads the key of a row: an expression, or one for each key column.
var rowKeys = reader[[]*Assign]{
	shape: Shape{Kind: KeysShape, Says: "an expression or a map of key columns and expressions"},
	read: func(d decoder, v *[]*Assign, n *source.Node) bool {
		if n.Kind == source.Mapping {
			return assigns.read(d, v, n)
		}
		a := &Assign{Pos: n.Pos}
		if !expression.read(d, &a.Value, n) {
			return false
		}
		*v = []*Assign{a}
		return true
	},
}

// fieldRef reads the name of a field; whose is for its owner to know.
var fieldRef = scalar("a field", NameShape, func(d decoder, v *FieldRef, n *source.Node) bool {
	if !d.checkName(n) {
		return false
	}
	*v = FieldRef{Text: nfc(n.Value), Pos: n.Pos}
	return true
})

// sortKey reads a field to sort by: "name", or "-name" for the greatest first.
var sortKey = scalar("a field, or -field for the greatest first", NameShape, func(d decoder, v *SortKey, n *source.Node) bool {
	rest, desc := strings.CutPrefix(n.Value, "-")
	pos := n.Pos
	if desc {
		pos = n.PosAt(1)
	}
	if !d.checkText(rest, pos) {
		return false
	}
	*v = SortKey{FieldRef: FieldRef{Text: nfc(rest), Pos: pos}, Desc: desc}
	return true
})
