package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/model"
)

const parcels = `esgen: v1
system: parcel
actors: {Clerk: {}}
types: {Size: {enum: [Small, Large]}}
contexts:
  desk:
    aggregates:
      Parcel:
        state: [weight, price, fits, size]
        commands:
          Accept:
            actor: Clerk
            creates: true
            input: {weight: int, express: bool}
            let:
              base: input.weight * 3
              price: "input.express ? base * 2 : base"
              fits: input.weight < 20
              size: {table: [{if: input.weight < 5, is: Size.Small}, {otherwise: Size.Large}]}
            emit: [Accepted]
        events: {Accepted: {fields: [weight, price, fits, size]}}
    views:
      Parcels: {key: parcelId, fields: [parcelId, price, fits], from: [Accepted], actor: Clerk}
`

// A field that is listed by its name alone takes the type of a let, and passes
// it on to the state and to views.
func TestLetsGiveTypes(t *testing.T) {
	t.Parallel()
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(parcels)}}, model.DocumentName)
	_, more := check.System(sys)
	if diags.Merge(more); diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	a := sys.Contexts[0].Aggregates[0]
	want := map[string]string{"weight": "int", "price": "int", "fits": "bool", "size": "Size", "parcelId": "id"}
	for where, fields := range map[string][]*model.Field{"state": a.State, "event": a.Events[0].Fields, "view": sys.Contexts[0].Views[0].Fields} {
		for _, f := range fields {
			if f.Type == nil || f.Type.String() != want[f.Name] {
				t.Errorf("%s of the %s is of type %v, want %s", f.Name, where, f.Type, want[f.Name])
			}
		}
	}
}

// A let that is wrong gives none, and is told once.
func TestWrongLetsGiveNone(t *testing.T) {
	t.Parallel()
	text := strings.Replace(parcels, "fits: input.weight", "fits: input.wieght", 1)
	sys, diags := model.LoadFS(fstest.MapFS{model.DocumentName: {Data: []byte(text)}}, model.DocumentName)
	_, more := check.System(sys)
	diags.Merge(more)
	told := map[rule.ID]int{}
	for _, d := range diags.Sorted() {
		told[d.Rule]++
	}
	if told[rule.ExprName] != 1 {
		t.Errorf("got %v", diags.Sorted())
	}
}
