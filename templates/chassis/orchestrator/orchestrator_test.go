package orchestrator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

type planned struct {
	TripID values.ID `json:"tripId"`
	Flies  bool      `json:"flies"`
}

func (planned) Event() values.Event {
	return values.Event{Type: "trips.trip.Planned", Topic: "test.trips.trip", Version: 1}
}

type kept struct {
	Room  *string `json:"room,omitempty"`
	Tries int64   `json:"tries" default:"model"`
}

func (k *kept) SetDefaults() { k.Tries = 7 }

type story = saga.Story[planned, kept]

func command(context, name string) saga.Target {
	return saga.Target{Topic: "test." + context + ".commands", Type: context + ".thing." + name, Command: "Thing." + name}
}

func asks(s story) saga.Request { return saga.Request{Input: s.Event} }

// book is a saga with everything that one can have.
var book = saga.Saga[planned, kept]{
	Name: "trips.Book", Timeout: time.Hour,
	Steps: []saga.Step[planned, kept]{
		{
			Do: command("rooms", "Reserve"), Ask: asks,
			Save: saga.Saving(func(s story, reply struct {
				Room string `json:"room"`
			}) kept {
				k := s.Data
				k.Room, k.Tries = &reply.Room, k.Tries+1
				return k
			}),
			Undo: command("rooms", "Release"), AskUndo: asks,
		},
		{
			Do: command("flights", "Take"), If: func(s story) bool { return s.Event.Flies },
			Ask:  func(story) saga.Request { return saga.Request{By: saga.By("number", 12345678901234567)} },
			Undo: command("flights", "GiveBack"), AskUndo: func(story) saga.Request { return saga.Request{} },
		},
		{Do: saga.Target{Topic: "test.trips.commands", Type: "trips.Book.3"}, Ask: func(s story) saga.Request { return saga.Request{Input: s.Data} }},
		{Do: command("trips", "Confirm"), Ask: asks, Pivot: true, Undo: command("trips", "Revoke"), AskUndo: asks},
		{Do: command("rooms", "Expect"), Ask: asks},
	},
	Last: command("trips", "GiveUp"), AskLast: func(s story) saga.Request { return saga.Request{Instance: s.Event.TripID} },
}

// bench has the stories of a saga told without a broker, by several replicas.
type bench struct {
	t        *testing.T
	db       *store.DB
	sagas    *orchestrator.Sagas
	consumer *kafka.Consumer
	asked    map[string]saga.Order // the last of each type
	ids      map[string]message.Envelope
}

func onBoth(t *testing.T, test func(t *testing.T, b *bench)) {
	testservers.OnBoth(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url)
		must(t, err)
		t.Cleanup(func() { _ = db.Close() })
		b := &bench{t: t, db: db, asked: map[string]saga.Order{}, ids: map[string]message.Envelope{}}
		must(t, db.Migrate(t.Context()))
		timers := timer.New(db, "/test/trips", "test.trips.timers")
		b.sagas = orchestrator.New(db, "/test/trips", "test.trips.replies", timers)
		must(t, store.Prepare(t.Context(), timers, b.sagas))
		b.consumer = kafka.NewConsumer(kafka.ConsumerConfig{Group: "test", DB: db})
		orchestrator.Conduct(b.consumer, b.sagas, book)
		must(t, b.consumer.Err())
		test(t, b)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var begin = values.Truncate(time.Now())

// event is the one that starts the story of a trip.
func event(trip string, flies bool) message.Envelope {
	return message.Envelope{
		ID: values.ID("event-" + trip), Source: "/test/trips", Type: "trips.trip.Planned", Subject: trip, Key: trip, Time: begin, Sequence: 1, DataVersion: 1,
		CorrelationID: "why", Actor: values.Actor{Subject: "kim", Roles: []string{"traveller"}}, Topic: "test.trips.trip",
		Data: json.RawMessage(fmt.Sprintf(`{"tripId":%q,"flies":%t}`, trip, flies)),
	}
}

func (b *bench) deliver(e message.Envelope) {
	b.t.Helper()
	must(b.t, b.consumer.Deliver(b.t.Context(), e.Record()))
}

// told takes what was asked out of the outbox: "Reserve event-a/1".
func (b *bench) told() []string {
	b.t.Helper()
	pending, err := outbox.Read(b.t.Context(), b.db, 1000)
	must(b.t, err)
	var list []string
	var seqs []int64
	for _, p := range pending {
		e, err := message.FromRecord(p.Record)
		must(b.t, err)
		seqs = append(seqs, p.Seq)
		if strings.HasPrefix(e.Type, "timer.") {
			list = append(list, e.Type)
			b.deliver(e)
			continue
		}
		var o saga.Order
		must(b.t, json.Unmarshal(e.Data, &o))
		b.asked[e.Event()], b.ids[e.Event()] = o, e
		line := e.Event() + " " + o.Key
		if o.Compensates != "" {
			line += " for " + o.Compensates
		}
		list = append(list, line)
	}
	must(b.t, outbox.Clear(b.t.Context(), b.db, seqs))
	return list
}

// answer is what is answered to what was asked last.
func (b *bench) answer(what string, result saga.Result, reply string) message.Envelope {
	b.t.Helper()
	o, ok := b.asked[what]
	if !ok {
		b.t.Fatalf("%s was not asked", what)
	}
	if reply == "" {
		reply = "{}"
	}
	data, err := json.Marshal(saga.Answer{Key: o.Key, Result: result, Reason: what + " is " + string(result), Instance: "there-" + values.ID(what), Reply: json.RawMessage(reply)})
	must(b.t, err)
	return message.Envelope{
		ID: values.NewID(), Source: "/test/there", Type: saga.AnswerType(o.Saga), Subject: string(o.Story), Key: string(o.Story), Time: begin, DataVersion: 1,
		Topic: o.ReplyTo, Data: data,
	}
}

func (b *bench) says(what string, result saga.Result, reply string) {
	b.t.Helper()
	b.deliver(b.answer(what, result, reply))
}

// rings has the timers of a story ring, whatever the time.
func (b *bench) rings() {
	b.t.Helper()
	rows, err := b.db.Query(b.t.Context(), "SELECT message FROM platform_timers ORDER BY due_at")
	must(b.t, err)
	var list []string
	for rows.Next() {
		var text string
		must(b.t, rows.Scan(&text))
		list = append(list, text)
	}
	must(b.t, rows.Close())
	_, err = b.db.Exec(b.t.Context(), "DELETE FROM platform_timers")
	must(b.t, err)
	for _, text := range list {
		var e message.Envelope
		must(b.t, json.Unmarshal([]byte(text), &e))
		b.deliver(e)
	}
}

func (b *bench) asks(when string, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.told()); diff != "" {
		b.t.Fatalf("%s: %s", when, diff)
	}
}

