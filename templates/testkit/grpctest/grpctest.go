// Package grpctest calls a server as strangers do: of every method it sends
// messages that nobody should send, and sees that each is refused for what it
// is and that nothing is stored. It is for tests only.
package grpctest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	lib "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/esgen/esgen/templates/chassis/grpc"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/testkit/badinput"
)

// randomMessages is how many random messages each method is sent, half of them
// bytes without any sense.
const randomMessages = 200

// Refuses calls every method of a server whose actors are recognised by
// headers, with roles that may do anything. The database is of SQLite.
func Refuses(t *testing.T, server *grpc.Server, db *store.DB, roles ...string) {
	x := &stranger{t: t, server: server, db: db, conn: connect(t, server), roles: strings.Join(roles, ",")}
	services := server.Contract().Services()
	for i := range services.Len() {
		methods := services.Get(i).Methods()
		for j := range methods.Len() {
			t.Run(string(methods.Get(j).FullName()), func(t *testing.T) { x.visit(t, methods.Get(j)) })
		}
	}
}

// stranger is who calls.
type stranger struct {
	t      *testing.T
	server *grpc.Server
	db     *store.DB
	conn   *lib.ClientConn
	roles  string
}

func connect(t *testing.T, server *grpc.Server) *lib.ClientConn {
	t.Helper()
	if err := server.Err(); err != nil {
		t.Fatal(err)
	}
	var config net.ListenConfig
	socket, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := server.Serve(socket); err != nil {
			t.Error(err)
		}
	}()
	server.SetServing(true)
	conn, err := lib.NewClient(socket.Addr().String(), lib.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// visit calls a method in every bad way.
func (x *stranger) visit(t *testing.T, d protoreflect.MethodDescriptor) {
	somebody := metadata.Pairs("x-actor-id", "stranger", "x-actor-roles", x.roles)
	x.refused(t, d, metadata.MD{}, nil, codes.Unauthenticated)
	x.refused(t, d, metadata.Pairs("x-actor-id", "stranger"), nil, codes.PermissionDenied)
	x.refused(t, d, metadata.Pairs("x-actor-id", "stranger", "x-actor-roles", "no-role-there-is"), []byte{0xff}, codes.PermissionDenied)
	unknown := protowire.AppendVarint(protowire.AppendTag(nil, 5_000_000, protowire.VarintType), 1)
	for _, data := range [][]byte{{0xff}, {0x0b}, {0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f}, unknown} {
		x.refused(t, d, somebody, data, codes.InvalidArgument)
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same ones every time
	for range randomMessages / 2 {
		data := make([]byte, random.IntN(64))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		x.endured(t, d, somebody, data)
		m := dynamicpb.NewMessage(d.Input())
		scramble(random, m, 0)
		data, err := proto.MarshalOptions{AllowPartial: true}.Marshal(m)
		if err == nil { // else it is no message: a text that is no UTF-8
			x.endured(t, d, somebody, data)
		}
	}
}

// refused expects a code, and nothing stored.
func (x *stranger) refused(t *testing.T, d protoreflect.MethodDescriptor, header metadata.MD, data []byte, want codes.Code) {
	t.Helper()
	before := badinput.Stored(t, x.db)
	if err := x.send(d, header, data); status.Code(err) != want {
		t.Errorf("%x: %v, want %s", data, err, want)
	}
	if badinput.Stored(t, x.db) != before {
		t.Errorf("%x: something was stored", data)
	}
}

// endured expects an answer, and nothing stored where it is a no.
func (x *stranger) endured(t *testing.T, d protoreflect.MethodDescriptor, header metadata.MD, data []byte) {
	t.Helper()
	before := badinput.Stored(t, x.db)
	err := x.send(d, header, data)
	if err == nil {
		return
	}
	switch code := status.Code(err); {
	case code == codes.Internal && reason(err) == "model-error": // an expression without a value is the model's own
	case code == codes.Internal || code == codes.Unknown || code == codes.Unimplemented || code == codes.DeadlineExceeded:
		t.Errorf("%x: %v", data, err)
	}
	if badinput.Stored(t, x.db) != before {
		t.Errorf("%x: refused (%v), and something was stored", data, err)
	}
}

func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

func (x *stranger) send(d protoreflect.MethodDescriptor, header metadata.MD, data []byte) error {
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(x.t.Context(), header), 30*time.Second)
	defer cancel()
	var reply []byte
	return x.conn.Invoke(ctx, fmt.Sprintf("/%s/%s", d.Parent().FullName(), d.Name()), data, &reply, lib.ForceCodec(bytesOnly{}))
}

// bytesOnly sends and receives bytes as they are.
type bytesOnly struct{}

func (bytesOnly) Marshal(v any) ([]byte, error) {
	data, _ := v.([]byte)
	return data, nil
}

func (bytesOnly) Unmarshal(data []byte, v any) error {
	if into, ok := v.(*[]byte); ok {
		*into = data
	}
	return nil
}

func (bytesOnly) Name() string { return "proto" }

// deepest is how deep random messages are.
const deepest = 6

// odd are texts that are one thing or another, and few of them good.
var odd = []string{"", " ", "a", "..", "0", "-1", "1e400", "12.50", "2026-12-01", "2026-13-01", "\x00", "\u202e", "가나다", "a/b", "'; --", "00000000-0000-0000-0000-000000000000"}

// scramble fills a message with values of the right types and little sense.
func scramble(r *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if r.IntN(4) == 0 || depth > deepest && f.Message() != nil {
			continue
		}
		switch {
		case f.IsMap():
			into := m.Mutable(f).Map()
			for range r.IntN(3) {
				key := protoreflect.ValueOfString(odd[r.IntN(len(odd))]).MapKey()
				into.Set(key, anything(r, f.MapValue(), into.NewValue, depth))
			}
		case f.IsList():
			into := m.Mutable(f).List()
			for range r.IntN(3) {
				into.Append(anything(r, f, into.NewElement, depth))
			}
		default:
			m.Set(f, anything(r, f, func() protoreflect.Value { return m.NewField(f) }, depth))
		}
	}
}

// anything is a value of a field; fresh makes an empty one of a message.
func anything(r *rand.Rand, f protoreflect.FieldDescriptor, fresh func() protoreflect.Value, depth int) protoreflect.Value {
	number := []int64{0, 1, -1, 7, 1 << 40, -1 << 63, 1<<63 - 1}[r.IntN(7)]
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(r.IntN(2) == 0)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(number))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(number)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(r.IntN(12)))
	case protoreflect.MessageKind:
		m := fresh()
		scramble(r, m.Message(), depth+1)
		return m
	}
	return protoreflect.ValueOfString(odd[r.IntN(len(odd))])
}
