package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/meaning"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// pairNotes gives the notes of both models ids by which they are known in
// either: a command by another name is the same command.
func (c *comparison) pairNotes() {
	c.ids = map[*model.Node]string{}
	c.operations = map[*model.Node]*contract.Operation{}
	c.messages = map[*model.Event]*contract.Message{}
	for was, is := range c.now {
		name := is.Name.Kebab + "."
		known := func(was, is *model.Node) {
			id := name + names.Kept(is).Go
			c.ids[was], c.ids[is] = id, id
		}
		for o, n := range c.commandPairs(was, is) {
			known(&o.Command.Node, &n.Command.Node)
		}
		for m, n := range c.messagePairs(was, is) {
			known(&m.Event.Node, &n.Event.Node)
		}
		for _, v := range was.Context.Views {
			if w := sameView(is.Context, v); w != nil {
				known(&v.Node, &w.Node)
			}
		}
	}
	c.pairFields()
	c.inputs = map[string][2]map[string]bool{}
	for side, sys := range []*contract.System{c.was, c.is} {
		for _, s := range sys.Services {
			for _, o := range s.Operations {
				if o.Command != nil {
					c.takes(side, c.id(&o.Command.Node), o.Input)
				}
			}
		}
	}
	for _, s := range c.was.Services {
		for _, o := range s.Operations {
			c.operations[noteOf(o)] = o
		}
		for _, m := range everyMessage(s) {
			c.messages[m.Event] = m
		}
	}
}

// takes notes the input of a command, of the old model (0) or the new one (1).
func (c *comparison) takes(side int, id string, input *contract.Schema) {
	sides := c.inputs[id]
	sides[side] = map[string]bool{}
	for _, f := range input.Fields {
		sides[side][f.Name] = true
		if side == 0 && f.Model != nil && c.renamed.Fields[f.Model] != nil {
			sides[side][contract.JSON(c.renamed.Fields[f.Model])] = true
		}
	}
	c.inputs[id] = sides
}

// pairFields finds the fields and values of enums that go by another name now:
// the only one that is gone, and the only one that came and holds the same.
func (c *comparison) pairFields() {
	c.renamed = meaning.Names{Fields: map[*model.Field]*model.Field{}, Enums: map[*model.EnumValue]*model.EnumValue{}}
	within := func(was, is []*model.Field) {
		before, now := c.was.Object(was...), c.is.Object(is...)
		for _, f := range before.Fields {
			if now.Field(f.Name) == nil {
				if to := field(f, before, now); to != nil {
					c.renamed.Fields[f.Model] = to.Model
				}
			}
		}
	}
	for was, is := range c.now {
		for o, n := range c.commandPairs(was, is) {
			within(o.Command.Input, n.Command.Input)
			within(o.Aggregate.State, n.Aggregate.State)
			if contract.JSON(o.Aggregate.ID) != contract.JSON(n.Aggregate.ID) {
				c.renamed.Fields[o.Aggregate.ID] = n.Aggregate.ID
			}
		}
		for m, n := range c.messagePairs(was, is) {
			within(m.Event.Fields, n.Event.Fields)
		}
		for _, v := range was.Context.Views {
			if w := sameView(is.Context, v); w != nil {
				within(v.Fields, w.Fields)
			}
		}
		c.pairTypes(was.Context.Types, is.Context.Types, within)
	}
	c.pairTypes(c.was.Model.Types, c.is.Model.Types, within)
}

func (c *comparison) pairTypes(was, is []*model.TypeDef, within func(was, is []*model.Field)) {
	for _, d := range was {
		i := slices.IndexFunc(is, func(e *model.TypeDef) bool { return names.Kept(&e.Node).Go == names.Kept(&d.Node).Go })
		if i < 0 {
			continue
		}
		within(d.Fields, is[i].Fields)
		gone := valuesWithout(d, is[i])
		came := valuesWithout(is[i], d)
		if len(gone) == 1 && len(came) == 1 {
			c.renamed.Enums[gone[0]] = came[0]
		}
	}
}

// valuesWithout are the values of an enum that another has not.
func valuesWithout(d, other *model.TypeDef) []*model.EnumValue {
	return slices.DeleteFunc(slices.Clone(d.Enum), func(v *model.EnumValue) bool {
		return slices.ContainsFunc(other.Enum, func(w *model.EnumValue) bool { return names.EnumValue(v) == names.EnumValue(w) })
	})
}

