//go:build !e2e

package assembly

import "github.com/esgen/esgen/templates/chassis/service"

// withDoors adds the ways in that tests have. This build has none.
func withDoors(_ Parts, workers []service.Worker) []service.Worker { return workers }
