package identity

import "time"

// SetClock gives a verifier another clock for the age of its keys.
func SetClock(v *Verifier, now func() time.Time) { v.keys.now = now }
