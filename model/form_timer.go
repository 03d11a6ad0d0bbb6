package model

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// timerKeys make a policy wait for a time, or look back at one.
var timerKeys = []key[Policy]{
	onTimer("every", "Again and again after so long.", duration, func(t *Timer) *time.Duration { return &t.Every }),
	onTimer("cron", "At times of the clock: minute, hour, day, month, weekday.", schedule, cronOf),
	onTimer("zone", "Time zone of cron; default: the system's.", timeZone, func(t *Timer) **time.Location { return &cronOf(t).Zone }),
	onTimer("catchUp", "Times missed while nothing ran: once (the default), skip or all.",
		choice(word[CatchUp]{"once", CatchUpOnce}, word[CatchUp]{"skip", CatchUpSkip}, word[CatchUp]{"all", CatchUpAll}), func(t *Timer) *CatchUp { return &t.CatchUp }),
	onTimer("after", "So long after the event of since, or when an expression over that event says.", delay, func(t *Timer) *Timer { return t }),
	onTimer("since", "The event from which after counts.", pointer(eventRef), func(t *Timer) **EventRef { return &t.Since }),
	onTimer("unless", "The event that calls it off, or a list.", oneOrMore(pointer(eventRef)), func(t *Timer) *[]*EventRef { return &t.Unless }),
	onWindow("by", "The field of the event that parts the events of within.", pointer(fieldRef), func(w *Window) **FieldRef { return &w.By }),
	onWindow("within", "Over the events of so long; window is their list.", duration, func(w *Window) *time.Duration { return &w.Within }),
}

func onTimer[V any](name, doc string, r reader[V], place func(*Timer) *V) key[Policy] {
	return at(name, doc, r, func(p *Policy) *V {
		if p.Timer == nil {
			p.Timer = &Timer{}
		}
		return place(p.Timer)
	})
}

func onWindow[V any](name, doc string, r reader[V], place func(*Window) *V) key[Policy] {
	return at(name, doc, r, func(p *Policy) *V {
		if p.Window == nil {
			p.Window = &Window{}
		}
		return place(p.Window)
	})
}

// cronOf is the schedule of a timer, whichever of its keys comes first.
func cronOf(t *Timer) *Cron {
	if t.Cron == nil {
		t.Cron = &Cron{}
	}
	return t.Cron
}

// schedule reads a cron expression of five fields.
var schedule = scalar("a schedule", TextShape, func(d decoder, v *Cron, n *source.Node) bool {
	spec := parseSchedule(n.Value)
	switch {
	case spec == nil:
		d.badValue(n.Pos, "%s: %q is no schedule", d.place(), n.Value).
			With(diag.Fix("minute, hour, day, month and weekday, such as \"0 9 * * *\" for 9:00 every day"))
		return false
	case spec.Next(time.Unix(0, 0)).IsZero():
		d.badValue(n.Pos, "%s: the time of %q never comes", d.place(), n.Value)
		return false
	}
	v.Text, v.Pos, v.Next = n.Value, n.Pos, spec.Next
	d.settle(func() {
		if v.Zone == nil {
			v.Zone = d.sys.Zone
		}
		spec.Location = v.Zone
	})
	return true
})

// parseSchedule reads five fields and nothing of what the library takes
// besides: a time zone has a key of its own.
func parseSchedule(text string) *cron.SpecSchedule {
	if strings.Contains(text, "=") {
		return nil
	}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(text)
	if err != nil {
		return nil
	}
	return parsed.(*cron.SpecSchedule)
}

// delay reads after: a duration begins with a digit, anything else is an
// expression.
var delay = reader[Timer]{
	shape: Shape{Kind: EitherShape, Says: "a duration or an expression", Any: []Shape{duration.shape, expression.shape}},
	read: func(d decoder, t *Timer, n *source.Node) bool {
		if first := strings.TrimLeft(n.Value, "-"); first == "" || first[0] >= '0' && first[0] <= '9' {
			return duration.read(d, &t.After, n)
		}
		return expression.read(d, &t.Due, n)
	},
}

