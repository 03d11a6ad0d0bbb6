package e2e

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
)

const accountModel = "../../examples/account/esgen.yaml"

// TestAccount has money come into accounts, go out of them and move between them.
func TestAccount(t *testing.T) {
	onBoth(t, build(t, accountModel, nil), accounts)
}

// deposits is a system of accounts.
type deposits struct {
	*system
	account, transfer, ledger, billing, watch *process
}

var (
	lee    = actor{"lee", "customer"}
	park   = actor{"park", "customer"}
	banker = actor{"kim", "banker"}
)

func accounts(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	b := &deposits{s, s.services["account"], s.services["transfer"], s.services["ledger"], s.services["billing"], s.services["watch"]}
	for id, owner := range map[string]actor{"account1": lee, "account2": lee, "account3": park, "account4": park} {
		b.account.ask(t, owner, 201, "POST /accounts", fmt.Sprintf(`{"accountId": %q, "owner": %q}`, id, owner.id))
	}
	for _, id := range []string{"account1", "account2", "account3", "account4"} {
		b.ledger.becomes(t, banker, "GET /views/balances/"+id, map[string]any{"balance": "0", "open": true})
	}

	t.Run("the worked figures", func(t *testing.T) {
		live := follow(t, s.URL()+"/ledger/views/balances:changes", lee, "")
		b.deposit(t, lee, "account1", 100, 50)
		b.withdraw(t, lee, "account1", 50)
		b.deposit(t, lee, "account2", 50)
		b.withdraw(t, lee, "account2", 50)
		b.deposit(t, park, "account3", 100)
		b.deposit(t, park, "account4", 50)
		for id, balance := range map[string]string{"account1": "100", "account2": "0", "account3": "100", "account4": "50"} {
			b.has(t, id, balance)
		}
		if told := live.of(t, "accountId", "account1", "balance", 3); !reflect.DeepEqual(told, []any{"100", "150", "100"}) {
			t.Errorf("who looks on is told of %v", told)
		}
		b.account.refused(t, lee, 409, "InsufficientBalance", "POST /accounts/account2/withdraw", `{"amount": "0.01"}`)
		b.account.refused(t, park, 403, "Forbidden", "POST /accounts/account1/withdraw", `{"amount": 1}`)
		b.account.refused(t, lee, 400, "invalid", "POST /accounts/account1/withdraw", `{"amount": -1}`)
		b.account.ask(t, park, 404, "GET /accounts/account1", "")
	})
	t.Run("never negative, whoever hurries", func(t *testing.T) {
		codes := make(chan int)
		for range 8 {
			go func() {
				a, err := b.account.try(t.Context(), request{who: park, route: "POST /accounts/account4/withdraw", body: `{"amount": 20}`})
				if err != nil {
					a.status = -1
				}
				codes <- a.status
			}()
		}
		fine := 0
		for range 8 {
			if <-codes == 200 {
				fine++
			}
		}
		if fine > 2 {
			t.Errorf("%d times 20 came out of 50", fine)
		}
		b.deposit(t, park, "account4", fine*20)
		b.has(t, "account4", "50")
	})
	t.Run("statement", func(t *testing.T) {
		first := b.ledger.ask(t, lee, 200, "GET /views/statements/queries/entries?accountId=account1&limit=2", "")
		if got := first.items("kind"); !reflect.DeepEqual(got, []any{"Withdrawal", "Deposit"}) {
			t.Errorf("the first page has %v", got)
		}
		b.ledger.lists(t, lee, fmt.Sprintf("GET /views/statements/queries/entries?accountId=account1&limit=2&cursor=%v", first.body["next"]), "amount", "100")
		b.ledger.lists(t, park, "GET /views/statements/queries/entries?accountId=account1", "kind")
		today := time.Now().In(seoul(t)).Format(time.DateOnly)
		b.ledger.willList(t, lee, "GET /views/daily-totals/queries/on-day?day="+today, "total", "150", "50", "50", "50")
		b.ledger.lists(t, lee, "GET /views/daily-totals/queries/of-kind?kind=Deposit&since="+today, "count", 2, 1)
		b.ledger.ask(t, lee, 200, "GET /views/usage-predictions/account1", "").has(t, map[string]any{"used": "50", "expected": "1500"})
		b.billing.willList(t, lee, "GET /views/usages?accountId=account1", "movements", 3)
	})
	t.Run("transfers", func(t *testing.T) { b.transfers(t) })
	t.Run("early warning", func(t *testing.T) {
		b.deposit(t, park, "account3", 3000000)
		b.withdraw(t, park, "account3", 600000, 400000)
		b.withdraw(t, park, "account3", 5)
		b.watch.willList(t, park, "GET /views/warnings", "total", "1000005")
		b.withdraw(t, park, "account3", 5)
		eventually(t, "the message", func() error {
			if n := len(s.calls(t, "Sms.send", "to", "park")); n != 1 {
				return fmt.Errorf("%d messages", n)
			}
			return nil
		})
		b.watch.lists(t, lee, "GET /views/warnings", "total")
	})
	t.Run("rebuilt", func(t *testing.T) {
		b.ledger.becomes(t, banker, "GET /views/balances/account3", map[string]any{"balance": "2000090"})
		before := b.ledger.ask(t, banker, 200, "GET /views/balances", "").items("balance")
		for _, view := range []string{"Balance", "Statement", "DailyTotals", "UsagePrediction"} {
			b.ledger.ask(t, inside, 202, "POST /views/"+view+"/rebuild", "")
		}
		b.ledger.willList(t, banker, "GET /views/balances", "balance", before...)
	})
	for _, p := range []*process{b.account, b.transfer, b.ledger, b.billing, b.watch} {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s has parked: %v", p.name, parked)
		}
	}
}

