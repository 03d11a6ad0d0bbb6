package documents

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/policy"
	"github.com/esgen/esgen/templates/chassis/values"
)

// until waits for something that happens by itself.
func until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// background runs a worker until the test ends.
func background(t *testing.T, run func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Two replicas' relays publish what commands store; a policy hears of it, and what it
// cannot take waits in its order until somebody has it tried again.
func TestEventsAreHeard(t *testing.T) {
	r := prepared(t)
	cluster := testservers.FakeKafka(t, kfake.SeedTopics(2, topic))
	client := []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...)}
	for range 2 {
		relay := kafka.NewRelay(kafka.RelayConfig{Client: client, Outbox: r.db.Outbox(), Poll: 10 * time.Millisecond})
		background(t, relay.Run)
	}
	consumer := kafka.NewConsumer(kafka.ConsumerConfig{
		Group: "sys.hall", Client: client, Parking: Parking{r.db}, Attempts: 2, Backoff: time.Millisecond, Retry: 20 * time.Millisecond,
	})
	var broken atomic.Bool
	broken.Store(true)
	stamp := func(ctx context.Context, e sold, m message.Envelope) error {
		if broken.Load() && m.Subject == "t2" {
			return errors.New("the printer is out of paper")
		}
		give := func(ctx context.Context, req command.Request, _ stamped) (command.Outcome, error) {
			req.Name, req.ID = "Stamp", values.ID(m.Subject)
			return r.Run(ctx, req, says(stamped{1}))
		}
		return policy.Give(ctx, policy.Because{Policy: "StampSold", Message: m}, give, stamped{})
	}
	kafka.React(consumer, "StampSold", stamp)
	kafka.React(consumer, "StampAgain", func(ctx context.Context, e stamped, m message.Envelope) error {
		if broken.Load() && m.Subject == "t2" {
			return fmt.Errorf("a guest %w", message.ErrMissing)
		}
		return nil
	})
	must(t, consumer.Err())
	background(t, consumer.Run)

	ctx := t.Context()
	stamps := func(id values.ID) int64 {
		got, err := r.Load(ctx, id)
		must(t, err)
		return got.State.Stamps
	}
	for _, id := range []values.ID{"t1", "t2"} {
		_, err := r.Run(ctx, command.Request{Name: "Sell", ID: id, Mode: values.New}, says(sell("anna", "")))
		must(t, err)
	}
	until(t, "the stamp of what is sold", func() bool { return stamps("t1") == 1 })
	parked := func() []kafka.ParkedRecord {
		list, err := consumer.Parked().List(ctx, kafka.ParkedFilter{})
		must(t, err)
		return list
	}
	until(t, "the record that cannot be handled", func() bool { return len(parked()) == 1 })
	if p := parked()[0]; p.Handler != "StampSold" || p.Key != "t2" || p.Reason != kafka.ReasonFailed || p.Type != "hall.ticket.Sold" {
		t.Errorf("%+v", p)
	}
	if _, err := consumer.Parked().Replay(ctx, kafka.ParkedFilter{Handler: "StampSold"}); err == nil {
		t.Error("what fails was handled")
	}
	// What waits for something that is missing is tried again by itself; what is behind
	// it goes on with it.
	for range 2 {
		_, err := r.Run(ctx, command.Request{Name: "Stamp", ID: "t2"}, says(stamped{1}))
		must(t, err)
	}
	until(t, "those behind it", func() bool { return len(parked()) == 3 })
	broken.Store(false)
	until(t, "what is tried by itself", func() bool {
		list := parked()
		return len(list) == 1 && list[0].Reason == kafka.ReasonFailed
	})
	n, err := consumer.Parked().Replay(ctx, kafka.ParkedFilter{Key: "t2"})
	if err != nil || n != 1 || stamps("t2") != 3 {
		t.Errorf("%d handled, %d stamps: %v", n, stamps("t2"), err)
	}
	until(t, "an empty outbox", func() bool {
		n, _, err := r.db.Outbox().Backlog(ctx)
		must(t, err)
		return n == 0
	})
	if n, err := consumer.Parked().Count(ctx); err != nil || n != 0 {
		t.Errorf("%d are parked: %v", n, err)
	}
}
