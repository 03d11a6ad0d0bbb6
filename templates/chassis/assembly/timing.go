package assembly

import (
	"github.com/esgen/esgen/templates/chassis/service"
	"github.com/esgen/esgen/templates/chassis/timer"
)

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
