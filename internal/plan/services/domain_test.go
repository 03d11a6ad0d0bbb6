package services

import (
	"strconv"
	"testing"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/chassis/httpstatus"
	"github.com/esgen/esgen/templates/chassis/values"
)

// TestKinds: a rejection is told as the platform reads it, whatever its status.
func TestKinds(t *testing.T) {
	is := map[string]values.Kind{
		"values.Rule": values.Rule, "values.Malformed": values.Malformed, "values.Unpaid": values.Unpaid, "values.Forbidden": values.Forbidden,
		"values.Missing": values.Missing, "values.Conflict": values.Conflict, "values.Gone": values.Gone, "values.Outdated": values.Outdated,
		"values.Locked": values.Locked, "values.TooEarly": values.TooEarly, "values.TooMany": values.TooMany, "values.Unfinished": values.Unfinished,
	}
	for status := 400; status <= 599; status++ {
		told := kind(status)
		got, named := is[told]
		if !named {
			text, err := strconv.Unquote(told)
			if err != nil {
				t.Fatalf("%d: %s is no kind of package values", status, told)
			}
			got = values.Kind(text)
		}
		if want := httpstatus.Kind(status); got != want || httpstatus.Of(got) != status {
			t.Errorf("%d is told as %s, and answered with %d; want %s", status, told, httpstatus.Of(got), want)
		}
	}
}

// TestIsZero: a number is zero however it is written.
func TestIsZero(t *testing.T) {
	for _, test := range []struct {
		kind model.Kind
		text string
		want bool
	}{
		{model.Decimal, "0", true}, {model.Decimal, "0.00", true}, {model.Decimal, "-0.0", true}, {model.Decimal, "00", true},
		{model.Decimal, "0.01", false}, {model.Decimal, "10", false}, {model.Decimal, "", false}, {model.Decimal, ".", false},
		{model.Int, "0", true}, {model.Int, "-0", true}, {model.Int, "100", false},
		{model.String, "", true}, {model.String, "0", false}, {model.Bool, "false", true}, {model.Bool, "true", false},
	} {
		if got := isZero(&model.Type{Kind: test.kind}, &source.Node{Value: test.text}); got != test.want {
			t.Errorf("%v %q: %v", test.kind, test.text, got)
		}
	}
}
