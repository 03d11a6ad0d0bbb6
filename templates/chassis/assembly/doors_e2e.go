//go:build e2e

package assembly

import (
	"context"
	"os"

	"github.com/esgen/esgen/templates/chassis/given"
	"github.com/esgen/esgen/templates/chassis/service"
)

// withDoors adds the ways in that tests have, on a listener of their own:
// E2E_ADDR says where; without it there are none.
func withDoors(p Parts, workers []service.Worker) []service.Worker {
	addr := os.Getenv("E2E_ADDR")
	if addr == "" {
		return workers
	}
	s := &given.Service{DB: p.DB, Router: p.Router, Subscribe: p.Subscribe}
	for _, prepared := range p.Prepare {
		if r, ok := prepared.(given.Repository); ok {
			s.Repositories = append(s.Repositories, r)
		}
	}
	d := given.NewDoors(s)
	for i, w := range workers {
		workers[i].Run = d.UntilHeld(w.Run)
	}
	return append(workers, service.Worker{Name: "e2e", Run: func(ctx context.Context) error { return d.Serve(ctx, addr) }})
}
