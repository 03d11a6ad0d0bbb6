package compat_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/compat"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

const mill = `esgen: v1
system: mill
actors: {Miller: {}}
types:
  Kind: {enum: [Rye, Wheat]}
contexts:
  stones:
    grpc: true
    aggregates:
      Sack:
        state: {kind: Kind, weight: int, note: optional(string)}
        commands:
          Fill: {actor: Miller, creates: true, input: [kind, weight, note], emit: [Filled]}
          Weigh: {actor: Miller, input: [weight], emit: [Weighed]}
        events: {Filled: {fields: [kind, weight, note]}, Weighed: {fields: [weight]}}
    views:
      Sacks: {key: sackId, fields: [sackId, weight], from: [Filled], actor: Miller}
`

// milled is the mill as text, planned upon an output.
func milled(t *testing.T, text string, upon fstest.MapFS) (*contract.System, []*protobuf.File, fstest.MapFS) {
	t.Helper()
	sys, diags := model.LoadFS(fstest.MapFS{"esgen.yaml": {Data: []byte(text)}}, "esgen.yaml")
	m := testsystem.Check(t, sys, diags)
	contracts := contract.Build(m)
	files, err := protobuf.Plan(services.Plan(contracts, platform.Layout{}), upon)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.BuildOn(m, upon)
	if err != nil {
		t.Fatal(err)
	}
	output := fstest.MapFS{}
	for _, f := range testsystem.Render(t, p) {
		if strings.HasSuffix(f.Path, ".proto") {
			output[f.Path] = &fstest.MapFile{Data: f.Data}
		}
	}
	return contracts, files, output
}

func TestProtos(t *testing.T) {
	_, _, output := milled(t, mill, nil)
	_, before, _ := milled(t, mill, output)
	for _, c := range []struct {
		name    string
		changes []string
		fresh   bool // the output of before is lost, and there is one that was generated anew
		want    []string
	}{
		{"nothing", nil, false, nil},
		{"fields come before others", []string{"state: {kind: Kind, weight: int", "state: {from: optional(string), kind: Kind, weight: int", "input: [kind", "input: [from, kind", "Filled: {fields: [kind", "Filled: {fields: [from, kind"}, false, nil},
		{"and the numbers of before are lost", []string{"state: {kind: Kind, weight: int", "state: {from: optional(string), kind: Kind, weight: int", "input: [kind", "input: [from, kind", "Filled: {fields: [kind", "Filled: {fields: [from, kind"}, true, []string{
			"field kind of SackFillRequest has number 3, and had 2 over gRPC", "field weight of SackFillRequest has number 4, and had 3 over gRPC", "field note of SackFillRequest has number 5, and had 4 over gRPC",
			"field kind of SackFillReply has number 2, and had 1 over gRPC", "field weight of SackFillReply has number 3, and had 2 over gRPC", "field note of SackFillReply has number 4, and had 3 over gRPC",
			"field kind of Sack has number 3, and had 2 over gRPC", "field weight of Sack has number 4, and had 3 over gRPC", "field note of Sack has number 5, and had 4 over gRPC",
		}},
		{"a command is gone", []string{"          Weigh: {actor: Miller, input: [weight], emit: [Weighed]}\n", "", ", Weighed: {fields: [weight]}", ""}, false, []string{"method Weigh of SackService is gone over gRPC"}},
		{"a field is gone, and one is another", []string{", note: optional(string)", "", ", note]", "]", "weight: int", "weight: date"}, false, []string{
			"field weight of SackFillRequest is string, and was int64 over gRPC", "field note of SackFillRequest is gone over gRPC",
			"field weight of SackFillReply is string, and was int64 over gRPC", "field note of SackFillReply is gone over gRPC",
			"field weight of SackWeighRequest is string, and was int64 over gRPC", "field weight of SackWeighReply is string, and was int64 over gRPC",
			"field weight of Sack is string, and was int64 over gRPC", "field note of Sack is gone over gRPC",
			"field weight of SacksRow is string, and was int64 over gRPC", "field weight of SacksFilter is string, and was int64 over gRPC",
		}},
		{"a value is gone", []string{"enum: [Rye, Wheat]", "enum: [Rye, Oats]"}, false, []string{"value KIND_WHEAT of Kind is gone over gRPC"}},
		{"it is not offered any more", []string{"    grpc: true\n", ""}, false, []string{"Stones is not offered over gRPC any more"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.NewReplacer(c.changes...).Replace(mill)
			upon := output
			if c.fresh {
				_, _, upon = milled(t, text, nil)
			}
			is, now, _ := milled(t, text, upon)
			report := compat.NewReport(is)
			report.Protos(before, now)
			var got []string
			for _, f := range report.Findings {
				if f.Verdict != compat.Breaking || f.Rule != compat.BreakingProto {
					t.Errorf("%s %s", f.Verdict, f.Rule)
				}
				got = append(got, f.What)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
