package model

import (
	"time"

	"github.com/esgen/esgen/internal/source"
)

// Gateway is the single way in from outside.
type Gateway struct {
	Pos     source.Pos
	CORS    []Text        // origins of pages that may ask: https://shop.example
	Rate    *Rate         // what one client may ask; nil: as often as it likes
	Body    Quantity      // the largest body, in bytes; zero: not said
	Timeout time.Duration // how long a request may take; 0: not said
	Routes  []*Detour
}

// Rate is so many requests in a time.
type Rate struct {
	Pos   source.Pos
	Count int
	Per   time.Duration
}

// Detour is a path that leads to a system of before, until a service has taken
// over what it did (a strangler fig).
type Detour struct {
	Pos    source.Pos
	Path   Text
	Prefix bool // everything below the path, too: it was written with /** at its end
	To     Text // URL, without a slash at its end
}
