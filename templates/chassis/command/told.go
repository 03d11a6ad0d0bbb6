package command

import (
	"context"
	"encoding/json"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Teller is who tells the events of an aggregate, and where.
type Teller struct {
	Source   string // ce_source
	Topic    string // see message.Topic
	OwnTopic string // of all events, where some are private; "": there is none
}

// Told is an event as it is told.
type Told struct {
	Event values.Event
	Meta  values.Meta
	Data  json.RawMessage
}

// Envelopes are the messages of the events of a request.
func (t Teller) Envelopes(ctx context.Context, req Request, events []Told) []message.Envelope {
	var envelopes []message.Envelope
	for _, e := range events {
		envelope := message.Envelope{
			ID: e.Meta.ID, Source: t.Source, Type: e.Event.Type, Subject: string(req.ID),
			Time: e.Meta.Time, Sequence: e.Meta.Version, DataVersion: e.Event.DataVersion(),
			CorrelationID: req.Correlation, CausationID: req.Causation, Actor: req.Actor,
			Topic: t.Topic, Key: string(req.ID), Data: e.Data,
		}
		envelope.Capture(ctx)
		if t.OwnTopic != "" {
			own := envelope
			own.Topic = t.OwnTopic
			envelopes = append(envelopes, own)
		}
		if !e.Event.Private {
			envelopes = append(envelopes, envelope)
		}
	}
	return envelopes
}
