package proof_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/esgen/esgen/internal/plan/proof"
	"github.com/esgen/esgen/internal/testsystem"
)

// told is what is looked at here of what histories are told.
type told struct {
	Commands []struct {
		Name   string
		Self   bool
		Fields []struct {
			Name string
			Type struct{ Kind string }
		}
	}
	Sagas []struct {
		Name  string
		Steps []struct{ Undo, There, Pivot bool }
	}
	Calls []struct {
		Service, Operation, Name string
		Events                   []string
		Exact                    bool
	}
	Played struct{ Scenarios []struct{ Name string } }
}

func of(t *testing.T, model string) (s told) {
	t.Helper()
	p := testsystem.Plan(t, testsystem.Load(t, "../../../"+model))
	text, err := proof.System(p.System, p.Table)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Whose id an instance and a field must be is told, and where a step is undone.
func TestSystem(t *testing.T) {
	s := of(t, "examples/ftgo")
	for _, c := range s.Commands {
		if self := c.Name == "Consumer.RegisterConsumer" || c.Name == "Courier.NoteAvailability"; c.Self != self {
			t.Errorf("%s: its instance has the id of whoever gives it: %v", c.Name, c.Self)
		}
		for _, f := range c.Fields {
			if c.Name == "Order.CreateOrder" && f.Name == "consumerId" && f.Type.Kind != "person" {
				t.Errorf("who orders is a %s", f.Type.Kind)
			}
		}
	}
	if len(s.Played.Scenarios) == 0 {
		t.Error("no scenario is told")
	}
	haulage := of(t, "testdata/models/haulage").Sagas[0].Steps
	there := []bool{true, false, false, true, false, false, false, false}
	for i, step := range haulage {
		if step.There != there[i] {
			t.Errorf("step %d is undone where it is done: %v", i+1, step.There)
		}
	}
}

// A call that is undone when it was in vain is told with the event that tells of it.
func TestCalls(t *testing.T) {
	calls := of(t, "examples/fooddelivery").Calls
	if len(calls) != 1 || calls[0].Service != "pay" || calls[0].Name != "payment" || !slices.Equal(calls[0].Events, []string{"front.order.OrderPlaced"}) || !calls[0].Exact {
		t.Errorf("%+v", calls)
	}
	calls = of(t, "examples/ftgo").Calls
	if len(calls) != 1 || calls[0].Operation != "Stripe/authorize" || !slices.Equal(calls[0].Events, []string{"accounting.account.CardAuthorized", "accounting.account.AuthorizationRevised"}) {
		t.Errorf("%+v", calls)
	}
}
