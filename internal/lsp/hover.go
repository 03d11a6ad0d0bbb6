package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/internal/uses"
	"github.com/esgen/esgen/model"
)

// hover tells of what is named at a place: what it is, its title and type, what it
// says of itself, who brings it about and who hears of it; of a key of the language,
// what it means.
func (s *server) hover(_ context.Context, p place) (any, error) {
	d, at, ok := s.at(p)
	if !ok {
		return nil, nil
	}
	found := d.now.part(at.File).At(at)
	if len(found) == 0 {
		return d.keyAt(at), nil
	}
	var told []string
	for _, o := range found {
		told = append(told, tells(d.now.sys, o.Symbol))
	}
	return hover{markup{"markdown", strings.Join(slices.Compact(told), "\n\n---\n\n")}, toSpan(found[0].Pos, found[0].End)}, nil
}

// keyAt tells what a key of the language means.
func (d *desk) keyAt(at source.Pos) any {
	k, doc := keyAt(d.memory.Root(at.File), model.Shape{Kind: model.MapShape, Construct: model.Language()}, at)
	if k == nil {
		return nil
	}
	return hover{markup{"markdown", "`" + k.Value + "`: " + escaped(doc)}, toSpan(k.Pos, k.PosAt(len(k.Value)))}
}

// keyAt finds the key of the language at a place, by what its place may hold.
func keyAt(n *source.Node, is model.Shape, at source.Pos) (key *source.Node, doc string) {
	if n == nil {
		return nil, ""
	}
	for _, item := range n.Items {
		of := is
		if is.Of != nil {
			of = *is.Of
		}
		if key, doc = keyAt(item, of, at); key != nil {
			return key, doc
		}
	}
	for _, p := range n.Pairs {
		known, inner := member(is, p.Key.Value)
		if p.Key.Pos.Line == at.Line && p.Key.Pos.Column <= at.Column && at.Column <= p.Key.PosAt(len(p.Key.Value)).Column {
			if known == nil {
				return nil, ""
			}
			return p.Key, known.Doc
		}
		if key, doc = keyAt(p.Value, inner, at); key != nil {
			return key, doc
		}
	}
	return nil, ""
}

// member is a key of what a place may hold, and what its value may be.
func member(is model.Shape, name string) (*model.Key, model.Shape) {
	switch is.Kind {
	case model.NamesShape:
		return nil, model.Shape{Kind: model.MapShape, Construct: is.Construct}
	case model.EntriesShape, model.OneOrMoreShape, model.ListShape:
		if is.Kind != model.EntriesShape {
			return member(*is.Of, name)
		}
		return nil, *is.Of
	case model.EitherShape:
		for _, one := range is.Any {
			if k, inner := member(one, name); k != nil {
				return k, inner
			}
		}
	case model.MapShape:
		for _, k := range append(slices.Clip(is.Construct.Keys), model.NoteKeys()...) {
			if k.Name == name {
				return &k, k.Shape
			}
		}
	}
	return nil, model.Shape{}
}

// tells is what there is to say of a thing, as Markdown.
func tells(sys *model.System, y *uses.Symbol) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** `%s`", y.Kind, y.Name)
	if y.Type != nil {
		fmt.Fprintf(&b, ": `%s`", y.Type)
	}
	if y.In != nil {
		fmt.Fprintf(&b, " of %s", escaped(y.In.Name))
	}
	if n := y.Node; n != nil {
		for _, text := range []string{string(n.Title), string(n.Description)} {
			if text != "" {
				b.WriteString("\n\n" + escaped(text))
			}
		}
	}
	for _, line := range around(sys, y.Ref) {
		b.WriteString("\n\n" + line)
	}
	return b.String()
}

// around says what brings a thing about, and what follows from it.
func around(sys *model.System, ref any) []string {
	var lines []string
	list := func(says string, names []string) {
		if slices.Sort(names); len(names) > 0 {
			lines = append(lines, says+" "+strings.Join(slices.Compact(names), ", "))
		}
	}
	switch x := ref.(type) {
	case *model.Requirement:
		lines = append(lines, escaped(string(x.Text)))
	case *model.Event:
		emitted, heard := about(sys, x)
		list("emitted by", emitted)
		list("heard by", heard)
	case *model.Command:
		var actors, events []string
		for _, a := range x.Actors {
			actors = append(actors, "actor `"+a.Text+"`")
		}
		for _, e := range x.Emits {
			events = append(events, "event `"+e.Event.Text+"`")
		}
		list("given by", actors)
		list("emits", events)
	case *model.Policy:
		var events, then []string
		for _, e := range x.Whenever {
			events = append(events, "`"+e.Text+"`")
		}
		for _, r := range x.Then {
			then = append(then, "`"+r.Do.Text+"`")
		}
		list("whenever", events)
		list("then", then)
	case *model.View:
		var events []string
		for _, p := range x.From {
			events = append(events, "`"+p.Event.Text+"`")
		}
		list("kept by", events)
	}
	return lines
}

// about are who emits an event, and who hears of it.
func about(sys *model.System, e *model.Event) (emitted, heard []string) {
	for _, c := range sys.Contexts {
		name := func(kind string, n *model.Node) string { return kind + " `" + c.Name + "." + n.Name + "`" }
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				if slices.ContainsFunc(m.Emits, func(x *model.Emit) bool { return x.Event.Event == e }) {
					emitted = append(emitted, name("command", &m.Node))
				}
			}
		}
		for _, p := range c.Policies {
			if slices.ContainsFunc(listens(p), func(r *model.EventRef) bool { return r.Event == e }) {
				heard = append(heard, name("policy", &p.Node))
			}
		}
		for _, v := range c.Views {
			if slices.ContainsFunc(v.From, func(p *model.Projection) bool { return p.Event.Event == e }) {
				heard = append(heard, name("view", &v.Node))
			}
		}
		for _, g := range c.Sagas {
			awaits := func(x *model.Step) bool { return x.Await.Event == e }
			if g.StartedBy.Event == e || slices.ContainsFunc(g.Steps, awaits) {
				heard = append(heard, name("saga", &g.Node))
			}
		}
	}
	if e.External != nil {
		emitted = append(emitted, "external `"+e.External.Name+"`")
	}
	return emitted, heard
}

// listens are the events that a policy hears of.
func listens(p *model.Policy) []*model.EventRef {
	all := slices.Clone(p.Whenever)
	if t := p.Timer; t != nil {
		all = append(all, t.Unless...)
		if t.Since != nil {
			all = append(all, t.Since)
		}
	}
	return all
}

// escaped is a text of the model in Markdown: as text.
func escaped(s string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", "[", `\[`, "#", `\#`, "!", `\!`).Replace(s)
}
