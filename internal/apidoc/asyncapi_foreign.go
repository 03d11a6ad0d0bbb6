package apidoc

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// foreign tells of the topics of others from which the service takes events: how their
// records are written is not ours to say, only what is read of them.
func (b *asyncAPI) foreign() {
	for _, m := range b.service.Messages {
		x := m.Event.External
		if x == nil || x.Topic == nil {
			continue
		}
		channel := "foreign.topic." + names.Of(&x.Node).Kebab
		c, ok := b.doc.Channels.Get(channel)
		if !ok {
			c = &Channel{Address: x.Topic.Name.Value, Title: x.Called(), Description: sentence(&x.Node) + " Of somebody else: what is here is what is read of its records."}
			b.doc.Channels.Set(channel, c)
			b.doc.Operations.Set("receive."+channel, &Action{
				Action: "receive", Channel: Reference{"#/channels/" + channel}, Title: x.Called(), Summary: "Takes what " + x.Called() + " tells as events of its own.",
			})
		}
		id := m.ID + ".foreign"
		b.doc.Components.Schemas.Set(id, b.record(m))
		b.doc.Components.Messages.Set(id, b.foreignMessage(m, id))
		c.Messages.Set(id, Reference{"#/components/messages/" + id})
		op, _ := b.doc.Operations.Get("receive." + channel)
		op.Messages = append(op.Messages, Reference{"#/channels/" + channel + "/messages/" + id})
	}
}

// foreignMessage is a record that becomes an event.
func (b *asyncAPI) foreignMessage(m *contract.Message, id string) *MessageDoc {
	e, t := m.Event, m.Event.External.Topic
	out := &MessageDoc{
		Name: e.ToldAs.Value, Title: e.Called(), Summary: summary(&e.Node), ContentType: "application/json",
		Headers: &Schema{Type: "object"}, Payload: Reference{"#/components/schemas/" + id},
		Bindings: Bindings{KafkaBinding{Key: &Schema{Type: "string", Description: "What its records are kept in order by."}, Version: kafkaBinding}},
	}
	header := func(name string, s *Schema) {
		if _, there := out.Headers.Properties.Get(name); !there {
			out.Headers.Properties.Set(name, s)
			out.Headers.Required = append(out.Headers.Required, name)
		}
	}
	if t.Format == model.CloudEvents {
		out.Description = "CloudEvents 1.0 in binary mode, or in structured mode with all of this in one object."
		header("ce_specversion", constant("1.0"))
		header("ce_id", &Schema{Type: "string", Description: "What it is known by when it is told again."})
		header("ce_type", constant(e.ToldAs.Value))
		return out
	}
	for _, spot := range []struct {
		model.Spot
		is *Schema
	}{{t.Type, constant(e.ToldAs.Value)}, {t.ID, &Schema{Type: "string", Description: "What it is known by when it is told again."}}} {
		if spot.Value != "" && !spot.IsPointer() && spot.Value != model.RecordKey {
			header(spot.Value, spot.is)
		}
	}
	for _, d := range e.Drawn {
		if d.Field.Field != nil && !d.From.IsPointer() && d.From.Value != model.RecordKey {
			header(d.From.Value, &Schema{Type: "string", Description: "What becomes of it: " + quote.Inline(d.Field.Field.Name) + "."})
		}
	}
	return out
}

// record is what is read of the value of a record that becomes an event.
func (b *asyncAPI) record(m *contract.Message) *Schema {
	e, t := m.Event, m.Event.External.Topic
	out := &Schema{Type: "object", Title: e.Called()}
	if t.Format == model.PlainJSON {
		if t.Type.IsPointer() {
			out.put(t.Type.Value, constant(e.ToldAs.Value), true)
		}
		if t.ID.IsPointer() {
			out.put(t.ID.Value, &Schema{Description: "What it is known by when it is told again: a text, or a number."}, true)
		}
	}
	from := map[string]model.Spot{}
	for _, d := range e.Drawn {
		if d.Field.Field != nil {
			from[contract.JSON(d.Field.Field)] = d.From
		}
	}
	file := versionsOf(m)[0].schemaFile()
	for _, f := range m.Payload.Fields {
		spot := from[f.Name]
		if spot.Value == "" {
			spot.Value = "/" + pointerToken(f.Name)
		}
		if !spot.IsPointer() {
			continue // it is a header, or the key
		}
		at := t.Data.Value + spot.Value
		var member *Schema // what lies within a list is not told apart from the rest of it
		if !slices.ContainsFunc(strings.Split(at, "/"), isIndex) {
			member = &Schema{Ref: file + "#/properties/" + pointerToken(f.Name)}
		}
		out.put(at, member, !f.MayMiss(true))
	}
	return out
}

// pointerToken is a name as a JSON Pointer has it.
func pointerToken(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }
