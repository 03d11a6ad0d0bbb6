// Package assembly puts the parts of a service together: which worker, check
// and step belongs where is the same for all services.
package assembly

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Parts are what a service is assembled of.
type Parts struct {
	Name      string
	Config    service.Config
	Telemetry *telemetry.Telemetry
	DB        *store.DB // nil: of a service that does without tables; see RunOn
	Router    *rest.Router
	// Beside are further ways in.
	Beside []service.Beside
	// Migrations bring up to date what older releases have stored.
	Migrations []store.Migration
	// Prepare has what keeps instances and rows.
	Prepare []store.Preparer
	// Topics are those the service writes to or reads from.
	Topics []string
	// Has is what not all services have: Hearing of events, Undoing of calls.
	Has []Part
	// Dependencies are the systems that are called.
	Dependencies []service.Dependency
	// Doors adds the ways in that only builds for tests have; nil: there are none.
	Doors func(p Parts, workers []service.Worker) []service.Worker
}

// Part is what a service does beside answering, and some services do not do.
type Part struct {
	// Register notes what is kept, before tables are made.
	Register func(ctx context.Context) error
	Routes   func(router *rest.Router)
	Workers  []service.Worker
	Checks   []service.Check
	Drain    []service.Step
	Gauges   func(t *telemetry.Telemetry) error
	// Forget deletes what was noted before a time, and need not be known any longer.
	Forget func(ctx context.Context, before time.Time) error
	// Apart hears the same of whoever tells it, and not of the broker: tests do.
	Apart func() Hearer
	// Own is what does it, for tests to ask what no one else does.
	Own any
	Err error
}

// partitions of a topic that is created here: how many replicas of a consumer
// can share the work.
const partitions = 4

// Database is where a service keeps what it knows.
type Database interface {
	// Migrate makes what the parts of a service have in common. An error that is
	// service.Permanent ends the service.
	Migrate(ctx context.Context) error
	Ping(ctx context.Context) error
	Close() error
	// Forget deletes keys of commands that were handled before a time, and whatever else
	// need not be there any longer.
	Forget(ctx context.Context, before time.Time) error
}

// tables is the database of a service that keeps what it knows in tables.
type tables struct {
	*store.DB
	migrations []store.Migration
}

func (t tables) Migrate(ctx context.Context) error { return t.DB.Migrate(ctx, t.migrations...) }

func (t tables) Forget(ctx context.Context, before time.Time) error {
	_, err := aggregate.Forget(ctx, t.DB, before)
	return errors.Join(err, t.DropLeftovers(ctx, keepLeftovers))
}

func (p Parts) tables() Database { return tables{p.DB, p.Migrations} }

// Run runs the service until ctx is done.
func Run(ctx context.Context, p Parts) error { return RunOn(ctx, p.tables(), outbox.Of(p.DB), p) }

// RunOn runs a service that keeps what it knows, and what it is to tell, in another
// database than DB.
func RunOn(ctx context.Context, db Database, untold kafka.Outbox, p Parts) error {
	kafkaClient, err := kgo.NewClient(Kafka(p.Config)...)
	if err != nil {
		return err
	}
	relay := kafka.NewRelay(kafka.RelayConfig{Client: Kafka(p.Config), Outbox: untold, Log: p.Telemetry.Log})
	if err := errors.Join(watch(p.Telemetry, relay), p.add()); err != nil {
		return err
	}
	options := service.Options{
		Name: p.Name, Config: p.Config.Server, Telemetry: p.Telemetry, Router: p.Router, Beside: p.Beside,
		Start: []service.Step{
			{Name: "tables", Do: func(ctx context.Context) error { return p.prepare(ctx, db) }},
			{Name: "topics", Do: func(ctx context.Context) error {
				return kafka.EnsureTopics(ctx, Kafka(p.Config), p.TopicSpecs()...)
			}},
		},
		Workers: []service.Worker{
			{Name: "relay", Run: relay.Run},
			{Name: "housekeeping", Run: func(ctx context.Context) error { return p.forget(ctx, db) }},
		},
		Checks: []service.Check{
			{Name: "database", Do: db.Ping},
			{Name: "broker", Do: func(ctx context.Context) error { return kafka.Ping(ctx, kafkaClient) }},
			{Name: "identity", Do: p.Router.Ready},
		},
		Close: []service.Step{
			{Name: "broker", Do: func(context.Context) error { kafkaClient.Close(); return nil }},
			{Name: "database", Do: func(context.Context) error { return db.Close() }},
			{Name: "telemetry", Do: p.Telemetry.Close},
		},
		Dependencies: p.Dependencies,
	}
	for _, part := range p.Has {
		options.Workers = append(options.Workers, part.Workers...)
		options.Checks = append(options.Checks, part.Checks...)
		options.Drain = append(options.Drain, part.Drain...)
	}
	// Last: what the others do on their last steps is sent, too.
	options.Drain = append(options.Drain, service.Step{Name: "relay", Do: relay.Flush})
	if p.Doors != nil {
		options.Workers = p.Doors(p, options.Workers)
	}
	return service.Run(ctx, options)
}

