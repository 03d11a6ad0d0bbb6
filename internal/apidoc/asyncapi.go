package apidoc

import "github.com/esgen/esgen/internal/quote"

// AsyncAPI is the part of AsyncAPI 3.0 that the documents need
// (https://www.asyncapi.com/docs/reference/specification/v3.0.0). Its schemas
// are those of draft 07, in which nothing stands beside a $ref.
type AsyncAPI struct {
	Version            string            `json:"asyncapi"`
	ID                 string            `json:"id"`
	Info               Info              `json:"info"`
	DefaultContentType string            `json:"defaultContentType"`
	Servers            Map[*Broker]      `json:"servers"`
	Channels           Map[*Channel]     `json:"channels"`
	Operations         Map[*Action]      `json:"operations"`
	Components         MessageComponents `json:"components"`
}

// Broker is where topics are.
type Broker struct {
	Host        string         `json:"host"`
	Protocol    string         `json:"protocol"`
	Description quote.Markdown `json:"description,omitempty"`
}

// Channel is a topic.
type Channel struct {
	Address     string         `json:"address"`
	Title       quote.Text     `json:"title,omitempty"`
	Description quote.Markdown `json:"description,omitempty"`
	Messages    Map[Reference] `json:"messages"`
}

// Action is what the service does with a channel: it sends, or receives.
type Action struct {
	Action      string         `json:"action"`
	Channel     Reference      `json:"channel"`
	Title       quote.Text     `json:"title,omitempty"`
	Summary     quote.Text     `json:"summary,omitempty"`
	Description quote.Markdown `json:"description,omitempty"`
	Messages    []Reference    `json:"messages"`
	Reply       *Replied       `json:"reply,omitempty"`
}

// Replied says where what is asked is answered: on a channel, or on the one that the
// message names.
type Replied struct {
	Channel *Reference    `json:"channel,omitempty"`
	Address *ReplyAddress `json:"address,omitempty"`
}

// ReplyAddress is where a message has the address of its answer.
type ReplyAddress struct {
	Location string `json:"location"`
}

// Bindings are what is particular to Kafka
// (https://github.com/asyncapi/bindings/tree/master/kafka).
type Bindings struct {
	Kafka KafkaBinding `json:"kafka"`
}

// KafkaBinding is of a message.
type KafkaBinding struct {
	Key     *Schema `json:"key,omitempty"`
	Version string  `json:"bindingVersion"`
}

// kafkaBinding is the version of the bindings.
const kafkaBinding = "0.5.0"

// MessageComponents are what channels refer to.
type MessageComponents struct {
	Messages       Map[*MessageDoc]    `json:"messages,omitempty"`
	Schemas        Map[*Schema]        `json:"schemas,omitempty"`
	CorrelationIDs Map[*CorrelationID] `json:"correlationIds,omitempty"`
}

// MessageDoc is an event.
type MessageDoc struct {
	Name          string         `json:"name"`
	Title         quote.Text     `json:"title,omitempty"`
	Summary       quote.Text     `json:"summary,omitempty"`
	Description   quote.Markdown `json:"description,omitempty"`
	ContentType   string         `json:"contentType"`
	CorrelationID *Reference     `json:"correlationId,omitempty"`
	Headers       *Schema        `json:"headers"`
	Payload       Reference      `json:"payload"`
	Bindings      Bindings       `json:"bindings"`
}

// CorrelationID says by what messages that belong together are known.
type CorrelationID struct {
	Description quote.Markdown `json:"description"`
	Location    string         `json:"location"`
}
