package aggregate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

type payRequest struct {
	PaymentID values.ID `json:"paymentId"`
	Amount    string    `json:"amount"`
}

type payReply struct {
	PaymentID values.ID `json:"paymentId"`
	Receipt   string    `json:"receipt"`
}

// payments is the other context: it takes payments and cancels them, with the
// engine's own rules about keys.
type payments struct {
	repo *Repository[account, event]

	mu   sync.Mutex
	made []string // keys of the calls that arrived
	// answer is what happens to a reply on its way back.
	answer func(payReply) (payReply, error)
}

func newPayments(t *testing.T, db *store.DB) *payments {
	spec := accounts()
	spec.Aggregate, spec.Type, spec.Table, spec.Topic = "Payment", "pay.Payment", "payments", "bank.pay.Payment"
	spec.Unique = nil
	return &payments{repo: prepare(t, db, spec), answer: func(r payReply) (payReply, error) { return r, nil }}
}

func (p *payments) approve(ctx context.Context, cause command.Cause, req payRequest) (payReply, error) {
	p.mu.Lock()
	p.made = append(p.made, cause.Key)
	p.mu.Unlock()
	out, err := p.repo.Run(ctx, command.Request{Name: "Approve", ID: req.PaymentID, Mode: values.New, Key: command.Key{Scope: command.CallScope, ID: cause.Key}, Input: req},
		func(_ context.Context, d *command.Attempt[account]) ([]event, error) {
			switch req.Amount {
			case "13":
				return nil, values.Reject(values.Rule, "CardDeclined", "")
			}
			return []event{opened{AccountID: d.ID}, deposited{d.ID, values.MustDecimal(req.Amount)}}, nil
		})
	if err != nil {
		return payReply{}, err
	}
	return p.answer(payReply{PaymentID: out.ID, Receipt: "r"})
}

func (p *payments) cancel(ctx context.Context, intent command.Intent) error {
	_, err := p.repo.Run(ctx, command.Request{Name: "Cancel", ID: intent.Target, Key: command.Key{Scope: command.CallScope, ID: intent.UndoKey()}, Compensates: intent.Key},
		emits(closed{}))
	return err
}

func (p *payments) call(id values.ID) command.Call[payRequest, payReply] {
	return command.Call[payRequest, payReply]{
		Name: "Approve", Undo: "pay.Cancel",
		Undoing: func(_ string, rep *payReply) (values.ID, any) {
			if rep != nil {
				return rep.PaymentID, map[string]string{"receipt": rep.Receipt}
			}
			return id, map[string]string{}
		},
		Do: p.approve,
	}
}

func (p *payments) calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.made)
}

// live counts payments that are not cancelled.
func (p *payments) live(t *testing.T) int {
	return count(t, p.repo.db, "payments WHERE _deleted = FALSE")
}

func (p *payments) compensator() *Compensator {
	return &Compensator{DB: p.repo.db, Poll: 20 * time.Millisecond, Backoff: 50 * time.Millisecond, Timeout: time.Second,
		Undo: map[string]func(context.Context, command.Intent) error{"pay.Cancel": p.cancel}}
}

// compensate runs the compensator until nothing is left to compensate.
func (p *payments) compensate(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = p.compensator().Run(ctx) })
	eventually(t, func() bool { return count(t, p.repo.db, "platform_intents") == 0 })
	cancel()
	wg.Wait()
}

func eventually(t testing.TB, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen in time")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// pays makes a decision that pays and then goes on.
func (p *payments) pays(amount string, then decision) decision {
	return func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
		if _, err := command.Ask(ctx, d, p.call("p-"+d.ID), payRequest{PaymentID: "p-" + d.ID, Amount: amount}); err != nil {
			return nil, err
		}
		return then(ctx, d)
	}
}

func withCalls(t *testing.T, test func(t *testing.T, r *Repository[account, event], p *payments)) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		r := prepare(t, db, accounts())
		test(t, r, newPayments(t, db))
	})
}

func TestACallThatSucceedsLeavesNoIntent(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		out, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "http", ID: "k"}}, p.pays("5", opens("n1")))
		if err != nil || out.Version != 1 {
			t.Fatal(out, err)
		}
		if count(t, r.db, "platform_intents") != 0 || p.live(t) != 1 {
			t.Error("an intent is left")
		}
		again, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "http", ID: "k"}}, p.pays("5", opens("n1")))
		if err != nil || !again.Repeated || p.calls() != 1 {
			t.Errorf("%+v, %v, %d calls", again, err, p.calls())
		}
	})
}

func TestTheIntentIsStoredBeforeTheCall(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		call := p.call("p1")
		call.Do = func(ctx context.Context, cause command.Cause, _ payRequest) (payReply, error) {
			intents, err := Intents(ctx, r.db)
			if err != nil || len(intents) != 1 || intents[0].Key != cause.Key || intents[0].Target != "p1" || intents[0].Due ||
				intents[0].Command != "Open" || intents[0].Compensation != "pay.Cancel" {
				t.Errorf("intents %+v, %v", intents, err)
			}
			return payReply{}, values.Reject(values.Rule, "Nope", "")
		}
		_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New}, func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			_, err := command.Ask(ctx, d, call, payRequest{PaymentID: "p1"})
			return nil, err
		})
		wantRejection(t, err, "Nope")
		if n := count(t, r.db, "platform_intents"); n != 0 {
			t.Errorf("%d intents: a rejection by the callee needs no compensation", n)
		}
	})
}

// Who is called knows what it all follows from, and on whose behalf.
func TestACallSaysWhatItFollowsFrom(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		call := p.call("p1")
		var told command.Cause
		call.Do = func(_ context.Context, cause command.Cause, _ payRequest) (payReply, error) {
			told = cause
			return payReply{}, nil
		}
		by := values.Actor{Subject: "kim", System: true}
		_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New, Actor: by, Correlation: "order", Causation: "event"},
			func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
				_, err := command.Ask(ctx, d, call, payRequest{PaymentID: "p1"})
				return []event{opened{AccountID: d.ID}}, err
			})
		must(t, err)
		if told.Correlation != "order" || told.Causation != "event" || told.Actor.Subject != "kim" {
			t.Errorf("%+v", told)
		}
	})
}

func TestWhatFailsAfterACallIsCompensated(t *testing.T) {
	unknown := errors.New("timeout")
	for name, test := range map[string]struct {
		answer func(payReply) (payReply, error)
		then   decision
	}{
		"rejection": {then: func(context.Context, *command.Attempt[account]) ([]event, error) {
			return nil, values.Reject(values.Rule, "Nope", "")
		}},
		"fault": {then: func(context.Context, *command.Attempt[account]) ([]event, error) {
			values.At([]int{}, 0)
			return nil, nil
		}},
		"invariant":       {then: deposits("-1")},
		"unknown outcome": {then: opens("n1"), answer: func(payReply) (payReply, error) { return payReply{}, unknown }},
	} {
		t.Run(name, func(t *testing.T) {
			withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
				if test.answer != nil {
					p.answer = test.answer
				}
				_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "http", ID: "k"}}, p.pays("5", test.then))
				if err == nil {
					t.Fatal("no error")
				}
				if p.live(t) != 1 || count(t, r.db, "platform_intents") != 1 {
					t.Fatal("nothing to compensate")
				}
				p.compensate(t)
				if p.live(t) != 0 {
					t.Error("not compensated")
				}
				// The key is free: the command may come again, and pays again.
				p.answer = func(r payReply) (payReply, error) { return r, nil }
				_, err = r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "http", ID: "k"}}, p.pays("5", opens("n1")))
				must(t, err)
				if p.live(t) != 1 {
					t.Error("not paid")
				}
			})
		})
	}
}

func TestACallThatWasNotSentNeedsNoCompensation(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		call := p.call("p1")
		call.Do = func(context.Context, command.Cause, payRequest) (payReply, error) {
			return payReply{}, fmt.Errorf("breaker is open: %w", command.ErrNotSent)
		}
		_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New}, func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			_, err := command.Ask(ctx, d, call, payRequest{PaymentID: "p1"})
			return nil, err
		})
		wantError(t, err, command.ErrNotSent)
		if n := count(t, r.db, "platform_intents"); n != 0 {
			t.Errorf("%d intents", n)
		}
	})
}

func TestAFallbackCommitsAndTheCallIsCompensated(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		p.answer = func(payReply) (payReply, error) { return payReply{}, errors.New("timeout") }
		out, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New}, func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			if _, err := command.Ask(ctx, d, p.call("p1"), payRequest{PaymentID: "p1", Amount: "5"}); err == nil {
				t.Error("no error")
			}
			return []event{opened{Number: "delayed"}}, nil
		})
		if err != nil || out.Version != 1 {
			t.Fatal(out, err)
		}
		p.compensate(t)
		if p.live(t) != 0 {
			t.Error("not compensated")
		}
	})
}

