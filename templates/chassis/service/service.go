// Package service runs a service: its listeners, its workers, its health, and
// its end, in the order in which nothing is lost.
package service

import (
	"context"
	"net"

	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Options are the parts a service is made of.
type Options struct {
	Name      string
	Config    Server
	Telemetry *telemetry.Telemetry
	Router    *rest.Router
	// Beside are further ways in.
	Beside []Beside

	// Start are the steps before the first request, in their order: migrations,
	// tables, topics. One that fails is tried again until the service is told to
	// stop: the database or the broker may not be there yet. Permanent marks
	// what trying again cannot help.
	Start []Step
	// Workers run beside the listeners, once all steps are done.
	Workers []Worker
	// Checks say whether the service is ready.
	Checks []Check
	// Drain are the steps after the last request, in their order: consumers
	// drain, what is under way finishes, the relay flushes. Then the workers'
	// contexts end.
	Drain []Step
	// Close are the very last steps: connections are closed.
	Close []Step

	// Dependencies show the states of their breakers in readiness.
	Dependencies []Dependency

	// Ready is told the addresses of the listeners once the service is ready; nil: nobody.
	Ready func(Addresses)
}

// Beside is a way into the service beside HTTP: gRPC, for one.
type Beside struct {
	Name   string
	Addr   string // to listen at
	Server WayIn
}

// WayIn answers what comes in; *grpc.Server is one.
type WayIn interface {
	// Err tells why it cannot; nil: it can.
	Err() error
	// Serve answers until Shutdown. Before SetServing(true) it tells those who
	// come to come again.
	Serve(socket net.Listener) error
	SetServing(up bool)
	// Shutdown takes nothing more, and waits for what is under way. What is not
	// done when the context is, is cut off, which is an error.
	Shutdown(ctx context.Context) error
}

// Addresses are where a running service listens; those of Beside by their names.
type Addresses struct {
	HTTP, Internal string
	Beside         map[string]string
}

// Step is something to be done in its turn.
type Step struct {
	Name string
	Do   func(ctx context.Context) error
}

// Worker is something that runs as long as the service does. When it returns
// earlier, or panics, it is started again, after a pause.
type Worker struct {
	Name string
	Run  func(ctx context.Context) error
}

// Check is something without which the service is not ready.
type Check struct {
	Name string
	Do   func(ctx context.Context) error
}

// Dependency is a system that is called, with the state of its breaker;
// *client.Dependency is one.
type Dependency interface {
	Name() string
	State() string
}

// Permanent marks an error of a step of Start that trying again cannot help:
// the service ends.
func Permanent(err error) error { return &permanent{err} }

type permanent struct{ err error }

func (p *permanent) Error() string { return p.err.Error() }
func (p *permanent) Unwrap() error { return p.err }

// Run runs the service until ctx is done, and then stops it within
// Config.ShutdownGrace: readiness off, listeners drained, Drain, workers
// stopped, Close. It returns nil when it was told to stop and lost nothing.
func Run(ctx context.Context, o Options) error { return newRunner(o).run(ctx) }
