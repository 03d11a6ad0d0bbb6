package compat_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/compat"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

func build(t *testing.T, text string) *contract.System {
	t.Helper()
	return contractOf(t, text)
}

// contractOf is the contract of a model.
func contractOf(t testing.TB, text string) *contract.System {
	t.Helper()
	sys, bad := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(text)}}, "esgen.yaml")
	m, more := check.System(sys)
	bad.Merge(more)
	for _, d := range bad.Sorted() {
		if d.Severity == diag.Error {
			t.Fatalf("%s: %s", d.Pos, d.Message)
		}
	}
	return contract.Build(m)
}

// bank has what the shop does not: aggregates that are folded from their
// events, versions of events, orchestrated stories, webhooks.
const bank = `
esgen: v1
system: bank
types:
  Node: {fields: {name: string, parts: list(Node)}}
actors: {Owner: {}}
externals:
  Card: {events: {Settled: {http: POST /webhooks/card, fields: {accountId: id, amount: decimal}}}}
contexts:
  ledger:
    aggregates:
      Account:
        persistence: events
        state: {balance: decimal, tree: optional(Node)}
        commands:
          Open: {actor: Owner, creates: true, input: {tree: optional(Node)}, emit: [{event: Opened, with: {balance: "0"}}]}
          Deposit: {actor: Owner, input: {amount: decimal}, emit: [Deposited]}
          Debit: {input: {amount: decimal}, emit: [Debited]}
        events:
          Opened: {fields: [balance, tree]}
          Deposited: {fields: {amount: decimal}, apply: {balance: state.balance + event.amount}, versions: {1: {fields: {won: int}, upcast: {amount: decimal(old.won)}}}}
          Debited: {fields: {amount: decimal}, apply: {balance: state.balance - event.amount}, visibility: private}
    policies:
      Settle: {whenever: Card.Settled, then: Account.Deposit, target: event.accountId}
  transfer:
    aggregates:
      Transfer:
        state: {accountId: id, amount: decimal}
        commands:
          Ask: {actor: Owner, creates: true, input: {accountId: id, amount: decimal}, emit: [Asked]}
          Finish: {emit: [Finished]}
        events: {Asked: {fields: [accountId, amount]}, Finished: {}}
    sagas:
      Move:
        startedBy: Transfer.Asked
        steps:
          - {do: ledger.Debit, target: event.accountId, with: {amount: event.amount}}
          - {do: Transfer.Finish, target: event.transferId}
`

func TestBank(t *testing.T) {
	was := build(t, bank)
	for name, c := range map[string]struct {
		edit []edit
		want []string
	}{
		"nothing": {nil, nil},
		"a webhook comes elsewhere": {[]edit{{"POST /webhooks/card", "POST /card"}},
			[]string{"breaking webhook: Card"}},
		"a webhook must bring more": {[]edit{{"{accountId: id, amount: decimal}}}}", "{accountId: id, amount: decimal, at: time}}}}"}},
			[]string{"breaking webhook: Card", "compatible payload ledger"}},
		"a webhook is gone": {[]edit{{"Settled: {http: POST /webhooks/card, fields", "Paid: {http: POST /webhooks/card, fields"}, {"Card.Settled", "Card.Paid"}},
			[]string{"breaking history ledger: ledger (policy Settle)", "breaking webhook: Card", "unused event ledger"}},
		"an aggregate of events is stored as its state": {[]edit{{"        persistence: events\n", ""}},
			[]string{"breaking stored ledger: ledger (aggregate Account)"}},
		"an event that accounts are made of is gone": {[]edit{{", emit: [Deposited]", ", emit: [Opened]"}, {"          Deposited: {fields: {amount: decimal}, apply: {balance: state.balance + event.amount}, versions: {1: {fields: {won: int}, upcast: {amount: decimal(old.won)}}}}\n", ""}},
			[]string{"breaking reply ledger: Owner", "breaking stored ledger: ledger (aggregate Account)", "compatible reply ledger", "compatible reply ledger", "unclear emit ledger: Owner", "unused event ledger"}},
		"a private event of an account says something else": {[]edit{{"Debited: {fields: {amount: decimal}", "Debited: {fields: {amount: int}"}, {"Debit: {input: {amount: decimal}, emit: [Debited]", "Debit: {input: {amount: decimal}, emit: [{event: Debited, with: {amount: \"1\"}}]"}},
			[]string{"breaking history ledger: ledger (aggregate Account)", "breaking type ledger: Owner", "unused type ledger"}},
		"a private event of an account is renamed": {[]edit{{"Debited", "Taken"}},
			[]string{"breaking history ledger: ledger (aggregate Account)"}},
		"a step's command takes something else": {[]edit{{"Debit: {input: {amount: decimal}", "Debit: {input: {sum: decimal}"}, {"emit: [Debited]", "emit: [{event: Debited, with: {amount: input.sum}}]"}, {"with: {amount: event.amount}}", "with: {sum: event.amount}}"}},
			[]string{"breaking input ledger: transfer (saga Move)", "breaking input ledger: transfer (saga Move)", "compatible order transfer"}},
		"a version is taken back": {[]edit{{", versions: {1: {fields: {won: int}, upcast: {amount: decimal(old.won)}}}", ""}},
			[]string{"breaking history ledger: ledger (aggregate Account)", "unused version ledger"}},
		"a field of a type that holds itself": {[]edit{{"Node: {fields: {name: string, parts", "Node: {fields: {name: int, parts"}},
			[]string{"breaking history ledger: ledger (aggregate Account)", "breaking type ledger: Owner", "breaking type ledger: Owner"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := change{edit: c.edit}.edited(t, bank)
			var got []string
			for _, f := range compat.Compare(was, build(t, text)).Findings {
				got = append(got, brief(f))
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What has another name is recognised where it looks the same, and that is
// said.
func TestRenamesAreSaid(t *testing.T) {
	for does, want := range map[string]string{
		"a command is renamed, and its default route with it": "command Revoke, which seems to be command CancelOrder by another name",
		"an event is renamed":                      "event OrderPlaced is gone and seems to be OrderMade now",
		"a field of an event is renamed":           "price of event ProductRepriced is gone and seems to be newPrice now",
		"an input field is renamed":                "input quantity of command Reserve is gone and seems to be amount now",
		"a context is renamed that others rely on": "context product seems to be goods now",
		"an aggregate is renamed":                  "the instances of Product, which seems to be Article now",
	} {
		r := compat.Compare(build(t, base(t)), build(t, named(t, does).edited(t, base(t))))
		if !slices.ContainsFunc(r.Findings, func(f compat.Finding) bool { return strings.HasPrefix(f.What, want) }) {
			t.Errorf("%s: nothing says %q", does, want)
		}
	}
}

// Every finding of the table has what a reader needs: a rule that the page
// knows, a reason, a place, and a way out where somebody is hurt.
func TestFindingsAreWhole(t *testing.T) {
	known := map[rule.ID]bool{}
	for _, r := range compat.Rules() {
		known[r.ID] = true
	}
	was := build(t, base(t))
	for _, c := range changes {
		for _, f := range compat.Compare(was, build(t, c.edited(t, base(t)))).Findings {
			switch {
			case !known[f.Rule], f.What == "", f.Why == "", !f.Pos.IsValid(),
				f.Verdict == compat.Breaking && (len(f.Consumers) == 0 || f.How() == "" || !f.Old.IsValid()),
				strings.HasPrefix(f.Old.Path(), "is/"):
				t.Errorf("%s: %+v", c.does, f)
			}
		}
	}
}
