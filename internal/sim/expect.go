package sim

import (
	"fmt"
	"strings"

	"github.com/esgen/esgen/model"
)

// eventually holds what must have happened in a step, or be so after it.
func (p *player) eventually(e *model.Expectation) {
	switch {
	case e.Event != nil && e.Event.Event != nil:
		p.countEvents(e)
	case e.Called != nil && e.Called.Operation != nil:
		p.countContacts(e)
	case e.View != nil && e.View.View != nil:
		v := e.View.View
		rows := p.table(v).sorted()
		p.countObjects(e, "there is no such row in "+qualified(v.Context, v.Name), v.Fields, rows, fieldNames(nil, v.Fields))
	case e.State != nil && e.State.Aggregate != nil:
		a := e.State.Aggregate
		var states []map[string]any
		for _, id := range p.Instances(a) {
			states = append(states, p.store(a).instances[id].state)
		}
		fields := append([]*model.Field{a.ID}, a.State...)
		p.countObjects(e, "there is no such "+a.Name, fields, states, fieldNames(nil, fields))
	}
}

func (p *player) countEvents(e *model.Expectation) {
	ev := e.Event.Event
	var same []string
	n := 0
	for _, h := range p.log[p.step.events:] {
		if h.Event != ev {
			continue
		}
		same = append(same, showFields(h.Fields, eventFields(ev)))
		ok, read := p.isEvent(e, h)
		if !read {
			return
		}
		if ok {
			n++
		}
	}
	if !enough(e, n) {
		p.fail(e.Pos, often(eventName(ev), "happened", n), expectation(e), among(same, "no "+ev.Name))
	}
}

func (p *player) isEvent(e *model.Expectation, h *Happened) (same, read bool) {
	if e.Event.Event != h.Event {
		return false, true
	}
	fields := h.Event.Fields
	if a := h.Event.Aggregate; a != nil {
		fields = append([]*model.Field{a.ID}, fields...)
	}
	want, ok := p.values(e.With, fields...)
	return ok && within(want, h.Fields), ok
}

func (p *player) countContacts(e *model.Expectation) {
	op := e.Called.Operation
	want, ok := p.values(e.With, op.Input...)
	if !ok {
		return
	}
	var same []string
	n := 0
	for _, c := range p.outside.contacts[p.step.contacts:] {
		if c.Operation != op || c.Repeat {
			continue
		}
		same = append(same, showFields(c.Input, fieldNames(nil, op.Input)))
		if within(want, c.Input) {
			n++
		}
	}
	if !enough(e, n) {
		p.fail(e.Pos, often(operationName(op), "was called so", n), expectation(e), among(same, "no call"))
	}
}

func (p *player) countObjects(e *model.Expectation, message string, fields []*model.Field, objects []map[string]any, order []string) {
	want, ok := p.values(e.With, fields...)
	if !ok {
		return
	}
	var same []string
	n := 0
	for _, o := range objects {
		same = append(same, showFields(o, order))
		if within(want, o) {
			n++
		}
	}
	if !enough(e, n) {
		if e.Times != nil {
			message = fmt.Sprintf("of those there %s %d", plural(n, "is", "are"), n)
		}
		p.fail(e.Pos, message, expectation(e), among(same, "none at all"))
	}
}

// enough reports whether something is there as often as is expected.
func enough(e *model.Expectation, n int) bool {
	if e.Times != nil {
		return n == *e.Times
	}
	return n > 0
}

// often says how often something happened.
func often(what, happened string, n int) string {
	if n == 0 {
		if rest, ok := strings.CutPrefix(happened, "was "); ok {
			return what + " was never " + rest
		}
		return what + " never " + happened
	}
	return what + " " + happened + " " + times(n)
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// mostShown bounds how many of what is there a failure shows.
const mostShown = 10

func among(list []string, none string) string {
	switch n := len(list); {
	case n == 0:
		return none
	case n > mostShown:
		list = append(list[:mostShown:mostShown], fmt.Sprintf("… and %d more", n-mostShown))
	}
	return strings.Join(list, "\n")
}

// sameCode compares the code of a refusal with the one a scenario names: the
// codes of the protocol, model-error, may be written as those of the model are.
func sameCode(have, want string) bool {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }
	return have == want || have != "" && plain(have) == plain(want)
}

// expectation is an expectation as it is written.
func expectation(e *model.Expectation) string {
	var name string
	switch {
	case e.Event != nil:
		name = e.Event.Text
	case e.View != nil:
		name = e.View.Text
	case e.State != nil:
		name = e.State.Text
	case e.Called != nil:
		name = e.Called.Text
	}
	if len(e.With) > 0 {
		name += " " + written(e.With)
	}
	if e.Times != nil {
		name += " " + times(*e.Times)
	}
	return name
}

func written(list []*model.Value) string {
	parts := make([]string, len(list))
	for i, v := range list {
		value := "…"
		if v.Field != nil && v.Field.Type != nil {
			if x, err := plain(v.Node, v.Field.Type); err == nil {
				value = Show(x)
			}
		} else if v.Node.Value != "" {
			value = v.Node.Value
		}
		parts[i] = v.Name + ": " + value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func showExpected(list []*model.Expectation) string {
	if len(list) == 0 {
		return "no events"
	}
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = expectation(e)
	}
	return strings.Join(parts, "\n")
}

func showHappened(events []Happened) string {
	parts := make([]string, len(events))
	for i, h := range events {
		parts[i] = h.Event.Name + " " + showFields(h.Fields, eventFields(h.Event))
	}
	return strings.Join(parts, "\n")
}

func showRows(fields []*model.Field, rows []map[string]any) string {
	parts := make([]string, len(rows))
	for i, row := range rows {
		parts[i] = showFields(row, fieldNames(nil, fields))
	}
	return among(parts, "no rows")
}
