package rest

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// commandRunner answers the routes of one command.
type commandRunner[I any] struct {
	router  *Router
	route   CommandRoute[I]
	decoder *strictjson.Decoder[I]
	given   []string // fields that are in the pattern
}

func addCommand[I any](r *Router, route CommandRoute[I]) {
	decoder, err := strictjson.For[I](r.config.Limits)
	if err != nil {
		r.fail("command %s: %w", route.Name, err)
		return
	}
	if route.Do == nil || route.ID == nil {
		r.fail("command %s: Do and ID must be there", route.Name)
		return
	}
	run := &commandRunner[I]{router: r, route: route, decoder: decoder, given: wildcards(route.Pattern)}
	for _, name := range run.given {
		if !decoder.Has(name) {
			r.fail("command %s: {%s} of the route is no field of the input", route.Name, name)
		}
	}
	if route.Pattern != "" {
		r.addPublic(route.Pattern, route.Actors, run.public)
	}
	if route.Internal != "" {
		r.addInternal("POST "+route.Internal, run.internal)
	}
}

// public runs the command for an actor.
func (c *commandRunner[I]) public(w http.ResponseWriter, r *http.Request, actor Actor) error {
	if len(r.URL.RawQuery) > 0 {
		return invalid(unknownParameters(r.URL.Query()))
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	version, err := ifMatch(r)
	if err != nil {
		return err
	}
	if version == nil && c.route.RequireVersion {
		return problem(http.StatusPreconditionRequired, CodePrecondition, "If-Match must say which version is meant")
	}
	req := command.Request{IfMatch: version}
	if key != "" {
		// Each actor has keys of their own: nobody can guess another's.
		req.Key = command.Key{Scope: command.CallScope + ":" + string(actor.Subject), ID: key}
	}
	return c.run(w, r, actor, req)
}

// internal runs the command for another service.
func (c *commandRunner[I]) internal(w http.ResponseWriter, r *http.Request, actor Actor) error {
	var req command.Request
	for header, into := range map[string]*string{
		HeaderKey: &req.Key.ID, HeaderCompensates: &req.Compensates,
		HeaderCorrelation: &req.Correlation, HeaderCausation: &req.Causation,
	} {
		text, err := passedOn(r, header)
		if err != nil {
			return err
		}
		*into = text
	}
	if req.Key.ID != "" {
		req.Key.Scope = command.CallScope
	}
	return c.run(w, r, actor, req)
}

// run reads the input, runs the command, and answers.
func (c *commandRunner[I]) run(w http.ResponseWriter, r *http.Request, actor Actor, req command.Request) error {
	data, err := c.router.readBody(w, r)
	if err != nil {
		return err
	}
	given := strictjson.Given{Values: make(map[string]string, len(c.given))}
	for _, name := range c.given {
		if value := r.PathValue(name); value != "" {
			given.Values[name] = value
		}
	}
	if c.route.Mode == command.New {
		given.Optional = c.route.IDField
	}
	var input I
	if problems := c.decoder.DecodeWith(data, given, &input); len(problems) > 0 {
		return invalid(problems)
	}
	req.Name, req.Mode, req.Actor = c.route.Name, c.route.Mode, actor
	req.ID, req.Input = *c.route.ID(&input), input
	outcome, err := c.route.Do(r.Context(), req, input)
	if err != nil {
		return err
	}
	return c.answer(w, r, outcome)
}

func (c *commandRunner[I]) answer(w http.ResponseWriter, r *http.Request, outcome command.Outcome) error {
	body := map[string]any{}
	if len(outcome.Reply) > 0 {
		var reply map[string]json.RawMessage
		if err := json.Unmarshal(outcome.Reply, &reply); err != nil {
			return err
		}
		for name, value := range reply {
			body[name] = value
		}
	}
	// The model's own fields come first; the headers say the same as these.
	if outcome.ID != "" {
		setDefault(body, "id", outcome.ID)
	}
	setDefault(body, "version", outcome.Version)
	h := w.Header()
	if outcome.Version > 0 {
		h.Set("ETag", etag(outcome.Version))
	}
	if outcome.Repeated {
		h.Set(HeaderReplayed, "true")
	}
	status := http.StatusOK
	if c.route.Resource != "" && outcome.ID != "" {
		self := instancePath(c.route.Resource, outcome.ID)
		setDefault(body, "_links", hal(self, nil))
		if outcome.Created {
			h.Set("Location", self)
		}
	}
	if outcome.Created {
		status = http.StatusCreated
	}
	return writeJSON(w, r, status, body)
}

func setDefault(body map[string]any, name string, value any) {
	if _, taken := body[name]; !taken {
		body[name] = value
	}
}

// instancePath is where an instance is read.
func instancePath(collection string, id values.ID) string {
	return collection + "/" + url.PathEscape(string(id))
}

// unknownParameters reports parameters where there can be none.
func unknownParameters(query url.Values) []strictjson.Problem {
	var problems []strictjson.Problem
	for _, name := range sorted(query) {
		problems = append(problems, strictjson.Problem{Pointer: pointerTo(name), Code: strictjson.Unknown, Message: "is not known here"})
	}
	return problems
}
