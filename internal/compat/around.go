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

// contextGone tells of a whole service that is gone.
func (c *comparison) contextGone(s *contract.Service) {
	needs := allNeeds(s)
	c.add(Finding{Rule: BreakingContext, Service: s.Context.Name, Verdict: judged(needs), Consumers: consumers(needs),
		What: "context " + s.Context.Name + " is gone", Why: "nobody answers in its place, and its events do not come any more",
		Pos: c.is.Model.Pos, Old: s.Context.Pos})
}

// contextRenamed tells of a service at another address. What it publishes and
// offers to people's programs is compared by itself.
func (c *comparison) contextRenamed(was, is *contract.Service) {
	var asking []*contract.Need
	for _, n := range allNeeds(was) {
		if n.Operation != nil && n.Kind != contract.ByActor {
			asking = append(asking, n)
		}
	}
	c.add(Finding{Rule: BreakingContext, Service: is.Context.Name, Verdict: judged(asking), Consumers: consumers(asking),
		What: fmt.Sprintf("context %s seems to be %s now", was.Context.Name, is.Context.Name),
		Why:  "its address, its database and its topics go by its name", Pos: is.Context.Pos, Old: was.Context.Pos})
}

// allNeeds are all needs that a service meets.
func allNeeds(s *contract.Service) []*contract.Need {
	var out []*contract.Need
	for _, o := range s.Operations {
		out = append(out, o.Consumers()...)
	}
	for _, m := range s.Messages {
		out = append(out, m.Consumers()...)
	}
	return out
}

// compositions compares what the gateway puts together for actors.
func (c *comparison) compositions() {
	for _, was := range c.was.Model.Compositions {
		if was.HTTP == nil {
			continue // a name only
		}
		hurt := programs(was.Actors)
		i := slices.IndexFunc(c.is.Model.Compositions, func(is *model.Composition) bool {
			return is.HTTP != nil && addressOf(is.HTTP) == addressOf(was.HTTP)
		})
		f := Finding{Rule: BreakingComposition, Verdict: Breaking, Consumers: hurt, Old: was.Pos, Pos: c.is.Model.Pos,
			What: "composition " + was.Name + " is gone", Why: "who asks for it gets 404"}
		if i < 0 {
			if j := slices.IndexFunc(c.is.Model.Compositions, func(is *model.Composition) bool { return is.Name == was.Name && is.HTTP != nil }); j >= 0 {
				is := c.is.Model.Compositions[j]
				f.Pos = is.Pos
				f.What = fmt.Sprintf("composition %s is answered at %s %s, and no longer at %s %s", is.Name, is.HTTP.Method, is.HTTP.Path, was.HTTP.Method, was.HTTP.Path)
			}
			c.add(f)
			continue
		}
		c.parts(f, was, c.is.Model.Compositions[i])
	}
}

func (c *comparison) parts(f Finding, was, is *model.Composition) {
	for _, a := range was.Actors {
		if a.Actor != nil && !slices.ContainsFunc(is.Actors, func(b *model.ActorRef) bool { return b.Actor != nil && b.Actor.Role == a.Actor.Role }) {
			c.add(Finding{Rule: BreakingRole, Verdict: Breaking, Consumers: []Consumer{{a.Actor.Name, ""}}, Pos: is.Pos, Old: a.Pos,
				What: fmt.Sprintf("composition %s is not for the role %s any more", is.Name, a.Actor.Role), Why: "who has no other role gets 403"})
		}
	}
	c.listed(f, was, is)
	for _, p := range is.Parts {
		if !slices.ContainsFunc(was.Parts, func(q *model.Part) bool { return q.Name == p.Name }) {
			c.add(Finding{Rule: BreakingAddition, Verdict: Compatible, Pos: p.Pos, What: fmt.Sprintf("composition %s has the part %s, too", is.Name, p.Name), Why: "who does not know it does not look at it"})
		}
	}
	for _, p := range was.Parts {
		g := f
		i := slices.IndexFunc(is.Parts, func(q *model.Part) bool { return q.Name == p.Name })
		switch {
		case i < 0:
			g.What, g.Why, g.Pos, g.Old = fmt.Sprintf("part %s of composition %s is gone", p.Name, is.Name), "who reads it finds nothing there", is.Pos, p.Pos
		case p.Required && !is.Parts[i].Required:
			g.What, g.Why = fmt.Sprintf("part %s of composition %s may be missing", p.Name, is.Name), "who reads it may find nothing there"
			g.Pos, g.Old = is.Parts[i].Pos, p.Pos
		case p.From.View != nil && is.Parts[i].From.View != nil:
			c.taken(f, is, p, is.Parts[i])
			c.answer(answer{service: c.is.Service(is.Parts[i].From.View.Context), what: "part " + p.Name + " of composition " + is.Name, rule: BreakingComposition,
				pos: is.Parts[i].Pos, old: p.Pos, needs: c.partNeeds(p), was: c.was.Object(p.From.View.Fields...), is: c.is.Object(is.Parts[i].From.View.Fields...)})
			continue
		default:
			continue
		}
		c.add(g)
	}
}

