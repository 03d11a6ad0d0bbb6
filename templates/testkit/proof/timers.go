package proof

import (
	"database/sql/driver"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
)

// timers is the table of what waits for its time, and timersTopic how the topics end
// in which services tell themselves that it has come.
const (
	timers      = "platform_timers"
	timersTopic = ".timers"
)

// ringing is how a timer that rings is taken away: one that is called off goes with
// all of its instance.
var ringing = regexp.MustCompile(`(?i)^\s*DELETE FROM ` + timers + ` WHERE policy = \$1 AND id = \$2\s*$`)

// rung is a timer that was taken away because its time had come.
type rung struct {
	service, policy, id string
	at                  time.Time
}

// rings is the timer that a statement has ring; no: it has none.
func rings(service, query string, args []driver.NamedValue) (r rung, is bool) {
	if len(args) != 2 || !ringing.MatchString(query) {
		return r, false
	}
	policy, _ := args[0].Value.(string)
	id, _ := args[1].Value.(string)
	return rung{service, policy, id, time.Now()}, true
}

// haveRung remembers timers whose transaction is kept.
func (w *world) haveRung(list []rung) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rung = append(w.rung, list...)
}

// checkTimers holds what services told themselves at a time against the timers that
// rang: each was told, once. A story that is refused again and again has some ring for
// ever, also while topics are read.
func (w *world) checkTimers(records []*kgo.Record) {
	type moment struct{ topic, typ, subject, at, data string }
	told := map[moment]string{} // and by which message
	heard := map[string][]string{}
	for _, r := range records {
		if !strings.HasSuffix(r.Topic, timersTopic) {
			continue
		}
		e, err := message.FromRecord(r)
		if err != nil {
			w.note("%s has a record that is no message: %v", r.Topic, err)
			continue
		}
		at := moment{r.Topic, e.Type, e.Subject, e.Time.String(), string(e.Data)}
		if before, twice := told[at]; twice && before != string(e.ID) {
			w.note("%s tells %s of %s at %s twice: %s and %s", r.Topic, e.Type, e.Subject, at.at, before, e.ID)
		}
		told[at] = string(e.ID)
		heard[string(e.ID)] = append(heard[string(e.ID)], e.Type)
	}
	for _, r := range w.rung {
		if r.at.Before(w.rested) && !slices.ContainsFunc(heard[r.id], func(typ string) bool { return strings.HasPrefix(typ, "timer."+r.policy+".") }) {
			w.note("a timer of %s of %s rang (%s), and nobody was told", r.policy, r.service, r.id)
		}
	}
}
