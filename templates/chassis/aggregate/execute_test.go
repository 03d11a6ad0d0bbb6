package aggregate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/where"
)

func TestCommandStoresStateAndEvents(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		actor := values.Actor{Subject: "u1", Roles: []string{"customer", "a,b"}}
		out, err := r.Run(ctx, command.Request{Name: "Open", ID: "a1", Mode: values.New, Actor: actor, Correlation: "corr", Causation: "cause"},
			func(_ context.Context, d *command.Attempt[account]) ([]event, error) {
				if !d.IsNew || d.Version != 0 || d.Actor.Subject != "u1" {
					t.Errorf("decided on %+v", d)
				}
				return []event{opened{d.ID, "o1", "n1"}, deposited{d.ID, values.MustDecimal("1.50")}}, nil
			})
		must(t, err)
		if out.ID != "a1" || out.Version != 2 || !out.Created || string(out.Reply) != `{"accountId":"a1","amount":"1.5","number":"n1","owner":"o1"}` {
			t.Errorf("outcome %+v, reply %s", out, out.Reply)
		}
		loaded, err := r.Load(ctx, "a1")
		must(t, err)
		if loaded.Version != 2 || loaded.State.Number != "n1" || loaded.State.Balance.String() != "1.5" {
			t.Errorf("loaded %+v", loaded)
		}
		// Two events, and both again for the context's own listeners.
		var got []string
		for _, e := range sent(t, r.db) {
			got = append(got, fmt.Sprintf("%s %s v%d #%d", e.Topic, e.Type, e.DataVersion, e.Sequence))
			if e.Key != "a1" || e.Subject != "a1" || e.Source != "/bank/core" || e.CorrelationID != "corr" || e.CausationID != "cause" ||
				e.Actor.Subject != "u1" || strings.Join(e.Actor.Roles, ";") != "customer;a,b" {
				t.Errorf("envelope %+v", e)
			}
		}
		want := "bank.core.Account.private core.Account.Opened v1 #1, bank.core.Account core.Account.Opened v1 #1, " +
			"bank.core.Account.private core.Account.Deposited v2 #2, bank.core.Account core.Account.Deposited v2 #2"
		if strings.Join(got, ", ") != want {
			t.Errorf("outbox %s", strings.Join(got, ", "))
		}
	})
}

func TestPrivateEventsStayInTheContext(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		r := prepare(t, db, accounts())
		openAccount(t, r, "a1", "n1")
		_, err := r.Run(t.Context(), command.Request{Name: "Audit", ID: "a1"}, emits(audited{"secret"}))
		must(t, err)
		for _, e := range sent(t, db) {
			if e.Event() == "Audited" && e.Topic != message.OwnTopic("bank.core.Account") {
				t.Errorf("a private event goes to %s", e.Topic)
			}
		}
	})
}

