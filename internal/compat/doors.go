package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// door is one way to ask a service for something: that of people's programs,
// that of the other services, or that of sagas, by messages. What is offered is known
// by its door, not by its name: callers know no other.
type door struct {
	operation *contract.Operation
	route     *naming.Path
	public    bool
	needs     []*contract.Need // of those who come through it
	order     *contract.Order  // by messages; nil: by requests
}

// doors are the ways to an operation.
func doors(o *contract.Operation) []door {
	var out []door
	var inside, outside, sagas []*contract.Need
	for _, n := range o.Consumers() {
		if n.Step != nil || n.Failure != nil {
			sagas = append(sagas, n)
		} else if o.Public != nil && (n.Kind == contract.ByActor || n.Kind == contract.ByComposition) {
			outside = append(outside, n)
		} else {
			inside = append(inside, n)
		}
	}
	if o.Public != nil {
		out = append(out, door{operation: o, route: o.Public, public: true, needs: outside})
	}
	if o.Internal != nil {
		out = append(out, door{operation: o, route: o.Internal, needs: inside})
	}
	if order := orderOf(o); order != nil {
		out = append(out, door{operation: o, route: o.Internal, needs: sagas, order: order})
	}
	return out
}

// orderOf is an operation as sagas ask for it; nil: none does.
func orderOf(o *contract.Operation) *contract.Order {
	if o.Command == nil {
		return nil
	}
	return o.Service.Order(o.Command)
}

// behind finds what a service has behind a door.
func behind(s *contract.Service, d door) *contract.Operation {
	for _, o := range s.Operations {
		if d.order != nil {
			if now := orderOf(o); now != nil && now.Type == d.order.Type && now.Topic == d.order.Topic {
				return o
			}
			continue
		}
		routes := []*naming.Path{o.Internal}
		if d.public {
			routes = append([]*naming.Path{o.Public}, o.Before...)
		}
		if slices.ContainsFunc(routes, func(r *naming.Path) bool { return r != nil && r.Address() == d.route.Address() }) {
			return o
		}
	}
	return nil
}

// requests compares what a service was asked for.
func (c *comparison) requests(was, is *contract.Service) {
	for _, o := range was.Operations {
		for _, d := range doors(o) {
			if !d.public && was.Name.Kebab != is.Name.Kebab {
				continue // the service has another address: said of the context
			}
			if n := behind(is, d); n != nil {
				c.request(d, n)
			} else {
				c.doorGone(d)
			}
		}
	}
	if was.Name.Kebab != is.Name.Kebab {
		c.contextRenamed(was, is)
	}
}

// doorGone tells of a door that nobody answers at any more.
func (c *comparison) doorGone(d door) {
	if !d.public && len(d.needs) == 0 {
		return // only services of this system come in here, and all of them are known
	}
	o, n := d.operation, c.operation(d.operation)
	f := Finding{Rule: BreakingOperation, Service: o.Service.Context.Name, Verdict: judged(d.needs), Consumers: consumers(d.needs),
		What: label(o) + " is gone", Why: "who asks for it gets 404", Old: position(o), Pos: c.near(o.Service, o.Aggregate)}
	if n != nil {
		f.Pos = position(n)
		c.moved[n] = true
		renamed := ""
		if label(n) != label(o) {
			renamed = fmt.Sprintf(", which seems to be %s by another name,", label(o))
		}
		r := n.Internal
		if d.public {
			r = n.Public
		}
		f.Rule = BreakingRoute
		switch now := orderOf(n); {
		case d.order != nil && now == nil:
			f.What = fmt.Sprintf("%s%s is not given by messages any more: no saga asks for it", label(n), renamed)
		case d.order != nil:
			f.What = fmt.Sprintf("%s%s is given by %s on %s, and no longer by %s on %s", label(n), renamed, now.Type, now.Topic, d.order.Type, d.order.Topic)
		case r == nil:
			f.What = fmt.Sprintf("%s%s is offered to no actor any more: %s is gone", label(n), renamed, d.route)
		default:
			f.What = fmt.Sprintf("%s%s is answered at %s, and no longer at %s", label(n), renamed, r, d.route)
		}
	}
	if d.order != nil {
		f.Why = "who asks for it is not answered, and waits"
	}
	c.add(f)
}

