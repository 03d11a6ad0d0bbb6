package sim

import (
	"fmt"

	"github.com/esgen/esgen/model"
)

// What expressions make can grow without bounds, by a policy that goes round in
// a circle. Services put an end to it, and so does the interpreter.
const (
	// maxTold bounds what an event may weigh, in bytes: MaxBytes of the package
	// message of the services.
	maxTold = 900_000
	// maxValue bounds a value that an expression has. Nothing that services can
	// pass on is nearly as large; it is for what they keep to themselves.
	maxValue = 16 << 20
	// maxFlow bounds what all events of one flow weigh together.
	maxFlow = 64 << 20
)

// tooLarge: it cannot be told to anybody, and so it does not happen.
func tooLarge(e *model.Event, bytes int) *refusal {
	return &refusal{
		kind: faulted, code: "too-large", status: 413,
		message: fmt.Sprintf("%s would weigh %d bytes, more than the %d that an event may", e.Name, bytes, maxTold),
	}
}

// weight is about how many bytes a value has in a message.
func weight(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) + 2
	case []any:
		n := 2
		for _, x := range v {
			n += weight(x) + 1
		}
		return n
	case map[string]any:
		n := 2
		for name, x := range v {
			n += len(name) + weight(x) + 4
		}
		return n
	}
	return 8
}