// listed compares whose rows a composition lists.
func (c *comparison) listed(f Finding, was, is *model.Composition) {
	of := func(x *model.Composition) *model.View {
		if x.List == nil {
			return nil
		}
		return x.List.View
	}
	before, now := of(was), of(is)
	f.Pos, f.Old = is.Pos, was.Pos
	switch {
	case (was.List == nil) != (is.List == nil):
		f.What, f.Why = fmt.Sprintf("composition %s is about one thing, and was a list", is.Name), "who reads it finds other members"
		if is.List != nil {
			f.What = fmt.Sprintf("composition %s is a list, and was about one thing", is.Name)
		}
		c.add(f)
	case before != nil && now != nil:
		g := f
		g.What, g.Why = fmt.Sprintf("composition %s lists something else", is.Name), "who reads it reads of something else"
		c.told(g, []trait{{about: "the view", says: c.id(&before.Node), pos: was.List.Pos}}, []trait{{about: "the view", says: c.id(&now.Node), pos: is.List.Pos}})
		c.answer(answer{service: c.is.Service(now.Context), what: "the row of composition " + is.Name, rule: BreakingComposition,
			pos: is.List.Pos, old: was.List.Pos, needs: c.listNeeds(before), was: c.was.Object(before.Fields...), is: c.is.Object(now.Fields...)})
	}
}

// listNeeds is what the gateway relies on for a list.
func (c *comparison) listNeeds(v *model.View) []*contract.Need {
	var out []*contract.Need
	for _, n := range c.was.Outside {
		if n.Kind == contract.ByComposition && n.Operation.Kind == contract.ListRows && n.Operation.View == v {
			out = append(out, n)
		}
	}
	return out
}

// taken compares from where a part is taken.
func (c *comparison) taken(f Finding, x *model.Composition, was, is *model.Part) {
	from := func(p *model.Part) []trait {
		var keys []string
		for _, k := range p.Keys {
			from := k.Param.Value
			if k.Of != nil {
				from = "the row's " + from
			}
			keys = append(keys, fieldName(&k.Column)+" from "+from)
		}
		slices.Sort(keys)
		return []trait{
			{about: "the view", says: c.id(&p.From.View.Node), pos: p.Pos},
			{about: "the key", says: strings.Join(keys, ", "), pos: p.Pos},
		}
	}
	f.Pos, f.Old = is.Pos, was.Pos
	f.What, f.Why = fmt.Sprintf("part %s of composition %s is found by something else", is.Name, x.Name), "who reads it reads of something else"
	c.told(f, from(was), from(is))
}

// partNeeds is what the gateway relies on for a part.
func (c *comparison) partNeeds(p *model.Part) []*contract.Need {
	var out []*contract.Need
	for _, n := range c.was.Outside {
		if n.Part == p {
			out = append(out, n)
		}
	}
	return out
}

func addressOf(r *model.Route) string {
	return (&naming.Path{Method: r.Method, Path: r.Path}).Address()
}

func programs(refs []*model.ActorRef) []Consumer {
	var out []Consumer
	for _, r := range refs {
		if r.Actor != nil {
			out = append(out, Consumer{r.Actor.Name, ""})
		}
	}
	return out
}

func (c *comparison) sameWebhook(x *model.External, was *model.Event) *model.Event {
	for _, y := range c.is.Model.Externals {
		for _, e := range y.Events {
			if y.Name == x.Name && e.Name == was.Name {
				return e
			}
		}
	}
	return nil
}

