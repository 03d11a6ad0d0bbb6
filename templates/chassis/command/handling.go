package command

import (
	"encoding/json"
	"errors"

	"github.com/esgen/esgen/templates/chassis/values"
)

// What became of the command of a key.
const (
	Running     = "running"     // it calls others; alive while its lease is
	Done        = "done"        //
	Rejected    = "rejected"    // recorded: Request.KeepRejection
	Refused     = "refused"     // recorded: Request.KeepRefusal
	Compensated = "compensated" // undone, or undone before it came
)

// ErrLost: another command was faster; the attempt starts again from load.
var ErrLost = errors.New("lost against another command")

// Handling is what is kept under a key.
type Handling struct {
	State, Hash string
	Owner       string // who runs it
	Alive       bool   // the owner's lease is
	Outcome     Outcome
	Rejection   *values.Rejection
}

// Answer answers a request whose key was handled before; ok is false where it is to
// be run. The hash is that of the request.
func (h Handling) Answer(req Request, hash string) (out Outcome, ok bool, err error) {
	// Who chooses keys may choose one twice. A policy's key is its message's,
	// and what the policy makes of it may differ at the second delivery. A
	// tombstone was set before the command came, and knows no hash.
	if req.Key.Chosen() && h.Hash != "" && h.Hash != hash {
		return Outcome{}, false, ErrKeyReused
	}
	switch {
	case h.State == Done:
		h.Outcome.Repeated = true
		return h.Outcome, true, nil
	case h.State == Rejected:
		return Outcome{}, false, h.Rejection
	case h.State == Refused && h.Rejection.Code == ErrExists.Code:
		return Outcome{}, false, ErrExists.Saying("%s", h.Rejection.Message)
	case h.State == Refused:
		return Outcome{}, false, ErrNotFound.Saying("%s", h.Rejection.Message)
	case h.State == Compensated:
		return Outcome{}, false, ErrCompensated
	case h.Alive:
		return Outcome{}, false, ErrInFlight
	}
	// Its process died while it ran: this run may take over.
	return Outcome{}, false, nil
}

// No is how a command ended that is to end so again.
type No struct {
	State     string
	Rejection *values.Rejection
}

// Kept is the no to record under the key of a request that ended with an error; nil:
// there is none.
func (r Request) Kept(err error) *No {
	var rejection *values.Rejection
	var refusal *Error
	switch {
	case r.Key.ID == "":
	case r.KeepRejection && errors.As(err, &rejection):
		return &No{Rejected, rejection}
	case r.KeepRefusal && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrExists)) && errors.As(err, &refusal):
		return &No{Refused, &values.Rejection{Kind: refusal.Kind, Code: refusal.Code, Message: refusal.Message}}
	}
	return nil
}

// NewID names a new instance: by the command's key, so that the command's
// repetition means the same instance, else by chance.
func (r Request) NewID() (values.ID, error) {
	if r.Mode == values.Existing {
		return "", ErrNotFound.Saying("%s needs the id of its instance", r.Name)
	}
	if r.Key.ID != "" {
		return values.DeriveID(r.Key.Scope, r.Key.ID, r.Name), nil
	}
	return values.NewID(), nil
}

// NewIDs are those that a decision makes: by the command's key, so that its
// repetition, also by another process, asks others for the same.
func (r Request) NewIDs() *values.IDs {
	if r.Key.ID != "" {
		return values.IDsOf(r.Key.Scope, r.Key.ID, r.Name)
	}
	return &values.IDs{}
}

// Expect compares an instance with what the request wants of it.
func (r Request) Expect(aggregate string, version int64, there bool) error {
	switch {
	case r.Mode == values.Existing && !there:
		return ErrNotFound.Saying("%s %s is not there", aggregate, r.ID)
	case r.Mode == values.New && there:
		return ErrExists.Saying("%s %s exists already", aggregate, r.ID)
	case !r.IfMatch.Holds(version, there, r.Mode):
		return ErrVersion.Saying("%s %s is at version %d", aggregate, r.ID, version)
	}
	return nil
}

// Reply merges the fields of events; later ones come over earlier ones.
func Reply(events []json.RawMessage) (json.RawMessage, error) {
	if len(events) == 1 && events[0][0] == '{' {
		return events[0], nil
	}
	reply := map[string]json.RawMessage{}
	for _, data := range events {
		// Fields of an event whose encoding is no object are of no reply.
		_ = json.Unmarshal(data, &reply)
	}
	return json.Marshal(reply)
}
