package devrun

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/model"
)

// fussy refuses most of what one would make up.
const fussy = `esgen: v1
system: harbour
types:
  BerthCode: {is: string, check: "value.matches('^[A-Z]{2}-[0-9]{3}$')"}
  Draught: {is: decimal, check: "value >= 2.5 && value <= 18"}
  Cargo: {enum: [Nothing, Grain, Oil]}
  Container: {fields: {number: {type: string, check: "size(value) == 11"}, weight: Draught}}
actors: {Captain: {}, Master: {}}
contexts:
  quay:
    aggregates:
      Mooring:
        state: {berth: BerthCode, captainId: id, from: date, until: date, cargo: Cargo}
        commands:
          Moor:
            actor: Captain
            creates: true
            input: {berth: BerthCode, captainId: id, from: date, until: date, cargo: Cargo, containers: list(Container), tugs: {type: int, check: value > 2}}
            allow: input.captainId == actor.subject
            require:
              TooShort: input.until > input.from
              NothingToUnload: input.cargo == Oil
              TooManyTugs: input.tugs < 5
              Unknown: input.berth.startsWith("HH")
            call: {to: office.File}
            emit: [Moored]
        events: {Moored: {fields: [berth, captainId, from, until, cargo]}}
      Wreck:
        state: {name: string}
        commands:
          Sink: {actor: Master, creates: true, input: {name: string}, require: {Never: size(input.name) > 3 && size(input.name) < 2}, emit: [Sunk]}
        events: {Sunk: {fields: [name]}}
  office:
    aggregates:
      Form:
        state: {cargo: Cargo, tugs: int}
        commands:
          File: {creates: true, input: {cargo: Cargo, tugs: int}, require: {OddTugs: input.tugs % 2 == 0}, emit: [Filed]}
        events: {Filed: {fields: [cargo, tugs]}}
`

// What is shown to be tried is accepted, or says why it is not.
func TestDerivedRequestsAreAccepted(t *testing.T) {
	t.Parallel()
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(fussy)}}, model.DocumentName)
	checked, more := check.System(sys)
	if diags.Merge(more); diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	p, err := plan.Build(checked)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, r := range derived(checked, p.System.Services, time.Date(2026, 11, 5, 9, 30, 0, 0, time.UTC)) {
		got.WriteString(string(r.Title) + ": " + r.Method + " " + r.Path + " " + r.Body + "\n")
	}
	want := `Moor: POST /quay/moorings {"mooringId":"mooring-1","berth":"HH-000","captainId":"captain-1","from":"2026-10-30","until":"2026-11-06","cargo":"Oil","containers":[{"number":"xxxxxxxxxxx","weight":"10"}],"tugs":4}
Mooring: GET /quay/moorings/mooring-1 
Sink; as it stands it is refused: Never: POST /quay/wrecks {"wreckId":"wreck-1","name":"name"}
`
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", &got, want)
	}
}
