package given_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/templates/testkit/given"
)

// A service begins a new life without being started anew: what it knew is
// forgotten, and what is none of its business is passed over.
func TestBegin(t *testing.T) {
	onBoth(t, func(t *testing.T, s *given.Service) {
		d := given.NewDoors(s)
		begin := func(now string, events ...string) {
			t.Helper()
			if w := knock(d, "POST", "/_begin", `{"now":"`+now+`","history":[`+strings.Join(events, ",")+`]}`); w.Code != 200 {
				t.Fatal(w.Code, w.Body)
			}
		}
		instances := func(want string) {
			t.Helper()
			if w := knock(d, "GET", "/_instances/Loan", ""); w.Code != 200 || w.Body.String() != want {
				t.Errorf("%d %s, want %s", w.Code, w.Body, want)
			}
		}
		foreign := strings.Replace(aLoan, "loan.loan.Borrowed", "pay.fee.Paid", 1)
		begin("2026-12-01T09:00:00Z", aBook, aLoan, foreign)
		instances(`{"items":[{"book":"b-1","back":false}]}`)
		if code, body := get(s, "/loans/l-1"); code != 200 {
			t.Error(code, body)
		}
		if got := s.Now().Format("2006-01-02T15:04"); got != "2026-12-01T09:00" {
			t.Error("it is", got)
		}
		begin("2027-01-01T00:00:00Z")
		instances(`{"items":[]}`)
		if w := knock(d, "GET", "/_rest", ""); w.Code != 200 || w.Body.String() != `{"busy":0,"parked":0}` {
			t.Error("rest:", w.Code, w.Body)
		}
		if w := knock(d, "GET", "/_instances/Fee", ""); w.Code != 400 {
			t.Error("no such aggregate:", w.Code, w.Body)
		}
		if w := knock(d, "POST", "/_begin", `{"now":"2026-12-01T09:00:00Z","history":[`+strings.Replace(aLoan, `"data":{`, `"data":{"loanId":7,`, 1)+`]}`); w.Code != 400 {
			t.Error("an event that cannot be read:", w.Code, w.Body)
		}
	})
}

// undoing is what is left to be undone.
type undoing struct {
	busy, later int64
	err         error
}

func (u *undoing) Pending(context.Context) (busy, later int64, err error) {
	return u.busy, u.later, u.err
}

func (u *undoing) Retry(context.Context) error {
	u.busy, u.later = u.busy+u.later, 0
	return u.err
}

// What could not be undone waits, and is tried again when it is told to.
func TestUndo(t *testing.T) {
	u := &undoing{busy: 1, later: 2}
	s := library(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	s.Parts = []any{u}
	d := given.NewDoors(s)
	knocks := func(method, path, want string) {
		t.Helper()
		if w := knock(d, method, path, "{}"); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
	knocks("GET", "/_rest", `{"busy":1,"parked":0,"undoing":2}`)
	knocks("POST", "/_undo", `{}`)
	knocks("GET", "/_rest", `{"busy":3,"parked":0}`)
	u.err = errors.New("the database is gone")
	knocks("GET", "/_rest", "the database is gone")
	knocks("POST", "/_undo", "the database is gone")
}
