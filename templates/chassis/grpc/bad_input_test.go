package grpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	lib "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/esgen/esgen/templates/chassis/view"
)

// raw sends bytes as they are.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)      { return v.([]byte), nil }
func (raw) Unmarshal(data []byte, v any) error { *v.(*[]byte) = data; return nil }
func (raw) Name() string                       { return "proto" }

func (x *example) sendBytes(method string, data []byte, header metadata.MD) error {
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(context.Background(), header), 10*time.Second)
	defer cancel()
	var out []byte
	return x.conn.Invoke(ctx, "/shop.front.v1."+method, data, &out, lib.ForceCodec(raw{}))
}

// takes are the methods that are given anything.
var takes = map[string]bool{
	"ThingService/Make": true, "ThingService/GetThing": true, "ThingsViewService/GetThingsRow": true,
	"ThingsViewService/ListThings": true, "ThingsViewService/ListThingsDear": true,
}

// FuzzBytes: whatever comes as a message, the answer is a clear refusal or a
// command that was understood; never a failure of the service's own.
func FuzzBytes(f *testing.F) {
	x := newExample(f)
	x.rows = view.Page[row]{Rows: []row{{ID: "a", Colour: "Red", MadeAt: time.Now()}}}
	seed := x.message("MakeRequest")
	if err := protojson.Unmarshal([]byte(whole), seed); err != nil {
		f.Fatal(err)
	}
	good, err := proto.Marshal(seed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for i := range good {
		f.Add(good[:i]) // torn off anywhere
	}
	f.Add([]byte{0x0a, 0x02, 0xff, 0xfe})                                                 // no UTF-8
	f.Add([]byte{0x0b, 0x0b, 0x0b})                                                       // groups without an end
	f.Add([]byte{0x22, 0x0b, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) // a length that lies
	f.Add([]byte{0x3a, 0x0b, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}) // a time at the end of all days
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 32<<10 {
			t.Skip()
		}
		for method := range takes {
			before := x.ran.Load()
			err := x.sendBytes(method, data, guest())
			switch code := status.Code(err); code {
			case codes.OK, codes.NotFound:
			case codes.InvalidArgument:
				if x.ran.Load() != before {
					t.Errorf("%s: refused, and run all the same", method)
				}
			case codes.Internal:
				// The model's own: the query divides by what it is asked for.
				if in, ok := x.last.(dear); method != "ThingsViewService/ListThingsDear" || !ok || in.Least.Sign() != 0 {
					t.Errorf("%s: %v\n%s", method, err, x.log.String())
				}
			default:
				t.Errorf("%s: %v", method, err)
			}
		}
	})
}

// TestStrangers: nobody who does not say who asks has a message looked at.
func TestStrangers(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	got := map[string]codes.Code{}
	for name, c := range map[string]struct {
		method string
		data   []byte
		header metadata.MD
	}{
		"nobody":       {"ThingService/Make", []byte{0xff}, metadata.MD{}},
		"somebody":     {"ThingService/Make", []byte{0xff}, guest()},
		"nothing":      {"ThingService/Make", nil, guest()},
		"no method":    {"ThingService/Destroy", nil, guest()},
		"no service":   {"NoService/Make", nil, guest()},
		"odd metadata": {"ThingService/Make", nil, guest("x-actor-id", "second", "idempotency-key", "a", "idempotency-key", "b")},
	} {
		got[name] = status.Code(x.sendBytes(c.method, c.data, c.header))
	}
	want := map[string]codes.Code{
		"nobody": codes.Unauthenticated, "somebody": codes.InvalidArgument, "nothing": codes.InvalidArgument,
		"no method": codes.Unimplemented, "no service": codes.Unimplemented, "odd metadata": codes.InvalidArgument,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if x.ran.Load() != 0 {
		t.Error("something ran")
	}
}
