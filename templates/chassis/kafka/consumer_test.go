package kafka

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

const noteType = "here.Note.Noted"

// notes makes a consumer whose handler notes what it gets.
func (p *place) notes(h *handled) *Consumer {
	c := NewConsumer(p.config())
	On(c, Handler[noted]{Name: "Notes", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
		h.note(env.Key, e.N)
		return nil
	}})
	return c
}

// numbers are 1 to n as handled prints them.
func numbers(n int) string {
	var list []int
	for i := range n {
		list = append(list, i+1)
	}
	return fmt.Sprint(list)
}

func TestRecordsComeInTheOrderOfTheirKeys(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		run(t, p.notes(&h).Run)
		run(t, p.relay().Run)
		for n := range 20 {
			p.store(p.envelope("a", n+1), p.envelope("b", n+1), p.envelope("c", n+1))
		}
		eventually(t, "all are handled", func() bool { return h.count() == 60 })
		for _, key := range []string{"a", "b", "c"} {
			if h.of(key) != numbers(20) {
				t.Errorf("%s: %s", key, h.of(key))
			}
		}
	})
}

func TestADuplicateHasOneEffect(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		must(t, p.db.Ensure(t.Context(), store.TableSpec{Name: "effects", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: "n", Type: store.Int}}}))
		_, err := p.db.Exec(t.Context(), "INSERT INTO effects VALUES ('x', 0)")
		must(t, err)
		c := NewConsumer(p.config())
		var crashes atomic.Int64
		c.fault = func(string) error { // the first deliveries fail after their effect, before their commit
			if crashes.Add(1) <= 2 {
				return errors.New("crash")
			}
			return nil
		}
		for _, name := range []string{"ViewA", "ViewB"} {
			Project(c, Projection[noted]{Name: name, Topic: p.topic, Type: noteType, Do: func(ctx context.Context, tx *store.Tx, e noted, _ message.Envelope) error {
				_, err := tx.Exec(ctx, "UPDATE effects SET n = n + $1 WHERE id = 'x'", e.N)
				return err
			}})
		}
		var last handled
		On(c, Handler[noted]{Name: "Last", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
			last.note(env.Key, e.N)
			return nil
		}})
		one, two := p.envelope("a", 1), p.envelope("a", 10)
		p.publishAll(one, two, one, two, one)
		run(t, c.Run)
		eventually(t, "all are delivered", func() bool { return last.count() == 5 })
		var n int
		must(t, p.db.QueryRow(t.Context(), "SELECT n FROM effects").Scan(&n))
		if n != 22 {
			t.Errorf("the effects are %d, want 22: 11 by each view", n)
		}
	})
}

func TestAPoisonedKeyParksAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h, other handled
		var healed atomic.Bool
		var attempts atomic.Int64
		c := NewConsumer(p.config())
		On(c, Handler[noted]{Name: "Fussy", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
			if env.Key == "bad" && e.N == 2 && !healed.Load() {
				attempts.Add(1)
				if attempts.Load()%2 == 0 {
					panic("a mistake in the service's code")
				}
				return errPoison
			}
			h.note(env.Key, e.N)
			return nil
		}})
		On(c, Handler[noted]{Name: "Calm", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
			other.note(env.Key, e.N)
			return nil
		}})
		run(t, c.Run)
		for n := range 4 {
			p.publishAll(p.envelope("bad", n+1), p.envelope("good", n+1), p.envelope("fine", n+1))
		}
		eventually(t, "the others are handled", func() bool {
			return h.of("good") == numbers(4) && h.of("fine") == numbers(4) && other.count() == 12
		})
		parked, err := c.Parked().List(t.Context(), ParkedFilter{})
		must(t, err)
		var got []string
		for _, r := range parked {
			got = append(got, fmt.Sprintf("%s %s %s %s", r.Handler, r.Key, r.Reason, r.Type))
		}
		want := "Fussy bad failed here.Note.Noted, Fussy bad behind here.Note.Noted, Fussy bad behind here.Note.Noted"
		if strings.Join(got, ", ") != want || attempts.Load() != 3 || h.of("bad") != "[1]" {
			t.Errorf("parked %s after %d attempts; handled %s", strings.Join(got, ", "), attempts.Load(), h.of("bad"))
		}
		// Replayed too early, it stays; healed, all go in their order, new ones behind them.
		if n, err := c.Parked().Count(t.Context()); n != int64(len(parked)) || err != nil {
			t.Errorf("%d are parked, not %d: %v", len(parked), n, err)
		}
		if n, err := c.Parked().Replay(t.Context(), ParkedFilter{Handler: "Fussy"}); n != 0 || err == nil {
			t.Errorf("replayed %d, %v", n, err)
		}
		healed.Store(true)
		p.publishAll(p.envelope("bad", 5))
		eventually(t, "the fifth is parked behind", func() bool { return p.count("platform_parked") == 4 })
		// Asked for the last one: those before it go first.
		parked, err = c.Parked().List(t.Context(), ParkedFilter{Key: "bad"})
		must(t, err)
		if n, err := c.Parked().Replay(t.Context(), ParkedFilter{ID: parked[3].ID}); n != 4 || err != nil {
			t.Errorf("replayed %d, %v", n, err)
		}
		p.publishAll(p.envelope("bad", 6))
		eventually(t, "the key goes on", func() bool { return h.of("bad") == numbers(6) })
	})
}

