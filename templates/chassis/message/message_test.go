package message_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

func full() message.Envelope {
	return message.Envelope{
		ID: "m1", Source: "/food/front", Type: "front.Order.OrderPlaced", Subject: "o1",
		Time: time.Date(2026, 12, 1, 0, 0, 0, 1000, time.UTC), Sequence: 7, DataVersion: 2,
		CorrelationID: "corr", CausationID: "cause", TraceParent: "00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01", TraceState: "a=b",
		Actor: values.Actor{Subject: "u1", Roles: []string{"손님", "a,b%"}, System: true},
		Topic: "food.front.Order", Key: "o1", Data: json.RawMessage(`{"total":"1"}`),
	}
}

func TestEnvelopesTravel(t *testing.T) {
	for name, want := range map[string]message.Envelope{
		"full":  full(),
		"small": {ID: "m1", Source: "/x", Type: "x", Time: time.Unix(0, 0).UTC(), DataVersion: 1, Topic: "t", Data: json.RawMessage(`{}`)},
	} {
		got, err := message.FromRecord(want.Record())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	meta := full().Meta()
	if meta.Type != "OrderPlaced" || meta.Version != 7 || meta.ID != "m1" || meta.Actor.Subject != "u1" {
		t.Errorf("meta %+v", meta)
	}
}

func TestRecordsThatAreNoMessages(t *testing.T) {
	set := func(key, value string) func(*kgo.Record) {
		return func(r *kgo.Record) {
			r.Headers = slices.DeleteFunc(r.Headers, func(h kgo.RecordHeader) bool { return h.Key == key })
			if value != "" {
				r.Headers = append(r.Headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
			}
		}
	}
	for name, change := range map[string]func(*kgo.Record){
		"no version":      set("ce_specversion", ""),
		"other version":   set("ce_specversion", "0.3"),
		"no id":           set("ce_id", ""),
		"no source":       set("ce_source", ""),
		"no type":         set("ce_type", ""),
		"no time":         set("ce_time", ""),
		"bad time":        set("ce_time", "yesterday"),
		"bad sequence":    set("ce_sequence", "x"),
		"bad dataversion": set("ce_dataversion", "x"),
		"bad roles":       set("ce_actorroles", "%zz"),
		"no headers":      func(r *kgo.Record) { r.Headers = nil },
	} {
		r := full().Record()
		change(r)
		if _, err := message.FromRecord(r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	r := full().Record()
	set("ce_unknown", "x")(r)
	if _, err := message.FromRecord(r); err != nil {
		t.Errorf("an unknown attribute: %v", err)
	}
}

func TestRecover(t *testing.T) {
	try := func(fn func()) (err error) {
		defer message.Recover(&err)
		fn()
		return nil
	}
	var fault *values.Fault
	var panicked *message.Panic
	if err := try(func() { panic(&values.Fault{Message: "x"}) }); !errors.As(err, &fault) {
		t.Error(err)
	}
	if err := try(func() { panic("x") }); !errors.As(err, &panicked) || len(panicked.Stack) == 0 {
		t.Error(err)
	}
	if err := try(func() {}); err != nil {
		t.Error(err)
	}
}

func FuzzFromRecord(f *testing.F) {
	f.Add("ce_time", "2026-01-01T00:00:00Z", []byte("{}"))
	f.Fuzz(func(t *testing.T, key, value string, data []byte) {
		r := full().Record()
		r.Headers, r.Value = append(r.Headers, kgo.RecordHeader{Key: key, Value: []byte(value)}), data
		if e, err := message.FromRecord(r); err == nil {
			if _, err := message.FromRecord(e.Record()); err != nil {
				t.Errorf("%q: %v", e.Headers(), err)
			}
		}
	})
}
