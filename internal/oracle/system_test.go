package oracle

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

// patience bounds what a healthy system does soon, even on a busy machine.
const patience = 2 * time.Minute

// load reads a model. Who asks others in it waits for them as long as the tests wait
// for anything: how fast the machine is does not decide what a command comes to. The
// interpreter knows no slowness but the one that it is told of, and it is told of none.
func load(t *testing.T, path string) *check.Model {
	t.Helper()
	m := testsystem.Load(t, path)
	for _, x := range m.Externals {
		x.Timeout = patience
	}
	for _, c := range m.Contexts {
		for _, a := range c.Aggregates {
			for _, x := range a.Commands {
				for _, call := range x.Calls {
					call.Timeout, call.Total = patience, 0
				}
			}
		}
	}
	return m
}

// build generates and builds the system of a model, as load has it.
func build(t *testing.T, m *check.Model) devrun.Options {
	t.Helper()
	opts := generate(t, m)
	opts.Doors, opts.Lean = true, true
	for _, service := range opts.System.Services {
		opts.Env[service.Dir] = []string{"LOG_LEVEL=warn", "REQUEST_TIMEOUT=" + patience.String()}
	}
	if err := devrun.Build(t.Context(), opts, nil); err != nil {
		t.Fatal(err)
	}
	return opts
}

// system is a generated system that runs, seen from all sides.
type system struct {
	*devrun.System
	opts      devrun.Options
	log       *journal
	databases map[*services.Service]*sql.DB
	admin     *kadm.Client
	reader    *kgo.Client
	read      map[string]map[int32]int64 // by topic and partition: the next record
	http      *http.Client
	now       time.Time          // of all services
	asked     map[string]bool    // requests to external systems, by operation and key
	callers   map[string]*caller // by the directories of the services that are offered over gRPC
}

// journal keeps the end of what the services print.
type journal struct {
	mu   sync.Mutex
	text []byte
}

func (j *journal) Write(data []byte) (int, error) {
	const most = 16 << 10
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text = append(j.text, data...)
	j.text = j.text[max(0, len(j.text)-most):]
	return len(data), nil
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return string(j.text)
}

// start starts a system that is built, without data of earlier runs.
func start(t *testing.T, opts devrun.Options) *system {
	t.Helper()
	s := &system{opts: opts, log: &journal{}, databases: map[*services.Service]*sql.DB{}, read: map[string]map[int32]int64{}, asked: map[string]bool{}}
	s.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: askers}}
	opts.Log = s.log
	var err error
	if s.System, err = devrun.Start(t.Context(), opts); err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("what the services say:\n%s", s.log)
		}
	})
	var topics []string
	s.callers = map[string]*caller{}
	for _, service := range opts.System.Services {
		if by := newCaller(t, opts.Dir, service, s.GRPC(service.Dir)); by != nil {
			s.callers[service.Dir] = by
		}
		file := filepath.Join(opts.Dir, ".esgen", "data", service.Dir+".e2e.db")
		db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		s.databases[service] = db
		for _, a := range service.Aggregates {
			topics = append(topics, ownTopic(a))
		}
	}
	s.reader, err = kgo.NewClient(kgo.SeedBrokers(s.Broker().Addr()), kgo.ConsumeTopics(topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(50*time.Millisecond), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.reader.Close)
	s.admin = kadm.NewClient(s.reader)
	return s
}

// ownTopic is where all events of an aggregate are, the private ones included.
func ownTopic(a *services.Aggregate) string {
	if a.HasPrivate() {
		return a.OwnTopic
	}
	return a.Topic
}

// request is a command as HTTP carries it.
type request struct {
	command *services.Command
	fields  []*model.Field // of the input
	inside  bool           // at the address that only services reach
	input   map[string]any
	subject string
	roles   []string
	claims  map[string]string // as headers say them
	key     string
	rpc     bool // over gRPC, where the service is offered so, and where it can be said so
}

// answer is what came back.
type answer struct {
	status   int
	replayed bool
	body     map[string]any
	rpc      *called // over gRPC; status and body are not there then
}

func (a answer) code() string {
	code, _ := a.body["code"].(string)
	if a.status < http.StatusBadRequest {
		return ""
	}
	return code
}

// claimHeader is what headers begin with that say a claim, in development.
const claimHeader = "X-Actor-Claim-"

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// do sends a command.
func (s *system) do(ctx context.Context, r request) (answer, error) {
	service := r.command.Aggregate.Service.Dir
	if by := s.callers[service]; by != nil && r.rpc && !r.inside && r.command.RPC() != "" {
		if got, ok, err := by.command(ctx, r); ok || err != nil {
			return answer{replayed: got.replayed, rpc: &got}, err
		}
	}
	method, address := http.MethodPost, s.Internal(service)+r.command.Internal
	body := map[string]any{}
	for name, v := range r.input {
		body[name] = v
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if r.inside {
		if r.key != "" {
			header.Set("Esgen-Key", r.key)
		}
	} else {
		path := parameter.ReplaceAllStringFunc(r.command.Path, func(p string) string {
			name := strings.Trim(p, "{}")
			text := fmt.Sprint(body[name])
			delete(body, name)
			return url.PathEscape(text)
		})
		method, address = r.command.Method, s.Addr(service)+path
		header.Set("X-Actor-Id", r.subject)
		header.Set("X-Actor-Roles", strings.Join(r.roles, ","))
		for name, said := range r.claims {
			header.Set(claimHeader+name, said)
		}
		if r.key != "" {
			header.Set("Idempotency-Key", r.key)
		}
	}
	data, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	return s.ask(ctx, method, address, header, data)
}

func (s *system) ask(ctx context.Context, method, address string, header http.Header, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header = header
	res, err := s.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, replayed: res.Header.Get("Idempotency-Replayed") == "true"}
	if len(data) == 0 {
		return a, nil
	}
	if err := decode(data, &a.body); err != nil {
		return answer{}, fmt.Errorf("%s %s: %d %s: %w", method, address, res.StatusCode, data, err)
	}
	return a, nil
}

