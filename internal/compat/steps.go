package compat

import (
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// stepOf is the step of a change with a verdict. What nobody known relies on is
// a major step all the same: others may have read the documents.
func stepOf(v Verdict) Step {
	if v == Breaking || v == Unused {
		return Major
	}
	return Minor
}

var distance = map[Step]int{None: 0, Patch: 1, Minor: 2, Major: 3}

func farther(a, b Step) Step {
	if distance[b] > distance[a] {
		return b
	}
	return a
}

// stepOf adds up the changes of a service. One whose contract is as it was, but
// whose part of the wall reads differently, is a patch.
func (c *comparison) stepOf(s *contract.Service) Step {
	step := None
	if was := c.before[s]; was != nil && !slices.EqualFunc(c.written(was), c.written(s), same) {
		step = Patch
	}
	for _, f := range c.report.Findings {
		if f.Service == s.Context.Name {
			step = farther(step, f.Step)
		}
	}
	return step
}

// written is what the files say of a service's context, and what all contexts
// share.
func (c *comparison) written(s *contract.Service) []*source.Node {
	roots, known := c.roots[s.System]
	if !known {
		for _, f := range s.System.Model.Files {
			root, _ := source.Parse(&source.File{Path: f.Path, Data: f.Data}, source.DefaultLimits())
			roots = append(roots, root)
		}
		c.roots[s.System] = roots
	}
	var out []*source.Node
	for _, root := range roots {
		if node := root.Get("contexts").Get(s.Context.Name); node != nil {
			out = append(out, node)
		}
		if shared := root.Get("types"); shared != nil {
			out = append(out, shared)
		}
	}
	return out
}

// same reports whether two nodes say the same, wherever they stand.
func same(a, b *source.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value &&
		slices.EqualFunc(a.Items, b.Items, same) &&
		slices.EqualFunc(a.Pairs, b.Pairs, func(a, b source.Pair) bool {
			return a.Key.Value == b.Key.Value && same(a.Value, b.Value)
		})
}

func exprText(x *model.Expr) string {
	if x == nil {
		return ""
	}
	return x.Text
}
