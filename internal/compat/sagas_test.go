package compat_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/compat"
)

// What a saga asks of others, reads of their answers, and waits for, is a contract
// like any other.
func TestSagasRelyOnOthers(t *testing.T) {
	data, err := os.ReadFile("../../testdata/models/haulage/esgen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	told := strings.Replace(string(data), "include: [scenarios.yaml]\n", "", 1)
	was := build(t, told)
	for name, c := range map[string]struct {
		edit []edit
		want []string
	}{
		"what undoes a step is gone": {
			[]edit{
				{"                compensate: depot.Shelf.Free\n", ""},
				{"          Free: {emit: [ShelfFreed]}\n", ""},
				{"          ShelfFreed: {apply: {taken: state.taken - 1}}\n", ""},
			},
			[]string{"breaking operation depot: parcels (saga Deliver)"},
		},
		"a command needs more": {
			[]edit{
				{"            input: {parcelId: id}\n            require: {Full", "            input: {parcelId: id, weight: int}\n            require: {Full"},
				{"                with: {parcelId: event.parcelId}\n                save: {perAxle", "                with: {parcelId: event.parcelId, weight: 3}\n                save: {perAxle"},
			},
			[]string{"breaking input vans: parcels (saga Deliver)"},
		},
		"an answer lacks what is saved": {
			[]edit{
				{"emit: [{event: ShelfTaken, with: {place: state.taken + 1}}]", "emit: [{event: ShelfTaken, with: {spot: state.taken + 1}}]"},
				{"ShelfTaken: {fields: {place: int}, apply: {taken: event.place}}", "ShelfTaken: {fields: {spot: int}, apply: {taken: event.spot}}"},
				{"save: {place: reply.place}", "save: {place: reply.spot}"},
			},
			[]string{"breaking reply depot: parcels (saga Deliver)"},
		},
		"an event lacks what is saved": {
			[]edit{
				{"Pay: {actor: Sender, input: {tip: decimal}, emit: [{event: BillPaid, with: {amount: state.amount}}]}", "Pay: {actor: Sender, emit: [{event: BillPaid, with: {amount: state.amount}}]}"},
				{"BillPaid: {fields: {amount: decimal, tip: decimal}", "BillPaid: {fields: {amount: decimal}"},
				{"reply.amount + reply.tip", "reply.amount"},
			},
			[]string{"breaking payload bills: parcels (saga Deliver)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := compat.Compare(was, build(t, change{edit: c.edit}.edited(t, told)))
			var got []string
			for _, f := range r.Findings {
				if text := brief(f); strings.HasPrefix(text, "breaking") && strings.HasSuffix(text, "saga Deliver)") {
					got = append(got, text)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
