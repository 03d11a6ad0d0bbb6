package values

import (
	"cmp"
	"errors"
)

// Kind is what kind of no a Rejection is. The ways into a service have their own
// words for each; a kind that has no name here is told by a number of theirs.
type Kind string

// The kinds of rejections.
const (
	Rule       Kind = ""           // a rule of the model does not hold
	Malformed  Kind = "malformed"  // it cannot be understood
	Unpaid     Kind = "unpaid"     // somebody has to pay first
	Forbidden  Kind = "forbidden"  // not for who asks
	Missing    Kind = "missing"    // what it is about is not there
	Conflict   Kind = "conflict"   // not as things are now
	Gone       Kind = "gone"       // what it is about was there once
	Outdated   Kind = "outdated"   // what it is about has changed meanwhile
	Locked     Kind = "locked"     // somebody else has it
	TooEarly   Kind = "too-early"  // not yet
	TooMany    Kind = "too-many"   // not so often
	Unfinished Kind = "unfinished" // nobody has written what it does
)

// Rejection is a decision's no.
type Rejection struct {
	Kind    Kind
	Code    string // the name of the rule
	Message string // for the person who asked; may be empty
}

func (r *Rejection) Error() string {
	if r.Message == "" || r.Message == r.Code {
		return r.Code
	}
	return r.Code + ": " + r.Message
}

// Reject makes a Rejection. The message is for people; empty: the code is for
// them, too.
func Reject(kind Kind, code, message string) error {
	return &Rejection{Kind: kind, Code: code, Message: cmp.Or(message, code)}
}

// Rename gives a Rejection another code; other errors stay as they are.
func Rename(err error, codes map[string]string) error {
	var r *Rejection
	if !errors.As(err, &r) || codes[r.Code] == "" {
		return err
	}
	return &Rejection{Kind: r.Kind, Code: codes[r.Code], Message: r.Message}
}
