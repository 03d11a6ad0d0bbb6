package grpc

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// View answers two methods by a view. Get finds a row by its key: the request
// has the parts of the key and min_version, the reply row. List is a page: the
// request has filter (fields of a row and what they must equal), sort, search,
// limit and cursor; the reply rows and next_cursor.
func View[R any](s *Server, get, list string, spec inbound.View[R]) {
	run, err := spec.Runner(s.config.Limits)
	if err != nil {
		s.fail(list, err)
		return
	}
	s.add(get, spec.Actors, shape{request: []string{"min_version"}, reply: []string{"row"}}, func(ctx context.Context, c *call) error {
		return getRow(ctx, c, run, s.config)
	})
	s.add(list, spec.Actors, pages, func(ctx context.Context, c *call) error {
		query, problems := c.page(spec.Columns)
		if f := field(c.request, "filter"); f != nil {
			fields := c.schema.texts(c.request.Get(f).Message())
			problems = append(problems, below("/filter", run.Filter(&query, fields))...)
		}
		if len(problems) > 0 {
			return inbound.Invalid(problems)
		}
		page, err := run.List(ctx, c.actor, query)
		if err != nil {
			return err
		}
		return fillPage(c, page)
	})
}

func getRow[R any](ctx context.Context, c *call, run *inbound.ViewRunner[R], config Config) error {
	var problems []strictjson.Problem
	key := url.Values{}
	for name, texts := range c.schema.texts(c.request) {
		if slices.Contains(run.Keys, name) {
			key[name] = texts
		}
	}
	for _, name := range run.Keys {
		if !key.Has(name) {
			problems = append(problems, strictjson.Problem{Pointer: "/" + escape(name), Code: strictjson.Required, Message: "is missing"})
		}
	}
	if len(problems) > 0 {
		return inbound.Invalid(problems)
	}
	row, err := run.Row(ctx, key, get(c.request, "min_version").Int(), config.Wait)
	if err != nil {
		return err
	}
	if err := run.Show(row, c.actor); err != nil {
		return err
	}
	return c.schema.fromValue(row, c.reply.Mutable(field(c.reply, "row")).Message())
}

// texts are the single fields of a message that are set, as text by their JSON
// names: what keys and filters are read from.
func (s *schema) texts(m protoreflect.Message) url.Values {
	texts := url.Values{}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if !f.IsList() && !f.IsMap() && (f.Message() == nil || isWellKnown(f.Message())) {
			text, _ := s.scalar(f, v)
			texts.Set(f.JSONName(), text)
		}
		return true
	})
	return texts
}

// pages are the fields of every method that answers a page.
var pages = shape{request: []string{"sort", "search", "limit", "cursor"}, reply: []string{"rows", "next_cursor"}}

// pageNames are what those fields are called where one of them is wrong.
var pageNames = inbound.PageNames{Cursor: "cursor", Search: "search", Sort: "sort", Limit: "limit"}

// page reads which page is meant.
func (c *call) page(columns map[string]string) (view.Query, []strictjson.Problem) {
	asked := inbound.PageRequest{Cursor: get(c.request, "cursor").String(), Search: get(c.request, "search").String()}
	names := get(c.request, "sort").List()
	row := field(c.reply, "rows").Message()
	for i := range names.Len() {
		asked.Sort = append(asked.Sort, sortKey(row, names.Get(i).String()))
	}
	if f := field(c.request, "limit"); c.request.Has(f) {
		limit := c.request.Get(f).Int()
		asked.Limit = &limit
	}
	return asked.Query(columns, pageNames)
}

// sortKey is a field to sort by as the model's JSON calls it.
func sortKey(row protoreflect.MessageDescriptor, key string) string {
	name, descending := strings.CutPrefix(key, "-")
	if f := row.Fields().ByName(protoreflect.Name(name)); f != nil {
		name = f.JSONName()
	}
	if descending {
		return "-" + name
	}
	return name
}

// below moves problems into a field of the request.
func below(field string, problems []strictjson.Problem) []strictjson.Problem {
	for i := range problems {
		problems[i].Pointer = strings.TrimSuffix(field+problems[i].Pointer, "/")
	}
	return problems
}

// fillPage fills the reply with a page.
func fillPage[R any](c *call, page view.Page[R]) error {
	rows := c.reply.Mutable(field(c.reply, "rows")).List()
	for _, row := range page.Rows {
		m := rows.NewElement()
		if err := c.schema.fromValue(row, m.Message()); err != nil {
			return err
		}
		rows.Append(m)
	}
	if page.Next != "" {
		set(c.reply, "next_cursor", page.Next)
	}
	return nil
}

// Query answers a method by a named query of a view. The request has input, and
// which page is meant as of View; the reply is a page.
func Query[I, R any](s *Server, method string, of inbound.View[R], spec inbound.Query[I, R]) {
	run, err := spec.Runner(of, s.config.Limits)
	if err != nil {
		s.fail(method, err)
		return
	}
	s.add(method, spec.Actors, pages, func(ctx context.Context, c *call) error {
		query, problems := c.page(of.Columns)
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
