package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/propagation"
)

// message is an event on its way to the outbox: a CloudEvent in Kafka's binary mode.
type message struct {
	topic, key, headers string
	time                time.Time
	data                json.RawMessage
}

// message makes one of an event, in the trace of its request.
func (o *orders) message(ctx context.Context, r request, event, id string, version int64, body any) (message, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return message{}, err
	}
	at := now()
	trace := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, trace)
	headers := make([]kgo.RecordHeader, 0, 14)
	for _, h := range [...][2]string{
		{"ce_specversion", "1.0"}, {"ce_id", uuid.Must(uuid.NewV7()).String()}, {"ce_source", "/yard/" + o.context},
		{"ce_type", o.context + ".order." + event}, {"ce_subject", id}, {"ce_time", at.Format(time.RFC3339Nano)},
		{"ce_sequence", strconv.FormatInt(version, 10)}, {"ce_dataversion", "1"}, {"ce_correlationid", uuid.NewString()},
		{"ce_actorid", r.subject}, {"ce_actorroles", strings.Join(r.roles, ",")}, {"content-type", "application/json"},
		{"traceparent", trace["traceparent"]}, {"tracestate", trace["tracestate"]},
	} {
		if h[1] != "" {
			headers = append(headers, kgo.RecordHeader{Key: h[0], Value: []byte(h[1])})
		}
	}
	text, err := json.Marshal(headers)
	return message{topic: o.topic, key: id, headers: string(text), time: at, data: data}, err
}

// received is an event as it comes back.
type received struct {
	id, event, actor string
	version          int64
	time             time.Time
	parent           propagation.MapCarrier
	record           *kgo.Record
}

func receive(r *kgo.Record) (received, error) {
	m := received{record: r, parent: propagation.MapCarrier{}}
	var spec string
	for _, h := range r.Headers {
		var err error
		switch value := string(h.Value); h.Key {
		case "ce_specversion":
			spec = value
		case "ce_id":
			m.id = value
		case "ce_type":
			m.event = value[strings.LastIndexByte(value, '.')+1:]
		case "ce_actorid":
			m.actor = value
		case "ce_sequence":
			m.version, err = strconv.ParseInt(value, 10, 64)
		case "ce_time":
			m.time, err = time.Parse(time.RFC3339Nano, value)
		case "traceparent", "tracestate":
			m.parent[h.Key] = value
		}
		if err != nil {
			return m, fmt.Errorf("header %s: %w", h.Key, err)
		}
	}
	if spec != "1.0" || m.id == "" || m.event == "" {
		return m, errors.New("the record is no event")
	}
	return m, nil
}
