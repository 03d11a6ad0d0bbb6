package e2e

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

// TestSourced runs aggregates whose events are kept.
func TestSourced(t *testing.T) {
	opts := build(t, "../../testdata/models/savings/esgen.yaml", nil)
	t.Run("SQLite", func(t *testing.T) { sourced(t, opts) })
	t.Run("PostgreSQL", func(t *testing.T) {
		opts := opts
		opts.DB = testservers.Postgres(t)
		sourced(t, opts)
	})
}

var (
	teller = actor{"tess", "clerk"}
	hanna  = actor{"hanna", "holder"}
)

func sourced(t *testing.T, opts devrun.Options) {
	s := start(t, opts)
	b := bank{s.services["bank"], s.database(t, "bank")}
	t.Run("commands", func(t *testing.T) { b.commands(t, s) })
	t.Run("commands at once", b.atOnce)
	t.Run("instances that are found", b.found)
	t.Run("snapshots", b.snapshots)
	t.Run("a failure of the machine", b.killed)
	t.Run("older versions", b.olderVersions)
	t.Run("history", b.history)
	t.Run("an instance that is gone", b.goneAndBack)
	t.Run("a view that is rebuilt", b.rebuilt)
	if parked := b.parked(t); len(parked) > 0 {
		t.Errorf("parked: %v", parked)
	}
}

// bank is the service whose events are kept, and its database.
type bank struct {
	*process
	db *sql.DB
}

func (b bank) open(t *testing.T, id, holder string) {
	t.Helper()
	b.ask(t, teller, 201, "POST /accounts", fmt.Sprintf(`{"accountId": %q, "holderId": %q, "number": "N-%s", "name": "Ms %s"}`, id, holder, id, holder))
}

func (b bank) deposit(t *testing.T, id string, amounts ...string) {
	t.Helper()
	for _, amount := range amounts {
		b.ask(t, teller, 200, "POST /accounts/"+id+"/deposit", fmt.Sprintf(`{"amount": %q}`, amount))
	}
}

func (b bank) has(t *testing.T, id string, version int, balance string) {
	t.Helper()
	b.ask(t, teller, 200, "GET /accounts/"+id, "").has(t, map[string]any{"version": version, "balance": balance})
}

