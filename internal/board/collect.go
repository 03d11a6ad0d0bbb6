package board

import (
	"cmp"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Of is the wall of a model, arranged.
func Of(sys *model.System) *Board {
	c := &collector{
		board:  &Board{Title: sys.Called()},
		notes:  map[any]*Note{},
		linked: map[[2]*Note]bool{},
	}
	c.system(sys)
	c.board.of = c.notes
	c.board.keys = c.keys(sys)
	c.board.arrange()
	return c.board
}

// collector makes notes of a model, and links between them.
type collector struct {
	board *Board
	notes map[any]*Note // by the node of the model

	linked map[[2]*Note]bool
}

// keys are the ids of all that is on the wall.
func (c *collector) keys(sys *model.System) map[any]string {
	keys := map[any]string{}
	for of, n := range c.notes {
		keys[of] = n.ID
	}
	for _, x := range sys.Contexts {
		keys[x] = frameKey(x.Name)
	}
	return keys
}

func (c *collector) system(sys *model.System) {
	for _, x := range inOrder(sys) {
		c.context(x)
	}
	around := &Frame{}
	for _, e := range sys.Events {
		c.note(around, Event, &e.Node, e, nil)
	}
	for _, x := range sys.Externals {
		n := c.note(around, External, &x.Node, x, nil)
		for _, o := range x.Operations {
			c.notes[o] = n
		}
		for _, e := range x.Events {
			c.note(around, Event, &e.Node, e, n)
		}
	}
	if len(around.notes) > 0 {
		c.board.Frames = append(c.board.Frames, around)
	}
	for _, x := range sys.Contexts {
		c.links(x)
	}
}

// inOrder are the contexts of a model as its flows come to them; those that no
// flow comes to are as the model has them.
func inOrder(sys *model.System) []*model.Context {
	rank := map[*model.Context]int{}
	for _, f := range sys.Flows {
		for _, s := range f.Steps {
			for _, found := range sys.Find(nil, s.Value) {
				if c := contextOf(found); c != nil && rank[c] == 0 {
					rank[c] = len(rank) + 1
				}
			}
		}
	}
	list := slices.Clone(sys.Contexts)
	slices.SortStableFunc(list, func(a, b *model.Context) int {
		if rank[a] == 0 || rank[b] == 0 {
			return cmp.Compare(rank[b], rank[a]) // what a flow comes to goes first
		}
		return cmp.Compare(rank[a], rank[b])
	})
	return list
}

// contextOf is where a note of a flow is.
func contextOf(node any) *model.Context {
	switch x := node.(type) {
	case *model.Command:
		return x.Aggregate.Context
	case *model.Event:
		return x.Context
	case *model.Policy:
		return x.Context
	case *model.Saga:
		return x.Context
	case *model.View:
		return x.Context
	}
	return nil
}

func (c *collector) context(x *model.Context) {
	f := &Frame{Name: x.Name, Title: x.Called(), Domain: string(x.Domain)}
	c.board.Frames = append(c.board.Frames, f)
	c.hotspots(f, nil, &x.Node)
	for _, a := range x.Aggregates {
		n := c.note(f, Aggregate, &a.Node, a, nil)
		for _, m := range a.Commands {
			cmd := c.note(f, Command, &m.Node, m, n)
			c.actors(cmd, m.Actors)
		}
		for _, e := range a.Events {
			c.note(f, Event, &e.Node, e, n)
		}
	}
	for _, e := range x.Events {
		c.note(f, Event, &e.Node, e, nil)
	}
	for _, p := range x.Policies {
		c.note(f, Policy, &p.Node, p, nil)
	}
	for _, s := range x.Sagas {
		c.note(f, Saga, &s.Node, s, nil)
	}
	for _, v := range x.Views {
		n := c.note(f, View, &v.Node, v, nil)
		c.actors(n, v.Actors)
	}
}

// note puts a note of the model into a frame, with the questions that hang on it.
func (c *collector) note(f *Frame, kind Kind, node *model.Node, of any, on *Note) *Note {
	id := string(kind) + ":" + f.Name + "/" + node.Name
	if on != nil {
		id = string(kind) + ":" + f.Name + "/" + on.Name + "/" + node.Name
	}
	n := &Note{ID: id, Kind: kind, Name: node.Name, Title: node.Called(), Text: node.Description, Of: on}
	code := node.Code
	if code == "" && node.Title != "" && string(node.Title) != node.Name {
		code = node.Name
	}
	c.add(f, n, code)
	c.notes[of] = n
	c.hotspots(f, n, node)
	return n
}

func (c *collector) add(f *Frame, n *Note, second string) {
	n.Frame = f
	n.write(second)
	f.notes = append(f.notes, n)
	c.board.Notes = append(c.board.Notes, n)
}

func (c *collector) actors(of *Note, refs []*model.ActorRef) {
	for _, r := range refs {
		name, title := r.Text, quote.Text(r.Text)
		if r.Actor != nil {
			name, title = r.Actor.Name, r.Actor.Called()
		}
		c.add(of.Frame, &Note{ID: "actor:" + of.ID + "/" + name, Kind: Actor, Name: name, Title: title, Of: of}, "")
	}
}

func (c *collector) hotspots(f *Frame, on *Note, node *model.Node) {
	for _, h := range node.Hotspots {
		id := "hotspot:" + f.Name + "/" + h.Value
		if on != nil {
			id = "hotspot:" + on.ID + "/" + h.Value
		}
		c.add(f, &Note{ID: id, Kind: Hotspot, Name: h.Value, Title: quote.Text(strings.TrimSpace(h.Value)), Of: on}, "")
	}
}

// link draws an arrow between the notes of two nodes, once.
func (c *collector) link(from, to any, kind LinkKind) {
	a, b := c.notes[from], c.notes[to]
	if a == nil || b == nil {
		return
	}
	if kind == Follows && a.Frame != b.Frame {
		kind = Crosses
	}
	if c.linked[[2]*Note{a, b}] {
		return
	}
	c.linked[[2]*Note{a, b}] = true
	c.board.Links = append(c.board.Links, &Link{a, b, kind})
}

// target is the node that an arrow leads to; nil: it is not known.
func target(t *model.Target) any {
	switch {
	case t.Command != nil:
		return t.Command
	case t.Query != nil:
		return t.Query.View
	case t.Operation != nil:
		return t.Operation
	}
	return nil
}

// does draws what somebody does: a command is given, later or at once, an
// external system is asked.
func (c *collector) does(from any, t *model.Target) {
	kind := Follows
	if t.Operation != nil {
		kind = Asks
	}
	c.link(from, target(t), kind)
}

func (c *collector) links(x *model.Context) {
	for _, a := range x.Aggregates {
		for _, m := range a.Commands {
			c.command(m)
		}
	}
	for _, p := range x.Policies {
		c.policy(p)
	}
	for _, s := range x.Sagas {
		c.link(s.StartedBy.Event, s, Follows)
		for _, step := range s.Steps {
			if step.Awaits() {
				c.link(step.Await.Event, s, Follows)
			} else {
				c.does(s, &step.Do)
			}
			if step.Compensate != nil {
				c.does(s, &step.Compensate.Do)
			}
		}
		if s.OnFailure != nil {
			c.does(s, &s.OnFailure.Do)
		}
	}
	for _, v := range x.Views {
		for _, p := range v.From {
			c.link(p.Event.Event, v, Follows)
		}
	}
}

func (c *collector) command(m *model.Command) {
	c.link(m, m.Aggregate, Follows)
	for _, e := range m.Emits {
		c.link(m, e.Event.Event, Follows)
	}
	for _, r := range m.Reads {
		c.link(r.View.View, m, Reads)
	}
	for _, call := range m.Calls {
		c.link(m, target(&call.To), Asks)
		if call.Fallback != nil {
			for _, e := range call.Fallback.Emits {
				c.link(m, e.Event.Event, Follows)
			}
		}
	}
	if m.Sees != nil {
		c.link(m.Sees.View, m, Reads)
	}
}

func (c *collector) policy(p *model.Policy) {
	for _, e := range p.Whenever {
		c.link(e.Event, p, Follows)
	}
	if t := p.Timer; t != nil {
		if t.Since != nil {
			c.link(t.Since.Event, p, Follows)
		}
		for _, e := range t.Unless {
			c.link(e.Event, p, Follows)
		}
	}
	for _, r := range p.Then {
		c.does(p, &r.Do)
		if r.OnRejected != nil {
			c.does(p, r.OnRejected)
		}
	}
}
