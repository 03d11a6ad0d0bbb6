package sim

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Effect is something that was done or happened, with all that it led to.
type Effect struct {
	Kind   Kind
	Name   string         // front.PlaceOrder
	Of     any            // the node of the model that it is, or that is asked; nil: none
	Values map[string]any // input of a command, fields of an event; nil: none
	Order  []string       // of the names in Values
	Note   string         // what came of it, or why it waits
	At     time.Time
	Leads  []*Effect

	quiet  bool      // nobody is told of it
	number int       // of all effects of the world, in order
	cause  *Effect   // that led to it; nil: nothing of the model did
	event  *Happened // that it is; nil: it is none
}

// Kind is what an Effect is.
type Kind string

// The kinds of Effect.
const (
	Asked        Kind = "command"
	Happens      Kind = "event"
	Reacts       Kind = "policy"
	Rings        Kind = "timer"
	Orchestrates Kind = "saga"
	Steps        Kind = "step"
	Calls        Kind = "call"
	Compensates  Kind = "compensation"
	Changes      Kind = "view"
	Questions    Kind = "query"
	Webhook      Kind = "webhook"
	Passes       Kind = "time"
	Breaks       Kind = "fault"
)

// Trace are the effects that nothing of the model led to: what was asked, what
// time brought. It begins with the first.
func (w *World) Trace() []*Effect { return w.roots }

// Effects is how many effects there were so far, as Since is told.
func (w *World) Effects() int { return w.effects }

// Since are the effects after so many: those that nothing of the model led to,
// and of what was there before the branches that lead to something new.
func (w *World) Since(effects int) []*Effect { return since(w.roots, effects) }

// lead adds an effect to what led to it; nil: nothing of the model did.
func (w *World) lead(cause *Effect, e *Effect) *Effect {
	e.At = w.now
	if w.copied != nil {
		e.quiet = true
		return e // of what is played many times nobody is told
	}
	w.effects++
	e.number, e.cause = w.effects, cause
	if cause == nil {
		w.roots = append(w.roots, e)
	} else {
		cause.Leads = append(cause.Leads, e)
	}
	return e
}

// since are the effects after one: those that nothing led to, and of what was
// there before the branches that lead to something new.
func since(effects []*Effect, number int) []*Effect {
	var out []*Effect
	for _, e := range effects {
		if e.number > number {
			out = append(out, e)
			continue
		}
		if leads := since(e.Leads, number); len(leads) > 0 {
			branch := *e
			branch.Leads = leads
			out = append(out, &branch)
		}
	}
	return out
}

// note says what came of an effect.
func (e *Effect) note(format string, args ...any) {
	if !e.quiet {
		e.Note = fmt.Sprintf(format, args...)
	}
}

// Shown are its values as a person reads them; "": there are none.
func (e *Effect) Shown() string {
	if shown := showFields(e.Values, e.Order); shown != "{}" {
		return shown
	}
	return ""
}

func (e *Effect) String() string {
	s := string(e.Kind) + " " + e.Name
	if shown := e.Shown(); shown != "" {
		s += " " + shown
	}
	if e.Note != "" {
		s += " — " + e.Note
	}
	return s
}

// Bounds of what is drawn: a flow that does not come to rest is deep.
const (
	maxLines = 200
	maxDeep  = 20
)

// PrintTrace draws effects as a tree, as far as a person would read it.
func PrintTrace(out io.Writer, effects []*Effect) error {
	_, err := io.WriteString(out, chain(effects))
	return err
}

func chain(effects []*Effect) string {
	var d drawing
	for _, e := range effects {
		d.draw(e, "", "", 0)
	}
	if d.lines > maxLines {
		fmt.Fprintf(&d.text, "… and %d more lines\n", d.lines-maxLines)
	}
	return d.text.String()
}

// drawing is a tree of effects as text.
type drawing struct {
	text  strings.Builder
	lines int
}

func (d *drawing) draw(e *Effect, first, rest string, deep int) {
	d.line(first + e.String())
	if deep == maxDeep && len(e.Leads) > 0 {
		d.line(rest + "└─ … and so on")
		return
	}
	for i, next := range e.Leads {
		if i == len(e.Leads)-1 {
			d.draw(next, rest+"└─ ", rest+"   ", deep+1)
		} else {
			d.draw(next, rest+"├─ ", rest+"│  ", deep+1)
		}
	}
}

func (d *drawing) line(text string) {
	if d.lines++; d.lines <= maxLines {
		d.text.WriteString(text + "\n")
	}
}
