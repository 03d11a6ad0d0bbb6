package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/testservers"
)

const foodModel = "../../examples/fooddelivery/esgen.yaml"

// Topics of fooddelivery: what a context tells the others.
const (
	orderTopic   = "fooddelivery.front.order"
	ticketTopic  = "fooddelivery.store.ticket"
	paymentTopic = "fooddelivery.pay.payment"
)

// foodBuild is fooddelivery, generated and built.
type foodBuild struct{ devrun.Options }

func buildFood(t *testing.T) *foodBuild {
	t.Helper()
	return &foodBuild{build(t, foodModel, nil)}
}

// platform is what fooddelivery runs on.
type platform struct {
	name string
	// servers are a broker and a database, new and empty; both "": the embedded
	// ones. Without servers the test is skipped.
	servers func(t *testing.T) (kafka, database string)
	apart   bool // systems that run side by side do not meet
}

var platforms = []platform{
	{"embedded", func(*testing.T) (kafka, database string) { return "", "" }, true},
	{"real", func(t *testing.T) (kafka, database string) {
		t.Helper()
		brokers := testservers.Kafka(t)
		database = testservers.Postgres(t)
		clearBroker(t, brokers, "fooddelivery")
		return brokers[0], database
	}, false},
}

// clearBroker deletes what an earlier run of a system left in a broker: topics
// are named after the system.
func clearBroker(t *testing.T, brokers []string, system string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), foodPatience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	groups, err := admin.ListGroups(ctx)
	if err != nil {
		t.Fatal(err)
	}
	topics, err := admin.ListTopics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ours := func(names []string) []string {
		var out []string
		for _, name := range names {
			if strings.HasPrefix(name, system+".") {
				out = append(out, name)
			}
		}
		return out
	}
	_, err = admin.DeleteGroups(ctx, ours(groups.Groups())...)
	_, topicErr := admin.DeleteTopics(ctx, ours(topics.Names())...)
	if err := errors.Join(err, topicErr); err != nil {
		t.Fatal(err)
	}
	// The controller answers before the broker knows: a service that comes in
	// between takes the old topic for its own, and hears nothing of the new one.
	for {
		topics, err := admin.ListTopics(ctx)
		if err != nil {
			t.Fatalf("topics are not gone: %v", err)
		}
		if len(ours(topics.Names())) == 0 {
			return
		}
	}
}

// foodPatience bounds what a system does soon even on a busy machine. Taking
// over from a killed process waits until its leases and sessions have run out,
// which is most of it.
const foodPatience = 2 * time.Minute

// food is a fooddelivery that runs.
type food struct {
	*devrun.System
	t       *testing.T
	options devrun.Options
	kafka   []string
	client  *http.Client
	log     *foodLog
}

// run starts a fooddelivery of the test's own, where headers are believed. The
// variables are told to front.
func (b *foodBuild) run(t *testing.T, on platform, front ...string) *food {
	t.Helper()
	return b.runWith(t, on, func(o *devrun.Options) {
		o.Auth = devrun.AuthDev
		o.Env["front"] = append(o.Env["front"], front...)
	})
}

// runWith starts a fooddelivery of the test's own, with other options.
func (b *foodBuild) runWith(t *testing.T, on platform, change func(*devrun.Options)) *food {
	t.Helper()
	env := map[string][]string{}
	for _, s := range b.System.Services {
		env[s.Dir] = []string{"KAFKA_SESSION_TIMEOUT=6s"} // the least there is
	}
	kafka, database := on.servers(t)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".esgen"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(b.Dir, ".esgen", "bin"), filepath.Join(dir, ".esgen", "bin")); err != nil {
		t.Fatal(err)
	}
	f := &food{
		t: t, log: &foodLog{},
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 200}},
	}
	f.options = devrun.Options{Dir: dir, System: b.System, Gateway: b.Gateway, Log: f.log, Kafka: kafka, DB: database, Env: env}
	change(&f.options)
	t.Cleanup(func() {
		f.client.CloseIdleConnections()
		if f.System != nil {
			if err := f.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		f.log.show(t)
	})
	f.start()
	return f
}

// start starts all of it on the data that is there.
func (f *food) start() {
	f.t.Helper()
	system, err := devrun.Start(f.t.Context(), f.options)
	if err != nil {
		f.t.Fatal(err)
	}
	f.System = system
	f.kafka = []string{f.options.Kafka}
	if f.options.Kafka == "" {
		f.kafka = []string{f.Broker().Addr()}
	}
}

