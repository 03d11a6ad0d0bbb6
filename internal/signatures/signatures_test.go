package signatures_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/internal/signatures"
)

const yours = "services/shop/internal/policies/plan_decide.go"

// output is a module whose package policies has a file of the user's.
func output(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{"services/shop/go.mod": {Data: []byte("module example.com/shop/services/shop\n\ngo 1.26\n")}}
	for path, text := range files {
		fsys["services/shop/internal/"+path] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// seed is a file as it is generated.
func seed(text string) []byte {
	return []byte("package policies\n\nimport (\n\t\"context\"\n\n\t\"example.com/shop/platform/values\"\n\tevents \"example.com/shop/services/shop/internal/upstream/payevents\"\n)\n\n" + text)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	const decide = "func DecidePlan(ctx context.Context, event events.Paid, meta values.Meta) ([]Request, error) {\n\treturn nil, nil\n}\n"
	const paid = "package payevents\n\ntype Paid struct {\n\tAmount int64 `json:\"amount\"`\n\tLines []Line\n}\n\ntype Line struct{ Sku string }\n"
	const request = "package policies\n\ntype Request struct{ Grams int64 }\n\ntype Unused struct{ X int }\n"
	was := map[string]string{"upstream/payevents/events.go": paid, "policies/plan_policy.go": request}
	for _, c := range []struct {
		name string
		seed string
		now  map[string]string // files that are otherwise
		want string
	}{
		{"nothing", decide, nil, ""},
		{"what is in no type of the function", decide, map[string]string{"policies/plan_policy.go": strings.Replace(request, "X int", "X bool", 1)}, ""},
		{"a field is new", decide, map[string]string{"upstream/payevents/events.go": strings.Replace(paid, "Lines", "Fee int64; Lines", 1)}, "DecidePlan\nevents.Paid: Fee int64 is new\n"},
		{"fields within go and change", decide, map[string]string{
			"upstream/payevents/events.go": strings.Replace(paid, "Sku string", "Sku int64", 1), "policies/plan_policy.go": strings.Replace(request, "Grams int64", "Kilos int64", 1),
		}, "DecidePlan\nRequest: Grams int64 is gone\nRequest: Kilos int64 is new\nevents.Line: Sku string is int64 now\n"},
		{"a result is added", strings.Replace(decide, "([]Request, error)", "([]Request, []Request, error)", 1), nil,
			"DecidePlan\nfunc DecidePlan(ctx context.Context, event events.Paid, meta values.Meta) ([]Request, error)\nfunc DecidePlan(ctx context.Context, event events.Paid, meta values.Meta) ([]Request, []Request, error)\n"},
		{"it is called otherwise", strings.Replace(decide, "DecidePlan(", "DecideAll(", 1), nil,
			"DecideAll\nfunc DecidePlan(ctx context.Context, event events.Paid, meta values.Meta) ([]Request, error)\nfunc DecideAll(ctx context.Context, event events.Paid, meta values.Meta) ([]Request, error)\n"},
		{"another one comes", decide + "\nfunc More() error { return nil }\n", nil, ""},
		{"a package cannot be read", decide, map[string]string{"upstream/payevents/events.go": "package payevents\n\ntype Paid struct {"}, "DecidePlan\nevents.Paid: Amount int64 is gone\nevents.Paid: Lines []Line is gone\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			now := map[string]string{}
			for path, text := range was {
				now[path] = text
			}
			for path, text := range c.now {
				now[path] = text
			}
			before, err := signatures.Of(output(was), yours, seed(decide))
			if err != nil {
				t.Fatal(err)
			}
			after, err := signatures.Of(output(now), yours, seed(c.seed))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, told(signatures.Compare(before, after))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// An interface is made of the types that have its methods.
func TestInterface(t *testing.T) {
	t.Parallel()
	const events = "package order\n\ntype Event interface{ ofOrder() }\n\ntype Placed struct{ Total int64 }\n\nfunc (Placed) ofOrder() {}\n\ntype Paid struct{}\n\nfunc (Paid) ofOrder() {}\n\ntype State struct{}\n"
	const decide = "package order\n\nfunc DecidePay(state State) ([]Event, error) { return nil, nil }\n"
	of := func(text string) []signatures.Func {
		fs, err := signatures.Of(output(map[string]string{"domain/order/events.go": text}), "services/shop/internal/domain/order/pay_decide.go", []byte(decide))
		if err != nil {
			t.Fatal(err)
		}
		return fs
	}
	got := told(signatures.Compare(of(events), of(strings.Replace(strings.Replace(events, "func (Paid) ofOrder() {}", "", 1), "Total int64", "Total int64; Tax int64", 1))))
	if want := "DecidePay\nEvent: Paid is gone\nPlaced: Tax int64 is new\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	if _, err := signatures.Of(output(nil), yours, []byte("<<<<<<< yours\n")); err == nil {
		t.Error("a file with marks is read")
	}
}

func told(changes []signatures.Change) string {
	var b strings.Builder
	for _, ch := range changes {
		fmt.Fprintln(&b, ch.Func)
		if ch.Was != "" {
			fmt.Fprintf(&b, "%s\n%s\n", ch.Was, ch.Is)
		}
		for _, what := range ch.Contents {
			fmt.Fprintln(&b, what)
		}
	}
	return b.String()
}
