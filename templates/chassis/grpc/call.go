package grpc

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
)

// call is a call that came from somebody who may make it.
type call struct {
	schema  *schema
	actor   inbound.Actor
	header  http.Header // the metadata
	request protoreflect.Message
	reply   protoreflect.Message // to be filled
}

// handler answers a call, or returns an error that is answered for it.
type handler func(ctx context.Context, c *call) error

// method is how a method of the contract is answered.
type method struct {
	server     *Server
	descriptor protoreflect.MethodDescriptor
	actors     []string
	handle     handler
}

// shape names the fields that a method's messages have whatever the model says.
type shape struct{ request, reply []string }

// check tells which of the fields is missing.
func (x shape) check(d protoreflect.MethodDescriptor) error {
	for _, side := range []struct {
		message protoreflect.MessageDescriptor
		names   []string
	}{{d.Input(), x.request}, {d.Output(), x.reply}} {
		for _, name := range side.names {
			if side.message.Fields().ByName(protoreflect.Name(name)) == nil {
				return fmt.Errorf("%s has no field %s", side.message.Name(), name)
			}
		}
	}
	return nil
}

// add adds a method: "OrderService/PlaceOrder".
func (s *Server) add(name string, actors []string, x shape, h handler) {
	if s.schema == nil {
		return // which Err tells
	}
	d, err := s.schema.method(name)
	if err == nil {
		err = x.check(d)
	}
	if err != nil {
		s.fail(name, err)
		return
	}
	m := &method{server: s, descriptor: d, actors: actors, handle: h}
	service, _ := d.Parent().(protoreflect.ServiceDescriptor)
	s.methods[service] = append(s.methods[service], grpc.MethodDesc{
		MethodName: string(d.Name()),
		Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			return m.serve(ctx, decode)
		},
	})
}

func (s *Server) fail(name string, err error) {
	s.errs = append(s.errs, fmt.Errorf("%s: %w", name, err))
}

// serve answers a call, logs it, and survives it.
func (m *method) serve(ctx context.Context, decode func(any) error) (any, error) {
	started := time.Now()
	_ = grpc.SetHeader(ctx, metadata.Pairs(inbound.HeaderTrace, inbound.TraceID(ctx))) // who asked may be gone
	within, cancel := context.WithTimeout(ctx, m.server.config.Timeout)
	defer cancel()
	reply, err := m.answer(within, decode)
	var st *status.Status
	if err != nil {
		st = m.server.schema.statusOf(err, m.descriptor.Input())
	}
	m.note(ctx, st.Code(), err, time.Since(started))
	if err != nil {
		return nil, st.Err()
	}
	return reply, nil
}

func (m *method) answer(ctx context.Context, decode func(any) error) (reply proto.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			m.server.config.Log.ErrorContext(ctx, "a handler panicked",
				"method", m.name(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			reply, err = nil, inbound.NewProblem(http.StatusInternalServerError, inbound.CodeInternal, "something went wrong")
		}
	}()
	// What the model says is evaluated below: who may see a row, for one.
	defer values.Catch(&err)
	s := m.server
	if !s.serving.Load() {
		return nil, inbound.Later(inbound.CodeUnavailable, "the service is starting")
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		return nil, inbound.Later(inbound.CodeOverloaded, "too many requests at a time")
	}
	c := &call{schema: s.schema, header: headerOf(ctx), reply: dynamicpb.NewMessage(m.descriptor.Output())}
	asked := (&http.Request{Header: c.header}).WithContext(ctx)
	if c.actor, err = inbound.Identify(s.config.Authenticator, asked, m.actors); err != nil {
		return nil, err
	}
	var data payload
	if err := decode(&data); err != nil {
		return nil, err // too large, or cut off: the library has answered
	}
	request := dynamicpb.NewMessage(m.descriptor.Input())
	if err := proto.Unmarshal(data, request); err != nil {
		return nil, inbound.NewProblem(http.StatusBadRequest, inbound.CodeInvalid, "the message is malformed")
	}
	c.request = request.ProtoReflect()
	if problems := s.schema.unknown(c.request, ""); len(problems) > 0 {
		return nil, inbound.Invalid(problems)
	}
	if err := m.handle(ctx, c); err != nil {
		return nil, err
	}
	return c.reply.Interface(), nil
}

// headerOf is the metadata of a call as headers. Names of headers do not care
// for case, those of metadata are small.
func headerOf(ctx context.Context) http.Header {
	h := http.Header{}
	incoming, _ := metadata.FromIncomingContext(ctx)
	for name, texts := range incoming {
		for _, text := range texts {
			h.Add(name, text)
		}
	}
	return h
}

func (m *method) name() string {
	return "/" + string(m.descriptor.Parent().FullName()) + "/" + string(m.descriptor.Name())
}

// note logs a call: its method, not its message. The cause of a failure is for
// those who run the service, not for who asked.
func (m *method) note(ctx context.Context, code codes.Code, err error, took time.Duration) {
	level := slog.LevelInfo
	about := []slog.Attr{slog.String("method", "grpc"), slog.String("route", m.name()), slog.String("status", code.String()), slog.Duration("took", took)}
	switch code {
	case codes.Internal:
		level = slog.LevelError
	case codes.Unavailable, codes.DeadlineExceeded:
		level = slog.LevelWarn
	}
	if level != slog.LevelInfo {
		about = append(about, slog.Any("error", err))
	}
	m.server.config.Log.LogAttrs(ctx, level, "request", about...)
}

// field is one of those that shape.check has found.
func field(m protoreflect.Message, name string) protoreflect.FieldDescriptor {
	return m.Descriptor().Fields().ByName(protoreflect.Name(name))
}

func get(m protoreflect.Message, name string) protoreflect.Value { return m.Get(field(m, name)) }

func set(m protoreflect.Message, name string, v any) {
	m.Set(field(m, name), protoreflect.ValueOf(v))
}
