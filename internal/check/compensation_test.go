package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

// What undoes a call waits for the reply when it says something of it. Of a reply that
// never came it can be learned again as it is, and what is made of it, if only by way
// of a let, cannot: that is refused.
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
	const nothing, learned, refused = "nothing", "learned", "refused"
	for ref, want := range map[string]string{
		"hold.code":                      learned,
		"label":                          refused,
		"hold.code + 'x'":                refused,
		"plain":                          nothing,
		"\"'hold.code label'\"":          nothing,
		"\"['a'].map(hold, hold)[0]\"":   nothing,
		"string(id)":                     nothing,
		"\"label == 'x' ? 'a' : plain\"": refused,
	} {
		sys, _ := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(strings.Replace(trip, "REF", ref, 1))}}, model.DocumentName)
		m, diags := check.System(sys)
		found := m.Compensations[m.Contexts[0].Aggregates[0].Commands[0].Calls[0].Compensate]
		got := nothing
		for _, d := range diags.Sorted() {
			if d.Rule == rule.NoSource {
				got = refused
			}
		}
		if len(found.Learned) == 1 && found.Learned[0].Field.Name == "ref" && found.Learned[0].From.Name == "code" {
			got = learned
		}
		if got != want || found.NeedsReply != (want != nothing) {
			t.Errorf("%s: %s, needs the reply: %v; want %s", ref, got, found.NeedsReply, want)
		}
	}
}