func (c *comparison) webhook(x *model.External, was, is *model.Event) {
	f := Finding{Rule: BreakingWebhook, Verdict: Breaking, Consumers: []Consumer{{x.Name, ""}}, Pos: c.is.Model.Pos, Old: was.Pos}
	if is == nil {
		f.What, f.Why = fmt.Sprintf("webhook %s of %s is gone", was.Name, x.Name), "the other system still sends it"
		c.add(f)
		return
	}
	f.Pos = is.Pos
	if before, now := hookOf(was), hookOf(is); before != "" && now != "" && before != now {
		g := f
		g.What = fmt.Sprintf("webhook %s of %s comes to %s, and not to %s", is.Name, x.Name, now, before)
		g.Why = "the other system sends it where it always did"
		c.add(g)
	}
	for _, d := range reads(c.was.Object(was.Fields...), c.is.Object(is.Fields...)) {
		g := f
		g.Pos, g.Old = place(d.reads, is.Pos), place(d.writes, was.Pos)
		switch d.kind {
		case missing:
			g.What = fmt.Sprintf("webhook %s of %s must bring %s", is.Name, x.Name, d.path)
		case kind:
			g.What = fmt.Sprintf("%s of webhook %s of %s is %s, and was %s", d.path, is.Name, x.Name, word(d.read), word(d.written))
		case conditioned:
			if !c.asked(&g, d, fmt.Sprintf("%s of webhook %s of %s", d.path, is.Name, x.Name)) {
				continue
			}
			g.Rule = BreakingWebhook
			c.add(g)
			continue
		default:
			continue
		}
		g.Why = "the other system sends what it always did"
		c.add(g)
	}
}

// hookOf is where a webhook comes to at the gateway; "": nowhere.
func hookOf(e *model.Event) string {
	if e.HTTP == nil || e.Home() == nil {
		return ""
	}
	return e.HTTP.Method + " /" + naming.Dir(e.Home()) + e.HTTP.Path
}

// toldOf is what a model says of how an external system tells of the events that
// another model has, too.
func toldOf(x, other *model.External) []trait {
	out := []trait{{about: "what its events are kept in order by", says: x.Key.Value, pos: x.Pos}}
	add := func(pos source.Pos, about, says string) { out = append(out, trait{about: about, says: says, pos: pos}) }
	says := func(pos source.Pos, t model.Told) {
		add(pos, "where it says what kind of event it is", t.Type.Value)
		add(pos, "where it says what it is known by", t.ID.Value)
		add(pos, "where the fields are", t.Data.Value)
		add(pos, "what becomes of what is unknown", fmt.Sprint(t.Refuse))
	}
	if w := x.Webhook; w != nil {
		add(w.Pos, "how it is signed", w.Signature)
		add(w.Pos, "how old it may be", w.Tolerance.String())
		says(w.Pos, w.Told)
	}
	if t := x.Topic; t != nil {
		add(t.Pos, "on which topic", t.Name.Value)
		add(t.Pos, "how records are written", fmt.Sprint(t.Format))
		says(t.Pos, t.Told)
	}
	for _, e := range x.Events {
		if !slices.ContainsFunc(other.Events, func(o *model.Event) bool { return o.Name == e.Name }) {
			continue // it is new, or gone
		}
		add(e.Pos, "what "+e.Name+" is called there", e.ToldAs.Value)
		for _, d := range e.Drawn {
			add(d.Field.Pos, "where "+d.Field.Text+" of "+e.Name+" is", d.From.Value)
		}
	}
	return out
}

// zone compares where days begin.
func (c *comparison) zone() {
	was, is := c.was.Model.Zone, c.is.Model.Zone
	if was == nil || is == nil || was.String() == is.String() {
		return
	}
	c.add(Finding{Rule: BreakingCondition, Verdict: Unclear, Pos: c.is.Model.Pos, Old: c.was.Model.Pos,
		What: fmt.Sprintf("days begin in %s, and did in %s", is, was), Why: "dates made of instants, and schedules, are others"})
}

// additions tells of what is new, and of who must be released first because
// somebody else asks for it already.
func (c *comparison) additions() {
	for _, s := range c.is.Services {
		was := c.before[s]
		if was == nil {
			c.add(Finding{Rule: BreakingAddition, Service: s.Context.Name, Verdict: Compatible, Pos: s.Context.Pos,
				What: "context " + s.Context.Name + " is new", Why: "nobody relies on it yet"})
			continue
		}
		c.remote(was, s)
		for _, o := range s.Operations {
			c.offered(was, o)
		}
		for _, m := range s.Messages {
			if onTopic(was, m) == nil && !c.came[m] {
				c.add(Finding{Rule: BreakingAddition, Service: s.Context.Name, Verdict: Compatible, Pos: m.Event.Pos,
					What: fmt.Sprintf("event %s comes as %s on %s", m.Event.Name, m.Type, m.Topic), Why: "who does not know it lets it pass"})
			}
		}
	}
	for _, x := range c.is.Model.Compositions {
		if x.HTTP != nil && !slices.ContainsFunc(c.was.Model.Compositions, func(y *model.Composition) bool {
			return y.HTTP != nil && (y.Name == x.Name || addressOf(y.HTTP) == addressOf(x.HTTP))
		}) {
			c.add(Finding{Rule: BreakingAddition, Verdict: Compatible, Pos: x.Pos, What: "composition " + x.Name + " is new", Why: "nobody relies on it yet"})
		}
	}
	for _, s := range c.is.Services {
		for _, n := range s.Needs {
			c.order(s, n)
		}
	}
}

