package given

import (
	"context"
	"os"

	"github.com/esgen/esgen/templates/chassis/assembly"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/values"
)

// OpenDoors adds the ways in that tests have, on a listener of their own:
// E2E_ADDR says where; without it there are none. E2E_NOW is what time it is from
// the start on: a service that was stopped comes back into the time of the test.
func OpenDoors(p assembly.Parts, workers []service.Worker) []service.Worker {
	addr := os.Getenv("E2E_ADDR")
	if addr == "" {
		return workers
	}
	s := &Service{DB: p.DB, Router: p.Router}
	for _, part := range p.Has {
		if part.Apart != nil {
			s.Hears = part.Apart()
		}
		if part.Own != nil {
			s.Parts = append(s.Parts, part.Own)
		}
	}
	for _, dependency := range p.Dependencies {
		s.Parts = append(s.Parts, dependency)
	}
	for _, prepared := range p.Prepare {
		if r, ok := prepared.(Repository); ok {
			s.Repositories = append(s.Repositories, r)
		}
	}
	d := NewDoors(s)
	if now, err := values.ParseTime(os.Getenv("E2E_NOW")); err == nil {
		s.SetNow(now)
	}
	for i, w := range workers {
		workers[i].Run = d.UntilHeld(w.Run)
	}
	return append(workers, service.Worker{Name: "e2e", Run: func(ctx context.Context) error { return d.Serve(ctx, addr) }})
}