// doneTimer judges what the keys of a timer say together.
func doneTimer(d decoder, p *Policy, n *source.Node) {
	t := p.Timer
	if t == nil {
		return
	}
	t.Pos = p.Pos
	first := ""
	for _, k := range []string{"whenever", "every", "cron", "after"} {
		switch v := n.Get(k); {
		case v == nil:
		case first != "":
			d.badValue(v.Pos, "policy %s acts both by %s and by %s", p.Name, first, k).
				With(diag.At(n.Get(first).Pos, "%s", first), diag.Fix("make two policies of it"))
		default:
			first = k
			if k != "whenever" {
				t.Pos = v.Pos
			}
		}
	}
	d.onlyWith(n, "since", "after")
	d.onlyWith(n, "unless", "after")
	d.onlyWith(n, "zone", "cron")
	d.onlyWith(n, "catchUp", "every", "cron")
	if n.Get("after") != nil && n.Get("since") == nil {
		d.diags.Errorf(rule.MissingKey, t.Pos, "policy %s does not say after what it acts", p.Name).
			With(diag.Fix("write since: and the event from which it counts"))
	}
	if t.Cron != nil && t.Cron.Next == nil {
		t.Cron = nil
	}
	if t.CatchUp == "" {
		t.CatchUp = CatchUpOnce
	}
	d.settle(func() { d.checkUnless(p.Context, t) })
}

// doneWindow judges what the keys of a window say together.
func doneWindow(d decoder, p *Policy, n *source.Node) {
	w := p.Window
	if w == nil {
		return
	}
	w.Pos = p.Pos
	if v := n.Get("within"); v != nil {
		w.Pos = v.Pos
	}
	d.onlyWith(n, "within", "whenever")
	d.onlyWith(n, "by", "within")
	if w.By != nil {
		d.settle(func() { d.resolveBy(w.By, p.Whenever) })
	}
}

// onlyWith reports a key that means nothing without one of others.
func (d decoder) onlyWith(n *source.Node, name string, others ...string) {
	v := n.Get(name)
	if v == nil {
		return
	}
	for _, o := range others {
		if n.Get(o) != nil {
			return
		}
	}
	d.badValue(v.Pos, "%s of %s means nothing without %s", name, d.about, either(others)).
		With(diag.Fix("add %s, or leave %s out", either(others), name))
}

// checkUnless makes sure that an event that calls a timer off says whose.
func (d decoder) checkUnless(here *Context, t *Timer) {
	if t.Since == nil || t.Since.Event == nil {
		return
	}
	of := t.Since.Event
	for _, u := range t.Unless {
		e := here.Means(u.Event)
		switch {
		case e == nil, isSketch(of), isSketch(e):
		case of.Aggregate == nil:
			d.badValue(u.Pos, "%s cannot call off what waits since %s, which is of no aggregate", u.Text, t.Since.Text).
				With(diag.At(t.Since.Pos, "since"), diag.Fix("count from an event of an aggregate"))
		case e.Aggregate != of.Aggregate && fieldNamed(e.Fields, of.Aggregate.ID.Name) == nil:
			d.diags.Errorf(rule.UnknownName, u.Pos, "%s cannot call off what waits since %s: it has no field %s that says for which %s",
				u.Text, t.Since.Text, of.Aggregate.ID.Name, of.Aggregate.Name).
				With(diag.At(e.Pos, "the event"), diag.Fix("add the field %s to it", of.Aggregate.ID.Name))
		case e.Aggregate != of.Aggregate:
			if f := fieldNamed(e.Fields, of.Aggregate.ID.Name); f.Type != nil && !namesInstances(f.Type) {
				d.diags.Errorf(rule.BadType, u.Pos, "%s cannot call off what waits since %s: its %s is %s, and no id", u.Text, t.Since.Text, f.Name, f.Type).
					With(diag.At(f.Pos, "the field"), diag.Fix("make it ref(%s)", of.Aggregate.Name))
			}
		}
	}
}

// namesInstances reports whether values of a type can name an instance: ids and texts.
func namesInstances(t *Type) bool {
	v := t.Value().Scalar()
	return v.IsID() || v.IsEnum() || v.Kind == String
}

// resolveBy finds the field that parts the events of a window: all of them must
// have it.
func (d decoder) resolveBy(by *FieldRef, events []*EventRef) {
	for _, r := range events {
		if r.Event == nil || isSketch(r.Event) {
			continue
		}
		fields := d.context.Means(r.Event).Carries()
		d.offerFields(by.Text, fields)
		f := fieldNamed(fields, by.Text)
		if f == nil {
			d.diags.Errorf(rule.UnknownName, by.Pos, "event %s has no field %s", r.Event.Name, by.Text).
				With(diag.At(r.Event.Pos, "the event"), near(by.Text, fieldNames(fields)))
			continue
		}
		if by.Field == nil {
			by.Field = f
		}
		d.useField(by.Pos, by.Text, f)
	}
}

// isSketch reports whether an event is on the wall only: no one holds it, and
// it says nothing.
func isSketch(e *Event) bool {
	return e.Aggregate == nil && e.External == nil && len(e.Fields) == 0
}