func TestAConflictReusesTheReply(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		ctx := t.Context()
		openAccount(t, r, "a1", "n1")
		disturb := true
		_, err := r.Run(ctx, command.Request{Name: "Pay", ID: "a1"}, p.pays("5", func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			if disturb {
				disturb = false
				_, err := r.Run(ctx, command.Request{Name: "Other", ID: "a1"}, deposits("1"))
				must(t, err)
			}
			return deposits("5")(ctx, d)
		}))
		must(t, err)
		if p.calls() != 1 || p.live(t) != 1 || count(t, r.db, "platform_intents") != 0 {
			t.Errorf("%d calls, %d payments", p.calls(), p.live(t))
		}
	})
}

// Ids that a decision makes are the same when it starts again: the call is.
func TestAConflictKeepsTheIDs(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		ctx := t.Context()
		openAccount(t, r, "a1", "n1")
		var made []values.ID
		_, err := r.Run(ctx, command.Request{Name: "Pay", ID: "a1"}, func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			made = append(made, d.IDs.New(), d.IDs.New())
			if _, err := command.Ask(ctx, d, p.call(made[len(made)-1]), payRequest{PaymentID: made[len(made)-1], Amount: "5"}); err != nil {
				return nil, err
			}
			if len(made) == 2 {
				_, err := r.Run(ctx, command.Request{Name: "Other", ID: "a1"}, deposits("1"))
				must(t, err)
			}
			return deposits("5")(ctx, d)
		})
		must(t, err)
		if len(made) != 4 || made[0] == made[1] || made[0] != made[2] || made[1] != made[3] || p.calls() != 1 {
			t.Errorf("made %v, called %d times", made, p.calls())
		}
	})
}

func TestAConflictThatChangesTheCallCompensates(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		ctx := t.Context()
		openAccount(t, r, "a1", "n1")
		disturb := true
		_, err := r.Run(ctx, command.Request{Name: "Pay", ID: "a1"}, func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			amount := values.MustDecimal("5").Add(d.State.Balance).String()
			if _, err := command.Ask(ctx, d, p.call("p1"), payRequest{PaymentID: "p1", Amount: amount}); err != nil {
				return []event{audited{"a fallback must not hide it"}}, nil //nolint:nilerr // as a fallback does
			}
			if disturb {
				disturb = false
				_, err := r.Run(ctx, command.Request{Name: "Other", ID: "a1"}, deposits("1"))
				must(t, err)
			}
			return deposits("5")(ctx, d)
		})
		wantError(t, err, command.ErrCallChanged)
		p.compensate(t)
		if loaded, err := r.Load(ctx, "a1"); err != nil || loaded.Version != 2 || p.live(t) != 0 {
			t.Errorf("version %d, %v, %d payments", loaded.Version, err, p.live(t))
		}
	})
}

func TestACallThatIsNoLongerNeededIsCompensated(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		ctx := t.Context()
		openAccount(t, r, "a1", "n1")
		_, err := r.Run(ctx, command.Request{Name: "Pay", ID: "a1"}, func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			if d.Version > 1 {
				return deposits("7")(ctx, d)
			}
			return p.pays("5", func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
				_, err := r.Run(ctx, command.Request{Name: "Other", ID: "a1"}, deposits("1"))
				must(t, err)
				return deposits("5")(ctx, d)
			})(ctx, d)
		})
		must(t, err)
		p.compensate(t)
		if p.live(t) != 0 {
			t.Error("not compensated")
		}
	})
}

// crashed is a fault of this process: nothing it would do afterwards happens.
func crash(r *Repository[account, event], step string) {
	down := false
	r.fault = func(at string) error {
		if down = down || at == step; down {
			return errors.New("crash")
		}
		return nil
	}
}