// Two handlers, each of every other record of a key: what they do when the
// records are replayed comes in the order of the key.
func TestReplayKeepsTheOrderOfAKeyAcrossHandlers(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		var healed atomic.Bool
		c := NewConsumer(p.config())
		for i, name := range []string{"Odd", "Even"} {
			On(c, Handler[noted]{Name: name, Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
				switch {
				case e.N%2 == i:
				case !healed.Load():
					return errPoison
				default:
					h.note(env.Key, e.N)
				}
				return nil
			}})
		}
		run(t, c.Run)
		for n := range 5 {
			p.publishAll(p.envelope("a", n+1))
		}
		eventually(t, "all are parked", func() bool { return p.count("platform_parked") == 5+4 }) // the second has its first one behind it
		healed.Store(true)
		if _, err := c.Parked().Replay(t.Context(), ParkedFilter{}); err != nil {
			t.Error(err)
		}
		if got := h.of("a"); got != numbers(5) {
			t.Errorf("handled %s", got)
		}
	})
}

// What is missing is tried again by itself, in the order of its key as well.
func TestRetryKeepsTheOrderOfAKeyAcrossHandlers(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		var there, open atomic.Bool // what is missing comes between two retries, not within one
		c := NewConsumer(p.config())
		for i, name := range []string{"Odd", "Even"} {
			On(c, Handler[noted]{Name: name, Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
				switch {
				case e.N%2 == i:
				case e.N == 1 && !there.Load(), e.N > 1 && !open.Load():
					return message.ErrMissing
				default:
					open.Store(true)
					h.note(env.Key, e.N)
				}
				return nil
			}})
		}
		run(t, c.Run)
		for n := range 5 {
			p.publishAll(p.envelope("a", n+1))
		}
		eventually(t, "all are parked", func() bool { return p.count("platform_parked") == 5+4 })
		there.Store(true)
		eventually(t, "all are handled", func() bool { return h.count() == 5 })
		if got := h.of("a"); got != numbers(5) {
			t.Errorf("handled %s", got)
		}
	})
}

func TestASkippedRecordLetsTheOthersGoOn(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		c := NewConsumer(p.config())
		On(c, Handler[noted]{Name: "Fussy", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
			if e.N == 1 {
				return errPoison
			}
			h.note(env.Key, e.N)
			return nil
		}})
		run(t, c.Run)
		p.publishAll(p.envelope("a", 1), p.envelope("a", 2), p.envelope("a", 3))
		eventually(t, "all are parked", func() bool { return p.count("platform_parked") == 3 })
		parked, err := c.Parked().List(t.Context(), ParkedFilter{Limit: 1})
		must(t, err)
		if n, err := c.Parked().Skip(t.Context(), ParkedFilter{ID: parked[0].ID}); n != 1 || err != nil {
			t.Errorf("skipped %d, %v", n, err)
		}
		eventually(t, "the others go on", func() bool { return h.of("a") == "[2 3]" && p.count("platform_parked") == 0 })
	})
}

