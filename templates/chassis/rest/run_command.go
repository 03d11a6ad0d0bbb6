package rest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// commandRunner answers the routes of one command.
type commandRunner[I any] struct {
	router  *Router
	route   CommandRoute[I]
	command *inbound.CommandRunner[I]
	given   []string // fields that are in the pattern
}

func addCommand[I any](r *Router, route CommandRoute[I]) {
	runner, err := inbound.Command[I]{
		Name: route.Name, Actors: route.Actors, Mode: route.Mode, ID: route.ID, IDField: route.IDField,
		RequireVersion: route.RequireVersion, Do: route.Do,
	}.Runner(r.config.Limits)
	if err != nil {
		r.fail("command %s: %w", route.Name, err)
		return
	}
	run := &commandRunner[I]{router: r, route: route, command: runner, given: wildcards(route.Pattern)}
	for _, name := range run.given {
		if !runner.Has(name) {
			r.fail("command %s: {%s} of the route is no field of the input", route.Name, name)
		}
	}
	if route.Pattern != "" {
		r.addPublic(route.Pattern, route.Actors, run.public)
	}
	if route.Internal != "" {
		r.addInternal("POST "+route.Internal, run.internal)
		r.commands[route.Name] = route.Internal
	}
}

// public runs the command for an actor.
func (c *commandRunner[I]) public(w http.ResponseWriter, r *http.Request, actor Actor) error {
	if len(r.URL.RawQuery) > 0 {
		return inbound.Invalid(unknownParameters(r.URL.Query()))
	}
	key, err := inbound.IdempotencyKey(r.Header)
	if err != nil {
		return err
	}
	version, err := inbound.IfMatch(r.Header)
	if err != nil {
		return err
	}
	req, err := c.command.ByActor(actor, key, version)
	if err != nil {
		return err
	}
	return c.run(w, r, req)
}

// internal runs the command for another service.
func (c *commandRunner[I]) internal(w http.ResponseWriter, r *http.Request, actor Actor) error {
	req := command.Request{Actor: actor}
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
	return c.run(w, r, req)
}

// run reads the input, runs the command, and answers.
func (c *commandRunner[I]) run(w http.ResponseWriter, r *http.Request, req command.Request) error {
	data, err := c.router.readBody(w, r)
	if err != nil {
		return err
	}
	given := make(map[string]string, len(c.given))
	for _, name := range c.given {
		if value := r.PathValue(name); value != "" {
			given[name] = value
		}
	}
	outcome, err := c.command.Run(r.Context(), req, data, given)
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
		c.say(body, "id", outcome.ID)
		if c.route.IDField != "" && !outcome.NeverHappened {
			c.say(body, c.route.IDField, outcome.ID) // also of a command without events: callers rely on it
		}
	}
	c.say(body, "version", outcome.Version)
	h := w.Header()
	if outcome.Version > 0 {
		h.Set("ETag", inbound.ETag(outcome.Version))
	}
	if outcome.Repeated {
		h.Set(inbound.HeaderReplayed, "true")
	}
	status := http.StatusOK
	if c.route.Resource != "" && outcome.ID != "" {
		self := instancePath(c.route.Resource, outcome.ID)
		c.say(body, "_links", hal(r, self, nil))
		if outcome.Created {
			h.Set("Location", outside(r, self))
		}
	}
	if outcome.Created {
		status = http.StatusCreated
	}
	return writeJSON(w, r, status, body)
}

// say adds what the model does not say by that name.
func (c *commandRunner[I]) say(body map[string]any, name string, value any) {
	if _, taken := body[name]; !taken && !slices.Contains(c.route.Own, name) {
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
