package values

import "reflect"

// Upcast makes of what an event said in one version what it says in the next.
type Upcast struct {
	Old  reflect.Type // what is read of a record
	Next func(old any, meta Meta) any
}

// Step is the upcast that a function does.
func Step[Old, Next any](next func(old Old, meta Meta) Next) Upcast {
	return Upcast{reflect.TypeFor[Old](), func(old any, meta Meta) any { return next(old.(Old), meta) }}
}
