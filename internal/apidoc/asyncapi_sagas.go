package apidoc

import (
	"slices"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/quote"
)

// cancelled is the order not to do what may still come.
const cancelled = "saga.Cancel"

// sagas tells of the messages by which sagas ask and are answered: what is asked
// of a service in its document, what it is answered in that of who tells the saga.
func (b *asyncAPI) sagas() {
	s := b.service
	for _, o := range s.Orders {
		b.doc.Components.Messages.Set(o.ID, b.spoken(o.Type, o.Title, orderFile(o.ID)))
		b.share(commandsOf, s, s, "receive", o.ID)
	}
	if calledOff(s) {
		b.doc.Components.Messages.Set(cancelled, b.spoken(cancelled, "Not to do what may still come", orderFile(cancelled)))
		b.share(commandsOf, s, s, "receive", cancelled)
	}
	for _, g := range s.Sagas {
		b.doc.Components.Messages.Set(answerID(g), b.spoken(naming.AnswerType(g.Model), "What is answered to "+g.Model.Called(), answerFile(g)))
		b.share(repliesOf, s, s, "receive", answerID(g))
		for _, o := range g.Asks {
			b.share(commandsOf, o.Service, s, "send", o.ID)
			if o.CalledOff {
				b.share(commandsOf, o.Service, s, "send", cancelled)
			}
		}
	}
	for _, o := range s.Orders {
		for _, g := range o.Sagas {
			b.share(repliesOf, g.Service, s, "send", answerID(g))
		}
	}
}

// A topic of sagas, by what it is called within its service.
type sagaTopic string

const (
	commandsOf sagaTopic = "commands"
	repliesOf  sagaTopic = "replies"
)

// share puts a message that a service takes on its channel, as another sends it, or
// it hears it.
func (b *asyncAPI) share(topic sagaTopic, of, here *contract.Service, action, message string) {
	channel, name, document := string(topic), message, "#"
	if of != here {
		channel, name, document = of.Name.Kebab+"."+channel, of.Name.Kebab+"."+name, "../../"+of.Name.Kebab+"/api/asyncapi.yaml#"
	}
	c, ok := b.doc.Channels.Get(channel)
	if !ok {
		address, about := naming.CommandsTopic(of.System.Model.System, of.Context), quote.Markdown("What sagas ask of ")
		if topic == repliesOf {
			address, about = naming.RepliesTopic(of.System.Model.System, of.Context), "What is answered to sagas of "
		}
		c = &Channel{Address: address, Title: quote.Text(channel), Description: about + quote.Inline(of.Context.Called()) + ". Its key is the story of the saga."}
		b.doc.Channels.Set(channel, c)
	}
	c.Messages.Set(name, Reference{document + "/components/messages/" + message})
	id := action + "." + channel
	op, ok := b.doc.Operations.Get(id)
	if !ok {
		op = &Action{Action: action, Channel: Reference{"#/channels/" + channel}, Title: quote.Text(channel)}
		op.Summary = map[string]quote.Text{"send": "Says on behalf of a saga: ", "receive": "Is told by a saga, or on behalf of one: "}[action] + op.Title + "."
		b.doc.Operations.Set(id, op)
	}
	switch {
	case topic == repliesOf:
	case action == "send":
		op.Reply = &Replied{Channel: &Reference{"#/channels/" + string(repliesOf)}}
	default:
		op.Reply = &Replied{Address: &ReplyAddress{"$message.payload#/replyTo"}}
	}
	if ref := (Reference{"#/channels/" + channel + "/messages/" + name}); !slices.Contains(op.Messages, ref) {
		op.Messages = append(op.Messages, ref)
	}
}

// spoken is a message of sagas.
func (b *asyncAPI) spoken(kind string, title quote.Text, file string) *MessageDoc {
	return &MessageDoc{
		Name: kind, Title: title, Summary: title + ".", ContentType: "application/json", CorrelationID: &Reference{"#/components/correlationIds/correlation"},
		Headers: &Schema{
			AllOf: []*Schema{{Ref: "#/components/schemas/CloudEvent"}}, Type: "object",
			Properties: Map[*Schema]{{"ce_type", constant(kind)}, {"ce_dataversion", constant("1")}},
		},
		Payload:  Reference{"schemas/" + file},
		Bindings: Bindings{KafkaBinding{Key: &Schema{Type: "string", Description: "The story of the saga."}, Version: kafkaBinding}},
	}
}

// calledOff reports whether sagas call off what they asked of a service.
func calledOff(s *contract.Service) bool {
	return slices.ContainsFunc(s.Orders, func(o *contract.Order) bool { return o.CalledOff })
}

func answerID(g *contract.Saga) string { return g.ID + ".answered" }

func orderFile(id string) string { return id + ".command.json" }

func answerFile(g *contract.Saga) string { return g.ID + ".answered.json" }

