// Package upcast reads events in whichever version they were written, and brings
// what older ones say up to date.
package upcast

import (
	"fmt"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Of are the upcasts that a type of event has, because it said something else in
// older versions.
func Of[E any]() []values.Upcast {
	var event E
	if e, has := any(event).(interface{ Upcasts() []values.Upcast }); has {
		return e.Upcasts()
	}
	return nil
}

// Reader reads the events of one type. Fields that it does not know it passes
// over.
type Reader[E any] struct {
	newest *strictjson.Decoder[E]
	older  []older
	told   int // the newest version that anybody tells
}

// older is a version of an event, which a record may be of.
type older struct {
	read func(data []byte) (any, []strictjson.Problem)
	next func(old any, meta values.Meta) (any, error)
}

// NewReader returns a reader of events that were said otherwise in older versions,
// from the first on. Needs are the JSON names of the fields that are looked at:
// the others may be missing. nil: none may.
func NewReader[E any](upcasts []values.Upcast, needs []string) (*Reader[E], error) {
	newest, err := strictjson.Lenient[E]()
	if err != nil {
		return nil, err
	}
	if needs != nil {
		newest = newest.Needing(needs...)
	}
	r := &Reader[E]{newest: newest, told: len(upcasts) + 1}
	for _, u := range upcasts {
		read, err := strictjson.LenientOf(u.Old)
		if err != nil {
			return nil, err
		}
		r.older = append(r.older, older{read, u.Next})
		if u.Last {
			r.told--
		}
	}
	return r, nil
}

// Read reads an event that was written in a version.
func (r *Reader[E]) Read(version int, data []byte, meta values.Meta) (event E, err error) {
	if version > r.told || version < 1 {
		return event, fmt.Errorf("it is of version %d, known up to %d", version, r.told)
	}
	defer message.Recover(&err) // of an upcast
	if version > len(r.older) {
		return event, strictjson.Error(r.newest.Decode(data, &event))
	}
	said, problems := r.older[version-1].read(data)
	if len(problems) > 0 {
		return event, strictjson.Error(problems)
	}
	for _, v := range r.older[version-1:] {
		if said, err = v.next(said, meta); err != nil {
			return event, err
		}
	}
	if event, whole := said.(E); whole {
		return event, nil
	}
	// What is read is what several events have in common.
	if data, err = values.Marshal(said); err != nil {
		return event, err
	}
	return event, strictjson.Error(r.newest.Decode(data, &event))
}
