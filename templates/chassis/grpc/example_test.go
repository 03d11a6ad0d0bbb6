package grpc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bufbuild/protocompile"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	lib "google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/grpc"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

const contract = `syntax = "proto3";
package shop.front.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";

service ThingService {
  rpc Make(MakeRequest) returns (MakeResponse);
  rpc Close(CloseRequest) returns (CloseResponse);
  rpc GetThing(GetThingRequest) returns (GetThingResponse);
}
service ThingsViewService {
  rpc GetThingsRow(GetThingsRowRequest) returns (GetThingsRowResponse);
  rpc ListThings(ListThingsRequest) returns (ListThingsResponse);
  rpc ListThingsDear(ListThingsDearRequest) returns (ListThingsResponse);
}
message Node { optional string label = 1; repeated Node children = 2; optional Node parent = 3; }
message IntList { repeated int64 values = 1; }
message ColourList { repeated Colour values = 1; }
message MakeRequest {
  optional string thing_id = 1;
  optional string text = 2;
  optional bool flag = 3;
  optional int64 count = 4;
  optional string price = 5;
  optional string day = 6;
  optional google.protobuf.Timestamp at = 7;
  optional google.protobuf.Duration long = 8;
  optional string maybe = 9;
  optional Colour colour = 10;
  optional Node node = 11;
  repeated string texts = 12;
  repeated IntList grid = 13;
  map<string, string> prices = 14;
  map<string, ColourList> lists = 15;
  map<string, Node> named = 16;
  optional string snake_case = 17 [json_name = "snake_case"];
}
message MakeResponse { string id = 1; int64 version = 2; bool created = 3; MakeRequest reply = 4; }
message CloseRequest { optional string thing_id = 1; }
message CloseResponse { string id = 1; int64 version = 2; bool created = 3; }
message GetThingRequest { string id = 1; int64 min_version = 2; }
message GetThingResponse { MakeRequest state = 1; int64 version = 2; }
message Row { optional string thing_id = 1; optional int64 count = 2; optional Colour colour = 3; optional google.protobuf.Timestamp made_at = 4; }
message GetThingsRowRequest { int64 min_version = 1; optional string thing_id = 2; optional Colour colour = 3; }
message GetThingsRowResponse { Row row = 1; }
message ListThingsRequest {
  repeated string sort = 1; string search = 2; optional int64 limit = 3; string cursor = 4; Row filter = 5;
}
message DearInput { optional string least = 1; repeated Colour colours = 2; }
message ListThingsDearRequest {
  repeated string sort = 1; string search = 2; optional int64 limit = 3; string cursor = 4; DearInput input = 5;
}
message ListThingsResponse { repeated Row rows = 1; string next_cursor = 2; }
enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; COLOUR_DARK_BLUE = 2; reserved 3; COLOUR_LATER = 4; }
`

type colour string

func (c colour) Valid() bool { return c == "Red" || c == "DarkBlue" }

type node struct {
	Label    string `json:"label"`
	Children []node `json:"children,omitempty"`
	Parent   *node  `json:"parent,omitempty"`
}

type thing struct {
	ID     values.ID                 `json:"thingId"`
	Text   string                    `json:"text"`
	Flag   bool                      `json:"flag"`
	Count  int64                     `json:"count"`
	Price  values.Decimal            `json:"price"`
	Day    values.Date               `json:"day"`
	At     time.Time                 `json:"at"`
	Long   values.Duration           `json:"long"`
	Maybe  *string                   `json:"maybe,omitempty"`
	Colour colour                    `json:"colour" default:"model"`
	Node   node                      `json:"node"`
	Texts  []string                  `json:"texts,omitempty"`
	Grid   [][]int64                 `json:"grid,omitempty"`
	Prices map[string]values.Decimal `json:"prices,omitempty"`
	Lists  map[string][]colour       `json:"lists,omitempty"`
	Named  map[string]node           `json:"named,omitempty"`
	Snake  string                    `json:"snake_case"`
}

func (t *thing) SetDefaults() { t.Colour = "Red" }

type closeThing struct {
	ID values.ID `json:"thingId"`
}

func (c thing) Command() values.Command {
	return values.Command{Name: "Thing.Make", Actors: []string{"guest"}, Mode: values.New, ID: c.ID, IDField: "thingId"}
}

