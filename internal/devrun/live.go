package devrun

import (
	"context"
	"time"

	"github.com/esgen/esgen/templates/testkit/live"
)

// Live is where those find the system who play scenarios on it. It was started
// with doors.
func (s *System) Live() live.System {
	found := live.System{
		Gateway: s.URL(), Doors: map[string]string{}, Standins: s.Standins(), Brokers: []string{s.kafka}, Machine: machine{s},
	}
	if s.issuer != nil {
		found.Token = func(_ context.Context, subject string, roles []string, claims map[string]string) (string, error) {
			return s.TokenSaying(claims, subject, roles...)
		}
	}
	for _, v := range s.opts.System.Services {
		found.Doors[v.Dir] = s.Door(v.Dir)
	}
	return found
}

// machine stops services, and starts them again.
type machine struct{ *System }

// Stop stops a service as who takes it away does: killed, the broker would wait for
// it to come back before anybody else has its share.
func (m machine) Stop(_ context.Context, service string) error { return m.System.Stop(service, false) }

// Start starts a service into the time of the scenario.
func (m machine) Start(ctx context.Context, service string, now time.Time) error {
	m.SetEnv(service, "E2E_NOW", now.UTC().Format(time.RFC3339Nano))
	if err := m.Restart(ctx, service); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(noticed):
		return nil
	}
}

// noticed is when the gateway knows of a service that is back: it looks every
// 100 ms where services are.
const noticed = 150 * time.Millisecond
