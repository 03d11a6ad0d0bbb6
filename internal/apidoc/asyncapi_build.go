package apidoc

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
)

// asyncAPI writes one document.
type asyncAPI struct {
	doc      *AsyncAPI
	service  *contract.Service
	shapes   *shapes
	examples *Examples
	headers  string // name of the schema that all headers have in common
}

// Events describes the events that a service publishes, and those of others
// that it hears. It is nil for a service that does neither.
func Events(s *contract.Service, x *Examples) *AsyncAPI {
	b := &asyncAPI{service: s, shapes: newShapes(s.System.Model, "#/components/schemas/"), examples: x}
	b.shapes.draft07 = true
	b.doc = &AsyncAPI{
		Version: "3.0.0", ID: "urn:" + s.System.Model.Name + ":" + s.Name.Kebab, DefaultContentType: "application/json",
		Info:    info(&s.Context.Node, s.Context.Team, "\n\nEvents are CloudEvents 1.0 in Kafka's binary mode; those of an instance come in their order.\n\n"+Tolerance),
		Servers: Map[*Broker]{{"kafka", &Broker{"localhost:9092", "kafka", "KAFKA_BROKERS of the service"}}},
	}
	b.doc.Info.Tags = []Tag{{s.Name.Kebab, sentence(&s.Context.Node)}}
	b.headers = b.shapes.take("CloudEvent", "Headers")
	b.shapes.defs.Set(b.headers, cloudEvent())
	for _, m := range s.Messages {
		b.add(m, "send", nil)
	}
	for _, n := range s.Needs {
		if n.Message != nil {
			b.add(n.Message, "receive", n)
		}
	}
	if len(b.doc.Channels) == 0 {
		return nil
	}
	b.doc.Components.Schemas = b.shapes.defs
	b.doc.Components.CorrelationIDs = Map[*CorrelationID]{{"correlation", &CorrelationID{
		"The same for all that follows from one request.", "$message.header#/ce_correlationid",
	}}}
	return b.doc
}

// add puts a message on its channel. What several parts of the service hear is
// received once.
func (b *asyncAPI) add(m *contract.Message, action string, need *contract.Need) {
	name, channel, title := m.ID, names.Of(&m.Event.Aggregate.Node).Kebab, m.Event.Aggregate.Called()
	if m.Service != b.service {
		name, channel, title = m.Service.Name.Kebab+"."+name, m.Service.Name.Kebab+"."+channel, quote.Text(m.Service.Name.Kebab)+": "+title
	}
	c, ok := b.doc.Channels.Get(channel)
	if !ok {
		c = &Channel{Address: m.Topic, Title: title, Description: sentence(&m.Event.Aggregate.Node), Bindings: Bindings{KafkaBinding{Topic: m.Topic, Version: kafkaBinding}}}
		b.doc.Channels.Set(channel, c)
	}
	if _, ok := c.Messages.Get(name); !ok {
		c.Messages.Set(name, Reference{"#/components/messages/" + name})
		b.doc.Components.Messages.Set(name, b.message(m))
	}
	id := action + "." + channel
	op, ok := b.doc.Operations.Get(id)
	if !ok {
		op = &Action{Action: action, Channel: Reference{"#/channels/" + channel}, Title: title}
		op.Summary = map[string]quote.Text{"send": "What happened to ", "receive": "Is told what happened to "}[action] + title + "."
		b.doc.Operations.Set(id, op)
	}
	if ref := (Reference{"#/channels/" + channel + "/messages/" + name}); !slices.Contains(op.Messages, ref) {
		op.Messages = append(op.Messages, ref)
	}
	if need != nil {
		line := "- " + quote.Inline(need.By) + " (" + quote.Inline(m.ID) + ")\n"
		if !strings.Contains(string(op.Description), string(line)) {
			op.Description += line
		}
	}
}

