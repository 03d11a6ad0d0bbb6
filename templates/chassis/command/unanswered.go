package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Unanswered is what a call is undone by that nobody has heard the answer of, and
// that cannot be undone without it: a payment that only its answer has the number
// of. See Learning.
type Unanswered struct {
	// Asked is what the call asked.
	Asked any `json:"_asked"`
	// Undo is what undoing asks, but for what is in the answer.
	Undo any `json:"_undo"`
	// From tells which member of the answer a member of Undo is.
	From map[string]string `json:"_from"`
}

// Learning returns how a call is undone whose answer that needs: one of which nobody
// knows the answer is made again under its key, by which whoever is asked answers
// as the first time, or refuses, which had no effect then.
func Learning[Req, Rep any](ask func(ctx context.Context, cause Cause, ask Req) (Rep, error), undo func(ctx context.Context, intent Intent) error) func(ctx context.Context, intent Intent) error {
	return func(ctx context.Context, intent Intent) error {
		var left struct {
			Asked json.RawMessage            `json:"_asked"`
			Undo  map[string]json.RawMessage `json:"_undo"`
			From  map[string]string          `json:"_from"`
		}
		if err := json.Unmarshal(intent.Payload, &left); err != nil {
			return fmt.Errorf("what undoes %s: %w", intent.Call, err)
		}
		if left.Asked == nil {
			return undo(ctx, intent)
		}
		var asked Req
		if err := json.Unmarshal(left.Asked, &asked); err != nil {
			return fmt.Errorf("what %s asked: %w", intent.Call, err)
		}
		reply, err := ask(ctx, Cause{Key: intent.Key, Correlation: intent.Correlation, Actor: values.Actor{System: true}}, asked)
		if errors.As(err, new(*values.Rejection)) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("learn what %s answered: %w", intent.Call, err)
		}
		if intent.Payload, err = filled(left.Undo, left.From, reply); err != nil {
			return fmt.Errorf("what %s answered: %w", intent.Call, err)
		}
		return undo(ctx, intent)
	}
}

// filled is an object with members that are those of a reply.
func filled(object map[string]json.RawMessage, from map[string]string, reply any) (json.RawMessage, error) {
	data, err := values.Marshal(reply)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	for name, source := range from {
		delete(object, name)
		if value, there := members[source]; there {
			object[name] = value
		}
	}
	return json.Marshal(object)
}
