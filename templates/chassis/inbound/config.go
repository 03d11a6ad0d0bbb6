package inbound

import (
	"log/slog"
	"time"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Config says how requests are taken. The zero value works, and lets nobody in.
type Config struct {
	// Authenticator finds out who asks; nil: DenyAll.
	Authenticator Authenticator
	Log           *slog.Logger
	// MaxBody is the largest body that is read; 0: 1 MiB.
	MaxBody int64
	// Limits bound what is in a body.
	Limits strictjson.Limits
	// Timeout is how long a request may be worked at; 0: 25s.
	Timeout time.Duration
	// Wait is how long a reader waits for minVersion; 0: 2s.
	Wait time.Duration
	// Clock is what time it is for what depends on it; nil: the system's.
	Clock func() time.Time
}

// Now is the time of a request, as precise as databases keep it.
func (c Config) Now() time.Time { return values.Truncate(c.Clock()) }

// OrDefault fills in what is not said.
func (c Config) OrDefault() Config {
	if c.Authenticator == nil {
		c.Authenticator = DenyAll{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.MaxBody <= 0 {
		c.MaxBody = 1 << 20
	}
	if c.Timeout <= 0 {
		c.Timeout = 25 * time.Second
	}
	if c.Wait <= 0 {
		c.Wait = 2 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}
