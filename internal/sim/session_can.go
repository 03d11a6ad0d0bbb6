package sim

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// mostListed bounds how many instances are listed for a command.
const mostListed = 8

// can lists the commands and views of who the session is: of commands to
// instances, those for which nothing known so far is against it.
func (s *Session) can(string) error {
	n := 0
	for _, c := range s.model.Contexts {
		for _, a := range c.Aggregates {
			for _, m := range a.Commands {
				if s.isMine(m.Actors) && !s.model.Incomplete[&m.Node] {
					n += s.offer(m)
				}
			}
		}
	}
	for _, c := range s.model.Contexts {
		for _, v := range c.Views {
			if s.model.Incomplete[&v.Node] {
				continue
			}
			if s.isMine(v.Actors) {
				n++
				fmt.Fprintf(s.out, "see %s\n", s.model.NameSeen(v))
			}
			for _, q := range v.Queries {
				if s.isMine(q.Actors) || len(q.Actors) == 0 && s.isMine(v.Actors) {
					n++
					fmt.Fprintf(s.out, "see %s %s\n", s.model.NameSeen(q), signature(nil, q.Input))
				}
			}
		}
	}
	if n == 0 {
		fmt.Fprintf(s.out, "%s can do nothing; as makes you somebody else\n", s.as)
	}
	return nil
}

func (s *Session) isMine(actors []*model.ActorRef) bool {
	if s.who.system {
		return len(actors) == 0
	}
	return s.who.is(actors)
}

// offer prints a command, and returns 1 when it did.
func (s *Session) offer(m *model.Command) int {
	if m.Creates != model.Existing {
		fmt.Fprintf(s.out, "do %s %s\n", s.model.NameOf(m), signature(m.Aggregate.ID, m.Input))
		return 1
	}
	var ids []string
	for _, id := range s.world.Instances(m.Aggregate) {
		if s.world.mayBe(m, id, s.who) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return 0
	}
	more := ""
	if len(ids) > mostListed {
		ids, more = ids[:mostListed], ", …"
	}
	fmt.Fprintf(s.out, "do %s %s for %s%s\n", s.model.NameOf(m), signature(m.Aggregate.ID, m.Input), strings.Join(ids, ", "), more)
	return 1
}

// signature is what a command or query is told: {orderId: id, total: decimal}.
func signature(id *model.Field, fields []*model.Field) string {
	var parts []string
	if id != nil {
		parts = append(parts, id.Name+": id")
	}
	for _, f := range fields {
		if f.Type != nil {
			parts = append(parts, f.Name+": "+f.Type.String())
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// MayBe reports whether nothing that is known now is against what somebody asks of
// an instance that is there.
func (w *World) MayBe(r Request, id string) bool {
	return w.mayBe(r.Command, id, w.person(r.Actor, r.Roles, r.Claims))
}

// mayBe reports whether nothing that is known now is against a command. One
// that is told nothing and asks nobody is tried, without effect; of others the
// rules are asked that need no more than the state.
func (w *World) mayBe(m *model.Command, id string, who actor) bool {
	i := w.store(m.Aggregate).find(id)
	if len(m.Input)+len(m.Calls) == 0 && !m.Custom {
		return w.wouldDo(m, i, who)
	}
	vars := map[string]any{"state": i.state, "meta": i.stamps.value(), "id": id, "now": w.now, "actor": who.value(), "isNew": false}
	var rules []*model.Expr
	if m.Allow != nil && !who.system {
		rules = append(rules, m.Allow)
	}
	for _, r := range m.Require {
		rules = append(rules, r.That)
	}
	for _, x := range rules {
		if w.needsMore(m, x) {
			continue
		}
		if ok, refused := w.holds(x, vars); refused != nil || !ok {
			return false
		}
	}
	return true
}

// wouldDo reports whether a command without input would succeed.
func (w *World) wouldDo(m *model.Command, i *instance, who actor) bool {
	counts := w.counts.copy()
	defer func() { w.counts = counts }()
	x := &execution{World: w, order: &order{command: m, id: i.id, actor: who, cause: &Effect{}}}
	events, refused := x.decide(i.state, i)
	if refused == nil {
		_, refused = x.change(w.store(m.Aggregate), i, i.state, events)
	}
	return refused == nil
}

// needsMore reports whether a rule needs the input, or what follows from it.
func (w *World) needsMore(m *model.Command, x *model.Expr) bool {
	t := w.model.Trees[x]
	if t == nil || expr.Uses(t, "input") {
		return true
	}
	for _, r := range m.Reads {
		if expr.Uses(t, r.Name) {
			return true
		}
	}
	for _, l := range m.Lets {
		if expr.Uses(t, l.Name) {
			return true
		}
	}
	return false
}
