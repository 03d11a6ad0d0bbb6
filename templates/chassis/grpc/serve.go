package grpc

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc/health/grpc_health_v1"
)

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
