package rest

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// CommandRoute is a command as a route, or two: for actors, and for the other
// services.
//
// Requests: the input as a JSON object; fields of it that are in the pattern
// may be left out. Idempotency-Key: a repeated one has one effect and one
// answer. If-Match: the version that the instance must have.
// Replies: 201 when an instance was made, with Location where somebody may read it
// (Resource), else 200; ETag is the version, the body has the reply's fields, id,
// version and _links.
//
// What the command is called, who may give it and which instance it is for, its
// input says.
type CommandRoute[I command.Input] struct {
	// Pattern is the public route, "POST /orders/{orderId}/cancel"; its
	// wildcards are JSON names of the input. Empty: there is none.
	Pattern string
	// Internal is the path of the internal route,
	// "/internal/commands/Order/PlaceOrder". Empty: there is none.
	Internal string
	// Own are the members of the reply that are the model's own although their
	// names are those of what the service says besides: version.
	Own []string
	// RequireVersion: a public request without If-Match is refused (428).
	RequireVersion bool
	// Do runs the command.
	Do func(ctx context.Context, req command.Request, input I) (command.Outcome, error)
}

// commandRunner answers the routes of one command.
type commandRunner[I command.Input] struct {
	router  *Router
	route   CommandRoute[I]
	command *inbound.CommandRunner[I]
	given   []string // fields that are in the pattern
}

// Command adds the routes of a command.
func Command[I command.Input](r *Router, route CommandRoute[I]) {
	runner, err := inbound.Command[I]{RequireVersion: route.RequireVersion, Do: route.Do}.Runner(r.config.Limits)
	if err != nil {
		r.fail("command %T: %w", *new(I), err)
		return
	}
	note := runner.Note
	run := &commandRunner[I]{router: r, route: route, command: runner, given: wildcards(route.Pattern)}
	for _, name := range run.given {
		if !runner.Has(name) {
			r.fail("command %s: {%s} of the route is no field of the input", note.Name, name)
		}
	}
	if route.Pattern != "" {
		r.addPublic(route.Pattern, note.Actors, run.public)
	}
	if route.Internal != "" {
		r.addInternal("POST "+route.Internal, run.internal)
		r.commands[note.Name] = route.Internal
	}
}

// public runs the command for an actor.
func (c *commandRunner[I]) public(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
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
func (c *commandRunner[I]) internal(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
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
	reply := []byte(outcome.Reply)
	if len(reply) == 0 {
		reply = []byte("{}")
	}
	said := members(reply)
	var more []extra
	say := func(name string, value any) {
		// The model's own fields come first; the headers say the same as these.
		if !said[name] && !slices.Contains(c.route.Own, name) {
			said[name] = true
			more = append(more, extra{name, value})
		}
	}
	if outcome.ID != "" {
		say("id", outcome.ID)
		if field := c.command.Note.IDField; field != "" && !outcome.NeverHappened {
			say(field, outcome.ID) // also of a command without events: callers rely on it
		}
	}
	say("version", outcome.Version)
	h := w.Header()
	if outcome.Version > 0 {
		h.Set("ETag", inbound.ETag(outcome.Version))
	}
	if outcome.Repeated {
		h.Set(inbound.HeaderReplayed, "true")
	}
	status := http.StatusOK
	if outcome.ID != "" {
		self := c.router.readAt(c.command.Note, outcome.ID)
		say("_links", hal(r, self, nil))
		if outcome.Created && self != "" {
			h.Set("Location", outside(r, self))
		}
	}
	if outcome.Created {
		status = http.StatusCreated
	}
	body, err := extendObject(reply, func(string) bool { return false }, more...)
	if err != nil {
		return err
	}
	return WriteJSON(w, r, status, body)
}

// readAt is where the instance of a command is read; "": nowhere.
func (r *Router) readAt(note values.Command, id values.ID) string {
	if collection, ok := r.resources[note.Aggregate()]; ok {
		return instancePath(collection, id)
	}
	return ""
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