// noteOf is the note that an operation is made of; a view stands for the list
// of its rows.
func noteOf(o *contract.Operation) *model.Node {
	switch o.Kind {
	case contract.RunCommand:
		return &o.Command.Node
	case contract.ReadState:
		return &o.Aggregate.Node
	case contract.AskQuery:
		return &o.Query.Node
	}
	return &o.View.Node
}

// commandPairs are the commands of a service with what became of them: what is
// behind the same door, or else is called or looks the same.
func (c *comparison) commandPairs(was, is *contract.Service) map[*contract.Operation]*contract.Operation {
	out := map[*contract.Operation]*contract.Operation{}
	taken := map[*contract.Operation]bool{}
	note := func(o, n *contract.Operation) {
		if n != nil && n.Command != nil && out[o] == nil && !taken[n] {
			out[o], taken[n] = n, true
		}
	}
	for _, o := range was.Operations {
		if o.Command != nil && o.Public != nil {
			note(o, behind(is, door{operation: o, route: o.Public, public: true}))
		}
	}
	for _, o := range was.Operations {
		if o.Command != nil {
			note(o, c.operation(o))
		}
	}
	return out
}

func (c *comparison) messagePairs(was, is *contract.Service) map[*contract.Message]*contract.Message {
	out := map[*contract.Message]*contract.Message{}
	for _, m := range everyMessage(was) {
		if n := onTopic(is, m); n != nil {
			out[m] = n
		} else if n := c.message(m); n != nil {
			out[m] = n
		}
	}
	return out
}

func sameView(x *model.Context, v *model.View) *model.View {
	if i := slices.IndexFunc(x.Views, func(w *model.View) bool { return names.Kept(&w.Node).Go == names.Kept(&v.Node).Go }); i >= 0 {
		return x.Views[i]
	}
	return nil
}

// id is what a note is known by; of one that is in one model only, a name that
// no note of the other has.
func (c *comparison) id(n *model.Node) string {
	if id, ok := c.ids[n]; ok {
		return id
	}
	return "~" + names.Kept(n).Go
}

// speller says what notes say in a form that can be compared: expressions by
// their meaning, and notes by what they are known by.
type speller struct {
	*comparison
	names meaning.Names
}

func (s speller) tree(t *expr.Tree) string {
	if t == nil {
		return ""
	}
	return meaning.Key(meaning.Inline(t, s.naming()))
}

// naming is what names stand for, fields that have another one now included.
func (s speller) naming() meaning.Names {
	n := s.names
	n.Fields, n.Enums = s.renamed.Fields, s.renamed.Enums
	return n
}

// common reports whether both models have a field of a note's.
func (s speller) common(id string, f *model.Field) bool {
	sides := s.inputs[id]
	return sides[0] == nil || sides[1] == nil || sides[0][s.field(f)] && sides[1][s.field(f)]
}

func (s speller) expr(x *model.Expr) string { return s.tree(s.comparison.tree(x)) }

// field is what a field is called now.
func (s speller) field(f *model.Field) string {
	if to := s.renamed.Fields[f]; to != nil {
		return contract.JSON(to)
	}
	return contract.JSON(f)
}

// assigned says what fields are given; order does not matter.
func (s speller) assigned(list []check.Assigned) string {
	parts := make([]string, 0, len(list))
	for _, x := range list {
		parts = append(parts, s.field(x.Field)+"="+s.tree(x.Value))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

func (s speller) sorted(keys []model.SortKey) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = fieldName(&k.FieldRef)
		if k.Desc {
			parts[i] = "-" + parts[i]
		}
	}
	return strings.Join(parts, ", ")
}

func fieldName(r *model.FieldRef) string {
	switch {
	case r == nil:
		return ""
	case r.Field == nil:
		return r.Text
	}
	return contract.JSON(r.Field)
}

// target is the far end of an arrow.
func (s speller) target(t model.Target) string {
	switch {
	case t.Command != nil:
		return s.id(&t.Command.Node)
	case t.Query != nil:
		return s.id(&t.Query.View.Node) + "." + names.Kept(&t.Query.Node).Go
	case t.Operation != nil:
		return names.Kept(&t.Operation.External.Node).Go + "." + names.Kept(&t.Operation.Node).Go
	}
	return t.Text
}

// sending says what goes to the far end of an arrow. Of a field that is new
// there, or gone, that is told of the far end.
func (s speller) sending(to model.Target, sent check.Sending) string {
	return fmt.Sprintf("%s to %s, correlated %s, with %s", s.target(to), s.tree(sent.Target), s.tree(sent.Correlated), s.input(to, sent))
}

func (s speller) input(to model.Target, sent check.Sending) string {
	id := s.target(to)
	return s.assigned(slices.DeleteFunc(slices.Clone(sent.Assigns), func(x check.Assigned) bool {
		return x.Value == nil || !s.common(id, x.Field)
	}))
}

