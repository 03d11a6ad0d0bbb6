package oracle

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/protofile"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/chassis/values"
)

// caller calls a service over gRPC, knowing no more of it than its .proto.
type caller struct {
	conn *grpc.ClientConn
	file protoreflect.FileDescriptor
}

// newCaller reads the .proto of a service that runs. It is nil for a service
// that is not offered over gRPC.
func newCaller(t *testing.T, dir string, s *services.Service, address string) *caller {
	t.Helper()
	if !s.GRPC {
		return nil
	}
	path := filepath.Join(dir, "services", s.Dir, "api", s.Dir+".proto")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := protofile.Parse(path, text)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &caller{conn, file}
}

// called is what a call came to.
type called struct {
	code     codes.Code
	reason   string // of ErrorInfo
	message  string
	bad      []string // fields of BadRequest
	replayed bool
	reply    protoreflect.Message
}

// method finds "OrderService/PlaceOrder".
func (c *caller) method(rpc string) protoreflect.MethodDescriptor {
	service, method, _ := strings.Cut(rpc, "/")
	return c.file.Services().ByName(protoreflect.Name(service)).Methods().ByName(protoreflect.Name(method))
}

// call calls a method; fill fills the request.
func (c *caller) call(ctx context.Context, rpc string, header metadata.MD, fill func(m protoreflect.Message)) (called, error) {
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(ctx, header), patience)
	defer cancel()
	d := c.method(rpc)
	request, reply := dynamicpb.NewMessage(d.Input()), dynamicpb.NewMessage(d.Output())
	fill(request)
	var back metadata.MD
	err := c.conn.Invoke(ctx, fmt.Sprintf("/%s/%s", d.Parent().FullName(), d.Name()), request, reply, grpc.Header(&back))
	st, ok := status.FromError(err)
	if !ok {
		return called{}, err
	}
	out := called{code: st.Code(), message: st.Message(), reply: reply}
	out.replayed = len(back.Get("idempotency-replayed")) > 0
	for _, detail := range st.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			out.reason = detail.GetReason()
		case *errdetails.BadRequest:
			for _, v := range detail.GetFieldViolations() {
				out.bad = append(out.bad, v.GetField()+" "+v.GetReason())
			}
		}
	}
	return out, nil
}

// body is what is compared of a reply: its version, or why there is none.
func (c called) body() map[string]any {
	if c.code != codes.OK {
		return map[string]any{"detail": c.message, "errors": c.bad}
	}
	return map[string]any{"version": c.reply.Get(c.reply.Descriptor().Fields().ByName("version")).Int()}
}

// command gives a command. Ok is false where its input cannot be said in a
// message: a text in place of a number.
func (c *caller) command(ctx context.Context, r request) (got called, ok bool, err error) {
	if !fill(dynamicpb.NewMessage(c.method(r.command.RPC()).Input()), r.input, r.fields) {
		return called{}, false, nil
	}
	header := asActor(r.subject, r.roles)
	for name, said := range r.claims {
		header.Append(claimHeader+name, said)
	}
	if r.key != "" {
		header.Append("idempotency-key", r.key)
	}
	for _, f := range r.fields {
		if x, there := r.input[names.Of(&f.Node).JSON]; there && x == nil {
			header.Append("clear", names.Of(&f.Node).Snake)
		}
	}
	got, err = c.call(ctx, r.command.RPC(), header, func(m protoreflect.Message) { fill(m, r.input, r.fields) })
	return got, true, err
}

// asActor is how an actor is recognised in development.
func asActor(subject string, roles []string) metadata.MD {
	return metadata.Pairs("x-actor-id", subject, "x-actor-roles", strings.Join(roles, ","))
}

// grpcCode is the code that stands for a status and a code of HTTP.
func grpcCode(httpStatus int, code string) codes.Code {
	switch {
	case code == "AlreadyExists":
		return codes.AlreadyExists
	case code == "Conflict" || code == "CallChanged" || code == "InFlight":
		return codes.Aborted
	}
	switch httpStatus {
	case 0, http.StatusOK, http.StatusCreated:
		return codes.OK
	case http.StatusBadRequest:
		return codes.InvalidArgument
	case http.StatusUnauthorized:
		return codes.Unauthenticated
	case http.StatusForbidden:
		return codes.PermissionDenied
	case http.StatusNotFound:
		return codes.NotFound
	case http.StatusPreconditionFailed:
		return codes.Aborted
	case http.StatusInternalServerError:
		return codes.Internal
	case http.StatusServiceUnavailable, http.StatusBadGateway:
		return codes.Unavailable
	case http.StatusGatewayTimeout:
		return codes.DeadlineExceeded
	}
	return codes.FailedPrecondition
}

// fill writes values, encoded as JSON has them, into a message. It reports
// false when there is one that a message of this type cannot hold.
func fill(m protoreflect.Message, v map[string]any, fields []*model.Field) bool {
	for _, f := range fields {
		value, there := v[names.Of(&f.Node).JSON]
		d := m.Descriptor().Fields().ByName(protoreflect.Name(names.Of(&f.Node).Snake))
		if there && value != nil && !put(m, d, value, f.Type) {
			return false
		}
	}
	if _, ok := v[nonsense]; ok {
		m.SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 5000, protowire.VarintType), 1))
	}
	return true
}

func put(m protoreflect.Message, d protoreflect.FieldDescriptor, v any, t *model.Type) bool {
	switch t = t.Value().Scalar(); t.Kind {
	case model.List:
		list, ok := v.([]any)
		into := m.Mutable(d).List()
		for _, x := range list {
			value, fits := one(d, x, t.Elem, into.NewElement)
			if !fits {
				return false
			}
			into.Append(value)
		}
		return ok
	case model.Map:
		entries, ok := v.(map[string]any)
		into := m.Mutable(d).Map()
		for k, x := range entries {
			value, fits := one(d.MapValue(), x, t.Elem, into.NewValue)
			if !fits {
				return false
			}
			into.Set(protoreflect.ValueOfString(k).MapKey(), value)
		}
		return ok
	}
	value, ok := one(d, v, t, func() protoreflect.Value { return m.NewField(d) })
	if ok {
		m.Set(d, value)
	}
	return ok
}

// one is a single value; fresh makes an empty one of a message.
func one(d protoreflect.FieldDescriptor, v any, t *model.Type, fresh func() protoreflect.Value) (protoreflect.Value, bool) {
	t = t.Value().Scalar()
	text, isText := v.(string)
	switch t.Kind {
	case model.Bool:
		b, ok := v.(bool)
		return protoreflect.ValueOfBool(b), ok
	case model.Int:
		n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		_, ok := v.(json.Number)
		return protoreflect.ValueOfInt64(n), ok && err == nil
	case model.Time:
		at, err := time.Parse(time.RFC3339Nano, text)
		return secondsAndNanos(fresh(), at.Unix(), int64(at.Nanosecond())), err == nil
	case model.Duration:
		length, err := values.ParseDuration(text)
		return secondsAndNanos(fresh(), int64(length/values.Second), int64((length % values.Second).Std())), err == nil
	case model.List, model.Map:
		m := fresh()
		return m, put(m.Message(), m.Message().Descriptor().Fields().Get(0), v, t)
	case model.Named:
		if t.Def.Enum == nil {
			object, ok := v.(map[string]any)
			m := fresh()
			return m, ok && fill(m.Message(), object, t.Def.Fields)
		}
		for _, e := range t.Def.Enum {
			if names.EnumValue(e) == text {
				return protoreflect.ValueOfEnum(d.Enum().Values().ByName(enumName(d.Enum(), e)).Number()), true
			}
		}
		return protoreflect.ValueOfEnum(math.MaxInt16), isText // none of the values there are
	}
	return protoreflect.ValueOfString(text), isText
}

func secondsAndNanos(v protoreflect.Value, s, nanos int64) protoreflect.Value {
	fields := v.Message().Descriptor().Fields()
	v.Message().Set(fields.ByName("seconds"), protoreflect.ValueOfInt64(s))
	v.Message().Set(fields.ByName("nanos"), protoreflect.ValueOfInt32(int32(nanos)))
	return v
}

// enumName is what a value is called in the .proto: as on the wire, after the
// type's name.
func enumName(d protoreflect.EnumDescriptor, e *model.EnumValue) protoreflect.Name {
	return protoreflect.Name(names.OfText(string(d.Name())).Env + "_" + names.OfText(names.EnumValue(e)).Env)
}

// take is the contrary of fill.
func take(m protoreflect.Message, fields []*model.Field) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		d := m.Descriptor().Fields().ByName(protoreflect.Name(names.Of(&f.Node).Snake))
		if d != nil && m.Has(d) {
			out[names.Of(&f.Node).JSON] = get(d, m.Get(d), f.Type)
		}
	}
	return out
}

func get(d protoreflect.FieldDescriptor, v protoreflect.Value, t *model.Type) any {
	switch t = t.Value().Scalar(); t.Kind {
	case model.List:
		out := []any{}
		for i := range v.List().Len() {
			out = append(out, single(d, v.List().Get(i), t.Elem))
		}
		return out
	case model.Map:
		out := map[string]any{}
		v.Map().Range(func(k protoreflect.MapKey, x protoreflect.Value) bool {
			out[k.String()] = single(d.MapValue(), x, t.Elem)
			return true
		})
		return out
	}
	return single(d, v, t)
}

func single(d protoreflect.FieldDescriptor, v protoreflect.Value, t *model.Type) any {
	switch t = t.Value().Scalar(); t.Kind {
	case model.Bool:
		return v.Bool()
	case model.Int:
		return json.Number(v.String())
	case model.Time:
		fields := v.Message().Descriptor().Fields()
		return time.Unix(v.Message().Get(fields.ByName("seconds")).Int(), v.Message().Get(fields.ByName("nanos")).Int()).UTC().Format(time.RFC3339Nano)
	case model.Duration:
		fields := v.Message().Descriptor().Fields()
		return values.Duration(v.Message().Get(fields.ByName("seconds")).Int()*1e6 + v.Message().Get(fields.ByName("nanos")).Int()/1e3).String()
	case model.List, model.Map:
		inner := v.Message().Descriptor().Fields().Get(0)
		return get(inner, v.Message().Get(inner), t)
	case model.Named:
		if t.Def.Enum == nil {
			return take(v.Message(), t.Def.Fields)
		}
		for _, e := range t.Def.Enum {
			if value := d.Enum().Values().ByNumber(v.Enum()); value != nil && value.Name() == enumName(d.Enum(), e) {
				return names.EnumValue(e)
			}
		}
		return "none of the values there are"
	}
	return v.String()
}
