package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// Merged is a model that people have gone on with, with what is new on its board.
type Merged struct {
	Text   string // all that was written, and what is new at the end of its section
	Report *MergeReport
}

// ErrInclude is told of a model in several files.
var ErrInclude = errors.New("a model that includes files cannot be merged into: which of them would what is new belong to?")

// sections are those of a model that hold notes, by what they are in, and what those are.
var sections = map[string]map[string]board.Kind{
	"":          {"actors": board.Actor, "externals": board.External, "contexts": kindContext, "events": board.Event, "scenarios": kindScenario},
	"externals": {"events": board.Event},
	"contexts": {
		"types": kindType, "aggregates": board.Aggregate, "policies": board.Policy, "sagas": board.Saga, "views": board.View, "events": board.Event,
	},
	"aggregates": {"commands": board.Command, "events": board.Event},
}

const kindContext board.Kind = "context"

// entry is a part of a model, where its file has it.
type entry struct {
	kind    board.Kind
	path    string // of all names above it, and its own
	section string
	in      *entry // nil: the document
	key     *source.Node
	value   *source.Node
}

func (e *entry) name() string { return e.key.Value }

// outline is a file with its parts, each behind what it is in.
type outline struct {
	root    *source.Node
	lines   []string
	entries []*entry
	byPath  map[string]*entry
}

func outlineOf(name string, text []byte) (*outline, error) {
	root, faults := source.Parse(&source.File{Path: name, Data: text}, source.DefaultLimits())
	if len(faults) > 0 {
		return nil, fmt.Errorf("%s: %s", faults[0].Pos, faults[0].Message)
	}
	o := &outline{root: root, lines: strings.Split(string(text), "\n"), byPath: map[string]*entry{}}
	o.walk("", root, nil)
	return o, nil
}

func (o *outline) walk(in string, n *source.Node, parent *entry) {
	if n == nil {
		return
	}
	for _, p := range n.Pairs {
		kind, is := sections[in][p.Key.Value]
		if !is {
			continue
		}
		path := p.Key.Value
		if parent != nil {
			path = parent.path + "/" + path
		}
		parts := p.Value.Pairs
		for _, i := range p.Value.Items { // by their names alone
			if i.Kind == source.Scalar {
				parts = append(parts, source.Pair{Key: i, Value: &source.Node{Kind: source.Scalar, Pos: i.Pos}})
			}
		}
		for _, x := range parts {
			e := &entry{kind, path + "/" + x.Key.Value, p.Key.Value, parent, x.Key, x.Value}
			o.entries = append(o.entries, e)
			o.byPath[e.path] = e
			o.walk(p.Key.Value, x.Value, e)
		}
	}
}

// Merge puts what is new on a board into a model. What people have written stays as it
// is, byte by byte: new parts stand at the end of their sections. What the board no
// longer has, and what it says otherwise, is reported.
func Merge(file string, text []byte, s *Sketch, runnable bool) (*Merged, error) {
	if bad := refusals(string(text)); len(bad) > 0 {
		return nil, fmt.Errorf("%s has errors: mend them first", file)
	}
	old, err := outlineOf(file, text)
	if err != nil {
		return nil, err
	}
	if old.root.Get("include") != nil {
		return nil, ErrInclude
	}
	d, report := build(s)
	old.rename(d)
	m, err := d.finish(report, runnable)
	if err != nil {
		return nil, err
	}
	drawn, err := outlineOf("board", []byte(m.Text))
	if err != nil {
		return nil, err
	}
	g := &merger{old: old, drawn: drawn, report: &MergeReport{Report: report}, places: map[string]string{}}
	d.every(func(n *node, _ string) { g.places[string(n.kind)+" "+n.name] = n.place })
	g.compare()
	return g.merge(string(text))
}

// rename has a draft call things what the model calls them, if people call both the same.
func (o *outline) rename(d *draft) {
	d.every(func(n *node, _ string) {
		var same []string
		for _, e := range o.entries {
			if e.kind != n.kind {
				continue
			}
			if e.name() == n.name {
				return
			}
			if title := e.value.Get("title"); title != nil && plain(title.Value) == n.called() && !slices.Contains(same, e.name()) {
				same = append(same, e.name())
			}
		}
		if len(same) == 1 {
			if n.title == "" && n.kind != kindContext {
				n.title = n.name
			}
			n.name = same[0]
		}
	})
}

// merger holds what is drawn against what is written.
type merger struct {
	old, drawn *outline
	report     *MergeReport
	places     map[string]string // on the board, by kind and name
	added      []*entry          // of drawn
}