// remote compares whether a service is offered over gRPC.
func (c *comparison) remote(was, is *contract.Service) {
	switch before, now := was.Context.GRPC, is.Context.GRPC; {
	case before && !now:
		c.add(Finding{Rule: BreakingOperation, Service: is.Context.Name, Verdict: Unused, Pos: is.Context.Pos, Old: was.Context.Pos,
			What: "context " + is.Context.Name + " is not offered over gRPC any more", Why: "who asks that way is not answered"})
	case now && !before:
		c.add(Finding{Rule: BreakingAddition, Service: is.Context.Name, Verdict: Compatible, Pos: is.Context.Pos,
			What: "context " + is.Context.Name + " is offered over gRPC, too", Why: "nobody relies on it yet"})
	}
}

// offered tells of new doors.
func (c *comparison) offered(was *contract.Service, o *contract.Operation) {
	if c.moved[o] {
		return
	}
	for _, d := range doors(o) {
		if !d.public && len(d.needs) == 0 || behind(was, d) != nil {
			continue
		}
		c.add(Finding{Rule: BreakingAddition, Service: o.Service.Context.Name, Verdict: Compatible, Pos: position(o),
			What: fmt.Sprintf("%s is answered at %s", label(o), d.route), Why: "nobody relies on it yet"})
	}
}

// order tells who must be released first: a service that needs what its
// provider has not offered so far.
func (c *comparison) order(s *contract.Service, n *contract.Need) {
	was := c.before[n.Provider]
	if was == nil {
		return
	}
	var wants []string
	var pos source.Pos
	if n.Operation != nil {
		pos = position(n.Operation)
		old := behind(was, door{route: n.Operation.Internal})
		if n.Operation.Internal == nil {
			return
		}
		if old == nil {
			wants = append(wants, label(n.Operation))
		} else {
			wants = append(wants, wanting(n, old.Input, old.Reply)...)
			for _, code := range n.Codes {
				if !slices.ContainsFunc(old.Problems, func(p contract.Problem) bool { return p.Code == code }) {
					wants = append(wants, "the refusal "+code)
				}
			}
		}
	} else {
		pos = n.Message.Event.Pos
		if old := onTopic(was, n.Message); old != nil {
			wants = wanting(n, nil, old.Payload)
		}
	}
	if len(wants) == 0 {
		return
	}
	c.add(Finding{Rule: BreakingOrder, Service: s.Context.Name, Verdict: Compatible, Step: Patch, Pos: orderPos(n, pos),
		What: fmt.Sprintf("release %s before %s", n.Provider.Context.Name, s.Context.Name),
		Why:  fmt.Sprintf("%s needs %s of it", n.By, strings.Join(wants, ", "))})
}

// wanting is what a need sends and reads that an old provider does not take and
// does not give, or otherwise. Input is nil of an event.
func wanting(n *contract.Need, input, written *contract.Schema) []string {
	var out []string
	if o := n.Operation; o != nil {
		for _, x := range takes(only(o.Input, n.Sends), input) {
			if x.kind == unknown || x.kind == kind {
				out = append(out, "input "+x.path)
			}
		}
	}
	for _, x := range reads(written, only(answerOf(n), n.Reads)) {
		switch x.kind {
		case missing:
			out = append(out, x.path)
		case kind:
			out = append(out, x.path+" as "+word(x.read))
		}
	}
	return out
}

// answerOf is what a need reads: a reply, or an event.
func answerOf(n *contract.Need) *contract.Schema {
	if n.Operation != nil {
		return n.Operation.Reply
	}
	return n.Message.Payload
}

// only is a schema with some of its fields; nil of nil.
func only(s *contract.Schema, names []string) *contract.Schema {
	if s == nil {
		return nil
	}
	out := *s
	out.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f *contract.Field) bool { return !slices.Contains(names, f.Name) })
	return &out
}

// orderPos is where the consumer says what it needs.
func orderPos(n *contract.Need, otherwise source.Pos) source.Pos {
	switch {
	case n.Call != nil:
		return n.Call.Pos
	case n.Policy != nil:
		return n.Policy.Pos
	case n.Projection != nil:
		return n.Projection.Pos
	case n.Step != nil:
		return n.Step.Pos
	}
	return otherwise
}
