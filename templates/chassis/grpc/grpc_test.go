package grpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/esgen/esgen/templates/chassis/client"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/grpc"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// whole is a request with every field.
const whole = `{"thingId":"t-9","text":"가","flag":false,"count":"9007199254740993","price":"12.5","day":"2026-12-01",
"at":"2026-12-01T09:00:00.000001Z","long":"90000.500s","maybe":"","colour":"COLOUR_DARK_BLUE",
"node":{"label":"a","children":[{"label":"b","parent":{"label":""}}]},"texts":["","x"],"grid":[{"values":["1","2"]},{}],
"prices":{"a":"1","":"0.1"},"lists":{"l":{"values":["COLOUR_RED"]}},"named":{"n":{"label":"z"}},"snake_case":"s"}`

// small is a request with what must be there.
const small = `{"text":"x","flag":true,"count":"0","price":"0","day":"2026-12-01","at":"2026-12-01T09:00:00Z","long":"0s",
"node":{"label":"a"},"snake_case":""}`

// TestValues: every shape of a value comes through in both directions, and
// what is empty or zero is something else than what is missing.
func TestValues(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	if got := x.call("ThingService/Make", whole, guest()); got.status.Code() != codes.OK {
		t.Fatal(got)
	} else if want := strings.ReplaceAll(whole, "\n", ""); got.json(t) != canonical(t, `{"id":"t-1","version":"3","created":true,"reply":`+want+`}`) {
		t.Errorf("%s", got.json(t))
	}
	maybe := ""
	want := thing{
		ID: "t-9", Text: "가", Count: 9007199254740993, Price: values.MustDecimal("12.5"), Day: values.MustDate("2026-12-01"),
		At: time.Date(2026, 12, 1, 9, 0, 0, 1000, time.UTC), Long: values.MustDuration("1d1h500ms"), Maybe: &maybe, Colour: "DarkBlue",
		Node:  node{Label: "a", Children: []node{{Label: "b", Parent: &node{}}}},
		Texts: []string{"", "x"}, Grid: [][]int64{{1, 2}, {}},
		Prices: map[string]values.Decimal{"a": values.MustDecimal("1"), "": values.MustDecimal("0.1")},
		Lists:  map[string][]colour{"l": {"Red"}}, Named: map[string]node{"n": {Label: "z"}}, Snake: "s",
	}
	if diff := cmp.Diff(want, x.last, cmp.Comparer(func(a, b values.Decimal) bool { return a.String() == b.String() }), cmp.AllowUnexported(values.Date{})); diff != "" {
		t.Error(diff)
	}
	got := x.call("ThingService/Make", small, guest())
	if in, _ := x.last.(thing); got.status.Code() != codes.OK || in.Colour != "Red" || in.Maybe != nil || in.ID != "" {
		t.Errorf("%s %+v", got, x.last)
	}
}