func (c closeThing) Command() values.Command {
	return values.Command{Name: "Thing.Close", Actors: []string{"clerk"}, ID: c.ID, IDField: "thingId"}
}

type row struct {
	ID     values.ID `json:"thingId"`
	Count  int64     `json:"count"`
	Colour colour    `json:"colour"`
	MadeAt time.Time `json:"madeAt"`
}

type dear struct {
	Least   values.Decimal `json:"least"`
	Colours []colour       `json:"colours,omitempty"`
}

// example is a server whose commands do what the test says.
type example struct {
	t      testing.TB
	server *grpc.Server
	conn   *lib.ClientConn
	file   protoreflect.FileDescriptor
	ran    atomic.Int64
	log    syncBuilder
	do     func(ctx context.Context, req command.Request) (command.Outcome, error)

	mu     sync.Mutex
	last   any // input
	req    command.Request
	asked  view.Query
	wanted []any // key
	rows   view.Page[row]
	err    error // of reading rows
}

func (x *example) schema() grpc.Schema {
	return grpc.Schema{
		Files: fstest.MapFS{"front.proto": {Data: []byte(contract)}}, Name: "front.proto",
		Enums:    map[string]string{"COLOUR_RED": "Red", "COLOUR_DARK_BLUE": "DarkBlue", "COLOUR_LATER": "Later"},
		Wrappers: []string{"IntList", "ColourList"},
	}
}

func newExample(t testing.TB, change ...func(*grpc.Config)) *example {
	x := &example{t: t}
	x.do = func(_ context.Context, req command.Request) (command.Outcome, error) {
		reply, err := json.Marshal(req.Input)
		return command.Outcome{ID: "t-1", Version: 3, Created: req.Mode == values.New, Reply: reply}, err
	}
	config := grpc.Config{Config: inbound.Config{
		Authenticator: inbound.DevHeaders{}, MaxBody: 64 << 10, Wait: 50 * time.Millisecond, Log: slog.New(slog.NewJSONHandler(&x.log, nil)),
	}}
	for _, c := range change {
		c(&config)
	}
	x.server = grpc.NewServer(config, x.schema())
	x.methods()
	if err := x.server.Err(); err != nil {
		t.Fatal(err)
	}
	x.connect()
	x.server.SetServing(true)
	return x
}

func (x *example) methods() {
	guest := []string{"guest"}
	grpc.Command(x.server, "ThingService/Make", inbound.Command[thing]{Do: run[thing](x)})
	grpc.Command(x.server, "ThingService/Close", inbound.Command[closeThing]{RequireVersion: true, Do: run[closeThing](x)})
	grpc.Resource(x.server, "ThingService/GetThing", inbound.Resource[thing]{
		Name: "Thing", Actors: guest,
		Load: func(_ context.Context, id values.ID) (command.Instance[thing], error) {
			if id != "t-1" {
				return command.Instance[thing]{}, command.ErrNotFound
			}
			return command.Instance[thing]{ID: id, Version: 7, State: thing{ID: id, Text: "x", Colour: "Gone"}}, nil
		},
		Allow: func(_ thing, _ values.Stamps, actor values.Actor, _ time.Time) bool {
			return actor.Subject != "stranger"
		},
	})
	columns := map[string]string{"thingId": "thing_id", "count": "count", "colour": "colour", "madeAt": "made_at"}
	things := inbound.View[row]{
		Name: "Things", Actors: guest, Rows: x, Keys: []string{"thingId", "colour"}, Columns: columns,
		Allow: func(r row, actor values.Actor) bool { return r.Count >= 0 },
	}
	grpc.View(x.server, "ThingsViewService/GetThingsRow", "ThingsViewService/ListThings", things)
	grpc.Query(x.server, "ThingsViewService/ListThingsDear", things, inbound.Query[dear, row]{
		Name: "Things.Dear", Actors: guest, Sort: []string{"-count"}, Allow: func(row, values.Actor) bool { return true },
		Where: func(in dear, _ values.Actor, _ time.Time) where.Cond {
			x.note(func() { x.last = in })
			if in.Least.String() == "0" {
				panic(&values.Fault{Message: "division by zero"})
			}
			return where.Eq(where.Col("count"), in.Least)
		},
	})
}

func (x *example) note(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f()
}

