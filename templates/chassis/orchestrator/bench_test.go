package orchestrator_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/orchestrator"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/timer"
	"github.com/esgen/esgen/templates/chassis/values"
)

// BenchmarkStep takes stories further: an answer is taken, and the next step asked for, in
// one transaction. Beside it is what somebody would write by hand for this one
// story: a row that is locked, looked at, and changed with the outbox.
func BenchmarkStep(b *testing.B) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "bench.db") },
		"postgres": func() string { return testservers.Postgres(b) },
	} {
		for way, take := range map[string]func(b *testing.B, db *store.DB) taker{"saga": bySaga, "twin": byHand} {
			b.Run(name+"/"+way, func(b *testing.B) {
				db, err := store.Open(b.Context(), url())
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = db.Close() }()
				benchmarkStep(b, db, take)
			})
		}
	}
}

// taker starts a story, or gives it the answer to a step, from 1.
type taker func(story string, step int) error

const benchSteps = 10

func benchmarkStep(b *testing.B, db *store.DB, way func(b *testing.B, db *store.DB) taker) {
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	take := way(b, db)
	var n atomic.Int64
	b.SetParallelism(4)
	b.ResetTimer()
	since := testservers.Processor()
	b.RunParallel(func(pb *testing.PB) {
		step, story := 0, ""
		for pb.Next() {
			if step == 0 {
				story = strconv.FormatInt(n.Add(1), 10)
				if err := take(story, 0); err != nil {
					b.Error(err)
				}
			}
			step = step%benchSteps + 1
			if err := take(story, step); err != nil {
				b.Error(err)
			}
			if step == benchSteps {
				step = 0
			}
		}
	})
	testservers.Rate(b, "step", since)
}

func bySaga(b *testing.B, db *store.DB) taker {
	timers := timer.New(db, "/test/trips", "test.trips.timers")
	sagas := orchestrator.New(db, "/test/trips", "test.trips.replies", timers)
	if err := store.Prepare(b.Context(), timers, sagas); err != nil {
		b.Fatal(err)
	}
	long := saga.Saga[planned, kept]{Name: "trips.Long"}
	for range benchSteps {
		long.Steps = append(long.Steps, saga.Step[planned, kept]{Do: command("rooms", "Reserve"), Ask: asks, Undo: command("rooms", "Release"), AskUndo: asks})
	}
	c := kafka.NewConsumer(kafka.ConsumerConfig{Group: "test", DB: db})
	orchestrator.Conduct(c, sagas, long)
	return func(trip string, step int) error {
		e := event(trip, true)
		if step == 0 {
			return c.Deliver(b.Context(), e.Record())
		}
		story := values.DeriveID("trips.Long", string(e.ID))
		return c.Deliver(b.Context(), answered(string(story), fmt.Sprint(e.ID, "/", step)).Record())
	}
}

// answered is the answer to what a story asked.
func answered(story, key string) message.Envelope {
	data, _ := json.Marshal(saga.Answer{Key: key, Result: saga.Done, Instance: "there", Reply: json.RawMessage(`{"room":"12"}`)}) // it can be
	return message.Envelope{
		ID: values.ID(key), Source: "/test/rooms", Type: saga.AnswerType("trips.Long"), Subject: story, Key: story, Time: begin, DataVersion: 1,
		Topic: "test.trips.replies", Data: data,
	}
}

func byHand(b *testing.B, db *store.DB) taker {
	if _, err := db.Exec(b.Context(), "CREATE TABLE twin (id TEXT PRIMARY KEY, step BIGINT NOT NULL, story TEXT NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	ask := func(tx *store.Tx, trip string, step int) error {
		data, err := json.Marshal(map[string]any{"story": trip, "key": fmt.Sprint(trip, "/", step), "input": planned{TripID: values.ID(trip), Flies: true}})
		if err != nil {
			return err
		}
		return outbox.Append(tx, message.Envelope{
			ID: values.ID(fmt.Sprint(trip, "/", step)), Source: "/test/trips", Type: "rooms.thing.Reserve", Subject: trip, Key: trip, Time: begin, DataVersion: 1,
			Topic: "test.rooms.commands", Data: data,
		})
	}
	return func(trip string, step int) error {
		return db.InTx(b.Context(), func(tx *store.Tx) error {
			if step == 0 {
				tx.Later(nil, "INSERT INTO twin VALUES ($1, 1, $2) ON CONFLICT DO NOTHING", trip, string(event(trip, true).Data))
				return ask(tx, trip, 1)
			}
			e, err := message.FromRecord(answered(trip, fmt.Sprint(trip, "/", step)).Record())
			if err != nil {
				return err
			}
			var says saga.Answer
			if err := json.Unmarshal(e.Data, &says); err != nil {
				return err
			}
			var at int
			var story string
			if err := tx.QueryRow(b.Context(), "SELECT step, story FROM twin WHERE id = $1"+tx.Dialect().ForUpdate(), trip).Scan(&at, &story); err != nil {
				return err
			}
			if says.Key != fmt.Sprint(trip, "/", at) {
				return nil // it came before
			}
			tx.Later(nil, "UPDATE twin SET step = $2, story = $3 WHERE id = $1", trip, at+1, story)
			if at == benchSteps {
				return nil
			}
			return ask(tx, trip, at+1)
		})
	}
}
