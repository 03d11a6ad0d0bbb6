// Package grpc is the way in over gRPC. Generated code fills in which method
// runs what; reading, checking, authorizing and answering is done here, once,
// and what REST does too in package inbound.
//
// Messages are read by reflection over the .proto, by way of JSON: so they go
// through the same strict decoder as the bodies of HTTP, with the same limits,
// checks and codes.
package grpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Config says how calls are taken. The zero value works, and lets nobody in.
type Config struct {
	inbound.Config
	// MaxInFlight is how many calls are worked at at a time; 0: 512.
	MaxInFlight int
	// Idle is how long a connection without calls is kept; 0: 75s.
	Idle time.Duration
	// Tracer and Meter are told of calls; nil: nobody is.
	Tracer trace.TracerProvider
	Meter  metric.MeterProvider
}

func (c Config) orDefault() Config {
	c.Config = c.Config.OrDefault()
	if c.MaxInFlight <= 0 {
		c.MaxInFlight = 512
	}
	if c.Idle <= 0 {
		c.Idle = 75 * time.Second
	}
	return c
}

// Server answers the calls of a service. Methods are added before Serve.
type Server struct {
	config  Config
	schema  *schema
	methods map[protoreflect.ServiceDescriptor][]grpc.MethodDesc
	grpc    *grpc.Server
	health  *health.Server
	serving atomic.Bool
	places  chan struct{} // of calls under way
	errs    []error
}

// Bounds of connections. Old ones are ended now and then, so that new replicas
// get their share of clients that stay.
const (
	handshake  = 5 * time.Second
	maxAge     = 30 * time.Minute
	ageGrace   = 30 * time.Second
	probeEvery = 2 * time.Minute
	probeFor   = 20 * time.Second
	minProbe   = 10 * time.Second // clients that ask more often are cut off
	maxHeaders = 64 << 10
	maxStreams = 250 // of one connection; what is more waits at the client
)

// NewServer returns a server without methods.
func NewServer(config Config, contract Schema) *Server {
	config = config.orDefault()
	s := &Server{
		config: config, methods: map[protoreflect.ServiceDescriptor][]grpc.MethodDesc{},
		health: health.NewServer(), places: make(chan struct{}, config.MaxInFlight),
	}
	s.SetServing(false)
	watched := []otelgrpc.Option{otelgrpc.WithPropagators(telemetry.Propagator())}
	if config.Tracer != nil {
		watched = append(watched, otelgrpc.WithTracerProvider(config.Tracer))
	}
	if config.Meter != nil {
		watched = append(watched, otelgrpc.WithMeterProvider(config.Meter))
	}
	s.grpc = grpc.NewServer(
		grpc.StatsHandler(otelgrpc.NewServerHandler(watched...)),
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(int(config.MaxBody)),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.ConnectionTimeout(handshake),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: config.Idle, MaxConnectionAge: maxAge, MaxConnectionAgeGrace: ageGrace,
			Time: probeEvery, Timeout: probeFor,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minProbe, PermitWithoutStream: true}),
	)
	var err error
	if s.schema, err = contract.compile(config.Limits.OrDefault().Problems); err != nil {
		s.errs = append(s.errs, fmt.Errorf("the contract: %w", err))
	}
	return s
}

// Contract is the compiled .proto; nil when Err says that there is none.
func (s *Server) Contract() protoreflect.FileDescriptor {
	if s.schema == nil {
		return nil
	}
	return s.schema.file
}

// Err tells which methods could not be added, and whether one of the contract
// is answered by nobody. A service does not start with any.
func (s *Server) Err() error {
	if s.schema == nil {
		return errors.Join(s.errs...)
	}
	errs := s.errs
	services := s.schema.file.Services()
	for i := range services.Len() {
		d := services.Get(i)
		for j := range d.Methods().Len() {
			if name := string(d.Methods().Get(j).Name()); !s.answers(d, name) {
				errs = append(errs, fmt.Errorf("%s/%s is answered by nobody", d.Name(), name))
			}
		}
	}
	return errors.Join(errs...)
}

func (s *Server) answers(d protoreflect.ServiceDescriptor, method string) bool {
	for _, m := range s.methods[d] {
		if m.MethodName == method {
			return true
		}
	}
	return false
}

// register hands the methods to the library, with health and reflection
// beside them: both tell strangers nothing that the .proto does not.
func (s *Server) register() {
	for d, methods := range s.methods {
		s.grpc.RegisterService(&grpc.ServiceDesc{
			ServiceName: string(d.FullName()), Methods: methods, Metadata: s.schema.file.Path(),
		}, nil)
	}
	grpc_health_v1.RegisterHealthServer(s.grpc, s.health)
	options := reflection.ServerOptions{Services: s.grpc, DescriptorResolver: resolver{s.schema.file}}
	reflectionv1.RegisterServerReflectionServer(s.grpc, reflection.NewServerV1(options))
	reflectionv1alpha.RegisterServerReflectionServer(s.grpc, reflection.NewServer(options))
}

// resolver finds what reflection is asked for: the contract, and what came with
// the libraries.
type resolver struct{ file protoreflect.FileDescriptor }

func (r resolver) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	if path == r.file.Path() {
		return r.file, nil
	}
	return protoregistry.GlobalFiles.FindFileByPath(path)
}

func (r resolver) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	own := new(protoregistry.Files)
	if err := own.RegisterFile(r.file); err != nil {
		return nil, err
	}
	if d, err := own.FindDescriptorByName(name); err == nil {
		return d, nil
	}
	return protoregistry.GlobalFiles.FindDescriptorByName(name)
}

// Serve answers calls until Shutdown. SetServing(true) lets them in.
func (s *Server) Serve(socket net.Listener) error {
	s.register()
	return s.grpc.Serve(socket)
}

// SetServing says whether the service is up: before that, calls are told to
// come again. The health service says the same to those who ask it.
func (s *Server) SetServing(up bool) {
	status := grpc_health_v1.HealthCheckResponse_NOT_SERVING
	if up {
		s.serving.Store(true) // and for good: those that still come while it stops are let in
		status = grpc_health_v1.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus("", status)
}

// Shutdown takes no more calls, and waits for those under way. What is not done
// when the context is, is cut off.
func (s *Server) Shutdown(ctx context.Context) error {
	s.health.Shutdown()
	done := make(chan struct{})
	go func() {
		s.grpc.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
		return errors.New("calls were cut off")
	}
}
