package pact

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/values"
)

const asking = `{
  "consumer": {"name": "front"}, "provider": {"name": "pay"}, "metadata": {"pactSpecification": {"version": "4.0"}},
  "interactions": [
    {
      "type": "Synchronous/HTTP", "description": "approved",
      "comments": {"text": ["command PlaceOrder"], "client": "Order.PlaceOrder.payment", "optional": ["$.note", "$.parts"], "open": ["$.status"], "maps": ["$.rates"]},
      "request": {"method": "POST", "path": "/internal/commands/payment/approve",
        "headers": {"Content-Type": ["application/json"], "Esgen-Actor": ["kim"], "Esgen-Actor-Roles": ["a,b%2Cc"]},
        "body": {"content": {"amount": "10"}, "contentType": "application/json", "encoded": false}},
      "response": {"status": 201, "headers": {"Content-Type": ["application/json"]},
        "body": {"content": {"paymentId": "p", "status": "Approved", "note": "n", "parts": [{"n": 1}], "rates": {"Car": "2"}}, "contentType": "application/json", "encoded": false}}
    },
    {
      "type": "Synchronous/HTTP", "description": "declined", "comments": {"client": "Order.PlaceOrder.payment"},
      "request": {"method": "POST", "path": "/internal/commands/payment/approve", "body": {"content": {"amount": "10"}, "contentType": "application/json", "encoded": false}},
      "response": {"status": 422, "body": {"content": {"code": "CardDeclined"}, "contentType": "application/problem+json", "encoded": false}}
    },
    {
      "type": "Synchronous/HTTP", "description": "undone", "comments": {"client": "Order.PlaceOrder.payment.undo"},
      "request": {"method": "POST", "path": "/internal/commands/payment/approve", "body": {"content": {"amount": "10"}, "contentType": "application/json", "encoded": false}},
      "response": {"status": 200}
    }
  ]
}`

// pay is a client as they are generated.
type pay struct{ approve *client.Dependency }

type approval struct {
	Amount values.Decimal `json:"amount"`
}

type approved struct {
	PaymentID values.ID `json:"paymentId"`
	Status    string    `json:"status"`
	Note      *string   `json:"note,omitempty"`
	Parts     []struct {
		N int64 `json:"n"`
	} `json:"parts,omitempty"`
	Rates map[string]values.Decimal `json:"rates,omitempty"`
}

func newPay(url string, o client.Options) (*pay, error) {
	d, err := client.New("pay", url, client.Policy{}, o)
	return &pay{d}, err
}

const approvePath = "/internal/commands/payment/approve"

func (p *pay) Approve(ctx context.Context, call command.Cause, ask approval) (approved, error) {
	return client.Command[approved](ctx, p.approve, approvePath, ask, call)
}

func (p *pay) Undo(ctx context.Context, intent command.Intent) error {
	_, err := client.Command[struct{}](ctx, p.approve, approvePath, intent.Payload, command.Cause{Key: intent.UndoKey()})
	return err
}

// strict is a client that knows every value of the enum, or so it thinks.
func (p *pay) Strict(ctx context.Context, call command.Cause, ask approval) (strictly, error) {
	return client.Command[strictly](ctx, p.approve, approvePath, ask, call)
}

type strictly struct {
	approved
	Status onlyApproved `json:"status"`
}

type onlyApproved string

func (s *onlyApproved) UnmarshalText(text []byte) error {
	if string(text) != "Approved" {
		return values.Reject(values.Malformed, "unknown", "no such status")
	}
	*s = onlyApproved(text)
	return nil
}

// blind is a client that looks for the id under another name.
func (p *pay) Blind(ctx context.Context, call command.Cause, ask approval) (map[string]json.RawMessage, error) {
	reply, err := client.Command[map[string]json.RawMessage](ctx, p.approve, approvePath, ask, call)
	delete(reply, "paymentId")
	return reply, err
}

// wrong is a client that asks for something else.
func (p *pay) Wrong(ctx context.Context, call command.Cause, ask approval) (approved, error) {
	ask.Amount = values.Int(11)
	return client.Command[approved](ctx, p.approve, approvePath, ask, call)
}

func interactions(t *testing.T) []*Interaction {
	t.Helper()
	f, err := Read([]byte(asking))
	if err != nil {
		t.Fatal(err)
	}
	return f.Interactions
}

// A generated client understands all answers that its contract promises, and
// those of another day.
func TestClients(t *testing.T) {
	list := interactions(t)
	for n, ask := range []Client{Ask(newPay, (*pay).Approve), Ask(newPay, (*pay).Approve), Undo(newPay, (*pay).Undo)} {
		for _, v := range list[n].variants() {
			t.Run(list[n].Description+"/"+v.name, func(t *testing.T) { v.Interaction.understood(t, ask) })
		}
	}
}

// What a client does not understand is told.
func TestClientsThatDoNotUnderstand(t *testing.T) {
	for name, c := range map[string]struct {
		ask  Client
		of   int
		want string // of the variant that fails; "": none
		says string
	}{
		"a value that it does not know": {Ask(newPay, (*pay).Strict), 0, "with values nobody knows", "could not be read"},
		"a field under another name":    {Ask(newPay, (*pay).Blind), 0, "as it is", "is taken for"},
		"another question":              {Ask(newPay, (*pay).Wrong), 0, "as it is", `$.amount: expected "10", got "11"`},
		"a refusal taken for an answer": {func(context.Context, string, *Request) (any, error) { return nil, nil }, 1, "as it is", "422 with the code CardDeclined is taken for"},
	} {
		t.Run(name, func(t *testing.T) {
			found := false
			for _, v := range interactions(t)[c.of].variants() {
				watched := &silent{TB: t}
				v.Interaction.understood(watched, c.ask)
				if said := watched.end(); v.name == c.want {
					found = true
					if !strings.Contains(said, c.says) {
						t.Errorf("%s: it says %q", v.name, said)
					}
				}
			}
			if !found {
				t.Errorf("there is no %q", c.want)
			}
		})
	}
}

// Variants are what a provider of another day may say.
func TestVariants(t *testing.T) {
	got := map[string]any{}
	for _, v := range interactions(t)[0].variants() {
		var body any
		if err := json.Unmarshal(v.body().Data, &body); err != nil {
			t.Fatal(err)
		}
		got[v.name] = body
	}
	more := map[string]any{"since": "today"}
	want := map[string]any{
		"as it is": map[string]any{
			"paymentId": "p", "status": "Approved", "note": "n", "parts": []any{map[string]any{"n": 1.0}}, "rates": map[string]any{"Car": "2"},
		},
		"with more than is known": map[string]any{
			"paymentId": "p", "status": "Approved", "note": "n", "parts": []any{map[string]any{"n": 1.0, "unknownUntilToday": more}},
			"rates": map[string]any{"Car": "2"}, "unknownUntilToday": more,
		},
		"without what may be left out": map[string]any{"paymentId": "p", "status": "Approved", "rates": map[string]any{"Car": "2"}},
		"with values nobody knows": map[string]any{
			"paymentId": "p", "status": neverHeard, "note": "n", "parts": []any{map[string]any{"n": 1.0}}, "rates": map[string]any{"Car": "2"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Who asks is read from the headers as a service reads it.
func TestActor(t *testing.T) {
	want := values.Actor{Subject: "kim", Roles: []string{"a", "b,c"}}
	if diff := cmp.Diff(want, interactions(t)[0].Request.actor()); diff != "" {
		t.Error(diff)
	}
}
