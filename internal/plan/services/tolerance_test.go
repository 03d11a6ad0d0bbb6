package services_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/model"
)

// What a service gets of others has the fields that it looks at, and no more.
func TestReadersHoldWhatTheyLookAt(t *testing.T) {
	sys, bad := model.Load("../../pact/testdata/lending/esgen.yaml")
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	checked, bad := check.System(sys)
	if bad.HasErrors() {
		t.Fatal(bad.Sorted())
	}
	p := services.Plan(contract.Build(checked), platform.Layout{})
	var got []string
	note := func(s *services.Service, of services.Struct) {
		line := s.Dir + " " + of.Name + ":"
		for _, f := range of.Fields {
			line += " " + f.JSON
		}
		got = append(got, line)
	}
	for _, s := range p.Services {
		for _, u := range s.Upstreams {
			for _, e := range u.Events {
				note(s, e.Struct)
			}
		}
		for _, a := range s.Aggregates {
			for _, c := range a.Commands {
				for _, call := range c.Calls {
					note(s, call.Reply)
				}
			}
		}
	}
	want := []string{
		"desk CameBack: toolId condition",
		"desk BorrowToolReply: fee condition",
		"board Added: toolId name condition notes",
		"board CameBack: toolId condition remark",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
