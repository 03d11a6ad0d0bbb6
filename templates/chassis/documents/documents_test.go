package documents

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

// ticket is an aggregate for tests.
type ticket struct {
	TicketID values.ID      `json:"ticketId"`
	Guest    values.ID      `json:"guest"`
	Seat     *string        `json:"seat,omitempty"`
	Price    values.Decimal `json:"price"`
	Stamps   int64          `json:"stamps"`
}

type sold struct {
	Guest values.ID      `json:"guest"`
	Seat  *string        `json:"seat,omitempty"`
	Price values.Decimal `json:"price"`
}

func (sold) Event() values.Event {
	return values.Event{Type: "hall.ticket.Sold", Topic: topic, Version: 1}
}

type stamped struct {
	N int64 `json:"n"`
}

func (stamped) Event() values.Event {
	return values.Event{Type: "hall.ticket.Stamped", Topic: topic, Version: 1}
}

type returned struct{}

func (returned) Event() values.Event {
	return values.Event{Type: "hall.ticket.Returned", Topic: topic, Version: 1, Deletes: true}
}

const topic = "sys.hall.ticket"

func spec() Spec[ticket, Event] {
	return Spec[ticket, Event]{
		Aggregate: "Ticket", Collection: "ticket", Teller: command.Teller{Source: "/sys/hall", Topic: topic},
		New: func(id values.ID) ticket { return ticket{TicketID: id} },
		Evolve: func(t ticket, e Event, _ values.Meta) ticket {
			switch e := e.(type) {
			case sold:
				t.Guest, t.Seat, t.Price = e.Guest, e.Seat, e.Price
			case stamped:
				t.Stamps += e.N
			}
			return t
		},
		Check: func(t ticket) error {
			if t.Stamps > 100 {
				return values.Reject(values.Rule, "TooMany", "too many stamps")
			}
			return nil
		},
		Lookups: []string{"guest", "seat"},
		Index:   func(t ticket) []any { return []any{t.Guest, t.Seat} },
		Unique:  []Unique{{Lookups: []string{"seat"}, Code: "SeatTaken"}},
	}
}

func open(t *testing.T) *DB {
	t.Helper()
	db, err := Open(testservers.Mongo(t))
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	must(t, db.Migrate(t.Context()))
	must(t, db.Migrate(t.Context())) // by another replica
	return db
}

