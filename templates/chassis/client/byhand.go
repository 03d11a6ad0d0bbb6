package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// ByHand uses an operation of an external system as somebody has written down how:
// what is asked at a URL, with the key under which it may be asked again. It has
// the limits of any other; a *values.Rejection is the other one's no, any other error
// is trouble. Where options say that all is asked plainly, it is an Operation.
func ByHand[Reply, Question, Answer any](ctx context.Context, d *Dependency, method, path string,
	ask func(ctx context.Context, url string, question Question, key string) (Answer, error), input any, cause command.Cause) (reply Reply, err error) {
	if d.plain {
		return Operation[Reply](ctx, d, method, path, input, cause)
	}
	question, err := retold[Question](d, input)
	if err != nil {
		return reply, err
	}
	err = d.guard.do(ctx, isSafe(method) || cause.Key != "", func(ctx context.Context) (*answer, error) {
		said, err := ask(ctx, d.base.String(), question, cause.Key)
		if err != nil {
			return nil, d.trouble(err)
		}
		if reply, err = retold[Reply](d, said); err != nil {
			return nil, &Failure{Dependency: d.name, Reason: "its answer could not be read: " + err.Error(), Cause: err, sent: true}
		}
		return &answer{}, nil
	})
	return reply, err
}

// Done is what an operation answers that answers nothing.
func Done[Question any](ask func(ctx context.Context, url string, question Question, key string) error) func(ctx context.Context, url string, question Question, key string) (struct{}, error) {
	return func(ctx context.Context, url string, question Question, key string) (struct{}, error) {
		return struct{}{}, ask(ctx, url, question, key)
	}
}

// trouble tells what an error means of who asks by hand.
func (d *Dependency) trouble(err error) error {
	var no *values.Rejection
	switch {
	case errors.As(err, &no), errors.Is(err, context.Canceled), IsTechnical(err):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return &Timeout{Dependency: d.name, Cause: err}
	}
	return &Failure{Dependency: d.name, Reason: err.Error(), Cause: err, sent: true}
}

// retold is a value as another type has it, which may know less of it.
func retold[To any](d *Dependency, value any) (to To, err error) {
	read, err := strictjson.Lenient[To]()
	if err != nil {
		return to, fmt.Errorf("%s: %w", d.name, err)
	}
	data, err := values.Marshal(value)
	if err != nil {
		return to, fmt.Errorf("%s: %w", d.name, err)
	}
	if read.Empty() || string(data) == "null" {
		return to, nil
	}
	return to, strictjson.Error(read.Decode(data, &to))
}