// stopAll stops all of it; the data is kept.
func (f *food) stopAll() {
	f.t.Helper()
	if err := f.Close(); err != nil {
		f.t.Fatal(err)
	}
	f.System = nil
}

func (f *food) kill(name string) {
	f.t.Helper()
	if err := f.Stop(name, true); err != nil {
		f.t.Fatal(err)
	}
}

func (f *food) restart(name string) {
	f.t.Helper()
	if err := f.Restart(f.t.Context(), name); err != nil {
		f.t.Fatal(err)
	}
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// send asks below the gateway.
func (f *food) send(r devrun.Request) (reply, error) {
	if r.To == devrun.ToStandins {
		return f.sendTo(f.Standins(), r)
	}
	return f.sendTo(f.URL(), r)
}

func (f *food) sendTo(base string, r devrun.Request) (reply, error) {
	req, err := http.NewRequestWithContext(f.t.Context(), r.Method, base+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return reply{}, err
	}
	for _, line := range r.Header {
		name, value, _ := strings.Cut(line, ":")
		req.Header.Add(name, strings.TrimSpace(value))
	}
	if err := f.sign(req); err != nil {
		return reply{}, err
	}
	res, err := f.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}, err
	}
	out := reply{status: res.StatusCode, header: res.Header, text: string(data)}
	if len(data) > 0 && data[0] == '{' {
		err = json.Unmarshal(data, &out.body)
	}
	return out, err
}

// sign has a request say who asks by a token, where headers are not believed.
func (f *food) sign(r *http.Request) error {
	id, roles := r.Header.Get("X-Actor-Id"), r.Header.Get("X-Actor-Roles")
	if f.Issuer() == "" || id == "" {
		return nil
	}
	r.Header.Del("X-Actor-Id")
	r.Header.Del("X-Actor-Roles")
	token, err := f.Token(id, strings.Split(roles, ",")...)
	r.Header.Set("Authorization", "Bearer "+token)
	return err
}

// as is a request by somebody with a role, "owner-1 owner".
func as(who, method, path, body string) devrun.Request {
	id, role, _ := strings.Cut(who, " ")
	r := devrun.Request{Method: method, Path: path, Body: body, Header: []string{"X-Actor-Id: " + id, "X-Actor-Roles: " + role}}
	if body != "" {
		r.Header = append(r.Header, "Content-Type: application/json")
	}
	return r
}

// expect asks until the status is the one expected and the answer has the fields.
func (f *food) expect(r devrun.Request, status int, fields map[string]any) reply {
	f.t.Helper()
	var last reply
	f.until(r.Method+" "+r.Path, func() error {
		var err error
		if last, err = f.send(r); err != nil {
			return err
		}
		if last.status != status {
			return fmt.Errorf("status %d, want %d: %s", last.status, status, last.text)
		}
		for name, want := range fields {
			if got := fmt.Sprint(last.body[name]); got != fmt.Sprint(want) {
				return fmt.Errorf("%s is %s, want %v: %s", name, got, want, last.text)
			}
		}
		return nil
	})
	return last
}

// until tries until there is no error, or patience is over.
func (f *food) until(what string, try func() error) {
	f.t.Helper()
	deadline := time.NewTimer(foodPatience)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			f.t.Fatalf("%s: not within %v: %v", what, foodPatience, err)
		}
	}
}

// fact is an event as the others are told of it.
type fact struct {
	kind, id, subject string // OrderPlaced, the id of the event, the id of the instance
	data              map[string]any
}

// facts reads a topic from its beginning to its present end. An event that was
// published again after a crash is one event.
func (f *food) facts(topic string) []fact {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), foodPatience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(f.kafka...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		f.t.Fatal(err)
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		f.t.Fatalf("topic %s: %v", topic, err)
	}
	var left int64
	ends.Each(func(o kadm.ListedOffset) { left += o.Offset })
	var out []fact
	seen := map[string]bool{}
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(fetches.Err(), ctx.Err()); err != nil {
			f.t.Fatalf("topic %s: %v", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			left--
			var e fact
			for _, h := range r.Headers {
				switch h.Key {
				case "ce_type":
					e.kind = string(h.Value[bytes.LastIndexByte(h.Value, '.')+1:])
				case "ce_id":
					e.id = string(h.Value)
				case "ce_subject":
					e.subject, _ = url.PathUnescape(string(h.Value))
				}
			}
			if err := json.Unmarshal(r.Value, &e.data); err != nil {
				f.t.Fatalf("topic %s: %v", topic, err)
			}
			if !seen[e.id] {
				out = append(out, e)
			}
			seen[e.id] = true
		})
	}
	return out
}

