package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

type sum struct {
	Key, Part string
	N         int64
}

func sums(db *store.DB) *table.Table[sum] {
	return table.New(db, table.Spec[sum]{
		Name: "Sums", Table: "sums",
		Columns: []store.Column{{Name: "key", Type: store.Text, Key: true}, {Name: "n", Type: store.Int}},
		Bind:    func(s *sum) []any { return []any{&s.Key, &s.N} },
	})
}

// replica is one process of a service that keeps the view.
type replica struct {
	table     *table.Table[sum]
	main      *Consumer
	rebuilder *Rebuilder
	policies  *atomic.Int64
	key       func(string) view.Key
	stop      func()
}

func (p *place) replica() *replica {
	p.t.Helper()
	r := &replica{table: sums(p.db), policies: &atomic.Int64{}, key: func(key string) view.Key { return view.Key{key} }}
	must(p.t, r.table.Prepare(p.t.Context()))
	subscribe := func(c *Consumer) {
		Project(c, Projection[noted]{Name: "Sums", Topic: p.topic, Type: noteType, Do: func(ctx context.Context, tx *store.Tx, e noted, env message.Envelope) error {
			return r.table.Apply(ctx, tx, env.Meta(), view.Change[sum]{Key: []any{env.Key}, Missing: view.Create, Set: func(s *sum) {
				s.N += int64(e.N)
			}})
		}})
		On(c, Handler[noted]{Name: "Policy", Topic: p.topic, Type: noteType, Do: func(context.Context, noted, message.Envelope) error {
			r.policies.Add(1)
			return nil
		}})
	}
	r.main = NewConsumer(p.config())
	subscribe(r.main)
	r.rebuilder = NewRebuilder(r.main, subscribe, r.table)
	r.rebuilder.poll = 50 * time.Millisecond
	stopMain, stopRebuilder := run(p.t, r.main.Run), run(p.t, r.rebuilder.Run)
	r.stop = func() {
		stopMain()
		stopRebuilder()
	}
	return r
}

func (r *replica) sum(p *place, key string) int64 {
	row, err := r.table.Get(p.t.Context(), r.key(key)...)
	if err != nil && !errors.Is(err, view.ErrNotFound) {
		p.t.Fatal(err)
	}
	return row.N
}

func TestAViewIsRebuiltBesideTheLiveOne(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		first, second := p.replica(), p.replica()
		for n := range 10 {
			p.publishAll(p.envelope("a", n+1), p.envelope("b", 1))
		}
		eventually(t, "the view is there", func() bool { return first.sum(p, "a") == 55 && first.sum(p, "b") == 10 })

		_, err := p.db.Exec(t.Context(), "UPDATE sums SET n = -1")
		must(t, err)
		if err := first.rebuilder.Rebuild(t.Context(), "Nothing"); err == nil {
			t.Error("a view that is not there is rebuilt")
		}
		must(t, first.rebuilder.Rebuild(t.Context(), "Sums"))
		must(t, second.rebuilder.Rebuild(t.Context(), "Sums")) // the same one
		p.publishAll(p.envelope("a", 100))
		for _, r := range []*replica{first, second} {
			eventually(t, "the rebuilt view is read", func() bool { return r.sum(p, "a") == 155 && r.sum(p, "b") == 10 })
		}
		generations, err := table.ReadGenerations(t.Context(), p.db)
		if err != nil || generations["Sums"] != (table.Generations{Live: 1}) {
			t.Errorf("%+v, %v", generations, err)
		}
		// It goes on, in another replica and after a restart too.
		first.stop()
		p.publishAll(p.envelope("b", 1000))
		eventually(t, "the view goes on", func() bool { return second.sum(p, "b") == 1010 })
		third := p.replica()
		second.stop()
		p.publishAll(p.envelope("b", 10_000))
		eventually(t, "the view goes on", func() bool { return third.sum(p, "b") == 11_010 })
		must(t, third.rebuilder.Rebuild(t.Context(), "Sums"))
		eventually(t, "it is rebuilt again", func() bool {
			generations, err := table.ReadGenerations(t.Context(), p.db)
			must(t, err)
			return generations["Sums"] == table.Generations{Live: 2}
		})
		eventually(t, "the view is whole", func() bool { return third.sum(p, "b") == 11_010 && third.sum(p, "a") == 155 })
		// A rebuild gives no commands again.
		if n := first.policies.Load() + second.policies.Load() + third.policies.Load(); n > 23 {
			t.Errorf("policies ran %d times for 23 messages", n)
		}
		if n := p.count("platform_parked"); n != 0 {
			t.Errorf("%d parked", n)
		}
	})
}

