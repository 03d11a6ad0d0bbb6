// Package foreign takes in what systems of somebody else tell, by webhooks or in
// a topic of theirs, and makes events of it: what they call things, and where
// they put them, ends here. An event is told on a topic of the service that takes
// it in, once however often it comes, and is heard there like any other.
package foreign

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// System is a system of somebody else: what it tells, and what is where in it.
type System struct {
	Name   string // by which what it told is remembered
	Source string // of its events here: /<system>/<context>
	Type   Spot   // what kind of event it is; "": it is known otherwise
	ID     Spot   // what it is known by when it is told again
	Data   Spot   // what holds the fields; "": all of it
	Key    string // the field, as in JSON, that orders its events; "": they come as they do
	// Strict refuses what is of none of the types, which is passed over else.
	Strict bool
	Events []Event
}

// Event is one that is told.
type Event struct {
	called string
	note   values.Event
	read   func(t told) (json.RawMessage, []strictjson.Problem)
	err    error
}

// From says where the fields of an event are, by their names in JSON. The others
// are where System.Data says, under their own.
type From map[string]Spot

// Tells is an event that the other system calls so.
func Tells[E interface{ Event() values.Event }](called string, from From) Event {
	var none E
	decoder, err := strictjson.For[E](strictjson.Limits{Problems: 10_000})
	if err != nil {
		return Event{err: fmt.Errorf("%s: %w", called, err)}
	}
	texts := textsOf(reflect.TypeFor[E]())
	return Event{called: called, note: none.Event(), read: func(t told) (json.RawMessage, []strictjson.Problem) {
		fields, problems := t.fields(from)
		if problems != nil {
			return nil, problems
		}
		for name, value := range fields {
			if texts[name] && isNumber(value) {
				fields[name] = quoted(string(value))
			}
		}
		data, err := json.Marshal(fields)
		if err != nil {
			return nil, malformed("", err.Error())
		}
		return read(decoder, data)
	}}
}

// read is an event, as it is told here. Strangers say more than anybody asked
// for, which is passed over; the rest is judged without it.
func read[E any](decoder *strictjson.Decoder[E], data json.RawMessage) (json.RawMessage, []strictjson.Problem) {
	var event E
	problems := slices.DeleteFunc(decoder.Decode(data, &event), func(p strictjson.Problem) bool { return p.Code == strictjson.Unknown })
	if len(problems) > 0 {
		return nil, problems
	}
	data, err := values.Marshal(event)
	if err != nil {
		return nil, malformed("", err.Error())
	}
	return data, decoder.Decode(data, &event)
}

// textsOf are the fields of a struct that hold texts: many systems count what they
// name, and here a name is a text.
func textsOf(t reflect.Type) map[string]bool {
	out := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		kind := f.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out[name] = kind.Kind() == reflect.String
	}
	return out
}

// told is what came, as far as it is known before its fields are read.
type told struct {
	value  json.RawMessage
	header func(name string) string // nil: it has none
	key    string                   // that orders it where it comes from; "": nothing does
	typ    string
	id     []string  // together it is known by them
	at     time.Time // when it happened, as far as anybody says
	data   json.RawMessage
}

// Malformed is what cannot be read.
type Malformed struct{ Problems []strictjson.Problem }

func (m *Malformed) Error() string { return strictjson.Error(m.Problems).Error() }

func malformed(pointer, text string) []strictjson.Problem {
	return []strictjson.Problem{{Pointer: pointer, Code: strictjson.Format, Message: text}}
}

// UnknownType: the other system calls it something that the model does not know.
type UnknownType struct{ Called string }

func (u *UnknownType) Error() string {
	return fmt.Sprintf("%q is no event that is known here", u.Called)
}

// event is the envelope of what was told; false: it is passed over.
func (s System) event(t told) (e message.Envelope, known bool, err error) {
	for _, event := range s.Events {
		if event.called != t.typ {
			continue
		}
		data, problems := event.read(t)
		if len(problems) > 0 {
			return e, false, &Malformed{problems}
		}
		id := values.DeriveID(append([]string{"foreign", s.Name}, t.id...)...)
		e = message.Envelope{
			ID: id, Source: s.Source, Type: event.note.Type, Time: values.Truncate(t.at), Sequence: 1, DataVersion: event.note.DataVersion(),
			CorrelationID: string(id), CausationID: strings.Join(t.id, " "), Actor: values.Actor{System: true}, Topic: event.note.Topic, Data: data,
		}
		if e.Key, err = s.orders(t, data); e.Key == "" {
			e.Key = string(id)
		}
		e.Subject = e.Key
		return e, err == nil, err
	}
	if s.Strict {
		return e, false, &UnknownType{t.typ}
	}
	return e, false, nil
}

// orders is the key of what was told.
func (s System) orders(t told, data json.RawMessage) (string, error) {
	if s.Key == "" {
		return t.key, nil
	}
	value, _ := pick(data, Spot("/"+escape(s.Key)))
	var key string
	if err := json.Unmarshal(value, &key); err != nil {
		return "", &Malformed{malformed("/"+s.Key, err.Error())}
	}
	return key, nil
}
