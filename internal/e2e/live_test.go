package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/templates/testkit/live"
)

// callsModel is that of the interpreter: who is asked is down, slow, or says no.
const callsModel = "../sim/testdata/calls/esgen.yaml"

// TestLive plays scenarios on systems that run: timers and what they look back at,
// clocks of other zones, sagas, what external systems tell by webhooks and in topics,
// tokens with claims, and services that are stopped. All hold, on the embedded broker
// and databases, and on real ones.
func TestLive(t *testing.T) {
	for _, model := range []string{
		"../../testdata/models/launderette/esgen.yaml", "../../testdata/models/journey/esgen.yaml", newsstandModel, depotModel, bulletinModel,
		"../../testdata/models/workshop/esgen.yaml", "../../testdata/models/classes/esgen.yaml", "../../testdata/models/every-construct/esgen.yaml", choreographyModel, callsModel,
		foodModel, "../../examples/library/esgen.yaml", "../../examples/twelvestreet/esgen.yaml", "../../examples/healthstore/esgen.yaml", accountModel, ftgoModel,
	} {
		t.Run(filepath.Base(filepath.Dir(model)), func(t *testing.T) {
			testsample.Drawn(t, model, 2, models...)
			opts := withDoors(t, model, "", nil)
			onBoth(t, opts, holds)
		})
	}
}

// Scenarios notice that a service does something else than the model says: a hand
// that slipped in generated code.
func TestLiveNotices(t *testing.T) {
	const decided = "services/machines/internal/domain/wash/state.go"
	opts := withDoors(t, "../../testdata/models/launderette/esgen.yaml", decided, func(text string) string {
		wrong := strings.Replace(text, "next.Phase = types.PhaseStored", "next.Phase = types.PhaseDone", 1)
		if wrong == text {
			t.Fatalf("%s has changed:\n%s", decided, text)
		}
		return wrong
	})
	failures := played(t, opts)
	if len(failures) == 0 {
		t.Error("no scenario notices it")
	}
	const scenario = "A wash ends by itself, and is put away when nobody comes for it"
	found := failures[scenario]
	if len(found) == 0 || found[0].At.File != "scenarios.yaml" || found[0].Expected != "Wash {washId: w1, phase: Stored}" || !strings.Contains(found[0].Actual, "phase: Done") {
		t.Errorf("%s: %+v", scenario, found)
	}
	if found := failures["What is collected is not put away"]; len(found) > 0 {
		t.Errorf("this is as it was: %+v", found)
	}
}

// holds plays all scenarios, which hold.
func holds(t *testing.T, opts devrun.Options) {
	for name, failures := range played(t, opts) {
		for _, f := range failures {
			t.Errorf("%s\n%s: %s\nexpected:\n%s\nactual:\n%s\nchain:\n%s", name, f.At, f.Message, f.Expected, f.Actual, f.Chain)
		}
	}
}

// played are the failures of the scenarios, by their names, on a system that is
// built.
func played(t *testing.T, opts devrun.Options) map[string][]live.Failure {
	t.Helper()
	s := started(t, opts)
	table := testsystem.Plan(t, opts.System.Model).Table
	player, err := live.Open(t.Context(), s.Live(), table)
	if err != nil {
		t.Fatal(err)
	}
	defer player.Close()
	out := map[string][]live.Failure{}
	for i := range table.Scenarios {
		failures, err := player.Play(t.Context(), &table.Scenarios[i])
		if err != nil {
			t.Fatalf("%s: %v", table.Scenarios[i].Name, err)
		}
		if len(failures) > 0 {
			out[table.Scenarios[i].Name] = failures
		}
	}
	return out
}

// withDoors builds the system of a model with the doors of tests, after a change
// to one of its files; nil: as it is. All are built in one place: what was not
// changed is compiled once.
func withDoors(t *testing.T, modelFile, changed string, change func(text string) string) devrun.Options {
	t.Helper()
	opts := generateInto(t, filepath.Join(home, "live", filepath.Base(filepath.Dir(modelFile))), modelFile)
	opts.Doors, opts.Auth = true, devrun.AuthJWT
	if change != nil {
		path := filepath.Join(opts.Dir, changed)
		data, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, []byte(change(string(data))), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Fatal(err)
	}
	return opts
}