// compare finds what is new, what is gone, and what both say otherwise.
func (g *merger) compare() {
	new := map[*entry]bool{}
	for _, e := range g.drawn.entries {
		if e.in != nil && new[e.in] {
			new[e] = true // it comes with what it is in
			continue
		}
		if there := g.old.byPath[e.path]; there != nil {
			g.differ(e, there)
			continue
		}
		if moved := g.elsewhere(e); moved != nil {
			g.report.differ(moved.key.Pos, "%s %s is here, and %s on the board%s", e.kind, e.name(), where(e), g.place(e))
			continue
		}
		new[e] = true
		g.added = append(g.added, e)
	}
	for _, e := range g.old.entries {
		onBoard := func(o *entry) bool { return o.kind == e.kind && o.name() == e.name() }
		if e.kind != kindType && e.kind != kindScenario && !slices.ContainsFunc(g.drawn.entries, onBoard) {
			g.report.Gone = append(g.report.Gone, fmt.Sprintf("%s: %s %s is not on the board", e.key.Pos, e.kind, e.name()))
		}
	}
}

func (g *merger) place(e *entry) string { return g.places[string(e.kind)+" "+e.name()] }

func where(e *entry) string {
	if e.in == nil {
		return "in no context"
	}
	return "in " + e.in.name()
}

// elsewhere is where people have put what the board has in another place.
func (g *merger) elsewhere(e *entry) *entry {
	for _, o := range g.old.entries {
		if o.kind == e.kind && o.name() == e.name() && g.drawn.byPath[o.path] == nil {
			return o
		}
	}
	return nil
}

// compared are the keys of a part in which a board and a model may say different
// things.
var compared = []string{"actor", "emit", "whenever", "then", "startedBy", "from", "state", "input", "fields", "enum", "hotspots"}

// differ reports what a board says of a part, and the model does not.
func (g *merger) differ(e, there *entry) {
	if e.kind == kindScenario {
		return
	}
	if title := e.value.Get("title"); title != nil {
		called := there.name()
		if t := there.value.Get("title"); t != nil {
			called = t.Value
		}
		if plain(called) != plain(title.Value) {
			g.report.differ(there.key.Pos, "%s %s is called %q here, and %q on the board%s", e.kind, there.name(), called, title.Value, g.place(e))
		}
	}
	for _, key := range compared {
		said := map[string]bool{}
		saidIn(there.value.Get(key), said)
		for _, name := range tops(e.value.Get(key)) {
			if last := name[strings.LastIndexByte(name, '.')+1:]; !said[last] && !said[name] {
				g.report.differ(there.key.Pos, "%s of %s %s has no %s, which is on the board%s", key, e.kind, there.name(), name, g.place(e))
			}
		}
	}
}

// tops are what a value lists.
func tops(n *source.Node) (out []string) {
	switch {
	case n == nil:
	case n.Kind == source.Scalar:
		out = append(out, n.Value)
	}
	if n != nil {
		for _, i := range n.Items {
			if i.Kind == source.Scalar {
				out = append(out, i.Value)
			}
		}
		for _, p := range n.Pairs {
			out = append(out, p.Key.Value)
		}
	}
	return out
}

// saidIn are all texts in a value, and their last names.
func saidIn(n *source.Node, out map[string]bool) {
	if n == nil {
		return
	}
	out[n.Value], out[n.Value[strings.LastIndexByte(n.Value, '.')+1:]] = true, true
	for _, i := range n.Items {
		saidIn(i, out)
	}
	for _, p := range n.Pairs {
		saidIn(p.Key, out)
		saidIn(p.Value, out)
	}
}

// merge writes what is new into the text, and takes back what check refuses there.
func (g *merger) merge(text string) (*Merged, error) {
	for range most {
		out, of := g.written()
		bad := refusals(out)
		if len(bad) == 0 {
			if !survives(text, out) {
				return nil, errors.New("what is written would not stay as it is: this file is not merged into")
			}
			for _, e := range g.added {
				g.report.Added = append(g.report.Added, fmt.Sprintf("%s %s", e.kind, e.name()))
			}
			return &Merged{out, g.report}, nil
		}
		drop := map[*entry]diag.Diagnostic{}
		for _, d := range bad {
			lines := []int{d.Pos.Line}
			for _, r := range d.Related {
				lines = append(lines, r.Pos.Line)
			}
			for _, line := range lines {
				if e := of[line]; e != nil {
					drop[e] = d
					break
				}
			}
		}
		if len(drop) == 0 {
			return nil, fmt.Errorf("what is new on the board does not go with the model: %s", bad[0].Message)
		}
		g.added = slices.DeleteFunc(g.added, func(e *entry) bool {
			d, refused := drop[e]
			if refused {
				g.leave(e, d.Message)
			}
			return refused
		})
	}
	return nil, errors.New("what is new on the board does not go with the model")
}

// leave reports a part that is not added, with all that is in it.
func (g *merger) leave(e *entry, why string) {
	g.report.leave("%s %s: %s", e.kind, e.name(), why)
	for _, o := range g.drawn.entries {
		if strings.HasPrefix(o.path, e.path+"/") {
			g.report.leave("%s %s: it is in %s", o.kind, o.name(), e.name())
		}
	}
}

// survives tells whether all lines of a text are in another one, in their order.
func survives(text, in string) bool {
	lines := strings.Split(in, "\n")
	for _, l := range strings.Split(text, "\n") {
		at := slices.Index(lines, l)
		if at < 0 {
			return false
		}
		lines = lines[at+1:]
	}
	return true
}