func TestACrashBetweenCallAndCommitIsCompensated(t *testing.T) {
	for _, step := range []string{"after call", "before commit", "in commit"} {
		t.Run(step, func(t *testing.T) {
			withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
				r.opts.Lease = 200 * time.Millisecond
				crash(r, step)
				req := command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "http", ID: "k"}}
				if _, err := r.Run(t.Context(), req, p.pays("5", opens("n1"))); err == nil {
					t.Fatal("no crash")
				}
				r.fault = nil
				if p.live(t) != 1 {
					t.Fatal("not paid")
				}
				p.compensate(t)
				if p.live(t) != 0 || count(t, r.db, "accounts") != 0 {
					t.Error("not compensated")
				}
				// The client comes again: the dead owner's claim is over.
				out, err := r.Run(t.Context(), req, p.pays("5", opens("n1")))
				if err != nil || out.Repeated || p.live(t) != 1 {
					t.Errorf("%+v, %v, %d payments", out, err, p.live(t))
				}
			})
		})
	}
}

func TestASecondDeliveryDuringACallIsInFlight(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		req := command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "http", ID: "k"}}
		_, err := r.Run(t.Context(), req, p.pays("5", func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			_, err := r.Run(ctx, req, p.pays("5", opens("n1")))
			wantError(t, err, command.ErrInFlight)
			other := req
			other.Input = "something else"
			_, err = r.Run(ctx, other, opens("n2"))
			wantError(t, err, command.ErrKeyReused)
			return opens("n1")(ctx, d)
		}))
		must(t, err)
		if p.calls() != 1 {
			t.Errorf("%d calls", p.calls())
		}
	})
}

func TestAnOwnerWhoseCallWasCompensatedDoesNotCommit(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		r.opts.Lease = 50 * time.Millisecond
		_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New}, p.pays("5", func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			p.compensate(t) // the owner sleeps, and is taken for dead
			return opens("n1")(ctx, d)
		}))
		wantError(t, err, command.ErrConflict)
		if p.live(t) != 0 || count(t, r.db, "accounts") != 0 {
			t.Error("it committed on a payment that is cancelled")
		}
	})
}

func TestACompensationThatComesFirstWins(t *testing.T) {
	withCalls(t, func(t *testing.T, _ *Repository[account, event], p *payments) {
		ctx := t.Context()
		undo := command.Request{Name: "Cancel", ID: "p1", Key: command.Key{Scope: command.CallScope, ID: "k/undo"}, Compensates: "k"}
		out, err := p.repo.Run(ctx, undo, emits(closed{}))
		if err != nil || !out.NeverHappened {
			t.Fatalf("%+v, %v", out, err)
		}
		if out, err = p.repo.Run(ctx, undo, emits(closed{})); err != nil || !out.Repeated {
			t.Errorf("%+v, %v", out, err)
		}
		_, err = p.approve(ctx, command.Cause{Key: "k"}, payRequest{PaymentID: "p1", Amount: "5"})
		wantError(t, err, command.ErrCompensated)
		if p.live(t) != 0 {
			t.Error("a compensated call had an effect")
		}
	})
}

func TestACompensationUndoesOnce(t *testing.T) {
	withCalls(t, func(t *testing.T, _ *Repository[account, event], p *payments) {
		ctx := t.Context()
		_, err := p.approve(ctx, command.Cause{Key: "k"}, payRequest{PaymentID: "p1", Amount: "5"})
		must(t, err)
		intent := command.Intent{Key: "k", Target: "p1"}
		must(t, p.cancel(ctx, intent))
		must(t, p.cancel(ctx, intent))
		if p.live(t) != 0 || count(t, p.repo.db, "platform_outbox WHERE topic = 'bank.pay.Payment'") != 3 {
			t.Error("undone not once")
		}
		_, err = p.approve(ctx, command.Cause{Key: "k"}, payRequest{PaymentID: "p1", Amount: "5"})
		wantError(t, err, command.ErrCompensated)
		// What another created is never compensated by it.
		_, err = p.approve(ctx, command.Cause{Key: "other"}, payRequest{PaymentID: "p1", Amount: "5"})
		must(t, err)
		must(t, p.cancel(ctx, intent))
		if p.live(t) != 1 {
			t.Error("another creator's payment was cancelled")
		}
	})
}

func TestACompensationAndItsCallAtOnce(t *testing.T) {
	withCalls(t, func(t *testing.T, _ *Repository[account, event], p *payments) {
		for i := range 10 {
			key, id := fmt.Sprint("k", i), values.ID(fmt.Sprint("p", i))
			var wg sync.WaitGroup
			var called, undone error
			wg.Go(func() {
				_, called = p.approve(t.Context(), command.Cause{Key: key}, payRequest{PaymentID: id, Amount: "5"})
			})
			wg.Go(func() { undone = p.cancel(t.Context(), command.Intent{Key: key, Target: id}) })
			wg.Wait()
			must(t, undone)
			if called != nil {
				wantError(t, called, command.ErrCompensated)
			}
		}
		if n := p.live(t); n != 0 {
			t.Errorf("%d payments are left", n)
		}
	})
}

