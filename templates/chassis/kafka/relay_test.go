package kafka

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
)

func (p *place) relay() *Relay {
	return NewRelay(RelayConfig{Client: p.client(), Outbox: outbox.Of(p.db), Log: p.config().Log, Batch: 10, Poll: 10 * time.Millisecond})
}

func TestTheOutboxIsPublishedInOrder(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		relay := p.relay()
		run(t, relay.Run)
		for n := range 30 {
			p.store(p.envelope("a", n+1), p.envelope("b", n+1))
		}
		must(t, relay.Flush(t.Context()))
		if count, oldest, err := relay.Backlog(t.Context()); count != 0 || oldest != 0 || err != nil {
			t.Errorf("backlog %d, %v, %v", count, oldest, err)
		}
		envelopes := p.inTopic(60)
		wantOrder(t, envelopes)
		if len(envelopes) != 60 {
			t.Errorf("%d messages", len(envelopes))
		}
	})
}

func TestTopicsKeepTheirRecords(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		// Again: it is there.
		must(t, EnsureTopics(t.Context(), p.client(), TopicSpec{Name: p.topic, Partitions: 2, Replicas: 1}))
		client, err := kgo.NewClient(p.client()...)
		must(t, err)
		defer client.Close()
		must(t, Ping(t.Context(), client))
		admin := kadm.NewClient(client)
		// Kafka answers with what the topic has a moment after it is made.
		eventually(t, "the topic keeps its records", func() bool {
			configs, err := admin.DescribeTopicConfigs(t.Context(), p.topic)
			must(t, err)
			config, err := configs.On(p.topic, nil)
			must(t, err)
			return slices.ContainsFunc(config.Configs, func(c kadm.Config) bool { return c.Key == "retention.ms" && c.MaybeValue() == "-1" })
		})
	})
}

func TestACrashAfterPublishingLosesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		for n := range 25 {
			p.store(p.envelope("a", n+1))
		}
		var crashes atomic.Int64
		relay := p.relay()
		relay.fault = func(string) error {
			if crashes.Add(1) <= 2 {
				return errors.New("crash")
			}
			return nil
		}
		run(t, relay.Run)
		must(t, relay.Flush(t.Context()))
		envelopes := p.inTopic(25)
		wantOrder(t, envelopes)
		if len(envelopes) <= 25 {
			t.Errorf("%d messages: there was no crash", len(envelopes))
		}
	})
}

func TestOneOfTwoRelaysOwnsTheOutbox(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		var mu sync.Mutex
		rounds := map[int]int{}
		owner := func() int {
			mu.Lock()
			defer mu.Unlock()
			for i, n := range rounds {
				if n > 0 {
					return i
				}
			}
			return -1
		}
		stops := make([]func(), 2)
		for i := range stops {
			relay := p.relay()
			relay.fault = func(string) error {
				mu.Lock()
				defer mu.Unlock()
				rounds[i]++
				return nil
			}
			stops[i] = run(t, relay.Run)
		}
		for n := range 20 {
			p.store(p.envelope("a", n+1))
		}
		must(t, p.relay().Flush(t.Context()))
		mu.Lock()
		both := rounds[0] > 0 && rounds[1] > 0
		mu.Unlock()
		if both {
			t.Error("both published")
		}
		// The other takes over.
		stops[owner()]()
		for n := range 20 {
			p.store(p.envelope("a", n+21))
		}
		must(t, p.relay().Flush(t.Context()))
		envelopes := p.inTopic(40)
		wantOrder(t, envelopes)
		if len(envelopes) != 40 {
			t.Errorf("%d messages", len(envelopes))
		}
	})
}