func (b *asyncAPI) message(m *contract.Message) *MessageDoc {
	node := &m.Event.Node
	payload := b.shapes.object(m.Payload, given)
	payload.Title, payload.Description = node.Title, quote.Block(node.Description)
	out := &MessageDoc{
		Name: m.Type, Title: node.Called(), Summary: summary(node), ContentType: "application/json",
		CorrelationID: Reference{"#/components/correlationIds/correlation"},
		Headers: &Schema{
			AllOf: []*Schema{{Ref: b.shapes.at + b.headers}}, Type: "object",
			Properties: Map[*Schema]{{"ce_type", constant(m.Type)}, {"ce_dataversion", constant(strconv.Itoa(m.Version))}, {"ce_source", constant(source(m))}},
		},
		Payload:  b.shapes.define(names.Of(node).Go, names.Of(&m.Event.Aggregate.Node).Go, payload),
		Bindings: Bindings{KafkaBinding{Key: b.key(m), Version: kafkaBinding}},
		Examples: []MessageExample{{Name: "one", Headers: b.exampleHeaders(m), Payload: b.examples.Payload(m)}},
	}
	if m.Service == b.service {
		for _, n := range m.Consumers() {
			if line := n.Consumer.Name() + ": " + n.By; !slices.Contains(out.Consumers, line) {
				out.Consumers = append(out.Consumers, line)
			}
		}
	}
	return out
}

func (b *asyncAPI) key(m *contract.Message) *Schema {
	return &Schema{Type: "string", Description: "The instance: " + quote.Inline(m.Key) + "."}
}

func constant(text string) *Schema { return &Schema{Type: "string", Const: text} }

// source is ce_source of what a context says.
func source(m *contract.Message) string {
	return "/" + m.Service.System.Model.Name + "/" + m.Service.Name.Kebab
}

// cloudEvent are the headers of every event, as package message of the chassis
// writes them (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).
func cloudEvent() *Schema {
	said := func(words quote.Markdown, format string) *Schema {
		return &Schema{Type: "string", Description: words, Format: format}
	}
	number := func(words quote.Markdown) *Schema {
		return &Schema{Type: "string", Description: words, Pattern: "^[0-9]+$"}
	}
	return &Schema{
		Title: "CloudEvents 1.0 in Kafka's binary mode", Type: "object",
		Properties: Map[*Schema]{
			{"ce_specversion", constant("1.0")},
			{"ce_id", said("Of the event; the same at every delivery.", "")},
			{"ce_source", said("Which context says so.", "uri-reference")},
			{"ce_type", said("What kind of event it is.", "")},
			{"ce_subject", said("The instance.", "")},
			{"ce_time", said("When it happened.", "date-time")},
			{"ce_sequence", number("The version of the instance after it.")},
			{"ce_dataversion", number("The version of the payload's schema.")},
			{"ce_correlationid", said("The same for all that follows from one request.", "")},
			{"ce_causationid", said("The message or request that this one follows from.", "")},
			{"ce_actorid", said("Who is behind it.", "")},
			{"ce_actorroles", said("Their roles, escaped and separated by commas.", "")},
			{"ce_actorsystem", &Schema{Type: "string", Enum: []string{"true"}, Description: "The system acted on their behalf."}},
			{"content-type", constant("application/json")},
			{"traceparent", said("The trace it belongs to (W3C Trace Context).", "")},
			{"tracestate", said("What tracing systems add to it.", "")},
		},
		Required: []string{"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence", "ce_dataversion", "content-type"},
	}
}

// exampleHeaders are those of the example: of a played event its own.
func (b *asyncAPI) exampleHeaders(m *contract.Message) Map[string] {
	id, at, sequence := "01980000-0000-7000-8000-000000000000", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), int64(1)
	if e := b.examples.Happened(m); e != nil {
		at, sequence = e.Time, max(e.Version, 1)
		if e.ID != "" {
			id = e.ID
		}
	}
	return Map[string]{
		{"ce_specversion", "1.0"}, {"ce_id", id}, {"ce_source", source(m)}, {"ce_type", m.Type},
		{"ce_subject", memberRaw(b.examples.Payload(m), m.Key)},
		{"ce_time", at.UTC().Format(time.RFC3339Nano)},
		{"ce_sequence", strconv.FormatInt(sequence, 10)}, {"ce_dataversion", strconv.Itoa(m.Version)},
		{"content-type", "application/json"},
	}
}