// Tables makes them what this release reads, with what older ones have stored.
func (p Parts) Tables(ctx context.Context) error { return p.prepare(ctx, p.tables()) }

func (p Parts) prepare(ctx context.Context, db Database) error {
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	for _, part := range p.Has {
		if part.Register == nil {
			continue
		}
		if err := part.Register(ctx); err != nil {
			return err
		}
	}
	return store.Prepare(ctx, p.Prepare...)
}

// add adds the routes and the gauges of the parts.
func (p Parts) add() error {
	var errs []error
	for _, part := range p.Has {
		errs = append(errs, part.Err)
		if part.Routes != nil {
			part.Routes(p.Router)
		}
		if part.Gauges != nil {
			errs = append(errs, part.Gauges(p.Telemetry))
		}
	}
	return errors.Join(append(errs, p.Router.Err())...)
}

// How long is remembered what was handled: idempotency keys for as long as a
// client may reasonably repeat a request, messages for as long as the broker
// may.
const (
	rememberKeys     = 7 * 24 * time.Hour
	rememberMessages = 3 * 24 * time.Hour
	forgetEvery      = time.Hour
)

// keepLeftovers is how long what only an older release has a use for stays: longer
// than it takes to release a newer one everywhere.
const keepLeftovers = 3 * 24 * time.Hour

// forget deletes what need not be remembered any longer, now and then.
func (p Parts) forget(ctx context.Context, db Database) error {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			err := db.Forget(ctx, now.Add(-rememberKeys))
			for _, part := range p.Has {
				if part.Forget != nil {
					err = errors.Join(err, part.Forget(ctx, now.Add(-rememberMessages)))
				}
			}
			if err != nil {
				p.Telemetry.Log.WarnContext(ctx, "housekeeping failed, and is tried again later", "error", err)
			}
		}
	}
}

// TopicSpecs are the topics as they are made where they are missing.
func (p Parts) TopicSpecs() []kafka.TopicSpec {
	specs := make([]kafka.TopicSpec, len(p.Topics))
	for i, name := range p.Topics {
		specs[i] = kafka.TopicSpec{Name: name, Partitions: partitions}
	}
	return specs
}

// Kafka is how clients of the broker connect.
func Kafka(c service.Config) []kgo.Opt {
	options := []kgo.Opt{kgo.SeedBrokers(c.KafkaBrokers...)}
	if c.KafkaDial != nil {
		options = append(options, kgo.Dialer(c.KafkaDial))
	}
	if config, err := c.KafkaTLS(); err == nil && config != nil { // an error was reported when the configuration was read
		options = append(options, kgo.DialTLSConfig(config))
	}
	if c.KafkaUsername != "" {
		options = append(options, kgo.SASL(scram.Auth{User: c.KafkaUsername, Pass: c.KafkaPassword}.AsSha512Mechanism()))
	}
	return options
}

// watch has measured what piles up in the outbox when the broker is away or the
// relay too slow. Every replica tells the same.
func watch(t *telemetry.Telemetry, relay *kafka.Relay) error {
	waiting := func(ctx context.Context) (float64, error) {
		n, _, err := relay.Backlog(ctx)
		return float64(n), err
	}
	age := func(ctx context.Context) (float64, error) {
		_, oldest, err := relay.Backlog(ctx)
		return oldest.Seconds(), err
	}
	return errors.Join(
		t.Gauge("outbox_messages", "Messages that wait in the outbox.", waiting),
		t.Gauge("outbox_oldest_seconds", "How long the oldest message has waited in the outbox.", age),
	)
}