// canonical is JSON without blanks, in the order of its names.
func canonical(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// with is small with another field.
func with(t *testing.T, field string) string {
	t.Helper()
	var v map[string]json.RawMessage
	if err := json.Unmarshal([]byte(small), &v); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte("{"+field+"}"), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestRefusedValues: what a message can hold and the model cannot is refused at
// its place.
func TestRefusedValues(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	for _, c := range []struct{ name, change, want string }{
		{"nothing", "", "text:required flag:required count:required price:required day:required at:required long:required node:required snake_case:required"},
		{"no decimal", `"price":"a lot"`, "price:format"},
		{"no day", `"day":"2026-02-30"`, "day:format"},
		{"a time too late for most", `"at":"9999-12-31T23:59:59Z"`, ""},
		{"the longest time", `"long":"315576000000s"`, ""},
		{"too fine", `"long":"0.0000001s"`, "long:format"},
		{"the enum's zero", `"colour":"COLOUR_UNSPECIFIED"`, "colour:enum"},
		{"an enum's number nobody knows", `"colour":77`, "colour:enum"},
		{"a value the service does not take", `"colour":"COLOUR_LATER"`, "colour:enum"},
		{"deep inside", `"node":{"label":"a","children":[{"label":"b"},{}]}`, "node.children[1].label:required"},
		{"in a map", `"named":{"a/b":{}}`, `named["a/b"].label:required`},
		{"in a list of a map", `"lists":{"k":{"values":["COLOUR_RED",9]}}`, `lists["k"].values[1]:enum`},
		{"a control character", `"text":"a\u0000b"`, "text:text"},
		{"no id", `"thingId":".."`, "thing_id:format"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := "{}"
			if c.change != "" {
				in = with(t, c.change)
			}
			before := x.ran.Load()
			want := "InvalidArgument invalid " + c.want
			if c.want == "" {
				want = "OK"
			}
			if got := x.call("ThingService/Make", in, guest()); got.String() != want {
				t.Errorf("%s, want %s", got, want)
			} else if ran := x.ran.Load() > before; ran != (c.want == "") {
				t.Errorf("it ran: %v", ran)
			}
		})
	}
}

// TestUnknownFields: what the .proto does not have is refused, at any depth.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	unknown := []byte{0xa0, 0x9c, 0x01, 0x05} // field 2500: 5
	in := x.message("MakeRequest")
	node := x.message("Node")
	node.SetUnknown(unknown)
	f := in.Descriptor().Fields().ByName("node")
	in.Mutable(f).Message().Mutable(node.Descriptor().Fields().ByName("children")).List().Append(protoreflect.ValueOfMessage(node))
	if got := x.send("ThingService/Make", in, guest()).String(); got != "InvalidArgument invalid node.children[0]:unknown" {
		t.Error(got)
	}
	outer := x.message("ListThingsRequest")
	outer.SetUnknown(unknown)
	if got := x.send("ThingsViewService/ListThings", outer, guest()).String(); got != "InvalidArgument invalid :unknown" {
		t.Error(got)
	}
	if x.ran.Load() != 0 {
		t.Error("it ran")
	}
}

// TestWho: nobody who does not say so, or has not the role, gets anywhere; not
// even to being told what is wrong with the message.
func TestWho(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	for _, c := range []struct {
		name   string
		header metadata.MD
		want   string
	}{
		{"nobody", metadata.MD{}, "Unauthenticated unauthorized"},
		{"no id", metadata.Pairs("x-actor-id", strings.Repeat("x", 5000), "x-actor-roles", "guest"), "Unauthenticated unauthorized"},
		{"another", metadata.Pairs("x-actor-id", "a", "x-actor-roles", "clerk"), "PermissionDenied forbidden"},
		{"no role", metadata.Pairs("x-actor-id", "a"), "PermissionDenied forbidden"},
	} {
		if got := x.call("ThingService/Make", "{}", c.header).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	denied := newExample(t, func(c *grpc.Config) { c.Authenticator = nil })
	if got := denied.call("ThingService/Make", small, guest()).String(); got != "Unauthenticated unauthorized" {
		t.Errorf("by default: %s", got)
	}
	if x.ran.Load()+denied.ran.Load() != 0 {
		t.Error("it ran")
	}
}

// TestClear: a message can only lack a field, and metadata says that it is null.
func TestClear(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	for names, want := range map[string]string{
		"maybe":       "OK",
		"maybe, node": "InvalidArgument invalid", // which is there
		"texts":       "InvalidArgument invalid", // which has no presence
		"nonsense":    "InvalidArgument invalid",
	} {
		got := x.call("ThingService/Make", small, guest("clear", names)).String()
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", names, got, want)
		}
	}
	if got := x.call("ThingService/Close", "{}", guest("clear", "thing_id", "if-match", `"1"`)).String(); got != "InvalidArgument invalid thing_id:null" {
		t.Errorf("what must be there: %s", got)
	}
}