// request compares what is behind a door.
func (c *comparison) request(d door, n *contract.Operation) {
	if len(d.needs) == 0 && !d.public {
		return // nobody asks, and nobody else could
	}
	if d.public {
		c.roles(d, n)
		c.allow(d, n)
	}
	c.input(d, n)
	c.reply(d, n)
	c.refusals(d, n)
	if d.operation.Command != nil && n.Command != nil {
		c.creates(d, n)
	}
	c.rowKey(d, n)
}

// roles tells of actors who are no longer let in: what counts is the role that
// their tokens carry.
func (c *comparison) roles(d door, n *contract.Operation) {
	for _, need := range d.needs {
		a := need.Consumer.Actor
		if a == nil || slices.ContainsFunc(n.Actors, func(b *model.Actor) bool { return b.Role == a.Role }) {
			continue
		}
		f := Finding{Rule: BreakingRole, Service: n.Service.Context.Name, Verdict: Breaking, Consumers: consumers([]*contract.Need{need}),
			What: fmt.Sprintf("%s is not for the role %s any more", label(n), a.Role), Why: "who has no other role gets 403",
			Pos: position(n), Old: position(d.operation)}
		if i := slices.IndexFunc(n.Actors, func(b *model.Actor) bool { return b.Name == a.Name }); i >= 0 {
			f.What = fmt.Sprintf("%s has the role %s, and no longer %s", a.Name, n.Actors[i].Role, a.Role)
			f.Pos, f.Old = n.Actors[i].Pos, a.Pos
		}
		c.add(f)
	}
	for _, a := range n.Actors {
		c.claims(d, n, a)
		if !slices.ContainsFunc(d.operation.Actors, func(b *model.Actor) bool { return b.Role == a.Role || b.Name == a.Name }) {
			c.add(Finding{Rule: BreakingRole, Service: n.Service.Context.Name, Verdict: Compatible,
				What: fmt.Sprintf("%s is for the role %s, too", label(n), a.Role), Why: "who had the way keeps it", Pos: position(n)})
		}
	}
}

// claims tells of what tokens must say of an actor besides, and did not have to.
func (c *comparison) claims(d door, n *contract.Operation, a *model.Actor) {
	i := slices.IndexFunc(d.operation.Actors, func(b *model.Actor) bool { return b.Role == a.Role })
	if i < 0 {
		return
	}
	required := func(a *model.Actor, name string) *model.Field {
		for _, f := range a.Claims {
			if f.Name == name && f.Type != nil && f.Type.Kind != model.Optional && f.Type.Kind != model.List {
				return f
			}
		}
		return nil
	}
	for _, f := range a.Claims {
		is, was := required(a, f.Name), required(d.operation.Actors[i], f.Name)
		if is == nil || was != nil && was.Type.Same(is.Type) {
			continue
		}
		needs := slices.DeleteFunc(slices.Clone(d.needs), func(need *contract.Need) bool {
			return need.Consumer.Actor == nil || need.Consumer.Actor.Role != a.Role
		})
		c.add(Finding{Rule: BreakingRole, Service: n.Service.Context.Name, Verdict: Breaking, Consumers: consumers(needs),
			What: fmt.Sprintf("%s asks of %s the claim %s (%s)", label(n), a.Name, f.Name, f.Type), Why: "whose token does not say it gets 403",
			Pos: f.Pos, Old: d.operation.Actors[i].Pos})
	}
}

// allow tells of a condition on who may that reads differently.
func (c *comparison) allow(d door, n *contract.Operation) {
	was, is := allowed(d.operation), allowed(n)
	if is == nil && was != nil {
		c.add(Finding{Rule: BreakingCondition, Service: n.Service.Context.Name, Verdict: Compatible,
			What: label(n) + " has no allow any more", Why: "whoever was let in still is", Pos: position(n), Old: was.Pos()})
	}
	if is == nil {
		return
	}
	f := Finding{Rule: BreakingCondition, Service: n.Service.Context.Name, Consumers: consumers(d.needs),
		What: fmt.Sprintf("allow of %s is %q", label(n), is.Text), Pos: is.Pos(), Old: position(d.operation)}
	if was != nil {
		f.What += fmt.Sprintf(", and was %q", was.Text)
		f.Old = was.Pos()
	}
	c.narrower(f, c.relate(c.all(listOf(was)), c.all(listOf(is)), nil, nil), letIn, len(d.needs) > 0 && sendable(c.tree(was), c.tree(is)))
}

