// Package assembly puts the parts of a service together: which worker, check
// and step belongs where is the same for all services.
package assembly

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/telemetry"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// Parts are what a service is assembled of.
type Parts struct {
	Name      string
	Config    service.Config
	Telemetry *telemetry.Telemetry
	DB        *store.DB
	Router    *rest.Router
	// Beside are further ways in.
	Beside   []service.Beside
	Consumer *kafka.Consumer
	// Subscribe tells a consumer who reacts to what; Views are those that can be
	// rebuilt from their events.
	Subscribe func(c *kafka.Consumer)
	Views     []kafka.Rebuildable
	// Prepare has the repositories and the tables.
	Prepare []Preparer
	// Topics are those the service writes to or reads from.
	Topics []string
	// Undo holds the compensations of calls by their names.
	Undo map[string]func(ctx context.Context, intent command.Intent) error
	// Dependencies are the systems that are called.
	Dependencies []*client.Dependency
}

// Preparer makes its tables what the model wants.
type Preparer interface {
	Prepare(ctx context.Context) error
}

// Table is the Preparer of a view's table.
func Table[R any](t *view.Table[R], db *store.DB) Preparer { return table[R]{t, db} }

type table[R any] struct {
	table *view.Table[R]
	db    *store.DB
}

func (t table[R]) Prepare(ctx context.Context) error { return t.table.Prepare(ctx, t.db) }

// partitions of a topic that is created here: how many replicas of a consumer
// can share the work.
const partitions = 4

// Consumer is the service's consumer of events; deliveries are traced and
// measured.
func Consumer(group string, c service.Config, db *store.DB, t *telemetry.Telemetry) (*kafka.Consumer, error) {
	around, err := t.Around()
	if err != nil {
		return nil, err
	}
	client := append(Kafka(c), kgo.SessionTimeout(c.KafkaSession), kgo.HeartbeatInterval(c.KafkaSession/5))
	return kafka.NewConsumer(kafka.ConsumerConfig{Group: group, Client: client, DB: db, Log: t.Log, Around: around}), nil
}

// Run runs the service until ctx is done.
func Run(ctx context.Context, p Parts) error {
	kafkaClient, err := kgo.NewClient(Kafka(p.Config)...)
	if err != nil {
		return err
	}
	relay := kafka.NewRelay(kafka.RelayConfig{Client: Kafka(p.Config), DB: p.DB, Log: p.Telemetry.Log})
	if err := watch(p.Telemetry, relay, p.Consumer); err != nil {
		return err
	}
	p.Subscribe(p.Consumer)
	rebuilder := kafka.NewRebuilder(p.Consumer, p.Subscribe, p.Views...)
	p.Router.HandleInternal("POST /views/{view}/rebuild", func(w http.ResponseWriter, r *http.Request) error {
		if err := rebuilder.Rebuild(r.Context(), r.PathValue("view")); err != nil {
			return values.Reject("NoSuchView", http.StatusNotFound, err.Error())
		}
		w.WriteHeader(http.StatusAccepted)
		return nil
	})
	if err := errors.Join(p.Router.Err(), p.Consumer.Err()); err != nil {
		return err
	}
	compensator := &command.Compensator{DB: p.DB, Log: p.Telemetry.Log, Undo: p.Undo}
	return service.Run(ctx, service.Options{
		Name: p.Name, Config: p.Config.Server, Telemetry: p.Telemetry, Router: p.Router, Beside: p.Beside,
		Start: []service.Step{
			{Name: "migrations", Do: func(ctx context.Context) error { return p.DB.Migrate(ctx, nil) }},
			{Name: "tables", Do: p.prepare},
			{Name: "topics", Do: func(ctx context.Context) error {
				return kafka.EnsureTopics(ctx, Kafka(p.Config), p.topics()...)
			}},
		},
		Workers: withDoors(p, []service.Worker{
			{Name: "relay", Run: relay.Run},
			{Name: "consumer", Run: p.Consumer.Run},
			{Name: "compensator", Run: compensator.Run},
			{Name: "rebuilder", Run: rebuilder.Run},
			{Name: "housekeeping", Run: p.forget},
		}),
		Checks: []service.Check{
			{Name: "database", Do: p.DB.Ping},
			{Name: "broker", Do: func(ctx context.Context) error { return kafka.Ping(ctx, kafkaClient) }},
			{Name: "consumer", Do: p.Consumer.Ready},
			{Name: "identity", Do: p.Router.Ready},
		},
		Drain: []service.Step{
			{Name: "consumer", Do: p.Consumer.Drain},
			{Name: "relay", Do: relay.Flush},
		},
		Close: []service.Step{
			{Name: "broker", Do: func(context.Context) error { kafkaClient.Close(); return nil }},
			{Name: "database", Do: func(context.Context) error { return p.DB.Close() }},
			{Name: "telemetry", Do: p.Telemetry.Close},
		},
		Parked:       p.Consumer.Parked(),
		Dependencies: p.Dependencies,
	})
}

// How long is remembered what was handled: idempotency keys for as long as a
// client may reasonably repeat a request, messages for as long as the broker
// may.
const (
	rememberKeys     = 7 * 24 * time.Hour
	rememberMessages = 3 * 24 * time.Hour
	forgetEvery      = time.Hour
)

// forget deletes what need not be remembered any longer, now and then.
func (p Parts) forget(ctx context.Context) error {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			_, err := command.Forget(ctx, p.DB, now.Add(-rememberKeys))
			if _, more := p.Consumer.Forget(ctx, now.Add(-rememberMessages)); err == nil {
				err = more
			}
			if err != nil {
				p.Telemetry.Log.WarnContext(ctx, "housekeeping failed, and is tried again later", "error", err)
			}
		}
	}
}

func (p Parts) prepare(ctx context.Context) error {
	for _, t := range p.Prepare {
		if err := t.Prepare(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p Parts) topics() []kafka.TopicSpec {
	specs := make([]kafka.TopicSpec, len(p.Topics))
	for i, name := range p.Topics {
		specs[i] = kafka.TopicSpec{Name: name, Partitions: partitions}
	}
	return specs
}