// TestMetadata: idempotency-key and if-match mean what they mean to REST.
func TestMetadata(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	got := x.call("ThingService/Close", `{"thingId":"t-1"}`, guest("idempotency-key", "k-1", "if-match", `"4"`))
	if got.status.Code() != codes.OK || x.req.Key != (command.Key{Scope: command.CallScope + ":g-1", ID: "k-1"}) || x.req.IfMatch == nil || x.req.IfMatch.Versions[0] != 4 {
		t.Errorf("%s %+v", got, x.req)
	}
	if len(got.header.Get("x-trace-id")) != 1 || len(got.header.Get("idempotency-replayed")) != 0 {
		t.Error(got.header)
	}
	for header, want := range map[string]string{
		"if-match=4": "InvalidArgument invalid", "if-match=\"4": "InvalidArgument invalid", "idempotency-key=a b": "InvalidArgument invalid",
		"x=y": "FailedPrecondition precondition-required",
	} {
		name, value, _ := strings.Cut(header, "=")
		if got := x.call("ThingService/Close", `{"thingId":"t-1"}`, guest(name, value)).String(); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
	x.do = func(context.Context, command.Request) (command.Outcome, error) {
		return command.Outcome{ID: "t-1", Version: 3, Repeated: true}, nil
	}
	if got = x.call("ThingService/Close", `{"thingId":"t-1"}`, guest("if-match", "*", "if-match", "*")); got.status.Code() != codes.InvalidArgument {
		t.Errorf("twice: %s", got)
	}
	if got = x.call("ThingService/Make", small, guest("idempotency-key", `"k"`)); got.header.Get("idempotency-replayed") == nil || got.json(t) != `{"id":"t-1","version":"3"}` {
		t.Errorf("%v %s", got.header, got.json(t))
	}
}

// TestTrace: a call goes on in the trace of who calls.
func TestTrace(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	in := make(chan string, 1)
	x.do = func(ctx context.Context, _ command.Request) (command.Outcome, error) {
		in <- trace.SpanContextFromContext(ctx).TraceID().String()
		return command.Outcome{ID: "t-1"}, nil
	}
	got := x.call("ThingService/Make", small, guest("traceparent", "00-"+id+"-00f067aa0ba902b7-01"))
	if told := got.header.Get("x-trace-id"); len(told) != 1 || told[0] != id || <-in != id {
		t.Errorf("%v", told)
	}
}

// TestErrors: each error has its code and its reason, and tells nothing of the
// inside.
func TestErrors(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	for _, c := range []struct {
		err  error
		want string
	}{
		{values.Reject(values.Rule, "EmptyOrder", "nothing ordered"), "FailedPrecondition EmptyOrder"},
		{values.Reject(values.Forbidden, "Forbidden", "not yours"), "PermissionDenied Forbidden"},
		{values.Reject(values.Conflict, "IllegalTransition", "no"), "FailedPrecondition IllegalTransition"},
		{values.Reject(values.Missing, "Missing", "no"), "NotFound Missing"},
		{values.Reject("200", "Odd", "no"), "FailedPrecondition Odd"},
		{command.ErrNotFound, "NotFound NotFound"},
		{fmt.Errorf("wrapped: %w", command.ErrExists), "AlreadyExists AlreadyExists"},
		{command.ErrConflict, "Aborted Conflict"},
		{command.ErrInFlight, "Aborted InFlight"},
		{command.ErrCallChanged, "Aborted CallChanged"},
		{command.ErrVersion, "Aborted VersionMismatch"},
		{command.ErrKeyReused, "FailedPrecondition KeyReused"},
		{command.ErrCompensated, "FailedPrecondition Compensated"},
		{&values.Fault{Message: "secret"}, "Internal model-error"},
		{&client.Timeout{Dependency: "pay"}, "DeadlineExceeded upstream-timeout"},
		{&client.Unavailable{Dependency: "pay", RetryAfter: 7 * time.Second}, "Unavailable unavailable again in 7s"},
		{context.DeadlineExceeded, "DeadlineExceeded timeout again in 1s"},
		{context.Canceled, "Canceled timeout"},
		{errors.New("secret"), "Internal internal"},
	} {
		x.do = func(context.Context, command.Request) (command.Outcome, error) { return command.Outcome{}, c.err }
		got := x.call("ThingService/Make", small, guest())
		if got.String() != c.want || strings.Contains(got.status.Message(), "secret") {
			t.Errorf("%v: %s (%s), want %s", c.err, got, got.status.Message(), c.want)
		}
	}
	if !strings.Contains(x.log.String(), "secret") {
		t.Error("the log does not say why")
	}
}

// TestReading: states, rows and pages.
func TestReading(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	at := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	x.rows = view.Page[row]{Rows: []row{{ID: "a", Count: 2, Colour: "Red", MadeAt: at}, {ID: "b", Count: -1}}, Next: "more"}
	for _, c := range []struct{ method, in, want string }{
		{"ThingService/GetThing", `{"id":"t-2"}`, "NotFound NotFound"},
		{"ThingService/GetThing", `{}`, "InvalidArgument invalid id:format"},
		{"ThingsViewService/GetThingsRow", `{"thingId":"a"}`, "InvalidArgument invalid colour:required"},
		{"ThingsViewService/GetThingsRow", `{"thingId":"a","colour":0}`, "InvalidArgument invalid colour:enum"},
		{"ThingsViewService/GetThingsRow", `{"thingId":"a","colour":"COLOUR_RED","minVersion":"4"}`, `{"row":{"colour":"COLOUR_RED","count":"2","madeAt":"2026-12-01T09:00:00Z","thingId":"a"}}`},
		{"ThingsViewService/ListThings", `{"limit":"0"}`, "InvalidArgument invalid limit:type"},
		{"ThingsViewService/ListThings", `{"sort":["nothing"]}`, "InvalidArgument invalid sort:unknown"},
		{"ThingsViewService/ListThings", `{"cursor":"a b","search":"\u0000"}`, "InvalidArgument invalid cursor:format search:text"},
		{"ThingsViewService/ListThings", `{"filter":{"colour":9}}`, "InvalidArgument invalid filter.colour:enum"},
		{"ThingsViewService/ListThingsDear", `{}`, "InvalidArgument invalid input.least:required"},
		{"ThingsViewService/ListThingsDear", `{"input":{"least":"1","colours":["COLOUR_RED",0]}}`, "InvalidArgument invalid input.colours[1]:enum"},
		{"ThingsViewService/ListThingsDear", `{"input":{"least":"0"}}`, "Internal model-error"},
		{"ThingsViewService/ListThings", `{}`, `{"nextCursor":"more","rows":[{"colour":"COLOUR_RED","count":"2","madeAt":"2026-12-01T09:00:00Z","thingId":"a"}]}`},
	} {
		got := x.call(c.method, c.in, guest())
		have := got.String()
		if got.status.Code() == codes.OK {
			have = got.json(t)
		}
		if have != c.want {
			t.Errorf("%s %s: %s, want %s", c.method, c.in, have, c.want)
		}
	}
	got := x.call("ThingService/GetThing", `{"id":"t-1"}`, guest())
	if text := got.json(t); !strings.Contains(text, `"version":"7"`) || !strings.Contains(text, `"colour":"COLOUR_UNSPECIFIED"`) {
		t.Errorf("a value of an enum that is gone: %s", text)
	}
	if got := x.call("ThingService/GetThing", `{"id":"t-1"}`, metadata.Pairs("x-actor-id", "stranger", "x-actor-roles", "guest")).String(); got != "NotFound NotFound" {
		t.Error(got)
	}
	x.call("ThingsViewService/ListThings", `{"sort":["-made_at","count"],"limit":"500","cursor":"c","search":"s","filter":{"count":"0","madeAt":"2026-12-01T09:00:00Z"}}`, guest())
	want := view.Query{Filter: map[string]string{"count": "0", "made_at": "2026-12-01T09:00:00Z"}, Search: "s", Sort: []string{"-made_at", "count"}, Cursor: "c", Limit: view.MaxLimit}
	if diff := cmp.Diff(want, x.asked, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Where" }, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
	x.call("ThingsViewService/ListThingsDear", `{"input":{"least":"1.5"}}`, guest())
	if diff := cmp.Diff([]string{"-count"}, x.asked.DefaultSort); diff != "" {
		t.Error(diff)
	}
}

// TestSurvives: panics, too much at a time, too large, too long.
func TestSurvives(t *testing.T) {
	t.Parallel()
	x := newExample(t, func(c *grpc.Config) { c.MaxInFlight, c.Timeout = 1, 100*time.Millisecond })
	x.do = func(context.Context, command.Request) (command.Outcome, error) { panic("oops") }
	if got := x.call("ThingService/Make", small, guest()).String(); got != "Internal internal" || !strings.Contains(x.log.String(), "oops") {
		t.Error(got, x.log.String())
	}
	x.do = func(ctx context.Context, _ command.Request) (command.Outcome, error) {
		<-ctx.Done()
		return command.Outcome{}, ctx.Err()
	}
	first := make(chan string)
	go func() { first <- x.call("ThingService/Make", small, guest()).String() }()
	within(t, func() bool { return x.ran.Load() == 2 })
	if got := x.call("ThingService/Make", small, guest()).String(); got != "Unavailable overloaded again in 1s" {
		t.Error(got)
	}
	if got := <-first; got != "DeadlineExceeded timeout again in 1s" {
		t.Error(got)
	}
	large := fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 70<<10))
	if got := x.call("ThingService/Make", large, guest()); got.status.Code() != codes.ResourceExhausted || !strings.Contains(x.log.String(), "ResourceExhausted") {
		t.Error(got)
	}
}

