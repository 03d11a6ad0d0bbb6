package check_test

import (
	"strings"
	"testing"
)

// What undoes a call waits for the reply when it says something of it, if only
// by way of a let.
func TestCompensationNeedsReply(t *testing.T) {
	t.Parallel()
	const trip = `
esgen: v1
system: trips
actors: {Guest: {}}
externals:
  rail:
    operations:
      hold: {input: {seats: int}, reply: {code: string, price: int}}
      free: {input: {ref: string}}
contexts:
  desk:
    aggregates:
      Trip:
        state: {ref: string}
        commands:
          Book:
            actor: Guest
            creates: true
            input: {seats: int}
            let: {label: "hold.code + '!'", plain: "'hold.code'"}
            call: {to: rail.hold, as: hold, compensate: {do: rail.free, with: {ref: REF}}}
            emit: [{event: Booked, with: {ref: label}}]
        events: {Booked: {fields: [ref]}}
`
	for ref, want := range map[string]bool{
		"hold.code":                      true,
		"label":                          true,
		"plain":                          false,
		"\"'hold.code label'\"":          false,
		"\"['a'].map(hold, hold)[0]\"":   false,
		"string(id)":                     false,
		"\"label == 'x' ? 'a' : plain\"": true,
	} {
		m := checked(t, strings.Replace(trip, "REF", ref, 1))
		call := m.Contexts[0].Aggregates[0].Commands[0].Calls[0]
		if got := m.Compensations[call.Compensate].NeedsReply; got != want {
			t.Errorf("%s: needs the reply: %v", ref, got)
		}
	}
}