func TestExpectations(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		version := func(v ...int64) *command.Match { return &command.Match{Versions: v} }
		openAccount(t, r, "a1", "n1")
		for name, test := range map[string]struct {
			req    command.Request
			decide decision
			want   error
			code   string
		}{
			"missing":            {req: command.Request{ID: "a2"}, decide: deposits("1"), want: command.ErrNotFound},
			"missing is retried": {req: command.Request{ID: "a2"}, decide: deposits("1"), want: message.ErrMissing},
			"no id":              {req: command.Request{}, decide: deposits("1"), want: command.ErrNotFound},
			"exists":             {req: command.Request{ID: "a1", Mode: values.New}, decide: opens("n2"), want: command.ErrExists},
			"other version":      {req: command.Request{ID: "a1", IfMatch: version(2)}, decide: deposits("1"), want: command.ErrVersion},
			"version of nothing": {req: command.Request{ID: "a2", Mode: values.Upsert, IfMatch: version(1)}, decide: deposits("1"), want: command.ErrVersion},
			"no version":         {req: command.Request{ID: "a1", IfMatch: version()}, decide: deposits("1"), want: command.ErrVersion},
			"any of nothing":     {req: command.Request{ID: "a2", Mode: values.Upsert, IfMatch: &command.Match{Any: true}}, decide: opens("n2"), want: command.ErrVersion},
			"invariant":          {req: command.Request{ID: "a1"}, decide: deposits("-1"), code: "NegativeBalance"},
			"taken":              {req: command.Request{ID: "a3", Mode: values.New}, decide: opens("n1"), code: "NumberTaken"},
			"overdue":            {req: command.Request{ID: "a1", Until: new(time.Now().Add(-time.Second))}, decide: deposits("1"), want: command.ErrOverdue},
			"rejected": {req: command.Request{ID: "a1"}, code: "Nope", decide: func(context.Context, *command.Attempt[account]) ([]event, error) {
				return nil, values.Reject(values.Rule, "Nope", "")
			}},
		} {
			test.req.Name = name
			_, err := r.Run(ctx, test.req, test.decide)
			if test.want != nil {
				wantError(t, err, test.want)
			} else {
				wantRejection(t, err, test.code)
			}
		}
		// A fault of the model is neither a crash nor a rejection.
		_, err := r.Run(ctx, command.Request{Name: "Fault", ID: "a1"}, func(context.Context, *command.Attempt[account]) ([]event, error) {
			values.At([]int{}, 0)
			return nil, nil
		})
		var fault *values.Fault
		if !errors.As(err, &fault) {
			t.Errorf("fault: %v", err)
		}
		// Nor is a mistake in code that somebody wrote by hand.
		_, err = r.Run(ctx, command.Request{Name: "Panic", ID: "a1"}, func(context.Context, *command.Attempt[account]) ([]event, error) {
			var none map[string]int
			//lint:ignore SA5000 that it panics is the point
			none["x"] = 1
			return nil, nil
		})
		var panicked *message.Panic
		if !errors.As(err, &panicked) || !strings.Contains(string(panicked.Stack), "execute_test.go") {
			t.Errorf("panic: %v", err)
		}
		if n := count(t, r.db, "platform_outbox"); n != 2 {
			t.Errorf("%d rows in the outbox: what failed left something", n)
		}
		if loaded, err := r.Load(ctx, "a1"); err != nil || loaded.Version != 1 {
			t.Errorf("version %d, %v", loaded.Version, err)
		}
		out, err := r.Run(ctx, command.Request{Name: "Deposit", ID: "a1", IfMatch: version(7, 1)}, deposits("1"))
		if err != nil || out.Version != 2 || out.Created {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

func TestDeletedInstancesAreGone(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		openAccount(t, r, "a1", "n1")
		_, err := r.Run(ctx, command.Request{Name: "Close", ID: "a1"}, emits(closed{}))
		must(t, err)
		_, err = r.Load(ctx, "a1")
		wantError(t, err, command.ErrNotFound)
		ids, err := r.Find(ctx, "number", "n1")
		if err != nil || len(ids) != 0 {
			t.Errorf("found %v, %v", ids, err)
		}
		// Its number is free, and its id too; versions go on.
		openAccount(t, r, "a2", "n1")
		out := openAccount(t, r, "a1", "n2")
		if out.Version != 3 || !out.Created {
			t.Errorf("%+v", out)
		}
		_, err = r.Run(ctx, command.Request{Name: "Deposit", ID: "a1"}, deposits("2"))
		must(t, err)
		loaded, err := r.Load(ctx, "a1")
		if err != nil || loaded.Version != 4 || loaded.State.Number != "n2" || loaded.State.Balance.String() != "2" {
			t.Errorf("%+v, %v", loaded, err)
		}
	})
}

func TestFindSelectScan(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		for i, amount := range []string{"9.5", "10", "-0", "100"} {
			id := values.ID(fmt.Sprintf("a%d", i))
			openAccount(t, r, id, fmt.Sprintf("n%d", i))
			_, err := r.Run(ctx, command.Request{Name: "Deposit", ID: id}, deposits(amount))
			must(t, err)
		}
		ids, err := r.Find(ctx, "owner", values.ID("o1"))
		if err != nil || fmt.Sprint(ids) != "[a0 a1 a2 a3]" {
			t.Errorf("found %v, %v", ids, err)
		}
		rich, err := r.Select(ctx, where.Ge(where.Col("balance"), values.MustDecimal("9.5")), []where.Order{where.Desc("balance")}, 2)
		if err != nil || len(rich) != 2 || rich[0].ID != "a3" || rich[1].ID != "a1" || rich[1].State.Balance.String() != "10" {
			t.Errorf("selected %+v, %v", rich, err)
		}
		var scanned []values.ID
		must(t, r.Scan(ctx, func(i command.Instance[account]) (bool, error) {
			scanned = append(scanned, i.ID)
			return i.ID == "a2", nil
		}))
		if fmt.Sprint(scanned) != "[a0 a1 a2]" {
			t.Errorf("scanned %v", scanned)
		}
	})
}

