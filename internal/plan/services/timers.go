package services

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// times plans when a policy acts that does not act on an event at once and alone.
func (b *builder) times(p *Policy, hears func(*contract.Need) bool, vars map[string]string) {
	m, g := p.Model, gotypes{p.Service.types, "app"}
	switch t := m.Timer; {
	case t == nil:
	case t.Waits():
		p.Timer = b.timer(p, hears, vars)
	case t.Cron != nil:
		p.Clock = &Clock{fmt.Sprintf("timer.Cron(%s, %s)", quote.Go(t.Cron.Text), quote.Go(t.Cron.Zone.String())), catchUps[t.CatchUp]}
	default:
		p.Clock = &Clock{"timer.Every(" + Duration(t.Every) + ")", catchUps[t.CatchUp]}
	}
	if w := m.Window; w != nil {
		p.Window = &Window{Local: names.OfText(p.Name).Local, Within: Duration(w.Within)}
		if w.By != nil {
			p.Window.By = "e." + g.Field(w.By.Field)
		}
		for _, t := range b.trees(p) {
			if seen := expr.VarType(t, "window"); seen != nil {
				p.Service.types.events[seen.Elem.Def] = p.Param
			}
		}
	}
}

var catchUps = map[model.CatchUp]string{model.CatchUpOnce: "timer.Once", model.CatchUpSkip: "timer.Skip", model.CatchUpAll: "timer.All"}

func (b *builder) timer(p *Policy, hears func(*contract.Need) bool, vars map[string]string) *Timer {
	m, s, g := p.Model.Timer, p.Service, gotypes{p.Service.types, "app"}
	t := &Timer{Due: s.space(naming.Go, "internal/app").Take(p.Name+"Due", "Time", naming.By(&p.Model.Node))}
	if m.Due != nil {
		due := b.model.Trees[m.Due]
		t.At, t.UsesEvent = g.expr(due, vars), expr.Uses(due, "event")
	} else {
		t.At = "meta.Time.Add(" + Duration(m.After) + ")"
	}
	since := m.Since.Event.Aggregate
	for _, u := range m.Unless {
		if u.Event == nil || u.Event.Home() == nil || b.model.Incomplete[&u.Event.Node] {
			continue
		}
		off := CallOff{EventRef: b.listened(s, u.Event, hears)}
		if u.Event.Aggregate != since {
			off.Instance = calledOff(g, s.Context.Means(u.Event), since)
		}
		t.Unless = append(t.Unless, off)
	}
	return t
}

// calledOff is the instance of an aggregate that an event of another one names.
func calledOff(g gotypes, e *model.Event, a *model.Aggregate) string {
	f := e.Fields[slices.IndexFunc(e.Fields, func(f *model.Field) bool { return f.Name == a.ID.Name })]
	if f.Type.Kind == model.Optional {
		return "(*values.ID)(e." + g.Field(f) + ")"
	}
	return "new(values.ID(e." + g.Field(f) + "))"
}

// when tells as a sentence begins when a policy acts.
func when(m *model.Policy, events string) string {
	t := m.Timer
	switch {
	case t == nil && m.Window != nil:
		return fmt.Sprintf("whenever %s, with those of the last %s", events, m.Window.Within)
	case t == nil:
		return "whenever " + events
	case t.Due != nil:
		return "some time after " + events
	case t.Waits():
		return fmt.Sprintf("%s after %s", t.After, events)
	case t.Cron != nil:
		return fmt.Sprintf("at %s, %s time", t.Cron.Text, t.Cron.Zone)
	}
	return fmt.Sprintf("every %s", t.Every)
}
