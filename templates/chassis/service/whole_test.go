package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// The service of these tests is as generated ones are: HTTP in front, the
// engine behind, a database below.

type account struct {
	ID      values.ID      `json:"accountId"`
	Balance values.Decimal `json:"balance"`
}

type openAccount struct {
	ID values.ID `json:"accountId"`
}

type deposit struct {
	ID     values.ID      `json:"accountId"`
	Amount values.Decimal `json:"amount"`
}

func (c openAccount) Command() values.Command {
	return values.Command{Name: "Account.Open", Actors: []string{"customer"}, Mode: values.New, ID: c.ID, IDField: "accountId"}
}

func (c deposit) Command() values.Command {
	return values.Command{Name: "Account.Deposit", Actors: []string{"customer"}, ID: c.ID, IDField: "accountId"}
}

type accountEvent interface{ aggregate.Event }

type opened struct {
	ID values.ID `json:"accountId"`
}

func (opened) Event() values.Event { return values.Event{Type: "core.Account.Opened", Version: 1} }

type deposited struct {
	ID     values.ID      `json:"accountId"`
	Amount values.Decimal `json:"amount"`
}

func (deposited) Event() values.Event {
	return values.Event{Type: "core.Account.Deposited", Version: 1}
}

func bank(t *testing.T) *running {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
	if err != nil {
		t.Fatal(err)
	}
	accounts := aggregate.NewRepository(db, aggregate.Spec[account, accountEvent]{
		Aggregate: "Account", Source: "/bank/core", Type: "core.Account", Table: "accounts", Topic: "bank.core.account",
		New: func(id values.ID) account { return account{ID: id} },
		Evolve: func(s account, e accountEvent, _ values.Meta) account {
			if d, ok := e.(deposited); ok {
				s.Balance = s.Balance.Add(d.Amount)
			}
			return s
		},
	}, aggregate.Options{})
	o := options(t)
	o.Start = []service.Step{
		{Name: "migrations", Do: func(ctx context.Context) error { return db.Migrate(ctx) }},
		{Name: "tables", Do: accounts.Prepare},
	}
	o.Checks = []service.Check{{Name: "database", Do: db.Ping}}
	o.Close = []service.Step{{Name: "database", Do: func(context.Context) error { return db.Close() }}}
	rest.Command(o.Router, rest.CommandRoute[openAccount]{
		Pattern: "POST /accounts", Internal: "/internal/commands/account/open",
		Do: func(ctx context.Context, req command.Request, in openAccount) (command.Outcome, error) {
			return accounts.Run(ctx, req.Of(in), func(_ context.Context, d *command.Attempt[account]) ([]accountEvent, error) {
				return []accountEvent{opened{ID: d.ID}}, nil
			})
		},
	})
	rest.Command(o.Router, rest.CommandRoute[deposit]{
		Pattern: "POST /accounts/{accountId}/deposit", Internal: "/internal/commands/account/deposit",
		Do: func(ctx context.Context, req command.Request, in deposit) (command.Outcome, error) {
			return accounts.Run(ctx, req.Of(in), func(_ context.Context, d *command.Attempt[account]) ([]accountEvent, error) {
				if !values.Int(0).Less(in.Amount) {
					return nil, values.Reject(values.Rule, "NothingToDeposit", "deposit something")
				}
				return []accountEvent{deposited{ID: d.ID, Amount: in.Amount}}, nil
			})
		},
	})
	rest.Resource(o.Router, rest.ResourceRoute[account]{Name: "Account", Path: "/accounts", Actors: []string{"customer"}, Load: accounts.Load})
	return launch(t, o)
}

// send is a request of a customer.
func (r *running) send(method, path, body string, headers ...string) (int, string, http.Header) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.at.HTTP+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("X-Actor-Id", "c-1")
	req.Header.Set("X-Actor-Roles", "customer")
	req.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(data), response.Header
}

