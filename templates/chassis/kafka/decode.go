package kafka

import (
	"errors"
	"fmt"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/upcast"
	"github.com/esgen/esgen/templates/chassis/values"
)

// errUndecodable: a record cannot be read here, now or at any later attempt.
var errUndecodable = errors.New("undecodable")

// decoder reads the events of a handler.
func decoder[E any](c *Consumer, handler string, upcasts []values.Upcast, needs []string) func(message.Envelope) (E, error) {
	reader, err := upcast.NewReader[E](upcasts, needs)
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", handler, err))
		return func(message.Envelope) (event E, _ error) { return event, err }
	}
	return func(e message.Envelope) (E, error) {
		event, err := reader.Read(e.DataVersion, e.Data, e.Meta())
		if err != nil {
			err = fmt.Errorf("%w: %s: %w", errUndecodable, e.Type, err)
		}
		return event, err
	}
}
