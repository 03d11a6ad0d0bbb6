package timer

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// replica is one of a service that shares its database with others.
type replica struct {
	*Timers
	t      *testing.T
	passed time.Duration
}

// onBoth runs a test on SQLite, and on PostgreSQL where there is a server.
func onBoth(t *testing.T, test func(t *testing.T, start func() *replica)) {
	testservers.OnBoth(t, func(t *testing.T, url string) {
		test(t, func() *replica {
			db, err := store.Open(t.Context(), url)
			must(t, err)
			t.Cleanup(func() { _ = db.Close() })
			must(t, db.Migrate(t.Context()))
			r := &replica{Timers: New(db, "/test/here", "test.here.timers"), t: t}
			r.clock = func(now time.Time) time.Time { return now.Add(r.passed) }
			must(t, r.Prepare(t.Context()))
			return r
		})
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begin is when what the tests tell of happens: the database's clock is near.
var begin = values.Truncate(time.Now())

// placed is an event of an order, some time after the beginning.
func placed(order string, after time.Duration) message.Envelope {
	return message.Envelope{
		ID: values.NewID(), Source: "/test/there", Type: "there.order.OrderPlaced", Subject: order, Time: begin.Add(after), DataVersion: 1,
		CorrelationID: "why", Actor: values.Actor{Subject: "kim", Roles: []string{"customer"}}, Topic: "test.there.order", Key: order, Data: []byte(`{"n":1.50}`),
	}
}

func (r *replica) waits(policy string, e message.Envelope, d time.Duration) {
	r.t.Helper()
	must(r.t, r.db.InTx(r.t.Context(), func(tx *store.Tx) error { return r.set(r.t.Context(), tx, policy, e, e.Time.Add(d)) }))
}

func (r *replica) calledOff(policy string, e message.Envelope, elsewhere bool) {
	r.t.Helper()
	must(r.t, r.db.InTx(r.t.Context(), func(tx *store.Tx) error {
		r.callOff(tx, policy, values.ID(e.Subject), e.Time, elsewhere)
		return nil
	}))
}

// rings lets time pass and tells what has become of timers since the last time.
func (r *replica) rings(passed time.Duration, clocks ...Clock) []string {
	r.t.Helper()
	r.passed = passed
	for {
		n, err := r.ring(r.t.Context(), clocks)
		must(r.t, err)
		if n == 0 {
			break
		}
	}
	var told []string
	for _, e := range r.told() {
		told = append(told, e.Type+" "+e.Subject)
	}
	return told
}

// told takes the messages out of the outbox.
func (r *replica) told() []message.Envelope {
	r.t.Helper()
	pending, err := outbox.Read(r.t.Context(), r.db, 1000)
	must(r.t, err)
	var list []message.Envelope
	var seqs []int64
	for _, p := range pending {
		e, err := message.FromRecord(p.Record)
		must(r.t, err)
		list, seqs = append(list, e), append(seqs, p.Seq)
	}
	must(r.t, outbox.Clear(r.t.Context(), r.db, seqs))
	return list
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestAPolicyActsWhenItsTimeHasCome(t *testing.T) {
	onBoth(t, func(t *testing.T, start func() *replica) {
		r := start()
		e := placed("a", 0)
		r.waits("Later", placed("b", 0), 2*time.Hour)
		r.waits("GiveUp", e, time.Hour)
		r.waits("GiveUp", e, time.Hour) // its second delivery
		same(t, "before", r.rings(59*time.Minute), nil)
		r.passed = 61 * time.Minute
		_, err := r.ring(t.Context(), nil)
		must(t, err)
		want := e
		want.Topic, want.Type = "test.here.timers", "timer.GiveUp.OrderPlaced"
		want.Time = want.Time.UTC()
		if diff := cmp.Diff([]message.Envelope{want}, r.told()); diff != "" {
			t.Error(diff)
		}
		same(t, "once", r.rings(90*time.Minute), nil)
		same(t, "at its own time", r.rings(121*time.Minute), []string{"timer.Later.OrderPlaced b"})
	})
}

func TestWhatIsCalledOffDoesNotHappen(t *testing.T) {
	onBoth(t, func(t *testing.T, start func() *replica) {
		r := start()
		for _, order := range []string{"kept", "off", "again"} {
			r.waits("GiveUp", placed(order, 0), time.Hour)
		}
		r.waits("Other", placed("off", 0), time.Hour)
		r.calledOff("GiveUp", placed("off", time.Minute), false)
		r.calledOff("GiveUp", placed("again", time.Minute), false)
		r.waits("GiveUp", placed("again", 2*time.Minute), time.Hour)
		// an event of elsewhere comes before what it calls off
		r.calledOff("GiveUp", placed("early", time.Minute), true)
		r.calledOff("GiveUp", placed("early", time.Second), true) // an older one takes nothing back
		r.waits("GiveUp", placed("early", 30*time.Second), time.Hour)
		// what was heard before, of the same time, came before
		r.calledOff("GiveUp", placed("even", time.Minute), true)
		r.waits("GiveUp", placed("even", time.Minute), time.Hour)
		same(t, "what rings", r.rings(2*time.Hour), []string{"timer.GiveUp.OrderPlaced kept", "timer.Other.OrderPlaced off", "timer.GiveUp.OrderPlaced even", "timer.GiveUp.OrderPlaced again"})
		r.waits("GiveUp", placed("early", 2*time.Minute), time.Hour) // placed anew since
		same(t, "a later one", r.rings(2*time.Hour), []string{"timer.GiveUp.OrderPlaced early"})
		must(t, r.Forget(t.Context(), begin.Add(time.Hour)))
		r.waits("GiveUp", placed("early", 30*time.Second), time.Hour)
		same(t, "forgotten", r.rings(2*time.Hour), []string{"timer.GiveUp.OrderPlaced early"})
	})
}

func TestReplicasRingOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, start func() *replica) {
		first, second := start(), start()
		clock := Clock{"Tick", Every(time.Minute), All}
		must(t, first.wind(t.Context(), []Clock{clock}))
		must(t, second.wind(t.Context(), []Clock{clock}))
		var want []string
		for range 300 {
			e := placed(string(values.NewID()), 0)
			first.waits("GiveUp", e, time.Second)
			want = append(want, e.Subject)
		}
		var wg sync.WaitGroup
		for _, r := range []*replica{first, second} {
			r.passed = 10*time.Minute + 30*time.Second
			wg.Go(func() {
				for {
					n, err := r.ring(context.Background(), []Clock{clock})
					if err != nil {
						t.Error(err)
					}
					if n == 0 && err == nil {
						break
					}
				}
			})
		}
		wg.Wait()
		var got []string
		struck := 0
		for _, e := range first.told() {
			if e.Subject == "Tick" {
				struck++
			} else {
				got = append(got, e.Subject)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		same(t, "once each", got, want)
		if struck != 10 {
			t.Errorf("the clock struck %d times in ten minutes", struck)
		}
	})
}

func TestMissedTimes(t *testing.T) {
	first := begin.Add(time.Hour)
	for _, c := range []struct {
		name    string
		catchUp CatchUp
		now     time.Duration // since the first time
		want    []time.Duration
	}{
		{"on time", Skip, 0, []time.Duration{0}},
		{"a little late", Skip, 30 * time.Second, []time.Duration{0}},
		{"missed", Skip, 2 * time.Minute, nil},
		{"several missed, and one on time", Skip, 2*time.Hour + time.Second, []time.Duration{2 * time.Hour}},
		{"once", Once, 150 * time.Minute, []time.Duration{2 * time.Hour}},
		{"all", All, 150 * time.Minute, []time.Duration{0, time.Hour, 2 * time.Hour}},
		{"before", All, -time.Second, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			times, next := Clock{"Tick", Every(time.Hour), c.catchUp}.times(first, first.Add(c.now))
			var got []time.Duration
			for _, at := range times {
				got = append(got, at.Sub(first))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if late := next.Sub(first.Add(c.now)); late <= 0 || late > time.Hour {
				t.Errorf("next in %s", late)
			}
		})
	}
	t.Run("many at a time", func(t *testing.T) {
		c := Clock{"Tick", Every(time.Second), All}
		n, at := 0, first
		for !at.After(first.Add(249 * time.Second)) {
			var times []time.Time
			times, at = c.times(at, first.Add(249*time.Second))
			n += len(times)
			if len(times) > batch {
				t.Errorf("%d in one transaction", len(times))
			}
		}
		if n != 250 {
			t.Errorf("%d times, want 250", n)
		}
	})
}

func TestTimesOfTheDay(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		must(t, err)
		return parsed
	}
	for _, c := range []struct{ name, fields, zone, after, want string }{
		{"nine in Seoul", "0 9 * * *", "Asia/Seoul", "2026-11-29T23:59:59Z", "2026-11-30T00:00:00Z"},
		{"the day after", "0 9 * * *", "Asia/Seoul", "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"before summer", "0 9 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-28T08:00:00Z"},
		{"in summer", "0 9 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T07:00:00Z"},
		{"an hour that is left out", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"},
		{"on workdays", "0 9 * * 1-5", "UTC", "2026-11-27T10:00:00Z", "2026-11-30T09:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Cron(c.fields, c.zone)
			must(t, s.err)
			if got := s.next(at(c.after)).Format(time.RFC3339); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
	if Cron("0 9 * * *", "Mars/Olympus").err == nil || Cron("61 * * * *", "UTC").err == nil {
		t.Error("what is no schedule is taken")
	}
}

func TestClocksOfAModelThatChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, start func() *replica) {
		r := start()
		hourly, daily := Clock{"Tick", Every(time.Hour), All}, Clock{"Tick", Every(24 * time.Hour), All}
		gone := Clock{"Gone", Every(time.Hour), All}
		must(t, r.wind(t.Context(), []Clock{hourly, gone}))
		r.passed = 30 * time.Minute
		must(t, r.wind(t.Context(), []Clock{hourly})) // it goes on where it was
		same(t, "goes on", r.rings(61*time.Minute, hourly), []string{"timer.Tick.due Tick"})
		must(t, r.wind(t.Context(), []Clock{daily}))
		same(t, "the new schedule", r.rings(20*time.Hour, daily), nil)
		same(t, "its time", r.rings(26*time.Hour, daily), []string{"timer.Tick.due Tick"})
	})
}

// All that a policy does at one time of the clock began with that time.
func TestATimeOfTheClockIsABeginning(t *testing.T) {
	onBoth(t, func(t *testing.T, start func() *replica) {
		r := start()
		clock := Clock{Policy: "Hourly", Schedule: Every(time.Hour), CatchUp: All}
		must(t, r.wind(t.Context(), []Clock{clock}))
		r.passed = 2*time.Hour + time.Minute
		_, err := r.ring(t.Context(), []Clock{clock})
		must(t, err)
		strokes := r.told()
		if len(strokes) != 2 || strokes[0].CorrelationID == strokes[1].CorrelationID {
			t.Fatalf("%+v", strokes)
		}
		for _, e := range strokes {
			if e.CorrelationID != string(e.ID) {
				t.Errorf("%s began with %q", e.ID, e.CorrelationID)
			}
		}
	})
}
