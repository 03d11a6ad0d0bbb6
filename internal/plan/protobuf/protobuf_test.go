package protobuf_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// protos are the .proto files of a model upon an earlier output, by their paths.
func protos(t testing.TB, path string, earlier fs.FS) (fstest.MapFS, error) {
	t.Helper()
	p, err := plan.BuildOn(testsystem.Load(t, path), earlier)
	if err != nil {
		return nil, err
	}
	p.Files = nil
	var units []plan.Unit
	for _, u := range p.Units {
		if u.Kind == "grpc" {
			units = append(units, u)
		}
	}
	p.Units = units
	out := fstest.MapFS{}
	for _, f := range testsystem.Render(t, p) {
		if filepath.Ext(f.Path) == ".proto" {
			out[f.Path] = &fstest.MapFile{Data: f.Data}
		}
	}
	return out, nil
}

// TestProto: what is offered of the test models, as it is written.
func TestProto(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"every-construct", "shapes"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("../../../testdata/models", name, "esgen.yaml")
			if name == "shapes" {
				path = "testdata/shapes.yaml"
			}
			files, err := protos(t, path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(files) == 0 {
				t.Fatal("nothing is offered")
			}
			for path, f := range files {
				golden := filepath.Join("testdata", "proto", filepath.Base(path))
				if *update {
					if err := os.WriteFile(golden, f.Data, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(f.Data)); diff != "" {
					t.Errorf("%s; go test ./internal/plan -update writes it anew\n%s", golden, diff)
				}
			}
		})
	}
}

// shop is a model with a command of these inputs, and these statuses.
func shop(fields, statuses, more string) string {
	return `esgen: v1
system: shop
actors: [Guest]
types: {Status: {enum: [` + statuses + `]}, Line: {fields: {sku: string}}}
contexts:
  front:
    grpc: true
    aggregates:
      Order:
        state: {status: Status}
        commands:
          Place: {actor: Guest, creates: true, input: {` + fields + `}, emit: [{event: Placed, with: {status: "Status.A"}}]}
` + more + `
        events: {Placed: {fields: {status: Status}}, Gone: {fields: {}}}
`
}

// TestNumbers: what a field's number is after the model has changed.
func TestNumbers(t *testing.T) {
	t.Parallel()
	const cancel = `          Cancel: {actor: Guest, input: {why: string, times: int}, emit: [Gone]}`
	for _, c := range []struct {
		name   string
		models []string // one after the other
		want   []string // of the last .proto
		not    []string
	}{
		{
			"the first time, in the order of the model",
			[]string{shop("a: string, b: int, c: list(Line)", "A, B", "")},
			[]string{"string order_id = 1;", "string a = 2;", "int64 b = 3;", "repeated Line c = 4;", "STATUS_A = 1;", "STATUS_B = 2;"},
			[]string{"reserved"},
		},
		{
			"a field in the middle, and a value at the beginning",
			[]string{shop("a: string, b: int", "A, B", ""), shop("a: string, new: string, b: int", "Z, A, B", "")},
			[]string{"string a = 2;", "string new = 4;", "int64 b = 3;", "STATUS_Z = 3;", "STATUS_A = 1;", "STATUS_B = 2;"},
			[]string{"reserved"},
		},
		{
			"another order",
			[]string{shop("a: string, b: int", "A, B", ""), shop("b: int, a: string", "B, A", "")},
			[]string{"string a = 2;", "int64 b = 3;", "STATUS_A = 1;", "STATUS_B = 2;"},
			[]string{"reserved"},
		},
		{
			"gone",
			[]string{shop("a: string, b: int, c: int, d: bool", "A, B, C", ""), shop("a: string", "A, C", "")},
			[]string{"string a = 2;", "reserved 3 to 5;", `reserved "b", "c", "d";`, "STATUS_C = 3;", "reserved 2;", `reserved "STATUS_B";`},
			nil,
		},
		{
			"gone, and something new",
			[]string{shop("a: string, b: int", "A", ""), shop("a: string", "A", ""), shop("a: string, z: int", "A", "")},
			[]string{"string a = 2;", "int64 z = 4;", "reserved 3;", `reserved "b";`},
			nil,
		},
		{
			"gone, and back again: clients of then meant something else",
			[]string{shop("a: string, b: int", "A", ""), shop("a: string", "A", ""), shop("a: string, b: bool", "A", "")},
			[]string{"bool b = 4;", "reserved 3;"},
			[]string{`reserved "b"`},
		},
		{
			"another type",
			[]string{shop("a: string, b: int", "A", ""), shop("a: int, b: int", "A", "")},
			[]string{"int64 a = 4;", "int64 b = 3;", "reserved 2;"},
			[]string{`reserved "a"`},
		},
		{
			"a list in place of one",
			[]string{shop("a: string", "A", ""), shop("a: list(string)", "A", "")},
			[]string{"repeated string a = 3;", "reserved 2;"},
			nil,
		},
		{
			"optional is the same on the wire",
			[]string{shop("a: string, b: int", "A", ""), shop("n: int, a: optional(string), b: int", "A", "")},
			[]string{"string a = 2;", "int64 b = 3;", "int64 n = 4;"},
			[]string{"reserved"},
		},
		{
			"a whole command gone",
			[]string{shop("a: string", "A", cancel), shop("a: string", "A", "")},
			[]string{"message OrderCancelRequest {\n  reserved 1 to 3;", `reserved "order_id", "times", "why";`},
			[]string{"rpc Cancel"},
		},
		{
			"a whole command gone, and back again",
			[]string{shop("a: string", "A", cancel), shop("a: string", "A", ""), shop("a: string", "A", cancel)},
			[]string{"rpc Cancel", "reserved 1 to 3;", "string order_id = 4;", "string why = 5;", "int64 times = 6;"},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := evolve(t, c.models)
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in it:\n%s", want, text)
				}
			}
			for _, not := range c.not {
				if strings.Contains(text, not) {
					t.Errorf("%q is in it:\n%s", not, text)
				}
			}
		})
	}
}

