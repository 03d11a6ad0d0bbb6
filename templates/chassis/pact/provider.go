package pact

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/given"
)

// Of is a service as a provider: its states are told by their parameters, see
// given.State.
func Of(s *given.Service) Provider {
	return Provider{
		Public: s.Router.Public(), Internal: s.Router.Internal(),
		State: func(ctx context.Context, state State) error { return s.Make(ctx, state.Name, state.Params) },
		Message: func(ctx context.Context, _ *Interaction) (Published, error) {
			r, err := s.Publish(ctx)
			if err != nil {
				return Published{}, err
			}
			return FromRecord(r), nil
		},
	}
}

// Names of the metadata that a message has beside its headers.
const (
	MetadataTopic = "kafka_topic"
	MetadataKey   = "key"
	metadataType  = "contentType"
)

// FromRecord is a record of Kafka as contracts see it: the metadata are its
// headers, its topic and its key.
func FromRecord(r *kgo.Record) Published {
	p := Published{Metadata: map[string]any{MetadataTopic: r.Topic, MetadataKey: string(r.Key)}, Data: r.Value}
	for _, h := range r.Headers {
		p.Metadata[h.Key] = string(h.Value)
		if h.Key == "content-type" {
			p.Type = string(h.Value)
			p.Metadata[metadataType] = p.Type
		}
	}
	return p
}

// Record is a message as the consumer gets it from Kafka, made of what the
// contract says of it.
func (c *Contents) Record() *kgo.Record {
	r := &kgo.Record{Value: c.Body.Data}
	for _, name := range sortedKeys(c.Metadata) {
		switch value := text(c.Metadata[name]); name {
		case MetadataTopic:
			r.Topic = value
		case MetadataKey:
			r.Key = []byte(value)
		case metadataType:
		default:
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
		}
	}
	return r
}