// trait is one thing that a note says of what happens.
type trait struct {
	about string // "what policy Ship is set off by"
	says  string // in a form that can be compared
	pos   source.Pos
	// holds is, of a condition, the condition: what two say may be the same though
	// they say it otherwise.
	holds *expr.Tree
}

// differing are the things that two notes say otherwise.
func (c *comparison) differing(was, is []trait) []trait {
	var out []trait
	find := func(list []trait, about string) (trait, bool) {
		i := slices.IndexFunc(list, func(t trait) bool { return t.about == about })
		if i < 0 {
			return trait{}, false
		}
		return list[i], true
	}
	for _, n := range is {
		o, ok := find(was, n.about)
		if !ok || o.says != n.says && (o.holds == nil || n.holds == nil || !c.relate(o.holds, n.holds, nil, nil).same()) {
			out = append(out, n)
		}
	}
	for _, o := range was {
		if _, ok := find(is, o.about); !ok {
			o.pos = source.Pos{} // it is not there any more
			out = append(out, o)
		}
	}
	return out
}

// told notes what two notes say otherwise, in one finding.
func (c *comparison) told(f Finding, was, is []trait) {
	changed := c.differing(was, is)
	if len(changed) == 0 {
		return
	}
	if p := changed[0].pos; p.IsValid() {
		f.Pos = p
	}
	f.Verdict = Unclear
	f.What += ": " + listed(abouts(changed))
	c.add(f)
}

func abouts(list []trait) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.about
	}
	return out
}

// outcome are the needs that a command's outcome meets: of those who hear its
// events, and of those who look at the state.
func (c *comparison) outcome(m *model.Command) []*contract.Need {
	var out []*contract.Need
	for _, e := range emitted(m) {
		if msg := c.messages[e.Event.Event]; msg != nil {
			out = append(out, msg.Consumers()...)
		}
	}
	if o := c.operations[&m.Aggregate.Node]; o != nil {
		out = append(out, o.Consumers()...)
	}
	return out
}

// emitted are all events that a command may emit.
func emitted(m *model.Command) []*model.Emit {
	out := slices.Clone(m.Emits)
	for _, call := range m.Calls {
		if call.Fallback != nil {
			out = append(out, call.Fallback.Emits...)
		}
	}
	return out
}

// What check has found out of a note, in whichever model it is.

func (c *comparison) emitted(e *model.Emit) []check.Assigned {
	return append(c.was.Model.Emits[e].Assigns, c.is.Model.Emits[e].Assigns...)
}

func (c *comparison) key(r *model.Read) []check.Assigned {
	return append(c.was.Model.Reads[r].Key, c.is.Model.Reads[r].Key...)
}

func (c *comparison) madeUp(f *model.Fallback) []check.Assigned {
	return append(c.was.Model.Fallbacks[f].Reply, c.is.Model.Fallbacks[f].Reply...)
}

func (c *comparison) called(k *model.Call) check.Sending {
	if x, ok := c.was.Model.Calls[k]; ok {
		return x.Sending
	}
	return c.is.Model.Calls[k].Sending
}

func (c *comparison) undone(k *model.Compensation) check.Sending {
	if x, ok := c.was.Model.Compensations[k]; ok {
		return x.Sending
	}
	return c.is.Model.Compensations[k].Sending
}

// changed are the fields, of those that both have, that are given another
// value. Of a field that holds another kind of value that is told of its type.
func (s speller) changed(was, is []check.Assigned, had, has []*model.Field) []string {
	says := func(list []check.Assigned) map[string]string {
		out := map[string]string{}
		for _, x := range list {
			out[s.field(x.Field)] = "to " + s.tree(x.Value)
		}
		return out
	}
	before, now := says(was), says(is)
	var out []string
	for _, f := range has {
		name := contract.JSON(f)
		i := slices.IndexFunc(had, func(g *model.Field) bool { return s.field(g) == name })
		if i >= 0 && before[name] != now[name] && s.alikeKinds(had[i], f) {
			out = append(out, name)
		}
	}
	return out
}

// alikeKinds reports whether two fields hold the same kind of value, as far as
// who reads them can tell.
func (s speller) alikeKinds(was, is *model.Field) bool {
	if was.Type == nil || is.Type == nil {
		return false
	}
	x, y := s.was.Object(was).Fields[0].Schema.Kind, s.is.Object(is).Fields[0].Schema.Kind
	return x == y || x.IsText() && y.IsText()
}