func TestAGrownLookupIsFilled(t *testing.T) {
	for name, way := range map[string]func(Spec[account, event]) Spec[account, event]{
		"state": func(s Spec[account, event]) Spec[account, event] { return s }, "events": sourced,
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, db *store.DB) {
				ctx := t.Context()
				small := way(accounts())
				small.IndexColumns, small.Unique = small.IndexColumns[:1], nil
				small.Index = func(s account) []any { return []any{s.Owner} }
				old := prepare(t, db, small)
				openAccount(t, old, "a1", "n1")

				grown := prepare(t, db, way(accounts()))
				ids, err := grown.Find(ctx, "number", "n1")
				if err != nil || fmt.Sprint(ids) != "[a1]" {
					t.Errorf("found %v, %v", ids, err)
				}
				// A replica of the old release still writes, in a rolling update.
				openAccount(t, old, "a2", "n2")
				n, err := grown.Reindex(ctx)
				if err != nil || n != 1 {
					t.Errorf("reindexed %d, %v", n, err)
				}
				if ids, err := grown.Find(ctx, "number", "n2"); err != nil || fmt.Sprint(ids) != "[a2]" {
					t.Errorf("found %v, %v", ids, err)
				}
				_, err = grown.Run(ctx, command.Request{Name: "Open", ID: "a3", Mode: values.New}, opens("n1"))
				wantRejection(t, err, "NumberTaken")
			})
		})
	}
}

// Fields that are unique together may be shared one by one; what is absent is
// like nothing else; and of several rules that are broken the first is told.
func TestUniqueTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		spec := accounts()
		spec.Unique = []Unique{{Columns: []string{"owner", "number"}, Code: "OwnerNumberTaken"}, {Columns: []string{"owner"}, Code: "OwnerTaken"}}
		spec.Index = func(s account) []any {
			if s.Number == "none" {
				return []any{nil, s.Number, s.Balance}
			}
			return []any{"o" + s.Number[:1], s.Number, s.Balance}
		}
		r := prepare(t, db, spec)
		openAccount(t, r, "a1", "n1")
		open := func(id values.ID, number string) error {
			_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: id, Mode: values.New}, opens(number))
			return err
		}
		wantRejection(t, open("a2", "n1"), "OwnerNumberTaken")
		wantRejection(t, open("a2", "n2"), "OwnerTaken")
		for _, id := range []values.ID{"a3", "a4"} {
			if err := open(id, "none"); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
	})
}

func TestInlineViewsCommitWithTheCommand(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must(t, db.Ensure(ctx, store.TableSpec{Name: "seen", Columns: []store.Column{{Name: "id", Type: store.Text, Key: true}, {Name: "version", Type: store.Int}}}))
		spec := accounts()
		spec.Inline = []Projection[event]{func(ctx context.Context, tx *store.Tx, e event, meta values.Meta) error {
			if meta.Type != e.Event().Name() {
				t.Errorf("meta %+v of %T", meta, e)
			}
			_, err := tx.Exec(ctx, "INSERT INTO seen VALUES ($1, $2)", meta.ID, meta.Version)
			return err
		}}
		r := prepare(t, db, spec)
		openAccount(t, r, "a1", "n1")
		_, err := r.Run(ctx, command.Request{Name: "Audit", ID: "a1"}, emits(audited{"private events too"}))
		must(t, err)
		r.fault = func(step string) error {
			if step == "in commit" {
				return errors.New("crash")
			}
			return nil
		}
		if _, err := r.Run(ctx, command.Request{Name: "Deposit", ID: "a1"}, deposits("1")); err == nil {
			t.Fatal("no crash")
		}
		if n := count(t, db, "seen"); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
	})
}

func TestConcurrentCommandsKeepTheOrder(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		r.opts.Attempts = 50
		openAccount(t, r, "a1", "n1")
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = r.Run(ctx, command.Request{Name: "Deposit", ID: "a1"}, deposits("1"))
			})
		}
		wg.Wait()
		must(t, errors.Join(errs...))
		loaded, err := r.Load(ctx, "a1")
		if err != nil || loaded.Version != 21 || loaded.State.Balance.String() != "20" {
			t.Errorf("%+v, %v", loaded, err)
		}
		next := map[string]int64{}
		for _, e := range sent(t, r.db) {
			next[e.Topic]++
			if e.Sequence != next[e.Topic] {
				t.Fatalf("%s: event %d comes as number %d", e.Topic, e.Sequence, next[e.Topic])
			}
		}
	})
}

