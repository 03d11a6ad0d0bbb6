package message

import (
	"fmt"
	"runtime/debug"

	"github.com/esgen/esgen/templates/chassis/values"
)

// Panic is what code of the service panicked with: a mistake in that code, and
// no reason for the process to end while others are being served.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Recover turns a panic into an error: a *values.Fault as it is, anything else
// into a *Panic. It is to be deferred:
//
//	defer message.Recover(&err)
func Recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case *values.Fault:
		*err = r
	default:
		*err = &Panic{Value: r, Stack: debug.Stack()}
	}
}