// listOf is the list of an expression; of none it is empty.
func listOf(x *model.Expr) []*model.Expr {
	if x == nil {
		return nil
	}
	return []*model.Expr{x}
}

func allowed(o *contract.Operation) *model.Expr {
	switch o.Kind {
	case contract.RunCommand:
		return o.Command.Allow
	case contract.ReadState:
		return o.Aggregate.Allow
	case contract.AskQuery:
		if o.Query.Allow != nil {
			return o.Query.Allow
		}
	}
	return o.View.Allow
}

// input compares what is sent with what is taken.
func (c *comparison) input(d door, n *contract.Operation) {
	was, is := body(d.operation.Input, d), body(n.Input, door{operation: n, route: routeLike(n, d), public: d.public})
	if was == nil || is == nil {
		return
	}
	if old, now := idOf(d.operation), idOf(n); old != now {
		if was.Field(old) != nil {
			c.otherID(n, d.operation, old, now, sending(d.needs, difference{kind: unknown, top: old}))
		}
		was, is = withoutField(was, old), withoutField(is, now)
	}
	for _, x := range takes(was, is) {
		c.sent(d, n, x, was, is)
	}
}

// sent tells of a difference between what is sent and what is taken.
func (c *comparison) sent(d door, n *contract.Operation, x difference, was, is *contract.Schema) {
	hurt := sending(d.needs, x)
	f := Finding{Service: n.Service.Context.Name, Verdict: judged(hurt), Consumers: consumers(hurt),
		Pos: place(x.reads, position(n)), Old: place(x.writes, position(d.operation))}
	where := x.about(label(n))
	if !strings.HasPrefix(where, "type ") {
		where = "input " + where
	}
	kept := func() { f.Verdict, f.Consumers = Compatible, nil }
	switch x.kind {
	case unknown:
		f.Rule, f.What, f.Why = BreakingInput, where+" is gone", "services read strictly: who still sends it gets 400"
		if to := field(x.writes, was, is); to != nil && x.path == x.top {
			f.What += fmt.Sprintf(" and seems to be %s now", to.Name)
			f.Pos = place(to, f.Pos)
		}
	case spare:
		f.Rule, f.What, f.Why = BreakingInput, where+" is new", "it may be left out"
		kept()
		f.Old = source.Pos{}
	case missing:
		f.Rule, f.What, f.Why = BreakingInput, where+" must be sent", "who does not send it gets 400"
	case kind:
		f.Rule, f.What = BreakingType, fmt.Sprintf("%s is %s, and was %s", where, word(x.read), word(x.written))
		f.Why = "what was sent before gets 400"
	case certain:
		f.Rule, f.What, f.Why = BreakingInput, where+" may be left out", "who sends it still may"
		kept()
	case another:
		f.Rule, f.What = BreakingType, fmt.Sprintf("%s is %s, and was %s", where, word(x.read), word(x.written))
		f.Why = "what was sent before is still taken"
		kept()
	case conditioned:
		if !c.asked(&f, x, where) {
			return
		}
	case defaulted:
		if c.sameDefault(x.writes.Model, x.reads.Model) {
			return
		}
		left := sending(d.needs, difference{kind: missing, top: x.top, path: x.path})
		f.Rule, f.What, f.Why = BreakingDefault, where+" has another default", "who leaves it out asks for something else"
		f.Verdict, f.Consumers = Unclear, consumers(left)
	case strange:
		f.Rule, f.What = BreakingEnum, fmt.Sprintf("%s has no value %s any more", where, listed(x.values))
		f.Why = "who sends it gets 400, and who looks out for it never sees it"
	case given:
		f.Rule, f.What = BreakingEnum, fmt.Sprintf("%s has the value %s, too", where, listed(x.values))
		f.Why = "what was sent before is still taken, and consumers take a value they do not know for any other"
		kept()
	default:
		return
	}
	if x.read != nil && strings.HasPrefix(where, "type ") {
		f.Pos, f.Old = typePos(x.read, f.Pos), typePos(x.written, f.Old)
	}
	c.add(f)
}