func TestTheBrokerIsDownAndUpAgain(t *testing.T) {
	t.Parallel()
	// Only of the emulator can we take the broker away.
	dir := t.TempDir()
	first, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.DataDir(dir), kfake.SyncWrites())
	must(t, err)
	p := newPlace(t, first.ListenAddrs(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	relay := p.relay()
	run(t, relay.Run)
	p.store(p.envelope("a", 1))
	must(t, relay.Flush(t.Context()))

	var port int
	_, err = fmt.Sscanf(first.ListenAddrs()[0], "127.0.0.1:%d", &port)
	must(t, err)
	first.Close()
	for n := 2; n <= 30; n++ {
		p.store(p.envelope("a", n)) // commands go on
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := relay.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("flushed to a broker that is down: %v", err)
	}
	if count, _, err := relay.Backlog(t.Context()); err != nil || count != 29 {
		t.Errorf("backlog %d, %v", count, err)
	}
	testservers.FakeKafka(t, kfake.Ports(port), kfake.DataDir(dir), kfake.SyncWrites())
	must(t, relay.Flush(t.Context()))
	wantOrder(t, p.inTopic(30))
}

func TestARefusedMessageIsNotOvertaken(t *testing.T) {
	t.Parallel()
	cluster := testservers.FakeKafka(t)
	p := newPlace(t, cluster.ListenAddrs(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	var refused atomic.Int64
	cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		// The third and the fifth request are refused, each in a way that the client does not retry.
		if n := refused.Add(1); n != 3 && n != 5 {
			return nil, nil, false
		}
		produce, _ := req.(*kmsg.ProduceRequest)
		resp, _ := produce.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range produce.Topics {
			topic := kmsg.NewProduceResponseTopic()
			topic.Topic, topic.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				partition := kmsg.NewProduceResponseTopicPartition()
				partition.Partition, partition.ErrorCode = p.Partition, kerr.TopicAuthorizationFailed.Code
				topic.Partitions = append(topic.Partitions, partition)
			}
			resp.Topics = append(resp.Topics, topic)
		}
		return resp, nil, true
	})
	for n := range 60 {
		p.store(p.envelope("a", n+1), p.envelope("b", n+1), p.envelope("c", n+1))
	}
	relay := p.relay()
	run(t, relay.Run)
	must(t, relay.Flush(t.Context()))
	wantOrder(t, p.inTopic(180))
	if refused.Load() < 5 {
		t.Error("nothing was refused")
	}
}

func TestATopicThatIsRefusedDoesNotHoldBackOthers(t *testing.T) {
	everywhere(t, func(t *testing.T, p *place) {
		for n := range 15 { // more than a batch
			e := p.envelope("a", n+1)
			e.Topic = testservers.Unique("nowhere.")
			p.store(e)
		}
		p.store(p.envelope("a", 1))
		relay := p.relay()
		run(t, relay.Run)
		eventually(t, "others are published", func() bool { return p.count("platform_outbox WHERE topic = '"+p.topic+"'") == 0 })
		if n := p.count("platform_outbox"); n != 15 {
			t.Errorf("%d messages wait", n)
		}
	})
}

func BenchmarkRelay(b *testing.B) {
	for name, p := range places(b) {
		b.Run(name, func(b *testing.B) {
			p := p(b)
			relay := NewRelay(RelayConfig{Client: p.client(), Outbox: outbox.Of(p.db)})
			envelopes := make([]message.Envelope, 0, 1000)
			for n := 0; n < b.N; n += len(envelopes) {
				envelopes = envelopes[:0]
				for i := range min(1000, b.N-n) {
					envelopes = append(envelopes, p.envelope(fmt.Sprint("k", i), n+i+1))
				}
				p.store(envelopes...)
			}
			b.ResetTimer()
			run(b, relay.Run)
			must(b, relay.Flush(b.Context()))
		})
	}
}

// places are where benchmarks run.
func places(b *testing.B) map[string]func(testing.TB) *place {
	return map[string]func(testing.TB) *place{
		"sqlite and kfake": func(t testing.TB) *place {
			return newPlace(t, testservers.FakeKafka(t).ListenAddrs(), "sqlite:"+filepath.Join(b.TempDir(), "bench.db"))
		},
		"postgres and kafka": func(t testing.TB) *place { return newPlace(t, testservers.Kafka(t), testservers.Postgres(t)) },
	}
}
