package apidoc

import (
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
)

// asyncAPI writes one document.
type asyncAPI struct {
	doc     *AsyncAPI
	service *contract.Service
}

// Events describes the events that a service publishes, and those of others that
// it hears, which their own documents tell of. It is nil for a service that does
// neither.
func Events(s *contract.Service) *AsyncAPI {
	b := &asyncAPI{service: s}
	b.doc = &AsyncAPI{
		Version: "3.0.0", ID: "urn:" + s.System.Model.Name + ":" + s.Name.Kebab, DefaultContentType: "application/json",
		Info:    info(&s.Context.Node, s.Context.Team, "\n\nEvents are CloudEvents 1.0 in Kafka's binary mode; those of an instance come in their order.\n\n"+Tolerance),
		Servers: Map[*Broker]{{"kafka", &Broker{"localhost:9092", "kafka", "KAFKA_BROKERS of the service"}}},
	}
	if naming.HasTimers(s.Context) || len(s.Sagas) > 0 {
		b.doc.Info.Description += "\n\nWhat its timers tell it is on " + quote.Code(naming.TimersTopic(s.System.Model.System, s.Context)) + ", and nobody else's business."
	}
	b.doc.Info.Tags = []Tag{{s.Name.Kebab, sentence(&s.Context.Node)}}
	for _, m := range s.Messages {
		for _, v := range versionsOf(m) {
			b.doc.Components.Messages.Set(v.id(), b.message(v))
		}
		b.add(m, "send", "#", nil)
	}
	b.private()
	b.sagas()
	if len(b.doc.Components.Messages) > 0 {
		b.doc.Components.Schemas = Map[*Schema]{{"CloudEvent", cloudEvent()}}
		b.doc.Components.CorrelationIDs = Map[*CorrelationID]{{"correlation", &CorrelationID{
			"The same for all that follows from one request.", "$message.header#/ce_correlationid",
		}}}
	}
	b.foreign()
	for _, n := range s.Needs {
		if n.Message != nil {
			b.add(n.Message, "receive", "../../"+n.Provider.Name.Kebab+"/api/asyncapi.yaml#", n)
		}
	}
	if len(b.doc.Channels) == 0 {
		return nil
	}
	return b.doc
}

// private tells of the topics that nobody else reads: of all events of aggregates
// some of whose events stay in the context.
func (b *asyncAPI) private() {
	for _, m := range b.service.Private {
		for _, v := range versionsOf(m) {
			b.doc.Components.Messages.Set(v.id(), b.message(v))
		}
		a := m.Event.Aggregate
		channel := names.Of(&a.Node).Kebab + ".private"
		c := &Channel{Address: naming.PrivateTopic(b.service.System.Model.System, a), Title: a.Called(), Description: "Of this context alone: " + quote.Inline(a.Called()) + ", with the events that stay in it."}
		op := &Action{Action: "send", Channel: Reference{"#/channels/" + channel}, Title: a.Called(), Summary: "Tells itself what happened to " + a.Called() + "."}
		for _, o := range slices.Concat(b.service.Messages, b.service.Private) {
			if o.Event.Aggregate != a {
				continue
			}
			for _, v := range versionsOf(o) {
				c.Messages.Set(v.id(), Reference{"#/components/messages/" + v.id()})
			}
			op.Messages = append(op.Messages, Reference{"#/channels/" + channel + "/messages/" + o.ID})
		}
		b.doc.Channels.Set(channel, c)
		b.doc.Operations.Set("send."+channel, op)
	}
}

// add puts a message, which a document tells of, on its channel, where its older
// versions are, too. What several parts of the service hear is received once.
func (b *asyncAPI) add(m *contract.Message, action, document string, need *contract.Need) {
	name, channel, title := m.ID, names.Of(m.Event.Owner()).Kebab, m.Event.Owner().Called()
	if m.Service != b.service {
		name, channel, title = m.Service.Name.Kebab+"."+name, m.Service.Name.Kebab+"."+channel, quote.Text(m.Service.Name.Kebab)+": "+title
	}
	c, ok := b.doc.Channels.Get(channel)
	if !ok {
		c = &Channel{Address: m.Topic, Title: title, Description: sentence(m.Event.Owner())}
		b.doc.Channels.Set(channel, c)
	}
	versions := versionsOf(m)
	for _, v := range versions {
		c.Messages.Set(name+v.suffix(), Reference{document + "/components/messages/" + v.id()})
	}
	id := action + "." + channel
	op, ok := b.doc.Operations.Get(id)
	if !ok {
		op = &Action{Action: action, Channel: Reference{"#/channels/" + channel}, Title: title}
		op.Summary = map[string]quote.Text{"send": "What happened to ", "receive": "Is told what happened to "}[action] + title + "."
		b.doc.Operations.Set(id, op)
	}
	if need == nil {
		versions = versions[:1] // older ones are no longer sent
	}
	for _, v := range versions {
		if ref := (Reference{"#/channels/" + channel + "/messages/" + name + v.suffix()}); !slices.Contains(op.Messages, ref) {
			op.Messages = append(op.Messages, ref)
		}
	}
	if need != nil {
		line := "- " + quote.Inline(need.By) + " (" + quote.Inline(m.ID) + ")\n"
		if !strings.Contains(string(op.Description), string(line)) {
			op.Description += line
		}
	}
}

// message is an event of the service in a version: what it holds is in a file of
// its own.
func (b *asyncAPI) message(m versioned) *MessageDoc {
	node := &m.Event.Node
	return &MessageDoc{
		Name: m.Type, Title: m.called(), Summary: summary(node), ContentType: "application/json",
		CorrelationID: &Reference{"#/components/correlationIds/correlation"},
		Headers: &Schema{
			AllOf: []*Schema{{Ref: "#/components/schemas/CloudEvent"}}, Type: "object",
			Properties: Map[*Schema]{{"ce_type", constant(m.Type)}, {"ce_dataversion", constant(strconv.Itoa(m.version))}, {"ce_source", constant(source(m.Message))}},
		},
		Payload:  Reference{m.schemaFile()},
		Bindings: Bindings{KafkaBinding{Key: b.key(m.Message), Version: kafkaBinding}},
	}
}

func (b *asyncAPI) key(m *contract.Message) *Schema {
	if m.Key == "" {
		return &Schema{Type: "string", Description: "What its events are kept in order by."}
	}
	return &Schema{Type: "string", Description: "The instance: " + quote.Inline(m.Key) + "."}
}

func constant(text string) *Schema { return &Schema{Const: text} }

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
