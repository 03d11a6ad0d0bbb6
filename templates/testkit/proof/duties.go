package proof

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
)

// checkDuties looks for events because of which a policy had something to do, and
// neither did it nor has it parked. Whom it would have made may be there since before the
// history, and then it leaves no trace.
func (w *world) checkDuties(events []message.Envelope) {
	for _, d := range w.system.Duties {
		if d.Makes != "" && slices.ContainsFunc(events, func(e message.Envelope) bool { return isPast(e) && strings.HasPrefix(e.Type, d.Makes+".") }) {
			continue
		}
		done, err := w.did(d)
		if err != nil {
			w.note("%s: %v", d.Service, err)
			continue
		}
		for _, e := range events {
			if slices.Contains(d.Events, e.Type) && !isPast(e) && !done[string(e.ID)] {
				w.note("%s of %s did nothing because of %s of %s (%s)", d.Policy, d.Service, e.Type, e.Subject, e.ID)
			}
		}
	}
}

// did are the messages because of which a policy did what it has to do, or which are
// parked for it.
func (w *world) did(d Duty) (map[string]bool, error) {
	out := map[string]bool{}
	note := func(key string) {
		id, _, _ := strings.Cut(key, "/") // with what it was done for, where that is several
		out[id] = true
	}
	err := w.look(d.Service, func(db *store.DB) error {
		keys, err := texts(db, "SELECT id FROM platform_commands WHERE scope = $1", d.Effect)
		if err != nil {
			return err
		}
		parked, err := texts(db, "SELECT headers FROM platform_parked WHERE handler = $1", d.Policy)
		for _, key := range keys {
			note(key)
		}
		for _, headers := range parked {
			note(idOf(headers))
		}
		return err
	})
	if d.Operation != "" {
		for key := range w.effectsOf(d.Operation) {
			if id, is := strings.CutPrefix(key, d.Effect+"/"); is {
				note(id)
			}
		}
	}
	return out, err
}

// idOf is the id of a message that is parked, by its headers.
func idOf(headers string) string {
	var list []kgo.RecordHeader
	if err := json.Unmarshal([]byte(headers), &list); err != nil {
		return ""
	}
	for _, h := range list {
		if h.Key == "ce_id" {
			return string(h.Value)
		}
	}
	return ""
}
