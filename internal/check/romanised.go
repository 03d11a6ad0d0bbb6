package check

import (
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// romanised notes the names of a context that are of another script and have
// no code: their identifiers in Go, in topics and in paths are romanised.
func (c *checker) romanised(x *model.Context) {
	var first *model.Node
	count := 0
	see := func(n *model.Node) {
		if n.Code != "" || names.IsASCII(n.Name) {
			return
		}
		if first == nil {
			first = n
		}
		count++
	}
	see(&x.Node)
	for _, a := range x.Aggregates {
		see(&a.Node)
		for _, m := range a.Commands {
			see(&m.Node)
		}
		for _, e := range a.Events {
			see(&e.Node)
		}
	}
	for _, p := range x.Policies {
		see(&p.Node)
	}
	for _, v := range x.Views {
		see(&v.Node)
	}
	switch count {
	case 0:
		return
	case 1:
		c.say(rule.Romanised, first.Pos, "the identifier of %s is romanised", first.Name).With(diag.Fix("write code: to choose it"))
	default:
		c.say(rule.Romanised, first.Pos, "the identifiers of %s and %d more in %s are romanised", first.Name, count-1, x.Name).
			With(diag.Fix("write code: to choose them"))
	}
}
