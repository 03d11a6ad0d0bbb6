package inbound

import (
	"context"
	"errors"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Command is a command as every way in offers it.
type Command[I any] struct {
	// Name is the command's: "Order.PlaceOrder".
	Name string
	// Actors are the roles that may give it. None: nobody.
	Actors []string
	Mode   command.Mode
	// ID is the place of the aggregate's id in the input, and IDField its name
	// in JSON. The id may be missing when Mode is New: Request.ID is empty then.
	ID      func(input *I) *values.ID
	IDField string
	// RequireVersion: actors must say which version they mean (428).
	RequireVersion bool
	// Do runs the command. The request has all but what only the model knows;
	// its Input is the *I.
	Do func(ctx context.Context, req command.Request, input I) (command.Outcome, error)
}

// CommandRunner reads the input of a command and runs it.
type CommandRunner[I any] struct {
	Command[I]
	decoder *strictjson.Decoder[I]
}

// Runner prepares a command to be run, or tells what is wrong with it.
func (c Command[I]) Runner(limits strictjson.Limits) (*CommandRunner[I], error) {
	if c.Do == nil || c.ID == nil {
		return nil, errors.New("there must be Do and ID")
	}
	decoder, err := strictjson.For[I](limits)
	if err != nil {
		return nil, err
	}
	return &CommandRunner[I]{c, decoder}, nil
}

// Has tells whether the input has a field of that name in JSON.
func (c *CommandRunner[I]) Has(name string) bool { return c.decoder.Has(name) }

// ByActor is the request of an actor, with an idempotency key, or none, and
// what it says of the instance's version, or nil.
func (c *CommandRunner[I]) ByActor(actor Actor, key string, match *command.Match) (command.Request, error) {
	if c.RequireVersion && (match == nil || match.Any) {
		return command.Request{}, NewProblem(http.StatusPreconditionRequired, CodePrecondition, "If-Match must say which version is meant")
	}
	req := command.Request{Actor: actor, IfMatch: match}
	if key != "" {
		// Each actor has keys of their own: nobody can guess another's.
		req.Key = command.Key{Scope: command.CallScope + ":" + string(actor.Subject), ID: key}
	}
	return req, nil
}

// Run reads the input, a JSON object, and runs the command. Given are fields of
// the input that came beside it, by their JSON names.
func (c *CommandRunner[I]) Run(ctx context.Context, req command.Request, data []byte, given map[string]string) (command.Outcome, error) {
	beside := strictjson.Given{Values: given}
	if c.Mode == command.New {
		beside.Optional = c.IDField
	}
	var input I
	if problems := c.decoder.DecodeWith(data, beside, &input); len(problems) > 0 {
		return command.Outcome{}, Invalid(problems)
	}
	req.Name, req.Mode = c.Name, c.Mode
	req.ID, req.Input = *c.ID(&input), input
	return c.Do(ctx, req, input)
}