func TestConflictsEndAfterSomeAttempts(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r := prepare(t, db, accounts())
		r.opts.Attempts = 3
		openAccount(t, r, "a1", "n1")
		decided := 0
		_, err := r.Run(ctx, command.Request{Name: "Slow", ID: "a1"}, func(ctx context.Context, d *command.Attempt[account]) ([]event, error) {
			decided++
			if _, err := r.Run(ctx, command.Request{Name: "Fast", ID: "a1"}, deposits("1")); err != nil {
				return nil, err
			}
			return []event{deposited{d.ID, values.MustDecimal("5")}}, nil
		})
		wantError(t, err, command.ErrConflict)
		if decided != 3 {
			t.Errorf("decided %d times", decided)
		}
	})
}

func TestActorsHaveKeysOfTheirOwn(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		for _, owner := range []string{"o1", "o2"} {
			req := command.Request{Name: "Open", Mode: values.New, Key: command.Key{Scope: command.CallScope + ":" + owner, ID: "k1"}, Input: owner}
			_, err := r.Run(ctx, req, opens(owner))
			must(t, err)
			req.Input = "another"
			_, err = r.Run(ctx, req, opens(owner))
			wantError(t, err, command.ErrKeyReused)
		}
		if n := count(t, r.db, "accounts"); n != 2 {
			t.Errorf("%d accounts", n)
		}
	})
}

func TestARepeatedKeyHasOneEffect(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		key := command.Key{Scope: command.CallScope + ":u1", ID: "k1"}
		req := command.Request{Name: "Open", Mode: values.New, Key: key, Input: map[string]any{"owner": "o1"}}
		first, err := r.Run(ctx, req, opens("n1"))
		must(t, err)
		second, err := r.Run(ctx, req, opens("n1"))
		must(t, err)
		if !second.Repeated || second.ID != first.ID || second.Version != first.Version || !second.Created || string(second.Reply) != string(first.Reply) {
			t.Errorf("first %+v, second %+v", first, second)
		}
		other := req
		other.Input = map[string]any{"owner": "o2"}
		_, err = r.Run(ctx, other, opens("n2"))
		wantError(t, err, command.ErrKeyReused)
		other = req
		other.Actor.Subject = "somebody else"
		_, err = r.Run(ctx, other, opens("n2"))
		wantError(t, err, command.ErrKeyReused)
		if n := count(t, r.db, "accounts"); n != 1 {
			t.Errorf("%d accounts", n)
		}
	})
}

func TestAMessageDeliveredAgainMayBeReadDifferently(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		r := prepare(t, db, accounts())
		for i, input := range []string{"computed from a view", "which has changed"} {
			out, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "policy", ID: "m1"}, Input: input}, opens("n1"))
			if err != nil || out.Repeated != (i == 1) {
				t.Errorf("delivery %d: %+v, %v", i, out, err)
			}
		}
	})
}

func TestConcurrentDeliveriesHaveOneEffect(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		r.opts.Attempts = 50
		openAccount(t, r, "a1", "n1")
		var wg sync.WaitGroup
		errs, outs := make([]error, 8), make([]command.Outcome, 8)
		for i := range errs {
			wg.Go(func() {
				outs[i], errs[i] = r.Run(ctx, command.Request{Name: "Deposit", ID: "a1", Key: command.Key{Scope: "policy", ID: "m1"}},
					func(_ context.Context, d *command.Attempt[account]) ([]event, error) {
						if d.Version > 1 {
							return nil, values.Reject(values.Rule, "Again", "the state shows the effect of the other delivery")
						}
						return []event{deposited{d.ID, values.MustDecimal("1")}}, nil
					})
			})
		}
		wg.Wait()
		must(t, errors.Join(errs...))
		fresh := 0
		for _, out := range outs {
			if !out.Repeated {
				fresh++
			}
			if out.Version != 2 {
				t.Errorf("outcome %+v", out)
			}
		}
		if fresh != 1 {
			t.Errorf("%d effects", fresh)
		}
	})
}

func TestARejectionIsKeptWhereAsked(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r := prepare(t, db, accounts())
		openAccount(t, r, "a1", "n1")
		req := command.Request{Name: "Withdraw", ID: "a1", Key: command.Key{Scope: "policy", ID: "m1"}, KeepRejection: true}
		_, err := r.Run(ctx, req, deposits("-1"))
		wantRejection(t, err, "NegativeBalance")
		_, err = r.Run(ctx, command.Request{Name: "Deposit", ID: "a1"}, deposits("5"))
		must(t, err)
		_, err = r.Run(ctx, req, deposits("-1"))
		wantRejection(t, err, "NegativeBalance")
		req.KeepRejection, req.Key.ID = false, "m2"
		_, err = r.Run(ctx, req, deposits("-9"))
		wantRejection(t, err, "NegativeBalance")
		_, err = r.Run(ctx, req, deposits("-1"))
		must(t, err)
	})
}

