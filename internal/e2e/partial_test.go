package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/templates/testkit/live"
)

const undecidedModel = "testdata/undecided/esgen.yaml"

// TestPartial has built, tested and run what is left of a model that knows what may
// come of a command and not yet when (esgen generate --partial): without the command,
// and with all that refers to it as far as it can be done.
func TestPartial(t *testing.T) {
	testsample.Drawn(t, undecidedModel, 2, models...)
	opts := generateInto(t, filepath.Join(home, "undecided"), undecidedModel)
	packages := []string{"./services/desk/...", "./services/bank/...", "./gateway/...", "./standins/...", "./e2e/..."}
	goes(t, opts.Dir, nil, append([]string{"vet", "-tags=e2e"}, packages...)...)
	goes(t, opts.Dir, nil, append([]string{"test"}, packages...)...)
	opts.Doors = true
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Fatal(err)
	}
	s := started(t, opts)
	desk, bank, outside := s.services["desk"], s.services["bank"], s.outside()
	ann, carl := actor{"ann", "applicant"}, actor{"carl", "clerk"}
	for route, id := range map[string]string{"POST /desk/requests": "r1", "POST /ask": "r2"} {
		outside.ask(t, ann, 201, route, `{"requestId": "`+id+`", "applicant": "ann", "amount": 5000}`)
		eventually(t, "a mail", func() error {
			if got := s.calls(t, "Mail.send", "to", id); len(got) != 1 {
				return fmt.Errorf("%d mails", len(got))
			}
			return nil
		})
		desk.becomes(t, carl, "GET /views/requests/"+id, map[string]any{"amount": "5000", "granted": false})
	}
	for _, p := range []struct {
		process *process
		route   string
	}{
		{desk, "PUT /requests/r1/review"}, {outside, "PUT /desk/requests/r1/review"}, {outside, "POST /review/r1"},
	} {
		p.process.ask(t, carl, http.StatusNotFound, p.route, `{"why": "good"}`)
	}
	// Who asks for what is not there comes to nothing, and nothing stays of it.
	if a := bank.do(t, request{who: carl, route: "POST /grants", body: `{"loanId": "l1", "requestId": "r1", "amount": 5}`}); a.status < 400 {
		t.Errorf("it was granted: %s", a.text)
	}
	bank.ask(t, carl, http.StatusNotFound, "GET /loans/l1", "")
	bank.ask(t, carl, http.StatusCreated, "POST /loans", `{"loanId": "l2", "requestId": "r3", "amount": 5}`)
	desk.ask(t, ann, 200, "GET /requests/r3", "").has(t, map[string]any{"applicant": "r3"})
	desk.ask(t, ann, 200, "POST /requests/r2/withdraw", "")
	desk.gone(t, carl, "GET /views/requests/r2")
	for _, p := range s.services {
		if parked := p.parked(t); len(parked) > 0 {
			t.Errorf("%s: %v", p.name, parked)
		}
	}

	table := testsystem.Plan(t, opts.System.Model).Table
	player, err := live.Open(t.Context(), s.Live(), table)
	if err != nil {
		t.Fatal(err)
	}
	defer player.Close()
	for i := range table.Scenarios {
		x := &table.Scenarios[i]
		lacks := player.Lacks(x)
		if (lacks == "") != (x.Name == "It is noted") {
			t.Errorf("%s lacks %q", x.Name, lacks)
		}
		if lacks != "" {
			continue
		}
		if failures, err := player.Play(t.Context(), x); err != nil || len(failures) > 0 {
			t.Errorf("%s: %v %+v", x.Name, err, failures)
		}
	}
}
