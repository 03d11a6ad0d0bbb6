package model

import (
	"slices"
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
	Routes  []*GatewayRoute
}

// Rate is so many requests in a time.
type Rate struct {
	Pos   source.Pos
	Count int
	Per   time.Duration
}

// GatewayRoute is a path of one's own choosing: to a system of before, until a
// service has taken over what it did (a strangler fig), or to what a service
// answers. Either Path or HTTP is set.
type GatewayRoute struct {
	Node             // its name is how it is written: GET /product/{id}, /legacy/**
	Path      Text   // for all methods, without placeholders
	Below     bool   // everything below the path, too: it was written with /** at its end
	HTTP      *Route // for one method
	To        Destination
	Rewritten Text // path at the system of before, without /** at its end; no value: it is kept
}

// Destination is where a route of the gateway leads. Exactly one of URL, Command,
// Query, View and State is set; none where it was not found.
type Destination struct {
	Text
	URL     string // of a system of before, without a slash at its end
	Command *Command
	Query   *Query
	View    *View      // a row of it, where the path has its key; else its rows
	State   *Aggregate // the state of one instance
}

// Row reports whether a route leads to one row of a view.
func (x *GatewayRoute) Row() bool {
	v := x.To.View
	if v == nil || x.HTTP == nil || len(v.Key) == 0 {
		return false
	}
	params := x.HTTP.Params()
	return !slices.ContainsFunc(v.Key, func(k *FieldRef) bool { return !slices.Contains(params, k.Text) })
}

// Takes are the fields that the parameters of a route's path may be, and those of
// them that must be there.
func (x *GatewayRoute) Takes() (may, must []*Field) {
	switch to := x.To; {
	case to.Command != nil:
		for _, name := range to.Command.addressed() {
			if f := fieldNamed(append([]*Field{to.Command.Aggregate.ID}, to.Command.Input...), name); f != nil {
				must = append(must, f)
			}
		}
		return must, must
	case to.State != nil:
		must = []*Field{to.State.ID}
		return must, must
	case to.Query != nil:
		return to.Query.Input, nil
	case x.Row():
		must = keyColumns(to.View)
		return must, must
	case to.View != nil:
		return to.View.Fields, nil
	}
	return nil, nil
}

// addressed are the parameters of a command's own path.
func (c *Command) addressed() []string {
	switch {
	case c.HTTP != nil:
		return c.HTTP.Params()
	case c.Creates == Existing:
		return []string{c.Aggregate.ID.Name}
	}
	return nil
}
