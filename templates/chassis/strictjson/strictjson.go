// Package strictjson reads what strangers send into Go structs: JSON, and the
// text of queries and paths. Where encoding/json is lenient it is strict
// (unknown and repeated names, missing values, other spellings of a name), and
// it tells all that is wrong at once, each with its place.
package strictjson

import (
	"errors"
	"math"
	"net/url"
	"reflect"
	"strings"
)

// Problem is one thing that is wrong with the input.
type Problem struct {
	// Pointer is the place, a JSON pointer (RFC 6901): "/items/0/price".
	Pointer string `json:"pointer"`
	// Code is for programs.
	Code string `json:"code"`
	// Message is for people. It does not repeat what was sent, which may be
	// personal or long.
	Message string `json:"message"`
}

// The codes of problems.
const (
	Syntax    = "syntax"    // not JSON; nothing behind it was read
	Depth     = "depth"     // nested too deeply; nothing behind it was read
	TooMany   = "too-many"  // too many elements or problems; nothing behind it was read
	Unknown   = "unknown"   // a name that means nothing here
	Duplicate = "duplicate" // a name that was there before
	Required  = "required"  // missing
	Null      = "null"      // null where there must be a value
	Type      = "type"      // another kind of value
	Range     = "range"     // a number that does not fit
	Format    = "format"    // text that spells no decimal, date, time, duration or id
	Text      = "text"      // text that is no UTF-8, or has characters that cannot be stored
	Enum      = "enum"      // none of the values there are
	Check     = "check"     // refused by the type's own check
	Mismatch  = "mismatch"  // differs from what the path says
)

// Limits bound what one input may cost. The zero value has sensible ones.
type Limits struct {
	Depth    int // of nesting; 32
	Elements int // of all lists and maps together; 10000
	Problems int // that are told; 100
}

// OrDefault fills in what is not said.
func (l Limits) OrDefault() Limits {
	if l.Depth <= 0 {
		l.Depth = 32
	}
	if l.Elements <= 0 {
		l.Elements = 10000
	}
	if l.Problems <= 0 {
		l.Problems = 100
	}
	return l
}

// Decoder reads inputs of one type. It is safe for concurrent use.
//
// The fields of a struct are named by their json tags. A field must be there
// unless it is a pointer, a list or a map, is tagged omitempty, or has a tag
// `default`. Null clears a pointer and is refused elsewhere; whether a field was
// there at all, a bool tagged `json:"-" absent:"<its name>"` tells. A type with a
// method SetDefaults() on its pointer is asked to fill in what the input may
// leave out; with Valid() bool, it is an enum; with Check() error, it refuses
// values by itself.
type Decoder[T any] struct {
	plan    *plan
	limits  Limits
	lenient bool
	needs   map[string]bool // fields of the outermost object that must be there; nil: as the type has it
}

// For prepares the reading of a type. It says no to types that JSON of a model
// does not have (interfaces, floats, channels, …).
func For[T any](limits Limits) (*Decoder[T], error) {
	p, err := planFor(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	return &Decoder[T]{plan: p, limits: limits.OrDefault()}, nil
}

// Lenient prepares the reading of what another program of the system, or one
// that it asks, has written: that one may be newer. Names that nobody knows are
// passed over, values of enums and what types say of themselves are not asked,
// and null is an empty list or map. What must be there still must: it is never
// taken to be zero. A field with a tag `was` may be there by that name as well.
func Lenient[T any]() (*Decoder[T], error) {
	d, err := For[T](trusted)
	if err == nil {
		d.lenient = true
	}
	return d, err
}

// LenientOf is Lenient for who has a type as a value only: what it returns reads
// a value of it.
func LenientOf(t reflect.Type) (func(data []byte) (any, []Problem), error) {
	p, err := planFor(t)
	if err != nil {
		return nil, err
	}
	return func(data []byte) (any, []Problem) {
		v := reflect.New(t).Elem()
		r := &reader{data: data, limits: trusted, given: &Given{}, lenient: true}
		r.document(p, v)
		return v.Interface(), r.problems
	}, nil
}

// trusted are the limits of those who are no strangers.
var trusted = Limits{Depth: 256, Elements: math.MaxInt, Problems: 10}

// Needing is the decoder for somebody who looks at some of the fields only: the
// others may be missing, whatever the type says.
func (d *Decoder[T]) Needing(names ...string) *Decoder[T] {
	out := *d
	out.needs = make(map[string]bool, len(names))
	for _, name := range names {
		out.needs[name] = true
	}
	return &out
}

// Error is what is wrong with an input, as one error; nil: nothing.
func Error(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = strings.TrimSpace(p.Pointer + " " + p.Message)
	}
	return errors.New(strings.Join(texts, "; "))
}

// Given is what a request says outside of its body.
type Given struct {
	// Values are fields of the outermost object as text, by name: what the path
	// says. The body may leave them out, or must agree.
	Values map[string]string
	// Optional names a field that may be missing although its type requires it:
	// the id of what is created, which can be generated.
	Optional string
}

// Decode reads JSON into the value. What it holds is of use only when there
// are no problems.
func (d *Decoder[T]) Decode(data []byte, into *T) []Problem {
	return d.DecodeWith(data, Given{}, into)
}

// DecodeWith reads JSON, and what is given beside it.
func (d *Decoder[T]) DecodeWith(data []byte, given Given, into *T) []Problem {
	r := &reader{data: data, limits: d.limits, given: &given, lenient: d.lenient, needs: d.needs}
	r.document(d.plan, reflect.ValueOf(into).Elem())
	return r.problems
}

// Empty tells of a type that has no fields: nothing is to be read.
func (d *Decoder[T]) Empty() bool { return d.plan.kind == objectKind && len(d.plan.object.fields) == 0 }

// Has tells whether the type has a field of that name.
func (d *Decoder[T]) Has(name string) bool {
	if d.plan.kind != objectKind {
		return false
	}
	_, ok := d.plan.object.byName[name]
	return ok
}

// Parameters reads the parameters of a URL: one for each field, repeated ones for a
// list. Objects cannot be given in a query.
func (d *Decoder[T]) Parameters(query url.Values, into *T) []Problem {
	r := &reader{limits: d.limits, given: &Given{}}
	r.parameters(d.plan, query, reflect.ValueOf(into).Elem())
	return r.problems
}

// Fields reads those parameters of a URL that it has, as values of the fields
// of the type, pointers followed: what a list is filtered by.
func (d *Decoder[T]) Fields(query url.Values) (map[string]any, []Problem) {
	r := &reader{limits: d.limits, given: &Given{}}
	return r.fields(d.plan, query), r.problems
}

// Decode reads JSON once. Who reads a type more often keeps its Decoder, which
// knows the type already.
func Decode[T any](data []byte, into *T, limits Limits) ([]Problem, error) {
	d, err := For[T](limits)
	if err != nil {
		return nil, err
	}
	return d.Decode(data, into), nil
}
