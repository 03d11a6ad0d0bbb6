package lsp

import (
	"context"
	"io/fs"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/overlay"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/uses"
	"github.com/esgen/esgen/model"
)

func (d *desk) location(from, to source.Pos) location {
	return location{d.uri(from.Path()), toSpan(from, to)}
}

// definition is where what is named is told; of one word that means several things,
// where each of them is.
func (s *server) definition(_ context.Context, p place) (any, error) {
	d, at, ok := s.at(p)
	if !ok {
		return nil, nil
	}
	out := []location{}
	for _, o := range d.now.part(at.File).At(at) {
		out = append(out, location{d.uri(o.Symbol.Pos.Path()), wordAt(o.Symbol.Pos)})
	}
	return out, nil
}

// references are all places at which what is named here is named.
func (s *server) references(_ context.Context, p struct {
	place
	Context struct {
		Told bool `json:"includeDeclaration"`
	} `json:"context"`
}) (any, error) {
	d, at, ok := s.at(p.place)
	if !ok {
		return nil, nil
	}
	x, _ := d.now.whole()
	out := []location{}
	for _, o := range namedAt(x, at) {
		if p.Context.Told || !o.Told() {
			out = append(out, d.location(o.Pos, o.End))
		}
	}
	return out, nil
}

// namedAt are all places at which one of the things is named that a word means.
func namedAt(x *uses.Index, at source.Pos) []uses.Occurrence {
	var out []uses.Occurrence
	for _, here := range x.At(at) {
		out = append(out, x.Of(here.Symbol)...)
	}
	return out
}

// highlight are the references in the same file.
func (s *server) highlight(_ context.Context, p place) (any, error) {
	d, at, ok := s.at(p)
	if !ok {
		return nil, nil
	}
	out := []map[string]any{}
	for _, o := range namedAt(d.now.part(at.File), at) {
		if o.Pos.File == at.File {
			out = append(out, map[string]any{"range": toSpan(o.Pos, o.End), "kind": 1})
		}
	}
	return out, nil
}

// prepareRename says what would be called otherwise, or why nothing can be.
func (s *server) prepareRename(_ context.Context, p place) (any, error) {
	d, at, ok := s.at(p)
	if !ok {
		return nil, nil
	}
	o, err := d.now.part(at.File).Named(at)
	if err != nil {
		return nil, refused(err)
	}
	return map[string]any{"range": toSpan(o.Pos, o.End), "placeholder": o.Text}, nil
}

// rename calls something otherwise everywhere. It is tried first: a model that would
// say something else, or that has errors already, is left alone.
func (s *server) rename(_ context.Context, p struct {
	place
	NewName string `json:"newName"`
}) (any, error) {
	d, at, ok := s.at(p.place)
	if !ok {
		return nil, nil
	}
	x, found := d.now.whole()
	for _, f := range found.Sorted() {
		if f.Severity == diag.Error {
			return nil, refused(&uses.Refusal{Pos: f.Pos, Says: "the model has an error, so that a use could be overlooked: " + f.Message})
		}
	}
	edits, err := x.Rename(at, p.NewName)
	if err != nil {
		return nil, refused(err)
	}
	if err := same(s.files(d), d, x, edits); err != nil {
		return nil, refused(err)
	}
	out := workspaceEdit{map[string][]textEdit{}}
	for _, e := range edits {
		uri := d.uri(e.Pos.Path())
		out.Changes[uri] = append(out.Changes[uri], textEdit{toSpan(e.Pos, e.End), e.New})
	}
	return out, nil
}

// same reports what else a model would say after edits; nil: nothing.
func same(files fs.FS, d *desk, x *uses.Index, edits []uses.Edit) error {
	by := map[*source.File][]uses.Edit{}
	for _, e := range edits {
		by[e.Pos.File] = append(by[e.Pos.File], e)
	}
	over := overlay.FS{FS: files, Files: map[string][]byte{}}
	for f, list := range by {
		over.Files[f.Path] = uses.Apply(f, list)
	}
	sys, found := model.LoadFS(over, d.base)
	checked, more := check.System(sys)
	found.Merge(more)
	return x.Same(uses.New(sys, checked), found)
}

// kinds of symbols, as the protocol numbers them.
var symbolKinds = map[string]int{
	"context": 4, "aggregate": 5, "command": 6, "event": 24, "policy": 12, "view": 23, "query": 12, "external": 2, "operation": 6,
	"actor": 11, "type": 10, "saga": 3, "field": 8, "value": 22, "requirement": 15, "scenario": 12, "flow": 12, "composition": 11, "variable": 13,
}

// symbols are the things of all models that are open whose names are like what is
// typed.
func (s *server) symbols(_ context.Context, p struct {
	Query string `json:"query"`
}) (any, error) {
	const most = 500
	out := []workspaceSymbol{}
	for _, d := range s.desks {
		if d.now == nil {
			continue
		}
		s.refresh(d)
		x, _ := d.now.whole()
		for _, y := range x.Containing(p.Query) {
			if len(out) == most {
				return out, nil
			}
			one := workspaceSymbol{Name: y.Name, Kind: symbolKinds[y.Kind], Location: location{d.uri(y.Pos.Path()), wordAt(y.Pos)}}
			if y.In != nil {
				one.Container = y.In.Name
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// outline is what a file tells, as a tree. Of a text that cannot be read it is what it
// was before.
func (s *server) outline(_ context.Context, p place) (any, error) {
	d, at, ok := s.at(place{TextDocument: p.TextDocument})
	if !ok {
		return nil, nil
	}
	root := d.memory.Root(at.File)
	if root == nil {
		return d.outlines[at.File.Path], nil
	}
	x := d.now.part(at.File)
	told := map[source.Pos]*uses.Symbol{}
	for _, y := range x.Symbols() {
		if y.Pos.File == at.File && y.Written && y.Kind != "variable" {
			told[y.Pos] = y
		}
	}
	out, _ := branch(root, told)
	if out == nil {
		out = []documentSymbol{}
	}
	d.outlines[at.File.Path] = out
	return out, nil
}

// branch are the things that a value tells, and where it ends.
func branch(n *source.Node, told map[source.Pos]*uses.Symbol) (out []documentSymbol, end source.Pos) {
	end = n.Pos
	if n.Kind == source.Scalar {
		end = n.PosAt(len(n.Value))
		if y := told[n.Pos]; y != nil { // in a list of names
			out = append(out, leaf(y, n.Pos, end, nil))
		}
		return out, end
	}
	for _, p := range n.Pairs {
		inner, to := branch(p.Value, told)
		if key := p.Key.PosAt(len(p.Key.Value)); to.Compare(key) < 0 {
			to = key
		}
		end = to
		if y := told[p.Key.Pos]; y != nil {
			out = append(out, leaf(y, p.Key.Pos, to, inner))
			continue
		}
		out = append(out, inner...)
	}
	for _, item := range n.Items {
		var inner []documentSymbol
		inner, end = branch(item, told)
		out = append(out, inner...)
	}
	return out, end
}

func leaf(y *uses.Symbol, from, to source.Pos, inner []documentSymbol) documentSymbol {
	one := documentSymbol{Name: y.Name, Detail: y.Kind, Kind: symbolKinds[y.Kind], Range: toSpan(from, to), Children: inner}
	one.SelectionRange = span{one.Range.Start, one.Range.Start}
	if word := wordAt(from); word.End.Line == one.Range.End.Line && word.End.Character > one.Range.End.Character {
		one.Range.End = word.End
	}
	if y.Node != nil && y.Node.Title != "" {
		one.Detail += " " + strings.TrimSpace(string(y.Node.Title))
	}
	return one
}