// typePos is where the type of a schema stands.
func typePos(s *contract.Schema, otherwise source.Pos) source.Pos {
	if s != nil && s.Def != nil {
		return s.Def.Pos
	}
	return otherwise
}

// routeLike is the route of an operation on the side of a door.
func routeLike(o *contract.Operation, d door) *naming.Path {
	if d.public {
		return o.Public
	}
	return o.Internal
}

// body is an input without what the path says.
func body(s *contract.Schema, d door) *contract.Schema {
	if s == nil || d.route == nil {
		return s
	}
	in := naming.Wildcards(d.route.Path)
	out := *s
	out.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f *contract.Field) bool { return slices.Contains(in, f.Name) })
	return &out
}

// sending are the needs that a difference in the input hurts.
func sending(needs []*contract.Need, x difference) []*contract.Need {
	var out []*contract.Need
	for _, n := range needs {
		sends := slices.Contains(n.Sends, x.top)
		if x.kind == missing && x.path == x.top {
			sends = !sends || slices.Contains(n.Omits, x.top)
		}
		if sends {
			out = append(out, n)
		}
	}
	return out
}

// reply compares what is answered with what is read of it.
func (c *comparison) reply(d door, n *contract.Operation) {
	a := answer{service: n.Service, what: answered(n), rule: BreakingReply,
		pos: position(n), old: position(d.operation), needs: d.needs, was: d.operation.Reply, is: n.Reply}
	if was, is := idOf(d.operation), idOf(n); was != is {
		c.otherID(n, d.operation, was, is, reading(d.needs, was))
		a.was, a.is = withoutField(a.was, was), withoutField(a.is, is)
	}
	c.answer(a)
}

// idOf is the JSON name of the id of the instances that an operation is about;
// "": it is about a view.
func idOf(o *contract.Operation) string {
	if o.Aggregate == nil {
		return ""
	}
	return contract.JSON(o.Aggregate.ID)
}

// otherID tells of instances whose id is called otherwise.
func (c *comparison) otherID(n, o *contract.Operation, was, is string, hurt []*contract.Need) {
	c.keyed(n.Service, o.Aggregate, n.Aggregate, was, is, hurt)
}

// keyed tells of another name of an aggregate's id.
func (c *comparison) keyed(s *contract.Service, was, is *model.Aggregate, old, now string, hurt []*contract.Need) {
	c.add(Finding{Rule: BreakingKey, Service: s.Context.Name, Verdict: judged(hurt), Consumers: consumers(hurt),
		What: fmt.Sprintf("the id of %s is %s, and was %s", is.Name, now, old),
		Why:  "who sends it or finds instances and rows by it does not find it", Pos: is.ID.Pos, Old: was.ID.Pos})
}

// refusals compares the codes by which callers tell refusals apart.
func (c *comparison) refusals(d door, n *contract.Operation) {
	for _, p := range d.operation.Problems {
		same := func(q contract.Problem) bool { return q.Code == p.Code }
		i := slices.IndexFunc(n.Problems, same)
		var hurt []*contract.Need
		for _, need := range d.needs {
			// A service goes by the code alone.
			if slices.Contains(need.Codes, p.Code) && (i < 0 || need.Kind == contract.ByActor) {
				hurt = append(hurt, need)
			}
		}
		f := Finding{Rule: BreakingRefusal, Service: n.Service.Context.Name, Verdict: judged(hurt), Consumers: consumers(hurt),
			Why: "who tells it apart from other refusals waits for it in vain", Pos: position(n), Old: position(d.operation)}
		switch {
		case i < 0:
			f.What = fmt.Sprintf("%s is not refused with %s any more", label(n), p.Code)
		case n.Problems[i].Status != p.Status && d.public:
			f.What = fmt.Sprintf("%s refuses %s with status %d, and did with %d", label(n), p.Code, n.Problems[i].Status, p.Status)
			f.Why = "who goes by the status takes it for something else"
		default:
			continue
		}
		c.add(f)
	}
	for _, p := range n.Problems {
		if slices.ContainsFunc(d.operation.Problems, func(q contract.Problem) bool { return q.Code == p.Code }) {
			continue
		}
		f := Finding{Rule: BreakingCondition, Service: n.Service.Context.Name, Verdict: Unclear, Consumers: consumers(d.needs),
			What: fmt.Sprintf("%s can be refused with %s", label(n), p.Code), Why: "what was taken before may be refused now", Pos: position(n), Old: position(d.operation)}
		if !c.newRule(f, d.operation, n, p.Code) {
			c.add(f)
		}
	}
}

