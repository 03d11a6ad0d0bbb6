package proof

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
)

// checkCalls counts what commands had others do, and what came of it: what was done
// there is kept here, or undone. So money that was taken is money that was told of.
func (w *world) checkCalls(events []message.Envelope) {
	for _, c := range w.system.Calls {
		kept := 0
		for _, e := range events {
			if slices.Contains(c.Events, e.Type) && !isPast(e) {
				kept++
			}
		}
		standing := w.standingAtOthers(c)
		if c.Service != "" {
			standing = w.standingAt(c)
		}
		if standing > kept || c.Exact && standing < kept {
			w.note("%s had %s do %s %d times, and there are %d of %s", c.Name, c.Service, c.Operation, standing, kept, strings.Join(c.Events, ", "))
		}
	}
}

// standingAt is how often a service did what it was called for, and did not undo it.
func (w *world) standingAt(c Call) (n int) {
	err := w.look(c.Service, func(db *store.DB) error {
		ids, err := texts(db, "SELECT id FROM platform_commands WHERE state = 'done'")
		for _, id := range ids {
			if c.made(id) {
				n++
			}
		}
		return err
	})
	if err != nil {
		w.note("%s: %v", c.Service, err)
	}
	return n
}

// standingAtOthers is the same of a system of others.
func (w *world) standingAtOthers(c Call) (n int) {
	effects := w.effects()
	for key := range w.effectsOf(c.Operation) {
		if c.made(key) && !effects[key+"/undo"] {
			n++
		}
	}
	return n
}

// made tells whether a key is one of the call: that of a run, the name of the call
// and which one of that name it is.
func (c Call) made(key string) bool {
	parts := strings.Split(key, "/")
	return len(parts) == 3 && parts[1] == c.Name
}
