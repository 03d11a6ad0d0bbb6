package foreign_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/foreign"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// TestATopicOfSomebodyElse takes in a topic through a broker: what cannot be read is
// parked and stops nobody, and what was taken in is not taken in again.
func TestATopicOfSomebodyElse(t *testing.T) {
	t.Run("embedded", func(t *testing.T) {
		throughABroker(t, testservers.FakeKafka(t).ListenAddrs(), "sqlite:"+t.TempDir()+"/db")
	})
	t.Run("servers", func(t *testing.T) { throughABroker(t, testservers.Kafka(t), testservers.Postgres(t)) })
}

func throughABroker(t *testing.T, brokers []string, url string) {
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	topic := testservers.Unique("foreign")
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 2, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	write := func(records ...*kgo.Record) {
		t.Helper()
		if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	system := bank()
	system.Type = "kind"
	consume := func(group string) (c *kafka.Consumer, stop func()) {
		c = kafka.NewConsumer(kafka.ConsumerConfig{Group: group, Client: []kgo.Opt{kgo.SeedBrokers(brokers...)}, DB: db})
		foreign.Consume(c, foreign.Topic{System: system, Topic: topic, Format: foreign.JSON})
		if err := c.Err(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		return c, func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	said := func(id, kind, body string) *kgo.Record {
		r := record(topic, "k", body, "kind", kind)
		r.Timestamp = time.Time{}
		if id != "" {
			r.Value = []byte(settled(`"`+id+`"`, "1"))
		}
		return r
	}
	group := testservers.Unique("shop.pay")
	c, stop := consume(group)
	write(said("a", "settled", ""), said("", "settled", "<a/>"), said("", "settled", `{"id": "x", "data": {}}`), said("", "", "{}"), said("z", "closed", ""),
		&kgo.Record{Topic: topic, Key: []byte("k")}, said("a", "settled", ""), said("b", "settled", ""))
	told := func(n int) {
		t.Helper()
		soon(t, func() error {
			if got := sent(t, db); len(got) != n {
				return fmt.Errorf("%d events were told, want %d", len(got), n)
			}
			return nil
		})
	}
	parked := func(n int) {
		t.Helper()
		soon(t, func() error {
			list, err := c.Parked().List(t.Context(), kafka.ParkedFilter{})
			if err != nil || len(list) != n {
				return fmt.Errorf("%d are parked, want %d: %w", len(list), n, err)
			}
			for _, p := range list {
				if p.Reason != kafka.ReasonUndecodable {
					return fmt.Errorf("parked because %s: %s", p.Reason, p.Error)
				}
			}
			return nil
		})
	}
	told(2)
	parked(3)
	stop()
	// Another group begins at the beginning, as one does whose offsets the broker has forgotten.
	c, stop = consume(group + "-again")
	write(said("c", "settled", ""))
	told(3)
	// What could not be read can be, once the model asks for less.
	stop()
	system.Events, system.Key = []foreign.Event{foreign.Tells[less]("settled", nil)}, ""
	c, stop = consume(group + "-better")
	defer stop()
	if _, err := c.Parked().Replay(t.Context(), kafka.ParkedFilter{}); err == nil || !strings.Contains(err.Error(), "no JSON") {
		t.Errorf("replayed: %v", err)
	}
	told(4)
	parked(2)
}

// less is what the model asks for later.
type less struct{}

func (less) Event() values.Event {
	return values.Event{Type: "pay.bank.Less", Topic: "shop.pay.bank", Version: 1}
}

// soon tries until there is no error.
func soon(t *testing.T, try func() error) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		<-tick.C
	}
}