// evolve generates models one upon the other. Generating one twice changes
// nothing, and no number ever means two things.
func evolve(t *testing.T, models []string) string {
	t.Helper()
	const path = "services/front/api/front.proto"
	var out fstest.MapFS
	meant := map[string]string{}
	for _, text := range models {
		file := filepath.Join(t.TempDir(), "esgen.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		if out, err = protos(t, file, out); err != nil {
			t.Fatal(err)
		}
		again, err := protos(t, file, out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(out[path].Data), string(again[path].Data)); diff != "" {
			t.Errorf("generated once more:\n%s", diff)
		}
		numbersMeanOneThing(t, string(out[path].Data), meant)
	}
	return string(out[path].Data)
}

var (
	block  = regexp.MustCompile(`(?m)^(message|enum) (\w+) \{$`)
	number = regexp.MustCompile(`^\s+(.+) = (\d+);`)
)

// numbersMeanOneThing notes what each number of each message meant at any time.
func numbersMeanOneThing(t *testing.T, text string, meant map[string]string) {
	t.Helper()
	in := ""
	for line := range strings.Lines(text) {
		if m := block.FindStringSubmatch(line); m != nil {
			in = m[2]
		}
		m := number.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		what := strings.TrimPrefix(m[1], "optional ")
		if before, known := meant[in+" "+m[2]]; known && before != what {
			t.Errorf("%s of %s meant %s, and means %s", m[2], in, before, what)
		}
		meant[in+" "+m[2]] = what
	}
}

// TestNumbersAreNotLost: a record that cannot be read stops everything.
func TestNumbersAreNotLost(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "esgen.yaml")
	if err := os.WriteFile(file, []byte(shop("a: string", "A", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"<<<<<<< ours\n", `syntax = "proto3"; message M { string a = 1; string b = 1; }`, "no proto at all"} {
		_, err := protos(t, file, fstest.MapFS{"services/front/api/front.proto": {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), "services/front/api/front.proto:1:") || !strings.Contains(err.Error(), "version control") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzEarlier: whatever lies where the record should be, it is read or refused,
// and what is read leaves a .proto that compiles.
func FuzzEarlier(f *testing.F) {
	file := filepath.Join(f.TempDir(), "esgen.yaml")
	if err := os.WriteFile(file, []byte(shop("a: string, b: int", "A, B", "")), 0o600); err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		"", "<<<<<<<", `syntax = "proto3"; message PlaceOrderRequest { reserved 1 to max; }`,
		`syntax = "proto3"; enum Status { STATUS_UNSPECIFIED = 0; STATUS_A = -5; reserved -4 to -2; }`,
		`syntax = "proto3"; message OrderPlaceRequest { map<string, OrderPlaceRequest> a = 18999; reserved "b"; }`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files, err := protos(t, file, fstest.MapFS{"services/front/api/front.proto": {Data: []byte(text)}})
		if err == nil && len(files) != 1 {
			t.Error(files)
		}
	})
}

// TestNamesOfProto: notes whose names are one in the .proto are told apart by
// their author, and never by their order.
func TestNamesOfProto(t *testing.T) {
	t.Parallel()
	const more = `          GetOrder: {actor: Guest, input: {}, emit: [Gone]}`
	file := filepath.Join(t.TempDir(), "esgen.yaml")
	if err := os.WriteFile(file, []byte(shop("a: string", "A", more)), 0o600); err != nil {
		t.Fatal(err)
	}
	sys, diags := model.Load(file)
	if diags.HasErrors() {
		t.Fatal(diags.Sorted())
	}
	_, diags = check.System(sys)
	const want = "the command GetOrder and the aggregate Order would both be the gRPC name OrderService.GetOrder"
	if all := diags.Sorted(); !slices.ContainsFunc(all, func(d diag.Diagnostic) bool { return d.Rule == rule.NameCollision && d.Message == want }) {
		t.Errorf("%v", all)
	}
}
