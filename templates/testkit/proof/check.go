package proof

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/testkit/given"
)

// judge checks a system until nothing happens meanwhile: what waits for something may go on
// at any time.
func (w *world) judge(dir string) {
	before := len(w.findings)
	for range tries {
		ends := w.ends()
		w.check(dir)
		time.Sleep(settled)
		if w.ends() == ends {
			return
		}
		w.findings = w.findings[:before]
		w.rest()
	}
	w.note("something happens again and again")
}

// settled is longer than what has happened is on its way to its topic.
const settled = 500 * time.Millisecond

// check holds databases and topics of a system at rest against what it promises.
func (w *world) check(dir string) {
	all, err := w.records(w.system.topics()...)
	if err != nil {
		w.note("%v", err)
		return
	}
	events := w.events(all)
	w.checkAnswers(events)
	w.checkEffects(events, all)
	w.checkCalls(events)
	w.checkStories(all)
	w.checkTimers(all)
	w.checkAwaits(events)
	w.checkDuties(events)
	w.checkOrder(placesOf(all))
	for _, v := range w.system.Services {
		w.checkService(dir, v, events)
	}
}

// events are those of the aggregates, each once, in the order of their
// instances: numbers that are missing, come late or say two things are noted.
func (w *world) events(records []*kgo.Record) (list []message.Envelope) {
	for _, v := range w.system.Services {
		for _, a := range v.Aggregates {
			topic := cmp.Or(a.Own, a.Topic)
			last := map[string]int64{}
			seen := map[string]*kgo.Record{}
			for _, r := range records {
				if r.Topic != topic {
					continue
				}
				e, err := message.FromRecord(r)
				if err != nil {
					w.note("%s has a record that is no message: %v", topic, err)
					continue
				}
				if before := seen[string(e.ID)]; before != nil {
					if string(before.Value) != string(r.Value) || before.Partition != r.Partition {
						w.note("%s says two things of %s", topic, e.ID)
					}
					continue
				}
				seen[string(e.ID)] = r
				if e.Sequence != last[e.Subject]+1 {
					w.note("%s: %s of %s has the number %d after %d", topic, e.Event(), e.Subject, e.Sequence, last[e.Subject])
				}
				last[e.Subject] = e.Sequence
				list = append(list, e)
			}
		}
	}
	return interleaved(list)
}

