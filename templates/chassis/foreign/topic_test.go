package foreign_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/internal/testservers"
	"github.com/esgen/esgen/templates/chassis/foreign"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/store"
)

func record(topic, key, value string, headers ...string) *kgo.Record {
	r := &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(value), Timestamp: now}
	for i := 0; i < len(headers); i += 2 {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: headers[i], Value: []byte(headers[i+1])})
	}
	return r
}

// taken is a service that takes in topics: plain JSON with what it needs, plain
// JSON alone, and CloudEvents.
func taken(t *testing.T, url string) (*store.DB, *kafka.Consumer) {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := kafka.NewConsumer(kafka.ConsumerConfig{Group: "shop.pay", DB: db})
	plain := bank()
	plain.Type, plain.Strict = "kind", true
	bare := foreign.System{Name: "bare", Source: "/shop/pay", Events: []foreign.Event{foreign.Tells[Settled]("", foreign.From{"account": foreign.RecordKey})}}
	clouds := foreign.System{Name: "clouds", Source: "/shop/pay", Events: []foreign.Event{foreign.Tells[Settled]("com.bank.settled", nil)}}
	foreign.Consume(c, foreign.Topic{System: plain, Topic: "plain", Format: foreign.JSON})
	foreign.Consume(c, foreign.Topic{System: bare, Topic: "bare", Format: foreign.JSON})
	foreign.Consume(c, foreign.Topic{System: clouds, Topic: "clouds", Format: foreign.CloudEvent})
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	return db, c
}

const (
	simple     = `{"account": "a", "cents": 1, "kind": "in", "places": []}`
	structured = "application/cloudevents+json; charset=utf-8"
)

func TestTopics(t *testing.T) {
	testservers.OnBoth(t, func(t *testing.T, url string) {
		db, c := taken(t, url)
		at := func(r *kgo.Record, offset int64) *kgo.Record {
			r.Offset = offset
			return r
		}
		binary := func(source, id string) *kgo.Record {
			return record("clouds", "", simple, "ce_specversion", "1.0", "ce_id", id, "ce_source", source, "ce_type", "com.bank.settled", "ce_subject", "s",
				"ce_time", "2026-11-30T12:00:00+09:00", "Content-Type", "application/json", "traceparent", "00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01")
		}
		for _, r := range []*kgo.Record{
			at(record("plain", "k", settled(`"t1"`, "1"), "kind", "settled"), 1),
			at(record("plain", "k", settled(`"t1"`, "1"), "kind", "settled"), 2), // the same again
			at(record("bare", "k1", simple), 1),
			at(record("bare", "k1", simple), 1), // delivered again
			at(record("bare", "k1", simple), 2), // another one that says the same
			binary("/a", "1"), binary("/a", "1"), binary("/b", "1"),
			record("clouds", "k2", `{"specversion": "1.0", "id": "2", "source": "/a", "type": "com.bank.settled", "data": `+simple+`}`, "content-type", structured),
			{Topic: "plain", Key: []byte("k")}, // says nothing
		} {
			if err := c.Deliver(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		var keys []string
		got := sent(t, db)
		for _, e := range got {
			keys = append(keys, e.Key)
		}
		if want := "4711 k1 k1 s s k2"; strings.Join(keys, " ") != want {
			t.Fatalf("told were %v, want %s", keys, want)
		}
		if e := got[1]; e.CausationID != "bare/0/1" || !e.Time.Equal(now) || !strings.Contains(string(e.Data), `"account":"k1"`) {
			t.Errorf("%+v", e)
		}
		if e := got[3]; e.CausationID != "/a 1" || !e.Time.Equal(time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)) || e.TraceParent == "" {
			t.Errorf("%+v", e)
		}
	})
}

func TestRecordsThatCannotBeRead(t *testing.T) {
	db, c := taken(t, "sqlite:"+t.TempDir()+"/db")
	for name, test := range map[string]struct {
		record *kgo.Record
		says   string
	}{
		"no JSON":                {record("plain", "k", "<a/>", "kind", "settled"), "no JSON"},
		"no type":                {record("plain", "k", settled("1", "1")), "kind"},
		"an unknown type":        {record("plain", "k", settled("1", "1"), "kind", "x"), `"x" is no event`},
		"no id":                  {record("plain", "k", `{"data": {}}`, "kind", "settled"), "/id"},
		"no data":                {record("plain", "k", `{"id": 1}`, "kind", "settled"), "/data"},
		"a missing field":        {record("plain", "k", `{"id": 1, "data": {}}`, "kind", "settled"), "/account"},
		"no text as key":         {record("bare", "\xff", simple), "the key"},
		"a key of two lines":     {record("bare", "a\nb", simple), "the key"},
		"a long key":             {record("bare", strings.Repeat("x", 201), simple), "the key"},
		"a key that is needed":   {record("bare", "", simple), "/account"},
		"no CloudEvent":          {record("clouds", "k", simple), "specversion"},
		"of another version":     {record("clouds", "k", simple, "ce_specversion", "0.3"), "specversion"},
		"no source":              {record("clouds", "k", simple, "ce_specversion", "1.0", "ce_id", "1", "ce_type", "com.bank.settled"), "source"},
		"a bad time":             {record("clouds", "k", simple, "ce_specversion", "1.0", "ce_id", "1", "ce_source", "/a", "ce_type", "com.bank.settled", "ce_time", "noon"), "time"},
		"a batch":                {record("clouds", "k", "[]", "content-type", "application/cloudevents-batch+json"), "cannot be read"},
		"Avro":                   {record("clouds", "k", "x", "content-type", "application/cloudevents+avro"), "cannot be read"},
		"structured, no object":  {record("clouds", "k", "[]", "content-type", structured), "cannot unmarshal"},
		"structured without id":  {record("clouds", "k", `{"specversion": "1.0"}`, "content-type", structured), "id"},
		"structured, no data":    {record("clouds", "k", `{"specversion": "1.0", "id": "1", "source": "/a", "type": "com.bank.settled"}`, "content-type", structured), "no object"},
		"structured, in base 64": {record("clouds", "k", `{"specversion": "1.0", "id": "1", "source": "/a", "type": "com.bank.settled", "data_base64": "e30="}`, "content-type", structured), "no object"},
	} {
		if err := c.Deliver(t.Context(), test.record); err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "undecodable") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Who is not strict passes over what it does not know.
	err := c.Deliver(t.Context(), record("clouds", "k", simple, "ce_specversion", "1.0", "ce_id", "1", "ce_source", "/a", "ce_type", "com.bank.closed"))
	if err == nil || errors.Unwrap(err) != nil || !strings.Contains(err.Error(), "nobody waits") {
		t.Error(err)
	}
	if got := sent(t, db); len(got) > 0 {
		t.Errorf("told were %v", got)
	}
}
