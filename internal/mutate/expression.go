package main

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// expressions mutates every expression that check has typed: each of its
// operators, literals and enum values, and conditions as a whole.
func (c *collector) expressions() {
	enums := c.enumValues()
	trees := c.model.Trees
	all := make([]*model.Expr, 0, len(trees))
	for x := range trees {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b *model.Expr) int { return cmp.Or(a.Pos().Compare(b.Pos()), strings.Compare(a.Text, b.Text)) })
	for _, x := range all {
		p, ok := c.written[x.Pos()]
		if !ok {
			continue // of a scenario
		}
		if e := enumOf(trees[x]); e != nil && x.Text == e.Enum.Name {
			c.rewrite(p, next(e.Type.Def, e.Enum.Name))
			continue
		}
		if trees[x].Type.Kind == model.Bool && !negates(x.Text) {
			c.rewrite(p, "!("+x.Text+")")
		}
		for _, text := range otherTexts(x.Text, enums) {
			c.rewrite(p, text)
		}
	}
}

// negates reports whether changing the only operator of a condition turns it
// round, so that to negate all of it would say the same again.
func negates(text string) bool {
	var operators []string
	for _, t := range token.FindAllString(text, -1) {
		if otherwise[t] != "" || t == "!" {
			operators = append(operators, t)
		}
	}
	return len(operators) == 1 && slices.Contains([]string{"==", "!=", "!", "true", "false"}, operators[0])
}

// enumOf is the enum value that an expression is, nil when it is none.
func enumOf(t *expr.Tree) *expr.Tree {
	for t.Op == expr.Convert {
		t = t.Args[0]
	}
	if t.Op != expr.Enum {
		return nil
	}
	return t
}

// enumValues gives, for each enum value as expressions name it, the next.
func (c *collector) enumValues() map[string]string {
	values := map[string]string{}
	types := slices.Clone(c.model.Types)
	for _, x := range c.model.Contexts {
		types = append(types, x.Types...)
	}
	for _, t := range types {
		for _, v := range t.Enum {
			values[t.Name+"."+v.Name] = t.Name + "." + next(t, v.Name)
		}
	}
	return values
}

// next is the value of an enum after another; after the last, the first.
func next(t *model.TypeDef, name string) string {
	i := slices.IndexFunc(t.Enum, func(v *model.EnumValue) bool { return v.Name == name })
	return t.Enum[(i+1)%len(t.Enum)].Name
}

// token finds what can be changed in an expression: texts, numbers, names and
// operators.
var token = regexp.MustCompile(`r?'[^']*'|r?"[^"]*"|\d+(?:\.\d+)?|[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*|&&|\|\||[<>=!]=|[-+*/%<>!]`)

// otherwise is what stands in the place of an operator or a name.
var otherwise = map[string]string{
	"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
	"+": "-", "-": "+", "*": "+", "/": "*", "%": "/", "!": "", "true": "false", "false": "true",
}

// macros are the other function of the same form, after a dot.
var macros = map[string]string{".all": ".exists", ".exists": ".all", ".sum": ".max", ".max": ".min", ".min": ".max", ".startsWith": ".endsWith"}

// otherTexts are the texts of an expression with one thing changed.
func otherTexts(text string, enums map[string]string) []string {
	var all []string
	for _, at := range token.FindAllStringIndex(text, -1) {
		was := text[at[0]:at[1]]
		for _, is := range otherTokens(was, enums) {
			all = append(all, text[:at[0]]+is+text[at[1]:])
		}
	}
	return all
}

func otherTokens(was string, enums map[string]string) []string {
	if is, ok := otherwise[was]; ok {
		return []string{is}
	}
	if is, ok := enums[was]; ok {
		return []string{is}
	}
	if c := was[0]; c >= '0' && c <= '9' || strings.HasSuffix(was, "'") || strings.HasSuffix(was, `"`) {
		return otherLiterals(was)
	}
	if dot := strings.LastIndexByte(was, '.'); dot > 0 && macros[was[dot:]] != "" {
		return []string{was[:dot] + macros[was[dot:]]}
	}
	return nil
}

var (
	number    = regexp.MustCompile(`^\d+(\.\d+)?$`)
	lastDigit = regexp.MustCompile(`\d+(\D*)$`)
)

// otherLiterals are the neighbours of a number, another truth, another quoted
// text; none of what is not quoted and has no number in it.
func otherLiterals(was string) []string {
	if number.MatchString(was) {
		return []string{stepped(was, 1), stepped(was, -1)}
	}
	if is, ok := otherwise[was]; ok {
		return []string{is}
	}
	if at := lastDigit.FindStringIndex(was); at != nil {
		digits := strings.TrimRight(was[at[0]:], "}$'\"abcdefghijklmnopqrstuvwxyzZ")
		return []string{was[:at[0]] + stepped(digits, 1) + was[at[0]+len(digits):]}
	}
	for _, quote := range []string{"'", `"`} {
		if text, ok := strings.CutSuffix(was, quote); ok {
			return []string{text + "!" + quote}
		}
	}
	return nil
}

// stepped is a number one more or less, in its last whole digit.
func stepped(number string, by int) string {
	whole, fraction, decimal := strings.Cut(number, ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return number
	}
	if decimal {
		return strconv.Itoa(n+by) + "." + fraction
	}
	return strconv.Itoa(n + by)
}