// interleaved puts events of several instances in the order of their times, and
// those of one in their own: a command that lost against another one is decided
// again at the time at which it came.
func interleaved(list []message.Envelope) []message.Envelope {
	type event struct {
		message.Envelope
		at time.Time
	}
	last := map[string]time.Time{}
	all := make([]event, len(list))
	for i, e := range list {
		at := e.Time
		if at.Before(last[e.Subject]) {
			at = last[e.Subject]
		}
		last[e.Subject], all[i] = at, event{e, at}
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	for i, e := range all {
		list[i] = e.Envelope
	}
	return list
}

// modelFault is the code of the one 500 that services promise: an expression of the
// model cannot be computed, and nothing is stored.
const modelFault = `"model-error"`

// checkAnswers holds what clients were told against what happened.
func (w *world) checkAnswers(events []message.Envelope) {
	type version struct {
		id     string
		number int64
	}
	happened := map[version]bool{}
	for _, e := range events {
		happened[version{e.Subject, e.Sequence}] = true
	}
	by := map[int]Answer{}
	for _, a := range w.answers {
		if a.Status == http.StatusInternalServerError && !strings.Contains(a.Body, modelFault) {
			w.note("%s of %s was answered %d: %s", a.Command, a.ID, a.Status, a.Body)
		}
		if a.Status >= 300 || a.Status == 0 {
			continue
		}
		if a.Version > 0 && a.ID != "" && !happened[version{a.ID, a.Version}] {
			w.note("%s was answered %d with %s at version %d, of which there is no event", a.Command, a.Status, a.ID, a.Version)
		}
		if before, twice := by[a.Act]; twice && (!w.sameAnswer(before.Body, a.Body) || before.Version != a.Version) {
			w.note("%s with one key was answered %s (version %d), and %s (version %d)", a.Command, before.Body, before.Version, a.Body, a.Version)
		}
		by[a.Act] = a
	}
}

// checkEffects looks for messages that had an effect more than once: events of
// one cause that were decided at different moments, and more often than there are
// those who react.
func (w *world) checkEffects(events []message.Envelope, records []*kgo.Record) {
	most := map[string]int{}
	for _, r := range w.system.Reactions {
		most[r.Event] = r.Most
	}
	orders := w.orders(records)
	type effect struct{ cause, typ, subject string }
	moments := map[effect]map[time.Time]bool{}
	for _, e := range events {
		if e.CausationID == "" {
			continue
		}
		cause := e.CausationID
		if o := orders[cause]; o != nil {
			cause = o.Saga + "/" + o.Key // one that is asked for again is another message
		}
		at := effect{cause, e.Type, e.Subject}
		if moments[at] == nil {
			moments[at] = map[time.Time]bool{}
		}
		moments[at][e.Time] = true
	}
	for at, when := range moments {
		if len(when) > max(1, most[at.typ]) {
			w.note("%s of %s happened %d times because of %s", at.typ, at.subject, len(when), at.cause)
		}
	}
}

// checkService builds what a service knows anew from the events, one after the other and
// with nothing going wrong, and compares; and holds its instances against their events.
func (w *world) checkService(dir string, v Service, events []message.Envelope) {
	is, err := v.dump(w.disks[v.Name].seen())
	if err != nil {
		w.note("%s: %v", v.Name, err)
		return
	}
	again := w.prepared(v.Name, filepath.Join(dir, v.Name+"-again.db"))
	in := &drive{again}
	var want map[string][]string
	err = w.apart(v.Name, in, func(ctx context.Context, p assembly.Parts) (err error) {
		if err := w.handKeys(v, p.DB); err != nil {
			return err
		}
		if err := fold(ctx, p, events); err != nil {
			return err
		}
		if want, err = v.dump(p.DB); err != nil {
			return err
		}
		in.disk = w.disks[v.Name]
		return w.audit(ctx, v, p, events)
	})
	if err = errors.Join(err, again.close()); err != nil {
		w.note("%s cannot be built anew from the events, or be held against them: %v", v.Name, err)
		return
	}
	for _, table := range slices.Sorted(maps.Keys(is)) {
		for _, row := range missing(is[table], want[table]) {
			w.note("%s: %s has a row that does not follow from the events: %s", v.Name, table, row)
		}
		for _, row := range missing(want[table], is[table]) {
			w.note("%s: %s lacks a row that follows from the events: %s", v.Name, table, row)
		}
	}
}

// audited is what keeps an aggregate, as far as it can be held against its events.
type audited interface {
	Audit(ctx context.Context, events []message.Envelope) ([]string, error)
}

// audit holds the instances of a service against their events: each is what these make
// of it, step by step, and breaks no invariant.
func (w *world) audit(ctx context.Context, v Service, p assembly.Parts, events []message.Envelope) error {
	for _, prepared := range p.Prepare {
		r, ok := prepared.(audited)
		if !ok {
			continue
		}
		problems, err := r.Audit(ctx, events)
		if err != nil {
			return err
		}
		for _, problem := range problems {
			w.note("%s: %s", v.Name, problem)
		}
	}
	return nil
}

// apart has something done with a service that is put together over a database, and
// does not run.
func (w *world) apart(service string, in *drive, do func(ctx context.Context, p assembly.Parts) error) error {
	return w.programs[service](context.Background(), Machine{
		Environment: w.environment(service), log: &log{m: &machine{service: service}},
		Dial:     func(ctx context.Context, _, address string) (net.Conn, error) { return w.net.dial(ctx, nil, address) },
		database: func() *store.DB { return in.open(nil) },
		Run: func(ctx context.Context, p assembly.Parts) error {
			defer func() { _ = p.DB.Close() }()
			return do(ctx, p)
		},
	})
}

// missing are the texts of one list that another does not have.
func missing(of, in []string) []string {
	left := map[string]int{}
	for _, text := range in {
		left[text]++
	}
	var out []string
	for _, text := range of {
		if left[text]--; left[text] < 0 {
			out = append(out, text)
		}
	}
	return out
}

// fold tells a service that is put together what happened.
func fold(ctx context.Context, p assembly.Parts, events []message.Envelope) error {
	var repositories []given.Repository
	for _, prepared := range p.Prepare {
		if r, ok := prepared.(given.Repository); ok {
			repositories = append(repositories, r)
		}
	}
	var hears assembly.Hearer
	for _, part := range p.Has {
		if part.Apart != nil {
			hears = part.Apart()
		}
	}
	for _, e := range events {
		for _, r := range repositories {
			err := p.DB.InTx(ctx, func(tx *store.Tx) error {
				_, err := r.Restore(ctx, tx, &e)
				return err
			})
			if err != nil {
				return err
			}
		}
		if hears == nil {
			continue
		}
		if _, err := hears.Remember(ctx, e); err != nil {
			return fmt.Errorf("%s of %s: %w", e.Type, e.Subject, err)
		}
	}
	return nil
}

// short is a text of which only the beginning matters.
func short(s string) string {
	if before, _, more := strings.Cut(s, "\n"); more {
		return before + " …"
	}
	return s
}