func run[I command.Input](x *example) func(context.Context, command.Request, I) (command.Outcome, error) {
	return func(ctx context.Context, req command.Request, in I) (command.Outcome, error) {
		x.ran.Add(1)
		req = req.Of(in)
		x.note(func() { x.req, x.last = req, in })
		return x.do(ctx, req)
	}
}

// The example is the reader of its own view.
func (x *example) Get(_ context.Context, key ...any) (row, error) {
	x.note(func() { x.wanted = key })
	if len(x.rows.Rows) == 0 {
		return row{}, view.ErrNotFound
	}
	return x.rows.Rows[0], x.err
}

func (x *example) GetAt(ctx context.Context, _ int64, _ time.Duration, key ...any) (row, error) {
	return x.Get(ctx, key...)
}

func (x *example) Columns() map[string]string { return nil }

func (x *example) Find(context.Context, where.Cond, []where.Order, int) ([]row, error) {
	return x.rows.Rows, x.err
}

func (x *example) Page(_ context.Context, q view.Query) (view.Page[row], error) {
	x.note(func() { x.asked = q })
	return x.rows, x.err
}

// connect starts the server, and connects to it with nothing but the .proto.
func (x *example) connect() {
	x.t.Helper()
	var config net.ListenConfig
	socket, err := config.Listen(x.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		x.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- x.server.Serve(socket) }()
	x.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = x.server.Shutdown(ctx)
		if err := <-done; err != nil {
			x.t.Error(err)
		}
	})
	if x.conn, err = lib.NewClient(socket.Addr().String(), lib.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = x.conn.Close() })
	resolver := &protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{"front.proto": contract})}
	files, err := (&protocompile.Compiler{Resolver: protocompile.WithStandardImports(resolver)}).Compile(x.t.Context(), "front.proto")
	if err != nil {
		x.t.Fatal(err)
	}
	x.file = files[0]
}

// message is an empty message of the contract.
func (x *example) message(name string) *dynamicpb.Message {
	return dynamicpb.NewMessage(x.file.Messages().ByName(protoreflect.Name(name)))
}

// guest is an actor.
func guest(more ...string) metadata.MD {
	return metadata.Pairs(append([]string{"x-actor-id", "g-1", "x-actor-roles", "guest,clerk"}, more...)...)
}

// reply is what came of a call.
type reply struct {
	status  *status.Status
	header  metadata.MD
	message *dynamicpb.Message
}

// call calls a method with a message in the JSON of protobuf.
func (x *example) call(method, in string, header metadata.MD) reply {
	x.t.Helper()
	service, name, _ := strings.Cut(method, "/")
	d := x.file.Services().ByName(protoreflect.Name(service)).Methods().ByName(protoreflect.Name(name))
	request := dynamicpb.NewMessage(d.Input())
	if err := protojson.Unmarshal([]byte(in), request); err != nil {
		x.t.Fatalf("%s: %v", in, err)
	}
	return x.send(method, request, header)
}

func (x *example) send(method string, request proto.Message, header metadata.MD) reply {
	x.t.Helper()
	service, name, _ := strings.Cut(method, "/")
	d := x.file.Services().ByName(protoreflect.Name(service)).Methods().ByName(protoreflect.Name(name))
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(x.t.Context(), header), 10*time.Second)
	defer cancel()
	out := reply{message: dynamicpb.NewMessage(d.Output())}
	err := x.conn.Invoke(ctx, "/shop.front.v1."+method, request, out.message, lib.Header(&out.header))
	out.status, _ = status.FromError(err)
	return out
}

// String tells of a reply what matters: code, reason, fields that are wrong,
// when to come again.
func (r reply) String() string {
	text := r.status.Code().String()
	for _, detail := range r.status.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			text += " " + detail.GetReason()
		case *errdetails.RetryInfo:
			text += " again in " + detail.GetRetryDelay().AsDuration().String()
		case *errdetails.BadRequest:
			for _, v := range detail.GetFieldViolations() {
				text += fmt.Sprintf(" %s:%s", v.GetField(), v.GetReason())
			}
		}
	}
	return text
}

// json is the reply's message as protobuf has it in JSON, without blanks.
func (r reply) json(t testing.TB) string {
	t.Helper()
	data, err := protojson.Marshal(r.message)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	data, _ = json.Marshal(v)
	return string(data)
}

// syncBuilder is a strings.Builder for several writers.
type syncBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuilder) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(data)
}

func (s *syncBuilder) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
