package foreign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/outbox"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Topic is a topic of somebody else.
type Topic struct {
	System
	Topic  string
	Format Format
}

// Format reads what a record says of itself: CloudEvent or JSON.
type Format func(s System, r *kgo.Record) (told, error)

// Consume takes in the records of a topic. All is added before the consumer runs.
func Consume(c *kafka.Consumer, t Topic) {
	if err := t.Err(); err != nil {
		c.Fail(err)
	}
	c.ReadForeign(t.Topic, t.read)
	for _, event := range t.Events {
		kafka.Project(c, kafka.Projection[struct{}]{
			Name: "topic/" + t.Name, Topic: t.Topic, Type: untold + event.note.Type, Needs: []string{},
			Do: func(_ context.Context, tx *store.Tx, _ struct{}, e message.Envelope) error {
				e.Type = event.note.Type
				return outbox.Append(tx, e)
			},
		})
	}
}

// untold begins the type of an event that is not told here yet: whoever follows it
// follows it where it is told.
const untold = "untold:"

// read is the event that a record tells; one without a type is passed over.
func (t Topic) read(r *kgo.Record) (message.Envelope, error) {
	if r.Value == nil {
		return message.Envelope{}, message.ErrNoEvent
	}
	if key := string(r.Key); len(key) > values.MaxID || !utf8.ValidString(key) || strings.IndexFunc(key, unicode.IsControl) >= 0 {
		return message.Envelope{}, errors.New("the key is no text, or too long")
	}
	said, err := t.Format(t.System, r)
	if err != nil {
		return message.Envelope{}, err
	}
	e, known, err := t.event(said)
	if known {
		e.Type = untold + e.Type
	}
	e.TraceParent, e.TraceState = tracing(said, "traceparent"), tracing(said, "tracestate")
	return e, err
}

// tracing is a header of traces, where it is one.
func tracing(t told, name string) string {
	if text := t.header(name); len(text) <= 512 && utf8.ValidString(text) && strings.IndexFunc(text, unicode.IsControl) < 0 {
		return text
	}
	return ""
}

func headersOf(r *kgo.Record) func(string) string {
	return func(name string) string {
		for _, h := range r.Headers {
			if strings.EqualFold(h.Key, name) {
				return string(h.Value)
			}
		}
		return ""
	}
}

// timeOf is when a record was written; of one that was parked that is not known.
func timeOf(r *kgo.Record) time.Time {
	if r.Timestamp.IsZero() {
		return time.Now()
	}
	return r.Timestamp
}

// JSON reads records that are plain JSON. One that has no id of its own is known
// by its place.
func JSON(s System, r *kgo.Record) (t told, err error) {
	t = told{value: r.Value, header: headersOf(r), key: string(r.Key), at: timeOf(r), id: []string{fmt.Sprintf("%s/%d/%d", r.Topic, r.Partition, r.Offset)}}
	if !json.Valid(t.value) {
		return t, errors.New("the value is no JSON")
	}
	switch {
	case s.Type != "":
		if t.typ, err = t.text(s.Type); err != nil {
			return t, fmt.Errorf("%s: %w", s.Type, err)
		}
	case len(s.Events) > 0:
		t.typ = s.Events[0].called
	}
	if s.ID != "" {
		id, err := t.text(s.ID)
		if err != nil {
			return t, fmt.Errorf("%s: %w", s.ID, err)
		}
		t.id = []string{id}
	}
	var found bool
	if t.data, found = t.find(s.Data, t.value); !found {
		return t, fmt.Errorf("%s: it is missing", s.Data)
	}
	return t, nil
}

// CloudEvent reads CloudEvents 1.0, in Kafka's binary mode or structured. What
// one is known by are its source and its id, together.
func CloudEvent(_ System, r *kgo.Record) (told, error) {
	header := headersOf(r)
	t := told{value: r.Value, header: header, key: string(r.Key), at: timeOf(r)}
	media := ""
	if text := header("content-type"); text != "" {
		var err error
		if media, _, err = mime.ParseMediaType(text); err != nil {
			return t, fmt.Errorf("content-type: %w", err)
		}
	}
	attribute := func(name string) string { return header("ce_" + name) }
	switch {
	case media == "application/cloudevents+json":
		var event map[string]json.RawMessage
		if err := json.Unmarshal(r.Value, &event); err != nil {
			return t, err
		}
		t.data = event["data"]
		attribute = func(name string) (text string) {
			_ = json.Unmarshal(event[name], &text) // one that is no text is missing
			return text
		}
	case strings.HasPrefix(media, "application/cloudevents"):
		return t, fmt.Errorf("content-type %s cannot be read", media)
	default:
		t.data = r.Value
	}
	return t, t.attributes(attribute)
}

// attributes takes those of a CloudEvent.
func (t *told) attributes(of func(string) string) (err error) {
	if version := of("specversion"); version != "1.0" {
		return fmt.Errorf("specversion is %q, want 1.0", version)
	}
	for _, name := range []string{"id", "source", "type"} {
		if err := values.ID(of(name)).Check(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	t.typ, t.id = of("type"), []string{of("source"), of("id")}
	if text := of("time"); text != "" {
		if t.at, err = values.ParseTime(text); err != nil {
			return fmt.Errorf("time: %w", err)
		}
	}
	if t.key == "" {
		t.key = of("subject")
	}
	return nil
}
