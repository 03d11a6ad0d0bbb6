package inbound

import (
	"context"
	"errors"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Command is a command as every way in offers it. What the command is called, who
// may give it and which instance it is for, its input says.
type Command[I command.Input] struct {
	// RequireVersion: actors must say which version they mean (428).
	RequireVersion bool
	// Do runs the command.
	Do func(ctx context.Context, req command.Request, input I) (command.Outcome, error)
}

// CommandRunner reads the input of a command and runs it.
type CommandRunner[I command.Input] struct {
	Command[I]
	Note    values.Command // what every input of the command says
	decoder *strictjson.Decoder[I]
}

// Runner prepares a command to be run, or tells what is wrong with it.
func (c Command[I]) Runner(limits strictjson.Limits) (*CommandRunner[I], error) {
	if c.Do == nil {
		return nil, errors.New("there must be Do")
	}
	decoder, err := strictjson.For[I](limits)
	if err != nil {
		return nil, err
	}
	var input I
	return &CommandRunner[I]{c, input.Command(), decoder}, nil
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
	if c.Note.Mode == values.New {
		beside.Optional = c.Note.IDField
	}
	var input I
	if problems := c.decoder.DecodeWith(data, beside, &input); len(problems) > 0 {
		return command.Outcome{}, Invalid(problems)
	}
	return c.Do(ctx, req, input)
}
