package sim_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/sim"
)

// What an external system answers that nobody has scripted is what the
// stand-in of the generated system answers.
func TestUsualRepliesAreThoseOfTheStandIn(t *testing.T) {
	m := load(t, "testdata/replies/esgen.yaml")
	p, err := plan.Build(m)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.System.Externals) != 1 || len(p.System.Externals[0].Operations) != 1 {
		t.Fatal("there is not one operation")
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(p.System.Externals[0].Operations[0].Reply), &want); err != nil {
		t.Fatal(err)
	}
	got := sim.UsualReply(m.Externals[0].Operations[0])
	if diff := cmp.Diff(want, inJSON(got)); diff != "" {
		t.Error(diff)
	}
}

// inJSON is a value as generated services write it.
func inJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = inJSON(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = inJSON(x)
		}
		return out
	case int64:
		return float64(v)
	case bool, nil:
		return v
	case time.Time:
		return v.Format(time.RFC3339)
	}
	return sim.Show(v)
}

// Who takes as long as is waited for is too slow; who takes any less is not.
func TestAsSlowAsIsWaitedFor(t *testing.T) {
	m := load(t, "testdata/calls/esgen.yaml")
	buy := command(t, m, "Order", "BuyByCharge") // its call has the two seconds of the bank
	charge := m.Externals[0].Operations[0]
	for _, x := range []struct {
		slow time.Duration
		want string
	}{{2*time.Second - time.Microsecond, ""}, {2 * time.Second, "upstream-timeout"}} {
		w := sim.New(m, noon)
		w.Script(&sim.Double{Operation: charge, Reply: map[string]any{"approved": true}, Slow: x.slow})
		out := w.Do(sim.Request{Command: buy, Input: map[string]any{"total": decimal.NewFromInt(10)}, Actor: "b1", Roles: []string{"buyer"}})
		if out.Rejected != x.want {
			t.Errorf("after %v: %q, want %q", x.slow, out.Rejected, x.want)
		}
	}
}
