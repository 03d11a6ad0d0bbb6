package kafka

import (
	"testing"
	"time"
)

// TestPausesGrowWithTheTimeThatWasWaited: what comes back after a while is noticed
// after a small part of that while.
func TestPausesGrowWithTheTimeThatWasWaited(t *testing.T) {
	c := NewConsumer(ConsumerConfig{Group: "g"})
	for waited, most := range map[time.Duration]time.Duration{
		0: 7500 * time.Millisecond, 10 * time.Second: 7500 * time.Millisecond, time.Minute: 9 * time.Second,
		time.Hour: 450 * time.Second, 48 * time.Hour: 450 * time.Second,
	} {
		for range 100 {
			if pause := c.pauseAfter(waited); pause > most || pause < most/3 {
				t.Fatalf("after %s it waits %s, at most %s", waited, pause, most)
			}
		}
	}
}
