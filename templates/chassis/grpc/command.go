package grpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Command answers a method by a command. The request is the command's input;
// idempotency-key and if-match are metadata, and mean what they mean to REST.
// The reply has id, version, created and reply: the merged fields of the events.
func Command[I any](s *Server, method string, spec inbound.Command[I]) {
	run, err := spec.Runner(s.config.Limits)
	if err != nil {
		s.fail(method, err)
		return
	}
	s.add(method, spec.Actors, shape{reply: []string{"id", "version", "created"}}, func(ctx context.Context, c *call) error {
		key, err := inbound.IdempotencyKey(c.header)
		if err != nil {
			return err
		}
		version, err := inbound.IfMatch(c.header)
		if err != nil {
			return err
		}
		req, err := run.ByActor(c.actor, key, version)
		if err != nil {
			return err
		}
		outcome, err := run.Run(ctx, req, c.schema.toJSON(c.request), nil)
		if err != nil {
			return err
		}
		return c.outcome(ctx, outcome)
	})
}

// outcome fills the reply to a command.
func (c *call) outcome(ctx context.Context, o command.Outcome) error {
	set(c.reply, "id", string(o.ID))
	set(c.reply, "version", o.Version)
	set(c.reply, "created", o.Created)
	if o.Repeated {
		_ = grpc.SetHeader(ctx, metadata.Pairs(inbound.HeaderReplayed, "true")) // who asked may be gone
	}
	// A command whose events have no fields has none in its reply either.
	if f := field(c.reply, "reply"); f != nil && len(o.Reply) > 0 {
		return c.schema.fromJSON(o.Reply, c.reply.Mutable(f).Message())
	}
	return nil
}
