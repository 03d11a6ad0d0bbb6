package check

import "github.com/esgen/esgen/model"

// index answers what leads where, for the whole system. It is built once and
// only read.
type index struct {
	emitters  map[*model.Event][]*model.Command
	listeners map[*model.Event][]*model.Policy
	started   map[*model.Event][]*model.Saga
	shown     map[*model.Event][]*model.View
	clocks    []any                         // policies of the clock alone
	ended     map[*model.Event]bool         // calls a timer off
	awaited   map[*model.Event]bool         // by a step of a saga
	asked     map[*model.Command]bool       // by somebody who reads its reply
	ids       map[string][]*model.Aggregate // by the name of their id
	untyped   []string                      // names of fields whose written type is wrong
	sent      map[*model.Command]bool       // by a policy, a saga, a call or a compensation
	reacted   map[*model.Command]bool       // by a policy
	called    map[*model.Query]bool         // by another context
}

func newIndex(sys *model.System) *index {
	x := &index{
		emitters:  map[*model.Event][]*model.Command{},
		listeners: map[*model.Event][]*model.Policy{},
		started:   map[*model.Event][]*model.Saga{},
		shown:     map[*model.Event][]*model.View{},
		ended:     map[*model.Event]bool{},
		awaited:   map[*model.Event]bool{},
		asked:     map[*model.Command]bool{},
		ids:       map[string][]*model.Aggregate{},
		sent:      map[*model.Command]bool{},
		reacted:   map[*model.Command]bool{},
		called:    map[*model.Query]bool{},
	}
	x.types(sys.Types)
	for _, e := range sys.Externals {
		for _, o := range e.Operations {
			x.fields(o.Input)
			x.fields(o.Reply)
		}
		for _, ev := range e.Events {
			x.event(ev)
		}
	}
	for _, ctx := range sys.Contexts {
		x.types(ctx.Types)
		for _, a := range ctx.Aggregates {
			x.fields(a.State)
			x.ids[a.ID.Name] = append(x.ids[a.ID.Name], a)
			for _, m := range a.Commands {
				x.fields(m.Input)
				x.command(m)
			}
			for _, e := range a.Events {
				x.event(e)
			}
		}
		for _, p := range ctx.Policies {
			x.policy(p)
		}
		for _, s := range ctx.Sagas {
			x.saga(s)
		}
		for _, v := range ctx.Views {
			x.fields(v.Fields)
			for _, p := range v.From {
				if e := p.Event.Event; e != nil {
					x.shown[e] = append(x.shown[e], v)
				}
			}
		}
	}
	return x
}

// fields notes those whose type was wrong when the model was read. Nothing is
// said about what uses them: it will be right when the type is.
func (x *index) fields(fields []*model.Field) {
	for _, f := range fields {
		if f.Declared && f.Type == nil {
			x.untyped = append(x.untyped, f.Name)
		}
	}
}

func (x *index) types(defs []*model.TypeDef) {
	for _, d := range defs {
		x.fields(d.Fields)
	}
}

func (x *index) event(e *model.Event) {
	x.fields(e.Fields)
	for _, v := range e.Versions {
		x.fields(v.Fields)
	}
}

func (x *index) command(m *model.Command) {
	seen := map[*model.Event]bool{}
	for _, e := range possible(m) {
		if ev := e.Event.Event; ev != nil && !seen[ev] {
			seen[ev] = true
			x.emitters[ev] = append(x.emitters[ev], m)
		}
	}
	for _, call := range m.Calls {
		x.send(call.To)
		x.asked[call.To.Command] = true
		if call.Compensate != nil {
			x.send(call.Compensate.Do)
		}
	}
}

func (x *index) policy(p *model.Policy) {
	for _, w := range p.Whenever {
		if w.Event != nil {
			x.listeners[w.Event] = append(x.listeners[w.Event], p)
		}
	}
	if t := p.Timer; t != nil {
		if t.Since != nil && t.Since.Event != nil {
			x.listeners[t.Since.Event] = append(x.listeners[t.Since.Event], p)
		}
		if !t.Waits() {
			x.clocks = append(x.clocks, p)
		}
		for _, u := range t.Unless {
			x.ended[u.Event] = true
		}
	}
	for _, r := range p.Then {
		x.send(r.Do)
		x.reacted[r.Do.Command] = true
		if r.OnRejected != nil {
			x.send(*r.OnRejected)
		}
	}
}

func (x *index) saga(s *model.Saga) {
	x.fields(s.Data)
	if e := s.StartedBy.Event; e != nil {
		x.started[e] = append(x.started[e], s)
	}
	for _, to := range arrows(s) {
		x.send(to)
	}
	for _, st := range s.Steps {
		x.asked[st.Do.Command] = true
		x.awaited[st.Await.Event] = true
	}
}

// arrows are the ends of all arrows of a saga, in the order of its story.
func arrows(s *model.Saga) []model.Target {
	var out []model.Target
	for _, st := range s.Steps {
		out = append(out, st.Do)
		if st.Compensate != nil {
			out = append(out, st.Compensate.Do)
		}
	}
	if s.OnFailure != nil {
		out = append(out, s.OnFailure.Do)
	}
	return out
}

func (x *index) send(t model.Target) {
	if t.Command != nil {
		x.sent[t.Command] = true
	}
	if t.Query != nil {
		x.called[t.Query] = true
	}
}