func TestWhatIsMissingIsTriedAgainByItself(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		var there atomic.Bool
		c := NewConsumer(p.config())
		On(c, Handler[noted]{Name: "Eager", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
			if !there.Load() {
				return fmt.Errorf("account a: %w", message.ErrMissing)
			}
			h.note(env.Key, e.N)
			return nil
		}})
		run(t, c.Run)
		p.publishAll(p.envelope("a", 1), p.envelope("a", 2))
		eventually(t, "it is parked", func() bool {
			return p.count("platform_parked WHERE reason = 'missing'") == 1 && p.count("platform_parked") == 2
		})
		there.Store(true)
		eventually(t, "it is tried again", func() bool { return h.of("a") == "[1 2]" && p.count("platform_parked") == 0 })
	})
}

func TestWhatCannotBeReadIsParkedAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		run(t, p.notes(&h).Run)
		garbage := &kgo.Record{Topic: p.topic, Key: []byte{0xff, 0x00}, Value: []byte("\x00\xff garbage")}
		brokenJSON := p.envelope("b", 1)
		brokenJSON.Data = json.RawMessage(`{"n":`)
		tooNew := p.envelope("c", 1)
		tooNew.DataVersion = 2
		unknown := p.envelope("d", 1)
		unknown.Type = "here.Note.Renamed"
		badTime := p.envelope("e", 1).Record()
		for i, header := range badTime.Headers {
			if header.Key == "ce_time" {
				badTime.Headers[i].Value = []byte("yesterday")
			}
		}
		extra := p.envelope("f", 1)
		extra.Data = json.RawMessage(`{"n": 1, "unknown": {"field": true}}`)
		p.publish(garbage, badTime)
		p.publishAll(brokenJSON, tooNew, unknown, extra)
		eventually(t, "the readable one is handled", func() bool { return h.of("f") == "[1]" })
		eventually(t, "the others are parked", func() bool { return p.count("platform_parked WHERE reason = 'undecodable'") == 4 })
		if n := p.count("platform_parked WHERE handler = ''"); n != 2 {
			t.Errorf("%d records that are no messages", n)
		}
		if h.count() != 1 {
			t.Errorf("%d handled", h.count())
		}
	})
}

func TestOldVersionsAreUpcast(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		c := NewConsumer(p.config())
		On(c, Handler[noted]{
			Name: "Notes", Topic: p.topic, Type: noteType,
			Upcasts: []values.Upcast{values.Step(func(old noted, _ values.Meta) noted { return noted{old.N * 100} })},
			Do: func(_ context.Context, e noted, env message.Envelope) error {
				h.note(env.Key, e.N)
				return nil
			},
		})
		run(t, c.Run)
		newer := p.envelope("a", 2)
		newer.DataVersion = 2
		p.publishAll(p.envelope("a", 1), newer)
		eventually(t, "both are handled", func() bool { return h.of("a") == "[100 2]" })
	})
}

func TestTwoConsumersHaveNoEffectTwice(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		must(t, p.db.Ensure(t.Context(), store.TableSpec{Name: "effects", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: "n", Type: store.Int}, {Name: "times", Type: store.Int}}}))
		consumer := func() *Consumer {
			c := NewConsumer(p.config())
			Project(c, Projection[noted]{Name: "View", Topic: p.topic, Type: noteType, Do: func(ctx context.Context, tx *store.Tx, e noted, env message.Envelope) error {
				n, err := tx.Exec(ctx, `INSERT INTO effects (id, n, times) VALUES ($1, $2, 1)
					ON CONFLICT (id) DO UPDATE SET n = excluded.n, times = effects.times + 1 WHERE effects.n = excluded.n - 1`, env.Key, e.N)
				if err == nil && n == 0 {
					err = errors.New("out of order")
				}
				return err
			}})
			return c
		}
		const keys, each = 8, 25
		run(t, p.relay().Run)
		stop := run(t, consumer().Run)
		for n := range each {
			for k := range keys {
				p.store(p.envelope(fmt.Sprint("k", k), n+1))
			}
			switch n {
			case 5:
				run(t, consumer().Run) // a rebalance gives it partitions
			case 15:
				stop() // and another all of them
			}
		}
		eventually(t, "all have had their effect", func() bool {
			return p.count(fmt.Sprintf("effects WHERE n = %d AND times = %d", each, each)) == keys
		})
		if n := p.count("platform_parked"); n != 0 {
			t.Errorf("%d parked", n)
		}
	})
}

