package proof

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/testkit/live"
)

// longStep is the longest pause of a scenario that a history has: what takes longer
// has its clocks go ahead.
const longStep = 40 * time.Second

// vary writes what the scenario of a history tells, and tells it of several: some
// commands come again, or for other instances as well. It returns when the last comes.
func (w *writer) vary(h *History) (at time.Duration) {
	if h.Scenario == nil {
		return 0
	}
	for _, n := range h.Scenario.History {
		past := w.system.Played.History[n]
		if a := w.system.aggregateOf(past.Type); a != nil {
			w.note(a.Name, past.Subject)
		}
	}
	for _, step := range h.Scenario.Steps {
		at += time.Duration(w.IntN(1500)) * time.Millisecond
		if given := step.When; given != nil && given.Events != "" && !given.Inside {
			w.told(h, given, at)
			for n := 2; w.often(30); n++ {
				if another := w.another(given, n); another != nil {
					w.told(h, another, at+time.Duration(w.IntN(2000))*time.Millisecond)
				}
			}
			if w.often(20) {
				w.told(h, given, at+time.Duration(w.IntN(10_000))*time.Millisecond)
			}
		}
		at += min(time.Duration(step.Advance), longStep)
	}
	return at
}

// told adds a command of a scenario.
func (w *writer) told(h *History, given *live.When, at time.Duration) {
	if !slices.Contains(w.people, given.Subject) {
		w.people = append(w.people, given.Subject)
	}
	if a := w.system.aggregateOf(given.Events); a != nil {
		if id, _ := w.instance(given); id != "" {
			w.note(a.Name, id)
		}
	}
	a := Act{Command: given.Does, As: given}
	if w.often(60) {
		a.Key = fmt.Sprintf("key-%d", len(h.Acts))
		a.Twice = w.often(20)
	}
	w.give(h, a, at)
}

// instance is the id that a command names in its body, which is then one of a new
// instance, mostly; "": it is in the path.
func (w *writer) instance(given *live.When) (id string, body map[string]json.RawMessage) {
	if json.Unmarshal(given.Body, &body) != nil || json.Unmarshal(body[given.Instance], &id) != nil {
		return "", nil
	}
	return id, body
}

// another is the same command for another new instance; nil: it is for one that is there.
func (w *writer) another(given *live.When, n int) *live.When {
	id, body := w.instance(given)
	if id == "" || strings.Contains(given.Path, url.PathEscape(id)) {
		return nil
	}
	other := *given
	body[given.Instance], _ = json.Marshal(fmt.Sprintf("%s-%d", id, n)) // a text can be encoded
	other.Body, _ = json.Marshal(body)
	return &other
}

// aggregateOf is the aggregate of a type of event, or of how its types begin; nil: none.
func (s *System) aggregateOf(typ string) *Aggregate {
	for _, v := range s.Services {
		for i, a := range v.Aggregates {
			if strings.HasPrefix(typ, a.Type+".") {
				return &v.Aggregates[i]
			}
		}
	}
	return nil
}