func (b *deposits) transfers(t *testing.T) {
	move := func(t *testing.T, id, from, to, amount, becomes string) {
		t.Helper()
		b.transfer.ask(t, lee, 201, "POST /transfers", fmt.Sprintf(`{"transferId": %q, "sender": "lee", "fromAccount": %q, "toAccount": %q, "amount": %q}`, id, from, to, amount))
		if becomes != "" {
			b.transfer.becomes(t, lee, "GET /transfers/"+id, map[string]any{"status": becomes})
		}
	}
	t.Run("arrives", func(t *testing.T) {
		move(t, "t1", "account1", "account2", "60", "Completed")
		b.has(t, "account1", "40")
		b.has(t, "account2", "60")
		b.transfer.willList(t, lee, "GET /views/transfers?transferId=t1", "status", "Completed")
	})
	t.Run("too much", func(t *testing.T) {
		move(t, "t2", "account1", "account2", "41", "Refused")
		b.has(t, "account1", "40")
	})
	t.Run("nobody is there, so it comes back", func(t *testing.T) {
		move(t, "t3", "account1", "nowhere", "40", "Refused")
		b.has(t, "account1", "40")
		b.ledger.willList(t, lee, "GET /views/statements/queries/entries?accountId=account1&limit=2", "kind", "TakenBack", "Sent")
	})
	t.Run("not one's own", func(t *testing.T) {
		move(t, "t4", "account3", "account1", "1", "Refused")
		b.transfer.refused(t, lee, 403, "Forbidden", "POST /transfers", `{"transferId": "t5", "sender": "park", "fromAccount": "account3", "toAccount": "account1", "amount": 1}`)
	})
	t.Run("while accounts are away", func(t *testing.T) {
		b.account.stop(t)
		move(t, "t6", "account1", "account2", "10", "")
		b.transfer.kill(t)
		b.account.start(t)
		b.transfer.start(t)
		b.transfer.becomes(t, lee, "GET /transfers/t6", map[string]any{"status": "Completed", "version": 2}) // each once
		b.has(t, "account1", "30")
		b.has(t, "account2", "70")
	})
}

func (b *deposits) deposit(t *testing.T, who actor, account string, amounts ...int) {
	t.Helper()
	for _, amount := range amounts {
		b.account.ask(t, who, http.StatusOK, "POST /accounts/"+account+"/deposit", fmt.Sprintf(`{"amount": %d}`, amount))
	}
}

func (b *deposits) withdraw(t *testing.T, who actor, account string, amounts ...int) {
	t.Helper()
	for _, amount := range amounts {
		b.account.ask(t, who, http.StatusOK, "POST /accounts/"+account+"/withdraw", fmt.Sprintf(`{"amount": %d}`, amount))
	}
}

// has expects a balance, of the account itself and of who looks at it.
func (b *deposits) has(t *testing.T, account, balance string) {
	t.Helper()
	owner := lee
	if account > "account2" {
		owner = park
	}
	b.account.becomes(t, owner, "GET /accounts/"+account, map[string]any{"balance": balance, "sending": []any{}})
	b.ledger.becomes(t, banker, "GET /views/balances/"+account, map[string]any{"balance": balance})
}

func seoul(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
