package pact

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/testkit/given"
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
		Answer: func(ctx context.Context, i *Interaction) (Published, error) {
			r, err := s.Answer(ctx, i.Order.Record())
			if err != nil {
				return Published{}, err
			}
			return FromRecord(r), nil
		},
	}
}

// FromRecord is a record of Kafka as contracts see it.
func FromRecord(r *kgo.Record) Published {
	p := Published{Metadata: map[string]any{}, Data: r.Value}
	for name, value := range given.Metadata(r) {
		p.Metadata[name] = value
	}
	p.Type, _ = p.Metadata[given.MetadataContentType].(string)
	return p
}

// Record is a message as the consumer gets it from Kafka, made of what the
// contract says of it.
func (c *Contents) Record() *kgo.Record {
	metadata := make(map[string]string, len(c.Metadata))
	for name, value := range c.Metadata {
		metadata[name] = text(value)
	}
	return given.OfMetadata(metadata, c.Body.Data)
}
