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
	Values map[string]any // input of a command, fields of an event; nil: none
	Order  []string       // of the names in Values
	Note   string         // what came of it, or why it waits
	At     time.Time
	Leads  []*Effect
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

// lead adds an effect to what led to it; nil: nothing of the model did.
func (w *World) lead(cause *Effect, e *Effect) *Effect {
	e.At = w.now
	if cause == nil {
		w.roots = append(w.roots, e)
	} else {
		cause.Leads = append(cause.Leads, e)
	}
	return e
}

// note says what came of an effect.
func (e *Effect) note(format string, args ...any) { e.Note = fmt.Sprintf(format, args...) }

func (e *Effect) String() string {
	s := string(e.Kind) + " " + e.Name
	if len(e.Values) > 0 {
		if shown := showFields(e.Values, e.Order); shown != "{}" {
			s += " " + shown
		}
	}
	if e.Note != "" {
		s += " — " + e.Note
	}
	return s
}

// PrintTrace draws effects as a tree.
func PrintTrace(out io.Writer, effects []*Effect) error {
	_, err := io.WriteString(out, chain(effects))
	return err
}

func chain(effects []*Effect) string {
	var b strings.Builder
	for _, e := range effects {
		draw(&b, e, "", "")
	}
	return b.String()
}

func draw(b *strings.Builder, e *Effect, first, rest string) {
	b.WriteString(first)
	b.WriteString(e.String())
	b.WriteByte('\n')
	for i, next := range e.Leads {
		if i == len(e.Leads)-1 {
			draw(b, next, rest+"└─ ", rest+"   ")
		} else {
			draw(b, next, rest+"├─ ", rest+"│  ")
		}
	}
}