// decode reads JSON; numbers stay as they are written.
func decode(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}

// script says what an operation of an external system answers from now on.
func (s *system) script(t *testing.T, op *model.Operation, script any) {
	t.Helper()
	data, err := json.Marshal(script)
	if err != nil {
		t.Fatal(err)
	}
	address := s.Standins() + "/_script/" + names.Of(&op.External.Node).Go + "/" + names.Of(&op.Node).JSON
	a, err := s.ask(t.Context(), http.MethodPut, address, http.Header{}, data)
	if err != nil || a.status >= http.StatusMultipleChoices {
		t.Fatalf("PUT %s %s: %v %d", address, data, err, a.status)
	}
}

// record is an event as the broker has it.
type record struct {
	topic, key, kind, version  string
	id, correlation, causation string
	meta                       meta
	data                       map[string]any
}

// news are the events since it was asked last, in order per instance.
func (s *system) news(t *testing.T) []record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ends, err := s.ends(ctx)
	if err != nil {
		t.Fatal(err)
	}
	missing := func() (n int64) {
		for _, service := range s.opts.System.Services {
			for _, a := range service.Aggregates {
				for _, end := range ends[ownTopic(a)] {
					n += end.Offset - s.read[end.Topic][end.Partition]
				}
			}
		}
		return n
	}
	var out []record
	for missing() > 0 {
		fetches := s.reader.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			t.Fatalf("events cannot be read: %v %v", err, fetches.Err())
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if s.read[r.Topic] == nil {
				s.read[r.Topic] = map[int32]int64{}
			}
			s.read[r.Topic][r.Partition] = r.Offset + 1
			e := record{topic: r.Topic, key: string(r.Key)}
			for _, h := range r.Headers {
				switch h.Key {
				case "ce_type":
					e.kind = string(h.Value[bytes.LastIndexByte(h.Value, '.')+1:])
				case "ce_id":
					e.id = string(h.Value)
				case "ce_correlationid":
					e.correlation = string(h.Value)
				case "ce_causationid":
					e.causation = string(h.Value)
				case "ce_sequence":
					e.version = string(h.Value)
				case "ce_time":
					e.meta.time = string(h.Value)
				case "ce_actorid":
					e.meta.actor = string(h.Value)
				case "ce_actorroles":
					e.meta.roles = strings.Join(slices.Sorted(strings.SplitSeq(string(h.Value), ",")), ",")
				case "ce_actorsystem":
					e.meta.system = string(h.Value) == "true"
				}
			}
			if err := decode(r.Value, &e.data); err != nil {
				t.Errorf("topic %s: %v", r.Topic, err)
			}
			out = append(out, e)
		})
	}
	return out
}

// instance is the state of an instance with its version.
type instance struct {
	id, version string
	state, meta map[string]any
}

// states are the instances of an aggregate.
func (s *system) states(t *testing.T, a *services.Aggregate) []instance {
	t.Helper()
	if a.Sourced != nil {
		return s.told(t, a)
	}
	rows, err := s.databases[a.Service].QueryContext(t.Context(), `SELECT _id, _version, _doc, _created_at, _created_by, _updated_at, _updated_by FROM "`+a.Table+`" WHERE NOT _deleted`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []instance
	for rows.Next() {
		var i instance
		var doc string
		var created, changed string
		var creator, changer *string
		if err := rows.Scan(&i.id, &i.version, &doc, &created, &creator, &changed, &changer); err != nil {
			t.Fatal(err)
		}
		if err := decode([]byte(doc), &i.state); err != nil {
			t.Fatal(err)
		}
		i.meta = map[string]any{"createdAt": created, "changedAt": changed}
		if creator != nil {
			i.meta["createdBy"] = *creator
		}
		if changer != nil {
			i.meta["changedBy"] = *changer
		}
		out = append(out, i)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// told are the instances of an aggregate whose events are kept: its service tells
// what they made of it.
func (s *system) told(t *testing.T, a *services.Aggregate) []instance {
	t.Helper()
	address := s.Door(a.Service.Dir) + "/_instances/" + a.Name.Go
	found, err := s.ask(t.Context(), http.MethodGet, address, http.Header{}, nil)
	if err != nil || found.status != http.StatusOK {
		t.Fatalf("GET %s: %d %v %v", address, found.status, found.body, err)
	}
	var out []instance
	for _, state := range itemsOf(found) {
		id, ok := state[a.ID.JSON].(string)
		if !ok {
			t.Fatalf("GET %s: a state without %s: %v", address, a.ID.JSON, state)
		}
		out = append(out, instance{id: id, state: state})
	}
	return out
}

// rows are all rows of a view, as another service reads them.
func (s *system) rows(t *testing.T, v *services.View) []map[string]any {
	t.Helper()
	var out []map[string]any
	for cursor := ""; ; {
		address := s.Internal(v.Service.Dir) + v.Internal + "?limit=200"
		if cursor != "" {
			address += "&cursor=" + url.QueryEscape(cursor)
		}
		a, err := s.ask(t.Context(), http.MethodGet, address, http.Header{}, nil)
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("GET %s: %d %v %v", address, a.status, a.body, err)
		}
		items, _ := a.body["items"].([]any)
		for _, item := range items {
			row, _ := item.(map[string]any)
			out = append(out, row)
		}
		if cursor, _ = a.body["next"].(string); cursor == "" {
			return out
		}
	}
}
