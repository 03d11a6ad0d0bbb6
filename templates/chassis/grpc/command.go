package grpc

import (
	"context"
	"encoding/json"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Command answers a method by a command. The request is the command's input;
// idempotency-key and if-match are metadata, and mean what they mean to REST;
// clear names fields that are to be null.
// The reply has id, version, created and reply: the merged fields of the events.
func Command[I command.Input](s *Server, method string, spec inbound.Command[I]) {
	run, err := spec.Runner(s.config.Limits)
	if err != nil {
		s.fail(method, err)
		return
	}
	s.add(method, run.Note.Actors, shape{reply: []string{"id", "version", "created"}}, func(ctx context.Context, c *call) error {
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
		data, err := c.input()
		if err != nil {
			return err
		}
		outcome, err := run.Run(ctx, req, data, nil)
		if err != nil {
			return err
		}
		return c.outcome(ctx, outcome)
	})
}

// clearing is metadata that names optional fields of the request that are to be
// null. A message can only lack them, which leaves what is there as it is.
const clearing = "clear"

// input is the request as JSON.
func (c *call) input() ([]byte, error) {
	data := c.schema.toJSON(c.request)
	names := inbound.SplitList(strings.Join(c.header.Values(clearing), ","))
	if len(names) == 0 {
		return data, nil
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	for _, name := range names {
		f := field(c.request, name)
		if f == nil || !f.HasPresence() || c.request.Has(f) {
			return nil, inbound.BadHeader(clearing)
		}
		members[f.JSONName()] = json.RawMessage("null")
	}
	return json.Marshal(members)
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
