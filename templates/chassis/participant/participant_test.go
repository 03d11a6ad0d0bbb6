package participant_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/participant"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

type take struct {
	FlightID values.ID `json:"flightId"`
	Seats    int64     `json:"seats"`
}

func (t take) Command() values.Command {
	return values.Command{Name: "Flight.Take", ID: t.FlightID, IDField: "flightId"}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ask delivers an order twice, and returns what was done and answered.
func ask(t *testing.T, o saga.Order, typ string, end error) (requests []command.Request, inputs []take, answers []saga.Answer, err error) {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	must(t, err)
	defer func() { _ = db.Close() }()
	must(t, db.Migrate(t.Context()))
	c := kafka.NewConsumer(kafka.ConsumerConfig{Group: "test", DB: db})
	p := participant.New(db, "/test/flights", "test.flights.commands")
	participant.Obey(c, p, participant.Command[take]{
		Type: "flights.flight.Take",
		Do: func(_ context.Context, req command.Request, input take) (command.Outcome, error) {
			requests, inputs = append(requests, req), append(inputs, input)
			return command.Outcome{ID: input.FlightID, Reply: json.RawMessage(`{"left":1}`)}, end
		},
		By: map[string]participant.Finder{
			"number": participant.Find[int64](func(_ context.Context, column string, value any) ([]values.ID, error) {
				if column == "number" && value == int64(12345678901234567) {
					return []values.ID{"found", "other"}, nil
				}
				return nil, nil
			}, "number"),
		},
	})
	participant.Operate(c, p, "trips.Book.1", func(_ context.Context, cause command.Cause, question struct{ Amount int }) (map[string]any, error) {
		return map[string]any{"key": cause.Key, "amount": question.Amount}, end
	})
	must(t, c.Err())
	o.Saga, o.Story, o.ReplyTo = "trips.Book", "story", "test.trips.replies"
	data, err := json.Marshal(o)
	must(t, err)
	e := message.Envelope{
		ID: "order", Source: "/test/trips", Type: typ, Subject: "story", Key: "story", Time: time.Now(), DataVersion: 1, CorrelationID: "why",
		Actor: values.Actor{Subject: "kim", System: true}, Topic: "test.flights.commands", Data: data,
	}
	if err := errors.Join(c.Deliver(t.Context(), e.Record()), c.Deliver(t.Context(), e.Record())); err != nil {
		return requests, inputs, nil, err
	}
	pending, err := outbox.Read(t.Context(), db, 10)
	must(t, err)
	var ids []values.ID
	for _, p := range pending {
		reply, err := message.FromRecord(p.Record)
		must(t, err)
		if reply.Topic != "test.trips.replies" || reply.Type != "saga.trips.Book.Answered" || reply.Key != "story" || reply.CorrelationID != "why" {
			t.Errorf("%+v", reply)
		}
		var a saga.Answer
		must(t, json.Unmarshal(reply.Data, &a))
		ids, answers = append(ids, reply.ID), append(answers, a)
	}
	if len(ids) != 2 || ids[0] != ids[1] || !cmp.Equal(answers[0], answers[1]) {
		t.Errorf("a second delivery is answered otherwise: %v %v", ids, answers)
	}
	return requests, inputs, answers[:1], nil
}

func TestACommandIsGivenAndAnswered(t *testing.T) {
	requests, inputs, answers, err := ask(t, saga.Order{Key: "e/1", Compensates: "e/0", Instance: "f1", Input: json.RawMessage(`{"seats":2,"newer":true}`)}, "flights.flight.Take", nil)
	must(t, err)
	want := command.Request{
		Actor: values.Actor{Subject: "kim", System: true}, Key: command.Key{Scope: "trips.Book", ID: "e/1"}, Compensates: "e/0",
		KeepRejection: true, KeepRefusal: true, Correlation: "why", Causation: "order",
	}
	if diff := cmp.Diff(want, requests[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(take{"f1", 2}, inputs[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]saga.Answer{{Key: "e/1", Result: saga.Done, Instance: "f1", Reply: json.RawMessage(`{"left":1}`)}}, answers); diff != "" {
		t.Error(diff)
	}
}

func TestWhatComesTooLateIsRefused(t *testing.T) {
	until := time.Now()
	o := saga.Order{Saga: "trips.Book", Key: "e/1", Instance: "f1", Input: json.RawMessage(`{"seats":2}`), Until: &until}
	requests, _, answers, err := ask(t, o, "flights.flight.Take", command.ErrOverdue)
	must(t, err)
	if len(requests) == 0 || !requests[0].Until.Equal(until) || !cmp.Equal(answers, []saga.Answer{{Key: "e/1", Result: saga.Refused, Reason: "its time is over"}}) {
		t.Error(requests, answers)
	}
}

func TestAnInstanceIsFound(t *testing.T) {
	for _, c := range []struct {
		by   *saga.Lookup
		want values.ID
	}{
		{saga.By("number", int64(12345678901234567)), "found"},
		{saga.By("number", 5), values.DeriveID("trips.Book", "k")},
		{saga.By("number", nil), values.DeriveID("trips.Book", "k")},
	} {
		_, inputs, _, err := ask(t, saga.Order{Key: "k", By: c.by, Input: json.RawMessage(`{"seats":2}`)}, "flights.flight.Take", nil)
		must(t, err)
		if inputs[0].FlightID != c.want {
			t.Errorf("%s: %s", c.by.Value, inputs[0].FlightID)
		}
	}
	if _, _, _, err := ask(t, saga.Order{Key: "k", By: saga.By("colour", 1), Input: json.RawMessage(`{"seats":2}`)}, "flights.flight.Take", nil); err == nil {
		t.Error("it was found by what it is not found by")
	}
}

func TestWhatIsRefusedIsAnswered(t *testing.T) {
	for _, c := range []struct {
		err   error
		input string
		want  saga.Result // "": it is tried again
	}{
		{values.Reject(values.Rule, "NoSeats", ""), `{"seats":2}`, saga.Refused},
		{command.ErrCompensated, `{"seats":2}`, saga.Refused},
		{command.ErrExists, `{"seats":2}`, saga.Refused},
		{command.ErrNotFound, `{"seats":2}`, saga.Missing},
		{nil, `{"seats":"many"}`, saga.Invalid},
		{nil, `7`, saga.Invalid},
		{command.ErrInFlight, `{"seats":2}`, ""},
		{errors.New("the database is down"), `{"seats":2}`, ""},
	} {
		_, _, answers, err := ask(t, saga.Order{Key: "k", Instance: "f", Input: json.RawMessage(c.input)}, "flights.flight.Take", c.err)
		switch {
		case c.want == "":
			if !errors.Is(err, c.err) {
				t.Errorf("%v: %v", c.err, err)
			}
		case err != nil || answers[0].Result != c.want || answers[0].Reason == "":
			t.Errorf("%v: %v %v", c.err, answers, err)
		}
	}
}

func TestAnOperationIsAskedByItsKey(t *testing.T) {
	_, _, answers, err := ask(t, saga.Order{Key: "e/1", Input: json.RawMessage(`{"Amount":3}`)}, "trips.Book.1", nil)
	must(t, err)
	if got := string(answers[0].Reply); got != `{"amount":3,"key":"trips.Book/e/1"}` {
		t.Error(got)
	}
	if _, _, answers, err = ask(t, saga.Order{Key: "e/1", Input: json.RawMessage(`{}`)}, "trips.Book.1", values.Reject(values.Rule, "NoMoney", "")); err != nil || answers[0].Result != saga.Refused {
		t.Error(answers, err)
	}
}

func TestACommandIsCalledOff(t *testing.T) {
	testservers.OnBoth(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url)
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		must(t, db.Migrate(t.Context()))
		for id, state := range map[string]string{"was done": "done", "was refused": "rejected"} {
			_, err = db.Exec(t.Context(), `INSERT INTO platform_commands (scope, id, state, hash, instance, version, created, reply)
				VALUES ('trips.Book', $1, $2, 'h', 'f1', 3, $3, '{"left":1}')`, id, state, false)
			must(t, err)
		}
		c := kafka.NewConsumer(kafka.ConsumerConfig{Group: "test", DB: db})
		participant.Cancel(c, participant.New(db, "/test/flights", "test.flights.commands"))
		must(t, c.Err())
		for i, of := range []string{"was done", "was refused", "never came", "never came"} {
			o := saga.Order{Saga: "trips.Book", Story: "story", Key: of + "/cancel", Compensates: of, ReplyTo: "test.trips.replies"}
			data, err := json.Marshal(o)
			must(t, err)
			must(t, c.Deliver(t.Context(), message.Envelope{
				ID: values.ID(fmt.Sprint(i)), Source: "/test/trips", Type: saga.CancelType, Subject: "story", Key: "story", Topic: "test.flights.commands",
				Time: time.Now(), DataVersion: 1, Data: data,
			}.Record()))
		}
		pending, err := outbox.Read(t.Context(), db, 10)
		must(t, err)
		missing := saga.Answer{Key: "never came/cancel", Result: saga.Missing, Reason: "it was not done, and will not be"}
		refused := missing
		refused.Key = "was refused/cancel"
		want := []saga.Answer{{Key: "was done/cancel", Result: saga.Done, Instance: "f1", Reply: json.RawMessage(`{"left":1}`)}, refused, missing, missing}
		var got []saga.Answer
		for _, p := range pending {
			reply, err := message.FromRecord(p.Record)
			must(t, err)
			var a saga.Answer
			must(t, json.Unmarshal(reply.Data, &a))
			got = append(got, a)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var buried int64
		must(t, db.QueryRow(t.Context(), "SELECT COUNT(*) FROM platform_commands WHERE state = 'compensated'").Scan(&buried))
		if buried != 2 {
			t.Errorf("%d are refused when they come", buried)
		}
	})
}
