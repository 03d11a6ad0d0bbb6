package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/esgen/esgen/templates/chassis/message"
)

// ReadForeign has the records of a topic of somebody else's, who knows nothing of
// our envelopes, read in a way of their own. All is added before Run.
func (c *Consumer) ReadForeign(topic string, read func(r *kgo.Record) (message.Envelope, error)) {
	ours := c.read
	c.read = func(r *kgo.Record) (message.Envelope, error) {
		if r.Topic == topic {
			return read(r)
		}
		return ours(r)
	}
}
