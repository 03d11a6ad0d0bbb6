package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testsample"
)

const bulletinModel = "../../testdata/models/bulletin/esgen.yaml"

var (
	bulletinClerk = actor{"lee", "clerk"}
	bulletinOwner = actor{"kim", "owner"}
)

// A service in Python is killed at any moment while events come: every event has
// its effect, and none has two.
func TestPythonIsKilled(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3")
	}
	seed := testsample.Seed(t)
	onBoth(t, build(t, bulletinModel, nil), func(t *testing.T, opts devrun.Options) {
		s := started(t, opts)
		const parcels, moves = 20, 4
		desk, notices := s.services["desk"], s.services["notices"]
		var work sync.WaitGroup
		work.Go(func() {
			for p := range parcels {
				registered := request{who: bulletinClerk, route: "POST /parcels", body: fmt.Sprintf(
					`{"parcelId":"p%d","ownerId":"kim","phone":"010-1234-5678","weight":"%d.5","at":{"city":"c%d"},"labels":{}}`, p, p+1, p%3)}
				try(t, desk, registered)
				for range moves {
					try(t, desk, request{who: bulletinClerk, route: fmt.Sprintf("POST /parcels/p%d/move", p), body: `{"to":{"city":"Seoul"}}`})
				}
			}
		})
		r := rand.New(rand.NewPCG(seed, 0))
		for range 8 {
			moment, end := context.WithTimeout(t.Context(), time.Duration(r.IntN(400))*time.Millisecond)
			<-moment.Done() // any one
			end()
			if err := s.Stop("notices", true); err != nil {
				t.Fatal(err)
			}
			notices.start(t)
		}
		work.Wait()
		for p := range parcels {
			cities := []any{fmt.Sprint("c", p%3), "Seoul", "Seoul", "Seoul", "Seoul"}
			notices.becomes(t, bulletinOwner, fmt.Sprintf("GET /views/notices/p%d", p), map[string]any{"moves": float64(moves), "cities": cities})
		}
		notices.becomes(t, bulletinClerk, "GET /views/cities/c0", map[string]any{"parcels": float64(7), "total": "73.5"})
		eventually(t, "all messages", func() error {
			told := map[string]map[string]any{}
			for _, call := range s.calls(t, "Sms.send", "phone", "010-1234-5678") {
				key, input := fmt.Sprint(call["key"]), call["input"].(map[string]any)
				if told[key] != nil && !reflect.DeepEqual(told[key], input) {
					t.Fatalf("%s asks for %v, and for %v", key, told[key], input) // again after a crash, it is for the same
				}
				told[key] = input
			}
			if want := parcels * (1 + moves); len(told) != want {
				return fmt.Errorf("%d messages, want %d", len(told), want)
			}
			return nil
		})
	})
}

func try(t *testing.T, p *process, r request) {
	t.Helper()
	if a, err := p.try(t.Context(), r); err != nil || a.status >= 300 {
		t.Errorf("%s: %d %s %v", r.route, a.status, a.text, err)
	}
}

// A service in Python passes the tests that are generated with it: the scenarios of
// its model, and the contracts that it has with others.
func TestPythonPassesItsTests(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3")
	}
	opts := generate(t, bulletinModel)
	dir, env := filepath.Join(opts.Dir, "services", "notices"), t.TempDir()
	for _, step := range [][]string{
		{"python3", "-m", "venv", env},
		{filepath.Join(env, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "-r", "requirements-test.txt"},
		{filepath.Join(env, "bin", "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"},
	} {
		cmd := exec.CommandContext(t.Context(), step[0], step[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", step, err, out)
		}
	}
}
