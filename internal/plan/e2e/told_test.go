package e2e_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/testkit/live"
)

// What an external system tells in a scenario is written as the model says that it
// writes it.
func TestTells(t *testing.T) {
	const whole = `
esgen: v1
system: depot
actors: [Clerk]
externals:
  Carrier:
    EXTERNAL
    events:
      Scanned: {type: parcel.scanned, fields: {no: id, at: Place, when: optional(time), zone: Zone}, from: FROM}
types:
  Place: {fields: {city: string, floor: int}}
  Zone: {enum: {Cold: cold-room, Warm: warm-room}}
contexts:
  yard:
    views:
      Parcels: {key: no, fields: {no: id, zone: Zone}, from: {Carrier.Scanned: {}}, actor: Clerk}
scenarios:
  It is told:
    when: {do: Carrier.Scanned, with: {no: p1, at: {city: Seoul, floor: 2}, zone: Cold}}
`
	for name, test := range map[string]struct {
		external, from string
		want           live.Tells
	}{
		"a webhook of one path": {
			`webhook: {type: /type, data: /data/object}`, `{no: /tracking/no, at: /stops/1}`,
			live.Tells{Hook: "Carrier", Body: []byte(`{"data":{"object":{"stops":[null,{"city":"Seoul","floor":2}],"tracking":{"no":"p1"},"zone":"cold-room"}},"id":"ID","type":"parcel.scanned"}`)},
		},
		"a webhook with a path for each": {
			`webhook: {id: /event/id}`, `{}`,
			live.Tells{Hook: "Carrier/Scanned", Body: []byte(`{"at":{"city":"Seoul","floor":2},"event":{"id":"ID"},"no":"p1","zone":"cold-room"}`)},
		},
		"plain JSON": {
			`topic: {name: old, format: json, type: kind, id: /a~1b/c~0d, data: /body}`, `{no: key, zone: /stops/0/zone, at: /stops/0/place}`,
			live.Tells{
				Topic: "old", Key: "p1", Header: map[string]string{"kind": "parcel.scanned"},
				Body: []byte(`{"a/b":{"c~d":"ID"},"body":{"stops":[{"place":{"city":"Seoul","floor":2},"zone":"cold-room"}]}}`),
			},
		},
		"plain JSON of one kind": {
			"key: no\n    topic: {name: old, format: json}", `{zone: X-Zone}`,
			live.Tells{Topic: "old", Key: "p1", Header: map[string]string{"X-Zone": "cold-room"}, Body: []byte(`{"at":{"city":"Seoul","floor":2},"no":"p1"}`)},
		},
		"CloudEvents": {
			"topic: {name: old}", `{at: /stops/0}`,
			live.Tells{
				Topic: "old", Header: map[string]string{"ce_specversion": "1.0", "ce_id": "ID", "ce_source": "/carrier", "ce_type": "parcel.scanned", "content-type": "application/json"},
				Body: []byte(`{"no":"p1","stops":[{"city":"Seoul","floor":2}],"zone":"cold-room"}`),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.NewReplacer("EXTERNAL", test.external, "FROM", test.from).Replace(whole)
			sys, diags := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(text)}}, "esgen.yaml")
			told := testsystem.Plan(t, testsystem.Check(t, sys, diags)).Table.Scenarios[0].Steps[0].When
			if told.Tells == nil || told.Service != "yard" {
				t.Fatalf("%+v", told)
			}
			got := *told.Tells
			got.Body = []byte(strings.ReplaceAll(string(got.Body), told.At.String(), "ID"))
			if got.Header["ce_id"] != "" {
				got.Header["ce_id"] = strings.ReplaceAll(got.Header["ce_id"], told.At.String(), "ID")
			}
			if diff := cmp.Diff(test.want, got, cmp.Transformer("text", func(b []byte) string { return string(b) })); diff != "" {
				t.Error(diff)
			}
		})
	}
}
