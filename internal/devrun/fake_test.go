package devrun_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/model"
)

// The test binary is also the services: started with this variable it is one,
// and behaves as its value says.
const fakeEnv = "DEVRUN_TEST_SERVICE"

func TestMain(m *testing.M) {
	if how := os.Getenv(fakeEnv); how != "" {
		os.Exit(fake(how))
	}
	os.Exit(m.Run())
}

// fake is a service as devrun sees one.
func fake(how string) int {
	if how == "broken" {
		fmt.Println("I cannot")
		return 4
	}
	mux := http.NewServeMux()
	if how == "gateway" {
		mux.HandleFunc("/", lead)
	}
	well := func(http.ResponseWriter, *http.Request) {}
	mux.HandleFunc("GET /readyz", well)
	mux.HandleFunc("GET /livez", well)
	mux.HandleFunc("GET /pid", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Getpid()) })
	mux.HandleFunc("GET /env/{name}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, os.Getenv(r.PathValue("name"))) })
	mux.HandleFunc("POST /crash", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	mux.HandleFunc("GET /echo/{what}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s actor=%q internal=%q prefix=%q", r.RequestURI, r.Header.Get("X-Actor-Id"), r.Header.Get("Esgen-Actor"), r.Header.Get("X-Forwarded-Prefix"))
	})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	failed := make(chan error, 2)
	for _, name := range []string{"HTTP_ADDR", "INTERNAL_ADDR"} {
		if addr := os.Getenv(name); addr != "" {
			l, err := net.Listen("tcp", addr)
			if err != nil {
				fmt.Println(err)
				return 5
			}
			go func() { failed <- http.Serve(l, mux) }()
		}
	}
	fmt.Println(`{"time":"2026-12-01T09:00:00Z","level":"INFO","msg":"service is up"}`)
	select {
	case err := <-failed:
		fmt.Println(err)
		return 6
	case <-ctx.Done():
	}
	if how == "stubborn" {
		select {}
	}
	fmt.Println("bye")
	return 0
}

// lead is the gateway, in short: it sends requests to what the file of upstreams
// names, in turn.
func lead(w http.ResponseWriter, r *http.Request) {
	data, err := os.ReadFile(os.Getenv("UPSTREAMS_FILE"))
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		if words[0] != name || len(words) < 2 {
			continue
		}
		at, err := url.Parse(words[1+turn.Add(1)%uint64(len(words)-1)])
		if err != nil {
			break
		}
		r.URL.Path = "/" + path
		httputil.NewSingleHostReverseProxy(at).ServeHTTP(w, r)
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

var turn atomic.Uint64

// shop is a system of two services and a stand-in, of which nothing is
// generated.
func shop() *services.System {
	pay := &services.Service{Dir: "pay", Title: "Payments", Context: &model.Context{}}
	front := &services.Service{Dir: "front", Title: "Orders", Context: &model.Context{}, Dependencies: []*services.Dependency{
		{Name: names.OfText("pay"), Dir: "pay", Env: "PAY_URL"},
		{Name: names.OfText("Kakao"), Env: "KAKAO_URL", External: true},
	}}
	return &services.System{
		Model: &check.Model{System: &model.System{}}, ID: "shop", Title: "The <Shop>", Services: []*services.Service{front, pay},
		Externals: []*services.External{{Operations: []services.Operation{{}}}},
	}
}

// way is the gateway of shop.
func way() *gateway.Gateway {
	return &gateway.Gateway{Upstreams: []gateway.Upstreaming{{Name: "front", Env: "FRONT_URL"}, {Name: "pay", Env: "PAY_URL"}}}
}

// options are those of a system in a directory of the test's own, with the
// test binary for services.
func options(t *testing.T) devrun.Options {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, ".esgen", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	env := map[string][]string{}
	for _, name := range []string{"front", "pay", "_standins", "_gateway"} {
		file := filepath.Join(bin, name)
		if runtime.GOOS == "windows" {
			file += ".exe"
		}
		if err := os.Symlink(self, file); err != nil {
			t.Skip("no links here:", err)
		}
		env[name] = []string{fakeEnv + "=well"}
	}
	env["_gateway"] = []string{fakeEnv + "=gateway"}
	return devrun.Options{Dir: dir, System: shop(), Gateway: way(), Env: env, Log: &journal{t: t}}
}

func start(t *testing.T, opts devrun.Options) *devrun.System {
	t.Helper()
	s, err := devrun.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Kill()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// journal keeps what is logged.
type journal struct {
	t    *testing.T
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(data []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(data)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// await waits until the log has a text.
func (j *journal) await(text string) {
	j.t.Helper()
	eventually(j.t, func() bool { return strings.Contains(j.String(), text) }, "no %q in the log:\n%s", text, j)
}

// patience bounds what happens at once, even on a busy machine.
const patience = 30 * time.Second

func eventually(t *testing.T, holds func() bool, format string, args ...any) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf(format, args...)
		}
	}
}

// get asks for a URL, with headers "Name: value"; an error is status 0.
func get(t *testing.T, url string, headers ...string) (status int, body string, header http.Header) {
	t.Helper()
	return do(t, http.MethodGet, url, headers...)
}

func do(t *testing.T, method, url string, headers ...string) (status int, body string, header http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		if name, value, ok := strings.Cut(h, ": "); ok {
			req.Header.Set(name, value)
		}
	}
	req.Close = true // a stopped service is not to be remembered as reachable
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error(), nil
	}
	return resp.StatusCode, string(data), resp.Header
}

// pidOf is the process that answers at a URL; 0: none.
func pidOf(t *testing.T, url string) int {
	t.Helper()
	_, body, _ := get(t, url+"/pid")
	pid, err := strconv.Atoi(body)
	if err != nil {
		return 0
	}
	return pid
}