func TestDrainFinishesAndCommits(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		entered, finish := make(chan struct{}), make(chan struct{})
		c := NewConsumer(p.config())
		On(c, Handler[noted]{Name: "Slow", Topic: p.topic, Type: noteType, Do: func(ctx context.Context, e noted, env message.Envelope) error {
			close(entered)
			<-finish
			h.note(env.Key, e.N)
			return ctx.Err()
		}})
		run(t, c.Run)
		p.publishAll(p.envelope("a", 1), p.envelope("a", 2), p.envelope("a", 3))
		<-entered
		drained := make(chan error)
		go func() { drained <- c.Drain(t.Context()) }()
		close(finish)
		must(t, <-drained)
		if h.of("a") != "[1]" {
			t.Errorf("handled %s", h.of("a"))
		}
		// The next one begins where this one stopped: nothing lost, nothing again.
		run(t, p.notes(&h).Run)
		eventually(t, "the rest is handled", func() bool { return h.of("a") == numbers(3) })
	})
}

func TestDrainEndsInTime(t *testing.T) {
	p := newPlace(t, testservers.FakeKafka(t).ListenAddrs(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	entered := make(chan struct{})
	c := NewConsumer(p.config())
	On(c, Handler[noted]{Name: "Stuck", Topic: p.topic, Type: noteType, Do: func(ctx context.Context, _ noted, _ message.Envelope) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	}})
	run(t, c.Run)
	p.publishAll(p.envelope("a", 1))
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("drained: %v", err)
	}
	var h handled
	run(t, p.notes(&h).Run)
	eventually(t, "it is delivered again", func() bool { return h.of("a") == "[1]" })
}

// A group that waits for a member that was killed does not keep the others
// from ending.
func TestDrainDoesNotWaitForTheGroup(t *testing.T) {
	t.Parallel()
	cluster := testservers.FakeKafka(t)
	p := newPlace(t, cluster.ListenAddrs(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	joining, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	cluster.ControlKey(int16(kmsg.JoinGroup), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		once.Do(func() { close(joining) })
		cluster.SleepControl(func() { <-done })
		return nil, nil, false
	})
	var h handled
	c := p.notes(&h)
	stop := run(t, c.Run)
	<-joining
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must(t, c.Drain(ctx))
	if took := time.Since(began); took > 2*leaveTime {
		t.Errorf("it took %s", took)
	}
	close(done)
	stop()
}

func TestAnOutageOfTheDatabaseCountsNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var h handled
		var down atomic.Bool
		var failures atomic.Int64
		config := p.config()
		config.Around = func(ctx context.Context, _ string, _ message.Envelope, next func(context.Context) error) error {
			if down.Load() {
				failures.Add(1)
				return outageOf(ctx, t)
			}
			return next(ctx)
		}
		c := NewConsumer(config)
		// The database is up, and every probe would say so: it has to look down too.
		c.probe = func(context.Context) bool { return !down.Load() }
		On(c, Handler[noted]{Name: "Notes", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
			h.note(env.Key, e.N)
			return nil
		}})
		down.Store(true)
		run(t, c.Run)
		p.publishAll(p.envelope("a", 1), p.envelope("a", 2))
		eventually(t, "it is tried", func() bool { return failures.Load() > 0 })
		down.Store(false)
		eventually(t, "all are handled", func() bool { return h.of("a") == numbers(2) })
		if n := p.count("platform_parked"); n != 0 || failures.Load() > 2 {
			t.Errorf("%d parked after %d attempts", n, failures.Load())
		}
	})
}

// outageOf is the error of a database that is down.
func outageOf(ctx context.Context, t *testing.T) error {
	db, err := store.Open(ctx, "postgres://nobody@127.0.0.1:1/none?connect_timeout=5")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	err = db.Ping(ctx)
	if !store.IsOutage(err) {
		t.Errorf("no outage: %v", err)
	}
	return err
}

