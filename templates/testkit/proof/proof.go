// Package proof runs all services of a system in one process and in virtual
// time, on machines that are made up: a network, disks, a broker. A seed says
// what is asked of the system and what goes wrong; afterwards databases and
// topics are held against what services promise.
package proof

import (
	"context"
	"io"
	"net"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Program is a service, as its main runs it.
type Program func(ctx context.Context, on Machine) error

// Machine is what a service runs on.
type Machine struct {
	Environment map[string]string
	Listen      service.Listen
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
	Doors       func(p assembly.Parts, workers []service.Worker) []service.Worker
	// Run takes the service when it is put together.
	Run func(ctx context.Context, p assembly.Parts) error

	database func() *store.DB
	log      io.Writer
}

// Database is the one of the service.
func (m Machine) Database() *store.DB { return m.database() }

// Telemetry writes to where the machine writes.
func (m Machine) Telemetry(c telemetry.Config) telemetry.Config {
	c.Out = m.log
	return c
}

// Transport asks other services over the machine's network.
func (m Machine) Transport() http.RoundTripper {
	return &http.Transport{DialContext: m.Dial, MaxIdleConnsPerHost: 8, IdleConnTimeout: idle}
}
