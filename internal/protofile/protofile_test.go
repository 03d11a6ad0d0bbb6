package protofile

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	file, err := Parse("a.proto", []byte(`syntax = "proto3"; package a.v1; import "google/protobuf/timestamp.proto";
message M { optional google.protobuf.Timestamp at = 1; reserved 3; }`))
	if err != nil {
		t.Fatal(err)
	}
	if file.Messages().Len() != 1 || file.Package() != "a.v1" {
		t.Error(file)
	}
	for _, c := range []struct{ text, want string }{
		{`syntax = "proto3"; message M { string a = 1; string b = 1; }`, "a.proto:1:57: "},
		{"<<<<<<< ours", "a.proto:1:1: syntax error"},
		{`syntax = "proto3"; import "google/type/date.proto";`, "no file that comes with a compiler"},
		{"\x00", "a.proto:1:1: "},
	} {
		if _, err := Parse("a.proto", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

// FuzzParse: whatever is in a file, it is read or refused.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`syntax = "proto3"; message M { map<string, M> m = 1; reserved 2 to 4, 6; }`))
	f.Add([]byte("enum E { A = 0; reserved -1 to max; }"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<12 {
			t.Skip()
		}
		_, _ = Parse("a.proto", text)
	})
}
