package kafka

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/view"
)

// BenchmarkRebuild builds a view anew of b.N events of a thousand rows, while it is
// read, up to 200 times a second, and up to 50 events come. Beside it is what somebody would write by hand: a
// consumer that reads all from the beginning and adds each batch up in one transaction, with
// nothing else going on.
func BenchmarkRebuild(b *testing.B) {
	for name, at := range places(b) {
		b.Run(name+"/view", func(b *testing.B) { benchmarkRebuild(b, at(b)) })
		b.Run(name+"/twin", func(b *testing.B) { benchmarkTwin(b, at(b)) })
	}
}

const benchRows = 1000

// fill publishes b.N events.
func (p *place) fill(n int) {
	records := make([]*kgo.Record, n)
	for i := range records {
		records[i] = p.envelope(fmt.Sprint("k", i%benchRows), 1).Record()
	}
	p.publish(records...)
}

func benchmarkRebuild(b *testing.B, p *place) {
	sums := sums(p.db)
	must(b, sums.Prepare(b.Context()))
	config := p.config()
	config.Log = nil
	subscribe := func(c *Consumer) {
		Project(c, Projection[noted]{Name: "Sums", Topic: p.topic, Type: noteType, Do: func(ctx context.Context, tx *store.Tx, e noted, env message.Envelope) error {
			return sums.Apply(ctx, tx, env.Meta(), view.Change[sum]{Key: []any{env.Key}, Missing: view.Create, Set: func(s *sum) { s.N += int64(e.N) }})
		}})
	}
	live := NewConsumer(config)
	subscribe(live)
	rebuilder := NewRebuilder(live, subscribe, sums)
	rebuilder.poll = 50 * time.Millisecond
	p.fill(b.N)
	run(b, live.Run)
	run(b, rebuilder.Run)
	total := func() int64 {
		var n int64
		must(b, p.db.QueryRow(b.Context(), "SELECT COALESCE(SUM(n), 0) FROM sums").Scan(&n))
		return n
	}
	eventuallyWithin(b, "the live view is there", func() bool { return total() == int64(b.N) })

	serving, stop := context.WithCancel(b.Context())
	var others sync.WaitGroup
	var reads atomic.Int64
	others.Go(func() {
		every(serving, 5*time.Millisecond, func() {
			key := fmt.Sprint("k", reads.Add(1)%int64(min(benchRows, b.N)))
			if _, err := sums.Get(serving, key); err != nil && serving.Err() == nil {
				b.Error(err)
			}
		})
	})
	client, err := kgo.NewClient(p.client()...)
	must(b, err)
	defer client.Close()
	others.Go(func() {
		every(serving, 20*time.Millisecond, func() {
			if err := client.ProduceSync(serving, p.envelope("k0", 1).Record()).FirstErr(); err != nil && serving.Err() == nil {
				b.Error(err)
			}
		})
	})
	b.ResetTimer()
	since := testservers.Processor()
	must(b, rebuilder.Rebuild(b.Context(), "Sums"))
	eventuallyWithin(b, "the rebuilt view is read", func() bool {
		generations, err := table.ReadGenerations(b.Context(), p.db)
		must(b, err)
		return generations["Sums"] == table.Generations{Live: 1}
	})
	b.StopTimer()
	testservers.Rate(b, "event", since)
	b.ReportMetric(float64(reads.Load())/b.Elapsed().Seconds(), "reads/s")
	stop()
	others.Wait()
}

func benchmarkTwin(b *testing.B, p *place) {
	_, err := p.db.Exec(b.Context(), "CREATE TABLE twin (key TEXT PRIMARY KEY, n BIGINT NOT NULL)")
	must(b, err)
	p.fill(b.N)
	client, err := kgo.NewClient(append(p.client(), kgo.ConsumeTopics(p.topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	must(b, err)
	defer client.Close()
	b.ResetTimer()
	since := testservers.Processor()
	for done := 0; done < b.N; {
		fetches := client.PollRecords(b.Context(), 500)
		must(b, fetches.Err())
		must(b, p.db.InTx(b.Context(), func(tx *store.Tx) error {
			for r := range fetches.RecordsAll() {
				e, err := message.FromRecord(r)
				if err != nil {
					return err
				}
				var n noted
				if err := json.Unmarshal(e.Data, &n); err != nil {
					return err
				}
				tx.Later(nil, "INSERT INTO twin VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET n = twin.n + excluded.n", e.Key, n.N)
				done++
			}
			return nil
		}))
	}
	testservers.Rate(b, "event", since)
}

// every does something again and again until ctx is done.
func every(ctx context.Context, pause time.Duration, do func()) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}

// eventuallyWithin is eventually of what may take long.
func eventuallyWithin(b *testing.B, what string, done func() bool) {
	b.Helper()
	deadline := time.Now().Add(10 * time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			b.Fatalf("it did not happen in time: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
