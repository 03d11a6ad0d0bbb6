package rest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestMembersAreThoseAtTheTop(t *testing.T) {
	for object, want := range map[string]string{
		`{}`: "",
		`{"a":1,"b":{"c":"d"},"e":[{"f":1},"g"],"h":"i"}`: "a b e h",
		`{"a":"\"b\":1,{[","c":"\\","d":null}`:            "a c d",
		`{"주문":"a:b","":true}`:                            " 주문",
	} {
		if got := strings.Join(slices.Sorted(maps.Keys(members([]byte(object)))), " "); got != want {
			t.Errorf("%s: %q, want %q", object, got, want)
		}
	}
}