// TestStops: what is under way is finished, what comes after is turned away;
// what does not end is cut off.
func TestStops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		grace time.Duration
		want  string
		err   bool
	}{
		{"in time", 10 * time.Second, "OK", false},
		{"cut off", 50 * time.Millisecond, "Unavailable", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newExample(t)
			finish := make(chan struct{})
			x.do = func(ctx context.Context, _ command.Request) (command.Outcome, error) {
				select {
				case <-finish:
				case <-ctx.Done():
				}
				return command.Outcome{ID: "t-1"}, ctx.Err()
			}
			answer := make(chan reply, 1)
			go func() { answer <- x.call("ThingService/Make", small, guest()) }()
			within(t, func() bool { return x.ran.Load() == 1 })
			stopped := make(chan error, 1)
			ctx, cancel := context.WithTimeout(t.Context(), c.grace)
			defer cancel()
			go func() { stopped <- x.server.Shutdown(ctx) }()
			if !c.err {
				within(t, func() bool {
					return x.call("ThingService/Close", `{}`, guest()).status.Code() == codes.Unavailable
				})
				close(finish)
			}
			if err := <-stopped; (err != nil) != c.err {
				t.Error(err)
			}
			if got := <-answer; got.status.Code().String() != c.want {
				t.Error(got)
			}
		})
	}
}