// is tells the state of the only story that is not over; "": all are.
func (b *bench) is(state, why, refused string) {
	b.t.Helper()
	list, err := b.sagas.List(b.t.Context())
	must(b.t, err)
	got := []string{"", "", ""}
	if len(list) > 0 {
		got = []string{string(list[0].State), list[0].Why, list[0].Refused}
	}
	if diff := cmp.Diff([]string{state, why, refused}, got); diff != "" {
		b.t.Fatal(diff)
	}
}

func TestAStoryIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		e := event("a", true)
		b.deliver(e)
		b.deliver(e) // comes twice
		b.asks("start", "Reserve event-a/1")
		o, asked := b.asked["Reserve"], b.ids["Reserve"]
		if o.Instance != values.DeriveID("trips.Book", "event-a/1", "Thing.Reserve") || string(o.Input) != `{"tripId":"a","flies":true}` {
			t.Errorf("%+v", o)
		}
		want := values.Actor{Subject: "kim", Roles: []string{"traveller"}, System: true}
		if diff := cmp.Diff(want, asked.Actor); diff != "" || asked.CorrelationID != "why" || asked.CausationID != "event-a" {
			t.Errorf("%+v", asked)
		}
		b.says("Reserve", saga.Done, `{"room":"12","more":1}`)
		b.says("Reserve", saga.Done, `{"room":"13"}`) // of another delivery
		b.says("Reserve", saga.Refused, "")
		b.asks("room", "Take event-a/2")
		if until := b.asked["Take"].Until; until == nil || !until.Equal(begin.Add(time.Hour)) {
			t.Error(until)
		}
		if by := b.asked["Take"].By; by == nil || string(by.Value) != "12345678901234567" {
			t.Errorf("%+v", by)
		}
		b.says("Take", saga.Done, "")
		b.asks("flight", "3 event-a/3")
		if got := string(b.asked["3"].Input); got != `{"room":"12","tries":8}` {
			t.Error(got)
		}
		b.says("3", saga.Done, "")
		b.asks("deposit", "Confirm event-a/4")
		b.is("running", "", "")
		b.says("Confirm", saga.Done, "")
		b.is("sure", "", "")
		b.asks("pivot", "Expect event-a/5")
		for i, result := range []saga.Result{saga.Refused, saga.Missing, saga.Invalid} {
			b.says("Expect", result, "")
			b.is("sure", "", "Expect is "+string(result))
			b.asks("before the pause is over")
			b.rings()
			b.asks("again", fmt.Sprint("Expect event-a/5/", i+2))
		}
		b.says("Expect", saga.Done, "")
		b.asks("the end")
		b.is("", "", "")
		b.deliver(e)
		b.rings()
		b.asks("after the end")
		must(t, b.sagas.Forget(t.Context(), time.Now().Add(time.Hour)))
		b.deliver(e)
		b.asks("forgotten", "Reserve event-a/1")
	})
}

