package explore

import (
	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// facts are what can be known of a model before anything is tried.
type facts struct {
	*check.Model
	blind   map[*model.View]bool                  // views that no decision reads
	outside map[*model.Event]bool                 // events that lead to an external system
	matters map[*model.Event]bool                 // those, and those that tell of money
	hears   map[any]map[*model.Aggregate]bool     // of policies, views and sagas: whose events
	alone   map[*model.Policy]bool                // policies whose work nothing else depends on
	asks    map[*model.Reaction]*model.Policy     // whose it is
	begins  map[*model.Event]map[*model.Saga]bool // sagas that an event leads to
}

func learn(m *check.Model) *facts {
	f := &facts{
		Model: m, blind: map[*model.View]bool{}, outside: map[*model.Event]bool{}, matters: map[*model.Event]bool{},
		hears: map[any]map[*model.Aggregate]bool{}, alone: map[*model.Policy]bool{}, begins: map[*model.Event]map[*model.Saga]bool{},
		asks: map[*model.Reaction]*model.Policy{},
	}
	read := f.read()
	for _, c := range m.Contexts {
		for _, v := range c.Views {
			f.blind[v] = !read[v]
			for _, p := range v.From {
				f.hear(v, p.Event.Event)
			}
		}
		for _, s := range c.Sagas {
			f.hear(s, s.StartedBy.Event)
		}
		for _, p := range c.Policies {
			f.alone[p] = onlyTells(p)
			for _, r := range p.Then {
				f.asks[r] = p
			}
			for _, e := range heardBy(p) {
				f.hear(p, e)
			}
		}
	}
	for _, e := range f.events() {
		r := &reach{facts: f, events: map[*model.Event]bool{}, commands: map[*model.Command]bool{}, sagas: map[*model.Saga]bool{}}
		r.event(e)
		f.outside[e], f.begins[e] = r.outside, r.sagas
		f.matters[e] = r.outside || ofMoney(e)
	}
	return f
}

func heardBy(p *model.Policy) []*model.Event {
	var out []*model.Event
	for _, w := range p.Whenever {
		out = append(out, w.Event)
	}
	if p.Timer != nil {
		if p.Timer.Since != nil {
			out = append(out, p.Timer.Since.Event)
		}
		for _, u := range p.Timer.Unless {
			out = append(out, u.Event)
		}
	}
	return out
}

func (f *facts) hear(who any, e *model.Event) {
	if e == nil {
		return
	}
	if f.hears[who] == nil {
		f.hears[who] = map[*model.Aggregate]bool{}
	}
	f.hears[who][e.Aggregate] = true
}

// read are the views that decisions are made on.
func (f *facts) read() map[*model.View]bool {
	read := map[*model.View]bool{}
	for _, c := range f.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				for _, r := range m.Reads {
					read[r.View.View] = true
				}
				for _, call := range m.Calls {
					if call.To.Query != nil {
						read[call.To.Query.View] = true
					}
				}
			}
		}
		for _, p := range c.Policies {
			if p.Each != nil {
				read[p.Each.View] = true
			}
		}
	}
	return read
}

// onlyTells reports whether all that a policy does is to tell external systems of
// an event: whenever it does so, it does the same, and nobody notices.
func onlyTells(p *model.Policy) bool {
	if p.Each != nil || p.Window != nil {
		return false
	}
	for _, r := range p.Then {
		if r.Do.Operation == nil {
			return false
		}
	}
	return true
}

// waits reports whether it matters when the work of a line comes.
func (f *facts) waits(l sim.Line) bool {
	switch who := l.Who.(type) {
	case *model.Policy:
		return !f.alone[who]
	case *model.View:
		return !f.blind[who]
	case *model.Saga:
		return true
	}
	return false
}

func (f *facts) events() []*model.Event {
	var out []*model.Event
	for _, c := range f.Contexts {
		for _, a := range c.Aggregates {
			out = append(out, a.Events...)
		}
	}
	for _, x := range f.Externals {
		out = append(out, x.Events...)
	}
	return out
}

// ofMoney reports whether an event tells an amount: decimals are for those.
func ofMoney(e *model.Event) bool {
	for _, f := range e.Fields {
		if decimal(f.Type, 0) {
			return true
		}
	}
	return false
}

// deepest ends recursive types.
const deepest = 5

func decimal(t *model.Type, deep int) bool {
	if t == nil || deep > deepest {
		return false
	}
	switch t = t.Scalar(); {
	case t == nil:
		return false
	case t.Kind == model.Decimal:
		return true
	case t.Elem != nil:
		return decimal(t.Elem, deep+1)
	case t.IsObject():
		for _, f := range t.Def.Fields {
			if decimal(f.Type, deep+1) {
				return true
			}
		}
	}
	return false
}

// reach is what an event leads to.
type reach struct {
	*facts
	events   map[*model.Event]bool
	commands map[*model.Command]bool
	sagas    map[*model.Saga]bool
	outside  bool
}

func (r *reach) event(e *model.Event) {
	if e == nil || r.events[e] {
		return
	}
	r.events[e] = true
	for _, c := range r.Contexts {
		for _, p := range c.Policies {
			for _, heard := range heardBy(p) {
				if heard == e {
					r.policy(p)
				}
			}
		}
		for _, s := range c.Sagas {
			if s.StartedBy.Event == e {
				r.saga(s)
			}
		}
	}
}

func (r *reach) policy(p *model.Policy) {
	for _, then := range p.Then {
		r.target(&then.Do)
		if then.OnRejected != nil {
			r.target(then.OnRejected)
		}
	}
}

func (r *reach) saga(s *model.Saga) {
	r.sagas[s] = true
	for _, step := range s.Steps {
		r.target(&step.Do)
		if step.Compensate != nil {
			r.target(&step.Compensate.Do)
		}
	}
	if s.OnFailure != nil {
		r.target(&s.OnFailure.Do)
	}
}

func (r *reach) target(t *model.Target) {
	r.outside = r.outside || t.Operation != nil
	if t.Command == nil || r.commands[t.Command] {
		return
	}
	r.commands[t.Command] = true
	for _, c := range t.Command.Calls {
		r.target(&c.To)
	}
	for _, e := range t.Command.Emits {
		r.event(e.Event.Event)
	}
}