func TestAWholeService(t *testing.T) {
	r := bank(t)
	status, first, header := r.send("POST", "/accounts", `{}`, "Idempotency-Key: open-1")
	if status != 201 || !strings.HasPrefix(header.Get("Location"), "/accounts/") || header.Get("ETag") != `"1"` {
		t.Fatal(status, first, header)
	}
	where := header.Get("Location")
	if status, again, header := r.send("POST", "/accounts", `{}`, "Idempotency-Key: open-1"); status != 201 || again != first ||
		header.Get("Idempotency-Replayed") != "true" || header.Get("Location") != where {
		t.Error("repeated:", status, again, header)
	}
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		code                     string
	}{
		{"another payload", "POST", "/accounts", `{"accountId":"x"}`, []string{"Idempotency-Key: open-1"}, 422, "KeyReused"},
		{"an old version", "POST", where + "/deposit", `{"amount":1}`, []string{`If-Match: "9"`}, 412, "VersionMismatch"},
		{"a rule", "POST", where + "/deposit", `{"amount":0}`, nil, 422, "NothingToDeposit"},
		{"missing", "POST", "/accounts/nope/deposit", `{"amount":1}`, nil, 404, "NotFound"},
		{"missing to read", "GET", "/accounts/nope", "", nil, 404, "NotFound"},
		{"there already", "POST", "/accounts", `{"accountId":"` + strings.TrimPrefix(where, "/accounts/") + `"}`, nil, 409, "AlreadyExists"},
		{"malformed", "POST", where + "/deposit", `{"amount":"much"}`, nil, 400, "invalid"},
	} {
		status, body, _ := r.send(c.method, c.path, c.body, c.headers...)
		var p inbound.Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != c.status || p.Code != c.code {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
	if status, body, header := r.send("POST", where+"/deposit", `{"amount":"2.50"}`, `If-Match: "1"`); status != 200 || header.Get("ETag") != `"2"` {
		t.Error("deposit:", status, body)
	}
	if status, body, header := r.send("GET", where+"?minVersion=2", ""); status != 200 || header.Get("ETag") != `"2"` || !strings.Contains(body, `"balance":"2.5"`) {
		t.Error("read:", status, body)
	}
	if status, _, _ := r.send("GET", where, "", `If-None-Match: "2"`); status != 304 {
		t.Error("not modified:", status)
	}
	r.stop()
	if err := r.ended(); err != nil {
		t.Error(err)
	}
}

func TestOneServiceAsksAnother(t *testing.T) {
	r := bank(t)
	d, err := client.New("bank", "http://"+r.at.Internal, client.Policy{Attempts: 2}, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	type reply struct {
		ID      values.ID `json:"accountId"`
		Version int64     `json:"version"`
	}
	const opening, depositing = "/internal/commands/account/open", "/internal/commands/account/deposit"
	call := command.Cause{Key: "front/o-1/가", Actor: values.Actor{Subject: "c-1", Roles: []string{"customer"}}}
	made, err := client.Command[reply](t.Context(), d, opening, map[string]any{}, call)
	if err != nil || made.ID == "" || made.Version != 1 {
		t.Fatal(made, err)
	}
	if again, err := client.Command[reply](t.Context(), d, opening, map[string]any{}, call); err != nil || again != made {
		t.Error("repeated:", again, err)
	}
	_, err = client.Command[reply](t.Context(), d, depositing, deposit{ID: made.ID}, command.Cause{Key: "k-2"})
	var no *values.Rejection
	if !errors.As(err, &no) || *no != (values.Rejection{Code: "NothingToDeposit", Message: "deposit something"}) {
		t.Error(err)
	}
	// A compensation that is there before its command makes that one void.
	_, err = client.Command[struct{}](t.Context(), d, depositing, deposit{ID: made.ID, Amount: values.Int(1)}, command.Cause{Key: "k-3/undo", Compensates: "k-3"})
	if err != nil {
		t.Error("compensation:", err)
	}
	_, err = client.Command[reply](t.Context(), d, depositing, deposit{ID: made.ID, Amount: values.Int(1)}, command.Cause{Key: "k-3"})
	if !errors.As(err, &no) || no.Code != command.ErrCompensated.Code {
		t.Error("compensated:", err)
	}
}
