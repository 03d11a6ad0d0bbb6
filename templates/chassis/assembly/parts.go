package assembly

import (
	"context"
	"errors"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/aggregate"
	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/foreign"
	"github.com/esgen/esgen/templates/chassis/personal"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/signature"
	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/table"
	"github.com/esgen/esgen/templates/chassis/telemetry"
	"github.com/esgen/esgen/templates/chassis/timer"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Receiving is the part of a service that takes in what a system of somebody else
// tells by webhooks, signed with one of the secrets.
func Receiving(db *store.DB, hook foreign.Webhook, secrets string) Part {
	read, err := signature.Parse(secrets)
	return Part{
		Routes: func(router *rest.Router) { hook.Receive(router, db, read) },
		Err:    errors.Join(err, hook.Err()),
	}
}

// Telling is the part of a service that tells what changes in its views.
func Telling(changes *table.History) Part { return Part{Forget: changes.Forget} }

// Timing is the part of a service whose policies act when their time has come:
// some time after an event, or at times of the clock.
func Timing(timers *timer.Timers, clocks ...timer.Clock) Part {
	timers.Keep(clocks...)
	return Part{
		Workers: []service.Worker{{Name: "timers", Run: timers.Run}},
		Forget:  timers.Forget,
		Own:     timers,
	}
}

// Undoing is the part of a service that has calls undone whose commands failed:
// undo holds the compensations by their names.
func Undoing(db *store.DB, t *telemetry.Telemetry, undo map[string]func(ctx context.Context, intent command.Intent) error) Part {
	compensator := &aggregate.Compensator{DB: db, Log: t.Log, Undo: undo}
	return Part{Workers: []service.Worker{{Name: "compensator", Run: compensator.Run}}, Own: compensator}
}

// Erasing is the part of a service that keeps personal data under a key for each person,
// and forgets who is erased. Somebody may have it done by a route; events of the
// model do as well.
func Erasing(cleaner *personal.Cleaner) Part {
	return Part{
		Routes: func(router *rest.Router) {
			router.HandleInternal("POST /internal/persons/{id}/erase", func(w http.ResponseWriter, r *http.Request) error {
				person := values.ID(r.PathValue("id"))
				if err := person.Check(); err != nil {
					return values.Reject(values.Missing, "NoSuchPerson", err.Error())
				}
				if err := cleaner.Erase(r.Context(), person); err != nil {
					return err
				}
				w.WriteHeader(http.StatusNoContent)
				return nil
			})
		},
		Workers: []service.Worker{{Name: "cleaner", Run: cleaner.Run}},
		Own:     cleaner,
	}
}
