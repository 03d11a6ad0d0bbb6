// Package message is what travels between contexts: events as CloudEvents 1.0
// in Kafka's binary mode, and the outbox they leave from.
package message

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/propagation"

	"github.com/esgen/esgen/templates/chassis/values"
)

// ErrMissing: what a message refers to is not there, or not there yet. A
// handler that returns it is tried again, now and later.
var ErrMissing = errors.New("not there")

// ErrUnavailable: another service did not answer. A handler that returns it is
// tried again, now and later.
var ErrUnavailable = errors.New("unavailable")

// ErrTooLarge: a message weighs more than brokers take. Whoever asked for it
// asked for too much.
var ErrTooLarge = errors.New("the message is too large")

// ErrNoEvent: a record without a value. Kafka keeps such for who compacts its
// topics; it says nothing to anybody.
var ErrNoEvent = errors.New("the record has no value")

// Envelope is a message with its CloudEvents attributes.
type Envelope struct {
	ID          values.ID // ce_id; the same at every delivery
	Source      string    // ce_source: /<system>/<context>
	Type        string    // ce_type: <context>.<aggregate>.<event>
	Subject     string    // ce_subject: the id of the instance
	Time        time.Time // ce_time
	Sequence    int64     // ce_sequence: the version of the instance that the event made
	DataVersion int       // ce_dataversion: the version of the event's type

	CorrelationID string // ce_correlationid: the same for all that follows from one request
	CausationID   string // ce_causationid: the message or request that this follows from
	TraceParent   string // traceparent, W3C, as it was when the event was stored
	TraceState    string

	Actor values.Actor // ce_actorid, ce_actorroles, ce_actorsystem

	Topic string
	Key   string // orders messages: the id of the instance
	Data  json.RawMessage

	// Person is whose what is personal of it is, for who can read that.
	Person values.ID
}

// Names of the headers.
const (
	headerSpecVersion = "ce_specversion"
	headerID          = "ce_id"
	headerSource      = "ce_source"
	headerType        = "ce_type"
	headerSubject     = "ce_subject"
	headerTime        = "ce_time"
	headerSequence    = "ce_sequence"
	headerDataVersion = "ce_dataversion"
	headerCorrelation = "ce_correlationid"
	headerCausation   = "ce_causationid"
	headerActor       = "ce_actorid"
	headerRoles       = "ce_actorroles"
	headerSystem      = "ce_actorsystem"
	headerContentType = "content-type"
	headerTraceParent = "traceparent"
	headerTraceState  = "tracestate"
)

// Topic is the name of an aggregate's topic.
func Topic(system, context, aggregate string) string {
	return system + "." + context + "." + aggregate
}

// OwnTopic is the topic that an aggregate's own context listens to when the
// aggregate has private events: it carries all of them, because the order of
// an instance's events holds within one topic only.
func OwnTopic(topic string) string { return topic + ".private" }

// Meta is what the model's expressions see of a message.
func (e Envelope) Meta() values.Meta {
	return values.Meta{ID: e.ID, Time: e.Time, Version: e.Sequence, Type: e.Event(), Actor: e.Actor, Person: e.Person}
}

// Event is the name of the event: the last part of the type.
func (e Envelope) Event() string { return e.Type[strings.LastIndexByte(e.Type, '.')+1:] }

// Capture notes which trace the envelope belongs to.
func (e *Envelope) Capture(ctx context.Context) {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	e.TraceParent, e.TraceState = carrier[headerTraceParent], carrier[headerTraceState]
}

// Continue returns a context in which spans continue the envelope's trace.
func (e Envelope) Continue(ctx context.Context) context.Context {
	carrier := propagation.MapCarrier{headerTraceParent: e.TraceParent, headerTraceState: e.TraceState}
	return propagation.TraceContext{}.Extract(ctx, carrier)
}