// Who was told that an instance is not there, or there already, is told so again
// when it has come, or gone, meanwhile; and what is undone was nothing then.
func TestARefusalIsKeptWhereAsked(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r := prepare(t, db, accounts())
		missing := command.Request{Name: "Deposit", ID: "a1", Key: command.Key{Scope: "saga", ID: "s/1"}, KeepRejection: true, KeepRefusal: true}
		there := command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "saga", ID: "s/2"}, KeepRejection: true, KeepRefusal: true}
		again := func() {
			t.Helper()
			if _, err := r.Run(ctx, missing, deposits("1")); !errors.Is(err, command.ErrNotFound) || !errors.Is(err, message.ErrMissing) {
				t.Error(err)
			}
		}
		again()
		openAccount(t, r, "a1", "n1")
		before := count(t, db, "platform_outbox")
		again()
		for range 2 {
			if _, err := r.Run(ctx, there, deposits("1")); !errors.Is(err, command.ErrExists) {
				t.Error(err)
			}
		}
		undo := command.Request{Name: "Withdraw", ID: "a1", Key: command.Key{Scope: "saga", ID: "s/1/undo"}, Compensates: "s/1"}
		if out, err := r.Run(ctx, undo, deposits("-1")); err != nil || !out.NeverHappened {
			t.Error(out, err)
		}
		if n := count(t, db, "platform_outbox"); n != before {
			t.Errorf("%d messages of nothing", n-before)
		}
	})
}

// A no that cannot be recorded is none yet: it might be a yes the next time.
func TestANoThatCannotBeKept(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		r := prepare(t, db, accounts())
		crash := errors.New("crash")
		r.fault = func(at string) error {
			if at == "before abandon" {
				return crash
			}
			return nil
		}
		req := command.Request{Name: "Deposit", ID: "a1", Key: command.Key{Scope: "saga", ID: "s/1"}, KeepRefusal: true}
		if _, err := r.Run(t.Context(), req, deposits("1")); !errors.Is(err, crash) {
			t.Error(err)
		}
	})
}

func TestACrashLeavesAllOrNothing(t *testing.T) {
	inAllWays(t, func(t *testing.T, r *Repository[account, event]) {
		ctx := t.Context()
		openAccount(t, r, "a1", "n1")
		before := count(t, r.db, "platform_outbox")
		for i, step := range []string{"before commit", "in commit", "after commit"} {
			key := command.Key{Scope: "http", ID: fmt.Sprint(i)}
			crash := errors.New("crash")
			r.fault = func(at string) error {
				if at == step {
					return crash
				}
				return nil
			}
			_, err := r.Run(ctx, command.Request{Name: "Deposit", ID: "a1", Key: key}, deposits("1"))
			if err == nil && step != "after commit" {
				t.Fatalf("%s: no crash", step)
			}
			r.fault = nil
			// The client comes again.
			_, err = r.Run(ctx, command.Request{Name: "Deposit", ID: "a1", Key: key}, deposits("1"))
			must(t, err)
		}
		loaded, err := r.Load(ctx, "a1")
		if err != nil || loaded.State.Balance.String() != "3" {
			t.Errorf("%+v, %v", loaded, err)
		}
		if n := count(t, r.db, "platform_outbox"); n != before+6 {
			t.Errorf("%d events in the outbox", n-before)
		}
	})
}

func TestMessagesThatCouldNotLeaveAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		r := prepare(t, db, accounts())
		_, err := r.Run(t.Context(), command.Request{Name: "Open", ID: "a1", Mode: values.New}, emits(audited{strings.Repeat("x", outbox.MaxBytes)}))
		if err == nil || count(t, db, "accounts") != 0 {
			t.Errorf("stored: %v", err)
		}
	})
}

func TestForget(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r := prepare(t, db, accounts())
		_, err := r.Run(ctx, command.Request{Name: "Open", ID: "a1", Mode: values.New, Key: command.Key{Scope: "http", ID: "k"}}, opens("n1"))
		must(t, err)
		if n, err := Forget(ctx, db, time.Now().Add(-time.Hour)); n != 0 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
		if n, err := Forget(ctx, db, time.Now().Add(time.Hour)); n != 1 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
	})
}
