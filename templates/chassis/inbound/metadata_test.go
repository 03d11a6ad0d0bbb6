package inbound_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
)

func TestIfMatchIsReadAsTheRFCHasIt(t *testing.T) {
	versions := func(v ...int64) *command.Match { return &command.Match{Versions: v} }
	for _, c := range []struct {
		name  string
		lists []string
		want  *command.Match
		bad   bool
	}{
		{"nothing", nil, nil, false},
		{"any", []string{" * "}, &command.Match{Any: true}, false},
		{"one", []string{`"3"`}, versions(3), false},
		{"a list", []string{`"3", "4"`}, versions(3, 4), false},
		{"two lists", []string{`"3"`, ` "4"	,"5"`}, versions(3, 4, 5), false},
		{"empty elements", []string{`, "3",, "4" ,`}, versions(3, 4), false},
		{"weak", []string{`W/"3"`}, versions(), false},
		{"weak beside strong", []string{`W/"3", "4"`}, versions(4), false},
		{"none of ours", []string{`"abc", "-1", "03", "+3", "99999999999999999999", "", "a,b", "é"`}, versions(), false},
		{"no quotes", []string{`3`}, nil, true},
		{"no end", []string{`"3`}, nil, true},
		{"no comma", []string{`"3" "4"`}, nil, true},
		{"any and more", []string{`*, "3"`}, nil, true},
		{"twice any", []string{`*`, `*`}, nil, true},
		{"a blank inside", []string{`"3 "`}, nil, true},
		{"small w", []string{`w/"3"`}, nil, true},
		{"empty", []string{``}, nil, true},
		{"commas", []string{`, ,`}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := inbound.IfMatch(http.Header{"If-Match": c.lists})
			if diff := cmp.Diff(c.want, got); diff != "" || (err != nil) != c.bad {
				t.Error(diff, err)
			}
		})
	}
}