// TestHealthAndReflection are there for those who know nothing else.
func TestHealthAndReflection(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	x.server.SetServing(false)
	health := grpc_health_v1.NewHealthClient(x.conn)
	asked := func() grpc_health_v1.HealthCheckResponse_ServingStatus {
		r, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return r.GetStatus()
	}
	if got := asked(); got != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Error(got)
	}
	x.server.SetServing(true)
	if got := asked(); got != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Error(got)
	}
	stream, err := reflectionv1.NewServerReflectionClient(x.conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, symbol := range []string{"shop.front.v1.ThingService", "shop.front.v1.Node", "google.protobuf.Timestamp"} {
		if err := stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: symbol}}); err != nil {
			t.Fatal(err)
		}
		r, err := stream.Recv()
		if err != nil || len(r.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
			t.Errorf("%s: %v %v", symbol, r, err)
		}
	}
}

// TestStarting: until the service is up, calls are told to come again.
func TestStarting(t *testing.T) {
	t.Parallel()
	x := &example{t: t}
	x.server = grpc.NewServer(grpc.Config{}, x.schema())
	x.methods()
	x.connect()
	if got := x.call("ThingService/Make", small, guest()).String(); got != "Unavailable unavailable again in 1s" {
		t.Error(got)
	}
}

// TestMismatch: a service whose methods are not those of its contract does not
// start.
func TestMismatch(t *testing.T) {
	t.Parallel()
	x := &example{t: t}
	none := grpc.NewServer(grpc.Config{}, x.schema())
	if err := none.Err(); err == nil || !strings.Contains(err.Error(), "ThingService/Make is answered by nobody") {
		t.Error(err)
	}
	grpc.Resource(none, "ThingService/Nothing", inbound.Resource[thing]{})
	grpc.Resource(none, "ThingService/Make", inbound.Resource[thing]{})
	for _, want := range []string{"ThingService/Nothing: the .proto has no such method", "ThingService/Make: MakeRequest has no field id"} {
		if err := none.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	broken := grpc.NewServer(grpc.Config{}, grpc.Schema{Files: x.schema().Files, Name: "other.proto"})
	if err := broken.Err(); err == nil {
		t.Error("there is no such file")
	}
}

// within polls until something holds.
func within(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	over := time.After(10 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-over:
			t.Fatal("it does not come to hold")
		}
	}
}