// bySubject counts the events of a kind for each instance.
func bySubject(facts []fact, kind string) map[string]int {
	out := map[string]int{}
	for _, e := range facts {
		if e.kind == kind {
			out[e.subject]++
		}
	}
	return out
}

// count counts rows in the database of a service, of which the rest of the
// system knows nothing.
func (f *food) count(service, table string) int {
	f.t.Helper()
	driver, address := "sqlite", "file:"+filepath.Join(f.options.Dir, ".esgen", "data", service+".db")+"?_pragma=busy_timeout(10000)"
	if f.options.DB != "" {
		u, err := url.Parse(f.options.DB)
		if err != nil {
			f.t.Fatal(err)
		}
		query := u.Query()
		query.Set("search_path", "fooddelivery_"+service)
		u.RawQuery = query.Encode()
		driver, address = "pgx", u.String()
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var n int
	if err := db.QueryRowContext(f.t.Context(), `SELECT count(*) FROM "`+table+`"`).Scan(&n); err != nil {
		f.t.Fatalf("%s of %s: %v", table, service, err)
	}
	return n
}

// settled waits until a service has published all it has to say, and undone
// all it has to undo.
func (f *food) settled(services ...string) {
	f.t.Helper()
	for _, service := range services {
		for _, table := range []string{"platform_intents", "platform_outbox"} {
			f.until(table+" of "+service+" is empty", func() error {
				if n := f.count(service, table); n > 0 {
					return fmt.Errorf("%d rows", n)
				}
				return nil
			})
		}
	}
}

// nothingParked expects that every event could be handled.
func (f *food) nothingParked() {
	f.t.Helper()
	for _, s := range f.options.System.Services {
		if n := f.count(s.Dir, "platform_parked"); n > 0 {
			f.t.Errorf("%s: %d records are parked", s.Dir, n)
		}
	}
}

// messages are the texts that KakaoTalk was asked to send, for each customer:
// as often as with different keys. The stand-in remembers the last 1000 only.
func (f *food) messages() map[string]map[string]int {
	f.t.Helper()
	r, err := f.sendTo(f.Standins(), devrun.Request{Method: "GET", Path: "/_calls?external=KakaoTalk"})
	if err != nil {
		f.t.Fatal(err)
	}
	var asked struct {
		Calls []struct {
			Key    string `json:"key"`
			Input  struct{ To, Text string }
			Status int `json:"status"`
		} `json:"calls"`
	}
	if err := json.Unmarshal([]byte(r.text), &asked); err != nil {
		f.t.Fatalf("%v: %s", err, r.text)
	}
	out, seen := map[string]map[string]int{}, map[string]bool{}
	for _, c := range asked.Calls {
		if c.Key == "" {
			f.t.Fatalf("a message without a key: %+v", c)
		}
		if seen[c.Key] || c.Status >= 300 {
			continue
		}
		seen[c.Key] = true
		if out[c.Input.To] == nil {
			out[c.Input.To] = map[string]int{}
		}
		out[c.Input.To][c.Input.Text]++
	}
	return out
}

// foodLog keeps what the processes print.
type foodLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *foodLog) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

// show writes it to a file in ESGEN_E2E_LOGS and, of a test that failed, shows
// what is out of the ordinary, the last of it.
func (l *foodLog) show(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if dir := os.Getenv("ESGEN_E2E_LOGS"); dir != "" {
		file := strings.NewReplacer("/", "-", " ", "-").Replace(t.Name()) + ".log"
		if err := os.WriteFile(filepath.Join(dir, file), l.text.Bytes(), 0o600); err != nil {
			t.Error(err)
		}
	}
	if !t.Failed() {
		return
	}
	var lines []string
	for line := range strings.Lines(l.text.String()) {
		if !strings.Contains(line, "INFO") {
			lines = append(lines, line)
		}
	}
	t.Logf("log:\n%s", strings.Join(lines[max(0, len(lines)-60):], ""))
}
