package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// actor is somebody who asks: an id and roles.
type actor struct{ id, roles string }

// inside is another service, at the internal address.
var inside = actor{}

// request is a request with headers beside those that say who asks.
type request struct {
	who    actor
	route  string // "POST /garages"
	body   string // JSON; "" none
	header map[string]string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// do asks a service and reports what goes wrong with HTTP itself.
func (p *process) do(t *testing.T, r request) answer {
	t.Helper()
	a, err := p.try(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (p *process) try(ctx context.Context, r request) (answer, error) {
	method, path, _ := strings.Cut(r.route, " ")
	url := p.system.Addr(p.name) + path
	if r.who == inside {
		url = p.system.Internal(p.name) + path
	}
	a, err := ask(ctx, method, url, r)
	if err == nil && p.system.witness != nil {
		p.system.witness.heard(p.name, r.who == inside, method, path, a)
	}
	return a, err
}

func ask(ctx context.Context, method, url string, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.who.id != "" {
		req.Header.Set("X-Actor-Id", r.who.id)
	}
	if r.who != inside {
		req.Header.Set("X-Actor-Roles", r.who.roles)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, header: res.Header, text: string(data)}
	if len(data) > 0 && data[0] == '{' {
		err = json.Unmarshal(data, &a.body)
	}
	return a, err
}

// ask asks, and expects a status.
func (p *process) ask(t *testing.T, who actor, status int, route, body string) answer {
	t.Helper()
	a := p.do(t, request{who: who, route: route, body: body})
	if a.status != status {
		t.Fatalf("%s %s: status %d, want %d: %s", route, body, a.status, status, a.text)
	}
	return a
}

// refused asks, and expects a problem with a code.
func (p *process) refused(t *testing.T, who actor, status int, code, route, body string) answer {
	t.Helper()
	a := p.ask(t, who, status, route, body)
	if a.body["code"] != code {
		t.Fatalf("%s %s: code %v, want %s: %s", route, body, a.body["code"], code, a.text)
	}
	return a
}

// becomes asks until the answer has the fields.
func (p *process) becomes(t *testing.T, who actor, route string, fields map[string]any) {
	t.Helper()
	eventually(t, route, func() error {
		a, err := p.try(t.Context(), request{who: who, route: route})
		if err != nil {
			return err
		}
		return a.lacks(fields)
	})
}

// gone asks until there is nothing any more.
func (p *process) gone(t *testing.T, who actor, route string) {
	t.Helper()
	eventually(t, route, func() error {
		a, err := p.try(t.Context(), request{who: who, route: route})
		if err == nil && a.status != http.StatusNotFound {
			err = fmt.Errorf("status %d: %s", a.status, a.text)
		}
		return err
	})
}

// absent is the value of a field that is not there.
var absent = struct{ absent bool }{true}

// has expects fields in an answer; absent ones must not be there.
func (a answer) has(t *testing.T, fields map[string]any) {
	t.Helper()
	if err := a.lacks(fields); err != nil {
		t.Fatal(err)
	}
}

func (a answer) lacks(fields map[string]any) error {
	for name, want := range fields {
		got, there := a.body[name]
		if want == absent {
			if there {
				return fmt.Errorf("%s is %v, want it absent: %s", name, got, a.text)
			}
			continue
		}
		if !reflect.DeepEqual(got, plain(want)) {
			return fmt.Errorf("%s is %v, want %v: %s", name, got, want, a.text)
		}
	}
	return nil
}

// plain is a value as JSON has it.
func plain(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		return err
	}
	return out
}

// items is a field of every item of a page, in order.
func (a answer) items(field string) []any {
	list, _ := a.body["items"].([]any)
	out := []any{}
	for _, item := range list {
		if row, ok := item.(map[string]any); ok {
			out = append(out, row[field])
		}
	}
	return out
}

// lists expects a field of the items of a page, in order, at once.
func (p *process) lists(t *testing.T, who actor, route, field string, want ...any) {
	t.Helper()
	a := p.ask(t, who, http.StatusOK, route, "")
	if got := a.items(field); !reflect.DeepEqual(got, plain(append([]any{}, want...))) {
		t.Fatalf("%s: %s %v, want %v", route, field, got, want)
	}
}

// willList is lists, sooner or later.
func (p *process) willList(t *testing.T, who actor, route, field string, want ...any) {
	t.Helper()
	eventually(t, route, func() error {
		a, err := p.try(t.Context(), request{who: who, route: route})
		if err != nil {
			return err
		}
		if got := a.items(field); !reflect.DeepEqual(got, plain(append([]any{}, want...))) {
			return fmt.Errorf("%s %v, want %v: %s", field, got, want, a.text)
		}
		return nil
	})
}

// calls is what the stand-ins were asked of an operation, with the input's field.
func (s *system) calls(t *testing.T, operation, field, value string) []map[string]any {
	t.Helper()
	external, name, _ := strings.Cut(operation, ".")
	a, err := ask(t.Context(), http.MethodGet, s.Standins()+"/_calls?external="+external+"&operation="+name, request{})
	if err != nil {
		t.Fatal(err)
	}
	all, ok := a.body["calls"].([]any)
	if !ok {
		t.Fatalf("GET /_calls: %d %s", a.status, a.text)
	}
	var out []map[string]any
	for _, call := range all {
		call := call.(map[string]any)
		if input, ok := call["input"].(map[string]any); ok && input[field] == value {
			out = append(out, call)
		}
	}
	return out
}

// script says what an operation of an external system answers from now on.
func (s *system) script(t *testing.T, operation, script string) {
	t.Helper()
	a, err := ask(t.Context(), http.MethodPut, s.Standins()+"/_script/"+strings.ReplaceAll(operation, ".", "/"), request{body: script})
	if err != nil || a.status >= http.StatusMultipleChoices {
		t.Fatalf("script %s: %v %d %s", operation, err, a.status, a.text)
	}
}

// event is a record of a topic.
type event struct {
	kind   string // the last part of its type
	key    string
	header map[string]string
	data   map[string]any
}

// events are the records of a topic as events.
func (s *system) events(t *testing.T, topic string) []event {
	t.Helper()
	var out []event
	for _, r := range s.records(t, topic) {
		e := event{key: string(r.Key), header: map[string]string{}}
		for _, h := range r.Headers {
			e.header[h.Key] = string(h.Value)
		}
		e.kind = e.header["ce_type"][strings.LastIndexByte(e.header["ce_type"], '.')+1:]
		if err := json.Unmarshal(r.Value, &e.data); err != nil {
			t.Errorf("topic %s: %v", topic, err)
		}
		out = append(out, e)
	}
	return out
}

// records reads a topic from its beginning to its present end.
func (s *system) records(t *testing.T, topic string) []*kgo.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers()...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	var left int64
	ends.Each(func(o kadm.ListedOffset) { left += o.Offset })
	var out []*kgo.Record
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(fetches.Err(), ctx.Err()); err != nil {
			t.Fatalf("topic %s: %v", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			left--
			out = append(out, r)
		})
	}
	return out
}