// creates compares what a command wants to be there.
func (c *comparison) creates(d door, n *contract.Operation) {
	was, is := d.operation.Command.Creates, n.Command.Creates
	if was == is {
		return
	}
	f := Finding{Rule: BreakingCondition, Service: n.Service.Context.Name, Verdict: judged(d.needs), Consumers: consumers(d.needs),
		Pos: position(n), Old: position(d.operation)}
	switch is {
	case model.Upsert:
		f.Verdict, f.Consumers = Compatible, nil
		f.What, f.Why = label(n)+" is for instances that are there and for new ones", "what was taken before is still taken"
	case model.New:
		f.What, f.Why = label(n)+" only makes new instances", "of one that is there it answers 409"
	default:
		f.What, f.Why = label(n)+" makes no new instances any more", "of one that is not there it answers 404"
	}
	c.add(f)
}

// rowKey compares by what a row is asked for.
func (c *comparison) rowKey(d door, n *contract.Operation) {
	if d.operation.Kind != contract.ReadRow || n.Kind != contract.ReadRow {
		return
	}
	was, is := keyOf(d.operation.View), keyOf(n.View)
	if !slices.Equal(was, is) {
		c.add(Finding{Rule: BreakingKey, Service: n.Service.Context.Name, Verdict: judged(d.needs), Consumers: consumers(d.needs),
			What: fmt.Sprintf("the key of view %s is %s, and was %s", n.View.Name, strings.Join(is, ", "), strings.Join(was, ", ")),
			Why:  "who asks by the old key gets 404", Pos: n.View.Pos, Old: d.operation.View.Pos})
	}
}

func keyOf(v *model.View) []string {
	var out []string
	for _, k := range v.Key {
		if k.Field != nil {
			out = append(out, contract.JSON(k.Field))
		}
	}
	return out
}

// label names an operation as the model does.
func label(o *contract.Operation) string {
	switch o.Kind {
	case contract.RunCommand:
		return "command " + o.Command.Name
	case contract.ReadState:
		return "the state of " + o.Aggregate.Name
	case contract.ReadRow:
		return "a row of view " + o.View.Name
	case contract.ListRows:
		return "the list of view " + o.View.Name
	}
	return "query " + o.View.Name + "." + o.Query.Name
}

// answered names what an operation answers; all ways to a view answer its rows.
func answered(o *contract.Operation) string {
	switch o.Kind {
	case contract.RunCommand:
		return "the reply of " + label(o)
	case contract.ReadState:
		return label(o)
	}
	return "view " + o.View.Name
}

// position is where an operation stands in its model.
func position(o *contract.Operation) source.Pos {
	switch o.Kind {
	case contract.RunCommand:
		if o.Command.HTTP != nil {
			return o.Command.HTTP.Pos
		}
		return o.Command.Pos
	case contract.ReadState:
		return o.Aggregate.Pos
	case contract.AskQuery:
		return o.Query.Pos
	}
	return o.View.Pos
}

// near is the place in the new model that is nearest to what is gone.
func (c *comparison) near(was *contract.Service, a *model.Aggregate) source.Pos {
	n := c.now[was]
	if n == nil {
		return c.is.Model.Pos
	}
	if a != nil {
		for _, b := range n.Context.Aggregates {
			if b.Name == a.Name {
				return b.Pos
			}
		}
	}
	return n.Context.Pos
}

// listed joins values for a sentence.
func listed(values []string) string { return strings.Join(values, ", ") }
