package orchestrator_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/orchestrator"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/values"
)

type settled struct {
	Amount int64 `json:"amount"`
}

func (settled) Event() values.Event {
	return values.Event{Type: "pay.payment.Settled", Topic: "test.pay.payment", Version: 1}
}

func saves(change func(k *kept, amount int64)) func(s story, reply json.RawMessage) (kept, error) {
	return saga.Saving(func(s story, reply settled) kept {
		k := s.Data
		change(&k, reply.Amount)
		return k
	})
}

// settle is a saga that waits, does several things together, and undoes one of
// them elsewhere.
var settle = saga.Saga[planned, kept]{
	Name: "trips.Settle",
	Steps: []saga.Step[planned, kept]{
		{
			Await: "pay.payment.Settled", Ask: func(s story) saga.Request { return saga.Request{Instance: "pay-" + s.Event.TripID} },
			Save: saves(func(k *kept, amount int64) { k.Tries = amount }), Timeout: time.Minute,
			Undo: command("pay", "Refund"), AskUndo: asks,
		},
		{Do: command("rooms", "Reserve"), Ask: asks, Undo: command("rooms", "Release"), AskUndo: asks},
		{
			Beside: true, Do: command("flights", "Take"), Ask: func(s story) saga.Request { return saga.Request{Input: s.Data} }, Timeout: time.Hour,
			Save: saves(func(k *kept, amount int64) { k.Tries = amount }),
			Undo: command("claims", "File"), AskUndo: func(s story) saga.Request { return saga.Request{Input: s.Data} },
		},
		{Beside: true, If: func(s story) bool { return s.Event.Flies }, Do: command("cars", "Hire"), Ask: asks},
		{Do: command("trips", "Confirm"), Ask: asks, Pivot: true},
		{Do: command("rooms", "Expect"), Ask: asks},
		{Beside: true, Do: command("cars", "Wash"), Ask: asks},
	},
}

func onSettling(t *testing.T, test func(t *testing.T, b *bench)) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.consumer = kafka.NewConsumer(kafka.ConsumerConfig{Group: "test", DB: b.db})
		orchestrator.Conduct(b.consumer, b.sagas, settle)
		orchestrator.Hear[settled](b.consumer, b.sagas, settle.Name)
		must(t, b.consumer.Err())
		test(t, b)
	})
}

// settles is the event that the story of a trip waits for.
func settles(id, trip string, after time.Duration, amount int) message.Envelope {
	return message.Envelope{
		ID: values.ID(id), Source: "/test/pay", Type: "pay.payment.Settled", Subject: "pay-" + trip, Key: "pay-" + trip, Time: begin.Add(after), Sequence: 1, DataVersion: 1,
		CorrelationID: "why", Topic: "test.pay.payment", Data: json.RawMessage(fmt.Sprintf(`{"amount":%d}`, amount)),
	}
}

const hasCome = "timer.saga/trips.Settle.Came"

func TestAnEventIsWaitedFor(t *testing.T) {
	onSettling(t, func(t *testing.T, b *bench) {
		b.deliver(event("a", false))
		b.asks("nothing yet")
		b.deliver(settles("of another", "b", time.Second, 5))
		b.deliver(settles("too early", "a", -time.Second, 6))
		b.asks("of its instance, and since it began", hasCome)
		b.is("running", "", "")
		b.deliver(settles("it", "a", time.Second, 7))
		b.deliver(settles("it", "a", time.Second, 7))
		b.asks("told once", hasCome)
		b.asks("then", "Reserve event-a/2", "Take event-a/3")
		if got := string(b.asked["Take"].Input); got != `{"tries":7}` {
			t.Error(got)
		}
		if b.asked["Reserve"].Until != nil || b.asked["Take"].Until == nil {
			t.Error("it is told wrongly when their time is over")
		}
		b.deliver(settles("another", "a", 2*time.Second, 8))
		b.asks("it is over")
	})
}

func TestAnEventComesBeforeItIsWaitedFor(t *testing.T) {
	onSettling(t, func(t *testing.T, b *bench) {
		b.deliver(settles("first", "a", 0, 4))
		b.deliver(settles("second", "a", time.Second, 5))
		b.deliver(settles("first", "a", 0, 4)) // once more
		b.asks("nobody waits")
		must(t, b.sagas.Forget(t.Context(), begin))
		b.deliver(event("a", false))
		b.asks("at once", "Reserve event-a/2", "Take event-a/3")
		if got := string(b.asked["Take"].Input); got != `{"tries":5}` {
			t.Error(got)
		}
		must(t, b.sagas.Forget(t.Context(), begin.Add(time.Hour)))
		var n int64
		must(t, b.db.QueryRow(t.Context(), "SELECT COUNT(*) FROM platform_saga_events").Scan(&n))
		if n != 1 {
			t.Errorf("%d events are remembered, of which a story that goes on could wait for one", n)
		}
	})
}

