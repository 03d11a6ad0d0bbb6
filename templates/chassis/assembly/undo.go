package assembly

import (
	"context"

	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Undoing is the part of a service that has calls undone whose commands failed:
// undo holds the compensations by their names.
func Undoing(db *store.DB, t *telemetry.Telemetry, undo map[string]func(ctx context.Context, intent command.Intent) error) Part {
	compensator := &aggregate.Compensator{DB: db, Log: t.Log, Undo: undo}
	return Part{Workers: []service.Worker{{Name: "compensator", Run: compensator.Run}}}
}
