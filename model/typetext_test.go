package model

import (
	"strings"
	"testing"
)

func TestParseTypeText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want string // the type as it is written back; "" for a fault
		at   int    // byte offset of the fault
	}{
		{text: "string", want: "string"},
		{text: " list( front.OrderItem ) ", want: "list(front.OrderItem)"},
		{text: "optional(예매상태)", want: "optional(예매상태)"},
		{text: "map(list(ref(front.Order)))", want: "map(list(ref(front.Order)))"},
		{text: "", at: 0},
		{text: "  ", at: 2},
		{text: "list(", at: 5},
		{text: "list()", at: 5},
		{text: "list(string", at: 11},
		{text: "list(string))", at: 12},
		{text: "list(string,int)", at: 5},
		{text: "list string", at: 5},
		{text: "list(optional(strin-g))", at: 14},
		{text: "front..Order", at: 6},
		{text: "목록(1x)", at: 7},
	}
	for _, test := range tests {
		got, fault := parseTypeText(test.text)
		switch {
		case test.want == "" && fault == nil:
			t.Errorf("%q is read as %s, want a fault", test.text, got)
		case test.want == "" && fault.at != test.at:
			t.Errorf("%q: %s at %d, want at %d", test.text, fault.says, fault.at, test.at)
		case test.want != "" && fault != nil:
			t.Errorf("%q: %s", test.text, fault.says)
		case test.want != "" && got.String() != test.want:
			t.Errorf("%q is read as %s, want %s", test.text, got, test.want)
		}
	}
}

// How other languages write a type is known, and says how it is written here.
func TestTypesOfElsewhere(t *testing.T) {
	for text, want := range map[string]string{
		"Zone?": "optional(Zone)", "?string": "optional(string)", "list(front.Zone?)": "optional(front.Zone)",
		"Zone[]": "list(Zone)", "[]int": "list(int)", "[우편]": "list(우편)", "List<Zone>": "list(Zone)", "map[string]int": "map(int)", "Map<String,Zone>": "map(Zone)", "Zo-ne?": "", "?": "", "a b?": "",
	} {
		if _, fault := parseTypeText(text); fault == nil || fault.meant != want {
			t.Errorf("%q: %+v, want %q", text, fault, want)
		}
	}
}

// FuzzTypes makes sure that a type that is read is written back as the same
// type, and that a fault is a place of the text.
func FuzzTypes(f *testing.F) {
	for _, seed := range []string{"string", "list(optional(front.Order))", "map( int )", "ref(", "목록(주문)", "list(list(list(", "a b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typ, fault := parseTypeText(s)
		if fault != nil {
			if fault.at < 0 || fault.at > len(s) || fault.says == "" {
				t.Fatalf("%q: fault %q at %d", s, fault.says, fault.at)
			}
			return
		}
		again, fault := parseTypeText(typ.String())
		if fault != nil || again.String() != typ.String() {
			t.Fatalf("%q is written back as %q, which is not the same", s, typ)
		}
		if typ.String() != strings.ReplaceAll(s, " ", "") {
			t.Fatalf("%q is read as %q", s, typ)
		}
	})
}