// While a view is rebuilt events go on to come, and rows to be read: the old ones until
// the switch, the new ones from then on, and in the end they are those that all events make.
func TestARebuildUnderLoadServesOldRowsUntilTheSwitch(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		const rows, before, old = 10, 500, 1_000_000
		want := map[string]int64{}
		publish := func(n int) {
			var list []message.Envelope
			for i := range n {
				key := fmt.Sprint("k", i%rows)
				want[key]++
				list = append(list, p.envelope(key, 1))
			}
			p.publishAll(list...)
		}
		r := p.replica()
		all := func(add int64) func() bool {
			return func() bool {
				for key, n := range want {
					if r.sum(p, key) != n+add {
						return false
					}
				}
				return true
			}
		}
		publish(before)
		eventually(t, "the live view is there", all(0))
		// From here on what the live view says is told from what it should say.
		_, err := p.db.Exec(t.Context(), "UPDATE sums SET n = n + $1", old)
		must(t, err)

		reading, stop := context.WithCancel(t.Context())
		defer stop()
		var switched, olds, news atomic.Int64
		var readers sync.WaitGroup
		for i := range 4 {
			readers.Go(func() {
				key, last, fresh := fmt.Sprint("k", i), int64(old), false
				for reading.Err() == nil {
					row, err := r.table.Get(reading, key)
					switch {
					case reading.Err() != nil:
					case err != nil:
						t.Errorf("%s: %v", key, err)
						return
					case row.N >= old && !fresh:
						olds.Add(1)
						if row.N < last {
							t.Errorf("%s went back from %d to %d", key, last, row.N)
						}
						last = row.N
					case row.N >= old:
						t.Errorf("%s is %d again, of the old rows", key, row.N)
					case row.N < before/rows || fresh && row.N < last:
						t.Errorf("%s is %d, and not all events of before are in it, or fewer than there were", key, row.N)
					default:
						if news.Add(1); !fresh {
							switched.Add(1)
						}
						fresh, last = true, row.N
					}
				}
			})
		}
		must(t, r.rebuilder.Rebuild(t.Context(), "Sums"))
		eventually(t, "all who read see the new rows", func() bool {
			publish(rows)
			return switched.Load() == 4
		})
		stop()
		readers.Wait()
		if olds.Load() == 0 || news.Load() == 0 {
			t.Errorf("%d reads were of old rows, %d of new ones", olds.Load(), news.Load())
		}
		eventually(t, "the view is what all events make", all(0))
	})
}

func TestAGenerationWithParkedRecordsIsNotRead(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var healed atomic.Bool
		kept := sums(p.db)
		must(t, kept.Prepare(t.Context()))
		subscribe := func(c *Consumer) {
			Project(c, Projection[noted]{Name: "Sums", Topic: p.topic, Type: noteType, Do: func(ctx context.Context, tx *store.Tx, e noted, env message.Envelope) error {
				if generation, _ := table.Generation(ctx); generation > 0 && e.N == 2 && !healed.Load() {
					return errPoison
				}
				return kept.Apply(ctx, tx, values.Meta{}, view.Change[sum]{Key: []any{env.Key}, Missing: view.Create, Set: func(s *sum) {
					s.N += int64(e.N)
				}})
			}})
		}
		c := NewConsumer(p.config())
		subscribe(c)
		r := NewRebuilder(c, subscribe, kept)
		r.poll = 50 * time.Millisecond
		run(t, c.Run)
		run(t, r.Run)
		p.publishAll(p.envelope("a", 1), p.envelope("a", 2), p.envelope("a", 3))
		must(t, r.Rebuild(t.Context(), "Sums"))
		eventually(t, "the new generation has parked records", func() bool { return p.count("platform_parked WHERE handler = 'Sums__1'") == 2 })
		generations, err := table.ReadGenerations(t.Context(), p.db)
		if err != nil || generations["Sums"].Live != 0 {
			t.Errorf("%+v, %v", generations, err)
		}
		healed.Store(true)
		if n, err := c.Parked().Replay(t.Context(), ParkedFilter{Handler: "Sums__1"}); n != 2 || err != nil {
			t.Errorf("replayed %d, %v", n, err)
		}
		eventually(t, "it is read", func() bool {
			row, err := kept.Get(t.Context(), "a")
			generations, gerr := table.ReadGenerations(t.Context(), p.db)
			must(t, gerr)
			return err == nil && row.N == 6 && generations["Sums"].Live == 1
		})
	})
}

func TestLagAndForget(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		c := p.notes(&h)
		p.publishAll(p.envelope("a", 1), p.envelope("a", 2))
		if lag, err := c.Lag(t.Context()); lag != 2 || err != nil {
			t.Errorf("lag %d, %v", lag, err)
		}
		run(t, c.Run)
		eventually(t, "there is no lag", func() bool {
			lag, err := c.Lag(t.Context())
			must(t, err)
			return lag == 0
		})
		_, err := p.db.Exec(t.Context(), "INSERT INTO platform_inbox (consumer, message_id) VALUES ('x', 'y')")
		must(t, err)
		if n, err := c.Forget(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
		if n, err := c.Forget(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
	})
}
