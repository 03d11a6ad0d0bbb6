package aggregate

import (
	"fmt"
	"testing"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

func TestWithout(t *testing.T) {
	for _, c := range []struct{ path, of, want string }{
		{"note", `{"note":"x","n":1}`, `{"n":1}`},
		{"note", `{"n":12345678901234567890.10}`, `{"n":12345678901234567890.10}`},
		{"items[].note", `{"items":[{"note":"x","n":1},{"n":2}],"note":3}`, `{"items":[{"n":1},{"n":2}],"note":3}`},
		{"items[].note", `{"items":null}`, `{"items":null}`},
		{"items[].note", `{"items":"odd"}`, `{"items":"odd"}`},
		{"prices{}.from", `{"prices":{"a":{"from":1,"to":2},"from":{"to":3}}}`, `{"prices":{"a":{"to":2},"from":{"to":3}}}`},
		{"all{}[].at.x", `{"all":{"a":[{"at":{"x":1,"y":2}}]}}`, `{"all":{"a":[{"at":{"y":2}}]}}`},
		{"x[][]", `{"x":[[1],[2]]}`, `{"x":[[1],[2]]}`},
	} {
		got, err := without([]byte(c.of), split(c.path))
		if err != nil || string(got) != c.want {
			t.Errorf("%s without %s: %s %v, want %s", c.of, c.path, got, err, c.want)
		}
	}
}

func TestMembersAreForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r := prepare(t, db, accounts())
		const many = rewriteBatch + 3
		for n := range many {
			_, err := r.Run(ctx, command.Request{Name: "Open", ID: values.ID(fmt.Sprint("a", n)), Mode: values.New}, opens(fmt.Sprint("n", n)))
			must(t, err)
		}
		must(t, db.Migrate(ctx, store.Migration{Number: 1, Name: "forget", Steps: []store.Step{ForgetMembers("accounts", "number", "nothing.at[].all"), ForgetMembers("nowhere", "number")}}))
		var left int
		must(t, db.QueryRow(ctx, "SELECT COUNT(*) FROM accounts WHERE CAST(_doc AS TEXT) LIKE '%number%'").Scan(&left))
		if left != 0 {
			t.Errorf("%d have a number", left)
		}
		for _, id := range []values.ID{"a0", values.ID(fmt.Sprint("a", many-1))} {
			instance, err := r.Load(ctx, id)
			if err != nil || instance.State.Owner != "o1" || instance.State.Number != "" {
				t.Errorf("%s: %+v, %v", id, instance.State, err)
			}
		}
	})
}

func TestEventsSayAMemberByAnotherName(t *testing.T) {
	onBoth(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r := prepare(t, db, sourced(accounts()))
		for range 2 {
			_, err := r.Run(ctx, command.Request{Name: "Open", ID: "a1", Mode: values.New}, opens("n1"))
			if err == nil {
				deposit(t, r, "1")
			}
			must(t, db.Migrate(ctx, store.Migration{Number: 1, Name: "called", Steps: []store.Step{AlsoCalled("accounts_events", "accountId", "id")}}))
			var said int
			must(t, db.QueryRow(ctx, `SELECT COUNT(*) FROM accounts_events WHERE CAST(data AS TEXT) LIKE '%"id"%a1%'`).Scan(&said))
			if said != 2 {
				t.Errorf("%d events say it", said)
			}
		}
	})
}
