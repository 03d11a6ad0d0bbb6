package devrun_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/devrun"
)

func TestServicesAreToldWhereEverythingIs(t *testing.T) {
	t.Parallel()
	opts := options(t)
	s := start(t, opts)
	for name, want := range map[string]string{
		"HTTP_ADDR":     strings.TrimPrefix(s.Addr("front"), "http://"),
		"INTERNAL_ADDR": strings.TrimPrefix(s.Internal("front"), "http://"),
		"DATABASE_URL":  "sqlite:" + filepath.Join(opts.Dir, ".esgen", "data", "front.db"),
		"KAFKA_BROKERS": s.Broker().Addr(),
		"AUTH":          "jwt",
		"OIDC_ISSUER":   s.Issuer(),
		"OIDC_AUDIENCE": "shop",
		"PAY_URL":       s.Internal("pay"),
		"KAKAO_URL":     s.Standins(),
	} {
		if _, got, _ := get(t, s.Addr("front")+"/env/"+name); got != want || want == "" {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestGatewayIsToldWhereEverythingIs(t *testing.T) {
	t.Parallel()
	opts := options(t)
	s := start(t, opts)
	for name, want := range map[string]string{
		"FRONT_URL": s.Addr("front"), "PAY_URL": s.Addr("pay"), "AUTH": "jwt", "OIDC_ISSUER": s.Issuer(),
		"UPSTREAMS_FILE": filepath.Join(opts.Dir, ".esgen", "upstreams"), "DATABASE_URL": "", "KAFKA_BROKERS": "",
	} {
		if _, got, _ := get(t, s.Addr(devrun.Gateway)+"/env/"+name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if want := strings.Replace(s.Addr(devrun.Gateway), "127.0.0.1", "localhost", 1); s.URL() != want {
		t.Errorf("the gateway is at %s, want %s", s.URL(), want)
	}
}

func TestDesk(t *testing.T) {
	t.Parallel()
	s := start(t, options(t))
	for _, test := range []struct {
		path, header string
		status       int
		want         string
	}{
		{"/", "", 200, "The <Shop> is running at " + s.URL()},
		{"/", "Accept: text/html,*/*", 200, "The &lt;Shop&gt; is running at " + s.URL()},
		{"/.well-known/openid-configuration", "", 200, `"issuer":"` + s.Issuer() + `"`},
		{"/jwks.json", "", 200, `"kty":"OKP"`},
		{"/nothing", "", 404, ""},
	} {
		status, body, _ := get(t, s.Desk()+test.path, test.header)
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("GET %s (%s): %d %s; want %d %s", test.path, test.header, status, body, test.status, test.want)
		}
	}
	opts := options(t)
	opts.Auth = devrun.AuthDev
	s = start(t, opts)
	if status, _, _ := get(t, s.Desk()+"/jwks.json"); status != 404 || s.Issuer() != "" {
		t.Errorf("there is an issuer, though headers are believed: %d", status)
	}
	if _, got, _ := get(t, s.Addr("front")+"/env/AUTH"); got != "dev" {
		t.Errorf("AUTH is %q", got)
	}
	if _, err := s.Token("c-1", "customer"); err == nil {
		t.Error("there are tokens, though headers are believed")
	}
}

// Tests of the tree know by a file that the system runs, and where: as long as it
// does.
func TestTestsAreToldWhileItRuns(t *testing.T) {
	t.Parallel()
	opts := options(t)
	file := filepath.Join(opts.Dir, ".esgen", "e2e.env")
	if err := os.WriteFile(file, []byte("E2E_GATEWAY=http://127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, opts) // without doors
	if text, err := os.ReadFile(file); err == nil {
		t.Errorf("they are told of what was before: %s", text)
	}
	opts = options(t)
	opts.Doors = true
	file = filepath.Join(opts.Dir, ".esgen", "e2e.env")
	s := start(t, opts)
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "E2E_GATEWAY="+s.URL()+"\n") {
		t.Errorf("%v %s", err, text)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("they are told of it yet: %v", err)
	}
}

func TestCrashedProcessIsStartedAgain(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.Restart = true
	s := start(t, opts)
	before := pidOf(t, s.Addr("front"))
	if status, body, _ := do(t, http.MethodPost, s.Addr("front")+"/crash"); status != 0 {
		t.Fatalf("it lives: %d %s", status, body)
	}
	log := logOf(t, opts)
	log.await("front     | ended: exit status 3; starts again in 200ms")
	var after int
	eventually(t, func() bool { after = pidOf(t, s.Addr("front")); return after != 0 }, "it stays away")
	if after == before {
		t.Errorf("process %d is still the same", after)
	}
}

func TestCrashedProcessIsLeftAlone(t *testing.T) {
	t.Parallel()
	opts := options(t)
	s := start(t, opts)
	do(t, http.MethodPost, s.Addr("front")+"/crash")
	logOf(t, opts).await("front     | ended: exit status 3\n")
	eventually(t, func() bool { status, _, _ := get(t, s.URL()+"/front/pid"); return status == 502 }, "something answers")
	if err := s.Restart(t.Context(), "front"); err != nil {
		t.Fatal(err)
	}
	if pidOf(t, s.URL()+"/front") == 0 {
		t.Error("it is not back")
	}
}

func TestStopAndRestart(t *testing.T) {
	t.Parallel()
	opts := options(t)
	s := start(t, opts)
	log := logOf(t, opts)
	addr, internal := s.Addr("front"), s.Internal("front")

	if err := s.Stop("front", false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "front     | bye\n") {
		t.Errorf("it was not asked to stop:\n%s", log)
	}
	if status, body, _ := get(t, s.URL()+"/front/pid"); status != 503 {
		t.Errorf("the gateway is not told that it is gone: %d %s", status, body)
	}
	if pidOf(t, s.URL()+"/pay") == 0 {
		t.Error("the other service is down, too")
	}
	if err := s.Stop("front", true); err != nil {
		t.Errorf("stopping twice: %v", err)
	}

	s.SetEnv("front", "PAY_URL", "http://proxy")
	if err := s.Restart(t.Context(), "front"); err != nil {
		t.Fatal(err)
	}
	if s.Addr("front") != addr || s.Internal("front") != internal {
		t.Errorf("it moved to %s and %s", s.Addr("front"), s.Internal("front"))
	}
	if _, got, _ := get(t, addr+"/env/PAY_URL"); got != "http://proxy" {
		t.Errorf("PAY_URL is %s", got)
	}
	if err := s.Restart(t.Context(), "front"); err == nil {
		t.Error("a running service was started")
	}

	if err := s.Stop("front", true); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "front     | bye"); n != 1 {
		t.Errorf("it said bye %d times, and was killed once", n)
	}
	for _, err := range []error{s.Stop("frnt", false), s.Restart(t.Context(), "frnt")} {
		if err == nil {
			t.Error("a service that is not there was found")
		}
	}
	if s.Addr("frnt") != "" || s.Internal("frnt") != "" {
		t.Error("it even has an address")
	}
}

func TestReplicasTakeTurns(t *testing.T) {
	t.Parallel()
	s := start(t, options(t))
	name, err := s.AddReplica(t.Context(), "front")
	if err != nil {
		t.Fatal(err)
	}
	one, two := pidOf(t, s.Addr("front")), pidOf(t, s.Addr(name))
	if name != "front#2" || one == two {
		t.Fatalf("%s is process %d, front %d", name, two, one)
	}
	_, first, _ := get(t, s.Addr("front")+"/env/DATABASE_URL")
	if _, second, _ := get(t, s.Addr(name)+"/env/DATABASE_URL"); first != second {
		t.Errorf("two databases: %s and %s", first, second)
	}
	seen := map[int]int{}
	for range 4 {
		seen[pidOf(t, s.URL()+"/front")]++
	}
	if seen[one] != 2 || seen[two] != 2 {
		t.Errorf("asked four times, they answered %v", seen)
	}
	if err := s.Withdraw(name); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := pidOf(t, s.URL()+"/front"); got != one {
			t.Errorf("process %d answers, though the gateway is not to ask it", got)
		}
	}
	if err := s.Stop(name, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	two = pidOf(t, s.Addr(name))
	if err := s.Stop("front", true); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := pidOf(t, s.URL()+"/front"); got != two {
			t.Errorf("process %d answers, want the replica %d", got, two)
		}
	}
	if _, err := s.AddReplica(t.Context(), "nobody"); err == nil {
		t.Error("a replica of nobody")
	}
	if err := s.Withdraw("nobody"); err == nil {
		t.Error("nobody is withdrawn")
	}
}

func TestRunsFollowOneAnother(t *testing.T) {
	t.Parallel()
	opts := options(t)
	first, err := devrun.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	url, addr := first.URL(), first.Addr("front")
	if _, err := devrun.Start(t.Context(), opts); err == nil || !strings.Contains(err.Error(), "another esgen run is using this directory") {
		t.Errorf("a second run at the same time: %v", err)
	}
	if err := devrun.Build(t.Context(), opts, nil); err == nil || !strings.Contains(err.Error(), "another esgen run") {
		t.Errorf("building under a running system: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{url, addr} {
		if status, _, _ := get(t, at+"/pid"); status != 0 {
			t.Errorf("%s answers after the end", at)
		}
	}
	if err := first.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}

	mark := filepath.Join(opts.Dir, ".esgen", "data", "front.db")
	if err := os.WriteFile(mark, []byte("kept"), 0o644); err != nil {
		t.Fatal(err)
	}
	second := start(t, opts)
	if second.Addr("front") != addr {
		t.Errorf("front was at %s, and is at %s", addr, second.Addr("front"))
	}
	if _, err := os.Stat(mark); err != nil {
		t.Errorf("data is not kept: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	opts.Fresh = true
	start(t, opts)
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("fresh, and the data is still there: %v", err)
	}
}

func TestStartThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*devrun.Options)
		want   string
	}{
		"broken":         {func(o *devrun.Options) { o.Env["pay"] = []string{fakeEnv + "=broken"} }, "pay is not ready: it is not running"},
		"broken forever": {func(o *devrun.Options) { o.Env["pay"], o.Restart = []string{fakeEnv + "=broken"}, true }, "pay is not ready: it ended 3 times"},
		"not built":      {func(o *devrun.Options) { _ = os.Remove(filepath.Join(o.Dir, ".esgen", "bin", "pay")) }, "start pay:"},
		"no service":     {func(o *devrun.Options) { o.Only = []string{"fornt"} }, `there is no service "fornt"; did you mean "front"?`},
		"no database":    {func(o *devrun.Options) { o.DB = "mysql://secret@host/x" }, "the database is not a URL such as postgres://user@host/name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := options(t)
			test.change(&opts)
			s, err := devrun.Start(t.Context(), opts)
			if err == nil {
				t.Fatal(s.Close())
			}
			if s != nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if again, err := devrun.Start(t.Context(), sound(t, opts)); err != nil {
				t.Errorf("something is left: %v", err)
			} else if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// sound are the options without what was wrong with them.
func sound(t *testing.T, opts devrun.Options) devrun.Options {
	t.Helper()
	good := options(t)
	_ = os.Symlink(filepath.Join(good.Dir, ".esgen", "bin", "pay"), filepath.Join(opts.Dir, ".esgen", "bin", "pay")) // unless it is there
	good.Dir = opts.Dir
	return good
}

func TestStartIsGivenUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := devrun.Start(ctx, options(t)); err == nil {
		t.Fatal(s.Close())
	}
}

func TestKillHurriesClose(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.Env["pay"] = []string{fakeEnv + "=stubborn"}
	s := start(t, opts)
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	logOf(t, opts).await("front     | bye") // so it is closing, and pay will not end
	s.Kill()
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestOnlySomeServices(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.Only = []string{"front"}
	s := start(t, opts)
	if s.Addr("pay") != "" {
		t.Errorf("pay is at %s", s.Addr("pay"))
	}
	if _, got, _ := get(t, s.Addr("front")+"/env/PAY_URL"); !strings.HasPrefix(got, "http://127.0.0.1:") {
		t.Errorf("front is not told where pay would be: %q", got)
	}
	if status, _, _ := get(t, s.URL()+"/pay/pid"); status != 503 {
		t.Errorf("the gateway answers %d for pay", status)
	}
}

func TestServersOfOnesOwn(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.Kafka = "kafka.example:9092"
	opts.DB = "postgres://me:secret@db.example/x?sslmode=disable"
	s := start(t, opts)
	if s.Broker() != nil {
		t.Error("an embedded broker was started all the same")
	}
	for name, want := range map[string]string{
		"KAFKA_BROKERS": "kafka.example:9092",
		"DATABASE_URL":  "postgres://me:secret@db.example/x?search_path=shop_front&sslmode=disable",
	} {
		if _, got, _ := get(t, s.Addr("front")+"/env/"+name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestBrokerKeepsWhatItWasTold(t *testing.T) {
	t.Parallel()
	s := start(t, options(t))
	client, err := kgo.NewClient(kgo.SeedBrokers(s.Broker().Addr()), kgo.ConsumeTopics("events"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 1, 1, nil, "events"); err != nil {
		t.Fatal(err)
	}
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "events", Value: []byte("one")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s.Broker().Stop()
	s.Broker().Stop() // twice is no harm
	if err := s.Broker().Start(); err != nil {
		t.Fatal(err)
	}
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "events", Value: []byte("two")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	var got []string
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for len(got) < 2 && ctx.Err() == nil {
		for _, r := range client.PollFetches(ctx).Records() {
			got = append(got, string(r.Value))
		}
	}
	if !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("the broker has %q", got)
	}
}

// logOf is where a system with these options logs to.
func logOf(t *testing.T, opts devrun.Options) *journal {
	t.Helper()
	j, ok := opts.Log.(*journal)
	if !ok {
		t.Fatal("the log goes elsewhere")
	}
	return j
}
