package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/values"
)

// question is what somebody asks by hand: less than the service says.
type question struct {
	Order string `json:"orderId"`
}

// said is what is answered by hand: more than the service reads.
type said struct {
	PaymentID string `json:"paymentId"`
	Fee       int64  `json:"fee"`
}

type heard struct {
	PaymentID string `json:"paymentId"`
}

func TestByHand(t *testing.T) {
	t.Parallel()
	refused := values.Reject(values.Rule, "CardDeclined", "no money")
	for _, c := range []struct {
		name  string
		fails []error // one after the other; then it answers
		asked int
		want  error
		none  bool // nobody has answered, and it may go away by itself
	}{
		{name: "it answers", asked: 1},
		{name: "it refuses", fails: []error{refused}, asked: 1, want: refused},
		{name: "trouble goes away", fails: []error{errors.New("broken pipe")}, asked: 2},
		{name: "trouble stays", fails: []error{errors.New("one"), errors.New("two"), errors.New("three")}, asked: 2, none: true},
		{name: "it takes too long", fails: []error{context.DeadlineExceeded, context.DeadlineExceeded}, asked: 2, want: context.DeadlineExceeded, none: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			by := func(_ context.Context, url string, q question, key string) (said, error) {
				if asked++; url != "http://pay:1" || q.Order != "o-1" || key != "k" {
					t.Errorf("asked %v at %s by %s", q, url, key)
				}
				if asked <= len(c.fails) {
					return said{}, c.fails[asked-1]
				}
				return said{"p-1", 3}, nil
			}
			d := dependency(t, "http://pay:1", client.Policy{Attempts: 2})
			got, err := client.ByHand[heard](t.Context(), d, "POST", "/pay", by, approve{Order: "o-1", Amount: values.Int(7)}, command.Cause{Key: "k"})
			if asked != c.asked || client.IsTechnical(err) != c.none || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("asked %d times: %v", asked, err)
			}
			if c.want == nil && !c.none && (err != nil || got.PaymentID != "p-1") {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// What answers nothing is asked by hand, too; and where others are made up, all is asked
// as the model says.
func TestByHandPlainly(t *testing.T) {
	t.Parallel()
	done := 0
	by := client.Done(func(context.Context, string, question, string) error { done++; return nil })
	d := dependency(t, "http://pay:1", client.Policy{})
	if _, err := client.ByHand[struct{}](t.Context(), d, "POST", "/pay", by, approve{Order: "o-1"}, command.Cause{}); err != nil || done != 1 {
		t.Error(err, done)
	}
	pay := newCallee(t, says(http.StatusOK, `{"paymentId":"p-2"}`))
	plain, err := client.New("pay", pay.URL, client.Policy{}, client.Options{Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.ByHand[heard](t.Context(), plain, "POST", "/pay", by, approve{Order: "o-1"}, command.Cause{})
	if err != nil || got.PaymentID != "p-2" || done != 1 || pay.count() != 1 {
		t.Error(got, err, done)
	}
}
