package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/model"
)

// coverage is what random expressions used of the language.
type coverage map[string]bool

// note adds what an expression uses. Functions that the checker computes leave
// no trace in the tree: those are looked for in the text.
func (c coverage) note(t *Tree, text string) {
	for _, f := range functions {
		if f.eval == nil && strings.Contains(text, f.Name+"(") {
			c[f.Signature()] = true
		}
	}
	c.tree(t)
}

func (c coverage) tree(t *Tree) {
	c[opName(t.Op)] = true
	switch t.Op {
	case Call:
		c[t.Func.Signature()] = true
	case Macro:
		c["macro "+t.Ident] = true
	case Binary:
		c[operation(t.Ident, t.Args[0].Type, t.Args[1].Type)] = true
	case Unary:
		c[t.Ident+a(t.Type)] = true
	case Convert:
		c[conversion(t)] = true
	case Index:
		c["index of "+kind(t.Args[0].Type)] = true
	}
	for _, x := range slices.Concat(t.Keys, t.Args) {
		c.tree(x)
	}
}

// missing is what of the language no expression used.
func (c coverage) missing() []string {
	var all []string
	for _, f := range functions {
		if f.params != nil {
			all = append(all, f.Signature())
		} else if f.Name != "has" {
			all = append(all, "macro "+f.Name)
		}
	}
	all = append(all, quotient.Signature(), quotientAs.Signature(), keys.Signature(), "!a bool", "-an int", "-a decimal", "-a duration",
		"index of list", "index of map", "int to decimal", "a value to optional", "optional to its value",
		"scalar to constrained scalar", "constrained scalar to scalar")
	for op := Const; op <= Convert; op++ {
		all = append(all, opName(op))
	}
	kinds := []*model.Type{stringType, boolType, intType, decimalType, dateType, timeType, durationType, idType}
	for _, l := range kinds {
		for _, r := range kinds {
			for _, sign := range []string{"+", "-", "*", "/", "%"} {
				if resultOf(sign, l, r) != nil {
					all = append(all, operation(sign, l, r))
				}
			}
		}
		all = append(all, operation("==", l, l), operation("!=", l, l), operation("in", l, listOf(l)))
		if isOrdered(l) {
			for _, sign := range []string{"<", "<=", ">", ">="} {
				all = append(all, operation(sign, l, l))
			}
		}
	}
	all = append(all, operation("in", stringType, mapOf(intType)), operation("&&", boolType, boolType), operation("||", boolType, boolType),
		operation("+", listOf(intType), listOf(intType)), operation("==", listOf(intType), listOf(intType)), operation("==", mapOf(intType), mapOf(intType)))
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(what string) bool { return c[what] })
}

func opName(op Op) string { return fmt.Sprintf("trees of kind %d", op) }

func operation(sign string, l, r *model.Type) string { return kind(l) + " " + sign + " " + kind(r) }

// kind is a type without what it is made of.
func kind(t *model.Type) string {
	switch t.Kind {
	case model.List:
		return "list"
	case model.Map:
		return "map"
	}
	return t.String()
}

func conversion(t *Tree) string {
	from := t.Args[0].Type
	switch {
	case isOptional(t.Type):
		return "a value to optional"
	case isOptional(from):
		return "optional to its value"
	case isConstrained(t.Type):
		return "scalar to constrained scalar"
	case isConstrained(from):
		return "constrained scalar to scalar"
	}
	return "int to decimal"
}