func TestTheConsumerSurvivesTheBroker(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.DataDir(dir), kfake.SyncWrites())
	must(t, err)
	p := newPlace(t, first.ListenAddrs(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	var h handled
	run(t, p.notes(&h).Run)
	p.publishAll(p.envelope("a", 1))
	eventually(t, "the first is handled", func() bool { return h.of("a") == "[1]" })
	var port int
	_, err = fmt.Sscanf(first.ListenAddrs()[0], "127.0.0.1:%d", &port)
	must(t, err)
	first.Close()
	testservers.FakeKafka(t, kfake.Ports(port), kfake.DataDir(dir), kfake.SyncWrites())
	p.publishAll(p.envelope("a", 2))
	eventually(t, "the second is handled", func() bool { return strings.HasSuffix(h.of("a"), "2]") })
}

func TestATopicMayComeLater(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		later := testservers.Unique("later.")
		var h handled
		c := p.notes(&h)
		On(c, Handler[noted]{Name: "Later", Topic: later, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
			h.note(env.Key, e.N)
			return nil
		}})
		run(t, c.Run)
		p.publishAll(p.envelope("a", 1))
		eventually(t, "it consumes what there is", func() bool { return h.of("a") == "[1]" })
		p.topic = later
		must(t, EnsureTopics(t.Context(), p.client(), TopicSpec{Name: p.topic, Partitions: 1, Replicas: 1}))
		p.publishAll(p.envelope("b", 1))
		eventually(t, "it is handled", func() bool { return h.of("b") == "[1]" })
	})
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	p := newPlace(t, testservers.FakeKafka(t).ListenAddrs(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	var h handled
	release := make(chan struct{})
	c := NewConsumer(p.config())
	On(c, Handler[noted]{Name: "Slow", Topic: p.topic, Type: noteType, Do: func(_ context.Context, e noted, env message.Envelope) error {
		<-release
		h.note(env.Key, e.N)
		return nil
	}})
	run(t, c.Run)
	var records []*kgo.Record
	// Fetches are limited in bytes as sent: what compresses well would come all at once.
	const large = 100
	filling := make([]byte, 3*highWater/large/2)
	for n := range large {
		_, _ = rand.Read(filling)
		e := p.envelope("a", n+1)
		e.Data = json.RawMessage(fmt.Sprintf(`{"n": %d, "filling": "%x"}`, n+1, filling))
		records = append(records, e.Record())
	}
	p.publish(records...)
	longest := func() (n int, paused bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, w := range c.workers {
			w.mu.Lock()
			n, paused = max(n, w.weight), paused || w.paused
			w.mu.Unlock()
		}
		return n, paused
	}
	eventually(t, "fetching pauses", func() bool { _, paused := longest(); return paused })
	// What was fetched when fetching paused still comes: a fetch under way, and one that waits.
	if n, _ := longest(); n > 2*highWater {
		t.Errorf("%d bytes wait", n)
	}
	close(release)
	eventually(t, "all are handled", func() bool { return h.of("a") == numbers(large) })
}

func BenchmarkConsumer(b *testing.B) {
	for name, p := range places(b) {
		b.Run(name, func(b *testing.B) {
			p := p(b)
			must(b, p.db.Ensure(b.Context(), store.TableSpec{Name: "effects", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: "n", Type: store.Int}}}))
			var done atomic.Int64
			config := p.config()
			config.Log = nil
			c := NewConsumer(config)
			Project(c, Projection[noted]{Name: "View", Topic: p.topic, Type: noteType, Do: func(ctx context.Context, tx *store.Tx, e noted, env message.Envelope) error {
				tx.AfterCommit(func() { done.Add(1) })
				_, err := tx.Exec(ctx, "INSERT INTO effects VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = excluded.n", env.Key, e.N)
				return err
			}})
			records := make([]*kgo.Record, b.N)
			for n := range records {
				records[n] = p.envelope(fmt.Sprint("k", n%100), n).Record()
			}
			p.publish(records...)
			b.ResetTimer()
			run(b, c.Run)
			eventually(b, "all are handled", func() bool { return done.Load() == int64(b.N) })
		})
	}
}
