package orchestrator_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/orchestrator"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/saga"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/timer"
)

// others are those that a saga asks, as package participant is: what they did, by
// the keys of orders. Between them and the saga messages overtake one another, and
// come more than once.
type others struct {
	*bench
	*rand.Rand
	calm    bool // nothing is refused any longer
	answers map[string]saga.Answer
	gone    map[string]bool // to be refused when they come
	did     map[string]int  // steps, less those that were undone
	undone  []string
	flying  []message.Envelope
	log     []string
}

// post takes what was asked, and what the saga tells itself.
func (o *others) post() {
	pending, err := outbox.Read(o.t.Context(), o.db, 1000)
	must(o.t, err)
	var seqs []int64
	for _, p := range pending {
		e, err := message.FromRecord(p.Record)
		must(o.t, err)
		seqs, o.flying = append(seqs, p.Seq), append(o.flying, e)
	}
	must(o.t, outbox.Clear(o.t.Context(), o.db, seqs))
}

// arrive has a message arrive, of which another copy may be on its way.
func (o *others) arrive() {
	i := o.IntN(len(o.flying))
	e := o.flying[i]
	if o.calm || o.IntN(4) > 0 {
		o.flying = slices.Delete(o.flying, i, i+1)
	}
	if !strings.HasSuffix(e.Topic, ".commands") {
		o.log = append(o.log, "to the saga: "+e.Type+" "+string(e.Data))
		o.deliver(e)
		return
	}
	var order saga.Order
	must(o.t, json.Unmarshal(e.Data, &order))
	answer, known := o.answers[order.Key]
	if !known {
		answer = o.do(order, e.Type)
		answer.Key = order.Key
		o.answers[order.Key] = answer
	}
	o.log = append(o.log, fmt.Sprintf("%s %s: %s", e.Event(), order.Key, answer.Result))
	data, err := json.Marshal(answer)
	must(o.t, err)
	e.Type, e.Topic, e.Data = saga.AnswerType(order.Saga), order.ReplyTo, data
	o.flying = append(o.flying, e)
}

func (o *others) do(order saga.Order, typ string) saga.Answer {
	done := saga.Answer{Result: saga.Done, Reply: json.RawMessage(`{"room":"12","amount":3}`)}
	step, undoes := strings.CutSuffix(order.Key, "/undo")
	if i := strings.Index(order.Key, "/undo/"); i > 0 {
		step, undoes = order.Key[:i], true
	}
	switch {
	case typ == saga.CancelType:
		if o.answers[order.Compensates].Result == saga.Done {
			return o.answers[order.Compensates]
		}
		o.gone[order.Compensates] = true
		return saga.Answer{Result: saga.Missing}
	case o.gone[order.Key]:
		return saga.Answer{Result: saga.Refused, Reason: "compensated"}
	case !o.calm && o.IntN(5) == 0:
		return saga.Answer{Result: saga.Refused, Reason: "no"}
	case undoes:
		if order.Compensates != "" && o.answers[step].Result != saga.Done {
			o.gone[step] = true
			return done // there is nothing to undo
		}
		o.did[step]--
		o.undone = append(o.undone, step)
		return done
	}
	o.did[order.Key]++
	return done
}

// history has something happen for a while, and all come to rest.
func (o *others) history(begins ...message.Envelope) {
	for range 60 {
		o.post()
		switch n := o.IntN(12); {
		case n == 0:
			o.rings()
		case n < 3:
			o.deliver(begins[o.IntN(len(begins))])
		case len(o.flying) > 0:
			o.arrive()
		}
	}
	for _, e := range begins {
		o.deliver(e)
	}
	o.calm = true
	for range 500 {
		if o.post(); len(o.flying) > 0 {
			o.arrive()
			continue
		}
		list, err := o.sagas.List(o.t.Context())
		must(o.t, err)
		if len(list) == 0 {
			return
		}
		o.rings()
	}
	o.t.Fatal("it does not come to rest")
}

// judge holds what was done against how the story ended.
func (o *others) judge(steps []saga.Step[planned, kept]) {
	var state string
	must(o.t, o.db.QueryRow(o.t.Context(), "SELECT state FROM platform_sagas").Scan(&state))
	last := len(steps) + 1
	for _, key := range o.undone {
		var step int
		if _, err := fmt.Sscanf(key, "event-a/%d", &step); err != nil || step >= last {
			o.t.Errorf("step %d is undone after step %d", step, last)
		}
		last = step
	}
	did := map[int]int{}
	for key, n := range o.did {
		var step int
		if _, err := fmt.Sscanf(key, "event-a/%d", &step); err == nil {
			did[step] += n
		}
	}
	for i, s := range steps {
		n := did[i+1]
		switch {
		case s.Await != "":
		case state == "done" && n != 1:
			o.t.Errorf("all is done, and step %d %d times", i+1, n)
		case state != "done" && s.Undo.Topic != "" && n != 0:
			o.t.Errorf("all is undone, and step %d is there %d times", i+1, n)
		case n < 0 || n > 1:
			o.t.Errorf("step %d is there %d times", i+1, n)
		}
	}
}

// TestHistories has many stories told in which steps are refused, run out of time,
// are lost, overtaken and come twice: each ends with everything done, or with
// everything undone, in reverse.
func TestHistories(t *testing.T) {
	seed, most := testsample.Seed(t), uint64(100)
	if testsample.Long() {
		most = 2000
	}
	of := map[string]struct {
		saga   saga.Saga[planned, kept]
		begins []message.Envelope
	}{
		"book":   {book, []message.Envelope{event("a", true)}},
		"settle": {settle, []message.Envelope{event("a", true), settles("it", "a", time.Second, 7)}},
	}
	for name, c := range of {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(t.Context(), "sqlite:"+t.TempDir()+"/test.db")
			must(t, err)
			t.Cleanup(func() { _ = db.Close() })
			must(t, db.Migrate(t.Context()))
			timers := timer.New(db, "/test/trips", "test.trips.timers")
			sagas := orchestrator.New(db, "/test/trips", "test.trips.replies", timers)
			must(t, store.Prepare(t.Context(), timers, sagas))
			for i := range most {
				for _, table := range []string{"platform_sagas", "platform_saga_events", "platform_saga_waits", "platform_timers", "platform_inbox"} {
					_, err := db.Exec(t.Context(), "DELETE FROM "+table)
					must(t, err)
				}
				o := &others{bench: &bench{t: t, db: db, sagas: sagas}, Rand: rand.New(rand.NewPCG(seed, i)),
					answers: map[string]saga.Answer{}, gone: map[string]bool{}, did: map[string]int{}}
				o.consumer = kafka.NewConsumer(kafka.ConsumerConfig{Group: "test", DB: db})
				orchestrator.Conduct(o.consumer, sagas, c.saga)
				if name == "settle" {
					orchestrator.Hear[settled](o.consumer, sagas, c.saga.Name)
				}
				must(t, o.consumer.Err())
				o.history(c.begins...)
				o.judge(c.saga.Steps)
				if t.Failed() {
					t.Fatalf("history %d:\n%s", i, strings.Join(o.log, "\n"))
				}
			}
		})
	}
}