func TestARefusedStepTurnsTheStoryRound(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.deliver(event("a", true))
		b.told()
		b.says("Reserve", saga.Done, `{"room":"12"}`)
		b.told()
		b.says("Take", saga.Done, "")
		b.told()
		b.says("3", saga.Missing, "")
		b.is("undoing", "step 3 was refused: 3 is missing", "")
		b.asks("in reverse", "GiveBack event-a/2/undo for event-a/2")
		if o := b.asked["GiveBack"]; o.Instance != "there-Take" || o.By != nil {
			t.Errorf("%+v", o)
		}
		b.says("GiveBack", saga.Refused, "")
		b.is("undoing", "step 3 was refused: 3 is missing", "GiveBack is refused")
		b.rings() // the timeout among them
		b.asks("again", "GiveBack event-a/2/undo/2 for event-a/2")
		b.says("3", saga.Done, "") // too late
		b.says("GiveBack", saga.Done, "")
		b.asks("then the first", "Release event-a/1/undo for event-a/1")
		b.says("Release", saga.Missing, "") // where nothing is, nothing is to be undone
		b.asks("last", "GiveUp event-a/failed")
		b.says("GiveUp", saga.Missing, "")
		b.rings()
		b.asks("last again", "GiveUp event-a/failed/2")
		b.says("GiveUp", saga.Refused, "")
		b.is("", "", "")
	})
}

func TestTheTimeIsOver(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.deliver(event("a", true))
		b.told()
		b.says("Reserve", saga.Done, `{"room":"12"}`)
		b.told()
		b.rings()
		b.is("undoing", "timed out after 1h0m0s", "")
		b.asks("what ran out of time may have been done", "GiveBack event-a/2/undo for event-a/2")
		if o := b.asked["GiveBack"]; o.Instance != "" || o.By == nil || o.By.Column != "number" {
			t.Errorf("%+v", o)
		}
		b.says("Take", saga.Done, "") // too late
		b.asks("too late")
		b.says("GiveBack", saga.Done, "")
		b.asks("then", "Release event-a/1/undo for event-a/1")
	})
}

func TestAStepIsLeftOut(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.deliver(event("a", false))
		b.told()
		b.says("Reserve", saga.Done, `{"room":"12"}`)
		b.asks("no flight", "3 event-a/3")
		b.says("3", saga.Refused, "")
		b.asks("what was left out is not undone", "Release event-a/1/undo for event-a/1")
	})
}

// Nothing of a transaction that fails is left: whatever it was about comes again.
func TestAReplyThatCannotBeReadChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.deliver(event("a", true))
		b.told()
		if err := b.consumer.Deliver(t.Context(), b.answer("Reserve", saga.Done, `{}`).Record()); err == nil {
			t.Fatal("a reply without its field was taken")
		}
		b.asks("nothing")
		b.says("Reserve", saga.Done, `{"room":"12"}`)
		b.asks("the next", "Take event-a/2")
	})
}

func TestOperators(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.deliver(event("a", true))
		b.told()
		first := b.ids["Reserve"].ID
		id := b.asked["Reserve"].Story
		must(t, b.sagas.Resume(t.Context(), id))
		b.asks("told", "timer.saga/trips.Book.Resumed")
		b.asks("asked again", "Reserve event-a/1")
		if b.ids["Reserve"].ID == first {
			t.Error("the request would be taken for the first one's second delivery")
		}
		b.says("Reserve", saga.Done, `{"room":"12"}`)
		b.told()
		must(t, b.sagas.TurnRound(t.Context(), id))
		b.told()
		b.is("undoing", "somebody turned it round", "")
		b.asks("undone", "GiveBack event-a/2/undo for event-a/2")
		if err := b.sagas.TurnRound(t.Context(), id); err == nil {
			t.Error("it was turned round twice")
		}
		if err := b.sagas.Resume(t.Context(), "nobody"); err == nil {
			t.Error("a story that is none was resumed")
		}
		b.says("GiveBack", saga.Refused, "")
		unfinished, refused, err := b.sagas.Count(t.Context())
		if err != nil || unfinished != 1 || refused != 1 {
			t.Error(unfinished, refused, err)
		}
		must(t, b.sagas.Resume(t.Context(), id))
		b.told()
		b.asks("at once", "GiveBack event-a/2/undo/2 for event-a/2")
		b.rings()
		b.asks("not once more after the pause")
	})
}

func TestReplicasTakeAnAnswerOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		e := event("a", true)
		var wg sync.WaitGroup
		atOnce := func(e message.Envelope) {
			for range 8 {
				wg.Go(func() {
					if err := b.consumer.Deliver(context.Background(), e.Record()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		atOnce(e)
		b.asks("start", "Reserve event-a/1")
		atOnce(b.answer("Reserve", saga.Done, `{"room":"12"}`))
		b.asks("room", "Take event-a/2")
		late := b.answer("Take", saga.Done, "")
		wg.Go(b.rings) // the timeout, against an answer
		atOnce(late)
		told := b.told()
		slices.Sort(told)
		turned := cmp.Equal(told, []string{"GiveBack event-a/2/undo for event-a/2"})
		if !turned && !cmp.Equal(told, []string{"3 event-a/3", "GiveBack event-a/2/undo for event-a/2"}) && !cmp.Equal(told, []string{"3 event-a/3"}) {
			t.Error(told)
		}
	})
}
