package grpc

import (
	"context"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Resource answers a method by the state of an aggregate. The request has id
// and min_version, the reply state and version.
func Resource[S any](s *Server, method string, spec inbound.Resource[S]) {
	fields := shape{request: []string{"id", "min_version"}, reply: []string{"state", "version"}}
	s.add(method, spec.Actors, fields, func(ctx context.Context, c *call) error {
		id, minVersion := values.ID(get(c.request, "id").String()), get(c.request, "min_version").Int()
		instance, err := spec.Read(ctx, s.config.Config, c.actor, id, "/id", minVersion)
		if err != nil {
			return err
		}
		set(c.reply, "version", instance.Version)
		return c.schema.fromValue(instance.State, c.reply.Mutable(field(c.reply, "state")).Message())
	})
}
