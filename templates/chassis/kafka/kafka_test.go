package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// place is where a test runs: a broker and a database.
type place struct {
	t     testing.TB
	seeds []string
	db    *store.DB
	topic string
	group string
}

// everywhere runs a test on SQLite and the emulated broker, and on PostgreSQL
// and Kafka where there are servers. Tests wait more than they work, and none
// meets another: they run side by side.
func everywhere(t *testing.T, test func(t *testing.T, p *place)) {
	t.Parallel()
	t.Run("sqlite and kfake", func(t *testing.T) {
		t.Parallel()
		p := newPlace(t, testservers.FakeKafka(t).ListenAddrs(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
		test(t, p)
	})
	t.Run("postgres and kafka", func(t *testing.T) {
		t.Parallel()
		test(t, newPlace(t, testservers.Kafka(t), testservers.Postgres(t)))
	})
}

func newPlace(t testing.TB, seeds []string, url string) *place {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	must(t, db.Migrate(t.Context()))
	p := &place{t: t, seeds: seeds, db: db, topic: testservers.Unique("t."), group: testservers.Unique("g.")}
	must(t, EnsureTopics(t.Context(), p.client(), TopicSpec{Name: p.topic, Partitions: 2, Replicas: 1}))
	return p
}

// client has what a service configures, and the patience of a test: a broker that
// is away, and a topic that is not there yet, are asked again at once.
func (p *place) client() []kgo.Opt {
	return []kgo.Opt{
		kgo.SeedBrokers(p.seeds...),
		kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return 20 * time.Millisecond }),
	}
}

func (p *place) config() ConsumerConfig {
	return ConsumerConfig{Group: p.group, Client: p.client(), DB: p.db, Attempts: 3, Backoff: time.Millisecond,
		Retry: 50 * time.Millisecond, Log: slog.New(slog.NewTextHandler(testLog{p.t}, nil))}
}

// testLog writes to the test's log.
type testLog struct{ t testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Logf("%s", line)
	return len(line), nil
}

// run runs something until the test is over, or until it is stopped.
func run(t testing.TB, fn func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := fn(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
	t.Cleanup(stop)
	return stop
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not happen in time: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

type noted struct {
	N int `json:"n"`
}

// envelope is the message number n of a key.
func (p *place) envelope(key string, n int) message.Envelope {
	data, err := json.Marshal(noted{n})
	must(p.t, err)
	return message.Envelope{
		ID: values.NewID(), Source: "/test/here", Type: "here.Note.Noted", Subject: key, Time: time.Now(), Sequence: int64(n), DataVersion: 1,
		Topic: p.topic, Key: key, Data: data,
	}
}

// store puts messages into the outbox.
func (p *place) store(envelopes ...message.Envelope) {
	p.t.Helper()
	must(p.t, p.db.InTx(p.t.Context(), func(tx *store.Tx) error { return outbox.Append(tx, envelopes...) }))
}

// publish puts records on the broker, past the outbox.
func (p *place) publish(records ...*kgo.Record) {
	p.t.Helper()
	client, err := kgo.NewClient(p.client()...)
	must(p.t, err)
	defer client.Close()
	must(p.t, client.ProduceSync(p.t.Context(), records...).FirstErr())
}

func (p *place) publishAll(envelopes ...message.Envelope) {
	p.t.Helper()
	records := make([]*kgo.Record, len(envelopes))
	for i, e := range envelopes {
		records[i] = e.Record()
	}
	p.publish(records...)
}

// inTopic reads the messages in the topic until there are n different ones.
func (p *place) inTopic(n int) []message.Envelope {
	p.t.Helper()
	client, err := kgo.NewClient(append(p.client(), kgo.ConsumeTopics(p.topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	must(p.t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(p.t.Context(), 60*time.Second)
	defer cancel()
	var envelopes []message.Envelope
	seen := map[values.ID]bool{}
	for len(seen) < n {
		fetches := client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			p.t.Fatalf("%d of %d messages: %v", len(seen), n, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			e, err := message.FromRecord(r)
			must(p.t, err)
			envelopes = append(envelopes, e)
			seen[e.ID] = true
		})
	}
	return envelopes
}

// wantOrder checks that the first deliveries of every key are in order.
func wantOrder(t testing.TB, envelopes []message.Envelope) {
	t.Helper()
	last, seen := map[string]int64{}, map[values.ID]bool{}
	for _, e := range envelopes {
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		if e.Sequence != last[e.Key]+1 {
			t.Fatalf("key %s: message %d after %d", e.Key, e.Sequence, last[e.Key])
		}
		last[e.Key] = e.Sequence
	}
}

// handled notes what handlers were given.
type handled struct {
	mu  sync.Mutex
	got map[string][]int
}

func (h *handled) note(key string, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.got == nil {
		h.got = map[string][]int{}
	}
	h.got[key] = append(h.got[key], n)
}

func (h *handled) of(key string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprint(h.got[key])
}

func (h *handled) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, of := range h.got {
		n += len(of)
	}
	return n
}

func (p *place) count(from string) int {
	p.t.Helper()
	var n int
	must(p.t, p.db.QueryRow(p.t.Context(), "SELECT COUNT(*) FROM "+from).Scan(&n))
	return n
}

var errPoison = errors.New("poison")