// stored is a number that the database knows.
func (b bank) stored(t *testing.T, query string) (n int) {
	t.Helper()
	if err := b.db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (b bank) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := b.db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func (b bank) commands(t *testing.T, s *system) {
	b.open(t, "first", "hanna")
	a := b.do(t, request{who: hanna, route: "POST /accounts/first/deposit", body: `{"amount": 5, "text": "salary"}`, header: map[string]string{"If-Match": `"2"`, "Idempotency-Key": "k1"}})
	if a.status != 200 || a.header.Get("ETag") != `"3"` {
		t.Fatal(a.status, a.header, a.text)
	}
	again := b.do(t, request{who: hanna, route: "POST /accounts/first/deposit", body: `{"amount": 5, "text": "salary"}`, header: map[string]string{"If-Match": `"2"`, "Idempotency-Key": "k1"}})
	if again.status != 200 || again.text != a.text {
		t.Errorf("again: %d %s", again.status, again.text)
	}
	if a := b.do(t, request{who: hanna, route: "POST /accounts/first/deposit", body: `{"amount": 5}`, header: map[string]string{"If-Match": `"2"`}}); a.status != 412 || a.body["code"] != "VersionMismatch" {
		t.Errorf("another version: %d %s", a.status, a.text)
	}
	b.refused(t, teller, 409, "NumberTaken", "POST /accounts", `{"accountId": "double", "holderId": "h", "number": "N-first", "name": ""}`)
	b.refused(t, teller, 409, "AlreadyExists", "POST /accounts", `{"accountId": "first", "holderId": "h", "number": "N-other", "name": ""}`)
	b.refused(t, hanna, 422, "Overdrawn", "POST /accounts/first/withdraw", `{"amount": 6}`)
	b.refused(t, hanna, 404, "NotFound", "POST /accounts/none/withdraw", `{"amount": 6}`)
	b.refused(t, teller, 422, "NotEmpty", "POST /accounts/first/close-account", "")
	state := b.ask(t, hanna, 200, "GET /accounts/first?minVersion=3", "")
	state.has(t, map[string]any{"version": 3, "balance": "5", "movements": 1, "standing": "Open", "name": "Ms hanna"})
	meta := state.body["meta"].(map[string]any)
	if meta["createdBy"] != "tess" || meta["changedBy"] != "hanna" || meta["changedAt"] != state.body["last"] {
		t.Errorf("meta %v of %s", meta, state.text)
	}
	b.refused(t, actor{"otto", "holder"}, 404, "NotFound", "GET /accounts/first", "")
	s.hears(t, "savings.bank.account", "first", "AccountOpened", "Deposited")
	s.hears(t, "savings.bank.account.private", "first", "AccountOpened", "HolderNamed", "Deposited")
	b.deposit(t, "first", "2000")
	b.ask(t, hanna, 200, "POST /accounts/first/withdraw", `{"amount": 1000}`)
	b.becomes(t, teller, "GET /tills/first", map[string]any{"counted": 1, "version": 1})
}

// atOnce has many commands at one instance: each that is answered happened once, and
// each has a version of its own.
func (b bank) atOnce(t *testing.T) {
	b.open(t, "busy", "hanna")
	const commands = 40
	var wg sync.WaitGroup
	answers, errs := make([]answer, commands), make([]error, commands)
	for i := range commands {
		wg.Go(func() {
			answers[i], errs[i] = b.try(t.Context(), request{who: teller, route: "POST /accounts/busy/deposit", body: `{"amount": 1}`})
		})
	}
	wg.Wait()
	done := 0
	for _, a := range answers {
		switch {
		case a.status == 200:
			done++
		case a.status != 409 || a.body["code"] != "Conflict":
			t.Errorf("%d %s", a.status, a.text)
		}
	}
	if err := errors.Join(errs...); err != nil || done == 0 {
		t.Fatal(done, err)
	}
	b.has(t, "busy", 2+done, fmt.Sprint(done))
	if n := b.stored(t, "SELECT COUNT(DISTINCT version) FROM account_events WHERE instance = 'busy'"); n != 2+done {
		t.Errorf("%d versions of %d", n, 2+done)
	}
}

func (b bank) found(t *testing.T) {
	b.ask(t, teller, 201, "POST /holders", `{"holderId": "nils", "name": "Nils"}`)
	b.open(t, "n1", "nils")
	b.open(t, "n2", "nils")
	b.ask(t, teller, 200, "POST /holders/nils/block", "")
	for _, id := range []string{"n1", "n2"} {
		b.becomes(t, teller, "GET /accounts/"+id, map[string]any{"standing": "Frozen", "version": 3})
	}
	b.refused(t, teller, 409, "Frozen", "POST /accounts/n1/deposit", `{"amount": 1}`)
	b.ask(t, teller, 200, "POST /accounts/n1/thaw", "")
	b.deposit(t, "n1", "1")
}

func (b bank) snapshots(t *testing.T) {
	b.open(t, "long", "hanna") // 1, 2
	at := func(want int) {
		t.Helper()
		if got := b.stored(t, "SELECT _snapshot FROM account WHERE _id = 'long'"); got != want {
			t.Errorf("the snapshot is at %d, want %d", got, want)
		}
	}
	b.deposit(t, "long", "1", "2")
	at(0)
	b.deposit(t, "long", "3")
	at(5)
	b.deposit(t, "long", "4", "5", "6", "7")
	at(5)
	b.deposit(t, "long", "8")
	at(10)
	b.deposit(t, "long", "9")
	b.has(t, "long", 11, "45")
	// What is folded otherwise is folded anew.
	b.exec(t, "UPDATE account SET _shape = 'of another release', _doc = $1 WHERE _id = 'long'", `{"accountId": "long", "balance": "1000000"}`)
	b.has(t, "long", 11, "45")
	b.deposit(t, "long", "10")
	at(12)
	b.has(t, "long", 12, "55")
	if n := b.stored(t, "SELECT COUNT(*) FROM till WHERE _doc IS NOT NULL"); n != 0 {
		t.Errorf("%d snapshots of what shall have none", n)
	}
	b.ask(t, teller, 201, "POST /tills", `{"tillId": "till", "by": 3}`)
	b.ask(t, teller, 200, "POST /tills", `{"tillId": "till", "by": 4}`)
	b.ask(t, teller, 200, "GET /tills/till", "").has(t, map[string]any{"counted": 7, "version": 2})
}

func (b bank) killed(t *testing.T) {
	b.open(t, "sturdy", "hanna")
	b.deposit(t, "sturdy", "1", "2", "3", "4")
	answered := make(chan int)
	go func() {
		n := 0
		for {
			a, err := b.try(t.Context(), request{who: teller, route: "POST /accounts/sturdy/deposit", body: `{"amount": 1}`})
			if err != nil || a.status != 200 {
				break
			}
			n++
		}
		answered <- n
	}()
	eventually(t, "it is at work", func() error {
		if n := b.stored(t, "SELECT COUNT(*) FROM account_events WHERE instance = 'sturdy'"); n < 12 {
			return fmt.Errorf("%d events", n)
		}
		return nil
	})
	b.kill(t)
	done := <-answered
	b.start(t)
	version := b.stored(t, "SELECT _version FROM account WHERE _id = 'sturdy'")
	// The last one may have been stored and not answered.
	if events := b.stored(t, "SELECT COUNT(*) FROM account_events WHERE instance = 'sturdy'"); events != version || version < 6+done || version > 7+done {
		t.Errorf("version %d, %d events, %d answered", version, events, done)
	}
	b.has(t, "sturdy", version, fmt.Sprint(version+4))
	b.deposit(t, "sturdy", "1")
	b.becomes(t, teller, "GET /views/balances/sturdy", map[string]any{"balance": fmt.Sprint(version + 5), "movements": version - 1})
	b.becomes(t, teller, "GET /views/turnovers/sturdy", map[string]any{"turnover": fmt.Sprint(version + 5)})
}

// older stores what an earlier release of the service would have.
func (b bank) older(t *testing.T, id string, version, dataVersion int, data string) {
	t.Helper()
	b.exec(t, `INSERT INTO account_events (instance, version, message, name, data_version, data, at, actor)
		SELECT instance, $1, message, 'Deposited', $2, $3, at, actor FROM account_events WHERE instance = $4 AND version = 1`, version, dataVersion, data, id)
	b.exec(t, "UPDATE account SET _version = $1, _doc = NULL, _snapshot = _base WHERE _id = $2", version, id)
}

func (b bank) olderVersions(t *testing.T) {
	b.open(t, "old", "hanna")
	b.older(t, "old", 3, 1, `{"accountId": "old", "cents": 1250, "pieces": 3}`)
	b.older(t, "old", 4, 2, `{"accountId": "old", "amount": "2.5", "pieces": 2}`)
	b.has(t, "old", 4, "15")
	b.deposit(t, "old", "1")
	b.has(t, "old", 5, "16")
	b.ask(t, hanna, 200, "GET /accounts/old", "").has(t, map[string]any{"movements": 3})
	a := b.ask(t, hanna, 200, "GET /accounts/old/events", "")
	if got := fmt.Sprint(a.items("data")[2:4]); got != "[map[accountId:old amount:12.5 text:3 pieces] map[accountId:old amount:2.5 text:2 pieces]]" {
		t.Error(got)
	}
	b.open(t, "newer", "hanna")
	b.older(t, "newer", 3, 9, `{"accountId": "newer", "amount": "1"}`)
	b.refused(t, teller, 500, "internal", "GET /accounts/newer", "")
	b.refused(t, teller, 500, "internal", "POST /accounts/newer/deposit", `{"amount": 1}`)
}

func (b bank) history(t *testing.T) {
	b.open(t, "told", "hanna")
	b.deposit(t, "told", "1000.50")
	b.ask(t, hanna, 200, "POST /accounts/told/withdraw", `{"amount": 1000}`)
	const events = "GET /accounts/told/events"
	b.lists(t, hanna, events, "type", "AccountOpened", "HolderNamed", "Deposited", "Withdrawn", "Suspected")
	b.lists(t, teller, events, "version", 1, 2, 3, 4, 5)
	b.lists(t, teller, events, "by", "tess", "tess", "tess", "hanna", "hanna")
	a := b.ask(t, hanna, 200, events+"?limit=2&minVersion=5", "")
	if got := a.items("version"); fmt.Sprint(got) != "[1 2]" || !strings.Contains(a.header.Get("Link"), `rel="next"`) {
		t.Errorf("%v %v", got, a.header)
	}
	b.lists(t, hanna, events+"?limit=2&cursor="+fmt.Sprint(a.body["next"]), "version", 3, 4)
	last := b.ask(t, hanna, 200, events+"?limit=2&cursor=4", "")
	last.has(t, map[string]any{"next": absent})
	if got := last.items("data"); fmt.Sprint(got) != "[map[accountId:told amount:1000]]" {
		t.Error(got)
	}
	b.refused(t, actor{"otto", "holder"}, 404, "NotFound", events, "")
	b.refused(t, actor{"otto", "guest"}, 403, "forbidden", events, "")
	b.refused(t, actor{}.nobody(), 401, "unauthorized", events, "")
	b.refused(t, teller, 404, "NotFound", "GET /accounts/none/events", "")
	for _, query := range []string{"?cursor=x", "?cursor=-1", "?limit=0", "?sort=type", "?q=x", "?standing=Open"} {
		b.refused(t, teller, 400, "invalid", events+query, "")
	}
}

// nobody is somebody of no role who does not say who they are.
func (actor) nobody() actor { return actor{"", "none"} }

func (b bank) goneAndBack(t *testing.T) {
	b.open(t, "brief", "hanna")
	b.ask(t, teller, 200, "POST /accounts/brief/close-account", "")
	b.refused(t, teller, 404, "NotFound", "GET /accounts/brief", "")
	b.refused(t, teller, 404, "NotFound", "GET /accounts/brief/events", "")
	b.open(t, "brief", "otto")
	b.has(t, "brief", 5, "0")
	b.lists(t, actor{"otto", "holder"}, "GET /accounts/brief/events", "version", 4, 5)
}

func (b bank) rebuilt(t *testing.T) {
	before := b.ask(t, teller, 200, "GET /views/balances/busy", "").body["balance"]
	b.exec(t, "DELETE FROM view_balances")
	if a := b.ask(t, inside, http.StatusAccepted, "POST /views/Balances/rebuild", ""); a.status != http.StatusAccepted {
		t.Fatal(a.text)
	}
	b.becomes(t, teller, "GET /views/balances/busy", map[string]any{"balance": before})
	b.becomes(t, teller, "GET /views/balances/first", map[string]any{"balance": "1005"})
	b.gone(t, teller, "GET /views/balances/none")
}