// sagaFiles are the schemas of what sagas ask of a service, and are answered.
func sagaFiles(s *contract.Service, x *Examples) []File {
	var files []File
	file := func(name string, doc func() any) {
		files = append(files, File{"services/" + s.Name.Kebab + "/api/schemas/" + name, s, doc, asJSON})
	}
	for _, o := range s.Orders {
		file(orderFile(o.ID), func() any { return orderSchema(o, x) })
	}
	if calledOff(s) {
		file(orderFile(cancelled), func() any { return cancelSchema(s) })
	}
	for _, g := range s.Sagas {
		file(answerFile(g), func() any { return answerSchema(g, x) })
	}
	return files
}

// whole makes a schema one that can leave the repository, with an example; nil: there is
// none.
func whole(s *contract.Service, w *shapes, file string, title quote.Text, out *Schema, example any) *Schema {
	out.Dialect, out.ID = dialect, "https://"+s.System.Model.Module+"/services/"+s.Name.Kebab+"/api/schemas/"+file
	out.Title, out.Defs = title, w.defs
	if example != nil {
		out.Examples = examples(mustEncode(example))
	}
	return out
}

func shapesOf(s *contract.Service) *shapes {
	w := newShapes(s.System.Model, "#/$defs/")
	w.draft07 = true
	return w
}

// envelope is what every order says, as package saga of the chassis writes it.
func envelope() *Schema {
	text := func(says quote.Markdown) *Schema { return &Schema{Type: "string", Description: says} }
	return &Schema{
		Type: "object",
		Properties: Map[*Schema]{
			{"saga", text("Which saga asks.")},
			{"story", text("Which of its stories.")},
			{"key", text("What the order is known by: it is done once.")},
			{"compensates", text("The key of the order that it undoes, or calls off: that one is refused should it still come.")},
			{"replyTo", text("The topic of the answer.")},
			{"until", &Schema{Type: "string", Format: "date-time", Description: "When it is too late: it is refused then."}},
			{"instance", text("The instance that it is for.")},
			{"by", &Schema{Type: "object", Description: "Finds the instance by a value that it has.", Properties: Map[*Schema]{{"column", &Schema{Type: "string"}}, {"value", &Schema{}}}}},
		},
		Required: []string{"saga", "story", "key", "replyTo"},
	}
}

func orderOf(saga string, key string) map[string]any {
	return map[string]any{"saga": saga, "story": "0192d2a5-6f0e-7c3b-9d55-5a3a3c1f0b11", "key": "0192d2a5-6f0e-7c3b-9d55-5a3a3c1f0b10/" + key, "replyTo": "replies"}
}

func orderSchema(o *contract.Order, x *Examples) *Schema {
	w, out := shapesOf(o.Service), envelope()
	input := w.object(o.Input, taken)
	input.Additional = nil // what a newer saga says besides is passed over
	out.Properties.Set("input", input)
	out.Required = append(out.Required, "input")
	var shown any // none where no input comes to mind
	if given := x.sample(fields(o.Input)); given != nil {
		example := orderOf(o.Sagas[0].ID, "1")
		example["replyTo"], example["input"] = o.Sagas[0].Replies, given
		shown = example
	}
	return whole(o.Service, w, orderFile(o.ID), o.Title, out, shown)
}

func cancelSchema(s *contract.Service) *Schema {
	out := envelope()
	out.Properties.Set("input", &Schema{Type: "object"})
	out.Required = append(out.Required, "compensates")
	g := s.Orders[0].Sagas[0]
	example := orderOf(g.ID, "1/cancel")
	example["replyTo"], example["compensates"] = g.Replies, "0192d2a5-6f0e-7c3b-9d55-5a3a3c1f0b10/1"
	return whole(s, shapesOf(s), orderFile(cancelled), "Not to do what may still come", out, example)
}

func answerSchema(g *contract.Saga, x *Examples) *Schema {
	w := shapesOf(g.Service)
	reply := &Schema{AnyOf: []*Schema{{Type: "object", Additional: false, Description: "Nothing is told."}}}
	example := map[string]any{"key": "0192d2a5-6f0e-7c3b-9d55-5a3a3c1f0b10/1", "result": "done"}
	for _, o := range g.Asks {
		if len(o.Reply.Fields) == 0 {
			continue
		}
		told := w.object(o.Reply, given)
		told.Description = "What " + quote.Inline(quote.Text(o.ID)) + " answers."
		reply.AnyOf = append(reply.AnyOf, told)
		if _, has := example["reply"]; !has {
			if given := x.sample(fields(o.Reply)); given != nil {
				example["reply"] = given
			}
		}
	}
	out := &Schema{
		Type: "object",
		Properties: Map[*Schema]{
			{"key", &Schema{Type: "string", Description: "Of the order that is answered."}},
			{"result", &Schema{Type: "string", Enum: []string{"done", "refused", "missing", "invalid"}, Description: "Refused by a rule; its instance is missing; or it cannot be understood."}},
			{"reason", &Schema{Type: "string", Description: "Of what is not done."}},
			{"instance", &Schema{Type: "string", Description: "That it was done to."}},
			{"reply", reply},
		},
		Required: []string{"key", "result"},
	}
	return whole(g.Service, w, answerFile(g), "What is answered to "+g.Model.Called(), out, example)
}
