package grpc

import (
	"context"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Query answers a method by a named query of a view. The request has input, and
// which page is meant as of View; the reply is a page.
func Query[I, R any](s *Server, method string, spec inbound.Query[I, R]) {
	run, err := spec.Runner(s.config.Limits)
	if err != nil {
		s.fail(method, err)
		return
	}
	s.add(method, spec.Actors, pages, func(ctx context.Context, c *call) error {
		query, problems := c.page(spec.Columns)
		data := []byte("{}")
		if f := field(c.request, "input"); f != nil { // of a query that asks for something
			data = c.schema.toJSON(c.request.Get(f).Message())
		}
		var input I
		problems = append(problems, below("/input", run.Input.Decode(data, &input))...)
		if len(problems) > 0 {
			return inbound.Invalid(problems)
		}
		query, err := run.Ask(query, input, c.actor, s.config.Now())
		if err != nil {
			return err
		}
		page, err := run.List(ctx, c.actor, query)
		if err != nil {
			return err
		}
		return fillPage(c, page)
	})
}
