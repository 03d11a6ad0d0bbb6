package sim

import (
	"time"

	"github.com/esgen/esgen/model"
)

// seen is an event in a window.
type seen struct {
	at     time.Time
	fields map[string]any
}

// feed lets a policy with a window remember an event. What it saw is kept with
// the event: the policy may come to act on it later.
func (w *World) feed(l *listener, h *Happened) {
	if l.policy == nil || l.policy.Window == nil {
		return
	}
	m := l.policy.Window
	by := ""
	if m.By != nil {
		by = keyText(h.Fields[m.By.Text])
	}
	if w.clock.windows[l.policy] == nil {
		w.clock.windows[l.policy] = map[string][]seen{}
	}
	list := append(w.clock.windows[l.policy][by], seen{h.Time, h.Fields})
	for !list[0].at.Add(m.Within).After(h.Time) {
		list = list[1:]
	}
	w.clock.windows[l.policy][by] = list
	window := make([]any, len(list))
	for i, s := range list {
		window[i] = s.fields
	}
	if h.window == nil {
		h.window = map[*model.Policy][]any{}
	}
	h.window[l.policy] = window
}