// again sends all records of a topic once more, and waits until a group has handled
// them.
func (s *system) again(t *testing.T, topic, group string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	records := s.records(t, topic)
	if len(records) == 0 {
		t.Fatalf("topic %s is empty", topic)
	}
	for _, r := range records {
		again := &kgo.Record{Topic: topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers}
		if err := client.ProduceSync(t.Context(), again).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	s.handled(t, group, topic)
}

// handled waits until a group has handled all that is on a topic now.
func (s *system) handled(t *testing.T, group, topic string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.brokers()...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := admin.ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, group+" has handled "+topic, func() error {
		commits, err := admin.FetchOffsets(t.Context(), group)
		ends.Each(func(end kadm.ListedOffset) {
			if commit, _ := commits.Lookup(end.Topic, end.Partition); commit.At < end.Offset {
				err = errors.Join(err, fmt.Errorf("partition %d: %d of %d", end.Partition, commit.At, end.Offset))
			}
		})
		return err
	})
}

// kinds are the types of the events of one instance, in order.
func kinds(events []event, key string) []string {
	out := []string{}
	for _, e := range events {
		if e.key == key {
			out = append(out, e.kind)
		}
	}
	return out
}

// hears waits until the events of an instance on a topic are these.
func (s *system) hears(t *testing.T, topic, key string, want ...string) []event {
	t.Helper()
	var all []event
	eventually(t, topic+" of "+key, func() error {
		all = s.events(t, topic)
		if got := kinds(all, key); !slices.Equal(got, want) {
			return fmt.Errorf("events %v, want %v", got, want)
		}
		return nil
	})
	return all
}

// parked are the records that a service could not handle, as handler: reason.
func (p *process) parked(t *testing.T) []string {
	t.Helper()
	a := p.ask(t, inside, http.StatusOK, "GET /internal/parked", "")
	out := []string{}
	for _, item := range a.body["items"].([]any) {
		row := item.(map[string]any)
		out = append(out, fmt.Sprintf("%v: %v: %v", row["handler"], row["reason"], row["error"]))
	}
	return out
}

// within reports how long something took at most.
func within(t *testing.T, most time.Duration, do func()) {
	t.Helper()
	started := time.Now()
	do()
	if took := time.Since(started); took > most {
		t.Errorf("took %v, want at most %v", took, most)
	}
}

// last is a JSON object of which later fields stand for earlier ones of the
// same name.
func last(object string) string {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &fields); err != nil {
		return object
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return object
	}
	return string(data)
}