func TestAnEventDoesNotComeInTime(t *testing.T) {
	onSettling(t, func(t *testing.T, b *bench) {
		b.deliver(event("a", false))
		b.rings()
		b.is("", "", "")
		b.asks("what did not happen is not undone")
		b.deliver(settles("late", "a", time.Second, 7))
		b.asks("late")
		must(t, b.sagas.Forget(t.Context(), begin.Add(time.Hour)))
		var n int64
		must(t, b.db.QueryRow(t.Context(), "SELECT COUNT(*) FROM platform_saga_waits").Scan(&n))
		if n != 0 {
			t.Error("somebody waits who is over")
		}
	})
}

// together begins the steps that begin together.
func (b *bench) together(flies bool) {
	b.t.Helper()
	b.deliver(event("a", flies))
	b.deliver(settles("it", "a", time.Second, 7))
	b.told()
	b.told()
}

func TestStepsBeginTogether(t *testing.T) {
	onSettling(t, func(t *testing.T, b *bench) {
		b.together(true)
		b.says("Hire", saga.Done, "")
		b.says("Hire", saga.Done, "")
		b.says("Take", saga.Done, `{"amount":9}`)
		b.asks("one is missing")
		b.says("Reserve", saga.Done, "")
		b.asks("all are done", "Confirm event-a/5")
		b.says("Confirm", saga.Done, "")
		b.asks("together, after the pivot", "Expect event-a/6", "Wash event-a/7")
		b.says("Wash", saga.Refused, "")
		b.says("Expect", saga.Refused, "")
		b.is("sure", "", "Expect is refused")
		b.rings()
		b.asks("each again", "Expect event-a/6/2", "Wash event-a/7/2")
		b.says("Wash", saga.Done, "")
		b.is("sure", "", "Expect is refused")
		b.says("Expect", saga.Done, "")
		b.is("", "", "")
	})
}

func TestOneOfSeveralFails(t *testing.T) {
	onSettling(t, func(t *testing.T, b *bench) {
		b.together(false)
		b.says("Take", saga.Done, `{"amount":9}`)
		b.says("Reserve", saga.Refused, "")
		b.is("undoing", "step 2 was refused: Reserve is refused", "")
		b.asks("the one that was done", "File event-a/3/undo")
		if got := string(b.asked["File"].Input); got != `{"tries":9}` {
			t.Error(got)
		}
		b.says("File", saga.Done, "")
		b.asks("then what came before", "Refund event-a/1/undo")
		if got := b.asked["Refund"].Instance; got != "pay-a" {
			t.Error(got)
		}
	})
}

func TestTheOthersAreWaitedForWhenOneFails(t *testing.T) {
	onSettling(t, func(t *testing.T, b *bench) {
		b.together(true)
		b.says("Hire", saga.Refused, "")
		b.is("running", "step 4 was refused: Hire is refused", "")
		b.asks("two are missing")
		b.says("Take", saga.Done, `{"amount":9}`)
		b.says("Reserve", saga.Done, "")
		b.is("undoing", "step 4 was refused: Hire is refused", "")
		b.asks("in reverse of their order", "File event-a/3/undo")
		b.says("File", saga.Done, "")
		b.asks("not of their answers", "Release event-a/2/undo for event-a/2")
	})
}

func TestOneOfSeveralRunsOutOfTime(t *testing.T) {
	for name, c := range map[string]struct {
		result saga.Result
		reply  string
		then   string
		input  string
	}{
		"it was done":              {saga.Done, `{"amount":9}`, "File event-a/3/undo", `{"tries":9}`},
		"it was not, and never is": {saga.Missing, "", "Release event-a/2/undo for event-a/2", `{"tripId":"a","flies":true}`},
	} {
		t.Run(name, func(t *testing.T) {
			onSettling(t, func(t *testing.T, b *bench) {
				b.together(true)
				b.says("Reserve", saga.Done, "")
				late := b.answer("Take", saga.Done, `{"amount":3}`)
				b.rings()
				b.is("undoing", "step 3 timed out after 1h0m0s", "")
				b.asks("what nobody undoes, and what is undone elsewhere, must not come later",
					"Cancel event-a/4/cancel for event-a/4", "Cancel event-a/3/cancel for event-a/3")
				b.deliver(late)
				b.asks("it is called off")
				b.says("Cancel", c.result, c.reply)
				b.asks("it is known", c.then)
				for what, o := range b.asked {
					if o.Key+" for "+o.Compensates == c.then || o.Key == "event-a/3/undo" && c.result == saga.Done {
						if what == "File" && string(o.Input) != c.input {
							t.Errorf("%s: %s", what, o.Input)
						}
					}
				}
			})
		})
	}
}