// Headers are the envelope's attributes as Kafka carries them.
func (e Envelope) Headers() []kgo.RecordHeader {
	var headers []kgo.RecordHeader
	add := func(key, value string) {
		if value != "" {
			headers = append(headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
		}
	}
	add(headerSpecVersion, "1.0")
	add(headerID, string(e.ID))
	add(headerSource, e.Source)
	add(headerType, e.Type)
	add(headerSubject, e.Subject)
	add(headerTime, e.Time.UTC().Format(time.RFC3339Nano))
	add(headerSequence, strconv.FormatInt(e.Sequence, 10))
	add(headerDataVersion, strconv.Itoa(e.DataVersion))
	add(headerCorrelation, e.CorrelationID)
	add(headerCausation, e.CausationID)
	add(headerActor, string(e.Actor.Subject))
	add(headerRoles, joinRoles(e.Actor.Roles))
	if e.Actor.System {
		add(headerSystem, "true")
	}
	add(headerContentType, "application/json")
	add(headerTraceParent, e.TraceParent)
	add(headerTraceState, e.TraceState)
	return headers
}

// Record is the envelope as a Kafka record.
func (e Envelope) Record() *kgo.Record {
	return &kgo.Record{Topic: e.Topic, Key: []byte(e.Key), Value: e.Data, Headers: e.Headers()}
}

// FromRecord reads an envelope. A record that is no CloudEvent of this system
// is an error; attributes that it does not know are left out. What is read goes
// into databases, logs and other records, so that it must be text.
func FromRecord(r *kgo.Record) (Envelope, error) {
	header := make(map[string]string, len(r.Headers))
	for _, h := range r.Headers {
		header[h.Key] = string(h.Value)
	}
	e := Envelope{
		ID: values.ID(header[headerID]), Source: header[headerSource], Type: header[headerType],
		Subject: header[headerSubject], DataVersion: 1,
		CorrelationID: header[headerCorrelation], CausationID: header[headerCausation],
		TraceParent: header[headerTraceParent], TraceState: header[headerTraceState],
		Topic: r.Topic, Key: string(r.Key), Data: r.Value,
	}
	if r.Value == nil {
		return e, ErrNoEvent
	}
	if version := header[headerSpecVersion]; version != "1.0" {
		return e, fmt.Errorf("header %s is %q, want 1.0", headerSpecVersion, version)
	}
	for _, name := range []string{headerID, headerSource, headerType} {
		if header[name] == "" {
			return e, fmt.Errorf("header %s is missing", name)
		}
	}
	for _, name := range texts {
		if text := header[name]; len(text) > maxText || !isText(text) {
			return e, fmt.Errorf("header %s is no text, or too long", name)
		}
	}
	return e, errors.Join(e.identify(), e.parse(header))
}

// texts are the headers that are taken as they are.
var texts = []string{
	headerID, headerSource, headerType, headerSubject, headerCorrelation, headerCausation, headerActor, headerRoles, headerTraceParent, headerTraceState,
}

// maxText is as long as one of them may be.
const maxText = 2048

func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// identify refuses a record that is not clear about what it is about: what has
// one key is kept in order, and the instance is named by the subject.
func (e *Envelope) identify() error {
	if err := e.ID.Check(); err != nil {
		return fmt.Errorf("header %s: %w", headerID, err)
	}
	if !isText(e.Key) {
		return errors.New("the key is no text")
	}
	if e.Subject != "" && e.Key != "" && e.Subject != e.Key {
		return fmt.Errorf("header %s differs from the key", headerSubject)
	}
	return nil
}

// parse reads the attributes that are not plain text. All but the time may be
// left out: a record from outside of the system has no sequence.
func (e *Envelope) parse(header map[string]string) error {
	var err error
	if e.Time, err = values.ParseTime(header[headerTime]); err != nil {
		return fmt.Errorf("header %s: %w", headerTime, err)
	}
	if text := header[headerSequence]; text != "" {
		if e.Sequence, err = strconv.ParseInt(text, 10, 64); err != nil {
			return fmt.Errorf("header %s: %w", headerSequence, err)
		}
		if e.Sequence < 0 {
			return fmt.Errorf("header %s is negative", headerSequence)
		}
	}
	if text := header[headerDataVersion]; text != "" {
		if e.DataVersion, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("header %s: %w", headerDataVersion, err)
		}
	}
	e.Actor.Subject = values.ID(header[headerActor])
	e.Actor.System = header[headerSystem] == "true"
	if e.Actor.Roles, err = splitRoles(header[headerRoles]); err != nil {
		return fmt.Errorf("header %s: %w", headerRoles, err)
	}
	return nil
}

// joinRoles separates by commas, which a role may hold itself.
func joinRoles(roles []string) string {
	escaped := make([]string, len(roles))
	for i, role := range roles {
		escaped[i] = url.PathEscape(role)
		escaped[i] = strings.ReplaceAll(escaped[i], ",", "%2C")
	}
	return strings.Join(escaped, ",")
}

func splitRoles(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	roles := strings.Split(text, ",")
	for i, role := range roles {
		var err error
		if roles[i], err = url.PathUnescape(role); err != nil {
			return nil, err
		}
	}
	return roles, nil
}