func TestAFailingCompensationIsSeenAndRepeated(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		p.answer = func(payReply) (payReply, error) { return payReply{}, errors.New("timeout") }
		_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New}, p.pays("5", opens("n1")))
		if err == nil {
			t.Fatal("no error")
		}
		c := p.compensator()
		var mu sync.Mutex
		broken := true
		c.Undo["pay.Cancel"] = func(ctx context.Context, i command.Intent) error {
			mu.Lock()
			defer mu.Unlock()
			if broken {
				return errors.New("still down")
			}
			return p.cancel(ctx, i)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = c.Run(ctx) })
		wg.Go(func() { _ = c.Run(ctx) }) // another replica
		defer wg.Wait()
		defer cancel()
		eventually(t, func() bool {
			intents, err := Intents(t.Context(), r.db)
			must(t, err)
			return len(intents) == 1 && intents[0].Attempts >= 2 && intents[0].LastError == "still down" && intents[0].Due
		})
		mu.Lock()
		broken = false
		mu.Unlock()
		must(t, c.Retry(t.Context()))
		eventually(t, func() bool { return p.live(t) == 0 && count(t, r.db, "platform_intents") == 0 })
	})
}

// What is being compensated is under way, and not tried a second time meanwhile; what
// failed waits.
func TestPendingCompensations(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		c := p.compensator()
		c.Backoff = time.Hour
		pending := func(busy, later int64) {
			t.Helper()
			b, l, err := c.Pending(t.Context())
			if err != nil || b != busy || l != later {
				t.Errorf("%d under way and %d later, %v; want %d and %d", b, l, err, busy, later)
			}
		}
		pending(0, 0)
		p.answer = func(payReply) (payReply, error) {
			pending(1, 0) // its command runs
			return payReply{}, errors.New("timeout")
		}
		if _, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New}, p.pays("5", opens("n1"))); err == nil {
			t.Fatal("no error")
		}
		pending(1, 0)
		// The pause after so many attempts is longer than this test.
		_, err := r.db.Exec(t.Context(), "UPDATE platform_intents SET attempts = 20")
		must(t, err)
		begun, end := make(chan bool), make(chan bool)
		c.Undo["pay.Cancel"] = func(context.Context, command.Intent) error {
			begun <- true
			<-end
			return errors.New("still down")
		}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = c.Run(ctx) })
		<-begun
		pending(1, 0)
		before, err := Intents(t.Context(), r.db)
		must(t, err)
		must(t, c.Retry(t.Context()))
		after, err := Intents(t.Context(), r.db)
		if err != nil || !after[0].NextAt.Equal(before[0].NextAt) {
			t.Errorf("it is tried again while it is tried: at %v, %v", after[0].NextAt, err)
		}
		stop()
		close(end)
		wg.Wait()
		pending(0, 1)
		must(t, c.Retry(t.Context()))
		pending(1, 0)
	})
}

func TestAReplyMakesTheCompensationPrecise(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], p *payments) {
		_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New}, p.pays("5", deposits("-1")))
		wantRejection(t, err, "NegativeBalance")
		intents, err := Intents(t.Context(), r.db)
		var payload map[string]string
		if err != nil || len(intents) != 1 || json.Unmarshal(intents[0].Payload, &payload) != nil || payload["receipt"] != "r" {
			t.Errorf("intents %+v, %v", intents, err)
		}
	})
}

func TestCallsWithoutCompensationKeepTheirKey(t *testing.T) {
	withCalls(t, func(t *testing.T, r *Repository[account, event], _ *payments) {
		var keys []string
		notify := command.Call[string, string]{Name: "Notify", Do: func(_ context.Context, cause command.Cause, _ string) (string, error) {
			keys = append(keys, cause.Key)
			return "", message.ErrUnavailable
		}}
		for range 2 {
			_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "policy", ID: "m1"}},
				func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
					_, err := command.Ask(ctx, d, notify, "hello")
					return nil, err
				})
			wantError(t, err, message.ErrUnavailable)
		}
		if len(keys) != 2 || keys[0] != keys[1] {
			t.Errorf("keys %v", keys)
		}
	})
}
