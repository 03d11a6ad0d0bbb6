package assembly

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/telemetry"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Hearing is the part of a service that hears of events, its own or those of
// others. Subscribe tells a consumer who reacts to what; views are those that
// can be rebuilt from their events. Deliveries are traced and measured.
func Hearing(group string, c service.Config, db *store.DB, t *telemetry.Telemetry, subscribe func(*kafka.Consumer), views ...kafka.Rebuildable) Part {
	consumer, err := consumer(kafka.ConsumerConfig{Group: group, DB: db}, c, t)
	subscribe(consumer)
	rebuilder := kafka.NewRebuilder(consumer, subscribe, views...)
	part := listening(consumer, err)
	part.Register = rebuilder.Register
	part.Routes = func(router *rest.Router) {
		rebuilding(router, rebuilder)
		AddParked(router, consumer.Parked())
	}
	part.Workers = append(part.Workers, service.Worker{Name: "rebuilder", Run: rebuilder.Run})
	part.Checks = append(part.Checks, service.Check{Name: "views", Do: rebuilder.Ready})
	part.Forget = func(ctx context.Context, before time.Time) error {
		_, err := consumer.Forget(ctx, before)
		return err
	}
	part.Apart = func() Hearer { return Apart(db, subscribe) }
	return part
}

// Reacting is the part of a service that hears of events by its policies alone. What
// they cannot handle waits in a lot of its own.
func Reacting(group string, c service.Config, lot kafka.Parking, t *telemetry.Telemetry, subscribe func(*kafka.Consumer)) Part {
	consumer, err := consumer(kafka.ConsumerConfig{Group: group, Parking: lot}, c, t)
	subscribe(consumer)
	return listening(consumer, err)
}

// consumer is one whose deliveries are traced and measured.
func consumer(config kafka.ConsumerConfig, c service.Config, t *telemetry.Telemetry) (*kafka.Consumer, error) {
	around, err := t.Around()
	config.Client = append(Kafka(c), kgo.SessionTimeout(c.KafkaSession), kgo.HeartbeatInterval(c.KafkaSession/5))
	config.Log, config.Around = t.Log, around
	return kafka.NewConsumer(config), err
}

// listening is what all do who hear of events.
func listening(consumer *kafka.Consumer, err error) Part {
	return Part{
		Routes:  func(router *rest.Router) { AddParked(router, consumer.Parked()) },
		Workers: []service.Worker{{Name: "consumer", Run: consumer.Run}},
		Checks:  []service.Check{{Name: "consumer", Do: consumer.Ready}},
		Drain:   []service.Step{{Name: "consumer", Do: consumer.Drain}},
		Gauges:  func(t *telemetry.Telemetry) error { return watchConsumer(t, consumer) },
		Own:     consumer,
		Err:     errors.Join(err, consumer.Err()),
	}
}

// rebuilding adds the route that has a view rebuilt.
func rebuilding(router *rest.Router, rebuilder *kafka.Rebuilder) {
	router.HandleInternal("POST /views/{view}/rebuild", func(w http.ResponseWriter, r *http.Request) error {
		if err := rebuilder.Rebuild(r.Context(), r.PathValue("view")); err != nil {
			return values.Reject(values.Missing, "NoSuchView", err.Error())
		}
		w.WriteHeader(http.StatusAccepted)
		return nil
	})
}

// watchConsumer has measured what waits before the consumer when it is too
// slow, and in the parking lot when somebody has to decide.
func watchConsumer(t *telemetry.Telemetry, consumer *kafka.Consumer) error {
	lag := func(ctx context.Context) (float64, error) {
		n, err := consumer.Lag(ctx)
		return float64(n), err
	}
	parked := func(ctx context.Context) (float64, error) {
		n, err := consumer.Parked().Count(ctx)
		return float64(n), err
	}
	stuck := func(context.Context) (float64, error) { return float64(consumer.Stuck()), nil }
	noEvents := func(context.Context) (float64, error) { return float64(consumer.NoEvents()), nil }
	return errors.Join(
		t.Gauge("consumer_stuck_partitions", "Partitions where a message can neither be handled nor parked.", stuck),
		t.Gauge("consumer_empty_messages", "Messages without a value that were passed over since the start.", noEvents),
		t.Gauge("consumer_lag_messages", "Messages that the service has not handled yet.", lag),
		t.Gauge("parked_messages", "Messages that wait for somebody to decide about them.", parked),
	)
}

// Apart returns a Hearer of what is subscribed to, which knows no broker.
func Apart(db *store.DB, subscribe func(*kafka.Consumer)) Hearer {
	c := kafka.NewConsumer(kafka.ConsumerConfig{Group: "apart", DB: db})
	subscribe(c)
	return c
}

// Hearer hears of events by being told of them; *kafka.Consumer does.
type Hearer interface {
	// Remember tells views of an event that happened, and says how many of them it is about.
	Remember(ctx context.Context, e message.Envelope) (views int, err error)
	// Deliver gives a record to all that wait for it, and DeliverTo to one
	// policy or view.
	Deliver(ctx context.Context, r *kgo.Record) error
	DeliverTo(ctx context.Context, name string, r *kgo.Record) error
}
