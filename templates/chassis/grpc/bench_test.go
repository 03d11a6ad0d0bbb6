package grpc_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
)

// BenchmarkCall is a whole call over a socket, with an input of every shape.
func BenchmarkCall(b *testing.B) {
	x := newExample(b)
	in := x.message("MakeRequest")
	if err := protojson.Unmarshal([]byte(whole), in); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got := x.send("ThingService/Make", in, guest()); got.status.Code() != codes.OK {
			b.Fatal(got)
		}
	}
}