func prepared(t *testing.T) *Repository[ticket, Event] {
	t.Helper()
	r := NewRepository(open(t), spec(), Options{Attempts: 100})
	must(t, r.Prepare(t.Context()))
	must(t, r.Prepare(t.Context()))
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func says(events ...Event) command.Decide[ticket, Event] {
	return func(context.Context, *command.Attempt[ticket]) ([]Event, error) { return events, nil }
}

func seat(s string) *string { return &s }

func sell(guest, place string) sold {
	e := sold{Guest: values.ID(guest), Price: values.MustDecimal("12.50")}
	if place != "" {
		e.Seat = seat(place)
	}
	return e
}

func TestCommands(t *testing.T) {
	r := prepared(t)
	ctx := t.Context()
	out, err := r.Run(ctx, command.Request{Name: "Sell", ID: "t1", Mode: values.New, Actor: values.Actor{Subject: "anna"}}, says(sell("anna", "A1"), stamped{2}))
	must(t, err)
	if !out.Created || out.Version != 2 || string(out.Reply) == "" {
		t.Errorf("%+v", out)
	}
	got, err := r.Load(ctx, "t1")
	must(t, err)
	if got.Version != 2 || got.State.Stamps != 2 || got.State.Price.String() != "12.5" || *got.State.Seat != "A1" || *got.Meta.CreatedBy != "anna" {
		t.Errorf("%+v %v", got, got.State.Price)
	}
	for name, c := range map[string]struct {
		req  command.Request
		want error
	}{
		"again":       {command.Request{Name: "Sell", ID: "t1", Mode: values.New}, command.ErrExists},
		"not there":   {command.Request{Name: "Stamp", ID: "t2"}, command.ErrNotFound},
		"old version": {command.Request{Name: "Stamp", ID: "t1", IfMatch: &command.Match{Versions: []int64{1}}}, command.ErrVersion},
	} {
		if _, err := r.Run(ctx, c.req, says(stamped{1})); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	var rejection *values.Rejection
	if _, err := r.Run(ctx, command.Request{Name: "Stamp", ID: "t1"}, says(stamped{1000})); !errors.As(err, &rejection) || rejection.Code != "TooMany" {
		t.Errorf("an invariant was broken: %v", err)
	}
	if _, err := r.Run(ctx, command.Request{Name: "Sell", ID: "t3", Mode: values.New}, says(sell("ben", "A1"))); !errors.As(err, &rejection) || rejection.Code != "SeatTaken" {
		t.Errorf("a seat was sold twice: %v", err)
	}
	// What is absent is like nothing else.
	for _, id := range []values.ID{"t4", "t5"} {
		_, err := r.Run(ctx, command.Request{Name: "Sell", ID: id, Mode: values.New}, says(sell("carl", "")))
		must(t, err)
	}
	if ids, err := r.Find(ctx, "guest", values.ID("carl")); err != nil || fmt.Sprint(ids) != "[t4 t5]" {
		t.Errorf("%v %v", ids, err)
	}
	_, err = r.Run(ctx, command.Request{Name: "Return", ID: "t1"}, says(returned{}))
	must(t, err)
	if _, err := r.Load(ctx, "t1"); !errors.Is(err, command.ErrNotFound) {
		t.Errorf("a deleted one is there: %v", err)
	}
	// Its seat is free, and its next life counts on.
	out, err = r.Run(ctx, command.Request{Name: "Sell", ID: "t1", Mode: values.New}, says(sell("dora", "A1")))
	must(t, err)
	if out.Version != 4 || !out.Created {
		t.Errorf("%+v", out)
	}
}

func TestKeys(t *testing.T) {
	r := prepared(t)
	ctx := t.Context()
	req := command.Request{Name: "Sell", Mode: values.New, Input: sell("anna", "A1"), Key: command.Key{Scope: command.CallScope, ID: "k1"}}
	first, err := r.Run(ctx, req, says(sell("anna", "A1")))
	must(t, err)
	again, err := r.Run(ctx, req, says(sell("anna", "A1")))
	if err != nil || !again.Repeated || again.ID != first.ID || string(again.Reply) != string(first.Reply) {
		t.Errorf("%+v %v, first %+v", again, err, first)
	}
	other := req
	other.Input = sell("anna", "B2")
	if _, err := r.Run(ctx, other, says(sell("anna", "B2"))); !errors.Is(err, command.ErrKeyReused) {
		t.Errorf("a key was used twice: %v", err)
	}
	// A policy's rejection is kept, so that the event is done.
	no := func(context.Context, *command.Attempt[ticket]) ([]Event, error) {
		return nil, values.Reject(values.Rule, "Closed", "the hall is closed")
	}
	policy := command.Request{Name: "Stamp", ID: first.ID, Key: command.Key{Scope: "P", ID: "m1"}, KeepRejection: true}
	var rejection *values.Rejection
	for range 2 {
		if _, err := r.Run(ctx, policy, no); !errors.As(err, &rejection) || rejection.Code != "Closed" {
			t.Errorf("%v", err)
		}
	}
	if _, err := r.Run(ctx, policy, says(stamped{1})); !errors.As(err, &rejection) {
		t.Errorf("what was rejected was done: %v", err)
	}
	// What is undone before it came never comes.
	undo := command.Request{Name: "Undo", ID: "t9", Key: command.Key{Scope: command.CallScope, ID: "k2/undo"}, Compensates: "k2"}
	out, err := r.Run(ctx, undo, says(stamped{1}))
	if err != nil || !out.NeverHappened {
		t.Errorf("%+v %v", out, err)
	}
	late := command.Request{Name: "Sell", ID: "t9", Mode: values.New, Key: command.Key{Scope: command.CallScope, ID: "k2"}}
	if _, err := r.Run(ctx, late, says(sell("anna", "C1"))); !errors.Is(err, command.ErrCompensated) {
		t.Errorf("it came after it was undone: %v", err)
	}
	// What was done is undone once.
	undo = command.Request{Name: "Undo", ID: first.ID, Key: command.Key{Scope: command.CallScope, ID: "k1/undo"}, Compensates: "k1"}
	if out, err = r.Run(ctx, undo, says(returned{})); err != nil || out.NeverHappened {
		t.Errorf("%+v %v", out, err)
	}
	if _, err := r.Run(ctx, req, says(sell("anna", "A1"))); !errors.Is(err, command.ErrCompensated) {
		t.Errorf("it came after it was undone: %v", err)
	}
}

// Commands at once: each has its effect, and the outbox has their events in order.
func TestConcurrentCommands(t *testing.T) {
	r := prepared(t)
	ctx := t.Context()
	_, err := r.Run(ctx, command.Request{Name: "Sell", ID: "t1", Mode: values.New}, says(sell("anna", "A1")))
	must(t, err)
	const each, many = 5, 4
	var all sync.WaitGroup
	for worker := range many {
		all.Go(func() {
			for i := range each {
				key := command.Key{Scope: "P", ID: fmt.Sprint(worker, "/", i)}
				if _, err := r.Run(ctx, command.Request{Name: "Stamp", ID: "t1", Key: key}, says(stamped{1})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got, err := r.Load(ctx, "t1")
	must(t, err)
	if got.State.Stamps != each*many || got.Version != 1+each*many {
		t.Errorf("%+v", got)
	}
	pending, err := r.db.Outbox().Read(ctx, 1000)
	must(t, err)
	for i, p := range pending {
		e, err := message.FromRecord(p.Record)
		must(t, err)
		if e.Sequence != int64(i+1) {
			t.Errorf("message %d has version %d", i, e.Sequence)
		}
	}
	if len(pending) != 1+each*many {
		t.Errorf("%d messages", len(pending))
	}
}

// The order of an instance's messages does not depend on clocks.
func TestPlaces(t *testing.T) {
	r := prepared(t)
	slow := NewRepository(r.db, spec(), Options{Clock: func() time.Time { return time.Now().Add(-time.Hour) }})
	ctx := t.Context()
	_, err := r.Run(ctx, command.Request{Name: "Sell", ID: "t1", Mode: values.New}, says(sell("anna", "A1"), stamped{1}))
	must(t, err)
	_, err = slow.Run(ctx, command.Request{Name: "Stamp", ID: "t1"}, says(stamped{1}, stamped{1}))
	must(t, err)
	_, err = r.Run(ctx, command.Request{Name: "Stamp", ID: "t1"}, says(stamped{1}))
	must(t, err)
	pending, err := r.db.Outbox().Read(ctx, 1000)
	must(t, err)
	var order []int64
	for _, p := range pending {
		e, err := message.FromRecord(p.Record)
		must(t, err)
		order = append(order, e.Sequence)
	}
	if fmt.Sprint(order) != "[1 2 3 4 5]" {
		t.Errorf("%v", order)
	}
}

// What loses against others is tried again, and not without end.
func TestTransactionsRunAgain(t *testing.T) {
	r := prepared(t)
	ctx := t.Context()
	fails := func(times int, command string) {
		t.Helper()
		must(t, r.db.client.Database("admin").RunCommand(ctx, bson.D{
			{Key: "configureFailPoint", Value: "failCommand"},
			{Key: "mode", Value: bson.D{{Key: "times", Value: times}}},
			{Key: "data", Value: bson.D{
				{Key: "failCommands", Value: bson.A{command}}, {Key: "errorCode", Value: 112},
				{Key: "errorLabels", Value: bson.A{"TransientTransactionError"}},
			}},
		}).Err())
	}
	fails(3, "insert")
	_, err := r.Run(ctx, command.Request{Name: "Sell", ID: "t1", Mode: values.New}, says(sell("anna", "A1")))
	must(t, err)
	once := NewRepository(r.db, spec(), Options{Attempts: 1})
	fails(txAttempts, "update")
	if _, err := once.Run(ctx, command.Request{Name: "Stamp", ID: "t1"}, says(stamped{1})); !errors.Is(err, command.ErrConflict) {
		t.Errorf("%v", err)
	}
	_, err = once.Run(ctx, command.Request{Name: "Stamp", ID: "t1"}, says(stamped{1}))
	must(t, err)
}

// A model that grows a lookup, and gives up a rule, keeps its data.
func TestModelsGrow(t *testing.T) {
	db := open(t)
	ctx := t.Context()
	small := spec()
	small.Lookups, small.Index = []string{"guest"}, func(t ticket) []any { return []any{t.Guest} }
	small.Unique = []Unique{{Lookups: []string{"guest"}, Code: "OneEach"}}
	r := NewRepository(db, small, Options{})
	must(t, r.Prepare(ctx))
	_, err := r.Run(ctx, command.Request{Name: "Sell", ID: "t1", Mode: values.New}, says(sell("anna", "A1")))
	must(t, err)
	grown := NewRepository(db, spec(), Options{})
	must(t, grown.Prepare(ctx))
	if ids, err := grown.Find(ctx, "seat", "A1"); err != nil || fmt.Sprint(ids) != "[t1]" {
		t.Errorf("%v %v", ids, err)
	}
	_, err = grown.Run(ctx, command.Request{Name: "Sell", ID: "t2", Mode: values.New}, says(sell("anna", "A2")))
	must(t, err)
	var rejection *values.Rejection
	if _, err := grown.Run(ctx, command.Request{Name: "Sell", ID: "t3", Mode: values.New}, says(sell("ben", "A1"))); !errors.As(err, &rejection) {
		t.Errorf("%v", err)
	}
}

// One replica at a time empties the outbox.
func TestOwnership(t *testing.T) {
	db := open(t)
	first, ok, err := db.Outbox().Own(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, ok, err := db.Outbox().Own(t.Context()); ok || err != nil {
		t.Fatal("two own it", err)
	}
	first.Release()
	second, ok, err := db.Outbox().Own(t.Context())
	if err != nil || !ok {
		t.Fatal("nobody owns it", err)
	}
	second.Release()
}

func TestServersWithoutTransactionsAreRefused(t *testing.T) {
	db, err := Open(testservers.PlainMongo(t))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	if err := db.Migrate(t.Context()); !errors.Is(err, ErrNoTransactions) {
		t.Errorf("%v", err)
	}
}

func TestURLs(t *testing.T) {
	for url, want := range map[string]string{
		"mongodb://a/db": "db",
		"mongodb://u:p@a:1,b:2/db?replicaSet=rs0":         "db",
		"mongodb+srv://cluster.example/db?retryWrites=on": "db",
	} {
		if got, err := databaseOf(url); err != nil || got != want {
			t.Errorf("%s: %q %v", url, got, err)
		}
	}
	for _, url := range []string{"postgres://u:secret@a/db", "mongodb://u:secret@a", "mongodb://u:secret@a/?x=y", "secret"} {
		_, err := databaseOf(url)
		if err == nil || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
